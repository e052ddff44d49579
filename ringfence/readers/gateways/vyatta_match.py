"""The conditions of a Vyatta rule (`source address !198.51.100.0/24`, `state new enable`) as matches of the model."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    InputInterface,
    LaterFragment,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    RateLimited,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.readers.gateways.vyatta_groups import Groups, OwnAddresses, ports
from ringfence.readers.gateways.vyatta_tree import Export, Node, words
from ringfence.readers.linux import notation

#: What a rule holds beside its conditions.
NO_CONDITION = frozenset(
    {"action", "add-address-to-group", "default-action", "description", "disable", "exclude", "inside-address", "log"}
    | {"jump-target", "load-balance", "log-level", "log-options", "modify", "offload-target", "outside-address"}
    | {"queue", "queue-options", "set", "synproxy", "translation", "type"}
)
ICMP = frozenset({"icmp", "ipv6-icmp"})
#: What ports, addresses and groups of one side are called.
ADDRESS_GROUPS = ("address-group", "network-group", "ipv6-address-group", "ipv6-network-group")
NAMED = ("name", "interface-name")
GROUPED = ("group", "interface-group")


class NotUnderstoodError(ValueError):
    """A condition that is not interpreted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conditions:
    """Reads conditions; ``version`` is that of the rule set."""

    export: Export
    groups: Groups
    version: int

    def of(self, rule: Node) -> tuple[Match, ...]:
        """Give all conditions of a rule; one that is not understood is a problem and may hold or not."""
        found: list[Match] = []
        for word, node in rule.children.items():
            if word in NO_CONDITION:
                continue
            try:
                found += tuple(READERS[word](self, node, rule))
            except (LookupError, ValueError):
                found.append(self.unsupported(node, word))
        return tuple(found)

    def unsupported(self, node: Node, word: str) -> Unsupported:
        """Keep a condition that is not interpreted, and tell so."""
        text = notation.shortened(f"{word} {words(node)}".strip())
        self.export.problem(node, f"not interpreted: {text}")
        return Unsupported(text=text)


def negation(text: str) -> tuple[str, bool]:
    """Split ``!eth0`` into the text and whether it is negated."""
    return text.removeprefix("!").strip(), text.startswith("!")


def only(node: Node) -> str:
    """Give the one value of a leaf; raises ValueError when there are none or more."""
    (value,) = node.children
    return value


def _protocol(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    text, negated = negation(only(node))
    name = notation.protocol_name(text)
    if name == "tcp_udp":
        yield Protocol(names=frozenset({"tcp", "udp"}), negated=negated)
    elif name != "all":
        yield Protocol(names=frozenset({name}), negated=negated)
    elif negated:
        raise NotUnderstoodError(text)


def _side(conditions: Conditions, node: Node, rule: Node) -> Iterator[Match]:
    """Read what a rule says about its source or destination, each part for itself."""
    is_source = rule.at("source") is node
    for word, below in node.children.items():
        try:
            yield from tuple(_part(conditions, word, below, is_source=is_source, is_masked=node.has("address-mask")))
        except ValueError:
            yield conditions.unsupported(below, f"{'source' if is_source else 'destination'} {word}")


def _part(conditions: Conditions, word: str, node: Node, *, is_source: bool, is_masked: bool) -> Iterator[Match]:
    match word:
        case "address" | "prefix" if not is_masked:
            text, negated = negation(only(node))
            yield _about(notation.addresses(text), is_source=is_source, negated=negated)
        case "port":
            yield from port_matches(only(node), is_source=is_source)
        case "group":
            for kind, named in node.children.items():
                for name in named.children:
                    yield _group(conditions, kind, name, is_source=is_source)
        case _:
            raise NotUnderstoodError(word)  # mac-address, fqdn, geoip


def port_matches(text: str, *, is_source: bool) -> Iterator[Match]:
    """Read ``5060,5160``, ``10000-20000``, ``!22``; raises ValueError."""
    pieces = [piece.strip() for piece in text.split(",")]
    refused = [piece[1:] for piece in pieces if piece.startswith("!")]
    if refused and len(refused) < len(pieces):
        raise NotUnderstoodError(text)  # `!22,80`: iptables negates the whole list, nftables the first port only
    yield _ports(~_united(refused) if refused else _united(pieces), is_source=is_source)


def _united(pieces: list[str]) -> PortSet:
    found = PortSet()
    for piece in pieces:
        found |= ports(piece)
    return found


def _ports(found: PortSet, *, is_source: bool) -> Match:
    return SourcePort(ports=found) if is_source else DestinationPort(ports=found)


def _about(found: AddressSet, *, is_source: bool, negated: bool) -> Match:
    found = ~found if negated else found
    return SourceAddress(addresses=found) if is_source else DestinationAddress(addresses=found)


def _group(conditions: Conditions, kind: str, name: str, *, is_source: bool) -> Match:
    name, negated = negation(name)
    if kind == "port-group":
        found = conditions.groups.ports(name)
        if found is None:
            raise NotUnderstoodError(name)
        return _ports(~found if negated else found, is_source=is_source)
    if kind not in ADDRESS_GROUPS:
        raise NotUnderstoodError(kind)  # domain-group, mac-group, dynamic-address-group
    if conditions.version == 6 and not kind.startswith("ipv6-"):
        kind = f"ipv6-{kind}"
    members = conditions.groups.addresses(kind, name)
    if members is None or (isinstance(members, OwnAddresses) and is_source):
        raise NotUnderstoodError(name)
    if isinstance(members, OwnAddresses):
        return PacketKind(kinds=frozenset({"local"}), negated=negated)
    return _about(members, is_source=is_source, negated=negated)


def _state(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    """Read ``state { new enable; related disable }``, and the plain words of VyOS 1.4."""
    states = {name for name, below in node.children.items() if not below.children or "enable" in below.children}
    if states:
        yield ConnectionState(states=frozenset(states))


def _connection_status(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    if node.value("nat") == "destination":
        yield Translated()
    elif node.value("nat") == "source":
        yield ConnectionState(states=frozenset({"snat"}))  # not before it leaves
    else:
        raise NotUnderstoodError(node.value("nat"))


def interface_names(groups: Groups, node: Node) -> tuple[frozenset[str], bool] | None:
    """Read ``inbound-interface eth0``, ``… name !eth0``, ``… group WAN``; None for any. Raises ValueError."""
    for word in NAMED:
        if node.has(word):
            name, negated = negation(node.value(word))
            return None if name == "any" else (frozenset({name}), negated)
    for word in GROUPED:
        if node.has(word):
            name, negated = negation(node.value(word))
            members = groups.interfaces(name)
            if members is None:
                raise NotUnderstoodError(name)
            return members, negated
    name, negated = negation(only(node))
    return None if name == "any" else (frozenset({name}), negated)


def _incoming(conditions: Conditions, node: Node, _: Node) -> Iterator[Match]:
    named = interface_names(conditions.groups, node)
    if named is not None:
        yield InputInterface(names=named[0], negated=named[1])


def _outgoing(conditions: Conditions, node: Node, _: Node) -> Iterator[Match]:
    named = interface_names(conditions.groups, node)
    if named is not None:
        yield OutputInterface(names=named[0], negated=named[1])


def _tcp(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    """Read ``tcp flags SYN,!ACK,!FIN`` and VyOS 1.4's ``tcp { flags { syn; not { ack } } }``."""
    flags = node.at("flags")
    if flags is None or set(node.children) - {"flags"}:
        raise NotUnderstoodError("tcp")
    refused = set(flags.values("not"))
    wanted: set[str] = set()
    for word in flags.children:
        for flag in word.split(","):
            if flag.startswith("!"):
                refused.add(flag[1:])
            elif flag != "not":
                wanted.add(flag)
    mask = frozenset(flag.lower() for flag in wanted | refused)
    if not mask <= {"syn", "ack", "fin", "rst", "urg", "psh"}:
        raise NotUnderstoodError("flags")
    yield TcpFlags(mask=mask, flags=frozenset(flag.lower() for flag in wanted))


def _icmp(_: Conditions, __: Node, rule: Node) -> Iterator[Match]:
    """Whoever asks about TCP and UDP need not know which ICMP it is."""
    if notation.protocol_name(rule.value("protocol")) not in ICMP:
        raise NotUnderstoodError("icmp")
    yield from ()


def _limit(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    yield RateLimited(text=f"limit {words(node)}")


def _recent(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    """Hold for a source that came more often than allowed: not for its first packet."""
    yield RateLimited(text=f"recent {words(node)}", negated=True)


def _fragment(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    yield LaterFragment(negated=only(node) != "match-frag")


def _packet_type(_: Conditions, node: Node, __: Node) -> Iterator[Match]:
    yield PacketKind(kinds=frozenset({only(node)}))


Reader = Callable[[Conditions, Node, Node], Iterator[Match]]
READERS: Mapping[str, Reader] = {
    "protocol": _protocol,
    "source": _side,
    "destination": _side,
    "state": _state,
    "connection-status": _connection_status,
    "inbound-interface": _incoming,
    "outbound-interface": _outgoing,
    "tcp": _tcp,
    "icmp": _icmp,
    "icmpv6": _icmp,
    "limit": _limit,
    "recent": _recent,
    "fragment": _fragment,
    "packet-type": _packet_type,
}
