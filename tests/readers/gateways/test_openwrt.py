from dataclasses import replace
from ipaddress import ip_interface

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Family, Ruleset
from ringfence.model.site import Host, Interface
from ringfence.readers.gateways import openwrt
from ringfence.readers.gateways.gateway import Gateway
from tests.memory import MemoryArtifacts
from tests.reach import school
from tests.readers.gateways import fw4, routers
from tests.readers.gateways.openwrt_school import FORWARD, NETWORK, ZONES, ask, read, section, verdict
from tests.readers.gateways.routers import PROVIDER, STRANGER
from tests.shared_data import shared

OPEN = ZONES + FORWARD


def test_a_whole_configuration_is_understood() -> None:
    found = read(OPEN)
    assert found.problems == ()
    assert found.facts is not None
    assert found.facts.product == "OpenWrt"
    assert found.facts.outside == {"eth1"}
    assert found.facts.ruleset.families == {Family.IPV4, Family.IPV6}
    assert {one.name for one in found.facts.interfaces} == {"lo", "br-lan", "br-lan.8", "br-lan.30", "eth1"}


# ------------------------------------------------------------------------------------------------ traps of the facts


def test_a_forward_is_open_to_the_world_without_any_rule() -> None:
    found = ask(OPEN)
    assert found.verdict.value == "reachable"
    assert STRANGER in found.sources
    assert found.seen_as is None
    assert any("'PBX'" in hop.text for hop in found.proof)
    assert verdict(OPEN, 69) == "blocked"


def test_rules_before_the_forwards_are_accepted_narrow_them() -> None:
    drop = section("rule", src="wan", dest="lan", src_ip="198.51.100.0/24", proto="udp", target="DROP")
    sources = ask(OPEN + drop).sources
    assert STRANGER in sources
    assert PROVIDER not in sources
    all_others = section("rule", src="wan", dest="lan", src_ip=f"!{PROVIDER}", proto="all", target="REJECT")
    assert ask(OPEN + all_others).sources == AddressSet.of(PROVIDER)


def test_a_rule_sees_the_inner_address() -> None:
    drop = {"src": "wan", "dest": "lan", "proto": "udp", "target": "DROP"}
    assert verdict(OPEN + section("rule", dest_ip="203.0.113.1", **drop)) == "reachable"
    assert verdict(OPEN + section("rule", dest_ip="10.20.0.10", **drop)) == "blocked"


def test_a_forward_for_one_source() -> None:
    assert ask(OPEN.replace("option proto", f"option src_ip '{PROVIDER}'\n\toption proto")).sources == AddressSet.of(
        PROVIDER
    )


def test_a_rule_without_a_destination_is_about_the_router_itself() -> None:
    own = section("rule", src="wan", dest_port="5060", proto="udp", target="ACCEPT")
    assert verdict(ZONES + own) == "blocked"
    assert verdict(OPEN + own.replace("ACCEPT", "DROP")) == "reachable"


def test_a_redirect_without_a_target_goes_to_the_router() -> None:
    assert verdict(OPEN.replace("\toption dest_ip '10.20.0.10'\n", "")) == "blocked"


def test_a_forward_that_is_switched_off() -> None:
    assert verdict(OPEN.replace("option name 'PBX'", "option enabled '0'")) == "blocked"


def test_reflection_hides_no_stranger_and_a_masquerade_of_the_inside_does() -> None:
    assert ask(OPEN).seen_as is None
    hidden = OPEN.replace("option name 'lan'", "option name 'lan'\n\toption masq '1'")
    assert ask(hidden).seen_as == AddressSet.of("10.20.0.1")


def test_zones_are_kept_apart_unless_a_forwarding_joins_them() -> None:
    assert verdict(OPEN, at="office") == "blocked"
    assert verdict(OPEN + section("forwarding", src="office", dest="lan"), at="office") == "reachable"
    assert verdict(OPEN + section("forwarding", src="lan", dest="office"), at="office") == "blocked"
    assert verdict(OPEN + section("forwarding", src="*", dest="lan")) == "reachable"


def test_a_zone_s_policy_is_about_its_own_interfaces() -> None:
    accepting = ZONES.replace("option masq", "option forward 'ACCEPT'\n\toption masq")
    assert verdict(accepting + FORWARD.replace("option src_dport '5060'", "option src_dport '1'")) == "blocked"


def test_defaults_decide_for_what_belongs_to_no_zone() -> None:
    lonely = ZONES.replace("\tlist network 'office'\n", "")
    assert verdict(lonely, at="office") == "blocked"
    accepting = lonely.replace(
        "option forward 'REJECT'\n\nconfig zone\n\toption name 'lan'",
        "option forward 'ACCEPT'\n\nconfig zone\n\toption name 'lan'",
    )
    assert verdict(accepting, at="office") == "reachable"
    assert any("no interface belongs to zone office" in problem.message for problem in read(lonely).problems)


def test_sets() -> None:
    named = section("ipset", name="trunk", match="src_net", entry=f"{PROVIDER},198.51.100.64/26")
    text = ZONES + named + FORWARD.replace("option proto", "option ipset 'trunk'\n\toption proto")
    assert ask(text).sources == AddressSet.of(PROVIDER, "198.51.100.64/26")
    empty = section("ipset", name="trunk", match="src_net")
    assert verdict(ZONES + empty + FORWARD.replace("option proto", "option ipset 'trunk'\n\toption proto")) == "unknown"


def test_schedules_leave_the_answer_open_and_limits_do_not() -> None:
    assert verdict(OPEN.replace("option proto", "option start_time '08:00'\n\toption proto")) == "unknown"
    assert verdict(OPEN.replace("option proto", "option limit '10/minute'\n\toption proto")) == "reachable"


def test_marks_carry_from_mangle_to_the_filter() -> None:
    mark = section("rule", src="wan", dest="*", proto="all", src_ip=PROVIDER, target="MARK", set_xmark="0x1")
    drop = section("rule", src="wan", dest="lan", proto="all", mark="!0x1", target="DROP")
    assert ask(OPEN + mark + drop).sources == AddressSet.of(PROVIDER)


def test_ipv6_passes_where_a_rule_lets_it() -> None:
    assert verdict(ZONES, version=6) == "blocked"
    allow = section("rule", src="wan", dest="lan", family="ipv6", proto="udp", dest_port="5060", target="ACCEPT")
    assert verdict(ZONES + allow, version=6) == "reachable"
    assert verdict(ZONES + allow, 69, version=6) == "blocked"


def test_only_lines_that_are_understood_decide() -> None:
    broken = OPEN.replace(
        "option src_dport '5060'", "option src_dport '5060'\n\toption src_ip '192.0.2.1\n\toption x 'y'"
    )
    assert verdict(broken) == "unknown"


# ----------------------------------------------------------------------------------------- the network configuration


def test_without_it_the_networks_names_stand_for_interfaces() -> None:
    found = read(OPEN, None)
    assert found.facts is not None
    assert found.facts.outside == {"wan", "wan6"}
    assert routers.verdict(found.facts) == "reachable"
    assert routers.verdict(found.facts, 69) == "blocked"
    assert any("/etc/config/network" in problem.message for problem in found.problems)


def test_interfaces_that_only_ip_addr_names_leave_the_answer_open() -> None:
    found = read(OPEN, None, **{"edge/ip-addr.txt": "2: eth1: <UP>\n    inet 203.0.113.1/24 scope global eth1\n"})
    assert found.facts is not None
    assert found.facts.interfaces == ()
    assert routers.verdict(found.facts) == "unknown"
    assert routers.verdict(found.facts, 69) == "blocked"  # nobody forwards it, wherever it comes in


def test_packets_come_in_by_pppoe() -> None:
    network = NETWORK.replace(
        "option proto 'static'\n\toption ipaddr '203.0.113.1'", "option proto 'pppoe'\n\toption password 'FAKE-x'"
    )
    found = read(OPEN, network)
    assert found.facts is not None
    assert found.facts.outside == {"pppoe-wan"}
    assert routers.verdict(found.facts) == "reachable"
    assert "FAKE" not in repr(found)


def test_one_export_may_hold_both() -> None:
    text = f"package network\n\n{NETWORK}\npackage firewall\n\n{OPEN}"
    found = read(text, None)
    assert found.problems == ()
    assert routers.verdict(found.facts) == "reachable"


def test_the_network_configuration_alone_is_no_gateway() -> None:
    alone = openwrt.read_network(MemoryArtifacts({"edge/network": NETWORK}), "edge/network")
    assert alone.facts is None
    assert "alone" in alone.problems[0].message
    beside = MemoryArtifacts({"edge/network": NETWORK, "edge/firewall": OPEN})
    assert openwrt.read_network(beside, "edge/network").problems == ()


# ------------------------------------------------------------------------------------------- pairs with firewall4


#: Pairs about which one side says more than the other: a mask that is no prefix names IPv6 (our nftables reader does
#: not conclude that), and a forward of one port to which firewall4 gives no protocol (nft refuses it).
NARROWED = {
    "fw4_03_rules_06_subnet_mask_matches": ((6,), ("tcp", "udp", "sctp")),
    "fw4_02_zones_08_log_limit": ((4, 6), ("tcp",)),
}
#: How many sections of those tests are left out by firewall4, or hold conditions that are not interpreted.
PROBLEMS = {
    "fw4_02_zones_08_log_limit": 2,
    "fw4_03_rules_03_constraints": 7,
    "fw4_03_rules_06_subnet_mask_matches": 14,
    "fw4_03_rules_08_family_inheritance": 7,
    "fw4_03_rules_09_time": 14,
    "fw4_03_rules_11_log": 4,
}


@pytest.mark.parametrize("name", fw4.names())
def test_a_configuration_does_what_the_rules_do_that_firewall4_made_of_it(name: str) -> None:
    mine, theirs = fw4.pair(name)
    assert mine.facts is not None
    versions, protocols = NARROWED.get(name, ((4, 6), ("tcp", "udp", "udp", "sctp")))
    found = fw4.differences(mine.facts.ruleset, theirs.facts, packets=1500, versions=versions, protocols=protocols)
    assert list(found) == []


@pytest.mark.parametrize(
    ("chain", "left"),
    [
        ("input_wan", slice(1, None)),
        ("forward_wan", slice(1, None)),
        ("input", slice(0, 1)),
        ("dstnat_wan", slice(0, -1)),
        ("dstnat_lan", slice(0, -1)),
        ("srcnat_lan", slice(0, -1)),
        ("srcnat_wan", slice(0, -1)),
    ],
)
def test_the_comparison_notices_a_rule_that_is_missing(chain: str, left: slice) -> None:
    mine, theirs = fw4.pair("fw4_03_rules_07_redirect")
    assert mine.facts is not None
    rules = mine.facts.ruleset
    chains = tuple(replace(one, rules=one.rules[left]) if one.name == chain else one for one in rules.chains)
    changed = replace(rules, chains=chains)
    found = fw4.differences(changed, theirs.facts, packets=4000, protocols=("tcp", "udp"))
    assert next(found, None) is not None


def with_rules(gateway: Gateway, ruleset: Ruleset) -> dict[str, tuple[str, AddressSet, AddressSet | None]]:
    """Predict for a PBX in the zone lan of those tests, with all its services."""
    inside = Interface(name="eth0", addresses=(ip_interface("192.168.26.100/24"),), citation=Citation(file="x"))
    edge = Host(
        name="edge",
        interfaces=gateway.interfaces,
        routes=gateway.routes,
        packet_filter=ruleset,
        outside=gateway.outside,
    )
    ports = [("tcp", port) for port in (22, 23, 24, 26, 80, 5060)] + [("udp", port) for port in (53, 69, 5060)]
    listeners = tuple(school.listener(port=port, transport=transport) for transport, port in ports)
    pbx = Host(name="pbx", interfaces=(inside,), listeners=listeners, packet_filter=school.save(""))
    found = school.exposures(edge, pbx)
    return {name: (one.verdict.value, one.sources, one.seen_as) for name, one in found.items()}


@pytest.mark.parametrize("name", fw4.names())
def test_both_sides_of_a_pair_predict_the_same(name: str) -> None:
    mine, theirs = fw4.pair(name)
    assert mine.facts is not None
    ours = with_rules(mine.facts, mine.facts.ruleset)
    assert ours == with_rules(mine.facts, theirs.facts)
    reachable = {key.split("/")[3] for key, (found, *_) in ours.items() if found == "reachable" and "internet" in key}
    assert reachable == ({"22", "23"} if name == "fw4_03_rules_07_redirect" else set()), reachable


@pytest.mark.parametrize("name", fw4.names())
def test_pairs_are_read_with_named_problems_or_none(name: str) -> None:
    found = fw4.pair(name)[0]
    assert len(found.problems) == PROBLEMS.get(name, 0)
    assert all(problem.citation.line for problem in found.problems)


def test_the_configuration_that_openwrt_brings_along_is_understood() -> None:
    text = (shared(fw4.FOLDER) / "default_firewall.uci").read_bytes()
    assert openwrt.recognises(text)
    found = read(text)
    assert found.problems == ()
    assert routers.verdict(found.facts) == "blocked"
    assert routers.verdict(found.facts, version=6) == "blocked"


# --------------------------------------------------------------------------------------------------- recognition


@pytest.mark.parametrize(
    "head",
    [
        ZONES,
        f"package firewall\n\n{FORWARD}",
        "firewall.@defaults[0]=defaults\nfirewall.@zone[0]=zone\n",
        "config 'zone'\n option 'name' 'lan'\n",
    ],
)
def test_a_configuration_is_known_by_its_content(head: str) -> None:
    assert openwrt.recognises(head.encode())
    assert not openwrt.recognises_network(head.encode())


def test_the_network_configuration_is_known_too() -> None:
    dump = (shared(fw4.FOLDER) / "network.interface~dump.json").read_bytes()
    for head in (NETWORK.encode(), b"network.lan=interface\nnetwork.lan.proto='static'\n", dump):
        assert openwrt.recognises_network(head)
        assert not openwrt.recognises(head)


def test_other_products_are_left_to_others() -> None:
    folder = shared("data/firewalls")
    others = [path for path in folder.rglob("*") if path.is_file() and path.parent.name not in {"openwrt", "firewalls"}]
    heads = [
        b"",
        b"config firewall policy\n    edit 1\n",
        b'config system zone\n    edit "lan"\n',
        b"zone security INSIDE\n",
    ]
    heads += [path.read_bytes()[: 64 * 1024] for path in others]
    assert len(heads) > 30
    assert not any(openwrt.recognises(head) or openwrt.recognises_network(head) for head in heads)


# ---------------------------------------------------------------------------------------------------------- hostile


@settings(max_examples=1000)
@given(st.binary(max_size=400))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    openwrt.recognises(raw)
    openwrt.recognises_network(raw)
    read(raw, None)
    read(b"config zone\n\toption name wan\nconfig redirect\n" + raw)


OPTIONS = st.sampled_from(
    ["name", "src", "dest", "network", "device", "subnet", "family", "input", "forward", "masq", "masq_src", "proto",
     "src_ip", "src_dip", "dest_ip", "src_port", "src_dport", "dest_port", "target", "ipset", "match", "entry", "mark",
     "set_mark", "limit", "enabled", "path", "reflection_zone", "reflection_src", "snat_ip", "helper", "position"]
)  # fmt: skip
VALUES = st.sampled_from(
    ["wan", "lan", "*", "!wan", "+", "eth+", "10.0.0.0/24", "!10.0.0.1", "::1/::ffff", "::1/-64", "1.2.3.4/", "1-", "!",
     "5060", "1-70000", "tcp udp", "all", "!tcp", "ipv6", "any", "dnat", "snat", "mark", "notrack", "0x1/0x", "src_ip",
     "a b", "10/x", "1", "0", "", "/etc/x", "chain-pre", "masquerade", "10.0.0.9-10.0.0.1", "2001:db8::/32", "zone"]
)  # fmt: skip
SECTIONS = st.tuples(
    st.sampled_from(["zone", "rule", "redirect", "nat", "forwarding", "ipset", "include", "defaults"]),
    st.dictionaries(OPTIONS, VALUES, max_size=7),
)


@settings(max_examples=1000)
@given(st.lists(SECTIONS, max_size=6))
def test_arbitrary_sections_never_raise(sections: list[tuple[str, dict[str, str]]]) -> None:
    read(ZONES + "".join(section(kind, **options) for kind, options in sections))


@settings(max_examples=1000)
@given(st.integers(0, len(OPEN)), st.integers(0, 60), st.binary(max_size=8))
def test_damaged_configurations_never_raise(start: int, length: int, more: bytes) -> None:
    raw = OPEN.encode()
    read(raw[:start] + more + raw[start + length :], raw[length:].decode() + NETWORK)
