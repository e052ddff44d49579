"""What outbound NAT and 1:1 have in common in pfSense and OPNsense: automatic rules, targets, external networks."""

from collections.abc import Callable, Iterator
from ipaddress import ip_address, ip_network

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.site import Route
from ringfence.readers.gateways.pf_interfaces import TUNNELS, Interfaces
from ringfence.readers.gateways.pf_match import Conditions, NotLoadedError, On, Place
from ringfence.readers.gateways.pf_nat import PfOutbound
from ringfence.readers.gateways.pf_tables import Addresses, Aliases
from ringfence.readers.gateways.pf_xml import Node


def automatic(interfaces: Interfaces, routes: tuple[Route, ...], place: Citation) -> Iterator[PfOutbound]:
    """Give the automatic rules: what comes from inner networks leaves by lines with a gateway under their address."""
    inner = [one for one in interfaces.attached.values() if not one.has_gateway]
    networks = [own.network for one in inner for own in (*one.addresses, *one.virtual_addresses) if own.version == 4]
    routed = [
        route.network
        for route in routes
        if route.network.version == 4
        and AddressSet.of(route.network) <= PRIVATE
        and route.interface in {one.name for one in inner}
    ]
    sources = Place(addresses=Addresses(known=AddressSet.of("127.0.0.0/8", *networks, *routed)), text="inner networks")
    for one in interfaces.attached.values():
        if one.has_gateway and not one.device.startswith(TUNNELS):
            yield PfOutbound(
                on=On(names=frozenset({one.name}), text=one.name),
                conditions=Conditions(sources={4: (sources,)}, destinations={4: (Place(),)}),
                text=f"nat on {one.name} inet from inner networks to any -> ({one.name}): automatic outbound NAT",
                citation=place,
            )


def target_addresses(node: Node, aliases: Aliases) -> AddressSet | None:
    """Read what the source becomes; None is the address of the interface."""
    target, bits = node.value("target"), node.value("target_subnet")
    if target == "other-subnet":
        target, bits = node.value("targetip"), node.value("targetip_subnet")
    found = aliases.addresses(target)
    if found is not None:
        return found.known if found.complete else AddressSet.everything()
    try:
        return AddressSet.of(f"{target}/{bits}" if bits and "/" not in target else target)
    except ValueError:
        return None


def external_of(text: str, internal: AddressSet, special: Callable[[str], Place]) -> AddressSet | None:
    """Read the outer side of a 1:1 translation, as wide as the inner.

    None is an address that the file does not give.
    """
    bare, slash, _ = text.partition("/")
    if slash:
        try:
            return AddressSet.of(ip_network(text, strict=False))
        except ValueError:
            raise NotLoadedError(f"{text} is no network") from None
    try:
        address = ip_address(bare)
    except ValueError:
        place = special(text)
        given = place.addresses
        return given.known if given is not None and given.complete else None
    networks = list(internal.networks())
    if len(networks) == 1 and networks[0].version == address.version:
        return AddressSet.of(ip_network(f"{bare}/{networks[0].prefixlen}", strict=False))
    return AddressSet.of(address)
