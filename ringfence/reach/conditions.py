"""Whether a rule matches a packet: yes, no, or it cannot be told, with the reason in words."""

from dataclasses import dataclass
from typing import assert_never

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    InputInterface,
    IpVersion,
    LaterFragment,
    Mark,
    Match,
    OriginalDestination,
    OutputInterface,
    PacketKind,
    Protocol,
    RateLimited,
    Rule,
    SeenBefore,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.model.site import Address
from ringfence.reach.atoms import intervals_of
from ringfence.reach.flow import Header, Link, Marks, mark_matches

#: Kinds of destination that the packet is not: it goes to one listener.
OTHER_KINDS = frozenset({"broadcast", "multicast", "otherhost", "anycast", "blackhole", "unreachable", "prohibit"})


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveRule:
    """A rule that can match the packet: the sources it needs, what depends on marks, and what cannot be told."""

    rule: Rule
    sources: tuple[SourceAddress, ...] = ()
    later: tuple[Match, ...] = ()
    doubts: tuple[str, ...] = ()


def depends_on_marks(match: Match, *, untracks: bool) -> bool:
    """Tell whether a condition depends on what rules attach to a packet; ``untracks`` if they may stop tracking it."""
    return isinstance(match, Mark | SeenBefore) or (
        untracks and isinstance(match, ConnectionState | Translated | OriginalDestination)
    )


def live(rule: Rule, header: Header, *, untracks: bool = False) -> LiveRule | None:
    """Reduce a rule to what is left open once the header is known; None when it cannot match."""
    sources: list[SourceAddress] = []
    later: list[Match] = []
    doubts: list[str] = []
    for match in rule.matches:
        if isinstance(match, SourceAddress) and header.seen_as is None:
            if not intervals_of(match.addresses, header.version) and not match.recorded_in:
                return None
            sources.append(match)
        elif depends_on_marks(match, untracks=untracks):
            later.append(match)
        else:
            answer = holds(match, header)
            if answer is False:
                return None
            if answer is None:
                doubts.append(doubt(match))
    return LiveRule(rule=rule, sources=tuple(sources), later=tuple(later), doubts=tuple(doubts))


def with_marks(rule: LiveRule, marks: Marks, header: Header) -> bool | None:
    """Tell whether the conditions on marks, lists and tracking hold; None when that cannot be told."""
    answer: bool | None = True
    for match in rule.later:
        held = holds_with(match, marks, header, rule.rule)
        if held is False:
            return False
        if held is None:
            answer = None
    return answer


def holds_with(match: Match, marks: Marks, header: Header, rule: Rule) -> bool | None:
    """Tell whether a condition of a rule holds that depends on what rules before attached to the packet."""
    match match:
        case Mark():
            return mark_matches(match, marks)
        case SeenBefore(name=name, hits=hits, negated=negated):
            return (marks.recorded.count(name) >= hits) is not negated
        case ConnectionState(states=states, negated=negated) if not marks.tracked:
            return ("untracked" in states) is not negated
        case Translated() if not marks.tracked:
            return False
        case OriginalDestination() if not marks.tracked:
            # iptables does not look at it where the same condition asks for the state as well
            return None if any(isinstance(other, ConnectionState) for other in rule.matches) else False
        case _:
            return holds(match, header)


def holds(match: Match, header: Header) -> bool | None:  # noqa: C901, PLR0911, PLR0912 - one arm per match
    """Tell whether a condition on anything but marks and true sources holds; None when that cannot be told."""
    match match:
        case Unsupported() | Mark() | SeenBefore():
            return None
        case SourceAddress(addresses=addresses, recorded_in=recorded_in):
            return _seen_in(header, addresses) or (None if recorded_in else _seen_in(header, addresses))
        case DestinationAddress(addresses=addresses):
            return _within(header.destination, addresses, header.version)
        case OriginalDestination():
            return _original(match, header)
        case Protocol(names=names, negated=negated):
            return (header.protocol in names) is not negated
        case SourcePort(ports=ports):
            if header.source_port is None:
                return bool(ports) and (True if len(ports) == 65536 else None)
            return header.source_port in ports
        case DestinationPort(ports=ports):
            return header.port in ports
        case InputInterface(names=names, negated=negated):
            return _passes(header.incoming, names, negated=negated)
        case OutputInterface(names=names, negated=negated):
            return _passes(header.outgoing, names, negated=negated)
        case ConnectionState(states=states, negated=negated):
            return ("new" in states or ("dnat" in states and header.translated)) is not negated
        case Translated(negated=negated):
            return header.translated is not negated
        case RateLimited(negated=negated):
            return not negated
        case PacketKind():
            return _kind(match, header)
        case TcpFlags(mask=mask, flags=flags, negated=negated):
            return header.protocol == "tcp" and (mask & {"syn"} == flags) is not negated
        case LaterFragment(negated=negated):
            return negated
        case IpVersion(version=version):
            return header.version == version
        case _:
            assert_never(match)


def _within(address: Address | None, addresses: AddressSet, version: int) -> bool | None:
    """Tell whether an address is in a set; an address that is not known is in all or nothing, or cannot be told."""
    if address is not None:
        return address in addresses
    if not intervals_of(addresses, version):
        return False
    everything = AddressSet.all_ipv4() if version == 4 else AddressSet.all_ipv6()
    return True if everything <= addresses else None


def _seen_in(header: Header, addresses: AddressSet) -> bool | None:
    seen = header.seen_as or AddressSet()
    if seen <= addresses:
        return True
    return None if seen & addresses else False


def _original(match: OriginalDestination, header: Header) -> bool | None:
    address, port = header.original or (header.destination, header.port)
    if match.ports is not None and port not in match.ports:
        return False
    return True if match.addresses is None else _within(address, match.addresses, header.version)


def _passes(link: Link, names: frozenset[str], *, negated: bool) -> bool | None:
    if link.name is None:
        named = all(not name.endswith(("+", "*")) for name in names)
        return negated if named and names <= link.not_in else None
    return any(_is_named(link.name, name) for name in names) is not negated


def _is_named(name: str, pattern: str) -> bool:
    return name.startswith(pattern[:-1]) if pattern.endswith(("+", "*")) else name == pattern


def _kind(match: PacketKind, header: Header) -> bool | None:
    answers: list[bool | None] = []
    for kind in match.kinds:
        if kind == "host":
            answers.append(True)
        elif kind in {"local", "unicast"}:
            answers.append(None if header.local is None else header.local is (kind == "local"))
        else:
            answers.append(False if kind in OTHER_KINDS else None)
    if True in answers:
        return not match.negated
    return None if None in answers else match.negated


def doubt(match: Match) -> str:
    """Say why it cannot be told whether a condition holds."""
    match match:
        case Unsupported(text=text):
            return f"“{text}” is not interpreted"
        case DestinationAddress() | OriginalDestination():
            return "the address that the packet is sent to is not known"
        case InputInterface(names=names):
            return f"it is not known whether the packet comes in by {' or '.join(sorted(names))}"
        case OutputInterface(names=names):
            return f"it is not known whether the packet leaves by {' or '.join(sorted(names))}"
        case SourceAddress():
            return "the source address that the box sees is not known"
        case SourcePort():
            return "it depends on the source port"
        case PacketKind():
            return "it is not known whether the packet is sent to the box itself"
        case _:
            return "a condition cannot be told"
