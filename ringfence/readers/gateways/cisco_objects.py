"""What names stand for in a Cisco configuration: objects, nested object groups, and ASA's `name` aliases."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from ipaddress import IPv4Address, ip_address

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways import cisco_terms
from ringfence.readers.gateways.cisco_lines import Statement
from ringfence.readers.gateways.cisco_terms import OPERATORS, Service

MAX_DEPTH = 50
#: Services that one group may come to.
MOST_SERVICES = 2000
SERVICE_KINDS = frozenset({"service", "protocol", "icmp-type"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Addresses, and what besides them could not be read as addresses (a name to resolve, a user, a missing group)."""

    addresses: AddressSet = field(default_factory=AddressSet)
    unread: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Objects:
    """All named things; ``wildcards`` tells IOS's inverted masks from ASA's."""

    wildcards: bool
    networks: dict[str, list[Statement]] = field(default_factory=dict)
    services: dict[str, list[Statement]] = field(default_factory=dict)
    #: Ports' protocol of `object-group service NAME tcp`.
    defaults: dict[str, str] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    interfaces: dict[str, AddressSet] = field(default_factory=dict)
    _hosts: dict[str, Hosts] = field(default_factory=dict)
    _services: dict[str, tuple[Service, ...]] = field(default_factory=dict)
    _depth: int = 0

    def declare(self, statement: Statement) -> bool:
        """Take in `object …`, `object-group …` or `name …`; False where the statement is none of these."""
        words = statement.words
        if words[0] == "name" and len(words) >= 3 and not self.wildcards:  # name 192.168.10.5 pbx
            self.aliases[words[2]] = words[1]
            return True
        if words[0] not in {"object", "object-group"} or len(words) < 3:
            return False
        kind, name = words[1], words[2]
        if kind == "ip" and len(words) > 3:
            kind, name = words[2], words[3]
        table = self.services if kind in SERVICE_KINDS else self.networks
        table.setdefault(name, []).extend(statement.below)
        if kind == "service" and len(words) > 3:
            self.defaults[name] = words[3]
        return True

    def address(self, text: str) -> IPv4Address:
        """Read an address or its alias; raises ValueError."""
        return IPv4Address(self.aliases.get(text, text))

    def masked(self, address: str, mask: str) -> AddressSet:
        """Read an address with an ordinary netmask; `0` stands for 0.0.0.0 on PIX. Raises ValueError."""
        base = "0.0.0.0" if address == "0" else str(self.address(address))
        return cisco_terms.netmask(base, "0.0.0.0" if mask == "0" else mask)

    def hosts(self, name: str) -> Hosts:
        """Give what an object or network group stands for; a group inside itself is not read."""
        if name not in self._hosts:
            self._hosts[name] = Hosts(unread=(f"object {name}",))
            self._depth += 1
            if name in self.networks and self._depth <= MAX_DEPTH:
                self._hosts[name] = self._members(name)
            self._depth -= 1
        return self._hosts[name]

    def _members(self, name: str) -> Hosts:
        found: list[AddressSet] = []
        unread: list[str] = []
        for statement in self.networks[name]:
            words = statement.words[1:] if statement.words[0].isdecimal() else statement.words
            try:
                part = self._member(words)
            except (ValueError, IndexError):
                part = Hosts(unread=(statement.text,))
            found.append(part.addresses)
            unread += part.unread
        return Hosts(addresses=AddressSet.union(found), unread=tuple(dict.fromkeys(unread)))

    def _member(self, words: tuple[str, ...]) -> Hosts:
        match words:
            case ("description" | "nat" | "remark", *_):
                return Hosts()
            case ("network-object", *rest):
                return self._member(tuple(rest))
            case ("group-object" | "object", name, *_):
                return self.hosts(name)
            case ("host", text, *_):
                address = ip_address(self.aliases.get(text, text))
                return Hosts(addresses=AddressSet.of(address))
            case ("range", low, high, *_):
                return Hosts(addresses=AddressSet.between(self.address(low), self.address(high)))
            case ("any", *_):
                return Hosts(addresses=AddressSet.everything())
            case ("subnet", *rest):
                return self._member(tuple(rest))
            case (text,):
                return Hosts(addresses=AddressSet.of(text))  # 2001:db8::/32, 192.0.2.0/24
            case (address, mask, *_):
                bits = mask if mask.startswith("/") else ""
                return Hosts(addresses=AddressSet.of(f"{address}{bits}") if bits else self.masked(address, mask))
            case _:
                raise ValueError("no member")

    def service(self, name: str) -> tuple[Service, ...]:
        """Give the alternatives that a service object, service group or protocol group stands for."""
        if name not in self._services:
            self._services[name] = (Service(unread=f"service {name}"),)
            self._depth += 1
            if name in self.services and self._depth <= MAX_DEPTH:
                self._services[name] = self._service_members(name)
            self._depth -= 1
        return self._services[name]

    def _service_members(self, name: str) -> tuple[Service, ...]:
        default = self.defaults.get(name, "")
        found: list[Service] = []
        for statement in self.services[name]:
            if len(found) > MOST_SERVICES:
                return (Service(unread=f"service {name}"),)
            words = statement.words[1:] if statement.words[0].isdecimal() else statement.words
            try:
                found += self._service_member(words, default)
            except (ValueError, IndexError):
                found.append(Service(unread=statement.text))
        return tuple(merged(found))

    def _service_member(self, words: tuple[str, ...], default: str) -> tuple[Service, ...]:
        match words:
            case ("description" | "remark", *_):
                return ()
            case ("group-object", name, *_) | ("service-object", "object", name, *_):
                return self.service(name)
            case ("port-object", operator, *rest):
                allowed, _ = cisco_terms.ports(operator, tuple(rest))
                names = cisco_terms.protocols(default) if default else None
                return (Service(protocols=names, ports=allowed),)
            case ("service-object" | "service", *rest):
                return (self._terms(tuple(rest)),)
            case ("protocol-object", name, *_):
                return (Service(protocols=cisco_terms.protocols(name)),)
            case ("icmp-object", *_):
                return (Service(protocols=frozenset({"icmp"})),)
            case _:
                return (self._terms(words),)

    def _terms(self, words: tuple[str, ...]) -> Service:
        """Read `udp source gt 1023 destination eq 5060`, or IOS's `udp eq 5060`; raises ValueError."""
        protocols = cisco_terms.protocols(words[0])
        source: PortSet | None = None
        asked: PortSet | None = None
        position = 1
        if protocols is not None and not protocols & {"tcp", "udp", "sctp"}:
            return Service(protocols=protocols)
        while position < len(words):
            side = words[position] if words[position] in {"source", "destination"} else "destination"
            position += words[position] in {"source", "destination"}
            if words[position] in OPERATORS:
                allowed, used = cisco_terms.ports(words[position], words[position + 1 :])
                position += 1 + used
            else:
                allowed, position = PortSet.of(cisco_terms.port(words[position])), position + 1
            if side == "source":
                source = allowed
            else:
                asked = allowed
        return Service(protocols=protocols, source_ports=source, ports=asked)


def merged(services: Iterable[Service]) -> list[Service]:
    """Unite the destination ports of services that are otherwise alike: a long group makes few rules."""
    found: dict[tuple[frozenset[str] | None, PortSet | None, str, bool], Service] = {}
    for one in services:
        key = (one.protocols, one.source_ports, one.unread, one.ports is None)
        known = found.get(key)
        if known is not None and known.ports is not None and one.ports is not None:
            one = Service(  # noqa: PLW2901 - the union takes its place
                protocols=one.protocols, source_ports=one.source_ports, unread=one.unread, ports=known.ports | one.ports
            )
        found[key] = one
    return list(found.values())
