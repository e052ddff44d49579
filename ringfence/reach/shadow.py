"""Proves that a rule can never match: earlier rules of its chain take every packet that it is about.

The proof is for all packets, not for one listener: each earlier rule that counts has no condition that the later rule
does not have as well, apart from the source; together they hold all its sources. What is not interpreted
proves nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet, Interval
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    Drop,
    Family,
    InputInterface,
    IpVersion,
    Jump,
    LaterFragment,
    Match,
    OriginalDestination,
    OutputInterface,
    PacketKind,
    Protocol,
    Return,
    Rule,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    TranslateDestination,
    TranslateSource,
)

#: Conditions that hold for a packet or not whenever it is looked at; equal ones are the same condition.
STEADY = (
    OriginalDestination,
    PacketKind,
    TcpFlags,
    LaterFragment,
    IpVersion,
    Translated,
    InputInterface,
    OutputInterface,
    ConnectionState,
    Protocol,
)
_FAMILIES = {
    Family.IPV4: AddressSet.all_ipv4(),
    Family.IPV6: AddressSet.all_ipv6(),
    Family.BOTH: AddressSet.everything(),
}
#: Sources of several kinds of earlier rules are put together up to so many intervals.
MOST_INTERVALS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shadow:
    """A rule that never matches, and the earlier rules that take all its packets."""

    chain: Chain
    rule: Rule
    behind: tuple[Rule, ...]


@dataclass(slots=True)
class _Alike:
    """Earlier rules that differ in their sources alone, and all sources that they take, sorted and merged."""

    rules: list[Rule] = field(default_factory=list)
    ipv4: list[Interval] = field(default_factory=list)
    ipv6: list[Interval] = field(default_factory=list)

    def add(self, rule: Rule) -> None:
        """Let the rule take its sources."""
        taken = _taken(rule)
        self.rules.append(rule)
        for held, more in ((self.ipv4, taken.ipv4), (self.ipv6, taken.ipv6)):
            for interval in more:
                _insert(held, interval)

    def holds(self, wanted: AddressSet) -> bool:
        """Tell whether all these sources are taken."""
        return all(_holds(self.ipv4, one) for one in wanted.ipv4) and all(_holds(self.ipv6, one) for one in wanted.ipv6)

    @property
    def sources(self) -> AddressSet:
        """All sources that are taken."""
        return AddressSet(ipv4=tuple(self.ipv4), ipv6=tuple(self.ipv6))


def _insert(held: list[Interval], interval: Interval) -> None:
    """Put an interval into a sorted list of merged ones."""
    low, high = interval
    first = bisect_left(held, low, key=lambda one: one[1] + 1)
    last = bisect_right(held, high + 1, key=lambda one: one[0])
    touched = held[first:last]
    if touched:
        low, high = min(low, touched[0][0]), max(high, touched[-1][1])
    held[first:last] = [(low, high)]


def _holds(held: list[Interval], interval: Interval) -> bool:
    place = bisect_left(held, interval[1], key=lambda one: one[1])
    return place < len(held) and held[place][0] <= interval[0]


def shadows(chain: Chain, is_asked: Callable[[Rule], bool]) -> Iterator[Shadow]:
    """Give the rules of a chain, among those that are asked about, that are proved never to match."""
    earlier: dict[tuple[Match, ...], _Alike] = {}
    for rule in chain.rules:
        if is_asked(rule):
            behind = _behind(rule, _sources(rule) & _FAMILIES[chain.family], earlier)
            if behind:
                yield Shadow(chain=chain, rule=rule, behind=behind)
        if _ends(rule):
            conditions = tuple(match for match in rule.matches if not isinstance(match, SourceAddress))
            earlier.setdefault(conditions, _Alike()).add(rule)


def _behind(rule: Rule, wanted: AddressSet, earlier: Mapping[tuple[Match, ...], _Alike]) -> tuple[Rule, ...]:
    """Give the rules that take everything which this one is about; none where that cannot be proved."""
    if not wanted:
        return ()
    covering = [alike for conditions, alike in earlier.items() if all(_implied(one, rule) for one in conditions)]
    for alike in covering:
        if alike.holds(wanted):
            return _takers(alike.rules, wanted)
    if len(covering) < 2 or sum(len(one.ipv4) + len(one.ipv6) for one in covering) > MOST_INTERVALS:
        return ()
    if wanted <= AddressSet.union(alike.sources for alike in covering):
        return _takers([one for alike in covering for one in alike.rules], wanted)
    return ()


def _takers(rules: list[Rule], wanted: AddressSet) -> tuple[Rule, ...]:
    """Name rules that together take all that is wanted, each of which takes something of it; none where they do not."""
    found: list[Rule] = []
    left = wanted
    for rule in rules:
        taken = _taken(rule)
        if left & taken:
            found.append(rule)
            left -= taken
        if not left:
            return tuple(found)
    return ()


def _ends(rule: Rule) -> bool:
    """Tell whether a packet that the rule matches surely never comes to the next one."""
    match rule.action:
        case Accept() | Drop() | Return() | TranslateDestination() | TranslateSource():
            return True
        case Jump(returns=returns):
            return not returns
        case _:
            return False


def _sources(rule: Rule) -> AddressSet:
    """Give all sources that the rule may match."""
    found = AddressSet.everything()
    for match in rule.matches:
        if isinstance(match, SourceAddress) and not match.recorded_in:
            found &= match.addresses
    return found


def _taken(rule: Rule) -> AddressSet:
    """Give the sources that the rule surely matches, once everything else holds.

    A translation to IPv4 addresses takes IPv4 packets only: nft's ``dnat ip to`` in a table of family inet.
    """
    found = AddressSet.everything()
    if isinstance(rule.action, TranslateDestination | TranslateSource) and rule.action.addresses is not None:
        four, six = rule.action.addresses.ipv4, rule.action.addresses.ipv6
        found = AddressSet.all_ipv4() if not six else AddressSet.all_ipv6() if not four else AddressSet()
    for match in rule.matches:
        if isinstance(match, SourceAddress):
            found &= match.addresses
    return found


def _implied(match: Match, later: Rule) -> bool:
    match match:
        case DestinationPort(ports=ports):
            return any(isinstance(one, DestinationPort) and not one.ports & ~ports for one in later.matches)
        case SourcePort(ports=ports):
            return any(isinstance(one, SourcePort) and not one.ports & ~ports for one in later.matches)
        case DestinationAddress(addresses=addresses):
            return any(isinstance(one, DestinationAddress) and one.addresses <= addresses for one in later.matches)
        case _:
            return isinstance(match, STEADY) and any(_at_least(match, one) for one in later.matches)


def _at_least(match: Match, other: Match) -> bool:
    """Tell whether ``other`` holding means that ``match`` holds."""
    if match == other:
        return True
    if isinstance(match, Protocol) and isinstance(other, Protocol):
        return not match.negated and not other.negated and other.names <= match.names
    if isinstance(match, ConnectionState) and isinstance(other, ConnectionState):
        return not match.negated and not other.negated and other.states <= match.states
    same = type(match) is type(other)
    if same and isinstance(match, InputInterface | OutputInterface) and isinstance(other, type(match)):
        return not match.negated and not other.negated and other.names <= match.names
    return False
