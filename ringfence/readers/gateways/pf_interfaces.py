"""The interfaces of a pfSense or OPNsense configuration: what rules call them, their addresses, groups and routes.

Interfaces keep the names of the configuration (``wan``, ``lan``, ``opt3``), as rules use them.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Interface, IPv6Interface, ip_address, ip_interface, ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import Address, Interface, InterfaceAddress, Network, Route
from ringfence.readers.gateways.pf_tables import Addresses
from ringfence.readers.gateways.pf_xml import Node

#: What stands in `ipaddr` of a line to a provider that brings its own address and default route.
FROM_PROVIDER = frozenset({"dhcp", "pppoe", "pptp", "l2tp", "ppp"})
FROM_PROVIDER_IPV6 = frozenset({"dhcp6", "slaac", "6rd", "6to4", "pppoev6"})
TUNNELS = ("ovpn", "ipsec", "tun_wg", "wg", "gif", "gre", "tailscale", "zt")

#: Names that rules may use without an interface of their own, and how the devices of theirs begin.
VIRTUAL: Mapping[str, tuple[str, ...]] = {
    "openvpn": ("ovpn",),
    "enc0": (),
    "ipsec": (),
    "wireguard": ("wg", "tun_wg"),
    "l2tp": (),
    "pppoe": (),
    "pptp": (),
}
MAX_INTERFACES = 2_000

Flag = Callable[[Node, str], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """One interface; ``dynamic`` are the IP versions whose addresses are not in the file (DHCP, PPPoE, tracking)."""

    name: str
    device: str
    title: str
    addresses: tuple[InterfaceAddress, ...] = ()
    virtual_addresses: tuple[InterfaceAddress, ...] = ()
    dynamic: frozenset[int] = frozenset()
    has_gateway: bool = False
    is_outside: bool = False
    blocks_private: bool = False
    blocks_bogons: bool = False
    citation: Citation

    def has_address(self, version: int) -> bool:
        """Tell whether the interface has an address of that IP version, known or not."""
        return version in self.dynamic or any(one.version == version for one in self.addresses)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interfaces:
    """All interfaces that are in use, and the groups by their name, in the order of evaluation."""

    attached: Mapping[str, Attached]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def members(self, name: str) -> frozenset[str] | None:
        """Give the interfaces that a rule on ``name`` watches; None where there is no such interface."""
        if name in self.groups:
            return frozenset(one for one in self.groups[name] if one in self.attached)
        if name in self.attached:
            return frozenset({name})
        if name.lower() in VIRTUAL:
            devices = VIRTUAL[name.lower()]
            own = {one.name for one in self.attached.values() if devices and one.device.startswith(devices)}
            return frozenset({name, *own})
        return None

    def network(self, name: str, version: int) -> Addresses | None:
        """Give the networks on an interface or group; None where it has no address of that IP version."""
        members = [self.attached[one] for one in sorted(self.members(name) or ()) if one in self.attached]
        nets = [
            one.network
            for member in members
            for one in (*member.addresses, *member.virtual_addresses)
            if one.version == version
        ]
        unknown = [member.name for member in members if version in member.dynamic]
        if not nets and not unknown:
            return None
        why = f"the IPv{version} network of {unknown[0]} is not in the file" if unknown else ""
        return Addresses(known=AddressSet.of(*nets), complete=not unknown, why=why)

    def address(self, name: str, version: int) -> Addresses | None:
        """Give the address of an interface; incomplete where the file leaves it open, None where it has none."""
        found = self.attached.get(name)
        if found is None or not found.has_address(version):
            return None
        if version in found.dynamic:
            return Addresses(complete=False, why=f"the address of {name} is not in the file")
        known = [one.ip for one in found.addresses if one.version == version]
        return Addresses(known=AddressSet.of(*known[:1]))

    def outside(self) -> frozenset[str]:
        """Name the interfaces towards the Internet."""
        return frozenset(one.name for one in self.attached.values() if one.is_outside)

    def as_model(self) -> tuple[Interface, ...]:
        """Give the interfaces with the addresses that are known."""
        return tuple(
            Interface(name=one.name, addresses=(*one.addresses, *one.virtual_addresses), citation=one.citation)
            for one in self.attached.values()
        )


def read(root: Node, file: str, flag: Flag, problems: list[Problem]) -> Interfaces:
    """Read interfaces, virtual addresses and groups; ``flag`` tells how the product writes a switch that is on."""
    section = root.child("interfaces")
    attached: dict[str, Attached] = {}
    for node in (section.children if section is not None else [])[:MAX_INTERFACES]:
        # wan and lan of old versions have no switch: they are always on
        if node.tag not in attached and (node.has("enable") or node.tag in {"wan", "lan"}):
            if node.child("virtual") is not None and node.value("if") in {"lo0", node.tag}:
                continue  # loopback, and OPNsense's copies of groups
            attached[node.tag] = _attached(node, file, flag, _virtual_addresses(root, node.tag), problems)
    groups: dict[str, tuple[str, ...]] = {}
    entries = root.child("ifgroups")
    for entry in entries.every("ifgroupentry") if entries is not None else ():
        name = entry.value("ifname")
        if name:
            groups[name] = tuple(entry.value("members").replace(",", " ").split())
    return Interfaces(attached=attached, groups=groups)


def _attached(
    node: Node, file: str, flag: Flag, virtual: tuple[InterfaceAddress, ...], problems: list[Problem]
) -> Attached:
    place = Citation(file=file, line=node.line)
    found: list[InterfaceAddress] = []
    dynamic: set[int] = set()
    for version, key, bits in ((4, "ipaddr", "subnet"), (6, "ipaddrv6", "subnetv6")):
        text = node.value(key)
        address = _interface(text, node.value(bits), version)
        if address is not None:
            found.append(address)
        elif text and text != "none":
            dynamic.add(version)
            if not text.replace("-", "").isalnum():
                message = f"the IPv{version} address of {node.tag} was not understood; it is taken as not known"
                problems.append(Problem(citation=place, message=message))
    device = node.value("if")
    tunnel = device.startswith(TUNNELS)
    provided = node.value("ipaddr") in FROM_PROVIDER or node.value("ipaddrv6") in FROM_PROVIDER_IPV6
    gateways = [text for text in (node.value("gateway"), node.value("gatewayv6")) if text and text != "none"]
    uplink = not tunnel and (bool(gateways) or (provided and node.tag != "lan"))
    return Attached(
        name=node.tag,
        device=device,
        title=node.value("descr"),
        addresses=tuple(found),
        virtual_addresses=virtual,
        dynamic=frozenset(dynamic),
        has_gateway=bool(gateways) or provided,
        is_outside=node.tag == "wan" or uplink,
        blocks_private=flag(node, "blockpriv"),
        blocks_bogons=flag(node, "blockbogons"),
        citation=place,
    )


def _virtual_addresses(root: Node, name: str) -> tuple[InterfaceAddress, ...]:
    section = root.child("virtualip")
    found: list[InterfaceAddress] = []
    for vip in section.every("vip") if section is not None else ():
        if vip.value("interface") == name:
            for version in (4, 6):
                address = _interface(vip.value("subnet"), vip.value("subnet_bits"), version)
                found += [address] if address is not None else []
    return tuple(found)


def _interface(text: str, bits: str, version: int) -> InterfaceAddress | None:
    try:
        found = ip_interface(f"{text}/{bits}" if bits else text)
    except ValueError:
        return None
    return found if found.version == version and isinstance(found, IPv4Interface | IPv6Interface) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _NextHop:
    interface: str
    address: Address | None
    is_default: bool
    version: int
    citation: Citation


def routes(root: Node, file: str, interfaces: Interfaces, flag: Flag) -> tuple[Route, ...]:
    """Read static routes and the default route; a provider's line without a gateway in the file has one as well."""
    hops = dict(_next_hops(root, file, flag))
    found: list[Route] = []
    section = root.child("staticroutes")
    for node in section.every("route") if section is not None else ():
        hop = hops.get(node.value("gateway"))
        target = _network(node.value("network"))
        if hop is not None and target is not None and not flag(node, "disabled"):
            place = Citation(file=file, line=node.line)
            found.append(Route(network=target, via=hop.address, interface=hop.interface, citation=place))
    for version, everywhere, key in ((4, "0.0.0.0/0", "defaultgw4"), (6, "::/0", "defaultgw6")):
        network = ip_network(everywhere)
        default = _default(root, hops, interfaces, version, key)
        if default is not None:
            found.append(
                Route(network=network, via=default.address, interface=default.interface, citation=default.citation)
            )
        else:
            provided = next((one for one in _uplinks(interfaces) if one.has_address(version)), None)
            if provided is not None:
                found.append(Route(network=network, via=None, interface=provided.name, citation=provided.citation))
    return tuple(found)


def _uplinks(interfaces: Interfaces) -> list[Attached]:
    outside = [one for one in interfaces.attached.values() if one.is_outside]
    return sorted(outside, key=lambda one: one.name != "wan")


def _next_hops(root: Node, file: str, flag: Flag) -> Iterator[tuple[str, _NextHop]]:
    for section in (root.child("gateways"), root.at("opnsense/gateways")):
        for item in section.every("gateway_item") if section is not None else ():
            text = item.value("gateway")
            try:
                address: Address | None = ip_address(text)
            except ValueError:
                address = None  # `dynamic`
            yield (
                item.value("name"),
                _NextHop(
                    interface=item.value("interface"),
                    address=address,
                    is_default=flag(item, "defaultgw"),
                    version=6 if item.value("ipprotocol") == "inet6" or ":" in text else 4,
                    citation=Citation(file=file, line=item.line),
                ),
            )


def _default(
    root: Node, hops: Mapping[str, _NextHop], interfaces: Interfaces, version: int, key: str
) -> _NextHop | None:
    section = root.child("gateways")
    named = section.value(key) if section is not None else ""
    if named in hops:
        return hops[named]
    mine = [hop for hop in hops.values() if hop.version == version and hop.interface in interfaces.outside()]
    return next((hop for hop in mine if hop.is_default), None) or next(
        (hop for hop in sorted(mine, key=lambda hop: hop.interface != "wan")), None
    )


def _network(text: str) -> Network | None:
    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None
