"""Finds the rules that decided about a listener, and lists them as the steps of a proof."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Hop, Outside, Vantage, Verdict
from ringfence.model.packetfilter import ChainKind, Drop, Hook, TranslateDestination, TranslateSource
from ringfence.model.site import Address, Listener, Site
from ringfence.reach.atoms import Atoms
from ringfence.reach.decisions import Decision, Step
from ringfence.reach.journey import Delivery, Stage
from ringfence.reach.vantages import Approach

#: Hooks where filtering is expected, so that a policy that lets everything pass is worth a line.
FILTERING = frozenset({Hook.INPUT, Hook.FORWARD})


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that is known about one exposure before it is put into words.

    ``found`` holds every way that was tried. ``doubtful`` are sources that may get through beside those that do.
    ``missing`` names evidence without which the answer cannot be given.
    """

    site: Site
    listener: Listener
    address: Address | None
    vantage: Vantage
    verdict: Verdict
    sources: AddressSet
    doubtful: AddressSet
    outside: Outside | None
    found: tuple[tuple[Approach, Delivery], ...]
    atoms: Mapping[int, Atoms]
    missing: tuple[str, ...]
    seen_as: AddressSet | None
    loopback: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One base chain's decision about the sources that are explained."""

    stage: Stage
    decision: Decision

    @property
    def last(self) -> Step:
        """The rule or policy that decided."""
        return self.decision.path[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """What happened to some of the sources: the approach they took, and every decision on their way."""

    approach: Approach
    sources: AddressSet
    turns: tuple[Turn, ...]


def passages(case: Case, most: int) -> tuple[Passage, ...]:
    """Tell the way of the largest parts of the sources that the verdict is about; empty when none went anywhere."""
    ways = sorted(case.found, key=lambda pair: -_weight(case, *pair))
    found: list[Passage] = []
    for approach, delivery in ways[:1]:
        atoms = case.atoms[approach.header.version]
        left = _subject(case, approach, delivery)
        while left and len(found) < most:
            sample = atoms.largest(left)
            turns = tuple(
                Turn(stage=stage, decision=decision) for stage in delivery.stages for decision in stage.about(sample)
            )
            alike = left
            for turn in turns:
                alike &= turn.decision.sources
            found.append(Passage(approach=approach, sources=atoms.addresses(alike | sample), turns=turns))
            left &= ~(alike | sample)
    return tuple(found)


def _subject(case: Case, approach: Approach, delivery: Delivery) -> int:
    match case.verdict:
        case Verdict.REACHABLE:
            return delivery.surely
        case Verdict.UNKNOWN:
            return delivery.reached
        case Verdict.BLOCKED:
            return delivery.lost & case.atoms[approach.header.version].bits(approach.sources)


def _weight(case: Case, approach: Approach, delivery: Delivery) -> int:
    """Prefer the way that carries most sources; of blocked ones, the one that got furthest."""
    if case.verdict == Verdict.BLOCKED:
        stopped = delivery.lost & ~delivery.elsewhere
        return len(delivery.stages) + (100 if stopped else 0)
    return case.atoms[approach.header.version].addresses(_subject(case, approach, delivery)).count


def hops(case: Case, turns: Iterable[Turn]) -> tuple[Hop, ...]:
    """List the rules that decided, in the order in which the packet met them, and the listener."""
    found = [hop for turn in turns for hop in _of_turn(turn)]
    pbx = case.site.host("pbx")
    rules = pbx.packet_filter if pbx is not None else None
    if rules is not None and not rules.chains and case.verdict != Verdict.BLOCKED:
        found.append(Hop(text="pbx: no rules are loaded, nothing is filtered", citation=rules.citation))
    return (*found, _listener(case))


def _of_turn(turn: Turn) -> Iterator[Hop]:
    where = f"{turn.stage.box}, {turn.stage.hook}"
    for step in turn.decision.path[:-1]:
        if step.rule is not None:
            yield Hop(text=f"{where}: {step.rule.text}", citation=step.rule.citation)
    last = turn.last
    if last.rule is not None:
        yield Hop(text=f"{where}: {last.rule.text}: {_effect(turn)}", citation=last.rule.citation)
    elif turn.decision.stopped or (last.chain.kind == ChainKind.FILTER and turn.stage.hook in FILTERING):
        yield Hop(text=f"{where}: policy of chain {last.chain.name}: {_effect(turn)}", citation=last.chain.citation)


def _effect(turn: Turn) -> str:
    action = turn.last.rule.action if turn.last.rule is not None else None
    header = turn.decision.header
    if turn.decision.passed and turn.decision.stopped:
        return "not interpreted, passes or not"
    if isinstance(action, TranslateDestination):
        return f"sent on to {header.destination}, port {header.port}"
    if isinstance(action, TranslateSource):
        return f"the source becomes {header.seen_as}"
    if turn.decision.passed:
        return "passes"
    return "rejected" if isinstance(action, Drop) and action.reject else "dropped"


def _listener(case: Case) -> Hop:
    listener = case.listener
    where = "every address" if listener.address is None else str(listener.address)
    program = listener.process or "the PBX"
    text = f"{program} listens on {where}, port {listener.port}/{listener.transport}"
    return Hop(text=text, citation=listener.citation)
