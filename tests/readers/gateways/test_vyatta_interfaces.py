from ipaddress import ip_address

from ringfence.readers.gateways.vyatta_interfaces import attached, interfaces, outside, routes
from tests.readers.gateways.vyatta_school import tree

PPPOE = """interfaces {
    ethernet eth0 {
        pppoe 0 {
            default-route auto
            firewall {
                in {
                    name WAN_IN
                }
            }
        }
        vif 7 {
            address 192.0.2.2/30
            pppoe 1 {
                default-route none
            }
        }
    }
    ethernet eth1 {
        address 10.20.0.1/24
        vif-s 8 {
            vif-c 9 {
                address 10.20.9.1/24
            }
        }
    }
    ethernet eth2 {
        address 10.99.0.1/24
        disable
    }
    switch switch0 {
        address broken
        vif 102 {
            address 172.16.0.1/24
            firewall {
                out {
                    ipv6-name SIX
                }
            }
        }
    }
}
"""


def side(text: str) -> frozenset[str]:
    export = tree(text)
    found = attached(export)
    return outside(export, found, routes(export, found))


def test_parts_of_interfaces_have_the_names_that_rules_use() -> None:
    export = tree(PPPOE)
    found = attached(export)
    assert set(found) == {
        "eth0", "pppoe0", "eth0.7", "pppoe1", "eth1", "eth1.8", "eth1.8.9", "eth2", "switch0", "switch0.102",
    }  # fmt: skip
    assert found["pppoe0"].rule_sets == (("in", "name", "WAN_IN"),)
    assert found["switch0.102"].rule_sets == (("out", "ipv6-name", "SIX"),)
    assert found["eth2"].addresses == ()
    assert [str(one.addresses[0]) for one in interfaces(export, found) if one.addresses] == [
        "192.0.2.2/30", "10.20.0.1/24", "10.20.9.1/24", "172.16.0.1/24",
    ]  # fmt: skip
    assert len(export.problems) == 1


def test_static_routes_find_their_interface() -> None:
    static = "set protocols static"
    text = (
        "set interfaces ethernet eth1 address 10.20.0.1/24\nset interfaces pppoe pppoe0 description x\n"
        f"{static} route 10.5.0.0/16 next-hop 10.20.0.9\n{static} route 10.6.0.0/16 next-hop 10.20.0.9 disable\n"
        f"{static} route 10.6.0.0/16 blackhole\n{static} route junk blackhole\n"
        f"{static} interface-route 10.7.0.0/16 next-hop-interface eth1\n"
    )
    export = tree(text)
    found = routes(export, attached(export))
    assert [(str(one.network), one.via, one.interface) for one in found] == [
        ("10.5.0.0/16", ip_address("10.20.0.9"), "eth1"),
        ("10.7.0.0/16", None, "eth1"),
        ("0.0.0.0/0", None, "pppoe0"),
    ]


def test_a_static_default_route_or_gateway_address_comes_before_dhcp() -> None:
    text = "set interfaces ethernet eth0 address dhcp\nset interfaces ethernet eth1 address 203.0.113.1/24\n"
    assert side(text) == {"eth0"}
    assert side(f"{text}set system gateway-address 203.0.113.254\n") == {"eth1"}
    assert side(f"{text}set protocols static route 0.0.0.0/0 next-hop 203.0.113.254\n") == {"eth1"}
    refused = "set interfaces ethernet eth0 dhcp-options default-route no-update\n"
    assert side(f"{text}{refused}set zone-policy zone WAN interface eth1\n") == {"eth1"}


def test_the_outside_is_told_by_the_surest_sign() -> None:
    plain = "set interfaces ethernet eth0 address 192.168.1.2/24\nset interfaces ethernet eth1 address 10.20.0.1/24\n"
    masquerade = "set nat source rule 10 outbound-interface eth0\n"
    towards_lan = "set nat source rule 20 outbound-interface eth1\n"
    forward = "set nat destination rule 10 inbound-interface eth0\n"
    assert side(plain) == frozenset()
    assert side(plain + masquerade) == {"eth0"}
    assert side(plain + masquerade + towards_lan + forward) == {"eth0"}
    assert side(f"{plain}{towards_lan}set port-forward wan-interface eth0\n") == {"eth0"}
    assert side(f"{plain}set firewall zone Internet member interface eth0\n") == {"eth0"}
    assert side(f"{plain}set nat destination rule 10 inbound-interface name eth0\n") == {"eth0"}
    assert side(f"{plain}set nat destination rule 10 inbound-interface any\n") == frozenset()
