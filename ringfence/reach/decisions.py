"""What base chains did with sources: single decisions, and those of many rules kept in one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ringfence.model.packetfilter import Accept, Chain, Drop, Rule
from ringfence.reach.flow import Header

if TYPE_CHECKING:
    from ringfence.reach.columns import Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A rule of a chain that a packet met; ``rule`` None is the chain's policy."""

    chain: Chain
    rule: Rule | None
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What a base chain did with some sources: the jumps that led to the deciding rule, and the rule itself.

    ``header`` is the packet after it. ``passed`` and ``stopped`` are both True where the rule is not understood.
    """

    sources: int
    path: tuple[Step, ...]
    header: Header
    passed: bool
    stopped: bool

    def about(self, atom: int) -> "Decision | None":
        """Give the decision about one atom of sources (a single bit); None when it is not among them."""
        return self if self.sources & atom else None

    def each(self) -> Iterator["Decision"]:
        """Go through the decisions of single rules."""
        yield self


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What a stretch of rules did with some sources: many decisions of one kind, told apart when asked for.

    ``path`` holds the jumps that led to the chain.
    """

    sources: int
    path: tuple[Step, ...]
    header: Header
    passed: bool
    stopped: bool
    chain: Chain
    stretch: "Stretch"

    def about(self, atom: int) -> Decision | None:
        """Give the decision about one atom of sources (a single bit); None when it is not among them."""
        if not self.sources & atom:
            return None
        number = self.stretch.taken_by_whom(atom.bit_length() - 1)
        return self._of(number) if number is not None else None

    def each(self) -> Iterator[Decision]:
        """Go through the decisions of single rules."""
        for number in self.stretch.deciding(Accept if self.passed else Drop):
            decision = self._of(number)
            if decision.sources:
                yield decision

    def _of(self, number: int) -> Decision:
        return Decision(
            sources=self.sources & self.stretch.share(number),
            path=(*self.path, Step(chain=self.chain, rule=self.stretch.rule(number))),
            header=self.header,
            passed=self.passed,
            stopped=self.stopped,
        )
