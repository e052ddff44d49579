"""How did they get in? Every possible cause with what speaks for it, against it, and what is missing to tell."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from ringfence.events.schema import FileOutcome, FileRequest, Login
from ringfence.incidents.profiles import Profile, failures_before
from ringfence.incidents.scene import Place, Scene, accounts_in
from ringfence.incidents.takeovers import Takeover
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.finding import Severity
from ringfence.model.incident import Cause, Confidence, Rival
from ringfence.model.phrasing import counted, duration, listed, moment
from ringfence.model.site import Account, Address, ServiceName
from ringfence.model.strength import equals_name, weakness
from ringfence.reach.whereabouts import INTERNET

#: Fewer wrong passwords may be a mistyped one; svcrack and its kin try dozens.
GUESSES = 3
#: A secret at least this long that is not digits only cannot be hit by the tries that a log can hold.
UNGUESSABLE_CHARACTERS = 12
#: A tool that hits goes on to use the account, or its user looks at the result and does.
RIGHT_AFTER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A stranger's request for a file that holds the account's secret, before the account was first used."""

    request: FileRequest
    file: str
    by_user: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """Wrong passwords that one source tried on the account before it was first used."""

    address: Address
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The most likely cause of one takeover and its rivals; ``involved`` are further sources that prepared it."""

    takeover: Takeover
    cause: Cause
    confidence: Confidence
    rivals: tuple[Rival, ...]
    reads: tuple[Read, ...]
    guesses: tuple[Guess, ...]
    involved: frozenset[Address]


def explain(
    scene: Scene, exposures: tuple[Exposure, ...], profiles: dict[Address, Profile], takeover: Takeover
) -> Explanation:
    """Weigh the causes of one takeover."""
    account = scene.site.account(takeover.account)
    reads = _reads(scene, profiles, takeover)
    guesses = _guesses(profiles, takeover)
    cause, confidence = _decide(scene, takeover, account, reads, guesses)
    rivals = (
        _leak_rival(scene, exposures, takeover, reads),
        _guess_rival(scene, takeover, account, guesses),
        _known_rival(takeover, reads, guesses),
        _phone_rival(scene, takeover),
        _admin_rival(scene, profiles, takeover),
    )
    involved = {read.request.address for read in reads} if cause is Cause.PROVISIONING_LEAK else set()
    if cause is Cause.GUESSED:
        involved |= {guess.address for guess in guesses}
    ordered = sorted(rivals, key=lambda rival: (rival.cause is not cause, not rival.supporting))
    return Explanation(
        takeover=takeover,
        cause=cause,
        confidence=confidence,
        rivals=tuple(ordered),
        reads=reads,
        guesses=guesses,
        involved=frozenset(involved),
    )


def is_weak(account: Account | None) -> bool:
    """Tell whether a handful of tries would hit the secret: the extension, its name, a common word, a few digits."""
    if account is None or account.secret is None:
        return False
    names = tuple(filter(None, (account.name, account.username, account.caller_name)))
    found = weakness(account.secret, names)
    return equals_name(account.secret, names) or (found is not None and found.severity is Severity.HIGH)


def is_unguessable(account: Account | None) -> bool:
    """Tell whether no number of tries that a log can hold would hit the secret."""
    if account is None or account.secret is None:
        return False
    text = account.secret.reveal()
    return len(text) >= UNGUESSABLE_CHARACTERS and not text.isdigit() and not is_weak(account)


def _decide(
    scene: Scene, takeover: Takeover, account: Account | None, reads: tuple[Read, ...], guesses: tuple[Guess, ...]
) -> tuple[Cause, Confidence]:
    tries = sum(guess.count for guess in guesses)
    hit = _hit_after_tries(takeover, guesses)
    guessed = tries >= GUESSES and (hit or not is_unguessable(account))
    if reads and not (guessed and _guess_came_later(reads, guesses)):
        return Cause.PROVISIONING_LEAK, _leak_confidence(scene, takeover, reads)
    if guessed:
        return Cause.GUESSED, Confidence.PROVEN if hit else Confidence.PROBABLE
    if is_weak(account):
        return Cause.GUESSED, Confidence.PROBABLE
    sure = scene.covers("tftp", takeover.first_at) and scene.covers("asterisk", takeover.first_at)
    return Cause.SECRET_KNOWN, Confidence.PROBABLE if sure and takeover.addresses else Confidence.POSSIBLE


def _hit_after_tries(takeover: Takeover, guesses: tuple[Guess, ...]) -> bool:
    """Tell whether one source's own tries ended in the first use: then it guessed, however good the secret was."""
    return takeover.first_at is not None and any(
        guess.count >= GUESSES
        and guess.address in takeover.addresses
        and takeover.first_at - guess.last_at <= RIGHT_AFTER
        for guess in guesses
    )


def _guess_came_later(reads: tuple[Read, ...], guesses: tuple[Guess, ...]) -> bool:
    return max(guess.last_at for guess in guesses) > max(read.request.at for read in reads)


def _leak_confidence(scene: Scene, takeover: Takeover, reads: tuple[Read, ...]) -> Confidence:
    """Call it proven only where the one who read the file is the one who used the account, and the file was there."""
    if any(read.by_user for read in reads) and takeover.addresses:
        hidden = all(scene.place(address) is Place.HIDDEN for address in takeover.addresses)
        return Confidence.PROBABLE if hidden else Confidence.PROVEN
    return Confidence.PROBABLE if takeover.addresses else Confidence.POSSIBLE


def _reads(scene: Scene, profiles: dict[Address, Profile], takeover: Takeover) -> tuple[Read, ...]:
    """Find the requests of strangers for a file with the account's secret before it was first used."""
    strangers = set(takeover.addresses)
    found: list[Read] = []
    for address, source in profiles.items():
        if address not in strangers and source.place is Place.INSIDE:
            continue
        for request in source.reads:
            file = scene.file(request.name)
            if file is None or takeover.account not in accounts_in(file):
                continue
            if takeover.first_at is None or request.at <= takeover.first_at + timedelta(seconds=1):
                found.append(Read(request=request, file=file.name, by_user=address in strangers))
    return tuple(sorted(found, key=lambda read: read.request.at))


def _guesses(profiles: dict[Address, Profile], takeover: Takeover) -> tuple[Guess, ...]:
    found: list[Guess] = []
    until = None if takeover.first_at is None else takeover.first_at + timedelta(seconds=1)
    for address, source in profiles.items():
        if source.place is Place.INSIDE and address not in takeover.addresses:
            continue
        if tries := failures_before(source, takeover.account, until):
            found.append(Guess(address=address, count=len(tries), last_at=max(row.at for row in tries)))
    return tuple(sorted(found, key=lambda guess: guess.last_at))


def _leak_rival(scene: Scene, exposures: tuple[Exposure, ...], takeover: Takeover, reads: tuple[Read, ...]) -> Rival:
    supporting: list[str] = []
    opposing: list[str] = []
    missing: list[str] = []
    for read in reads[:3]:
        before = (
            f", {duration((takeover.first_at - read.request.at).total_seconds())} before the account was first used"
            if takeover.first_at is not None
            else ""
        )
        supporting.append(
            f"{read.request.address} asked for {read.file}, which holds this secret, "
            f"at {moment(read.request.at)}{before}"
        )
    if reads and all(read.request.outcome is FileOutcome.REQUESTED for read in reads):
        missing.append("the file server logs requests, not what it sent; the file was there and no refusal is logged")
    open_doors = [
        exposure
        for exposure in exposures
        if exposure.vantage == INTERNET
        and exposure.verdict is Verdict.REACHABLE
        and exposure.listener.service in (ServiceName.TFTP, ServiceName.PROVISIONING)
    ]
    if open_doors:
        supporting.append("the phones' file server can be reached from the Internet")
    if not reads and scene.covers("tftp", takeover.first_at):
        opposing.append("no stranger asked for a file with this secret while the log of the file server was kept")
    elif not reads:
        missing.append("the file server keeps no log for that time: start in.tftpd with -v, so that next time we know")
    return Rival(
        cause=Cause.PROVISIONING_LEAK,
        supporting=tuple(supporting),
        opposing=tuple(opposing),
        missing=tuple(missing),
    )


def _guess_rival(scene: Scene, takeover: Takeover, account: Account | None, guesses: tuple[Guess, ...]) -> Rival:
    supporting = [f"{guess.address} tried {counted(guess.count, 'wrong password')} before" for guess in guesses[:4]]
    opposing: list[str] = []
    missing: list[str] = []
    if is_weak(account):
        supporting.append("the secret is one that every guessing tool tries first, so that no failure need be logged")
    if is_unguessable(account):
        opposing.append("the secret is long and mixed: no number of tries that a log can hold would hit it")
    if not guesses and scene.covers("asterisk", takeover.first_at):
        opposing.append("no wrong password was logged for this account before it was first used")
    elif not guesses:
        missing.append("no log of failed tries for that time")
    return Rival(cause=Cause.GUESSED, supporting=tuple(supporting), opposing=tuple(opposing), missing=tuple(missing))


def _known_rival(takeover: Takeover, reads: tuple[Read, ...], guesses: tuple[Guess, ...]) -> Rival:
    first_try = not guesses and bool(takeover.addresses)
    return Rival(
        cause=Cause.SECRET_KNOWN,
        supporting=("the first password that they sent was right",) if first_try else (),
        opposing=("they read the secret, or guessed it, before our eyes",) if reads or guesses else (),
        missing=("where the secret was known from: old backups, tickets, a former employee, an earlier leak",),
    )


def _phone_rival(scene: Scene, takeover: Takeover) -> Rival:
    outside = [address for address in takeover.addresses if scene.place(address) is not Place.INSIDE]
    return Rival(
        cause=Cause.PHONE_TAKEOVER,
        supporting=() if takeover.addresses else ("nothing shows that the calls came from anywhere but the phone",),
        opposing=(f"the account was used from {listed(outside)}, where its phone is not",) if outside else (),
        missing=("the phones' own web pages keep no log that the PBX sees",),
    )


def _admin_rival(scene: Scene, profiles: dict[Address, Profile], takeover: Takeover) -> Rival:
    logins = tuple(_stranger_logins(scene, profiles, takeover))
    kept = any(source.kind == "freepbx-security" for source in scene.events.sources)
    return Rival(
        cause=Cause.ADMIN_BREAK_IN,
        supporting=tuple(
            f"{login.address} logged in to the {login.service} interface as {login.user} at {moment(login.at)}"
            for login in logins[:3]
        ),
        opposing=("no stranger's login to the administration is logged",) if kept and not logins else (),
        missing=() if kept else ("the log of the web administration (freepbx_security.log) is not in the evidence",),
    )


def _stranger_logins(scene: Scene, profiles: dict[Address, Profile], takeover: Takeover) -> Iterable[Login]:
    for login in scene.events.logins:
        source = profiles.get(login.address)
        place = source.place if source is not None else scene.place(login.address)
        before = takeover.first_at is None or login.at <= takeover.first_at
        if login.succeeded and before and place in (Place.OUTSIDE, Place.HIDDEN):
            yield login
