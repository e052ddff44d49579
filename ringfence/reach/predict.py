"""Predicts every exposure of a site: each listener, from the Internet and from each network, with its proof."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.exposure import Basis, Exposure, Outside, Vantage, Verdict
from ringfence.model.packetfilter import Rule
from ringfence.model.site import Address, Listener, Site
from ringfence.reach.admission import with_admissions
from ringfence.reach.atoms import Atoms
from ringfence.reach.boxes import Box, box, chained, faces, forward_targets
from ringfence.reach.explain import explain
from ringfence.reach.filters import Cache
from ringfence.reach.flow import rules_on_source_ports, source_ports
from ringfence.reach.intended import with_intentions
from ringfence.reach.journey import Delivery, travel
from ringfence.reach.proof import Case
from ringfence.reach.vantages import Approach, Target, approaches, vantages
from ringfence.reach.whereabouts import INTERNET

VERSIONS = (4, 6)
ELSEWHERE = (
    "nothing in the edge's export points at the PBX, no link, no route and no rule: it may be another box's; "
    "the router in front of the PBX decides (its export belongs into edge/)"
)


@dataclass(slots=True, kw_only=True)
class Question:
    """What is the same for all answers about one site: its boxes, vantages, and the atoms of each IP version."""

    site: Site
    pbx: Box
    edge: Box | None
    vantages: tuple[Vantage, ...]
    source_port_rules: tuple[Rule, ...]
    atoms: dict[int, Atoms] = field(default_factory=dict)

    def atoms_of(self, version: int) -> Atoms:
        """Give the atoms of an IP version, made when first needed."""
        if version not in self.atoms:
            boxes = chained(self.pbx, self.edge)
            networks = [AddressSet.of(own.network) for one in boxes for _, own in one.interfaces]
            networks += [AddressSet.of(route.network) for one in boxes for route in one.host.routes]
            sets = [*(vantage.sources for vantage in self.vantages), *networks]
            self.atoms[version] = Atoms(version, [one.ruleset for one in boxes], sets)
        return self.atoms[version]


@dataclass(slots=True, kw_only=True)
class Answer:
    """All ways by which one outside address and port may lead to the listener."""

    outside: Outside | None
    found: list[tuple[Approach, Delivery]] = field(default_factory=list)


def predict(site: Site) -> tuple[Exposure, ...]:
    """Give one exposure per listener, vantage and outside port; none where the PBX's listeners are not known."""
    pbx = box(site, "pbx")
    if pbx is None or not pbx.host.listeners:
        return ()
    edge = box(site, "edge")
    question = Question(
        site=site,
        pbx=pbx,
        edge=edge,
        vantages=vantages(site),
        source_port_rules=rules_on_source_ports(one.ruleset for one in chained(pbx, edge)),
    )
    found: list[Exposure] = []
    for listener in pbx.host.listeners:
        cache: Cache = {}
        for vantage in question.vantages:
            found += _exposures(question, listener, vantage, cache)
    return with_intentions(site, with_admissions(site, _with_unique_ids(found)))


def _exposures(question: Question, listener: Listener, vantage: Vantage, cache: Cache) -> Iterable[Exposure]:
    base = f"{vantage.name}/{listener.service}/{listener.transport}/{listener.port}"
    if listener.address is not None and listener.address.is_loopback:
        yield _conclude(question, listener, vantage, base, Answer(outside=None), loopback=True)
        return
    answers = answers_of(question, listener, vantage, cache)
    open_ones = [one for one in answers if any(delivery.reached for _, delivery in one.found)]
    shown = open_ones or answers[:1] or [Answer(outside=None)]
    for answer in shown:
        port = answer.outside.port if answer.outside is not None else listener.port
        name = base if port == listener.port else f"{base}/{port}"
        yield _conclude(question, listener, vantage, name, answer)


def answers_of(question: Question, listener: Listener, vantage: Vantage, cache: Cache) -> list[Answer]:
    """Group all ways by what they look like from outside; the listener's own port first."""
    groups: dict[tuple[Address | None, int] | None, Answer] = {}
    for version in VERSIONS:
        addresses = carried_addresses(question, listener, version)
        if not addresses:
            continue
        target = Target(version=version, protocol=listener.transport, addresses=addresses, port=listener.port)
        for approach in approaches(question.site, vantage, target, question.edge, question.pbx):
            outside = _outside(approach, vantage)
            # IPv6 reaches the same door as the forward of the same port
            key = None if outside is None else (outside.address if version == 4 else None, outside.port)
            answer = groups.setdefault(key, Answer(outside=outside))
            answer.found += _travel(question, approach, cache)
    return list(groups.values())


def _outside(approach: Approach, vantage: Vantage) -> Outside | None:
    if vantage.name != INTERNET:
        return None
    return Outside(address=approach.header.destination, port=approach.header.port)


def carried_addresses(question: Question, listener: Listener, version: int) -> tuple[Address, ...]:
    """Give the PBX's addresses that packets to this listener can carry."""
    if version not in listener.versions:
        return ()
    if listener.address is not None and int(listener.address) != 0:
        return (listener.address,) if listener.address.version == version else ()
    known = question.pbx.usable(version)
    if known or version == 6:
        return known
    return forward_targets(question.edge, listener.port)


def _travel(question: Question, approach: Approach, cache: Cache) -> Iterable[tuple[Approach, Delivery]]:
    """Try an approach once for each class of source ports that the rules tell apart."""
    atoms = question.atoms_of(approach.header.version)
    sources = atoms.bits(approach.sources)
    trip = approach.trip
    ports = frozenset({approach.header.port, trip.at_edge.port, trip.goal.port})
    for source_port in source_ports(question.source_port_rules, approach.header.protocol, ports):
        header = replace(approach.header, source_port=source_port)
        delivery = travel(trip, header, sources, atoms, cache)
        if approach.doubt:
            delivery.lost |= delivery.reached
            delivery.missing.append(approach.doubt)
        yield replace(approach, header=header), delivery


def _conclude(  # noqa: PLR0913 - all that one exposure says
    question: Question, listener: Listener, vantage: Vantage, name: str, answer: Answer, *, loopback: bool = False
) -> Exposure:
    sure, possible = AddressSet(), AddressSet()
    seen_as: AddressSet | None = None
    for approach, delivery in answer.found:
        atoms = question.atoms_of(approach.header.version)
        sure |= atoms.addresses(delivery.surely)
        possible |= atoms.addresses(delivery.reached)
        if delivery.seen_as is not None and delivery.reached:
            seen_as = delivery.seen_as if seen_as is None else seen_as | delivery.seen_as
    missing = missing_evidence(question, listener, vantage, answer) if not loopback else ()
    if sure:
        verdict, sources = Verdict.REACHABLE, sure
    elif possible or missing:
        verdict, sources = Verdict.UNKNOWN, possible
    else:
        verdict, sources = Verdict.BLOCKED, AddressSet()
    outside = answer.outside if any(approach.forwarded for approach, _ in answer.found) else None
    if outside is not None and verdict == Verdict.BLOCKED and not is_forwarded(answer):
        outside = None
    case = Case(
        site=question.site,
        listener=listener,
        vantage=vantage,
        verdict=verdict,
        sources=sources,
        doubtful=possible - sure if sure else AddressSet(),
        outside=outside,
        found=tuple(answer.found),
        atoms=question.atoms,
        missing=missing,
        seen_as=seen_as,
        loopback=loopback,
        address=next(
            (address for version in VERSIONS for address in carried_addresses(question, listener, version)), None
        ),
    )
    claim, proof = explain(case)
    return Exposure(
        id=name,
        vantage=vantage.name,
        listener=listener,
        outside=outside,
        verdict=verdict,
        basis=Basis.PREDICTED,
        sources=sources,
        claim=claim,
        proof=proof,
        seen_as=seen_as,
    )


def is_forwarded(answer: Answer) -> bool:
    """Tell whether the edge forwards some of the sources, whatever becomes of them later."""
    return any(
        decision.header.translated and decision.sources
        for approach, delivery in answer.found
        if approach.forwarded
        for stage in delivery.stages
        for decision in stage.decided
    )


def missing_evidence(question: Question, listener: Listener, vantage: Vantage, answer: Answer) -> tuple[str, ...]:
    """Name the evidence without which the answer cannot be given; empty where it can."""
    addresses = carried_addresses(question, listener, 4) + carried_addresses(question, listener, 6)
    if not addresses:
        if listener.address is None:
            return ("the PBX's own addresses are not in the evidence (commands/ip-addr.txt)",)
        return ()
    edge = question.edge
    if edge is not None and edge.ruleset is not None and not faces(edge, addresses):
        crosses = vantage.name == INTERNET or any(approach.trip.edge is not None for approach, _ in answer.found)
        return (ELSEWHERE,) if crosses and not _pbx_stops_everyone(question, listener) else ()
    if vantage.name != INTERNET:
        return ()
    if edge is not None and edge.ruleset is not None:
        unread = edge.front is not None and edge.front.ruleset is None and not _pbx_stops_everyone(question, listener)
        return (
            ("what the second edge forwards is not in the evidence (its export belongs into edge2/)",) if unread else ()
        )
    if any(address not in PRIVATE for address in addresses) and answer.found and edge is None:
        return ()
    if _pbx_stops_everyone(question, listener):
        return ()
    return ("what the router in front of the PBX forwards is not in the evidence (its export belongs into edge/)",)


def _pbx_stops_everyone(question: Question, listener: Listener) -> bool:
    """Tell whether the PBX lets nobody in, whatever address a router in front may give to outsiders."""
    everyone = Vantage(name="everyone", sources=AddressSet.everything())
    no_edge = replace(question, edge=None)
    answers = answers_of(no_edge, listener, everyone, {})
    return bool(answers) and not any(delivery.reached for one in answers for _, delivery in one.found)


def _with_unique_ids(exposures: list[Exposure]) -> tuple[Exposure, ...]:
    """Make ids unique: first by the listener's address, then by the outside address."""
    by_listener = _distinguished(exposures, [one.listener.address for one in exposures])
    return tuple(_distinguished(by_listener, [one.outside.address if one.outside else None for one in by_listener]))


def _distinguished(exposures: list[Exposure], parts: list[Address | None]) -> list[Exposure]:
    counts = Counter(one.id for one in exposures)
    return [
        replace(one, id=f"{one.id}/{part}") if counts[one.id] > 1 and part is not None else one
        for one, part in zip(exposures, parts, strict=True)
    ]
