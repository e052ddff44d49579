"""How Cisco writes addresses, ports and protocols: masks of either kind, operators, names."""

from dataclasses import dataclass
from ipaddress import IPv4Address

from ringfence.model.addresses import MAX_IPV4, MAX_PORT, AddressSet, PortSet
from ringfence.model.packetfilter import DestinationPort, Match, Protocol, SourcePort, Unsupported
from ringfence.readers.linux import notation

#: Port names of IOS and ASA (`show running-config` prints them in place of the numbers).
PORTS = {
    "aol": 5190, "bgp": 179, "biff": 512, "bootpc": 68, "bootps": 67, "chargen": 19, "cifs": 3020, "citrix-ica": 1494,
    "cmd": 514, "ctiqbe": 2748, "daytime": 13, "discard": 9, "dnsix": 195, "domain": 53, "drip": 3949, "echo": 7,
    "exec": 512, "finger": 79, "ftp": 21, "ftp-data": 20, "gopher": 70, "h323": 1720, "hostname": 101, "http": 80,
    "https": 443, "ident": 113, "imap4": 143, "irc": 194, "isakmp": 500, "kerberos": 750, "klogin": 543, "kshell": 544,
    "ldap": 389, "ldaps": 636, "login": 513, "lotusnotes": 1352, "lpd": 515, "mobile-ip": 434, "msrpc": 135,
    "nameserver": 42, "netbios-dgm": 138, "netbios-ns": 137, "netbios-ss": 139, "netbios-ssn": 139, "nfs": 2049,
    "nntp": 119, "non500-isakmp": 4500, "ntp": 123, "pcanywhere-data": 5631, "pcanywhere-status": 5632,
    "pim-auto-rp": 496, "pop2": 109, "pop3": 110, "pptp": 1723, "radius": 1645, "radius-acct": 1646, "rip": 520,
    "rsh": 514, "rtsp": 554, "secureid-udp": 5510, "sip": 5060, "smtp": 25, "snmp": 161, "snmptrap": 162,
    "sqlnet": 1521, "ssh": 22, "sunrpc": 111, "syslog": 514, "tacacs": 49, "tacacs-ds": 65, "talk": 517, "telnet": 23,
    "tftp": 69, "time": 37, "uucp": 540, "vxlan": 4789, "who": 513, "whois": 43, "www": 80, "xdmcp": 177,
}  # fmt: skip

#: Contiguous runs of addresses that one mask with holes may stand for.
MOST_RUNS = 4096
OPERATORS = frozenset({"eq", "neq", "gt", "lt", "range"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """Protocols with their ports; None leaves one open. ``unread`` is what could not be interpreted."""

    protocols: frozenset[str] | None = None
    source_ports: PortSet | None = None
    ports: PortSet | None = None
    unread: str = ""

    def matches(self) -> tuple[Match, ...]:
        """Give the conditions of a rule."""
        found: list[Match] = []
        if self.protocols is not None:
            found.append(Protocol(names=self.protocols))
        if self.source_ports is not None:
            found.append(SourcePort(ports=self.source_ports))
        if self.ports is not None:
            found.append(DestinationPort(ports=self.ports))
        if self.unread:
            found.append(Unsupported(text=self.unread))
        return tuple(found)


def protocols(text: str) -> frozenset[str] | None:
    """Give the protocols of a name or number, None for all of them; raises ValueError on a number out of range."""
    lower = text.lower()
    if lower in {"ip", "ipv4"}:
        return None
    if lower == "tcp-udp":
        return frozenset({"tcp", "udp"})
    if lower.isdecimal() and not 0 <= int(lower) <= 255:
        raise ValueError(f"no protocol: {text}")
    name = notation.protocol_name(lower)
    return None if lower == "0" else frozenset({{"ahp": "ah", "icmp6": "ipv6-icmp"}.get(name, name)})


def port(text: str) -> int:
    """Read a port by number or name; raises ValueError."""
    found = PORTS.get(text.lower())
    number = int(text) if found is None else found
    if not 0 <= number <= MAX_PORT:
        raise ValueError(f"no port: {text}")
    return number


def ports(operator: str, words: tuple[str, ...]) -> tuple[PortSet, int]:
    """Read what follows an operator, and how many words that took; `eq` of IOS takes up to ten ports."""
    if not words:
        raise ValueError(f"{operator} without a port")
    first = port(words[0])
    match operator:
        case "range":
            if len(words) < 2:
                raise ValueError("range without an end")
            low, high = sorted((first, port(words[1])))
            return PortSet.of((low, high)), 2
        case "gt":
            return PortSet.of((first + 1, MAX_PORT)) if first < MAX_PORT else PortSet(), 1
        case "lt":
            return PortSet.of((0, first - 1)) if first else PortSet(), 1
        case _:
            found = [first]
            for word in words[1:]:
                if not (word.isdecimal() or word.lower() in PORTS):
                    break
                found.append(port(word))
            several = PortSet.of(*found)
            return (~several if operator == "neq" else several), len(found)


def wildcard(address: str, mask: str) -> AddressSet:
    """Give the addresses of an IOS access list: bits that are set in the mask do not count, wherever they stand.

    Raises ValueError on what is no address, and on masks that make more than ``MOST_RUNS`` runs of addresses.
    """
    return _loose(int(IPv4Address(address)), int(IPv4Address(mask)))


def netmask(address: str, mask: str) -> AddressSet:
    """Give the addresses of a network with its mask; raises ValueError as above."""
    return _loose(int(IPv4Address(address)), MAX_IPV4 & ~int(IPv4Address(mask)))


def _loose(address: int, free: int) -> AddressSet:
    tail = (1 << _trailing_ones(free)) - 1
    holes = [1 << bit for bit in range(32) if (free & ~tail) >> bit & 1]
    if len(holes) > MOST_RUNS.bit_length() - 1:
        raise ValueError("a mask with too many holes")
    starts = [address & ~free & MAX_IPV4]
    for hole in holes:
        starts += [start | hole for start in starts]
    return AddressSet.union(AddressSet(ipv4=((start, start | tail),)) for start in starts)


def _trailing_ones(number: int) -> int:
    count = 0
    while number >> count & 1:
        count += 1
    return count
