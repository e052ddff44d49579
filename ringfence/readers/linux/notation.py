"""How packet filters write addresses, ports and numbers: the part that iptables and nftables share."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from ringfence.model.addresses import MAX_PORT, AddressSet, PortSet

#: Hook priorities by name (nft(8)); iptables registers its tables at the same ones.
PRIORITIES = {"raw": -300, "mangle": -150, "dstnat": -100, "filter": 0, "security": 50, "srcnat": 100}

#: Names that tools print instead of numbers (/etc/services), as far as they matter around a phone system.
SERVICES = {
    "ftp": 21, "ssh": 22, "telnet": 23, "smtp": 25, "domain": 53, "bootps": 67, "bootpc": 68, "tftp": 69,
    "http": 80, "www": 80, "pop3": 110, "sunrpc": 111, "ntp": 123, "imap2": 143, "snmp": 161, "ldap": 389,
    "https": 443, "openvpn": 1194, "ms-sql-s": 1433, "mysql": 3306, "iax": 4569, "sip": 5060, "sip-tls": 5061,
    "xmpp-client": 5222, "postgresql": 5432, "http-alt": 8080,
}  # fmt: skip

PROTOCOL_NUMBERS = {
    "0": "all", "1": "icmp", "2": "igmp", "6": "tcp", "17": "udp", "33": "dccp", "41": "ipv6", "47": "gre", "50": "esp",
    "51": "ah", "58": "ipv6-icmp", "89": "ospf", "112": "vrrp", "132": "sctp", "136": "udplite", "icmpv6": "ipv6-icmp",
    "ipencap": "ipip",
}  # fmt: skip

#: The longest text of a rule that is kept.
MAX_RULE_CHARACTERS = 400


def protocol_name(text: str) -> str:
    """Give the one lower-case name of a protocol (``17`` and ``UDP`` are ``udp``)."""
    lower = text.lower()
    return PROTOCOL_NUMBERS.get(lower, lower)


def addresses(text: str) -> AddressSet:
    """Read ``10.0.0.0/8``, ``10.0.0.1-10.0.0.9``, ``10.0.0.0/255.0.0.0``; raises ValueError on anything else."""
    low, dash, high = text.strip().partition("-")
    if dash:
        return AddressSet.between(_address(low), _address(high))
    network = ip_network(low, strict=False)
    mask = low.partition("/")[2]
    if "." in mask and mask != str(network.netmask):
        raise ValueError(f"not a run of leading ones: {mask}")  # ipaddress would take 0.0.0.255 for a host mask
    return AddressSet.of(network)


def _address(text: str) -> IPv4Address | IPv6Address:
    return ip_address(text.strip().strip("[]"))


def port(text: str) -> int:
    """Read one port by number or well-known name; raises ValueError."""
    number = SERVICES[text] if text in SERVICES else int(text)
    if not 0 <= number <= MAX_PORT:
        raise ValueError(f"no port: {text}")
    return number


def ports(text: str, separator: str = ":") -> PortSet:
    """Read ``69``, ``10000:20000``, ``:1023``, ``1024:`` and lists of them; raises ValueError."""
    intervals: list[tuple[int, int]] = []
    for piece in text.split(","):
        low, dash, high = piece.strip().partition(separator)
        first = port(low) if low or not dash else 0
        last = (port(high) if high else MAX_PORT) if dash else first
        if first <= last:
            intervals.append((first, last))
    return PortSet.of(*intervals)


def number(text: str) -> int:
    """Read a 32-bit number, decimal or with 0x; raises ValueError."""
    value = int(text, 0)
    if not 0 <= value <= 0xFFFFFFFF:
        raise ValueError(f"not a 32-bit number: {text}")
    return value


def masked(text: str) -> tuple[int, int]:
    """Read ``0x1/0xff`` as value and mask; without a mask all bits count."""
    value, _, mask = text.partition("/")
    return number(value), number(mask) if mask else 0xFFFFFFFF


def shortened(text: str) -> str:
    """Bring a rule's text onto one line of bounded length."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_RULE_CHARACTERS else line[: MAX_RULE_CHARACTERS - 1] + "…"
