"""The conditions of one RouterOS firewall rule (`in-interface-list=WAN dst-port=5060,69`) as matches of the model.

A condition may come out as several alternatives, any of which suffices: an address list holds known addresses, and
possibly more that only the router knows.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    InputInterface,
    LaterFragment,
    Mark,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    RateLimited,
    SeenBefore,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.readers.linux import notation

#: Any one of these sets of matches suffices; none at all never matches.
Alternatives = tuple[tuple[Match, ...], ...]
MOST_ALTERNATIVES = 64

#: Properties that are no conditions: what the rule does, and notes.
SILENT = frozenset(
    {
        "action", "address-list", "address-list-timeout", "chain", "comment", "disabled", "hw-offload", "jump-target",
        "log", "log-prefix", "new-connection-mark", "new-dscp", "new-hop-limit", "new-mss", "new-packet-mark",
        "new-priority", "new-routing-mark", "new-ttl", "passthrough", "randomise-ports", "reject-with",
        "same-not-by-dst", "sniff-id", "sniff-target", "sniff-target-port", "to-address", "to-addresses", "to-ports",
        "route-dst",
    }
)  # fmt: skip
#: Which ICMP does not matter to whoever asks about TCP and UDP; `protocol=icmp` stands beside it.
ICMP = frozenset({"icmp-options"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressList:
    """What is known of an address list.

    ``recorded`` tells that rules add sources to it; ``unknown`` says what else it may hold; ``filled`` that rules add
    destinations.
    """

    addresses: AddressSet = field(default_factory=AddressSet)
    unknown: str = ""
    recorded: bool = False
    filled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class InterfaceList:
    """The members of an interface list; ``unknown`` says what else it may hold."""

    names: frozenset[str] = frozenset()
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What the conditions of one firewall refer to.

    ``tunnelled`` are the addresses that may come or go through IPsec. ``marks`` number the names of marks.
    """

    address_lists: Mapping[str, AddressList]
    interface_lists: Mapping[str, InterfaceList]
    tunnelled: AddressSet
    marks: Mapping[str, int]


def alternatives(properties: Mapping[str, str], scope: Scope) -> Alternatives:
    """Read all conditions of a rule; what is not understood becomes Unsupported and quotes it."""
    found: Alternatives = ((),)
    for key, value in sorted(properties.items()):
        if key in SILENT | ICMP or not value:
            continue
        each = _condition(key, value, scope)
        if len(each) > 1 and len(found) * len(each) > MOST_ALTERNATIVES:
            each = one(Unsupported(text=notation.shortened(f"{key}={value}")))
        found = tuple((*held, *more) for held in found for more in each)
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A condition as the rule has it; ``text`` is its value without the ``!`` of a negated one."""

    key: str
    text: str
    negated: bool

    def __str__(self) -> str:
        """Show it as it is written."""
        return notation.shortened(f"{self.key}={'!' if self.negated else ''}{self.text}")


Read = Callable[[Written, Scope], Alternatives]


def _condition(key: str, value: str, scope: Scope) -> Alternatives:
    written = Written(key=key, text=value.removeprefix("!").strip(), negated=value.startswith("!"))
    read = READERS.get(key)
    if read is None:
        return one(Unsupported(text=str(written)))
    try:
        return read(written, scope)
    except (ValueError, LookupError):
        return one(Unsupported(text=str(written)))


def one(match: Match) -> Alternatives:
    """Give a condition that is a single match."""
    return ((match,),)


def _address(kind: type[SourceAddress | DestinationAddress]) -> Read:
    def read(written: Written, _: Scope) -> Alternatives:
        found = notation.addresses(written.text)
        return one(kind(addresses=~found if written.negated else found))

    return read


def _ports(written: Written) -> PortSet:
    found = notation.ports(written.text, "-")  # 5060,69,10000-20000
    return ~found if written.negated else found


def _port(kind: type[SourcePort | DestinationPort]) -> Read:
    return lambda written, _: one(kind(ports=_ports(written)))


def _any_port(written: Written, _: Scope) -> Alternatives:
    source, destination = SourcePort(ports=_ports(written)), DestinationPort(ports=_ports(written))
    return ((source, destination),) if written.negated else ((source,), (destination,))


def _interface(kind: type[InputInterface | OutputInterface]) -> Read:
    def read(written: Written, _: Scope) -> Alternatives:
        text = written.text
        # `*B` is an interface that is gone, `all-ppp` a class of interfaces
        if text.startswith(("*", "all-")) or text.endswith(("*", "+")) or text == "dynamic":
            raise ValueError(text)
        return one(kind(names=frozenset({text}), negated=written.negated))

    return read


def _interface_list(kind: type[InputInterface | OutputInterface]) -> Read:
    def read(written: Written, scope: Scope) -> Alternatives:
        if written.text in {"all", "none"}:
            every = (written.text == "all") is not written.negated
            return ((),) if every else one(kind(names=frozenset()))
        held = scope.interface_lists[written.text]
        return _with_unknown(written, kind(names=held.names, negated=written.negated), held.unknown)

    return read


def _with_unknown(written: Written, known: Match, unknown: str) -> Alternatives:
    """Add what else a list may hold: it may match too, or may keep a negated condition from holding."""
    if not unknown:
        return one(known)
    doubt = Unsupported(text=unknown)
    return ((known, doubt),) if written.negated else ((known,), (doubt,))


def _source_list(written: Written, scope: Scope) -> Alternatives:
    name = written.text
    held = scope.address_lists.get(name) or _absent(name)
    unknown = held.unknown or (f"rules add destinations to the address list {name}" if held.filled else "")
    recorded = name if held.recorded else ""
    if not written.negated:
        return _with_unknown(written, SourceAddress(addresses=held.addresses, recorded_in=recorded), unknown)
    found: tuple[Match, ...] = (SourceAddress(addresses=~held.addresses),)
    if recorded:
        found += (SeenBefore(name=recorded, negated=True, text=str(written)),)
    return ((*found, Unsupported(text=unknown)),) if unknown else (found,)


def _destination_list(written: Written, scope: Scope) -> Alternatives:
    name = written.text
    held = scope.address_lists.get(name) or _absent(name)
    filled = held.recorded or held.filled
    unknown = held.unknown or (f"rules add addresses to the address list {name}" if filled else "")
    addresses = ~held.addresses if written.negated else held.addresses
    return _with_unknown(written, DestinationAddress(addresses=addresses), unknown)


def _absent(name: str) -> AddressList:
    return AddressList(unknown=notation.shortened(f"what the address list {name} holds is not in the export"))


def _state(written: Written, _: Scope) -> Alternatives:
    return one(ConnectionState(states=_names(written), negated=written.negated))


def _names(written: Written) -> frozenset[str]:
    return frozenset(written.text.lower().split(","))


def _nat_state(written: Written, _: Scope) -> Alternatives:
    if _names(written) == {"dstnat"}:
        return one(Translated(negated=written.negated))
    short = {"srcnat": "snat", "dstnat": "dnat"}
    states = frozenset(short[state] for state in _names(written))
    return one(ConnectionState(states=states, negated=written.negated))


def _address_type(written: Written, _: Scope) -> Alternatives:
    return one(PacketKind(kinds=_names(written), negated=written.negated))


def _protocol(written: Written, _: Scope) -> Alternatives:
    return one(Protocol(names=frozenset({notation.protocol_name(written.text)}), negated=written.negated))


def _rate(*, above: bool) -> Read:
    """Read a limit: the rule matches below it, or (``above``) only above it, which the first packet never is."""

    def read(written: Written, _: Scope) -> Alternatives:
        if written.text.split(",")[0].strip() in {"", "0"}:
            raise ValueError(written.text)
        return one(RateLimited(text=str(written), negated=written.negated is not above))

    return read


def _scan(written: Written, _: Scope) -> Alternatives:
    """Read `psd=21,3s,3,1`: one packet alone weighs 3 at most, and the rule matches from 21 on."""
    threshold, _pause, *weights = written.text.split(",")
    if int(threshold) <= max(int(weight) for weight in weights):
        raise ValueError(written.text)
    return one(RateLimited(text=str(written), negated=not written.negated))


def _flags(written: Written, _: Scope) -> Alternatives:
    """Read `syn,!ack`: each flag has its own negation, the first one's stands before the whole value."""
    words = f"{'!' if written.negated else ''}{written.text}".lower().split(",")
    mask = frozenset(word.removeprefix("!") for word in words)
    return one(TcpFlags(mask=mask, flags=frozenset(word for word in words if not word.startswith("!"))))


def _fragment(written: Written, _: Scope) -> Alternatives:
    return one(LaterFragment(negated=written.text != "yes"))


def _ipsec(written: Written, scope: Scope) -> Alternatives:
    """Read `in,ipsec` and `out,none`: only addresses of tunnels can have travelled in one."""
    direction, _, policy = written.text.lower().partition(",")
    kind = {"in": SourceAddress, "out": DestinationAddress}[direction]
    if policy not in {"ipsec", "none"}:
        raise ValueError(written.text)
    needs_tunnel = (policy == "ipsec") is not written.negated
    if not scope.tunnelled:
        return () if needs_tunnel else ((),)
    through = (kind(addresses=scope.tunnelled), Unsupported(text=str(written)))
    return (through,) if needs_tunnel else ((kind(addresses=~scope.tunnelled),), through)


#: Packet marks and routing marks share the packet's mark: each has its half.
MASKS = {"packet-mark": 0xFFFF, "routing-mark": 0xFFFF0000, "connection-mark": 0xFFFFFFFF}
UNMARKED = frozenset({"no-mark", "main"})


def mark_value(kind: str, name: str, marks: Mapping[str, int]) -> int:
    """Give the number that stands for a mark's name; raises KeyError when there is none."""
    number = 0 if name in UNMARKED else marks[name]
    return number << 16 if kind == "routing-mark" else number


def _mark(written: Written, scope: Scope) -> Alternatives:
    kind = written.key
    value = mark_value(kind, written.text, scope.marks)
    on_connection = kind == "connection-mark"
    return one(Mark(value=value, mask=MASKS[kind], negated=written.negated, connection=on_connection))


def number_marks(rules: Iterable[Mapping[str, str]]) -> dict[str, int]:
    """Number all names of marks that rules set or ask for."""
    keys = [key for kind in MASKS for key in (kind, f"new-{kind}")]
    names = {rule[key].removeprefix("!"): None for rule in rules for key in keys if key in rule}
    return {name: number for number, name in enumerate(names, start=1) if number <= 0xFFFF}


READERS: Mapping[str, Read] = {
    "src-address": _address(SourceAddress),
    "dst-address": _address(DestinationAddress),
    "src-address-list": _source_list,
    "dst-address-list": _destination_list,
    "dst-address-type": _address_type,
    "protocol": _protocol,
    "src-port": _port(SourcePort),
    "dst-port": _port(DestinationPort),
    "port": _any_port,
    "any-port": _any_port,
    "in-interface": _interface(InputInterface),
    "out-interface": _interface(OutputInterface),
    "in-interface-list": _interface_list(InputInterface),
    "out-interface-list": _interface_list(OutputInterface),
    "connection-state": _state,
    "connection-nat-state": _nat_state,
    "connection-mark": _mark,
    "packet-mark": _mark,
    "routing-mark": _mark,
    "limit": _rate(above=False),
    "dst-limit": _rate(above=False),
    "connection-limit": _rate(above=True),
    "psd": _scan,
    "tcp-flags": _flags,
    "fragment": _fragment,
    "ipsec-policy": _ipsec,
}
