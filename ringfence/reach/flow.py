"""The packet that is asked about: the first one of a source never seen, on its way to one listener."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import DestinationPort, Mark, Protocol, Rule, Ruleset, SourcePort
from ringfence.model.site import Address

#: The source port of whoever does not choose one on purpose.
EPHEMERAL_PORT = 40_000
#: Classes of source ports that are tried one by one; where rules tell more apart, the port is left open.
MOST_SOURCE_PORTS = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The interface that a packet passes: its name, or what it is known not to be; an empty name is no interface."""

    name: str | None = None
    not_in: frozenset[str] = frozenset({"lo"})


NO_LINK = Link(name="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What a rule can look at, apart from the source address and the marks.

    ``destination`` None is an address that is not known, ``source_port`` None any port. ``local`` tells whether the
    destination is the box itself (None: not known). ``original`` is the destination before a translation. ``seen_as``
    is the source after a rewrite, None while it is the true one.
    """

    version: int
    protocol: str
    source_port: int | None
    destination: Address | None
    port: int
    incoming: Link = field(default_factory=Link)
    outgoing: Link = NO_LINK
    local: bool | None = None
    original: tuple[Address | None, int] | None = None
    translated: bool = False
    seen_as: AddressSet | None = None

    def at_next_box(self, incoming: Link) -> "Header":
        """Give the header as the next machine sees it: of a translation only its result is left."""
        return replace(self, incoming=incoming, outgoing=NO_LINK, local=None, original=None, translated=False)


class Marks(NamedTuple):
    """What rules attach to a packet: its mark, its connection's mark (None: unknown), and the lists it was put into.

    ``tracked`` is False once a rule has kept it out of connection tracking.
    """

    packet: int | None = 0
    connection: int | None = 0
    recorded: tuple[str, ...] = ()
    tracked: bool = True


class Goal(NamedTuple):
    """The listener that is asked about: any of its addresses, and its port."""

    addresses: frozenset[Address]
    port: int


def rules_on_source_ports(rulesets: Iterable[Ruleset | None]) -> tuple[Rule, ...]:
    """Give the rules that look at the source port."""
    return tuple(
        rule
        for ruleset in rulesets
        for chain in (ruleset.chains if ruleset is not None else ())
        for rule in chain.rules
        if any(isinstance(match, SourcePort) for match in rule.matches)
    )


def source_ports(rules: Iterable[Rule], protocol: str, ports: frozenset[int]) -> tuple[int | None, ...]:
    """Give one source port of each class that rules about these destination ports tell apart, the usual one first.

    ``(None,)`` when there are too many classes.
    """
    bounds = {bound for rule in rules if _concerns(rule, protocol, ports) for bound in _bounds(rule)}
    starts = sorted(bounds | {0})
    usual = max(start for start in starts if start <= EPHEMERAL_PORT)
    others = [start for start in starts if start != usual and start <= 0xFFFF]
    return (EPHEMERAL_PORT, *others) if len(others) < MOST_SOURCE_PORTS else (None,)


def _bounds(rule: Rule) -> set[int]:
    intervals = [one for match in rule.matches if isinstance(match, SourcePort) for one in match.ports.intervals]
    return {low for low, _ in intervals} | {high + 1 for _, high in intervals}


def _concerns(rule: Rule, protocol: str, ports: frozenset[int]) -> bool:
    for match in rule.matches:
        if isinstance(match, Protocol) and (protocol in match.names) is match.negated:
            return False
        if isinstance(match, DestinationPort) and not any(port in match.ports for port in ports):
            return False
    return True


def mark_after(value: int | None, mark: int | None, mask: int) -> int | None:
    """Compute ``(mark & ~mask) ^ value`` in 32 bits; an unknown part makes the whole unknown."""
    if value is None or (mark is None and mask != 0xFFFFFFFF):
        return None
    return ((mark or 0) & ~mask ^ value) & 0xFFFFFFFF


def mark_matches(match: Mark, marks: Marks) -> bool | None:
    """Tell whether a mark condition holds; None when the mark is not known."""
    if match.connection and not marks.tracked:
        return False
    mark = marks.connection if match.connection else marks.packet
    return None if mark is None else (mark & match.mask == match.value) is not match.negated
