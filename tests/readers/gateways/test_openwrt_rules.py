import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    DestinationAddress,
    DestinationPort,
    Drop,
    InputInterface,
    IpVersion,
    Jump,
    OutputInterface,
    Protocol,
    SetMark,
    SourceAddress,
    StopTracking,
    TranslateSource,
    UnsupportedAction,
)
from tests.readers.gateways.openwrt_school import ZONES, read, rules, section

TCP, UDP = Protocol(names=frozenset({"tcp"})), Protocol(names=frozenset({"udp"}))
#: What a zone's chain ends with: its policy.
POLICY = 1


def only(chain: str, kind: str = "rule", **options: str) -> tuple[frozenset[object], Action]:
    rule, *rest = rules(ZONES + section(kind, **options), chain)
    assert len(rest) == POLICY
    return frozenset(rule.matches), rule.action


def messages(**options: str) -> list[str]:
    found = read(ZONES + section("rule", **options))
    assert found.facts is not None
    return [problem.message for problem in found.problems]


@pytest.mark.parametrize(
    ("chain", "action", "options"),
    [
        ("forward_wan", Jump(chain="accept_to_lan"), {"src": "wan", "dest": "lan", "target": "ACCEPT"}),
        ("forward_wan", Jump(chain="drop_to_lan"), {"src": "wan", "dest": "lan", "target": "drop"}),
        ("forward_wan", Accept(), {"src": "wan", "dest": "*", "target": "ACCEPT"}),
        ("forward_wan", Jump(chain="handle_reject"), {"src": "wan", "dest": "*", "target": "REJECT"}),
        ("input_wan", Accept(), {"src": "wan", "target": "ACCEPT"}),
        ("input_wan", Drop(), {"src": "wan", "target": "DROP"}),
        ("input_wan", Continue(), {"src": "wan"}),
    ],
)
def test_where_a_rule_stands_and_what_it_does(chain: str, action: Action, options: dict[str, str]) -> None:
    matches, found = only(chain, proto="all", **options)
    assert matches == frozenset()
    assert found == action


def test_a_rule_for_every_zone_stands_before_all_zones() -> None:
    first, *_ = rules(ZONES + section("rule", src="*", dest="*", proto="udp", target="DROP"), "forward")
    assert (first.matches, first.action) == ((UDP,), Drop())


def test_conditions() -> None:
    matches, _ = only(
        "forward_wan",
        src="wan",
        dest="lan",
        proto="udp",
        src_ip="198.51.100.0/24,!198.51.100.1",
        dest_ip="10.20.0.10",
        dest_port="5060,10000-20000",
        target="ACCEPT",
    )
    assert matches == {
        IpVersion(version=4),
        UDP,
        SourceAddress(addresses=AddressSet.of("198.51.100.0/24") - AddressSet.of("198.51.100.1")),
        DestinationAddress(addresses=AddressSet.of("10.20.0.10")),
        DestinationPort(ports=PortSet.of(5060, (10000, 20000))),
    }


def test_a_rule_without_a_protocol_is_for_tcp_and_udp() -> None:
    first, second, _ = rules(ZONES + section("rule", src="wan", dest_port="5060", target="ACCEPT"), "input_wan")
    assert {first.matches[0], second.matches[0]} == {TCP, UDP}


def test_ports_count_with_tcp_and_udp_only() -> None:
    matches, _ = only("forward_wan", src="wan", dest="lan", proto="all", dest_port="5060", target="ACCEPT")
    assert matches == frozenset()


def test_addresses_of_both_families_make_two_rules() -> None:
    text = section("rule", src="wan", proto="udp", src_ip="192.0.2.1,2001:db8::1", target="ACCEPT")
    first, second, _ = rules(ZONES + text, "input_wan")
    assert [rule.matches[0] for rule in (first, second)] == [IpVersion(version=4), IpVersion(version=6)]


def test_devices() -> None:
    matches, _ = only("forward_wan", src="wan", dest="*", proto="all", device="eth5", target="ACCEPT")
    assert matches == {InputInterface(names=frozenset({"eth5"}))}
    matches, _ = only("forward_wan", src="wan", dest="*", proto="all", device="eth5", direction="out", target="ACCEPT")
    assert matches == {OutputInterface(names=frozenset({"eth5"}))}


def test_marks() -> None:
    (rule,) = rules(
        ZONES + section("rule", src="wan", dest="*", proto="udp", target="MARK", set_mark="0x1/0xf0"),
        "mangle_prerouting",
    )
    assert rule.effects == (SetMark(value=1, mask=0xF1),)
    assert rule.matches == (UDP, InputInterface(names=frozenset({"eth1"})))
    (rule,) = rules(
        ZONES + section("rule", src="wan", dest="lan", target="DSCP", set_dscp="EF", proto="udp"), "mangle_forward"
    )
    assert (rule.effects, rule.action) == ((), Continue())


def test_packets_that_are_not_tracked() -> None:
    (jump,) = rules(ZONES + section("rule", src="wan", target="NOTRACK", proto="udp"), "raw_prerouting")
    assert jump.action == Jump(chain="notrack_wan")
    (rule,) = rules(ZONES + section("rule", src="wan", target="NOTRACK", proto="udp"), "notrack_wan")
    assert (rule.action, rule.effects) == (Continue(), (StopTracking(),))


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"src": "nowhere", "target": "ACCEPT"}, "zone nowhere"),
        ({"target": "NOTRACK"}, "without a source zone"),
        ({"src": "wan", "target": "MARK"}, "without set_mark"),
        ({"src": "wan", "target": "DSCP"}, "without set_dscp"),
        ({"src": "wan", "target": "HELPER"}, "without set_helper"),
        ({"src": "wan", "device": "*", "target": "ACCEPT"}, "any device"),
        ({"src": "wan", "ipset": "absent", "target": "ACCEPT"}, "no set absent"),
        ({"src": "wan", "family": "ipv6", "src_ip": "192.0.2.1", "target": "ACCEPT"}, "IPv6 and IPv4"),
    ],
)
def test_what_firewall4_leaves_out_is_named(options: dict[str, str], reason: str) -> None:
    assert any("leaves the section out" in message and reason in message for message in messages(**options))


@pytest.mark.parametrize(
    "options",
    [
        {"src": "wan", "dest": "lan", "target": "PERHAPS"},
        {"src": "wan", "dest": "lan", "src_ip": "host.example", "target": "DROP"},
        {"src": "wan", "dest": "lan", "dest_port": "sip", "target": "DROP"},
        {"src": "wan", "dest": "lan", "family": "v5", "target": "DROP"},
    ],
)
def test_what_is_not_understood_may_do_anything(options: dict[str, str]) -> None:
    _, action = only("forward_wan", **options)
    assert isinstance(action, UnsupportedAction)
    assert any("not understood" in message for message in messages(**options))


def test_a_rule_that_is_switched_off_is_not_there() -> None:
    assert len(rules(ZONES + section("rule", src="wan", target="ACCEPT", enabled="0"), "input_wan")) == POLICY


def test_forwardings() -> None:
    matches, action = only("forward_office", "forwarding", src="office", dest="lan")
    assert (matches, action) == (frozenset(), Jump(chain="accept_to_lan"))
    matches, action = only("forward_office", "forwarding", src="office", dest="*", family="ipv4")
    assert (matches, action) == (frozenset({IpVersion(version=4)}), Accept())
    assert len(rules(ZONES + section("forwarding", src="office", dest="lan", enabled="0"), "forward_office")) == POLICY
    assert any(
        "zone nowhere" in one.message for one in read(ZONES + section("forwarding", src="nowhere", dest="lan")).problems
    )


@pytest.mark.parametrize(
    ("options", "action"),
    [
        ({}, TranslateSource(addresses=None)),
        ({"target": "SNAT", "snat_ip": "10.20.0.1"}, TranslateSource(addresses=AddressSet.of("10.20.0.1"))),
        ({"target": "ACCEPT"}, Accept()),
        ({"target": "SNAT", "snat_port": "1024", "proto": "udp"}, Accept()),
    ],
)
def test_source_translations(options: dict[str, str], action: Action) -> None:
    first, *_ = rules(ZONES + section("nat", src="lan", **options), "srcnat_lan")
    assert IpVersion(version=4) in first.matches
    assert first.action == action


def test_source_translations_that_firewall4_leaves_out() -> None:
    for options in ({"target": "SNAT"}, {"snat_ip": "10.0.0.1"}, {"src_port": "1", "proto": "esp"}):
        assert rules(ZONES + section("nat", src="lan", **options), "srcnat_lan") == ()
