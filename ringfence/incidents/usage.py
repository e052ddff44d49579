"""Which doors did strangers really use? The logs show exposures that nobody needs to predict any more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from ringfence.incidents.causes import Explanation
from ringfence.incidents.profiles import Profile
from ringfence.incidents.scene import Place, Scene
from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Basis, Exposure, Hop, Verdict
from ringfence.model.phrasing import listed
from ringfence.model.site import Address, Driver, ServiceName
from ringfence.reach.whereabouts import INTERNET

#: A proof needs no more than a few rows; the incident's story has them all.
MOST_ROWS = 3
_SERVICES = {
    Driver.CHAN_SIP: ServiceName.CHAN_SIP,
    Driver.PJSIP: ServiceName.PJSIP,
    Driver.IAX2: ServiceName.IAX2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A row that shows a stranger from outside at a door."""

    service: ServiceName
    address: Address
    text: str
    citation: Citation


def find_used_doors(
    scene: Scene,
    exposures: tuple[Exposure, ...],
    profiles: dict[Address, Profile],
    explanations: Iterable[Explanation],
) -> tuple[Exposure, ...]:
    """Give an exposure with basis ``used`` beside each predicted one that strangers from outside came through."""
    uses: dict[ServiceName, list[_Use]] = defaultdict(list)
    for use in dict.fromkeys(_uses(scene, profiles, explanations)):
        uses[use.service].append(use)
    found: dict[tuple[ServiceName, str, int], Exposure] = {}
    for exposure in exposures:
        rows = uses.get(exposure.listener.service, [])
        if exposure.vantage == INTERNET and rows:
            key = (exposure.listener.service, exposure.listener.transport, exposure.listener.port)
            found.setdefault(key, _used(exposure, rows))
    return tuple(found.values())


def _uses(scene: Scene, profiles: dict[Address, Profile], explanations: Iterable[Explanation]) -> Iterator[_Use]:
    for explanation in explanations:
        account = explanation.takeover.account
        for read in explanation.reads:
            if _is_from_outside(scene, read.request.address):
                service = ServiceName.TFTP if read.request.protocol == "tftp" else ServiceName.HTTP
                text = f"{read.request.address} asked for {read.file}"
                yield _Use(service=service, address=read.request.address, text=text, citation=read.request.citation)
        for address in explanation.takeover.addresses:
            source = profiles.get(address)
            if source is None or not _is_from_outside(scene, address):
                continue
            for row in source.registered.get(account, ()):
                text = f"{account} was registered from {address}"
                yield _Use(service=_SERVICES[row.driver], address=address, text=text, citation=row.citation)
            for proof in source.authenticated.get(account, ())[:1]:
                text = f"{address} proved to know the secret of {account}"
                service = _SERVICES[Driver(proof.service)]
                yield _Use(service=service, address=address, text=text, citation=proof.citation)


def _is_from_outside(scene: Scene, address: Address) -> bool:
    return scene.place(address) in (Place.OUTSIDE, Place.HIDDEN)


def _used(exposure: Exposure, rows: list[_Use]) -> Exposure:
    sources = sorted({row.address for row in rows}, key=int)
    rules = exposure.proof if exposure.verdict is Verdict.REACHABLE else ()
    return replace(
        exposure,
        id=f"used/{exposure.id}",
        verdict=Verdict.REACHABLE,
        basis=Basis.USED,
        expected=False,
        sources=AddressSet.of(*sources),
        claim=f"Strangers came in here: {listed(sources)}.",
        proof=(*rules, *(Hop(text=row.text, citation=row.citation) for row in rows[:MOST_ROWS])),
    )
