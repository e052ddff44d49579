"""The story of a break-in, moment by moment: files fetched, passwords tried, first contact, registrations, calls."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from ringfence.events.schema import RegistrationAction
from ringfence.incidents.attribution import Basis
from ringfence.incidents.causes import Explanation
from ringfence.incidents.destinations import classify
from ringfence.incidents.profiles import Profile, failures_before
from ringfence.incidents.scene import Scene
from ringfence.model.incident import Cause, Moment, Step
from ringfence.model.phrasing import counted, duration, listed
from ringfence.model.site import Address

#: The phone's own life is shown this long around the theft, so that the theft is seen against it.
BACKGROUND = timedelta(hours=1)


def tell(
    scene: Scene, profiles: dict[Address, Profile], homes: dict[str, frozenset[Address]], explanation: Explanation
) -> tuple[Moment, ...]:
    """Give the moments of one takeover in order of time; those without a time come last."""
    moments = [
        *_preparation(explanation),
        *_tries(profiles, explanation),
        *_uses(profiles, explanation),
        *_calls(scene, explanation),
        *_background(scene, homes, explanation),
    ]
    moments.sort(key=lambda moment: (moment.at is None, moment.at.timestamp() if moment.at else 0.0, moment.what))
    return tuple(moments)


def _preparation(explanation: Explanation) -> Iterator[Moment]:
    for read in explanation.reads:
        yield Moment(
            at=read.request.at,
            step=Step.FILE_FETCHED,
            what=f"{read.request.address} fetched {read.file} over {read.request.protocol.upper()}",
            account=explanation.takeover.account,
            address=read.request.address,
            citation=read.request.citation,
        )


def _tries(profiles: dict[Address, Profile], explanation: Explanation) -> Iterator[Moment]:
    """Sum up the tries of each source: hundreds of lines tell no more than their number and their span."""
    account = explanation.takeover.account
    for guess in explanation.guesses:
        rows = failures_before(profiles[guess.address], account, guess.last_at)
        first = min(rows, key=lambda row: row.at)
        span = duration(max(1.0, (guess.last_at - first.at).total_seconds()))
        yield Moment(
            at=first.at,
            step=Step.TRIED,
            what=f"{guess.address} tried {counted(guess.count, 'wrong password')} on {account} in {span}",
            account=account,
            address=guess.address,
            citation=first.citation,
        )


def _uses(profiles: dict[Address, Profile], explanation: Explanation) -> Iterator[Moment]:
    account = explanation.takeover.account
    for address in explanation.takeover.addresses:
        source = profiles.get(address)
        if source is None:
            continue
        for row in source.registered.get(account, ()):
            yield Moment(
                at=row.at,
                step=Step.REGISTERED,
                what=f"{account} was registered from {address}",
                account=account,
                address=address,
                citation=row.citation,
            )
        proofs = source.authenticated.get(account, ())
        if proofs and account not in source.registered:
            first = min(proofs, key=lambda row: row.at)
            yield Moment(
                at=first.at,
                step=Step.CONTACT,
                what=f"{address} proved to know the secret of {account}, without registering",
                account=account,
                address=address,
                citation=first.citation,
            )


def _calls(scene: Scene, explanation: Explanation) -> Iterator[Moment]:
    for placed in explanation.takeover.calls:
        call = placed.call
        number = classify(call.dialled, extensions=scene.account_names)
        where = f" ({number.name})" if number.name else ""
        length = f", {duration(call.billed_seconds)}" if call.answered else ", not answered"
        stranger = placed.address in explanation.takeover.addresses
        source = f"from {placed.address}" if stranger else "from an address that the logs do not show"
        doubt = " (registered there)" if stranger and placed.basis is Basis.REGISTRATION else ""
        yield Moment(
            at=call.at,
            step=Step.CALLED,
            what=f"{placed.account} called {call.dialled}{where}{length}, {source}{doubt}",
            account=placed.account,
            address=placed.address if stranger else None,
            citation=call.citation,
        )


def _background(scene: Scene, homes: dict[str, frozenset[Address]], explanation: Explanation) -> Iterator[Moment]:
    takeover = explanation.takeover
    own = homes.get(takeover.account, frozenset())
    for row in scene.events.registrations:
        if (
            row.account != takeover.account
            or row.address not in own
            or not _is_near(row.at, takeover.first_at, takeover.last_at)
        ):
            continue
        verb = "registered" if row.action is RegistrationAction.ADDED else "was displaced or left"
        yield Moment(
            at=row.at,
            step=Step.PHONE,
            what=f"the phone of {row.account} {verb} at {row.address}",
            account=row.account,
            address=row.address,
            citation=row.citation,
        )


def _is_near(at: datetime, first_at: datetime | None, last_at: datetime | None) -> bool:
    return first_at is not None and last_at is not None and first_at - BACKGROUND <= at <= last_at + BACKGROUND


def claim_of(cause: Cause, explanations: list[Explanation], addresses: tuple[Address, ...], when: str) -> str:
    """Say the whole incident in one sentence."""
    accounts = sorted({explanation.takeover.account for explanation in explanations})
    verb = "was" if len(accounts) == 1 else "were"
    who = f"{'Account' if len(accounts) == 1 else 'Accounts'} {listed(accounts, most=12)} {verb} used by strangers"
    source = f" from {listed(addresses)}" if addresses else ", from where the logs do not tell"
    return f"{who} on {when}{source}; {_how(cause, explanations)}"


def _how(cause: Cause, explanations: list[Explanation]) -> str:
    secrets = "their secrets were" if len(explanations) > 1 else "its secret was"
    match cause:
        case Cause.PROVISIONING_LEAK:
            readers = sorted({read.request.address for item in explanations for read in item.reads}, key=int)
            protocols = sorted({read.request.protocol.upper() for item in explanations for read in item.reads})
            return f"{secrets} read from the phones' configuration files over {listed(protocols)} by {listed(readers)}."
        case Cause.GUESSED:
            tries = sum(guess.count for item in explanations for guess in item.guesses)
            after = (
                f" after {counted(tries, 'wrong try', 'wrong tries')}" if tries else ", and hit without a failed try"
            )
            return f"{secrets} guessed{after}."
        case _:
            return f"{secrets} known to them at first contact; how, the evidence does not say."
