"""The filter rules that pfSense and OPNsense load by themselves, as far as they decide about forwarded packets."""

from collections.abc import Iterator

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.site import Route
from ringfence.readers.gateways.pf_interfaces import Attached, Interfaces
from ringfence.readers.gateways.pf_match import Conditions, On, Place
from ringfence.readers.gateways.pf_rules import PfRule
from ringfence.readers.gateways.pf_tables import BOGONS, Addresses
from ringfence.readers.gateways.pf_words import between


def blocked_sources(interfaces: Interfaces, private: AddressSet) -> Iterator[PfRule]:
    """Give the rules for sources that an interface is set to block: networks that are nobody's, and private ones."""
    for one in interfaces.attached.values():
        if one.blocks_bogons:
            yield _blocking(one, BOGONS, "<bogons>", "block bogon networks")
        if one.blocks_private:
            yield _blocking(one, private, "private networks", "block private networks")


def _blocking(one: Attached, addresses: AddressSet, name: str, why: str) -> PfRule:
    source = (Place(addresses=Addresses(known=addresses), text=name),)
    return PfRule(
        action="block",
        quick=True,
        inward=True,
        outward=False,
        on=On(names=frozenset({one.name}), text=one.name),
        conditions=Conditions(sources={4: source, 6: source}, destinations={4: (Place(),), 6: (Place(),)}),
        text=f"block in quick on {one.name} from {name} to any: {why}",
        citation=one.citation,
    )


def bypass(routes: tuple[Route, ...], interfaces: Interfaces, place: Citation, *, quick: bool) -> Iterator[PfRule]:
    """Give the rules that let statically routed networks and the network on their interface talk to each other."""
    for route in routes:
        version = route.network.version
        network = interfaces.network(route.interface, version)
        if route.network.prefixlen == 0 or network is None:
            continue
        near = Place(addresses=network, text=route.interface)
        far = Place(addresses=Addresses(known=AddressSet.of(route.network)), text=str(route.network))
        for source, destination in ((near, far), (far, near)):
            yield PfRule(
                action="pass",
                quick=quick,
                inward=True,
                outward=False,
                on=On(names=frozenset({route.interface}), text=route.interface),
                conditions=Conditions(sources={version: (source,)}, destinations={version: (destination,)}),
                text=f"pass on {route.interface} {between(source, '', destination, '')}: statically routed networks",
                citation=place,
            )
