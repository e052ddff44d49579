"""How a RouterOS box is attached: interfaces, interface lists, routes, and which side its export calls the Internet."""

from collections.abc import Iterator
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_interface, ip_network

from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import Interface, InterfaceAddress, Route
from ringfence.readers.gateways.mikrotik_items import Configuration, Item
from ringfence.readers.gateways.mikrotik_match import InterfaceList

DEFAULT_IPV4 = ip_network("0.0.0.0/0")
DEFAULT_IPV6 = ip_network("::/0")
#: The list that defconf makes for the Internet side; admins keep its name.
OUTSIDE_LIST = "wan"
#: Lists may include lists; deeper nesting is not followed.
MAX_NESTING = 8


def interfaces(configuration: Configuration, file: str, problems: list[Problem]) -> tuple[Interface, ...]:
    """Give all interfaces with an address of their own, or with one that DHCP or PPPoE gives them."""
    found: dict[str, list[InterfaceAddress]] = {}
    places: dict[str, Citation] = {}
    for menu in ("ip address", "ipv6 address"):
        for item in configuration.enabled(menu):
            name = item.properties.get("interface", "")
            place = Citation(file=file, line=item.line)
            if not name or "from-pool" in item.properties:  # `::1 from-pool=isp`: the prefix is not in the export
                continue
            places.setdefault(name, place)
            held = found.setdefault(name, [])
            try:
                held.append(_address(item, menu))
            except ValueError:
                problems.append(Problem(citation=place, message=f"not an address of {name}; it was left out"))
    for menu, key in (("ip dhcp-client", "interface"), ("interface pppoe-client", "name")):
        for item in configuration.enabled(menu):
            name = item.properties.get(key, "")
            if name:
                places.setdefault(name, Citation(file=file, line=item.line))
                found.setdefault(name, [])
    return tuple(Interface(name=name, addresses=tuple(held), citation=places[name]) for name, held in found.items())


def _address(item: Item, menu: str) -> InterfaceAddress:
    text = item.properties.get("address", "")
    if "/" not in text:
        text += f"/{item.properties.get('netmask', '32')}" if menu == "ip address" else "/64"
    return ip_interface(text)


def interface_lists(configuration: Configuration) -> dict[str, InterfaceList]:
    """Give the members of every interface list."""
    members: dict[str, set[str]] = {}
    definitions: dict[str, Item] = {}
    for item in configuration.enabled("interface list"):
        name = item.properties.get("name", "")
        definitions[name] = item
        members.setdefault(name, set())
    for item in configuration.enabled("interface list member"):
        members.setdefault(item.properties.get("list", ""), set()).add(item.properties.get("interface", ""))
    detected = _detected(configuration)
    found: dict[str, InterfaceList] = {}
    for name in members:
        names, odd = _members(name, members, definitions, 0)
        unknown = f"which interfaces the list {name} holds could not be told" if odd else ""
        if name in detected:
            unknown = f"detect-internet adds interfaces to the list {name}"
        found[name] = InterfaceList(names=frozenset(names - {""}), unknown=unknown)
    return found


def _members(
    name: str, members: dict[str, set[str]], definitions: dict[str, Item], depth: int
) -> tuple[set[str], bool]:
    """Give a list's own and included members without the excluded ones; True when something is not understood."""
    names = set(members.get(name, ()))
    item = definitions.get(name)
    odd = depth > MAX_NESTING or (name not in members and name != "none")
    if item is None or odd:
        return names, odd
    for key in ("include", "exclude"):
        for other in filter(None, item.properties.get(key, "").split(",")):
            more, strange = _members(other, members, definitions, depth + 1)
            names = names | more if key == "include" else names - more
            odd = odd or strange
    return names, odd


def _detected(configuration: Configuration) -> set[str]:
    settings = configuration.settings.get("interface detect-internet", {})
    if settings.get("detect-interface-list", "none") == "none":
        return set()
    keys = ("wan-interface-list", "lan-interface-list", "internet-interface-list")
    return {settings[key] for key in keys if settings.get(key, "none") != "none"}


def routes(
    configuration: Configuration, attached: tuple[Interface, ...], file: str, problems: list[Problem]
) -> tuple[Route, ...]:
    """Give the static routes of the main table, and the default routes that DHCP and PPPoE clients add."""
    found: list[Route] = []
    for menu in ("ip route", "ipv6 route"):
        for item in configuration.enabled(menu):
            table = item.properties.get("routing-table") or item.properties.get("routing-mark") or "main"
            if table == "main" and item.properties.get("gateway"):
                found += _route(item, menu, attached, file, problems)
    for menu, key, default in (("ip dhcp-client", "interface", "yes"), ("interface pppoe-client", "name", "no")):
        for item in configuration.enabled(menu):
            if item.properties.get("add-default-route", default) != "no" and item.properties.get(key):
                place = Citation(file=file, line=item.line)
                name = item.properties[key]
                found.append(Route(network=DEFAULT_IPV4, via=None, interface=name, citation=place))
    return tuple(found)


def _route(
    item: Item, menu: str, attached: tuple[Interface, ...], file: str, problems: list[Problem]
) -> Iterator[Route]:
    place = Citation(file=file, line=item.line)
    default: IPv4Network | IPv6Network = DEFAULT_IPV4 if menu == "ip route" else DEFAULT_IPV6
    try:
        network = ip_network(item.properties.get("dst-address") or str(default), strict=False)
    except ValueError:
        problems.append(Problem(citation=place, message="not a route; it was left out"))
        return
    for gateway in item.properties["gateway"].split(","):
        text, _, named = gateway.partition("%")  # fe80::1%ether1
        try:
            via = ip_address(text)
        except ValueError:
            via = None
        links = [one.name for one in attached if via and any(via in own.network for own in one.addresses)]
        known = "." not in gateway or any(one.name == gateway for one in attached)
        # gateway=pppoe-out1, but not gateway=X.X.X.X
        interface = named or (next(iter(links), "") if via else gateway if known else "")
        if interface:
            yield Route(network=network, via=via, interface=interface, citation=place)
        else:
            message = "by which interface the gateway is reached is not in the export; the route was left out"
            problems.append(Problem(citation=place, message=message))


def outside(
    configuration: Configuration, lists: dict[str, InterfaceList], known_routes: tuple[Route, ...]
) -> frozenset[str]:
    """Give the interfaces towards the Internet: the list WAN, else those with a default route.

    A port that only carries PPPoE is no side of its own: packets come in by the PPPoE interface.
    """
    defaults = {route.interface for route in known_routes if route.network.prefixlen == 0}
    named = [held.names for name, held in lists.items() if name.lower() == OUTSIDE_LIST]
    members = frozenset().union(*named)
    carriers = {item.properties.get("interface", "") for item in configuration.enabled("interface pppoe-client")}
    return frozenset(members & defaults or members - carriers or members or defaults)
