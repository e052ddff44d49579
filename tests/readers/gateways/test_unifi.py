import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.exposure import Exposure, Verdict
from ringfence.readers.gateways import edgeos, unifi, vyos
from ringfence.readers.gateways.gateway import Gateway
from tests.memory import MemoryArtifacts
from tests.readers.gateways.vyatta_school import PROVIDER, SIP, STRANGER, TFTP, admits, asked, interface
from tests.shared_data import shared

SAMPLES = ("aiounifi_firewall_policies.json", "aiounifi_firewall_zones.json", "aiounifi_port_forwarding.json")
Json = dict[str, Any]

FORWARD: Json = {
    "_id": "f1",
    "name": "PBX",
    "enabled": True,
    "pfwd_interface": "wan",
    "src": "any",
    "dst_port": "69,5060",
    "fwd": "10.20.0.10",
    "fwd_port": "69,5060",
    "proto": "udp",
}
NETWORKS: list[Json] = [
    {"_id": "n1", "name": "Default", "purpose": "corporate", "ip_subnet": "10.20.0.1/24"},
    {"_id": "n2", "name": "Voice", "purpose": "corporate", "ip_subnet": "10.20.8.1/24", "vlan": 8},
    {"_id": "n3", "name": "Guests", "purpose": "guest", "ip_subnet": "10.20.30.1/24", "vlan": 30},
    {
        "_id": "n4",
        "name": "Internet",
        "purpose": "wan",
        "wan_networkgroup": "WAN",
        "wan_type": "static",
        "wan_ip": "203.0.113.1",
        "wan_netmask": "255.255.255.0",
        "x_wan_password": "FAKE-line",
    },
]
DROP: Json = {
    "_id": "r1",
    "name": "block",
    "enabled": True,
    "ruleset": "WAN_IN",
    "rule_index": 2000,
    "action": "drop",
    "protocol": "all",
    "src_firewallgroup_ids": [],
    "dst_firewallgroup_ids": [],
}
GROUP: Json = {"_id": "g1", "name": "Provider", "group_type": "address-group", "group_members": [PROVIDER]}
PORTS: Json = {"_id": "g2", "name": "SIP", "group_type": "port-group", "group_members": ["5060", "5160-5170"]}
ZONES: list[Json] = [
    {"_id": "z1", "name": "Internal", "zone_key": "internal", "network_ids": ["n1", "n2"]},
    {"_id": "z2", "name": "External", "zone_key": "external", "network_ids": ["n4"]},
    {"_id": "z3", "name": "Hotspot", "zone_key": "hotspot", "network_ids": ["n3"]},
    {"_id": "z4", "name": "Gateway", "zone_key": "gateway", "network_ids": []},
]


def policy(index: int, action: str, **more: Any) -> Json:  # noqa: ANN401 - fields of JSON
    source = {"zone_id": "z2", "matching_target": "ANY", "port_matching_type": "ANY"} | more.pop("source", {})
    destination = {"zone_id": "z1", "matching_target": "ANY", "port_matching_type": "ANY"} | more.pop("to", {})
    return {
        "_id": f"p{index}",
        "name": f"policy {index}",
        "enabled": True,
        "action": action,
        "index": index,
        "protocol": "all",
        "ip_version": "BOTH",
        "connection_state_type": "ALL",
        "source": source,
        "destination": destination,
        "schedule": {"mode": "ALWAYS"},
    } | more


def answer(*items: Json) -> Json:
    return {"meta": {"rc": "ok"}, "data": list(items)}


def export(
    *forwards: Json,
    rules: tuple[Json, ...] = (),
    groups: tuple[Json, ...] = (),
    more: Json | None = None,
) -> str:
    return json.dumps(
        {
            "rest/portforward": answer(*forwards),
            "rest/firewallrule": answer(*rules),
            "rest/firewallgroup": answer(*groups),
            "rest/networkconf": answer(*NETWORKS),
        }
        | (more or {}),
        indent=1,
    )


def zoned(*policies: Json, forwards: tuple[Json, ...] = (FORWARD,)) -> str:
    return json.dumps(
        {
            "rest/portforward": answer(*forwards),
            "rest/networkconf": answer(*NETWORKS),
            "v2/firewall-policies": list(policies),
            "firewall/zone": ZONES,
        }
    )


def read(*texts: str) -> tuple[Gateway, tuple[str, ...]]:
    files = {f"edge/{number}.json": text for number, text in enumerate(texts)}
    reading = unifi.read(MemoryArtifacts(files), "edge/0.json")
    assert reading.facts is not None
    return reading.facts, tuple(str(problem) for problem in reading.problems)


def door(*texts: str, vantage: str = "internet", port: int = 69) -> Exposure:
    more = (interface("wan", "203.0.113.1/24"), interface("Default", "10.20.0.1/24"))
    found = asked(read(*texts)[0], TFTP, SIP, more=more)
    return next(one for name, one in found.items() if name.startswith(f"{vantage}/") and f"/{port}" in name)


def test_a_forward_opens_itself_to_everybody() -> None:
    found = door(export(FORWARD))
    assert found.verdict == Verdict.REACHABLE
    assert admits(found, STRANGER)
    assert read(export(FORWARD))[1] == ()


def test_a_forward_that_is_off_or_absent_is_closed() -> None:
    assert door(export(FORWARD | {"enabled": False})).verdict == Verdict.BLOCKED
    assert door(export()).verdict == Verdict.BLOCKED


def test_the_users_own_rules_stand_before_the_copies_of_forwards() -> None:
    refusing = DROP | {"src_address": STRANGER}
    found = door(export(FORWARD, rules=(refusing,)))
    assert found.verdict == Verdict.REACHABLE
    assert not admits(found, STRANGER)
    assert admits(found, PROVIDER)
    assert door(export(FORWARD, rules=(DROP,))).verdict == Verdict.BLOCKED


def test_rules_after_the_predefined_ones_come_too_late_for_a_forward() -> None:
    for index in (4000, "40001"):
        assert door(export(FORWARD, rules=(DROP | {"rule_index": index},))).verdict == Verdict.REACHABLE


def test_a_rule_of_a_place_that_is_not_known_makes_the_answer_unknown() -> None:
    assert door(export(FORWARD, rules=(DROP | {"rule_index": 7},))).verdict == Verdict.UNKNOWN


def test_groups_narrow_rules_and_an_absent_group_is_unknown() -> None:
    accept = DROP | {"action": "accept", "src_firewallgroup_ids": ["g1"], "dst_firewallgroup_ids": ["g2"]}
    rules = (accept, DROP | {"_id": "r2", "rule_index": 2001})
    text = export(FORWARD, rules=rules, groups=(GROUP, PORTS))
    assert door(text).verdict == Verdict.BLOCKED
    sip = door(text, port=5060)
    assert admits(sip, PROVIDER)
    assert not admits(sip, STRANGER)
    assert door(export(FORWARD, rules=rules), port=5060).verdict == Verdict.UNKNOWN


def test_src_counts_for_sure_only_with_src_limiting_enabled() -> None:
    narrow = FORWARD | {"src": f"{PROVIDER}/32"}
    sure = door(export(narrow | {"src_limiting_enabled": True, "src_limiting_type": "ip"}))
    assert sure.verdict == Verdict.REACHABLE
    assert admits(sure, PROVIDER)
    assert not admits(sure, STRANGER)
    for unsure in (narrow, narrow | {"src_limiting_enabled": False}):
        found = door(export(unsure))
        assert found.verdict == Verdict.REACHABLE
        assert admits(found, PROVIDER)
        assert "ignore" in " ".join(read(export(unsure))[1])
        other = door(export(unsure | {"src": "10.9.9.9"}))
        assert other.verdict == Verdict.UNKNOWN


def test_a_forward_limited_to_a_group_follows_the_group() -> None:
    limited = FORWARD | {
        "src_limiting_enabled": True,
        "src_limiting_type": "firewall_group",
        "src_firewall_group_id": "g1",
    }
    found = door(export(limited, groups=(GROUP,)))
    assert admits(found, PROVIDER)
    assert not admits(found, STRANGER)
    assert door(export(limited)).verdict == Verdict.UNKNOWN


def test_forwards_without_the_firewalls_rules_are_unknown() -> None:
    alone = json.dumps(answer(FORWARD))
    assert unifi.recognises(alone.encode())
    assert door(alone).verdict == Verdict.UNKNOWN
    assert any("rest/firewallrule" in one for one in read(alone)[1])


def test_rules_without_forwards_are_unknown_unless_they_drop_everybody() -> None:
    alone = json.dumps(answer(DROP | {"src_address": "192.0.2.1"}))
    assert door(alone).verdict == Verdict.UNKNOWN
    assert any("rest/portforward" in one for one in read(alone)[1])
    assert door(json.dumps(answer(DROP))).verdict == Verdict.BLOCKED


def test_files_side_by_side_are_one_export() -> None:
    files = {
        "edge/firewallrule.json": json.dumps(answer()),
        "edge/networks.json": json.dumps(answer(*NETWORKS)),
        "edge/portforward.json": json.dumps(answer(FORWARD)),
        "edge/readme.txt": "not JSON",
    }
    artifacts = MemoryArtifacts(files)
    assert unifi.recognises(files["edge/firewallrule.json"].encode())
    first = unifi.read(artifacts, "edge/firewallrule.json")
    assert first.facts is not None
    assert first.problems == ()
    assert next(iter(asked(first.facts, TFTP).values())).verdict == Verdict.REACHABLE
    assert unifi.read(artifacts, "edge/portforward.json").facts is None
    assert unifi.read(artifacts, "edge/portforward.json").problems == ()


def test_ports_are_paired_piece_by_piece() -> None:
    moved = FORWARD | {"dst_port": "6969,5060", "fwd_port": "69,5160"}
    found = door(export(moved))
    assert found.verdict == Verdict.REACHABLE
    assert found.outside is not None
    assert found.outside.port == 6969
    assert door(export(moved), port=5060).verdict == Verdict.BLOCKED


def test_corporate_networks_reach_each_other_and_guests_are_unknown() -> None:
    assert door(export(), vantage="voice").verdict == Verdict.REACHABLE
    assert door(export(), vantage="office").verdict == Verdict.UNKNOWN
    barred = DROP | {"ruleset": "LAN_IN", "src_networkconf_id": "n2", "src_networkconf_type": "NETv4"}
    assert door(export(rules=(barred,)), vantage="voice").verdict == Verdict.BLOCKED


def test_what_zone_policies_do_to_forwards_is_not_confirmed() -> None:
    block = policy(30000, "BLOCK", predefined=True)
    assert door(zoned(block)).verdict == Verdict.UNKNOWN
    assert door(zoned(policy(10000, "ALLOW", to={"matching_target": "IP", "ips": ["10.20.0.10"]}), block)).verdict == (
        Verdict.REACHABLE
    )
    assert door(zoned(block, forwards=())).verdict == Verdict.BLOCKED


def test_zone_policies_apply_in_the_order_of_their_index() -> None:
    inside = {"zone_id": "z3"}
    block = policy(30000, "BLOCK", source=inside, predefined=True)
    allow = policy(10000, "ALLOW", source=inside, to={"port_matching_type": "SPECIFIC", "port": "69"}, protocol="udp")
    assert door(zoned(block, allow), vantage="office").verdict == Verdict.REACHABLE
    assert door(zoned(block, allow), vantage="office", port=5060).verdict == Verdict.BLOCKED
    assert door(zoned(block, allow | {"index": 40000}), vantage="office").verdict == Verdict.BLOCKED
    assert door(zoned(block, allow | {"enabled": False}), vantage="office").verdict == Verdict.BLOCKED
    assert door(zoned(allow), vantage="office", port=5060).verdict == Verdict.UNKNOWN


def test_opposites_turn_a_policy_round() -> None:
    pair: Json = {"zone_id": "z3", "matching_target": "IP", "ips": ["10.20.30.7"], "match_opposite_ips": True}
    block = policy(10000, "BLOCK", source=pair)
    allow = policy(10001, "ALLOW", source={"zone_id": "z3"})
    found = door(zoned(block, allow), vantage="office")
    assert admits(found, "10.20.30.7")
    assert not admits(found, "10.20.30.8")
    ports = {"port_matching_type": "SPECIFIC", "port": "69", "match_opposite_ports": True}
    others = policy(10000, "BLOCK", source={"zone_id": "z3"}, to=ports)
    assert door(zoned(others, allow), vantage="office").verdict == Verdict.REACHABLE
    assert door(zoned(others, allow), vantage="office", port=5060).verdict == Verdict.BLOCKED


def test_countries_schedules_and_ipsec_are_unknown() -> None:
    unread: list[Json] = [
        {"source": {"zone_id": "z3", "matching_target": "REGION", "regions": ["DE"]}},
        {"source": {"zone_id": "z3"}, "schedule": {"mode": "EVERY_DAY", "time_range_start": "09:00"}},
        {"source": {"zone_id": "z3"}, "match_ip_sec": True},
        {"source": {"zone_id": "z3"}, "to": {"port_matching_type": "OBJECT", "port_group_id": "gone"}},
    ]
    last = policy(30000, "BLOCK", source={"zone_id": "z3"})
    for more in unread:
        assert door(zoned(policy(10000, "ALLOW", **more), last), vantage="office").verdict == Verdict.UNKNOWN
    answered = policy(10000, "ALLOW", source={"zone_id": "z3"}, connection_state_type="RESPOND_ONLY")
    assert door(zoned(answered, last), vantage="office").verdict == Verdict.BLOCKED


def test_rules_of_both_kinds_in_one_export_are_unknown() -> None:
    both = json.loads(zoned(policy(10000, "ALLOW"))) | {"rest/firewallrule": answer(DROP)}
    assert door(json.dumps(both)).verdict == Verdict.UNKNOWN


def test_filtering_by_country_and_upnp_are_named_and_unknown() -> None:
    usg = {"key": "usg", "geo_ip_filtering_enabled": True}
    countries = export(FORWARD, more={"rest/setting": answer(usg)})
    assert door(countries).verdict == Verdict.UNKNOWN
    upnp = export(FORWARD, more={"rest/setting": answer({"key": "usg", "upnp_enabled": True})})
    assert door(upnp).verdict == Verdict.REACHABLE
    closed = export(more={"rest/setting": answer({"key": "usg", "upnp_enabled": True})})
    assert door(closed).verdict == Verdict.UNKNOWN


def test_interfaces_and_the_outside_are_named_as_the_controller_does() -> None:
    found, _ = read(export(FORWARD))
    assert found.outside == {"wan"}
    assert {one.name for one in found.interfaces} == {"Default", "Voice", "Guests", "wan"}
    assert "FAKE-line" not in repr(found)
    assert read(json.dumps(answer(FORWARD | {"pfwd_interface": "both"})))[0].outside == {"wan", "wan2"}


def test_a_file_that_is_cut_off_answers_unknown() -> None:
    rest = export(FORWARD, rules=(DROP,))
    text = json.dumps(answer(FORWARD))
    found, problems = read(rest, text[:-5])
    assert any("not whole JSON" in one for one in problems)
    assert next(iter(asked(found, TFTP).values())).verdict != Verdict.REACHABLE


def test_rules_cite_their_file_and_line() -> None:
    text = export(FORWARD)
    rule = next(rule for chain in read(text)[0].ruleset.chains for rule in chain.rules if "PBX" in rule.text)
    assert rule.citation.line is not None
    assert '"f1"' in text.splitlines()[rule.citation.line]


def test_other_json_is_not_taken() -> None:
    for text in ('{"nftables": []}', '{"firewall": {"name": {}}}', "[]", "{}", '{"interface": [{"zone": "lan"}]}', ""):
        assert not unifi.recognises(text.encode())
    assert not edgeos.recognises(export(FORWARD).encode())
    assert not vyos.recognises(export(FORWARD).encode())


def test_shared_samples_are_read_with_named_problems_or_none() -> None:
    files = {f"edge/{name}": shared(f"data/firewalls/unifi/{name}").read_bytes() for name in SAMPLES}
    assert all(unifi.recognises(raw) for raw in files.values())
    reading = unifi.read(MemoryArtifacts(files), f"edge/{SAMPLES[0]}")
    assert reading.facts is not None
    assert [problem.citation.line for problem in reading.problems] == [2, 2]


@settings(max_examples=1000, deadline=None)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_read_without_an_error(raw: bytes) -> None:
    unifi.recognises(raw)
    unifi.read(MemoryArtifacts({"edge/x": raw}), "edge/x")


WHOLE = export(
    FORWARD, rules=(DROP,), groups=(GROUP, PORTS), more={"policies": [policy(1, "ALLOW")], "firewall/zone": ZONES}
)


@settings(max_examples=1000, deadline=None)
@given(st.floats(0, 1), st.integers(0, 40), st.text(max_size=10))
def test_damaged_exports_are_read_without_an_error(part: float, length: int, instead: str) -> None:
    at = int(len(WHOLE) * part)
    text = WHOLE[:at] + instead + WHOLE[at + length :]
    unifi.read(MemoryArtifacts({"edge/x": text}), "edge/x")


@settings(max_examples=1000, deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            [*FORWARD, *DROP, *GROUP, *policy(1, "ALLOW"), *ZONES[0], *NETWORKS[3], "src_limiting_enabled"]
        ),
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.text(max_size=6) | st.sampled_from(["z1", "any", "69"]),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["zone_id", "ips", "port", "matching_target", "data"]), inner, max_size=3
                )
            ),
            max_leaves=6,
        ),
        max_size=12,
    )
)
def test_values_of_any_kind_are_read_without_an_error(fields: Json) -> None:
    text = json.dumps([FORWARD | fields, DROP | fields, GROUP | fields, policy(1, "ALLOW") | fields, fields])
    unifi.read(MemoryArtifacts({"edge/x": text}), "edge/x")
