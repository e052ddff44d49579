"""The answers to questions about reach, as every output format shows them."""

from dataclasses import dataclass

from ringfence.model.evidence import Problem
from ringfence.model.exposure import Exposure, Vantage
from ringfence.model.finding import Remedy
from ringfence.model.site import Site
from ringfence.reach.dead import DeadRules
from ringfence.reach.difference import Change
from ringfence.reach.narrow import Narrowing
from ringfence.reach.needed import Need
from ringfence.reach.sources import SourcesFrom
from ringfence.reach.trace import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """Every exposure, from the Internet and from the networks of the site."""

    exposures: tuple[Exposure, ...]
    vantages: tuple[Vantage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Flows:
    """Single flows, hop by hop."""

    flows: tuple[Flow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesOf:
    """Who reaches a listener, place by place."""

    sources: tuple[SourcesFrom, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """Who is let in against who needs it, what to write at the edge, and how to end what already runs."""

    needs: tuple[Need, ...]
    narrowings: tuple[Narrowing, ...]
    running: tuple[Remedy, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """What the change from the old source opens and closes, and how to end what already runs."""

    old: str
    changes: tuple[Change, ...]
    running: tuple[Remedy, ...]


Answer = Overview | Flows | SourcesOf | Needs | Difference | DeadRules


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachResult:
    """The answer; ``missing`` says what could not be answered and why, and ``complete`` is False then.

    ``problems`` are what could not be read or understood in the evidence; it may weaken the answer.
    """

    source: str
    version: str
    site: Site
    answer: Answer
    problems: tuple[Problem, ...]
    missing: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Tell whether the question was answered."""
        return not self.missing
