"""Follows a packet from where it enters to the listener: through the edge, then into the PBX.

Sources that may arrive and sources that may be lost are kept apart: who is in the first only arrives, who is in the
second only is blocked, who is in both is unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Hook
from ringfence.reach.atoms import Atoms
from ringfence.reach.boxes import Box
from ringfence.reach.decisions import Decision, Decisions
from ringfence.reach.filters import Cache, Sources, Walk, all_bits
from ringfence.reach.flow import Goal, Header, Link, Marks
from ringfence.reach.translate import Own


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """What one hook of one box decided; ``decided`` may hold many decisions in one."""

    box: str
    hook: Hook
    decided: tuple[Decision | Decisions, ...]

    @property
    def decisions(self) -> Iterator[Decision]:
        """All decisions one by one; a long chain has many."""
        return (decision for some in self.decided for decision in some.each())

    def about(self, atom: int) -> Iterator[Decision]:
        """Go through the decisions about one atom of sources."""
        return (decision for some in self.decided if (decision := some.about(atom)) is not None)


@dataclass(slots=True, kw_only=True)
class Delivery:
    """Where the sources ended: ``reached`` may arrive, ``lost`` may not; ``missing`` says what evidence is absent.

    ``elsewhere`` are sources whose packet the edge keeps or sends to somebody else. ``seen_as`` is the rewritten source
    that the listener sees, if any.
    """

    reached: int = 0
    lost: int = 0
    elsewhere: int = 0
    stages: list[Stage] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    seen_as: AddressSet | None = None

    @property
    def surely(self) -> int:
        """The sources that arrive whatever the uninterpreted rules do."""
        return self.reached & ~self.lost


@dataclass(frozen=True, slots=True, kw_only=True)
class Front:
    """A second router, before the edge: ``goal`` is what it must send to, ``link`` where that enters the edge.

    ``local`` tells whether the goal is an address of the edge itself.
    """

    box: Box
    goal: Goal
    link: Link
    local: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Trip:
    """One packet's way: the edge it must cross (None: none), where it enters the PBX, and the listener.

    ``at_edge`` is what the edge must send to: an address of the PBX and the port that leads to the listener there.
    ``front`` is crossed first, where a second router stands before the edge.
    """

    edge: Box | None
    pbx: Box
    pbx_link: Link
    at_edge: Goal
    goal: Goal
    front: Front | None = None


def travel(trip: Trip, header: Header, sources: int, atoms: Atoms, cache: Cache) -> Delivery:
    """Follow all sources with this header to the end."""
    journey = _Journey(trip=trip, atoms=atoms, cache=cache)
    arriving = {header: sources}
    if trip.front is not None:
        out = journey.cross(trip.front.box, header, sources, trip.front.goal)
        arriving = {
            replace(crossed.at_next_box(trip.front.link), local=trip.front.local): bits for crossed, bits in out.items()
        }
    if trip.edge is not None:
        arriving = journey.cross_all(trip.edge, arriving, trip.at_edge)
    for crossed, bits in arriving.items():
        journey.arrive(crossed.at_next_box(trip.pbx_link), bits)
    return journey.delivery


@dataclass(slots=True, kw_only=True)
class _Journey:
    """One trip under way; ``delivery`` grows with every hook."""

    trip: Trip
    atoms: Atoms
    cache: Cache
    delivery: Delivery = field(default_factory=Delivery)

    def cross_all(self, edge: Box, arriving: dict[Header, int], goal: Goal) -> dict[Header, int]:
        """Take all that arrives through the edge."""
        out: dict[Header, int] = {}
        for header, sources in arriving.items():
            for crossed, bits in self.cross(edge, header, sources, goal).items():
                out[crossed] = out.get(crossed, 0) | bits
        return out

    def cross(self, edge: Box, header: Header, sources: int, goal: Goal) -> dict[Header, int]:
        """Give what leaves the edge towards the goal, by header."""
        delivery = self.delivery
        ruleset = edge.filters(header.version)
        if ruleset is None:
            delivery.lost |= sources
            delivery.missing.append(f"the {edge.name}'s IPv{header.version} rules are not in the evidence")
            return {header: sources}
        walk = Walk(ruleset=ruleset, atoms=self.atoms, goal=goal, own=edge.own, cache=self.cache)
        out: dict[Header, int] = {}
        for translated, carried in self._hook(walk, edge, Hook.PREROUTING, header, {Marks(): sources}).items():
            if translated.destination not in goal.addresses or translated.port != goal.port:
                delivery.elsewhere |= all_bits(carried)
                delivery.lost |= all_bits(carried)
                continue
            leaving = replace(translated, outgoing=_outgoing(edge, translated), local=False)
            for forwarded, passed in self._hook(walk, edge, Hook.FORWARD, leaving, carried).items():
                for final, left in self._hook(walk, edge, Hook.POSTROUTING, forwarded, passed).items():
                    out[final] = out.get(final, 0) | all_bits(left)
        delivery.lost |= walk.dropped
        return out

    def arrive(self, header: Header, sources: int) -> None:
        """Take what comes to the PBX through its filter to the listener."""
        delivery, pbx, goal = self.delivery, self.trip.pbx, self.trip.goal
        ruleset = pbx.filters(header.version)
        if ruleset is None:
            file = "iptables-save" if header.version == 4 else "ip6tables-save"
            absent = f"the PBX's IPv{header.version} packet filter is not in the evidence (commands/{file}.txt)"
            delivery.missing.append(absent)
            delivery.lost |= sources
            delivery.reached |= sources
            return
        own = pbx.own if pbx.own.addresses else Own(addresses=goal.addresses)
        walk = Walk(ruleset=ruleset, atoms=self.atoms, goal=goal, own=own, cache=self.cache)
        entering = replace(header, local=True)
        for routed, carried in self._hook(walk, pbx, Hook.PREROUTING, entering, {Marks(): sources}).items():
            if routed.destination not in goal.addresses or routed.port != goal.port:
                delivery.lost |= all_bits(carried)
                continue
            here = replace(routed, local=True)
            for passed in self._hook(walk, pbx, Hook.INPUT, here, carried).values():
                delivery.reached |= all_bits(passed)
                if header.seen_as is not None:
                    delivery.seen_as = (delivery.seen_as or AddressSet()) | header.seen_as
        delivery.lost |= walk.dropped

    def _hook(self, walk: Walk, box: Box, hook: Hook, header: Header, sources: Sources) -> dict[Header, Sources]:
        start = len(walk.decisions)
        passed = walk.through(hook, header, sources)
        self.delivery.stages.append(Stage(box=box.name, hook=hook, decided=tuple(walk.decisions[start:])))
        return passed


def _outgoing(edge: Box, header: Header) -> Link:
    """Find the interface towards the destination; a packet does not leave by the one it came in."""
    name = edge.towards(header.destination) if header.destination is not None else None
    if name is not None:
        return Link(name=name)
    return Link(not_in=frozenset({"lo", *([header.incoming.name] if header.incoming.name else [])}))
