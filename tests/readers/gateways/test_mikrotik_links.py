from ipaddress import ip_address, ip_network

from ringfence.model.evidence import Problem
from ringfence.readers.gateways import mikrotik_links
from ringfence.readers.gateways.mikrotik_items import Configuration
from tests.readers.gateways.test_mikrotik_items import configuration

ATTACHED = """/interface list
add name=WAN
add name=LAN
add include=LAN name=INSIDE
/interface list member
add interface=ether1 list=WAN
add interface=bridge list=LAN
/ip address
add address=203.0.113.1/24 interface=ether1 network=203.0.113.0
add address=10.20.0.1/24 interface=bridge network=10.20.0.0
add address=X.X.X.X/29 interface=ether9
add address=10.99.0.1/24 interface=ether8 disabled=yes
/ipv6 address
add address=2001:db8:20::1 interface=bridge
add address=::1 from-pool=isp interface=bridge
"""


def outside(found: Configuration) -> frozenset[str]:
    problems: list[Problem] = []
    attached = mikrotik_links.interfaces(found, "x", problems)
    routes = mikrotik_links.routes(found, attached, "x", problems)
    return mikrotik_links.outside(found, mikrotik_links.interface_lists(found), routes)


def test_addresses_of_both_families() -> None:
    problems: list[Problem] = []
    found = {one.name: one for one in mikrotik_links.interfaces(configuration(ATTACHED), "x", problems)}
    assert set(found) == {"ether1", "bridge", "ether9"}
    assert [str(one) for one in found["bridge"].addresses] == ["10.20.0.1/24", "2001:db8:20::1/64"]
    assert found["bridge"].citation.line == 10
    assert [problem.citation.line for problem in problems] == [11]


def test_lists_of_interfaces_include_and_exclude_others() -> None:
    text = f"{ATTACHED}/interface list\nadd exclude=LAN include=LAN,WAN name=odd\nadd include=gone name=unsure\n"
    found = mikrotik_links.interface_lists(configuration(text))
    assert found["INSIDE"].names == {"bridge"}
    assert found["odd"].names == {"ether1"}
    assert found["WAN"].unknown == ""
    assert found["unsure"].unknown


def test_lists_that_include_themselves_end() -> None:
    text = "/interface list\nadd include=b name=a\nadd include=a name=b\n"
    assert mikrotik_links.interface_lists(configuration(text))["a"].unknown


def test_detected_members_are_unknown() -> None:
    text = f"{ATTACHED}/interface detect-internet\nset detect-interface-list=all wan-interface-list=WAN\n"
    found = mikrotik_links.interface_lists(configuration(text))
    assert "detect-internet" in found["WAN"].unknown
    assert found["LAN"].unknown == ""


def test_routes() -> None:
    text = f"""{ATTACHED}/ip route
add distance=1 gateway=203.0.113.254
add dst-address=10.50.0.0/16 gateway=pppoe-out1
add dst-address=10.60.0.0/16 gateway=X.X.X.X
add dst-address=10.70.0.0/16 gateway=10.20.0.9 routing-mark=other
add dst-address=10.80.0.0/16 gateway=10.20.0.9 disabled=yes
"""
    problems: list[Problem] = []
    found = configuration(text)
    attached = mikrotik_links.interfaces(found, "x", [])
    first, second = mikrotik_links.routes(found, attached, "x", problems)
    assert (first.network, first.via, first.interface) == (
        ip_network("0.0.0.0/0"),
        ip_address("203.0.113.254"),
        "ether1",
    )
    assert (second.network, second.interface) == (ip_network("10.50.0.0/16"), "pppoe-out1")
    assert [problem.citation.line for problem in problems] == [19]


def test_the_outside_is_what_the_list_wan_says() -> None:
    assert outside(configuration(ATTACHED)) == {"ether1"}


def test_packets_come_in_by_pppoe_and_not_by_the_port_that_carries_it() -> None:
    text = f"""{ATTACHED}/interface list member
add interface=pppoe-out1 list=WAN
/interface pppoe-client
add interface=ether1 name=pppoe-out1 password=FAKE-secret user=u
"""
    assert outside(configuration(text)) == {"pppoe-out1"}
    assert outside(configuration(text.replace("user=u", "add-default-route=yes"))) == {"pppoe-out1"}


def test_without_a_list_the_default_route_tells() -> None:
    assert outside(configuration("/ip dhcp-client\nadd interface=ether5 disabled=no\n")) == {"ether5"}
    assert outside(configuration("/ip dhcp-client\nadd interface=ether5 add-default-route=no\n")) == frozenset()
