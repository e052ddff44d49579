"""Find the accounts that strangers used, from where, and for which calls."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ringfence.incidents.attribution import Basis, PlacedCall
from ringfence.incidents.destinations import Kind, Number, classify
from ringfence.incidents.profiles import Profile, hostile_signs
from ringfence.incidents.scene import Place, Scene
from ringfence.model.site import Address

#: Kinds of numbers that toll fraud lives on; a school has little reason to dial even one.
NOTORIOUS = frozenset({Kind.PREMIUM_RATE, Kind.SATELLITE, Kind.HIGH_RISK})
#: A burst of calls abroad in this time is no family call.
BURST = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """An account in strangers' hands.

    ``addresses`` are the strangers' sources, empty where the evidence does not tell; ``registered`` tells whether they
    registered or only placed calls. ``calls`` leave the PBX. ``signs`` say why the sources are strangers.
    """

    account: str
    addresses: tuple[Address, ...]
    first_at: datetime | None
    last_at: datetime | None
    registered: bool
    calls: tuple[PlacedCall, ...]
    signs: tuple[tuple[Address, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Use of an account that may be honest: who the source is only people know."""

    account: str
    address: Address
    first_at: datetime | None
    calls: tuple[PlacedCall, ...]


@dataclass(slots=True, kw_only=True)
class Suspicion:
    """What is known of one account while the sources are weighed."""

    sources: set[Address] = field(default_factory=set)
    calls: list[PlacedCall] = field(default_factory=list)


def numbers_called(scene: Scene, calls: Iterable[PlacedCall]) -> list[tuple[PlacedCall, Number]]:
    """Classify where each call went."""
    return [(placed, classify(placed.call.dialled, extensions=scene.account_names)) for placed in calls]


def leaves(scene: Scene, placed: PlacedCall) -> bool:
    """Tell whether the call left the PBX, or asked to: only those cost money."""
    kind = classify(placed.call.dialled, extensions=scene.account_names).kind
    return bool(placed.call.trunk) or kind.is_costly


def fraud_signs(scene: Scene, calls: Sequence[PlacedCall], homes: Mapping[str, frozenset[Address]]) -> tuple[str, ...]:
    """Say what makes calls from outside look like toll fraud; empty when they do not.

    Two calls abroad tell where the account's phone stands elsewhere. An account that lives outside may be somebody who
    works abroad: only a burst of calls, or numbers that fraud lives on, tells.
    """
    abroad = [(placed, number) for placed, number in numbers_called(scene, calls) if number.kind.is_costly]
    notorious = sorted({number.name for _, number in abroad if number.kind in NOTORIOUS})
    if notorious:
        return (f"called {' and '.join(notorious[:3])}, where toll fraud goes",)
    displaced = sum(bool(homes.get(placed.account)) for placed, _ in abroad)
    if displaced >= 2 or _is_burst(scene, [placed for placed, _ in abroad]):
        return (f"placed {len(abroad)} calls abroad",)
    return ()


def find_takeovers(
    scene: Scene,
    profiles: dict[Address, Profile],
    homes: dict[str, frozenset[Address]],
    placed: tuple[PlacedCall, ...],
) -> tuple[tuple[Takeover, ...], tuple[Question, ...]]:
    """Separate strangers' use of accounts from what may be honest."""
    by_source = _by_source(placed)
    hostile = _hostile_sources(scene, profiles, homes, by_source)
    suspicions: dict[str, Suspicion] = defaultdict(Suspicion)
    questions: list[Question] = []
    for address, account in _uses(profiles, by_source):
        calls = by_source.get((address, account), ())
        if address in homes.get(account, frozenset()) or scene.place(address) in (Place.OWN, Place.PROVIDER):
            continue
        if address in hostile and not scene.is_declared(address, account):
            suspicions[account].sources.add(address)
            suspicions[account].calls.extend(calls)
        elif scene.place(address) is not Place.INSIDE and not scene.is_declared(address, account):
            first_at = profiles[address].first_use(account) if address in profiles else None
            questions.append(Question(account=account, address=address, first_at=first_at, calls=calls))
    _add_calls_from_nowhere(scene, placed, suspicions)
    takeovers = tuple(
        _takeover(account, suspicion, profiles, hostile) for account, suspicion in sorted(suspicions.items())
    )
    return takeovers, tuple(questions)


def _by_source(placed: tuple[PlacedCall, ...]) -> dict[tuple[Address, str], tuple[PlacedCall, ...]]:
    found: dict[tuple[Address, str], list[PlacedCall]] = defaultdict(list)
    for call in placed:
        if call.address is not None:
            found[call.address, call.account].append(call)
    return {key: tuple(calls) for key, calls in found.items()}


def _uses(
    profiles: dict[Address, Profile], by_source: dict[tuple[Address, str], tuple[PlacedCall, ...]]
) -> list[tuple[Address, str]]:
    used = {(address, account) for address, source in profiles.items() for account in source.accounts_used()}
    return sorted(used | set(by_source), key=lambda pair: (pair[1], int(pair[0])))


def _hostile_sources(
    scene: Scene,
    profiles: dict[Address, Profile],
    homes: dict[str, frozenset[Address]],
    by_source: dict[tuple[Address, str], tuple[PlacedCall, ...]],
) -> dict[Address, tuple[str, ...]]:
    """Give the sources that did what no honest one does, with what it was."""
    calls: dict[Address, list[PlacedCall]] = defaultdict(list)
    for (address, account), placed in by_source.items():
        if address not in homes.get(account, frozenset()):
            calls[address].extend(placed)
    hostile: dict[Address, tuple[str, ...]] = {}
    for address in {*profiles, *calls}:
        source = profiles.get(address)
        signs = hostile_signs(scene, source, homes) if source is not None else ()
        if scene.place(address) in (Place.OUTSIDE, Place.HIDDEN):
            signs += fraud_signs(scene, calls.get(address, ()), homes)
        if signs:
            hostile[address] = signs
    return hostile


def _add_calls_from_nowhere(scene: Scene, placed: tuple[PlacedCall, ...], suspicions: dict[str, Suspicion]) -> None:
    """Add calls that look like fraud and have no proven source.

    Without the security log a call with a stolen secret and no registration leaves no address at all, and looks as if
    the account's own phone had placed it.
    """
    loose: dict[str, list[PlacedCall]] = defaultdict(list)
    for call in placed:
        if call.basis is not Basis.AUTHENTICATION and leaves(scene, call):
            loose[call.account].append(call)
    for account, calls in loose.items():
        abroad = [call for call, number in numbers_called(scene, calls) if number.kind.is_costly]
        known = suspicions[account].calls if account in suspicions else []
        if account in suspicions or _is_burst(scene, abroad):
            suspicions[account].calls.extend(call for call in abroad if call not in known)


def _is_burst(scene: Scene, calls: list[PlacedCall]) -> bool:
    numbers = [number.kind for _, number in numbers_called(scene, calls)]
    enough = 2 if any(kind in NOTORIOUS for kind in numbers) else 4
    times = sorted(call.call.at for call in calls)
    return any(times[i + enough - 1] - times[i] <= BURST for i in range(len(times) - enough + 1))


def _takeover(
    account: str, suspicion: Suspicion, profiles: dict[Address, Profile], hostile: dict[Address, tuple[str, ...]]
) -> Takeover:
    addresses = tuple(sorted(suspicion.sources, key=int))
    calls = tuple(sorted(suspicion.calls, key=lambda placed: placed.call.at))
    moments = [placed.call.at for placed in calls]
    registered = False
    for address in addresses:
        source = profiles.get(address)
        if source is None:
            continue
        rows = (*source.registered.get(account, ()), *source.authenticated.get(account, ()))
        moments.extend(row.at for row in rows)
        registered = registered or account in source.registered
    return Takeover(
        account=account,
        addresses=addresses,
        first_at=min(moments, default=None),
        last_at=max(moments, default=None),
        registered=registered,
        calls=calls,
        signs=tuple((address, hostile[address]) for address in addresses),
    )
