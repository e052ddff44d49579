"""A walker that is slow and plain: one source address, one rule after the other, every way that a doubt leaves open.

What the engine says of all sources at once must be what this says of each.
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from ringfence.model.packetfilter import (
    TRACKING_PRIORITY,
    Accept,
    Chain,
    ChainKind,
    ConnectionState,
    Continue,
    CopyMark,
    Drop,
    Hook,
    Jump,
    Mark,
    OriginalDestination,
    Return,
    Rule,
    Ruleset,
    SeenBefore,
    SetMark,
    SourceAddress,
    StopTracking,
    Translated,
    TranslateDestination,
    UnsupportedAction,
)
from ringfence.reach.atoms import intervals_of
from ringfence.reach.conditions import holds
from ringfence.reach.filters import MAX_DEPTH, base_chains
from ringfence.reach.flow import Goal, Header, Marks, mark_after
from ringfence.reach.translate import Own, translated, unknown_translation, with_source


class Passed(NamedTuple):
    """The packet leaves the base chain; ``settled`` when a translation was chosen."""

    header: Header
    settled: bool
    marks: Marks


class Ended(NamedTuple):
    """The packet comes out at the end of a chain, or returned from it."""

    marks: Marks


DROPPED = "dropped"
Outcome = Passed | Ended | str


@dataclass(kw_only=True)
class Reference:
    """Walks one source through a rule set."""

    ruleset: Ruleset
    source: int
    goal: Goal
    own: Own = field(default_factory=Own)

    def through(self, hook: Hook, header: Header) -> tuple[set[tuple[Header, Marks]], bool]:
        """Give every header and marks with which the packet may pass the hook, and whether it may be dropped."""
        present, dropped = {Passed(header, False, Marks())}, False  # noqa: FBT003 - nothing is translated yet
        for chain in base_chains(self.ruleset, hook, header.version):
            following: set[Passed] = set()
            for state in present:
                if chain.kind == ChainKind.NAT and (state.settled or not state.marks.tracked):
                    following.add(state)
                    continue
                for outcome in self._base(chain, state):
                    if isinstance(outcome, Passed):
                        following.add(outcome._replace(settled=outcome.settled or state.settled))
                    else:
                        dropped = True
            present = following
        return {(state.header, state.marks) for state in present}, dropped

    def _base(self, chain: Chain, state: Passed) -> set[Outcome]:
        found: set[Outcome] = set()
        for outcome in self._run(chain, (chain,), 0, state.header, state.marks):
            if isinstance(outcome, Ended):
                found.add(Passed(state.header, False, outcome.marks) if chain.policy_accepts else DROPPED)  # noqa: FBT003
            else:
                found.add(outcome)
        return found

    def _run(self, chain: Chain, calls: tuple[Chain, ...], start: int, header: Header, marks: Marks) -> set[Outcome]:
        found: set[Outcome] = set()
        for position in range(start, len(chain.rules)):
            rule = chain.rules[position]
            held = self._holds(rule, header, marks)
            if held is False:
                continue
            after = affected(marks, rule, calls[0])
            for outcome in self._act(rule, calls, header, after):
                if outcome == "go on":
                    found |= self._run(chain, calls, position + 1, header, after)
                elif isinstance(outcome, Ended) and isinstance(rule.action, Jump | UnsupportedAction):
                    back = not isinstance(rule.action, Jump) or rule.action.returns
                    found |= self._run(chain, calls, position + 1, header, outcome.marks) if back else {outcome}
                else:
                    found.add(outcome)
            if held:
                return found
        return found | {Ended(marks)}

    def _act(self, rule: Rule, calls: tuple[Chain, ...], header: Header, marks: Marks) -> set[Outcome]:
        match rule.action:
            case Accept():
                return {Passed(header, False, marks)}  # noqa: FBT003
            case Drop():
                return {DROPPED}
            case Return():
                return {Ended(marks)}
            case Continue():
                return {"go on"}
            case Jump(chain=name):
                here = calls[-1]
                found = [one for one in self.ruleset.chains if (one.table, one.name) == (here.table, name)]
                if not found or len(calls) > MAX_DEPTH:
                    return self._anything(calls[0], header, marks)
                return self._run(found[0], (*calls, found[0]), 0, header, marks)
            case UnsupportedAction():
                return self._anything(calls[0], header, marks) | {Ended(marks._replace(packet=None, connection=None))}
            case TranslateDestination():
                headers = translated(rule.action, header, self.goal, self.own)
            case _:
                headers = (with_source(rule.action, header, self.own),)
        return {Passed(one, True, marks) for one in headers}  # noqa: FBT003

    def _anything(self, base: Chain, header: Header, marks: Marks) -> set[Outcome]:
        unknown = marks._replace(packet=None, connection=None)
        found: set[Outcome] = {DROPPED, Passed(header, False, unknown)}  # noqa: FBT003
        if base.kind == ChainKind.NAT and base.hook is not None:
            found |= {Passed(one, one != header, unknown) for one in unknown_translation(base.hook, header, self.goal)}
        return found

    def _holds(self, rule: Rule, header: Header, marks: Marks) -> bool | None:
        answers: list[bool | None] = []
        for match in rule.matches:
            if isinstance(match, SourceAddress) and header.seen_as is None:
                intervals = intervals_of(match.addresses, header.version)
                inside = any(low <= self.source <= high for low, high in intervals)
                answers.append(inside or bool(match.recorded_in and match.recorded_in in marks.recorded))
            elif isinstance(match, Mark) and match.connection and not marks.tracked:
                answers.append(False)
            elif isinstance(match, ConnectionState) and not marks.tracked:
                answers.append(("untracked" in match.states) != match.negated)
            elif isinstance(match, Translated | OriginalDestination) and not marks.tracked:
                answers.append(False)
            elif isinstance(match, Mark):
                value = marks.connection if match.connection else marks.packet
                answers.append(None if value is None else (value & match.mask == match.value) != match.negated)
            elif isinstance(match, SeenBefore):
                answers.append((marks.recorded.count(match.name) >= match.hits) != match.negated)
            else:
                answers.append(holds(match, header))
        return False if False in answers else None if None in answers else True


def affected(marks: Marks, rule: Rule, base: Chain) -> Marks:
    """Give the marks after the effects of a rule, called from a base chain."""
    packet, connection, recorded, tracked = marks
    for effect in rule.effects:
        if isinstance(effect, StopTracking):
            tracked = tracked and not (base.hook == Hook.PREROUTING and base.priority < TRACKING_PRIORITY)
        elif not tracked and (isinstance(effect, CopyMark) or (isinstance(effect, SetMark) and effect.connection)):
            continue
        elif isinstance(effect, SetMark) and effect.connection:
            connection = mark_after(effect.value, connection, effect.mask)
        elif isinstance(effect, SetMark):
            packet = mark_after(effect.value, packet, effect.mask)
        elif isinstance(effect, CopyMark) and effect.to_connection:
            connection = packet
        elif isinstance(effect, CopyMark):
            packet = connection
        else:
            recorded = tuple(sorted((*recorded, effect.name)))
    return Marks(packet, connection, recorded, tracked)
