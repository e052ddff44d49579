import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    InputInterface,
    IpVersion,
    Mark,
    Match,
    OriginalDestination,
    OutputInterface,
    PacketKind,
    Protocol,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.readers.linux.nftables_match import spelled
from tests.readers.linux.reading import nft_rules

UDP = Protocol(names=frozenset({"udp"}))
TCP = Protocol(names=frozenset({"tcp"}))
FLAGS = frozenset({"fin", "syn", "rst", "ack"})
SYN = frozenset({"syn"})

CASES: list[tuple[str, tuple[Match, ...]]] = [
    ('iifname "wan"', (InputInterface(names=frozenset({"wan"})),)),
    ('iif "lo"', (InputInterface(names=frozenset({"lo"})),)),
    ('oifname != { "lan", "voice*" }', (OutputInterface(names=frozenset({"lan", "voice*"}), negated=True),)),
    ("ip saddr 10.0.0.0/8", (SourceAddress(addresses=AddressSet.of("10.0.0.0/8")),)),
    ("ip saddr != 10.0.0.0/8", (SourceAddress(addresses=AddressSet.all_ipv4() - AddressSet.of("10.0.0.0/8")),)),
    ("ip daddr { 10.0.0.1, 10.0.0.5-10.0.0.6 }",
     (DestinationAddress(addresses=AddressSet.of("10.0.0.1", "10.0.0.5", "10.0.0.6")),)),
    ("ip6 saddr fd00::/8", (SourceAddress(addresses=AddressSet.of("fd00::/8")),)),
    ("udp dport { 69, 5060-5061 }", (UDP, DestinationPort(ports=PortSet.of(69, 5060, 5061)))),
    ("tcp dport != 22", (TCP, DestinationPort(ports=~PortSet.of(22)))),
    ("udp sport 1024-65535", (UDP, SourcePort(ports=PortSet.of((1024, 65535))))),
    ("tcp dport >= 1024", (TCP, DestinationPort(ports=PortSet.of((1024, 65535))))),
    ("th dport 5060", (DestinationPort(ports=PortSet.of(5060)),)),
    ("tcp dport ssh", (TCP, DestinationPort(ports=PortSet.of(22)))),
    ("meta l4proto { tcp, udp }", (Protocol(names=frozenset({"tcp", "udp"})),)),
    ("meta nfproto ipv4", (IpVersion(version=4),)),
    ("meta mark 0x00000002", (Mark(value=2),)),
    ("meta mark & 0x00000002 == 0x00000002", (Mark(value=2, mask=2),)),
    ("ct mark != 0x20", (Mark(value=32, negated=True, connection=True),)),
    ("meta pkttype unicast", (PacketKind(kinds=frozenset({"host"})),)),
    ("fib daddr type local", (PacketKind(kinds=frozenset({"local"})),)),
    ("ct state established,related", (ConnectionState(states=frozenset({"established", "related"})),)),
    ("ct state != new | established", (ConnectionState(states=frozenset(), negated=True),)),
    ("ct state != { new, established }", (ConnectionState(states=frozenset({"new", "established"}), negated=True),)),
    ("ct state { new, untracked }", (ConnectionState(states=frozenset({"new", "untracked"})),)),
    ("ct state != invalid", (ConnectionState(states=frozenset({"invalid"}), negated=True),)),
    ("ct status dnat", (Translated(),)),
    ("ct original ip daddr 203.0.113.1", (OriginalDestination(addresses=AddressSet.of("203.0.113.1")),)),
    ("ct original proto-dst 5060", (OriginalDestination(ports=PortSet.of(5060)),)),
    ("tcp flags syn", (TcpFlags(mask=SYN, flags=SYN),)),
    ("tcp flags & (fin | syn | rst | ack) == syn", (TcpFlags(mask=FLAGS, flags=SYN),)),
    ("tcp flags syn / fin,syn,rst,ack", (TcpFlags(mask=FLAGS, flags=SYN),)),
    ("tcp flags != syn / fin,syn,rst,ack", (TcpFlags(mask=FLAGS, flags=SYN, negated=True),)),
    ("icmp type echo-request", (Protocol(names=frozenset({"icmp"})),)),
    ("ip protocol udp", (IpVersion(version=4), UDP)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text for text, _ in CASES])
def test_a_condition_is_read(text: str, wanted: tuple[Match, ...]) -> None:
    (rule,) = nft_rules(f"{text} accept")
    assert rule.matches == wanted


UNKNOWN = [
    "meta skuid 0",
    'meta hour "08:00"-"17:00"',
    "ip ttl 5",
    "ip6 saddr & ::ffff == ::1",
    "ct status snat",
    "ip saddr @absent",
    "ip saddr trunk.example.com",
    "fib saddr . iif oif missing",
    "udp length > 100",
    "ct original ip daddr != 203.0.113.1",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_interpreted_is_unknown(text: str) -> None:
    (rule,) = nft_rules(f"{text} accept")
    assert any(isinstance(match, Unsupported) for match in rule.matches)


def test_a_named_set_is_looked_up_in_its_table() -> None:
    head = "set friends {\ntype ipv4_addr\nflags interval\nelements = { 198.51.100.0/24,\n 203.0.113.9 timeout 1h }\n}"
    (rule,) = nft_rules("ip saddr @friends accept", head=head)
    assert rule.matches == (SourceAddress(addresses=AddressSet.of("198.51.100.0/24", "203.0.113.9")),)


def test_a_set_that_rules_add_to_may_also_hold_who_was_just_added() -> None:
    head = "set seen {\ntype ipv4_addr\nflags dynamic\n}"
    first, second = nft_rules("add @seen { ip saddr }\nip saddr @seen accept", head=head)
    assert first.effects[0].name == "seen"  # type: ignore[union-attr]
    assert second.matches == (SourceAddress(addresses=AddressSet(), recorded_in="seen"),)


def test_a_set_whose_members_are_not_understood_is_unknown_not_empty() -> None:
    head = "set friends {\ntype ipv4_addr\nelements = { 198.51.100.0/24 : }\n}"
    (rule,) = nft_rules("ip saddr @friends accept", head=head)
    assert any(isinstance(match, Unsupported) for match in rule.matches)


def test_a_concatenation_becomes_one_rule_for_each_element() -> None:
    first, second = nft_rules("ip saddr . udp dport { 10.0.0.1 . 69, 10.0.0.2 . 5060 } accept")
    assert first.matches == (
        SourceAddress(addresses=AddressSet.of("10.0.0.1")),
        UDP,
        DestinationPort(ports=PortSet.of(69)),
    )
    assert second.matches[2] == DestinationPort(ports=PortSet.of(5060))


def test_a_statement_is_spelled_for_the_report() -> None:
    left = {"payload": {"protocol": "udp", "field": "dport"}}
    assert spelled({"match": {"op": "!=", "left": left, "right": {"set": [69, {"range": [1, 5]}]}}}) == (
        "udp dport != { 69, 1-5 }"
    )
