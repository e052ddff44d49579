import pytest

from ringfence.model.addresses import AddressSet
from tests.readers.gateways.asking import exposure, reading, verdict
from tests.readers.gateways.test_fortigate import backup, policy, read, table, vip

DENY_ALL = {"dstaddr": '"all"', "action": "deny"}


@pytest.mark.parametrize(
    ("version", "explicit", "expected"),
    [
        ("7.0.9", "", "reachable"),
        ("7.2.2", "", "reachable"),
        ("7.2.3", "", "unknown"),
        ("7.2.4", "", "blocked"),
        ("7.4.1", "", "blocked"),
        ("7.0.9", "enable", "blocked"),
        ("7.4.1", "disable", "reachable"),
    ],
)
def test_a_deny_above_stops_virtual_ips_by_version_and_setting(version: str, explicit: str, expected: str) -> None:
    text = backup(policy(1, **DENY_ALL, match_vip=explicit), policy(2), version=version)
    assert verdict(read, text, "udp/69") == expected


def test_without_a_version_it_is_unknown() -> None:
    text = backup(policy(1, **DENY_ALL), policy(2)).partition("\n")[2]
    assert verdict(read, text, "udp/69") == "unknown"
    assert "match-vip" in exposure(read, text, "udp/69").claim


def test_a_deny_that_names_the_virtual_ip_always_stops_it() -> None:
    assert verdict(read, backup(policy(1, action="deny"), policy(2), version="7.0.1"), "udp/69") == "blocked"


def test_an_accept_that_does_not_name_it_is_not_known_to_let_it_pass() -> None:
    assert verdict(read, backup(policy(1, dstaddr='"all"')), "udp/69") == "unknown"


def test_the_order_of_the_file_counts_not_the_number() -> None:
    text = backup(policy(9, action="deny"), policy(1))
    assert verdict(read, text, "udp/69") == "blocked"
    assert verdict(read, backup(policy(9), policy(1, action="deny")), "udp/69") == "reachable"


def test_disabled_policies_and_the_default_action() -> None:
    assert verdict(read, backup(policy(1, status="disable")), "udp/69") == "blocked"
    assert verdict(read, backup(policy(1, action="deny", status="disable"), policy(2)), "udp/69") == "reachable"
    assert verdict(read, backup(policy(1, action=""), policy(2)), "udp/69") == "blocked"


def test_the_service_is_compared_with_the_mapped_port() -> None:
    vips = vip(extport="15060", mappedport="5060")
    assert verdict(read, backup(policy(1, service='"SIP"'), vips=vips), "udp/5060") == "reachable"
    custom = table("firewall service custom", '    edit "outer"\n        set udp-portrange 15060\n    next\n')
    assert verdict(read, backup(policy(1, service='"outer"'), vips=vips, more=custom), "udp/5060") == "blocked"


def test_sources_and_their_negation() -> None:
    provider = table("firewall address", '    edit "provider"\n        set subnet 198.51.100.0/24\n    next\n')
    found = exposure(read, backup(policy(1, srcaddr='"provider"'), more=provider), "udp/69")
    assert found.sources == AddressSet.of("198.51.100.0/24")
    negated = exposure(read, backup(policy(1, srcaddr='"provider"', srcaddr_negate="enable"), more=provider), "udp/69")
    assert negated.verdict == "reachable"
    assert not negated.sources & AddressSet.of("198.51.100.0/24")
    assert AddressSet.of("192.0.2.0/24") <= negated.sources


def test_names_that_the_file_does_not_resolve_are_unknown() -> None:
    for kind in ('type fqdn\n        set fqdn "sip.provider.example"', "type geography\n        set country DE"):
        named = table("firewall address", f'    edit "somebody"\n        set {kind}\n    next\n')
        allowed = backup(policy(1, srcaddr='"somebody"'), more=named)
        assert verdict(read, allowed, "udp/69") == "unknown"
        assert "somebody" in reading(read, allowed).problems[0].message
        refused = backup(policy(1, srcaddr='"somebody"', action="deny"), policy(2), more=named)
        assert verdict(read, refused, "udp/69") == "unknown"
        negated = backup(policy(1, srcaddr='"somebody"', srcaddr_negate="enable"), more=named)
        assert verdict(read, negated, "udp/69") == "unknown"


def test_what_narrows_a_policy_in_other_ways_is_unknown() -> None:
    for key, value in (
        ("groups", '"staff"'),
        ("internet_service_src", "enable"),
        ("schedule", '"office-hours"'),
        ("service_negate", "enable"),
        ("service", '"no-such-service"'),
        ("srcaddr", ""),
        ("action", "ipsec"),
    ):
        text = backup(policy(1, **{key: value}))
        assert verdict(read, text, "udp/69") == "unknown", key


def test_schedules() -> None:
    assert verdict(read, backup(policy(1, schedule='"none"')), "udp/69") == "blocked"
    days = "sunday monday tuesday wednesday thursday friday saturday"
    week = table("firewall schedule recurring", f'    edit "daily"\n        set day {days}\n    next\n')
    assert verdict(read, backup(policy(1, schedule='"daily"'), more=week), "udp/69") == "reachable"
    hours = week.replace("    next", "        set start 08:00\n    next")
    assert verdict(read, backup(policy(1, schedule='"daily"'), more=hours), "udp/69") == "unknown"
