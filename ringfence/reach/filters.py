"""Walks a packet through the chains of one hook, for all its possible sources at once.

What an atom of sources can meet is kept as a set of outcomes: an uncertain rule lets its atoms go both ways. What can
be accepted and cannot be dropped is accepted; what can be both is unknown; so an uninterpreted rule never turns an
answer into "blocked".
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, assert_never

from ringfence.model.packetfilter import (
    TRACKING_PRIORITY,
    Accept,
    Chain,
    ChainKind,
    Continue,
    CopyMark,
    Drop,
    Effect,
    Family,
    Hook,
    Jump,
    RecordSource,
    Return,
    Ruleset,
    SetMark,
    StopTracking,
    TranslateDestination,
    TranslateSource,
    UnsupportedAction,
)
from ringfence.reach.atoms import Atoms
from ringfence.reach.conditions import LiveRule, live, with_marks
from ringfence.reach.decisions import Decision, Decisions, Step
from ringfence.reach.flow import Goal, Header, Marks, mark_after
from ringfence.reach.translate import Own, translated, unknown_translation, with_source

if TYPE_CHECKING:
    from ringfence.reach.columns import Stretch

#: Bits of sources by the marks that they carry.
Sources = dict[Marks, int]

#: What is left of a chain for a header, shared by the walks of one listener: by the chain's id and the header, or by
#: what the header amounts to.
Cache = dict[tuple[int, Hashable], tuple["LiveRule | Stretch", ...]]

#: Chains with fewer rules are read rule by rule for each header.
FEWEST_COLUMNS = 64

#: netfilter refuses deeper jumps (NFT_JUMP_STACK_SIZE); evidence may hold loops.
MAX_DEPTH = 16
#: Rules looked at in one walk; what is left after that is unknown.
MAX_STEPS = 5_000_000


@dataclass(slots=True, kw_only=True)
class Walk:
    """One walk through a rule set's hooks; ``decisions`` keeps what happened, in order."""

    ruleset: Ruleset
    atoms: Atoms
    goal: Goal
    own: Own
    cache: Cache = field(default_factory=dict)
    decisions: list[Decision | Decisions] = field(default_factory=list)
    dropped: int = 0
    most_steps: int = MAX_STEPS
    _steps: int = 0
    _chains: dict[tuple[str, Family, str], Chain] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Index the chains that can be jumped to."""
        self._chains = {(chain.table, chain.family, chain.name): chain for chain in self.ruleset.chains}

    def through(self, hook: Hook, header: Header, sources: Sources) -> dict[Header, Sources]:
        """Give what may pass all base chains of a hook, by header; what may be dropped is added to ``dropped``."""
        present: dict[tuple[Header, bool], Sources] = {(header, False): dict(sources)}
        for chain in base_chains(self.ruleset, hook, header.version):
            following: dict[tuple[Header, bool], Sources] = {}
            for (before, settled), entering in present.items():
                if chain.kind == ChainKind.NAT:
                    apart = {marks: bits for marks, bits in entering.items() if settled or not marks.tracked}
                    entering = {marks: bits for marks, bits in entering.items() if marks not in apart}  # noqa: PLW2901
                    if apart:
                        _merge(following.setdefault((before, settled), {}), apart)
                    if not entering:
                        continue
                for (after, translated_now), passed in self._base(chain, before, entering).items():
                    _merge(following.setdefault((after, settled or translated_now), {}), passed)
            present = following
        found: dict[Header, Sources] = {}
        for (after, _), passed in present.items():
            _merge(found.setdefault(after, {}), passed)
        return found

    def _base(self, chain: Chain, header: Header, entering: Sources) -> dict[tuple[Header, bool], Sources]:
        run = _Run(walk=self, base=chain, header=header)
        fallen = run.chain(chain, entering, ())
        if fallen:
            run.decide((Step(chain=chain, rule=None),), fallen, passed=chain.policy_accepts)
        return run.out

    def program(self, chain: Chain, header: Header) -> tuple["LiveRule | Stretch", ...]:
        """Give the rules of a chain that can match this header, each reduced to what is open, or painted together."""
        key = (id(chain), header)
        found = self.cache.get(key)
        if found is None:
            if len(chain.rules) < FEWEST_COLUMNS:
                reduced = (live(rule, header, untracks=self.atoms.untracks) for rule in chain.rules)
                found = tuple(rule for rule in reduced if rule is not None)
            else:
                found = self.atoms.columns(chain).program(header, self.cache)
            self.cache[key] = found
        return found

    def target(self, chain: Chain, name: str) -> Chain | None:
        """Find the chain that a jump leads to."""
        return self._chains.get((chain.table, chain.family, name))

    def exhausted(self) -> bool:
        """Count a step; True when the walk has become absurdly long."""
        self._steps += 1
        return self._steps > self.most_steps


def base_chains(ruleset: Ruleset, hook: Hook, version: int) -> Sequence[Chain]:
    """Give the base chains of a hook for one IP version, in the order in which the kernel calls them."""
    other = Family.IPV6 if version == 4 else Family.IPV4
    found = [chain for chain in ruleset.chains if chain.hook == hook and chain.family != other]
    return sorted(found, key=lambda chain: chain.priority)


def _merge(into: Sources, more: Mapping[Marks, int]) -> None:
    for marks, bits in more.items():
        into[marks] = into.get(marks, 0) | bits


@dataclass(slots=True, kw_only=True)
class _Run:
    """The walk through one base chain with one header; ``out`` is what leaves it."""

    walk: Walk
    base: Chain
    header: Header
    out: dict[tuple[Header, bool], Sources] = field(default_factory=dict)

    def chain(self, chain: Chain, entering: Sources, path: tuple[Step, ...]) -> Sources:
        """Give what comes out at the end of a chain, or returns from it."""
        present = {marks: bits for marks, bits in entering.items() if bits}
        returned: Sources = {}
        for rule in self.walk.program(chain, self.header):
            if not present:
                break
            if not isinstance(rule, LiveRule):
                self._at_once(rule, chain, path, present, returned)
                continue
            if self.walk.exhausted():
                self.give_up((*path, Step(chain=chain, rule=rule.rule)), present)
                return {}
            matched, doubts = self._match(rule, present)
            if matched:
                step = Step(chain=chain, rule=rule.rule, doubts=doubts)
                self._act(step, path, matched, present, returned)
        _merge(returned, present)
        return returned

    def _match(self, rule: LiveRule, present: Sources) -> tuple[Sources, tuple[str, ...]]:
        """Take what matches out of ``present``; where that is uncertain it also stays there."""
        matched: Sources = {}
        doubts = rule.doubts
        for marks, bits in tuple(present.items()):
            held = with_marks(rule, marks, self.header)
            if held is False:
                continue
            for match in rule.sources:
                if not match.recorded_in or match.recorded_in not in marks.recorded:
                    bits &= self.walk.atoms.bits(match.addresses)  # noqa: PLW2901 - narrowed step by step
            if not bits:
                continue
            matched[marks] = bits
            if held is None:
                doubts = (*doubts, "the packet's mark is not known")
            elif not rule.doubts:
                left = present[marks] & ~bits
                if left:
                    present[marks] = left
                else:
                    del present[marks]
        return matched, doubts

    def _at_once(
        self, stretch: "Stretch", chain: Chain, path: tuple[Step, ...], present: Sources, returned: Sources
    ) -> None:
        """Let all rules of a stretch take their shares out of ``present``."""
        accepted = _part(present, stretch.accepted)
        if accepted:
            _merge(self.out.setdefault((self.header, False), {}), accepted)
        _merge(returned, _part(present, stretch.returned))
        bits = all_bits(present)
        self.walk.dropped |= bits & stretch.dropped
        for share, passed in ((bits & stretch.accepted, True), (bits & stretch.dropped, False)):
            if share:
                self.walk.decisions.append(
                    Decisions(
                        sources=share,
                        path=path,
                        header=self.header,
                        passed=passed,
                        stopped=not passed,
                        chain=chain,
                        stretch=stretch,
                    )
                )
        left = _part(present, ~(stretch.accepted | stretch.dropped | stretch.returned))
        present.clear()
        present.update(left)

    def _act(self, step: Step, path: tuple[Step, ...], matched: Sources, present: Sources, returned: Sources) -> None:
        rule, chain, path = step.rule, step.chain, (*path, step)
        if rule is None:
            return
        after: Sources = {}
        for marks, bits in matched.items():
            changed = _affected(marks, rule.effects, self.base)
            after[changed] = after.get(changed, 0) | bits
        match rule.action:
            case Accept():
                self.decide(path, after, passed=True)
            case Drop():
                self.decide(path, after, passed=False)
            case Return():
                _merge(returned, after)
            case Continue():
                _merge(present, after)
            case Jump(chain=name, returns=returns):
                target = self.walk.target(chain, name)
                if target is None or len(path) > MAX_DEPTH:
                    self.give_up(path, after)
                else:
                    _merge(present if returns else returned, self.chain(target, after, path))
            case TranslateDestination() | TranslateSource():
                self._translate(rule.action, path, after)
            case UnsupportedAction():
                self.give_up(path, after)
                # an uninterpreted action may also do nothing, and may have changed any mark
                _merge(present, _unmarked(after))
            case _:
                assert_never(rule.action)

    def _translate(
        self, action: TranslateDestination | TranslateSource, path: tuple[Step, ...], after: Sources
    ) -> None:
        if isinstance(action, TranslateDestination):
            headers = translated(action, self.header, self.walk.goal, self.walk.own)
        else:
            headers = (with_source(action, self.header, self.walk.own),)
        for header in headers:
            self._leave(path, header, after, settled=True)

    def decide(self, path: tuple[Step, ...], sources: Sources, *, passed: bool) -> None:
        """Let sources leave the base chain: on to the next one, or stopped."""
        if passed:
            self._leave(path, self.header, sources, settled=False)
            return
        bits = all_bits(sources)
        self.walk.dropped |= bits
        decision = Decision(sources=bits, path=path, header=self.header, passed=False, stopped=True)
        self.walk.decisions.append(decision)

    def _leave(self, path: tuple[Step, ...], header: Header, sources: Sources, *, settled: bool) -> None:
        _merge(self.out.setdefault((header, settled), {}), sources)
        decision = Decision(sources=all_bits(sources), path=path, header=header, passed=True, stopped=False)
        self.walk.decisions.append(decision)

    def give_up(self, path: tuple[Step, ...], sources: Sources) -> None:
        """Let sources go every way: passed, stopped, and in a NAT chain translated to the goal."""
        bits = all_bits(sources)
        unknown = _unmarked(sources)
        self.walk.dropped |= bits
        headers = {self.header}
        if self.base.kind == ChainKind.NAT and self.base.hook is not None:
            headers |= set(unknown_translation(self.base.hook, self.header, self.walk.goal))
        for header in headers:
            _merge(self.out.setdefault((header, header != self.header), {}), unknown)
        decision = Decision(sources=bits, path=path, header=self.header, passed=True, stopped=True)
        self.walk.decisions.append(decision)


def all_bits(sources: Sources) -> int:
    """Give the sources of all marks together."""
    found = 0
    for bits in sources.values():
        found |= bits
    return found


def _part(sources: Sources, bits: int) -> Sources:
    """Give what of the sources is among some bits, by mark."""
    return {marks: found for marks, own in sources.items() if (found := own & bits)}


def _unmarked(sources: Sources) -> Sources:
    """Give the same sources with marks that are not known any more."""
    found: Sources = {}
    for marks, bits in sources.items():
        _merge(found, {Marks(None, None, marks.recorded, marks.tracked): bits})
    return found


def _affected(marks: Marks, effects: tuple[Effect, ...], base: Chain) -> Marks:
    for effect in effects:
        match effect:
            case SetMark(connection=True) | CopyMark() if not marks.tracked:
                pass  # there is no connection that could hold a mark
            case StopTracking():
                early = base.hook == Hook.PREROUTING and base.priority < TRACKING_PRIORITY
                marks = marks._replace(tracked=marks.tracked and not early)
            case SetMark(value=value, mask=mask, connection=True):
                marks = marks._replace(connection=mark_after(value, marks.connection, mask))
            case SetMark(value=value, mask=mask):
                marks = marks._replace(packet=mark_after(value, marks.packet, mask))
            case CopyMark(to_connection=True):
                marks = marks._replace(connection=marks.packet)
            case CopyMark():
                marks = marks._replace(packet=marks.connection)
            case RecordSource(name=name):
                recorded = (*marks.recorded, name) if marks.recorded.count(name) < 100 else marks.recorded
                marks = marks._replace(recorded=tuple(sorted(recorded)))
            case _:
                assert_never(effect)
    return marks
