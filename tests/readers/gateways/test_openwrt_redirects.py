import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    IpVersion,
    Protocol,
    SourceAddress,
    TranslateDestination,
    TranslateSource,
    Unsupported,
    UnsupportedAction,
)
from tests.readers.gateways.openwrt_school import FORWARD, NETWORK, ZONES, read, rules, section

TARGET = AddressSet.of("10.20.0.10")
UDP = Protocol(names=frozenset({"udp"}))
BASIC = {"src": "wan", "dest": "lan", "src_dport": "5060", "dest_ip": "10.20.0.10", "proto": "udp"}


def redirect(**options: str) -> str:
    return ZONES + section("redirect", **{**BASIC, **options})


def messages(text: str) -> str:
    return " ".join(problem.message for problem in read(text).problems)


def test_a_port_forward() -> None:
    (rule,) = rules(ZONES + FORWARD, "dstnat_wan")
    assert rule.matches == (IpVersion(version=4), UDP, DestinationPort(ports=PortSet.of(5060)))
    assert rule.action == TranslateDestination(addresses=TARGET, ports=PortSet.of(5060))
    assert rule.text.startswith("config redirect option name 'PBX' option src 'wan'")


def test_ports_may_change_and_sources_may_be_named() -> None:
    (rule,) = rules(redirect(src_dport="15060", dest_port="5060", src_ip="198.51.100.20"), "dstnat_wan")
    assert SourceAddress(addresses=AddressSet.of("198.51.100.20")) in rule.matches
    assert DestinationPort(ports=PortSet.of(15060)) in rule.matches
    assert rule.action == TranslateDestination(addresses=TARGET, ports=PortSet.of(5060))


def test_without_a_target_the_router_itself_answers() -> None:
    text = ZONES + section("redirect", src="wan", src_dport="5060", dest_port="69", proto="udp")
    (rule,) = rules(text, "dstnat_wan")
    assert rule.action == TranslateDestination(addresses=None, ports=PortSet.of(69), redirect=True)
    assert rule.matches[0] == IpVersion(version=4)


def test_ipv6_only_where_it_is_asked_for() -> None:
    (rule,) = rules(redirect(dest_ip="2001:db8:20::10"), "dstnat_wan")
    assert rule.matches[0] == IpVersion(version=6)
    text = ZONES + section("redirect", src="wan", src_dport="5060", family="any", proto="udp")
    (rule,) = rules(text, "dstnat_wan")
    assert rule.matches == (UDP, DestinationPort(ports=PortSet.of(5060)))


def test_any_protocol_forwards_every_port() -> None:
    (rule,) = rules(redirect(proto="all"), "dstnat_wan")
    assert rule.matches == (IpVersion(version=4),)
    assert rule.action == TranslateDestination(addresses=TARGET)


def test_reflection_is_for_the_inside_only() -> None:
    (rule,) = rules(ZONES + FORWARD, "dstnat_lan")
    assert SourceAddress(addresses=AddressSet.of("10.20.0.0/24")) in rule.matches
    assert DestinationAddress(addresses=AddressSet.of("203.0.113.1")) in rule.matches
    (rule,) = rules(ZONES + FORWARD, "srcnat_lan")
    assert SourceAddress(addresses=AddressSet.of("10.20.0.0/24")) in rule.matches
    assert DestinationAddress(addresses=TARGET) in rule.matches
    assert rule.action == TranslateSource(addresses=AddressSet.of("10.20.0.1"))
    assert rule.text.endswith("(reflection)")


def test_reflection_may_show_the_outside_address_serve_other_zones_or_be_off() -> None:
    (rule,) = rules(redirect(reflection_src="external"), "srcnat_lan")
    assert rule.action == TranslateSource(addresses=AddressSet.of("203.0.113.1"))
    assert rules(redirect(reflection_zone="voice"), "srcnat_lan") == ()
    assert len(rules(redirect(reflection_zone="voice"), "dstnat_voice")) == 1
    assert rules(redirect(reflection="0"), "dstnat_lan") == ()


def test_reflection_of_an_outside_address_that_changes() -> None:
    network = NETWORK.replace("option proto 'static'\n\toption ipaddr '203.0.113.1'", "option proto 'dhcp'")
    (rule,) = rules(ZONES + FORWARD, "dstnat_lan", network)
    assert any(isinstance(match, Unsupported) for match in rule.matches)


def test_a_missing_zone_is_told_by_the_target() -> None:
    text = ZONES + section("redirect", src="wan", src_dport="5060", dest_ip="10.20.0.10", proto="udp")
    assert len(rules(text, "dstnat_lan")) == 1


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"src": ""}, "one source zone"),
        ({"src": "*"}, "one source zone"),
        ({"src": "nowhere"}, "zone nowhere"),
        ({"dest_ip": "!10.20.0.10"}, "negated"),
        ({"family": "ipv6"}, "IPv6 and IPv4"),
        ({"target": "SNAT"}, "src_dip"),
    ],
)
def test_what_firewall4_leaves_out_is_named(options: dict[str, str], reason: str) -> None:
    text = redirect(**options)
    assert rules(text, "dstnat_wan") == ()
    assert reason in messages(text)


def test_what_is_not_understood_may_do_anything() -> None:
    (rule,) = rules(redirect(dest_ip="pbx.example"), "dstnat_wan")
    assert isinstance(rule.action, UnsupportedAction)


def test_a_rule_that_nft_refuses_is_named() -> None:
    text = ZONES + section("redirect", src="wan", dest="lan", dest_ip="10.20.0.10", dest_port="5060", proto="udp")
    assert "may not be loaded" in messages(text)
    assert "may not be loaded" not in messages(ZONES + FORWARD)


def test_a_source_translation_by_redirect() -> None:
    text = ZONES + section("redirect", src="wan", dest="lan", src_dip="10.20.0.1", proto="udp", target="SNAT")
    (rule,) = rules(text, "srcnat_lan")
    assert rule.action == TranslateSource(addresses=AddressSet.of("10.20.0.1"))
