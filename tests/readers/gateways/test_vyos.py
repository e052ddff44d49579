from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.exposure import Verdict
from ringfence.readers.gateways import edgeos, vyos
from tests.memory import MemoryArtifacts
from tests.readers.gateways.vyatta_school import (
    FORWARD,
    INTERFACES,
    NAME,
    PROVIDER,
    SIP,
    STRANGER,
    WEB,
    admits,
    asked,
    block,
    door,
    gateway,
    on_interface,
    problems,
    rule_set,
    tftp,
)
from tests.shared_data import shared

SAMPLES = ("vyos/nat-basic", "vyos/dialup-router-complex")

COMMANDS = """vyos@edge:~$ show configuration commands
set firewall ipv4 forward filter default-action 'drop'
set firewall ipv4 forward filter rule 10 action 'accept'
set firewall ipv4 forward filter rule 10 state 'established'
set firewall ipv4 forward filter rule 20 action 'accept'
set firewall ipv4 forward filter rule 20 connection-status nat 'destination'
set interfaces ethernet eth0 address '203.0.113.1/24'
set interfaces ethernet eth1 address '10.20.0.1/24'
set nat destination rule 10 destination port '69'
set nat destination rule 10 inbound-interface name 'eth0'
set nat destination rule 10 protocol 'udp'
set nat destination rule 10 translation address '10.20.0.10'
set protocols static route 0.0.0.0/0 next-hop 203.0.113.254
"""


def modern(body: str, *, default: str = "") -> str:
    said = f"            default-action {default}\n" if default else ""
    forward = (
        f"    ipv4 {{\n        forward {{\n            filter {{\n{said}{body}            }}\n        }}\n    }}\n"
    )
    return f"firewall {{\n{forward}}}\n{INTERFACES}{FORWARD}"


def base_rule(number: int, *lines: str) -> str:
    return f"rule {number} {{\n" + "".join(f"{line}\n" for line in lines) + "}\n"


def test_a_forward_without_any_filter_is_open_because_base_chains_accept() -> None:
    found = door(INTERFACES + FORWARD)
    assert found.verdict == Verdict.REACHABLE
    assert admits(found, STRANGER)
    assert "nat destination rule 10" in " ".join(hop.text for hop in found.proof)


def test_what_is_not_forwarded_is_blocked() -> None:
    assert door(INTERFACES + FORWARD, of=WEB).verdict == Verdict.BLOCKED


def test_a_base_chain_that_says_no_default_action_accepts_what_its_rules_leave() -> None:
    text = modern(base_rule(10, "action drop", "source {", f"address {STRANGER}", "}"))
    found = door(text)
    assert found.verdict == Verdict.REACHABLE
    assert not admits(found, STRANGER)
    assert admits(found, PROVIDER)


def test_a_base_chain_that_drops_by_default_closes_the_forward() -> None:
    assert tftp(modern("", default="drop")) == Verdict.BLOCKED


def test_the_documented_shortcut_opens_every_forward_to_the_world() -> None:
    text = modern(base_rule(20, "action accept", "connection-status {", "nat destination", "}"), default="drop")
    found = door(text)
    assert found.verdict == Verdict.REACHABLE
    assert admits(found, STRANGER)


def test_a_rule_before_the_shortcut_can_narrow_it() -> None:
    text = modern(
        base_rule(
            10, "action drop", "source {", f"address !{PROVIDER}", "}", "destination {", "port 69", "}", "protocol udp"
        )
        + base_rule(20, "action accept", "connection-status {", "nat destination", "}"),
        default="drop",
    )
    assert admits(door(text), PROVIDER)
    assert not admits(door(text), STRANGER)
    assert admits(door(text, of=SIP), STRANGER)


def test_accept_in_a_named_chain_of_1_4_is_final_and_in_1_3_only_returns() -> None:
    jump = base_rule(5, "action jump", "jump-target PBX") + base_rule(10, "action drop")
    named = "name PBX {\ndefault-action drop\nrule 1 {\naction accept\n}\n}\n"
    text = modern(jump).replace("    ipv4 {\n", f"    ipv4 {{\n{named}", 1)
    assert tftp(text) == Verdict.REACHABLE
    out = "        firewall {\n            out {\n                name LAN_OUT\n            }\n        }\n"
    lan = "        address 10.20.0.1/24\n"
    old = on_interface(rule_set("WAN_IN", "action accept") + rule_set("LAN_OUT"))
    assert tftp(old + FORWARD) == Verdict.REACHABLE
    assert tftp(old.replace(lan, lan + out) + FORWARD) == Verdict.BLOCKED


def test_return_goes_back_and_an_unsaid_default_of_a_named_chain_drops() -> None:
    jump = base_rule(5, "action jump", "jump-target PBX") + base_rule(10, "action accept")
    returns = "name PBX {\nrule 1 {\naction return\nprotocol udp\n}\n}\n"
    text = modern(jump, default="drop").replace("    ipv4 {\n", f"    ipv4 {{\n{returns}", 1)
    assert tftp(text) == Verdict.REACHABLE
    assert tftp(text.replace("protocol udp\n}\n}\n", "protocol tcp\n}\n}\n", 1)) == Verdict.BLOCKED


def test_a_disabled_rule_does_not_count_in_the_filter_or_in_translation() -> None:
    text = modern(base_rule(10, "action drop", "disable"))
    assert tftp(text) == Verdict.REACHABLE
    off = FORWARD.replace("            protocol", "            disable\n            protocol")
    assert tftp(INTERFACES + off) == Verdict.BLOCKED


def test_rules_apply_in_the_order_of_their_numbers_not_of_the_file() -> None:
    text = modern(base_rule(100, "action drop") + base_rule(20, "action accept"))
    assert tftp(text) == Verdict.REACHABLE


def test_older_rule_sets_stand_on_interfaces_and_drop_what_they_do_not_name() -> None:
    narrow = on_interface(rule_set("WAN_IN", f"action accept;source address {PROVIDER}"))
    found = door(narrow + FORWARD)
    assert found.verdict == Verdict.REACHABLE
    assert admits(found, PROVIDER)
    assert not admits(found, STRANGER)
    assert tftp(on_interface(rule_set("WAN_IN")) + FORWARD) == Verdict.BLOCKED


def test_a_rule_set_that_is_attached_nowhere_or_to_local_stops_nothing() -> None:
    assert tftp(on_interface(rule_set("WAN_IN"), direction="local") + FORWARD) == Verdict.REACHABLE
    assert tftp(on_interface(rule_set("WAN_IN"), name="OTHER") + FORWARD) == Verdict.UNKNOWN


def test_the_filter_sees_the_address_behind_the_translation() -> None:
    inside = on_interface(rule_set("WAN_IN", "action accept;destination address 10.20.0.10"))
    public = on_interface(rule_set("WAN_IN", "action accept;destination address 203.0.113.1"))
    assert tftp(inside + FORWARD) == Verdict.REACHABLE
    assert tftp(public + FORWARD) == Verdict.BLOCKED


def test_a_country_or_a_name_is_unknown_never_blocked() -> None:
    for side in ("source {\ngeoip {\ncountry-code de\n}\n}", "source {\nfqdn pbx.example.org\n}"):
        text = modern(base_rule(10, "action accept", side), default="drop")
        assert tftp(text) == Verdict.UNKNOWN
        assert any("not interpreted: source" in one for one in problems(text))


def test_the_first_packet_is_not_established_and_passes_a_rate_limit() -> None:
    held = modern(base_rule(10, "action accept", "state established", "state related"), default="drop")
    limited = modern(base_rule(10, "action accept", "limit {", "rate 10/minute", "}"), default="drop")
    recent = modern(base_rule(10, "action drop", "recent {", "count 4", "time minute", "}"))
    assert tftp(held) == Verdict.BLOCKED
    assert tftp(limited) == Verdict.REACHABLE
    assert tftp(recent) == Verdict.REACHABLE


def test_zones_of_1_4_let_pass_what_a_rule_set_between_them_accepts() -> None:
    zones = """    zone WAN {
        default-action drop
        interface eth0
    }
    zone LAN {
        default-action drop
        from WAN {
            firewall {
                name WAN-LAN
            }
        }
        interface eth1
    }
"""
    ipv4 = block("ipv4 name/WAN-LAN", "default-action drop", "rule 10 {", "action accept", "protocol udp", "}")
    text = f"firewall {{\n{ipv4}{zones}}}\n{INTERFACES}{FORWARD}"
    assert tftp(text) == Verdict.REACHABLE
    assert tftp(text.replace("action accept", "action drop")) == Verdict.BLOCKED
    assert tftp(text.replace("        from WAN {", "        from DMZ {")) == Verdict.BLOCKED


def test_zones_of_1_3_do_the_same_and_know_their_own_members() -> None:
    zones = """zone-policy {
    zone LAN {
        default-action drop
        from WAN {
            firewall {
                name WAN-LAN
            }
        }
        interface eth1
        interface eth1.8
    }
    zone WAN {
        interface eth0
    }
}
"""
    allowed = f"action accept;source address {PROVIDER}"
    text = f"firewall {{\n{rule_set('WAN-LAN', allowed)}}}\n{INTERFACES}{zones}{FORWARD}"
    found = door(text)
    assert admits(found, PROVIDER)
    assert not admits(found, STRANGER)
    inside = asked(gateway(text))
    assert inside["voice/tftp/udp/69"].verdict == Verdict.REACHABLE
    assert inside["office/tftp/udp/69"].verdict == Verdict.BLOCKED


def test_show_configuration_commands_says_the_same_as_the_braces() -> None:
    assert vyos.recognises(COMMANDS.encode())
    found = door(COMMANDS)
    assert found.verdict == Verdict.REACHABLE
    assert problems(COMMANDS) == ()
    assert gateway(COMMANDS).outside == {"eth0"}
    rules = {rule.citation.line for chain in gateway(COMMANDS).ruleset.chains for rule in chain.rules}
    assert {2, 3, 5, 9} <= rules


def test_ipv6_without_rules_is_open_without_any_forward() -> None:
    chains = gateway(modern("", default="drop")).ruleset
    assert len(chains.families) == 2
    assert not any(rule for chain in chains.chains if chain.family == "ip6" for rule in chain.rules)


def test_a_policy_route_that_drops_makes_answers_unknown() -> None:
    policy = block("policy route/X rule/1", "action drop", "protocol udp")
    assert tftp(INTERFACES + FORWARD + policy) == Verdict.UNKNOWN


def test_a_truncated_export_answers_unknown() -> None:
    text = on_interface(rule_set("WAN_IN")) + FORWARD
    assert tftp(text[:-12]) == Verdict.UNKNOWN
    assert any("rules may be missing" in one for one in problems(text[:-12]))


def test_shared_samples_are_read_with_named_problems_or_none() -> None:
    for sample in SAMPLES:
        raw = shared(f"data/firewalls/{sample}").read_bytes()
        assert vyos.recognises(raw[: 64 * 1024])
        assert not edgeos.recognises(raw[: 64 * 1024])
        reading = vyos.read(MemoryArtifacts({NAME: raw}), NAME)
        assert reading.facts is not None
        assert reading.facts.outside
        assert all(problem.citation.line for problem in reading.problems)
    assert problems(shared("data/firewalls/vyos/nat-basic").read_text()) == ()


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_read_without_an_error(raw: bytes) -> None:
    vyos.recognises(raw)
    vyos.read(MemoryArtifacts({NAME: raw}), NAME)


DAMAGED = on_interface(rule_set("WAN_IN", f"action accept;source address {PROVIDER};protocol udp")) + FORWARD + COMMANDS


@settings(max_examples=1000, deadline=None)
@given(st.integers(0, len(DAMAGED)), st.integers(0, 60), st.text(max_size=12))
def test_damaged_exports_are_read_without_an_error(at: int, length: int, instead: str) -> None:
    text = DAMAGED[:at] + instead + DAMAGED[at + length :]
    vyos.read(MemoryArtifacts({NAME: text}), NAME)
