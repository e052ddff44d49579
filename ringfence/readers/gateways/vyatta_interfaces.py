"""How a Vyatta box is attached: interfaces, the rule sets on them, routes, and which side is the Internet."""

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface, ip_network

from ringfence.model.site import Interface, InterfaceAddress, Route
from ringfence.readers.gateways.vyatta_tree import Export, Node

#: Where a rule set is attached: the direction, `name` or `ipv6-name`, and the rule set's name.
Attachment = tuple[str, str, str]

DIRECTIONS = ("in", "out", "local")
#: Kinds of rule sets whose verdicts are read; `modify` only routes by policy.
FILTERS = ("name", "ipv6-name")
MAX_INTERFACES = 5_000
#: What admins call the zone outside.
OUTSIDE_ZONES = frozenset({"wan", "internet", "outside", "external", "untrust", "untrusted", "inet", "world"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Attached:
    """An interface: its fixed addresses, whether it asks for one, and the rule sets on it."""

    name: str
    node: Node
    addresses: tuple[InterfaceAddress, ...] = ()
    asks: bool = False
    default_route: bool = False
    rule_sets: tuple[Attachment, ...] = ()


def attached(export: Export) -> dict[str, Attached]:
    """Give all interfaces by the name that rules use (``eth0``, ``eth0.10``, ``pppoe0``, ``switch0.102``)."""
    found: dict[str, Attached] = {}
    for kind, named in export.root.below("interfaces"):
        for name, node in named.children.items():
            for one in _with_parts(export, kind, name, node, ()):
                if len(found) < MAX_INTERFACES:
                    found.setdefault(one.name, one)
    return found


def _with_parts(export: Export, kind: str, name: str, node: Node, above: tuple[str, ...]) -> Iterator[Attached]:
    yield _one(export, kind, name, node)
    for part in ("vif", "vif-s", "vif-c"):
        if part in above:
            continue
        for number, below in node.below(part):
            yield from _with_parts(export, kind, f"{name}.{number}", below, (*above, part))
    if kind != "pppoe" and "pppoe" not in above:
        for number, below in node.below("pppoe"):  # ethernet eth0 { pppoe 0 { … } } is pppoe0
            yield from _with_parts(export, "pppoe", f"pppoe{number}", below, (*above, "pppoe"))


def _one(export: Export, kind: str, name: str, node: Node) -> Attached:
    addresses: list[InterfaceAddress] = []
    asks = kind == "pppoe"
    for text in node.values("address"):
        if text in {"dhcp", "dhcpv6"}:
            asks = asks or text == "dhcp"
            continue
        try:
            addresses.append(ip_interface(text))
        except ValueError:
            export.problem(node.at("address", text), f"not an address of {name}; it was left out")
    off = node.has("disable")
    refused = "none" in node.values("default-route") or node.has("no-default-route")
    refused = refused or node.has("dhcp-options", "no-default-route")
    refused = refused or node.value("dhcp-options", "default-route") == "no-update"
    rule_sets = tuple(
        (direction, filtered, chain)
        for direction in DIRECTIONS
        for filtered in FILTERS
        for chain in node.values("firewall", direction, filtered)[-1:]
    )
    return Attached(
        name=name,
        node=node,
        addresses=() if off else tuple(addresses),
        asks=asks and not off,
        default_route=asks and not off and not refused,
        rule_sets=rule_sets,
    )


def interfaces(export: Export, found: dict[str, Attached]) -> tuple[Interface, ...]:
    """Give the interfaces as the site keeps them."""
    return tuple(
        Interface(name=one.name, addresses=one.addresses, citation=export.place(one.node)) for one in found.values()
    )


def routes(export: Export, found: dict[str, Attached]) -> tuple[Route, ...]:
    """Give the static routes, and where there is no static default the one that DHCP or PPPoE brings."""
    result: list[Route] = []
    for word in ("route", "route6", "interface-route", "interface-route6"):
        for text, node in export.root.below("protocols", "static", word):
            try:
                network = ip_network(text, strict=False)
            except ValueError:
                export.problem(node, "not a route; it was left out")
                continue
            for via, device in _ways(node, found):
                address = ip_address(via) if via else None
                result.append(Route(network=network, via=address, interface=device, citation=export.place(node)))
    for via, node in export.root.below("system", "gateway-address"):
        device = _towards(via, found)
        if device:
            place = export.place(node)
            result.append(Route(network=ip_network("0.0.0.0/0"), via=ip_address(via), interface=device, citation=place))
    if not any(route.network == ip_network("0.0.0.0/0") for route in result):
        result += (
            Route(network=ip_network("0.0.0.0/0"), via=None, interface=one.name, citation=export.place(one.node))
            for one in found.values()
            if one.default_route
        )
    return tuple(result)


def _ways(node: Node, found: dict[str, Attached]) -> Iterator[tuple[str, str]]:
    for via, hop in node.below("next-hop"):
        device = hop.value("interface") or _towards(via, found)
        if device and not hop.has("disable") and _is_address(via):
            yield via, device
    for word in ("next-hop-interface", "interface"):
        for device, hop in node.below(word):
            if not hop.has("disable"):
                yield "", device


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _towards(via: str, found: dict[str, Attached]) -> str:
    """Find the interface on whose network a next hop stands."""
    if not _is_address(via):
        return ""
    address = ip_address(via)
    fits = [
        (own.network.prefixlen, one.name) for one in found.values() for own in one.addresses if address in own.network
    ]
    return max(fits)[1] if fits else ""


def outside(export: Export, found: dict[str, Attached], ways: tuple[Route, ...]) -> frozenset[str]:
    """Tell which interfaces face the Internet, from what the export itself says, the surest sign first.

    A default route, the `wan-interface` of port forwards and a zone called WAN are sure; where there is none of them,
    an interface that forwards come in by and masqueraded connections leave by; then each of the two.
    """
    root = export.root
    sure = {route.interface for route in ways if route.network.prefixlen == 0}
    sure |= set(root.values("port-forward", "wan-interface"))
    for zones in (("zone-policy", "zone"), ("firewall", "zone")):
        for name, node in root.below(*zones):
            if name.lower() in OUTSIDE_ZONES:
                sure |= {*node.values("interface"), *node.values("member", "interface")}
    if sure:
        return frozenset(sure)
    inward = _named(root, "inbound-interface", ("nat", "destination", "rule"), ("service", "nat", "rule"))
    outward = _named(root, "outbound-interface", ("nat", "source", "rule"), ("service", "nat", "rule"))
    asking = {one.name for one in found.values() if one.asks}
    for candidates in (inward & outward, asking, inward or outward):
        if candidates:
            return frozenset(candidates)
    return frozenset()


def _named(root: Node, word: str, *paths: tuple[str, ...]) -> set[str]:
    names: set[str] = set()
    for path in paths:
        for _, rule in root.below(*path):
            values = (*rule.values(word, "name"), *rule.values(word)) if rule.has(word, "name") else rule.values(word)
            names |= {value for value in values if value not in {"any", "name", "group"} and not value.startswith("!")}
    return names
