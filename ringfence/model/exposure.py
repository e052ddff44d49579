"""The core noun: from where a service can be reached, how we know, and the rules that make it so."""

from dataclasses import dataclass
from enum import StrEnum

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.site import Address, Listener


class Verdict(StrEnum):
    """Whether packets arrive; unknown is a value, never an absence."""

    REACHABLE = "reachable"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


class Basis(StrEnum):
    """How the verdict was come by."""

    PREDICTED = "predicted"
    OBSERVED = "observed"
    USED = "used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Vantage:
    """A place to look from: ``internet``, or the name of a network; ``sources`` are the addresses that stand there."""

    name: str
    sources: AddressSet


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """One step of a proof: what happens to the packet, in words, and the rule or line that makes it so."""

    text: str
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Outside:
    """The public address and port that a forward makes of a listener.

    The address is None when the edge's is unknown.
    """

    address: Address | None
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Exposure:
    """From ``vantage``, ``listener`` is reachable, blocked or unknown; ``sources`` is the exact set that passes.

    ``seen_as`` is the set of source addresses that the PBX sees, where the edge hides the true ones; None when sources
    arrive unchanged. ``claim`` says it all in one sentence. ``expected`` tells that
    only those pass whom the site needs: its providers, and the remote places that the admin declared. ``admits`` says
    what the listener itself grants and refuses to those whose packets arrive; it never changes the verdict.
    """

    id: str
    vantage: str
    listener: Listener
    outside: Outside | None
    verdict: Verdict
    basis: Basis
    sources: AddressSet
    claim: str
    proof: tuple[Hop, ...]
    seen_as: AddressSet | None = None
    expected: bool = False
    admits: str = ""
