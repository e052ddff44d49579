"""What names stand for in a FortiGate's configuration: addresses, services and schedules, with their groups."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from ipaddress import ip_address

from ringfence.model.addresses import MAX_PORT, AddressSet, PortSet
from ringfence.model.packetfilter import DestinationPort, Match, Protocol, SourcePort, Unsupported
from ringfence.readers.gateways import cisco_terms
from ringfence.readers.gateways.fortigate_text import Entry, Tree
from ringfence.readers.linux import notation

MAX_DEPTH = 50

#: Address types whose content is not in the file: it depends on DNS, a database, a login.
UNRESOLVED = frozenset({"fqdn", "geography", "wildcard-fqdn", "dynamic", "mac", "route-tag", "template"})

#: Services that every FortiGate has; a backup lists them too, an excerpt of one does not.
BUILT_IN = {
    "HTTP": (("tcp", 80),), "HTTPS": (("tcp", 443),), "SSH": (("tcp", 22),), "TELNET": (("tcp", 23),),
    "FTP": (("tcp", 21),), "TFTP": (("udp", 69),), "DNS": (("tcp", 53), ("udp", 53)),
    "NTP": (("tcp", 123), ("udp", 123)),
    "SIP": (("tcp", 5060), ("udp", 5060)), "SNMP": (("tcp", 161), ("tcp", 162), ("udp", 161), ("udp", 162)),
    "SMTP": (("tcp", 25),), "SMTPS": (("tcp", 465),), "POP3": (("tcp", 110),), "IMAP": (("tcp", 143),),
    "IMAPS": (("tcp", 993),), "RDP": (("tcp", 3389),), "MYSQL": (("tcp", 3306),), "LDAP": (("tcp", 389),),
    "SYSLOG": (("udp", 514),), "DHCP": (("udp", 67), ("udp", 68)), "RTSP": (("tcp", 554), ("tcp", 7070), ("tcp", 8554),
    ("udp", 554)), "SIP-MSNmessenger": (("tcp", 1863),), "IKE": (("udp", 500), ("udp", 4500)),
    "L2TP": (("tcp", 1701), ("udp", 1701)), "PPTP": (("tcp", 1723),), "SMB": (("tcp", 445),),
}  # fmt: skip
WHOLE_PROTOCOLS = {
    "ALL": None, "ANY": None, "ALL_TCP": "tcp", "ALL_UDP": "udp", "ALL_ICMP": "icmp", "ALL_ICMP6": "ipv6-icmp",
    "PING": "icmp", "GRE": "gre", "ESP": "esp", "AH": "ah", "OSPF": "ospf",
}  # fmt: skip
WEEK = frozenset({"sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Addresses, what could not be read as addresses, and the virtual IPs among the names."""

    addresses: AddressSet = field(default_factory=AddressSet)
    unread: tuple[str, ...] = ()
    virtual: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Objects:
    """The tables of names of one IP version."""

    version: int
    addresses: dict[str, Entry]
    groups: dict[str, Entry]
    virtual: dict[str, Entry]
    virtual_groups: dict[str, Entry]
    services: dict[str, Entry]
    service_groups: dict[str, Entry]
    recurring: dict[str, Entry]
    _known: dict[str, Hosts] = field(default_factory=dict)
    _services: dict[str, tuple[tuple[Match, ...], ...]] = field(default_factory=dict)
    _depth: int = 0

    def hosts(self, names: tuple[str, ...]) -> Hosts:
        """Give what a list of names stands for."""
        return _united(self._named(name) for name in names)

    def _named(self, name: str) -> Hosts:
        if name not in self._known:
            self._known[name] = Hosts(unread=(name,))  # for a group inside itself
            self._depth += 1
            if self._depth <= MAX_DEPTH:
                self._known[name] = self._resolved(name)
            self._depth -= 1
        return self._known[name]

    def _resolved(self, name: str) -> Hosts:
        if name in self.virtual:
            return Hosts(virtual=(name,))
        if name in self.virtual_groups:
            return self.hosts(self.virtual_groups[name].all("member"))
        if name in self.groups:
            return self._group(self.groups[name])
        if name in self.addresses:
            try:
                return Hosts(addresses=self._address(self.addresses[name]))
            except ValueError:
                return Hosts(unread=(name,))
        if name == "all":
            return Hosts(addresses=self.everything)
        return Hosts() if name == "none" else Hosts(unread=(name,))

    def _group(self, group: Entry) -> Hosts:
        members = self.hosts(group.all("member"))
        if not group.is_on("exclude"):
            return members
        excluded = self.hosts(group.all("exclude-member"))
        if members.unread or members.virtual or excluded.unread or excluded.virtual:
            return Hosts(unread=(group.name,))  # of nothing is it known that it is in
        return Hosts(addresses=members.addresses - excluded.addresses)

    @property
    def everything(self) -> AddressSet:
        """All addresses of the version."""
        return AddressSet.all_ipv4() if self.version == 4 else AddressSet.all_ipv6()

    def _address(self, entry: Entry) -> AddressSet:
        """Read one address object; raises ValueError where the file does not tell its addresses."""
        kind = entry.get("type", "ipmask" if self.version == 4 else "ipprefix")
        if kind in UNRESOLVED:
            raise ValueError(kind)
        if kind == "iprange":
            return AddressSet.between(ip_address(entry.get("start-ip")), ip_address(entry.get("end-ip")))
        if self.version == 6:
            return AddressSet.of(entry.get("ip6", "::/0"))
        if kind == "wildcard":
            address, mask = entry.all("wildcard")[:2]
            return cisco_terms.netmask(address, mask)
        if kind == "interface-subnet" and "subnet" not in entry.values:
            raise ValueError(kind)
        subnet = entry.all("subnet") or ("0.0.0.0", "0.0.0.0")  # `edit "all"` says nothing more
        return AddressSet.of(subnet[0]) if len(subnet) == 1 else cisco_terms.netmask(subnet[0], subnet[1])

    def service_alternatives(self, names: tuple[str, ...]) -> list[tuple[Match, ...]]:
        """Give the alternatives that a list of services stands for; ports of one protocol are united."""
        ports: dict[str, PortSet] = {}
        others: list[tuple[Match, ...]] = []
        for name in names:
            for matches in self._service(name):
                match matches:
                    case (Protocol(names=protocols), DestinationPort(ports=asked)) if len(protocols) == 1:
                        (protocol,) = protocols
                        ports[protocol] = ports.get(protocol, PortSet()) | asked
                    case _:
                        others.append(matches)
        united: list[tuple[Match, ...]] = [
            (Protocol(names=frozenset({name})), DestinationPort(ports=asked)) for name, asked in ports.items()
        ]
        return [*united, *dict.fromkeys(others)]

    def _service(self, name: str) -> tuple[tuple[Match, ...], ...]:
        if name not in self._services:
            self._services[name] = ((Unsupported(text=f"service {name}"),),)
            self._depth += 1
            if self._depth <= MAX_DEPTH:
                self._services[name] = tuple(dict.fromkeys(self._service_resolved(name)))
            self._depth -= 1
        return self._services[name]

    def _service_resolved(self, name: str) -> Iterator[tuple[Match, ...]]:
        if name in self.service_groups:
            for member in self.service_groups[name].all("member"):
                if member != name:
                    yield from self._service(member)
        elif name in self.services:
            try:
                yield from list(_custom(self.services[name]))
            except ValueError:
                yield (Unsupported(text=f"service {name}"),)
        elif name in BUILT_IN:
            for protocol, port in BUILT_IN[name]:
                yield (Protocol(names=frozenset({protocol})), DestinationPort(ports=PortSet.of(port)))
        elif name in WHOLE_PROTOCOLS:
            whole = WHOLE_PROTOCOLS[name]
            yield () if whole is None else (Protocol(names=frozenset({whole})),)
        else:
            yield (Unsupported(text=f"service {name}"),)

    def schedule(self, name: str) -> tuple[Match, ...] | None:
        """Give the condition that a schedule sets: none for always, an uncertain one else; None for never."""
        if name in {"", "always"}:
            return ()
        if name == "none":
            return None
        entry = self.recurring.get(name)
        if entry is not None and set(entry.all("day")) >= WEEK and not {"start", "end"} & set(entry.values):
            return ()
        return (Unsupported(text=f"schedule {name}"),)


def _united(parts: Iterable[Hosts]) -> Hosts:
    found = tuple(parts)
    return Hosts(
        addresses=AddressSet.union(part.addresses for part in found),
        unread=tuple(dict.fromkeys(name for part in found for name in part.unread)),
        virtual=tuple(dict.fromkeys(name for part in found for name in part.virtual)),
    )


def _custom(entry: Entry) -> Iterator[tuple[Match, ...]]:
    """Read `set tcp-portrange 8001-8004 5060:1024-65535`; raises ValueError."""
    narrowed = any(key in entry.values for key in ("iprange", "fqdn", "app-service-type", "application"))
    doubts = (Unsupported(text=f"service {entry.name}"),) if narrowed or entry.is_on("proxy") else ()
    kind = entry.get("protocol", "TCP/UDP/SCTP").upper()
    if kind == "IP":
        number = entry.get("protocol-number", "0")
        names = () if number == "0" else (Protocol(names=frozenset({notation.protocol_name(number)})),)
        yield (*names, *doubts)
        return
    if kind in {"ICMP", "ICMP6"}:
        yield (Protocol(names=frozenset({"icmp" if kind == "ICMP" else "ipv6-icmp"})), *doubts)
        return
    seen = False
    for protocol in ("tcp", "udp", "sctp"):
        for text in entry.all(f"{protocol}-portrange"):
            seen = True
            destination, colon, source = text.partition(":")
            matches: tuple[Match, ...] = (
                Protocol(names=frozenset({protocol})),
                DestinationPort(ports=ports(destination)),
            )
            sources = ports(source) if colon else None
            if sources is not None and len(sources) < MAX_PORT:
                matches = (*matches, SourcePort(ports=sources))
            yield (*matches, *doubts)
    if not seen:
        raise ValueError("no ports")


def ports(text: str) -> PortSet:
    """Read `5060` and `10000-20000`; raises ValueError."""
    found = notation.ports(text, separator="-")
    if not found:
        raise ValueError(f"no port: {text[:40]!r}")
    return found


def objects(tree: Tree, version: int) -> Objects:
    """Collect the tables of names for one IP version."""
    six = "6" if version == 6 else ""

    def named(path: str) -> dict[str, Entry]:
        return {entry.name: entry for entry in tree.table(path)}

    return Objects(
        version=version,
        addresses=named(f"firewall address{six}"),
        groups=named(f"firewall addrgrp{six}"),
        virtual=named(f"firewall vip{six}"),
        virtual_groups=named(f"firewall vipgrp{six}"),
        services=named("firewall service custom"),
        service_groups=named("firewall service group"),
        recurring=named("firewall schedule recurring"),
    )
