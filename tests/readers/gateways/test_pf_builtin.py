from ipaddress import ip_interface, ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.site import Route
from ringfence.readers.gateways.pf_builtin import blocked_sources, bypass
from ringfence.readers.gateways.pf_interfaces import Attached, Interfaces

PLACE = Citation(file="c", line=1)
LAN = Attached(
    name="lan", device="em1", title="", addresses=(ip_interface("10.20.0.1/24"),), blocks_private=True, citation=PLACE
)
INTERFACES = Interfaces(attached={"lan": LAN})


def test_sources_are_blocked_on_the_interfaces_that_ask_for_it() -> None:
    (rule,) = blocked_sources(INTERFACES, AddressSet.of("10.0.0.0/8"))
    assert (rule.action, rule.quick, rule.inward, rule.outward) == ("block", True, True, False)
    assert rule.on.names == frozenset({"lan"})
    assert rule.text == "block in quick on lan from private networks to any: block private networks"


def test_routed_networks_and_their_neighbours_may_talk_both_ways_but_not_the_default_route() -> None:
    def route(network: str, interface: str = "lan") -> Route:
        return Route(network=ip_network(network), via=None, interface=interface, citation=PLACE)

    routes = (route("10.99.0.0/16"), route("0.0.0.0/0"), route("fd00::/8"), route("10.98.0.0/16", "gone"))
    found = [rule.text for rule in bypass(routes, INTERFACES, PLACE, quick=True)]
    assert found == [
        "pass on lan from lan to 10.99.0.0/16: statically routed networks",
        "pass on lan from 10.99.0.0/16 to lan: statically routed networks",
    ]
