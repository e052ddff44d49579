from dataclasses import replace
from ipaddress import ip_address, ip_interface, ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.site import Host, Interface, Route, Site
from ringfence.reach.boxes import Box, box, forward_targets, outer
from tests.reach.school import OPEN_EDGE, PBX, WAN, addresses, edge, interface, nft, pbx, save, site

PLACE = Citation(file="edge/ip-route.txt", line=1)


def route(network: str, device: str) -> Route:
    return Route(network=ip_network(network), via=None, interface=device, citation=PLACE)


def test_a_box_knows_its_addresses_and_its_networks() -> None:
    one = Box(host=pbx(None, addresses=(f"{PBX}/24", "2001:db8::10/64", "fe80::1/64")))
    assert one.usable(4) == (ip_address(PBX),)
    assert one.usable(6) == (ip_address("2001:db8::10"),)
    assert one.on_link(4) == addresses("10.20.0.0/24")
    assert one.link_of(ip_address(PBX)) == "eth0"
    assert one.link_of(ip_address("10.20.0.11")) is None


def test_the_longest_prefix_of_links_and_routes_shows_the_way() -> None:
    host = Host(
        name="edge",
        interfaces=(interface("lan", "10.20.0.1/24"), interface("lo", "127.0.0.1/8")),
        routes=(route("0.0.0.0/0", "wan"), route("10.0.0.0/8", "vpn"), route("10.20.0.128/25", "dmz")),
    )
    one = Box(host=host)
    ways = {text: one.towards(ip_address(text)) for text in ("10.20.0.10", "10.20.0.200", "10.9.9.9", "192.0.2.1")}
    assert ways == {"10.20.0.10": "lan", "10.20.0.200": "dmz", "10.9.9.9": "vpn", "192.0.2.1": "wan"}
    assert Box(host=Host(name="edge")).towards(ip_address("192.0.2.1")) is None


def test_rules_count_only_for_the_ip_versions_that_the_evidence_covers() -> None:
    four = Box(host=pbx(save("")))
    assert four.filters(4) is not None
    assert four.filters(6) is None
    assert Box(host=pbx(nft(""))).filters(6) is not None
    assert Box(host=pbx(None)).filters(4) is None


def test_the_internet_side_has_the_public_address() -> None:
    found = outer(Box(host=edge(nft(OPEN_EDGE))), site())
    assert (found.link.name, found.addresses, found.guessed) == ("wan", (ip_address(WAN),), False)


def test_the_default_route_shows_the_internet_side_and_asterisk_may_know_its_address() -> None:
    host = Host(name="edge", interfaces=(interface("dsl", "192.168.1.2/24"),), routes=(route("0.0.0.0/0", "dsl"),))
    found = outer(Box(host=host), site(external="198.51.100.9"))
    assert (found.link.name, found.addresses, found.behind) == ("dsl", (ip_address("192.168.1.2"),), True)
    host = Host(name="edge", routes=(route("0.0.0.0/0", "ppp0"),))
    assert outer(Box(host=host), site(external="198.51.100.9")).addresses == (ip_address("198.51.100.9"),)


def test_without_addresses_the_rules_name_the_internet_side_and_it_is_a_guess() -> None:
    found = outer(Box(host=edge(nft(OPEN_EDGE), attached=False)), site(external="sip.example.com"))
    assert (found.link.name, found.addresses, found.guessed) == ("wan", (), True)
    assert outer(Box(host=edge(None, attached=False)), site()).link.name is None


def test_forwards_name_the_address_of_a_pbx_that_does_not_say_it_itself() -> None:
    one = Box(host=edge(nft(OPEN_EDGE)))
    assert forward_targets(one, 69) == (ip_address(PBX),)
    assert forward_targets(one, 80) == ()
    assert forward_targets(None, 69) == ()


def test_hosts_are_found_by_name() -> None:
    assert box(site(), "edge") is None
    found = box(site(edge(None)), "edge")
    assert found is not None
    assert found.name == "edge"
    assert found.own.on(outer(found, site()).link, 4) == (ip_address(WAN),)
    assert found.on_link(6) == AddressSet()


def test_what_the_edge_calls_its_outside_comes_before_any_guess() -> None:
    place = Citation(file="edge/config", line=1)
    edge = Host(
        name="edge",
        interfaces=(Interface(name="a", addresses=(ip_interface("203.0.113.1/24"),), citation=place),),
        outside=frozenset({"pppoe0"}),
    )
    assert outer(Box(host=edge), Site()).link.name == "pppoe0"
    both = replace(edge, outside=frozenset({"pppoe0", "a"}))
    assert outer(Box(host=both), Site()).link.name == "a", "the one with the public address"
