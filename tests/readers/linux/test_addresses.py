from ipaddress import ip_address, ip_interface, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.linux import addresses
from tests.memory import MemoryArtifacts
from tests.shared_data import shared

IP_ADDR = """1: lo: <LOOPBACK,UP,LOWER_UP> mtu 65536 qdisc noqueue state UNKNOWN group default qlen 1000
    link/loopback 00:00:00:00:00:00 brd 00:00:00:00:00:00
    inet 127.0.0.1/8 scope host lo
       valid_lft forever preferred_lft forever
2: eth0@if3: <BROADCAST,MULTICAST,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000
    inet 10.30.0.10/24 scope global eth0
    inet6 fe80::d4f8:49ff:fe0d:b94d/64 scope link
6: eth1.100@eth1: <BROADCAST> mtu 1500
    inet 10.8.0.2 peer 10.8.0.1/32 scope global eth1.100
"""
IP_ROUTE = """default via 10.30.0.1 dev eth0
10.30.0.0/24 dev eth0 proto kernel scope link src 10.30.0.10
10.40.0.0/16 proto static
	nexthop via 10.30.0.2 dev eth0 weight 1
	nexthop via 10.30.0.3 dev eth1 weight 1
blackhole 10.66.0.0/16
nonsense dev eth0
"""


def test_interfaces_have_their_plain_name_and_all_addresses() -> None:
    found = addresses.read(MemoryArtifacts({"commands/ip-addr.txt": IP_ADDR})).facts.interfaces
    assert [(one.name, one.citation.line) for one in found] == [("lo", 1), ("eth0", 5), ("eth1.100", 8)]
    assert found[1].addresses == (ip_interface("10.30.0.10/24"), ip_interface("fe80::d4f8:49ff:fe0d:b94d/64"))
    assert found[2].addresses == (ip_interface("10.8.0.2/32"),)


def test_the_one_line_form_is_read_too() -> None:
    path = shared("data/firewalls/freepbx/ipoutput.1")
    found = addresses.read(MemoryArtifacts({"edge/ip-addr.txt": path.read_bytes()}), "edge").facts.interfaces
    by_name = {one.name: one.addresses for one in found}
    assert by_name["eth1.100"][:2] == (ip_interface("1.2.3.7/24"), ip_interface("1.2.3.8/24"))
    assert ip_interface("203.5.4.3/24") in by_name["eth0"]


def test_routes_of_several_ways_are_several_and_ways_to_nowhere_are_none() -> None:
    reading = addresses.read(MemoryArtifacts({"edge/ip-route.txt": IP_ROUTE}), "edge")
    assert [(route.network, route.via, route.interface) for route in reading.facts.routes] == [
        (ip_network("0.0.0.0/0"), ip_address("10.30.0.1"), "eth0"),
        (ip_network("10.30.0.0/24"), None, "eth0"),
        (ip_network("10.40.0.0/16"), ip_address("10.30.0.2"), "eth0"),
        (ip_network("10.40.0.0/16"), ip_address("10.30.0.3"), "eth1"),
    ]
    assert [problem.citation.line for problem in reading.problems] == [7]


def test_the_default_route_of_ipv6_is_one_of_ipv6() -> None:
    found = addresses.read(MemoryArtifacts({"commands/ip-6-route.txt": "default via fe80::1 dev eth0 metric 1024\n"}))
    assert found.facts.routes[0].network == ip_network("::/0")


def test_neighbours_have_their_hardware_address_once_it_is_known() -> None:
    text = "10.20.0.1 dev p0 lladdr f6:0a:f5:b0:66:b5 DELAY \n10.20.0.9 dev p0 FAILED\n"
    found = addresses.read(MemoryArtifacts({"commands/ip-neigh.txt": text})).facts.neighbours
    assert [(one.address, one.mac, one.state) for one in found] == [
        (ip_address("10.20.0.1"), "f60af5b066b5", "DELAY"),
        (ip_address("10.20.0.9"), None, "FAILED"),
    ]


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    names = ("ip-addr", "ip-route", "ip-neigh", "ip-6-route")
    addresses.read(MemoryArtifacts({f"commands/{name}.txt": b"1: eth0: x\n inet " + raw for name in names}))
    addresses.read(MemoryArtifacts({f"commands/{name}.txt": raw for name in names}))
