from ringfence.model.exposure import Verdict
from ringfence.model.packetfilter import Family, Hook
from tests.readers.gateways.vyatta_school import (
    FORWARD,
    INTERFACES,
    PROVIDER,
    STRANGER,
    admits,
    asked,
    door,
    gateway,
    on_interface,
    problems,
    rule_set,
    tftp,
)

ZONES = """zone-policy {
    zone LAN {
        default-action drop
        from WAN {
            firewall {
                name WAN-LAN
            }
        }
        interface eth1
        interface eth1.8
        intra-zone-filtering {
            action drop
        }
    }
    zone LOCAL {
        local-zone
    }
    zone WAN {
        interface eth0
    }
}
"""
OPEN = f"firewall {{\n{rule_set('WAN-LAN', 'action accept')}}}\n{INTERFACES}{FORWARD}"


def test_rule_sets_of_the_way_out_are_asked_after_those_of_the_way_in() -> None:
    lan = "        address 10.20.0.1/24\n"
    out = "        firewall {\n            out {\n                name LAN_OUT\n            }\n        }\n"
    sets = rule_set("WAN_IN", "action accept") + rule_set("LAN_OUT", f"action accept;source address {PROVIDER}")
    text = on_interface(sets).replace(lan, lan + out) + FORWARD
    assert admits(door(text), PROVIDER)
    assert not admits(door(text), STRANGER)


def test_the_rules_of_the_transition_to_1_4_stand_below_firewall_interface() -> None:
    text = (
        "firewall {\n    interface eth0 {\n        in {\n            name WAN_IN\n        }\n    }\n"
        + rule_set("WAN_IN", f"action accept;source address {PROVIDER}")
        + f"}}\n{INTERFACES}{FORWARD}"
    )
    found = door(text)
    assert admits(found, PROVIDER)
    assert not admits(found, STRANGER)


def test_a_zone_without_rules_from_another_drops_and_filters_within_itself_only_when_told() -> None:
    assert tftp(OPEN + ZONES) == Verdict.REACHABLE
    assert tftp(OPEN + ZONES.replace("name WAN-LAN", "ipv6-name WAN-LAN")) == Verdict.BLOCKED
    inside = asked(gateway(OPEN + ZONES))
    assert inside["voice/tftp/udp/69"].verdict == Verdict.BLOCKED
    assert inside["office/tftp/udp/69"].verdict == Verdict.BLOCKED
    free = ZONES.replace("        intra-zone-filtering {\n            action drop\n        }\n", "")
    assert asked(gateway(OPEN + free))["voice/tftp/udp/69"].verdict == Verdict.REACHABLE


def test_a_zone_that_says_more_than_is_read_is_unknown() -> None:
    strange = ZONES.replace("        interface eth1\n", "        service-user x\n        interface eth1\n")
    assert tftp(OPEN + strange.replace("name WAN-LAN", "ipv6-name X")) == Verdict.UNKNOWN
    assert any("zone LAN service-user" in one for one in problems(OPEN + strange))
    routed = ZONES.replace(
        "        interface eth1\n", "        member {\n            vrf red\n        }\n        interface eth1\n"
    )
    assert tftp(OPEN + routed.replace("name WAN-LAN", "ipv6-name X")) == Verdict.UNKNOWN


def test_a_default_rule_set_of_a_zone_is_asked_before_its_default_action() -> None:
    fallback = ZONES.replace(
        "        from WAN {\n            firewall {\n                name WAN-LAN\n            }\n        }\n", ""
    )
    fallback = fallback.replace(
        "        interface eth1\n",
        "        default-firewall {\n            name WAN-LAN\n        }\n        interface eth1\n",
    )
    assert tftp(OPEN + fallback) == Verdict.BLOCKED  # accept of an older rule set returns, to the default action
    modern = OPEN.replace("firewall {\n    name", "firewall {\n    ipv4 {\n    name", 1).replace(
        "}\ninterfaces", "}\n}\ninterfaces", 1
    )
    zones = fallback.replace("zone-policy {", "firewall {")
    assert tftp(modern + zones) == Verdict.REACHABLE


def test_local_rule_sets_are_input_chains_and_base_chains_have_their_hooks() -> None:
    old = gateway(on_interface(rule_set("WAN_LOCAL"), direction="local", name="WAN_LOCAL")).ruleset
    assert [len(chain.rules) for chain in old.chains if chain.hook == Hook.INPUT and chain.family == "ip"] == [1]
    text = (
        "set firewall ipv4 prerouting raw rule 1 action drop\nset firewall ipv4 input filter default-action drop\n"
        "set firewall ipv4 forward filter default-action drop\nset firewall ipv6 forward filter default-action drop\n"
    )
    chains = {(chain.family, chain.name): chain for chain in gateway(text).ruleset.chains}
    assert chains[Family.IPV4, "prerouting raw"].hook == Hook.PREROUTING
    assert chains[Family.IPV4, "prerouting raw"].priority == -300
    assert chains[Family.IPV4, "input filter"].hook == Hook.INPUT
    assert chains[Family.IPV6, "forward filter"].hook == Hook.FORWARD


def test_a_raw_rule_sees_the_outside_port_before_it_is_translated() -> None:
    raw = "set firewall ipv4 prerouting raw rule 1 action drop\nset firewall ipv4 prerouting raw rule 1 protocol udp\n"
    moved = FORWARD.replace('port "69,5060"', 'port "6969"').replace("10.20.0.10", '10.20.0.10"\nport "69')
    assert tftp(INTERFACES + moved) == Verdict.REACHABLE
    assert (
        tftp(f"{INTERFACES}{moved}{raw}set firewall ipv4 prerouting raw rule 1 destination port 6969\n")
        == Verdict.BLOCKED
    )
    assert (
        tftp(f"{INTERFACES}{moved}{raw}set firewall ipv4 prerouting raw rule 1 destination port 69\n")
        == Verdict.REACHABLE
    )
