from dataclasses import replace
from ipaddress import ip_address, ip_network

from ringfence.model.exposure import Outside, Verdict
from ringfence.model.site import NamedNetwork
from ringfence.reach.boxes import Box
from ringfence.reach.flow import Goal
from ringfence.reach.vantages import Approach, Target, approaches, redirected_ports, vantages
from tests.reach.school import (
    OPEN_EDGE,
    PBX,
    STRANGER,
    WAN,
    addresses,
    edge,
    exposures,
    interface,
    nft,
    pbx,
    save,
    site,
)

TARGET = Target(version=4, protocol="udp", addresses=(ip_address(PBX),), port=69)
HOSTS = (pbx(save("")), edge(nft(OPEN_EDGE)))


def ways(name: str, *, with_edge: bool = True) -> list[Approach]:
    school = site(*HOSTS)
    (vantage,) = (one for one in vantages(school) if one.name == name)
    box = Box(host=HOSTS[1]) if with_edge else None
    return list(approaches(school, vantage, TARGET, box, Box(host=HOSTS[0])))


def test_the_internet_and_each_network_are_vantages_without_the_sites_own_machines() -> None:
    found = {one.name: one.sources for one in vantages(site(*HOSTS))}
    assert list(found) == ["internet", "pbx", "voice", "office"]
    assert found["pbx"] == addresses("10.20.0.0/24") - addresses(PBX, "10.20.0.1")
    assert STRANGER in found["internet"]
    for text in ("10.20.0.9", "192.168.1.1", WAN, "239.1.1.1", "0.0.0.1", "255.255.255.255", "fe80::1", "fd00::1"):
        assert text not in found["internet"]
    assert "2001:db8::1" in found["internet"]


def test_a_network_called_internet_or_a_default_route_is_no_network_of_the_site() -> None:
    odd = (
        NamedNetwork(name="internet", prefixes=(ip_network("192.0.2.0/24"),), declared=False),
        NamedNetwork(name="all", prefixes=(ip_network("0.0.0.0/0"),), declared=False),
    )
    found = vantages(replace(site(), networks=odd))
    assert [one.name for one in found] == ["internet"]
    assert STRANGER in found[0].sources


def test_from_the_internet_a_private_pbx_is_tried_at_the_edge() -> None:
    (only,) = ways("internet")
    assert only.forwarded
    assert only.header.destination == ip_address(WAN)
    assert only.header.incoming.name == "wan"
    assert only.trip.pbx_link.name == "eth0"
    assert ways("internet", with_edge=False) == []


def test_neighbours_of_the_pbx_need_no_router_and_others_cross_the_edge() -> None:
    (near,) = ways("pbx")
    assert near.trip.edge is None
    (far,) = ways("voice")
    assert far.trip.edge is not None
    assert far.header.incoming.name == "voice"
    (lost,) = ways("voice", with_edge=False)
    assert "router" in lost.doubt


def test_ports_that_the_pbx_itself_redirects_are_found() -> None:
    text = "*nat\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -p udp -m udp --dport {} -j REDIRECT --to-ports 69\nCOMMIT\n"
    goal = Goal(addresses=frozenset({ip_address(PBX)}), port=69)
    assert redirected_ports(save(text.format("1069")), "udp", goal) == (1069,)
    assert redirected_ports(save(text.format("1069")), "tcp", goal) == ()
    assert redirected_ports(None, "udp", goal) == ()


def test_a_forward_on_the_sites_own_side_is_no_door_to_the_internet() -> None:
    hairpin = "-A PREROUTING -d 10.20.0.1/32 -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10"
    box = edge(save(f"*nat\n:PREROUTING ACCEPT [0:0]\n{hairpin}\nCOMMIT\n"))
    school = site(HOSTS[0], box)
    (internet,) = (one for one in vantages(school) if one.name == "internet")
    found = approaches(school, internet, TARGET, Box(host=box), Box(host=HOSTS[0]))
    assert {str(one.header.destination) for one in found} == {WAN}


def test_every_line_to_the_internet_is_tried() -> None:
    """A forward on the second line only must not read like no forward."""
    forward = "-A PREROUTING -i wan2 -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10"
    rules = save(f"*nat\n:PREROUTING ACCEPT [0:0]\n{forward}\nCOMMIT\n", name="edge/iptables-save.txt")
    one = edge(rules)
    both = replace(
        one, interfaces=(*one.interfaces, interface("wan2", "198.51.100.9/24")), outside=frozenset({"wan", "wan2"})
    )
    found = exposures(both, pbx(save("")))
    assert found["internet/tftp/udp/69"].verdict is Verdict.REACHABLE
    assert str(found["internet/tftp/udp/69"].outside) == str(Outside(address=ip_address("198.51.100.9"), port=69))
