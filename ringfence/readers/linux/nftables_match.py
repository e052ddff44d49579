"""The conditions of nftables (`{"match": {"op": "==", "left": …, "right": 69}}`) as matches of the model."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_network
from typing import Any

from ringfence.model.addresses import MAX_PORT, AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    InputInterface,
    IpVersion,
    Mark,
    Match,
    OriginalDestination,
    OutputInterface,
    PacketKind,
    Protocol,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
)
from ringfence.readers.linux import notation

#: What json.loads gives; every access is guarded by the caller, who turns a wrong shape into Unsupported.
Json = Any
Alternatives = Sequence[tuple[Match, ...]]

PORT_PROTOCOLS = frozenset({"tcp", "udp", "udplite", "sctp", "dccp", "th"})
STATES = frozenset({"new", "established", "related", "invalid", "untracked"})
FLAGS = frozenset({"fin", "syn", "rst", "psh", "ack", "urg", "ecn", "cwr"})
MAX_DEPTH = 12
#: Elements that a named set may have and still be read one by one.
MAX_ELEMENTS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The named sets and maps of one table, and which of them rules add sources to."""

    sets: Mapping[str, Sequence[Json]] = field(default_factory=dict)
    recorded: frozenset[str] = frozenset()

    def elements(self, value: Json) -> Sequence[Json]:
        """Give the elements of `{…}` or of the set behind `@name`; a single value is one element."""
        if isinstance(value, str) and value.startswith("@"):
            found = self.sets[value[1:]]
        elif isinstance(value, Mapping) and "set" in value:
            found = value["set"] if isinstance(value["set"], list) else [value["set"]]
        else:
            found = [value]
        if len(found) > MAX_ELEMENTS:
            raise ValueError("too many elements")
        return [_unwrapped(element) for element in found]

    def pairs(self, value: Json) -> Sequence[tuple[Json, Json]]:
        """Give the key and the value of every element of a map."""
        return [(_unwrapped(element[0]), element[1]) for element in self.elements(value)]


def _unwrapped(element: Json) -> Json:
    """Take `{"elem": {"val": x, "timeout": 60}}` for x."""
    return element["elem"]["val"] if isinstance(element, Mapping) and "elem" in element else element


def spelled(value: Json, depth: int = 0) -> str:
    """Write a statement the way nft does, as well as needed to name it."""
    if depth > MAX_DEPTH:
        return "…"
    if isinstance(value, Mapping):
        if "left" in value and "right" in value:
            operator = {"==": "", "in": ""}.get(str(value.get("op")), str(value.get("op")))
            return notation.shortened(
                f"{spelled(value['left'], depth + 1)} {operator} {spelled(value['right'], depth + 1)}"
            )
        if set(value) == {"protocol", "field"}:
            return f"{value['protocol']} {value['field']}"
        if "range" in value and isinstance(value["range"], list):
            return "-".join(spelled(part, depth + 1) for part in value["range"][:2])
        if set(value) <= {"&", "|", "^"} and isinstance(value.get("&"), list):
            return " & ".join(spelled(part, depth + 1) for part in value["&"][:2])
        if set(value) == {"addr", "len"}:
            return f"{value['addr']}/{value['len']}"
        pieces = [
            spelled(body, depth + 1)
            if key in {"match", "payload", "prefix", "elem", "val", "set", "key", "target"}
            else f"{key} {spelled(body, depth + 1)}".strip()
            for key, body in value.items()
        ]
        return notation.shortened(" ".join(pieces))
    if isinstance(value, list):
        return "{ " + notation.shortened(", ".join(spelled(part, depth + 1) for part in value[:20])) + " }"
    return "" if value is None else notation.shortened(str(value))


def alternatives(body: Json, scope: Scope) -> Alternatives:
    """Read one condition as alternatives of which one must hold (one, save for concatenations).

    Raises ValueError, KeyError, IndexError, TypeError or AttributeError on shapes it does not know.
    """
    operator, left, right = str(body["op"]), body["left"], body["right"]
    if isinstance(left, str):
        raise ValueError(left)  # noqa: TRY004 - a shape, not a type, of the rule
    ((kind, about),) = left.items()
    if kind == "concat":
        if operator not in {"==", "in"}:
            raise ValueError("a negated concatenation")
        return [_concatenation(about, element["concat"], scope) for element in scope.elements(right)]
    if operator not in {"==", "!=", "in", "<", ">", "<=", ">="}:
        raise ValueError(operator)
    return [_condition(kind, about, operator, right, scope)]


def _concatenation(fields: Sequence[Json], values: Sequence[Json], scope: Scope) -> tuple[Match, ...]:
    if len(fields) != len(values):
        raise ValueError("a concatenation of another length")
    found: list[Match] = []
    for one, value in zip(fields, values, strict=True):
        ((kind, about),) = one.items()
        found += _condition(kind, about, "==", value, scope)
    return tuple(found)


def _condition(kind: str, about: Json, operator: str, right: Json, scope: Scope) -> tuple[Match, ...]:
    negated = operator == "!="
    match kind:
        case "meta":
            return (_meta(str(about["key"]), operator, right, scope),)
        case "payload":
            return _payload(str(about["protocol"]), str(about["field"]), operator, right, scope)
        case "ct":
            return (_conntrack(about, operator, right, scope),)
        case "fib" if about["result"] == "type" and _names(about["flags"]) == {"daddr"}:
            return (PacketKind(kinds=frozenset(_words(right, scope)), negated=negated),)
        case "&":
            return _bits(about, operator, right)
        case _:
            raise ValueError(kind)


def _names(value: Json) -> set[str]:
    return set(value) if isinstance(value, list) else {str(value)}


def _meta(key: str, operator: str, right: Json, scope: Scope) -> Match:
    negated = operator == "!="
    if operator not in {"==", "!="}:
        raise ValueError(operator)
    match key:
        case "iifname" | "iif":
            return InputInterface(names=frozenset(_words(right, scope)), negated=negated)
        case "oifname" | "oif":
            return OutputInterface(names=frozenset(_words(right, scope)), negated=negated)
        case "l4proto":
            names = frozenset(map(notation.protocol_name, _words(right, scope)))
            return Protocol(names=names, negated=negated)
        case "nfproto" | "protocol":
            version = {"ipv4": 4, "ip": 4, "ipv6": 6, "ip6": 6}[str(right)]
            return IpVersion(version=10 - version if negated else version)
        case "mark":
            return Mark(value=mark_number(right), negated=negated)
        case "pkttype":
            kinds = frozenset("host" if word == "unicast" else word for word in _words(right, scope))
            return PacketKind(kinds=kinds, negated=negated)
        case _:
            raise ValueError(key)


def _payload(protocol: str, about: str, operator: str, right: Json, scope: Scope) -> tuple[Match, ...]:
    negated = operator == "!="
    if protocol in {"ip", "ip6"} and about in {"saddr", "daddr"} and operator in {"==", "!="}:
        everything = AddressSet.all_ipv4() if protocol == "ip" else AddressSet.all_ipv6()
        found = address_set(right, scope)
        chosen = everything - found if negated else found
        if about == "daddr":
            return (DestinationAddress(addresses=chosen),)
        name = right[1:] if isinstance(right, str) and right[1:] in scope.recorded and right[0] == "@" else ""
        if name and negated:
            raise ValueError("a set that rules add to, negated")
        return (SourceAddress(addresses=chosen, recorded_in=name),)
    if protocol in {"ip", "ip6"} and about in {"protocol", "nexthdr"} and operator in {"==", "!="}:
        names = frozenset(map(notation.protocol_name, _words(right, scope)))
        return (IpVersion(version=4 if protocol == "ip" else 6), Protocol(names=names, negated=negated))
    if protocol in PORT_PROTOCOLS and about in {"sport", "dport"}:
        found_ports = _compared(right, operator, scope)
        kind = SourcePort if about == "sport" else DestinationPort
        given = () if protocol == "th" else (Protocol(names=frozenset({protocol})),)
        return (*given, kind(ports=found_ports))
    if protocol in {"icmp", "icmpv6"}:  # which ICMP does not matter to whoever asks about TCP and UDP
        return (Protocol(names=frozenset({notation.protocol_name(protocol)})),)
    if protocol == "tcp" and about == "flags":
        return (_tcp_flags(None, operator, right),)
    raise ValueError(f"{protocol} {about}")


def _compared(right: Json, operator: str, scope: Scope) -> PortSet:
    if operator in {"==", "!=", "in"}:
        found = port_set(right, scope)
        return ~found if operator == "!=" else found
    limit = notation.port(str(right))
    low, high = {
        "<": (0, limit - 1),
        "<=": (0, limit),
        ">": (limit + 1, MAX_PORT),
        ">=": (limit, MAX_PORT),
    }[operator]
    return PortSet.of((low, high)) if low <= high else PortSet()


def _conntrack(about: Json, operator: str, right: Json, scope: Scope) -> Match:
    key, negated = str(about["key"]), operator == "!="
    if operator not in {"==", "!=", "in"}:
        raise ValueError(operator)
    match key:
        case "state":
            words = frozenset(_words(right, scope))
            if not words <= STATES:
                raise ValueError(right)
            if negated and len(words) > 1 and _are_bits(right):
                # ct state != established | related: the state is one bit, so it is never both
                return ConnectionState(states=frozenset(), negated=True)
            return ConnectionState(states=words, negated=negated)
        case "status" if str(right) == "dnat" or right == ["dnat"]:
            return Translated(negated=negated)
        case "mark":
            return Mark(value=mark_number(right), negated=negated, connection=True)
        case _:
            pass
    if about.get("dir") == "original":
        if key in {"daddr", "ip daddr", "ip6 daddr"} and not negated:
            return OriginalDestination(addresses=address_set(right, scope))
        if key == "proto-dst":
            return OriginalDestination(ports=_compared(right, operator, scope))
    raise ValueError(key)


def _bits(about: Json, operator: str, right: Json) -> tuple[Match, ...]:
    left, mask = about
    negated = operator == "!="
    ((kind, field_of),) = left.items()
    if kind in {"meta", "ct"} and field_of["key"] == "mark" and operator in {"==", "!="}:
        found = Mark(value=mark_number(right), mask=mark_number(mask), negated=negated, connection=kind == "ct")
        return (found,)
    if kind == "payload" and field_of == {"protocol": "tcp", "field": "flags"}:
        return (_tcp_flags(mask, operator, right),)
    raise ValueError(kind)


def _tcp_flags(mask: Json, operator: str, right: Json) -> Match:
    chosen = _flag_names(right)
    if mask is not None:
        if operator not in {"==", "!="}:
            raise ValueError(operator)
        return TcpFlags(mask=_flag_names(mask), flags=chosen, negated=operator == "!=")
    if operator == "in" and len(chosen) == 1:
        return TcpFlags(mask=chosen, flags=chosen)  # `tcp flags syn`: that bit is set
    if operator in {"==", "!="}:
        return TcpFlags(mask=FLAGS, flags=chosen, negated=operator == "!=")
    raise ValueError(operator)


def _flag_names(value: Json) -> frozenset[str]:
    if isinstance(value, Mapping) and "|" in value:
        return frozenset().union(*(_flag_names(part) for part in value["|"]))
    names = frozenset(map(str, value)) if isinstance(value, list) else frozenset({str(value)})
    if value == 0:
        return frozenset()
    if not names <= FLAGS:
        raise ValueError(value)
    return names


def _are_bits(value: Json) -> bool:
    """Tell `established | related` from the set `{ established, related }`."""
    return isinstance(value, list) or (isinstance(value, Mapping) and "|" in value)


def _words(value: Json, scope: Scope) -> list[str]:
    if _are_bits(value):  # ["established", "related"]: flags, any of them
        return [str(part) for part in (value if isinstance(value, list) else value["|"])]
    return [str(element) for element in scope.elements(value) if not isinstance(element, Mapping | list)] or _fail(
        value
    )


def _fail(value: Json) -> list[str]:
    raise ValueError(spelled(value))


def mark_number(value: Json) -> int:
    """Read a mark; raises ValueError on anything that is not one number."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(spelled(value))  # noqa: TRY004 - a shape, not a type, of the rule
    return notation.number(str(value))


def address_set(value: Json, scope: Scope) -> AddressSet:
    """Read an address, prefix, range, set or `@set` of them; raises ValueError and its like on anything else."""
    return AddressSet.union(_addresses(element) for element in scope.elements(value))


def _addresses(element: Json) -> AddressSet:
    if isinstance(element, str):
        return notation.addresses(element.strip("[]"))
    if "prefix" in element:
        return AddressSet.of(ip_network(f"{element['prefix']['addr']}/{element['prefix']['len']}", strict=False))
    low, high = element["range"]
    return notation.addresses(f"{low}-{high}")


def port_set(value: Json, scope: Scope) -> PortSet:
    """Read a port, range, set or `@set` of them; raises ValueError and its like on anything else."""
    intervals: list[tuple[int, int]] = []
    for element in scope.elements(value):
        if isinstance(element, Mapping):
            low, high = (notation.port(str(part)) for part in element["range"])
            intervals.append((low, high))
        else:
            number = notation.port(str(element))
            intervals.append((number, number))
    return PortSet.of(*intervals)
