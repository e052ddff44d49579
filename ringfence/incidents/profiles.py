"""What each source did, and which of it no honest phone, worker or provider does."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ringfence.events.schema import (
    Authentication,
    FileOutcome,
    FileRequest,
    Outcome,
    Registration,
    RegistrationAction,
)
from ringfence.incidents.scene import SIP_SERVICES, Place, Scene, accounts_in, holds_phone_secrets
from ringfence.model.phrasing import counted, listed
from ringfence.model.site import Address

#: User agents of scanners and crackers; no phone calls itself so (facts: SIPVicious, SIPPTS, sipcli and their kin).
SCANNER_AGENT = re.compile(
    r"friendly-scanner|sipvicious|sipcli|sip-scan|sipsak|pplsip|smap|sundayddr|vaxsipuseragent", re.IGNORECASE
)
#: Fewer than this may be a mistyped number or a worker's second phone.
MANY_ACCOUNTS = 3
MANY_MISSES = 2
#: Phones with a stale password retry every half minute or slower; guessing tools try several times a second.
BURST_OF_TRIES = 5
BURST_TIME = timedelta(seconds=10)


@dataclass(slots=True, kw_only=True)
class Profile:
    """Everything one address did; rows in order of time."""

    address: Address
    place: Place
    reads: list[FileRequest] = field(default_factory=list)
    misses: int = 0
    failures: dict[str, list[Authentication]] = field(default_factory=lambda: defaultdict(list))
    strangers_tried: set[str] = field(default_factory=set)
    registered: dict[str, list[Registration]] = field(default_factory=lambda: defaultdict(list))
    authenticated: dict[str, list[Authentication]] = field(default_factory=lambda: defaultdict(list))
    agents: set[str] = field(default_factory=set)

    def accounts_used(self) -> frozenset[str]:
        """Give the accounts that this address registered or proved the secret of."""
        return frozenset(self.registered) | frozenset(self.authenticated)

    def first_use(self, account: str) -> datetime | None:
        """Give the first time that this address registered or authenticated as the account."""
        rows = (*self.registered.get(account, ()), *self.authenticated.get(account, ()))
        return min((row.at for row in rows), default=None)


def profile_sources(scene: Scene) -> dict[Address, Profile]:
    """Collect what each address did; the PBX's own addresses and providers are left out."""
    profiles = _Profiles(scene)
    for request in scene.events.files:
        _add_request(scene, profiles[request.address], request)
    for registration in scene.events.registrations:
        if registration.address is not None and registration.action is RegistrationAction.ADDED:
            _add_registration(scene, profiles[registration.address], registration)
    for row in scene.events.authentications:
        if row.address is not None and row.trusted and row.service in SIP_SERVICES:
            _add_authentication(scene, profiles[row.address], row)
    for contact in scene.site.contacts or ():
        if contact.user_agent:
            profiles[contact.address].agents.add(contact.user_agent)
    return {address: found for address, found in profiles.items() if found.place not in (Place.OWN, Place.PROVIDER)}


class _Profiles(dict[Address, Profile]):
    """Profiles that come into being when an address is first seen."""

    def __init__(self, scene: Scene) -> None:
        super().__init__()
        self._scene = scene

    def __missing__(self, address: Address) -> Profile:
        self[address] = Profile(address=address, place=self._scene.place(address))
        return self[address]


def _add_registration(scene: Scene, source: Profile, registration: Registration) -> None:
    if scene.is_account(registration.account):
        source.registered[registration.account].append(registration)
    if registration.user_agent:
        source.agents.add(registration.user_agent)


def _add_request(scene: Scene, source: Profile, request: FileRequest) -> None:
    if request.outcome in (FileOutcome.NOT_FOUND, FileOutcome.REFUSED):
        source.misses += 1
        return
    if scene.site.served_files is None:
        if re.search(r"[0-9a-fA-F]{12}", request.name):
            source.reads.append(request)
        return
    file = scene.file(request.name)
    if file is None:
        source.misses += 1
    elif holds_phone_secrets(file):
        source.reads.append(request)


def _add_authentication(scene: Scene, source: Profile, row: Authentication) -> None:
    account = row.account
    match row.outcome:
        case Outcome.SUCCEEDED if scene.is_account(account):
            source.authenticated[account].append(row)
        case Outcome.WRONG_SECRET if scene.is_account(account):
            source.failures[account].append(row)
        case Outcome.WRONG_SECRET | Outcome.UNKNOWN_ACCOUNT:
            source.strangers_tried.add(account)
        case _:
            pass


def failures_before(source: Profile, account: str, until: datetime | None) -> tuple[Authentication, ...]:
    """Give the wrong passwords that the source tried until then, each attempt once.

    A SECURITY event and a NOTICE line may report the same attempt: the kind of line that reports more is taken.
    """
    rows = [row for row in source.failures.get(account, ()) if until is None or row.at <= until]
    events = tuple(row for row in rows if row.via_security)
    notices = tuple(row for row in rows if not row.via_security)
    return max(events, notices, key=len)


def files_read(scene: Scene, source: Profile) -> frozenset[str]:
    """Give the names of the phone files that the source read, as they are served."""
    return frozenset(
        file.name if (file := scene.file(request.name)) is not None else request.name for request in source.reads
    )


def hostile_signs(scene: Scene, source: Profile, homes: dict[str, frozenset[Address]]) -> tuple[str, ...]:
    """Say what the source did that no honest one does; empty when there is nothing, which proves nothing."""
    signs: list[str] = []
    own_accounts = source.accounts_used()
    read = files_read(scene, source)
    foreign = [name for name in read if not _belongs(scene, name, source, homes)]
    if len(foreign) >= 2 or (foreign and source.misses >= MANY_MISSES):
        asked = f" and asked for {source.misses} that do not exist" if source.misses else ""
        signs.append(f"read {counted(len(foreign), 'configuration file')} of other people's phones{asked}")
    elif foreign and _away_from_phones(scene, source) and any(homes.get(account) for account in own_accounts):
        signs.append(f"read {listed(foreign)} from where no phone stands")
    tried = set(source.failures) | source.strangers_tried
    if len(tried) >= MANY_ACCOUNTS:
        signs.append(f"tried {counted(len(tried), 'account name')}")
    agent = next((agent for agent in sorted(source.agents) if SCANNER_AGENT.search(agent)), None)
    if agent:
        signs.append("called itself by the name of an attack tool")
    signs += [
        f"tried wrong passwords on {account} faster than any phone, then used it"
        for account in sorted(own_accounts)
        if _cracked(source, account)
    ]
    taken = [account for account in own_accounts if homes.get(account) and source.address not in homes[account]]
    if len(taken) >= MANY_ACCOUNTS or (len(taken) >= 2 and source.place is not Place.INSIDE):
        signs.append(f"used {counted(len(taken), 'account')} whose phones stand elsewhere")
    return tuple(signs)


def _cracked(source: Profile, account: str) -> bool:
    """Tell whether a burst of wrong passwords ended in the right one; a phone with a stale password retries slowly."""
    until = source.first_use(account)
    times = sorted(row.at for row in failures_before(source, account, until))
    return any(times[i + BURST_OF_TRIES - 1] - times[i] <= BURST_TIME for i in range(len(times) - BURST_OF_TRIES + 1))


def _away_from_phones(scene: Scene, source: Profile) -> bool:
    return source.place is not Place.INSIDE or source.address not in scene.phone_networks


def _belongs(scene: Scene, name: str, source: Profile, homes: dict[str, frozenset[Address]]) -> bool:
    """Tell whether the file may be the source's own: its phone is at home there, or lives nowhere else."""
    file = scene.file(name)
    accounts = accounts_in(file) if file is not None else frozenset()
    if not accounts:
        return False
    at_home = [account for account in accounts if source.address in homes.get(account, frozenset())]
    if at_home:
        return True
    homeless = [account for account in accounts if not homes.get(account)]
    return bool(homeless) and bool(source.accounts_used() & frozenset(homeless)) and len(source.reads) <= 1


def find_homes(scene: Scene, profiles: dict[Address, Profile]) -> dict[str, frozenset[Address]]:
    """Give for each account the inside addresses where its own phone lives.

    A phone reads its own file, once per start, and uses its own few accounts. An inside address that reads many phones'
    files, or stands outside the phones' networks, is only a home where the account lives nowhere else: it may be a
    proxy or a management station.
    """
    likely: dict[str, set[Address]] = defaultdict(set)
    doubtful: dict[str, set[Address]] = defaultdict(set)
    for address, account in _inside_uses(scene, profiles):
        source = profiles.get(address)
        single = source is None or len(files_read(scene, source)) <= 1
        (likely if single and address in scene.phone_networks else doubtful)[account].add(address)
    return {account: frozenset(likely.get(account) or doubtful[account]) for account in {*likely, *doubtful}}


def _inside_uses(scene: Scene, profiles: dict[Address, Profile]) -> Iterator[tuple[Address, str]]:
    for address, source in profiles.items():
        if source.place is Place.INSIDE:
            yield from ((address, account) for account in source.accounts_used())
    for contact in scene.site.contacts or ():
        if scene.place(contact.address) is Place.INSIDE:
            yield contact.address, contact.account
