"""How an OpenWrt router is attached: its logical networks (`lan`, `wan`) with their devices and addresses.

From `/etc/config/network`, and, where it is in the evidence, from `ubus call network.interface dump`, which also knows
what DHCP and PPPoE gave (netifd).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from ipaddress import IPv4Interface, ip_address, ip_interface, ip_network

from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import Address, Interface, InterfaceAddress, Network, Route
from ringfence.readers.artifacts import Artifacts, content, decoded
from ringfence.readers.gateways.openwrt_uci import Document, Section

#: Protocols whose packets pass an interface of their own, named after the protocol and the logical network.
OWN_DEVICE = {
    "pppoe": "pppoe-", "pppoa": "pppoa-", "ppp": "ppp-", "pptp": "pptp-", "l2tp": "l2tp-", "3g": "3g-", "6in4": "6in4-",
    "6rd": "6rd-", "6to4": "6to4-", "dslite": "ds-", "map": "map-", "gre": "gre4-", "gretap": "gre4t-", "vti": "vti-",
    "wireguard": "", "vxlan": "", "openconnect": "vpn-", "sstp": "sstp-",
}  # fmt: skip
#: Protocols that ask the other side for an address, and so lead away from the site.
ASKING = frozenset({"dhcp", "pppoe", "pppoa", "ppp", "3g", "qmi", "mbim", "ncm", "modemmanager", "dhcpv6"})
#: Among those, modems name their device only when they run.
NAMED_LATE = frozenset({"qmi", "mbim", "ncm", "modemmanager"})
MAX_DUMP_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Logical:
    """One logical network; ``sure`` tells whether the device's name is known and not just assumed.

    ``device`` is None where there is none. ``asks`` tells that its address comes from the other side.
    """

    name: str
    device: str | None
    sure: bool = True
    addresses: tuple[InterfaceAddress, ...] = ()
    asks: bool = False
    default_route: bool = False
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """All logical networks by name; ``known`` is False where no network configuration is in the evidence.

    ``names_stand`` tells that then a logical network's name may stand for its interface: nothing else names one.
    """

    networks: Mapping[str, Logical]
    routes: tuple[Route, ...] = ()
    known: bool = True
    names_stand: bool = True

    def interfaces(self) -> tuple[Interface, ...]:
        """Give the devices with the addresses of all their networks."""
        found: dict[str, Interface] = {}
        for network in self.networks.values():
            if network.device is None:
                continue
            held = found.get(network.device)
            before = held.addresses if held is not None else ()
            place = held.citation if held is not None else network.citation
            addresses = tuple(dict.fromkeys((*before, *network.addresses)))
            found[network.device] = Interface(name=network.device, addresses=addresses, citation=place)
        return tuple(found.values())


def attach(document: Document, file: str, problems: list[Problem]) -> Attachment:
    """Read the sections of `/etc/config/network`."""
    sections = {section.name: section for section in document.of("interface") if section.name}
    networks: dict[str, Logical] = {}
    for name, section in sections.items():
        if section.first("disabled") != "1" and section.first("auto") != "0":
            networks[name] = _logical(section, sections, file, problems)
    routes = [route for kind in ("route", "route6") for route in _routes(document.of(kind), networks, file, problems)]
    for network in networks.values():
        if network.default_route and network.device is not None:
            target = ip_network("0.0.0.0/0")
            routes.append(Route(network=target, via=None, interface=network.device, citation=network.citation))
    return Attachment(networks=networks, routes=tuple(routes), known=bool(networks))


def _logical(section: Section, sections: Mapping[str, Section], file: str, problems: list[Problem]) -> Logical:
    place = Citation(file=file, line=section.line)
    proto = section.first("proto", "none")
    device, sure = _device(section, sections)
    addresses: list[InterfaceAddress] = []
    for option in ("ipaddr", "ip6addr"):
        for text in section.words(option):
            try:
                addresses.append(_address(text, section.first("netmask")))
            except ValueError:
                problems.append(Problem(citation=place, message=f"not an address of {section.name}; it was left out"))
    if proto not in {"static", "none", "wireguard"} | set(OWN_DEVICE):
        addresses = []  # an address left over from before
    asks = proto in ASKING
    leads_out = (asks and proto != "dhcpv6" and section.first("defaultroute", "1") != "0") or bool(
        section.first("gateway")
    )
    return Logical(
        name=section.name,
        device=device,
        sure=sure,
        addresses=tuple(addresses),
        asks=asks,
        default_route=leads_out,
        citation=place,
    )


def _device(section: Section, sections: Mapping[str, Section]) -> tuple[str | None, bool]:
    """Give the device that carries the packets of a logical network, and whether its name is known."""
    for _ in range(8):
        proto = section.first("proto", "none")
        if proto in OWN_DEVICE:
            return f"{OWN_DEVICE[proto]}{section.name}", True
        if proto in NAMED_LATE:
            return section.name, False
        given = section.words("device") or section.words("ifname")  # ifname: until OpenWrt 19.07
        if section.first("type") == "bridge":
            return f"br-{section.name}", True
        if not given:
            return None, True
        other = sections.get(given[0].removeprefix("@")) if given[0].startswith("@") else None
        if other is None:
            return given[0].removeprefix("@"), not given[0].startswith("@")
        section = other  # device '@wan': whatever carries that network
    return None, True


def _address(text: str, netmask: str) -> InterfaceAddress:
    if "/" in text:
        return ip_interface(text)
    found = ip_interface(text)
    return IPv4Interface(f"{text}/{netmask}") if netmask and found.version == 4 else found


def _routes(
    sections: Iterable[Section], networks: Mapping[str, Logical], file: str, problems: list[Problem]
) -> list[Route]:
    found: list[Route] = []
    for section in sections:
        place = Citation(file=file, line=section.line)
        network = networks.get(section.first("interface"))
        ignored = section.first("disabled") == "1" or section.first("table", "main") not in {"main", "254"}
        if network is None or network.device is None or ignored:
            continue
        try:
            target = section.first("target") or ("::/0" if section.kind == "route6" else "0.0.0.0/0")
            mask = section.first("netmask")
            prefix = ip_network(f"{target}/{mask}" if mask and "/" not in target else target, strict=False)
            via = ip_address(section.first("gateway")) if section.first("gateway") else None
        except ValueError:
            problems.append(Problem(citation=place, message="not a route; it was left out"))
            continue
        found.append(Route(network=prefix, via=via, interface=network.device, citation=place))
    return found


def is_dump(head: bytes) -> bool:
    """Tell whether this is the JSON of `ubus call network.interface dump`."""
    return head.lstrip()[:1] == b"{" and b'"interface"' in head[:200] and b'"l3_device"' in head


def read_dump(artifacts: Artifacts, name: str, problems: list[Problem]) -> Attachment:
    """Read `ubus call network.interface dump`: devices, addresses and routes as they are at run time."""
    place = Citation(file=name)
    networks: dict[str, Logical] = {}
    routes: list[Route] = []
    try:
        found = json.loads(decoded(content(artifacts, name, MAX_DUMP_BYTES)))["interface"]
        for one in found:
            device = one.get("l3_device") or one.get("device")
            network = Logical(
                name=str(one["interface"]),
                device=str(device) if device else None,
                addresses=tuple(_dumped(one)),
                asks=one.get("proto") in ASKING,
                citation=place,
            )
            networks[network.name] = network
            routes += _dumped_routes(one, network)
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        problems.append(Problem(citation=place, message="not the JSON of `ubus call network.interface dump`"))
    leading = {route.interface for route in routes if route.network.prefixlen == 0}
    return Attachment(
        networks={name: replace(one, default_route=one.device in leading) for name, one in networks.items()},
        routes=tuple(routes),
        known=bool(networks),
    )


def _dumped(one: Mapping[str, object]) -> list[InterfaceAddress]:
    found: list[InterfaceAddress] = []
    for key in ("ipv4-address", "ipv6-address"):
        found += [ip_interface(f"{entry['address']}/{entry['mask']}") for entry in _entries(one, key)]
    for entry in _entries(one, "ipv6-prefix-assignment"):
        local = entry.get("local-address")
        if isinstance(local, dict):
            found.append(ip_interface(f"{local['address']}/{local['mask']}"))
    return found


def _entries(one: Mapping[str, object], key: str) -> list[dict[str, object]]:
    entries = one.get(key)
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _dumped_routes(one: Mapping[str, object], network: Logical) -> list[Route]:
    found: list[Route] = []
    for entry in _entries(one, "route"):
        if network.device is None:
            continue
        prefix: Network = ip_network(f"{entry['target']}/{entry['mask']}", strict=False)
        hop: Address = ip_address(str(entry.get("nexthop", "0.0.0.0")))
        via = None if hop.is_unspecified else hop
        found.append(Route(network=prefix, via=via, interface=network.device, citation=network.citation))
    return found
