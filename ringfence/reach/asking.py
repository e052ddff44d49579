"""Asks the engine about one listener and any sources: who surely arrives, who may, who does not."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Outside, Vantage, Verdict
from ringfence.model.site import Address, Host, Listener, Site
from ringfence.reach.boxes import Box, box, chained
from ringfence.reach.filters import Cache
from ringfence.reach.flow import rules_on_source_ports
from ringfence.reach.journey import Delivery
from ringfence.reach.predict import (
    VERSIONS,
    Answer,
    Question,
    answers_of,
    carried_addresses,
    is_forwarded,
    missing_evidence,
)
from ringfence.reach.proof import Case
from ringfence.reach.vantages import Approach, vantages


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What becomes of the sources that were asked about, at one outside address and port.

    They are shared out: ``surely`` arrive whatever uninterpreted rules do, ``perhaps`` may arrive, ``never`` do not.
    ``missing`` names evidence without which it cannot be told. ``seen_as`` is what the edge makes of the sources.
    ``ways`` holds everything that was tried.
    """

    listener: Listener
    vantage: Vantage
    address: Address | None
    outside: Outside | None
    surely: AddressSet
    perhaps: AddressSet
    never: AddressSet
    missing: tuple[str, ...] = ()
    seen_as: AddressSet | None = None
    ways: tuple[tuple[Approach, Delivery], ...] = ()
    loopback: bool = False

    @property
    def verdict(self) -> Verdict:
        """The worst that can be said of any of the sources."""
        if self.surely:
            return Verdict.REACHABLE
        return Verdict.UNKNOWN if self.perhaps or self.missing else Verdict.BLOCKED


def fates(replies: Iterable[Reply]) -> tuple[AddressSet, AddressSet, AddressSet]:
    """Give who surely arrives by any of the doors, who may, and who arrives by none."""
    found = tuple(replies)
    surely = AddressSet.union(reply.surely for reply in found)
    perhaps = AddressSet.union(reply.perhaps for reply in found) - surely
    return surely, perhaps, AddressSet.union(reply.never for reply in found) - surely - perhaps


@dataclass(slots=True, kw_only=True)
class Inquiry:
    """A site that can be asked; rules are split at the bounds of its vantages once, for all questions."""

    site: Site
    listeners: tuple[Listener, ...]
    vantages: tuple[Vantage, ...]
    _question: Question
    _caches: dict[Listener, Cache] = field(default_factory=dict)

    def ask(self, listener: Listener, vantage: Vantage) -> tuple[Reply, ...]:
        """Give one reply for each outside port that lets some pass, or a single one where none does.

        The sources are those of a vantage that the inquiry was opened with, or a part of them from an earlier reply.
        """
        if listener.address is not None and listener.address.is_loopback:
            return (_nobody(listener, vantage),)
        cache = self._caches.setdefault(listener, {})
        replies = []
        for answer in answers_of(self._question, listener, vantage, cache) or [Answer(outside=None)]:
            missing = missing_evidence(self._question, listener, vantage, answer)
            outside = answer.outside if is_forwarded(answer) else None
            replies.append(self._reply(listener, vantage, outside, tuple(answer.found), missing))
        passing = [reply for reply in replies if reply.surely or any(delivery.reached for _, delivery in reply.ways)]
        return tuple(passing) or (replies[0],)

    def _reply(
        self,
        listener: Listener,
        vantage: Vantage,
        outside: Outside | None,
        ways: tuple[tuple[Approach, Delivery], ...],
        missing: tuple[str, ...],
    ) -> Reply:
        known = [address for version in VERSIONS for address in carried_addresses(self._question, listener, version)]
        surely, possible, seen_as = AddressSet(), AddressSet(), None
        for approach, delivery in ways:
            atoms = self._question.atoms_of(approach.header.version)
            surely |= atoms.addresses(delivery.surely)
            possible |= atoms.addresses(delivery.reached)
            if delivery.seen_as is not None and delivery.reached:
                seen_as = delivery.seen_as if seen_as is None else seen_as | delivery.seen_as
        asked = _of_versions(vantage.sources, {address.version for address in known} or set(VERSIONS))
        perhaps = (asked if missing else possible) - surely
        return Reply(
            listener=listener,
            vantage=vantage,
            address=next(iter(known), None),
            outside=outside,
            surely=surely,
            perhaps=perhaps,
            never=asked - surely - perhaps,
            missing=missing,
            seen_as=seen_as,
            ways=ways,
        )

    def case(self, reply: Reply, verdict: Verdict, sources: AddressSet) -> Case:
        """Give what the engine's explanations start from: some sources of a reply, all with one verdict."""
        return Case(
            site=self.site,
            listener=reply.listener,
            address=reply.address,
            vantage=reply.vantage,
            verdict=verdict,
            sources=sources if verdict != Verdict.BLOCKED else AddressSet(),
            doubtful=AddressSet(),
            outside=reply.outside,
            found=reply.ways,
            atoms=self._question.atoms,
            missing=reply.missing,
            seen_as=reply.seen_as,
            loopback=reply.loopback,
        )


def open_inquiry(site: Site, further: Iterable[Vantage] = ()) -> Inquiry:
    """Prepare to ask about a site from its own vantages and from ``further`` ones."""
    pbx, edge = box(site, "pbx") or Box(host=Host(name="pbx")), box(site, "edge")
    standing = vantages(site)
    return Inquiry(
        site=site,
        listeners=pbx.host.listeners or (),
        vantages=standing,
        _question=Question(
            site=site,
            pbx=pbx,
            edge=edge,
            vantages=(*standing, *further),
            source_port_rules=rules_on_source_ports(one.ruleset for one in chained(pbx, edge)),
        ),
    )


def _nobody(listener: Listener, vantage: Vantage) -> Reply:
    return Reply(
        listener=listener,
        vantage=vantage,
        address=listener.address,
        outside=None,
        surely=AddressSet(),
        perhaps=AddressSet(),
        never=vantage.sources,
        loopback=True,
    )


def _of_versions(addresses: AddressSet, versions: set[int]) -> AddressSet:
    return AddressSet(ipv4=addresses.ipv4 if 4 in versions else (), ipv6=addresses.ipv6 if 6 in versions else ())
