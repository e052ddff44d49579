import json

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.exposure import Verdict
from ringfence.model.packetfilter import TranslateSource
from ringfence.readers.gateways import edgeos, vyos
from tests.memory import MemoryArtifacts
from tests.readers.gateways.vyatta_school import (
    EDGEOS_NAT,
    INTERFACES,
    NAME,
    PORT_FORWARD,
    PROVIDER,
    SIP,
    STRANGER,
    WEB,
    admits,
    block,
    door,
    gateway,
    on_interface,
    problems,
    rule_set,
    tftp,
)
from tests.shared_data import shared

SAMPLES = ("edgeos/Google-Fiber_config.boot.erx", "edgeos/Charter_config.gateway.json")
#: What an admin believes in: only the provider may come in.
ONLY_PROVIDER = on_interface(rule_set("WAN_IN", f"action accept;source address {PROVIDER}"))
CLOSED = on_interface(rule_set("WAN_IN", "action accept;state established enable;state related enable"))

#: A USG's whole configuration, as `mca-ctrl -t dump-cfg` writes it.
DUMP = {
    "firewall": {
        "name": {
            "WAN_IN": {
                "default-action": "drop",
                "rule": {"10": {"action": "accept", "source": {"group": {"address-group": "PROVIDER"}}}},
            }
        },
        "group": {"address-group": {"PROVIDER": {"address": [PROVIDER, "198.51.100.21"]}}},
    },
    "interfaces": {
        "ethernet": {
            "eth0": {"address": ["203.0.113.1/24"], "firewall": {"in": {"name": "WAN_IN"}}},
            "eth1": {"address": "10.20.0.1/24"},
        }
    },
    "port-forward": {"wan-interface": "eth0", "auto-firewall": "disable", "rule": {}},
    "service": {
        "nat": {
            "rule": {
                "1": {
                    "type": "destination",
                    "protocol": "udp",
                    "inbound-interface": "eth0",
                    "destination": {"port": "69"},
                    "inside-address": {"address": "10.20.0.10"},
                },
                "2": {
                    "type": "destination",
                    "protocol": "udp",
                    "inbound-interface": "eth0",
                    "destination": {"port": "5060"},
                    "inside-address": {"address": "10.20.0.10"},
                    "disable": "''",
                },
            }
        }
    },
    "system": {
        "host-name": "usg",
        "gateway-address": "203.0.113.254",
        "login": {"user": {"admin": {"authentication": {"encrypted-password": "FAKE-hash"}}}},
    },
}


def dump(without: str = "") -> str:
    return json.dumps({name: part for name, part in DUMP.items() if name != without}, indent=1)


def test_a_port_forward_with_auto_firewall_passes_before_wan_in_is_asked() -> None:
    found = door(ONLY_PROVIDER + PORT_FORWARD, product="edgeos")
    assert found.verdict == Verdict.REACHABLE
    assert admits(found, STRANGER)
    assert "auto-firewall" in " ".join(hop.text for hop in found.proof)


def test_the_safe_form_is_a_nat_rule_that_wan_in_narrows() -> None:
    found = door(ONLY_PROVIDER + EDGEOS_NAT, product="edgeos")
    assert found.verdict == Verdict.REACHABLE
    assert admits(found, PROVIDER)
    assert not admits(found, STRANGER)
    assert tftp(CLOSED + EDGEOS_NAT, product="edgeos") == Verdict.BLOCKED


def test_without_auto_firewall_a_port_forward_is_asked_about_too() -> None:
    off = PORT_FORWARD.replace("auto-firewall enable", "auto-firewall disable")
    assert tftp(CLOSED + off, product="edgeos") == Verdict.BLOCKED
    assert not admits(door(ONLY_PROVIDER + off, product="edgeos"), STRANGER)


def test_a_port_forward_that_does_not_say_auto_firewall_is_unknown() -> None:
    unsaid = PORT_FORWARD.replace("    auto-firewall enable\n", "")
    assert tftp(CLOSED + unsaid, product="edgeos") == Verdict.UNKNOWN
    assert any("auto-firewall" in one for one in problems(CLOSED + unsaid, product="edgeos"))


def test_auto_firewall_opens_what_is_forwarded_and_nothing_else() -> None:
    assert door(CLOSED + PORT_FORWARD, product="edgeos", of=SIP).verdict == Verdict.BLOCKED
    assert door(CLOSED + PORT_FORWARD, product="edgeos", of=WEB).verdict == Verdict.BLOCKED


def test_a_port_forward_may_change_the_port() -> None:
    moved = PORT_FORWARD.replace("original-port 69", "original-port 6969")
    found = door(CLOSED + moved, product="edgeos")
    assert found.verdict == Verdict.REACHABLE
    assert found.outside is not None
    assert found.outside.port == 6969


def test_a_port_forward_of_another_wan_interface_or_switched_off_opens_nothing() -> None:
    other = PORT_FORWARD.replace("wan-interface eth0", "wan-interface eth9")
    off = PORT_FORWARD.replace("        original-port", "        disable\n        original-port")
    assert tftp(CLOSED + other, product="edgeos") == Verdict.BLOCKED
    assert tftp(CLOSED + off, product="edgeos") == Verdict.BLOCKED


def test_a_port_forward_without_a_wan_interface_is_unknown() -> None:
    text = CLOSED + PORT_FORWARD.replace("    wan-interface eth0\n", "")
    assert tftp(text, product="edgeos") == Verdict.UNKNOWN


def test_hairpin_hides_the_lan_and_not_the_internet() -> None:
    found = door(CLOSED + PORT_FORWARD, product="edgeos")
    assert found.seen_as is None
    rules = [rule for chain in gateway(CLOSED + PORT_FORWARD, product="edgeos").ruleset.chains for rule in chain.rules]
    assert any(isinstance(rule.action, TranslateSource) and "hairpin" in rule.text for rule in rules)


def test_masquerade_towards_the_lan_hides_every_stranger_behind_the_gateway() -> None:
    hiding = EDGEOS_NAT + block("service nat rule/5001", "outbound-interface eth1", "type masquerade")
    found = door(INTERFACES + hiding, product="edgeos")
    assert found.seen_as is not None
    assert "10.20.0.1" in found.seen_as
    assert found.seen_as.count == 1


def test_upnp_makes_closed_ports_unknown_and_leaves_open_ones_open() -> None:
    upnp = PORT_FORWARD + "service {\n    upnp2 {\n        listen-on eth1\n        wan eth0\n    }\n}\n"
    assert door(CLOSED + upnp, product="edgeos", of=SIP).verdict == Verdict.UNKNOWN
    assert door(CLOSED + upnp, product="edgeos").verdict == Verdict.REACHABLE
    assert any("UPnP" in one for one in problems(CLOSED + upnp, product="edgeos"))


def test_upnp_does_not_excuse_what_a_nat_rule_forwards_from_the_firewall() -> None:
    text = ONLY_PROVIDER + EDGEOS_NAT.replace("service {\n", "service {\n    upnp2 {\n        wan eth0\n    }\n")
    found = door(text, product="edgeos")
    assert found.verdict == Verdict.REACHABLE
    assert not admits(found, STRANGER)


def test_config_gateway_json_alone_is_unknown_where_the_controller_decides() -> None:
    part = dump(without="system")
    assert edgeos.recognises(part.encode())
    assert tftp(part, product="edgeos") == Verdict.UNKNOWN
    assert any("config.gateway.json only adds" in one for one in problems(part, product="edgeos"))


def test_a_dump_of_the_whole_usg_is_exact() -> None:
    found = door(dump(), product="edgeos")
    assert problems(dump(), product="edgeos") == ()
    assert admits(found, PROVIDER)
    assert not admits(found, STRANGER)
    assert door(dump(), product="edgeos", of=SIP).verdict == Verdict.BLOCKED
    assert "FAKE-hash" not in repr(gateway(dump(), product="edgeos"))


def test_json_rules_cite_their_line() -> None:
    lines = dump().splitlines()
    rules = {rule.text: rule for chain in gateway(dump(), product="edgeos").ruleset.chains for rule in chain.rules}
    rule = next(rule for text, rule in rules.items() if text.startswith("service nat rule 1:"))
    assert rule.citation.line is not None
    assert '"1": {' in lines[rule.citation.line - 1]


def test_texts_of_edgeos_and_vyos_are_told_apart_and_broken_json_is_a_problem() -> None:
    assert edgeos.recognises((CLOSED + PORT_FORWARD).encode())
    assert not vyos.recognises((CLOSED + PORT_FORWARD).encode())
    assert edgeos.recognises((INTERFACES + EDGEOS_NAT).encode())
    reading = edgeos.read(MemoryArtifacts({NAME: '{"firewall": {'}), NAME)
    assert reading.facts is None
    assert len(reading.problems) == 1


def test_no_password_of_the_export_is_kept() -> None:
    secret = block("system login user/ubnt authentication", 'plaintext-password "FAKE-secret"')
    pppoe = block("interfaces ethernet/eth2 pppoe/0", "password FAKE-line", "user-id me")
    found = edgeos.read(MemoryArtifacts({NAME: CLOSED + PORT_FORWARD + secret + pppoe}), NAME)
    assert "FAKE-" not in repr(found)


def test_shared_samples_are_read_with_named_problems_or_none() -> None:
    for sample in SAMPLES:
        raw = shared(f"data/firewalls/{sample}").read_bytes()
        assert edgeos.recognises(raw[: 64 * 1024])
        assert not vyos.recognises(raw[: 64 * 1024])
        reading = edgeos.read(MemoryArtifacts({NAME: raw}), NAME)
        assert reading.facts is not None
    raw = shared(f"data/firewalls/{SAMPLES[0]}").read_bytes()
    reading = edgeos.read(MemoryArtifacts({NAME: raw}), NAME)
    assert reading.facts is not None
    assert reading.facts.outside == {"eth0.2"}
    assert [problem.message for problem in reading.problems] == [
        "UPnP is on: programs may have opened ports that the export does not list"
    ]


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_are_read_without_an_error(raw: bytes) -> None:
    edgeos.recognises(raw)
    edgeos.read(MemoryArtifacts({NAME: raw}), NAME)


WHOLE = ONLY_PROVIDER + PORT_FORWARD + EDGEOS_NAT


@settings(max_examples=1000, deadline=None)
@given(st.sampled_from([WHOLE, dump()]), st.floats(0, 1), st.integers(0, 60), st.text(max_size=12))
def test_damaged_exports_are_read_without_an_error(whole: str, part: float, length: int, instead: str) -> None:
    at = int(len(whole) * part)
    text = whole[:at] + instead + whole[at + length :]
    edgeos.read(MemoryArtifacts({NAME: text}), NAME)
