import json

import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    CopyMark,
    DestinationPort,
    Drop,
    Effect,
    Jump,
    RateLimited,
    Return,
    SetMark,
    SourceAddress,
    StopTracking,
    TranslateDestination,
    TranslateSource,
    Unsupported,
    UnsupportedAction,
)
from tests.readers.linux.reading import nft, nft_rules

PBX = AddressSet.of("10.20.0.10")

ACTIONS: list[tuple[str, Action]] = [
    ("accept", Accept()),
    ("counter packets 3 bytes 100 drop", Drop()),
    ("reject with icmpx type port-unreachable", Drop(reject=True)),
    ("meta l4proto tcp reject with tcp reset", Drop(reject=True)),
    ("return", Return()),
    ("jump c", Jump(chain="c")),
    ("goto c", Jump(chain="c", returns=False)),
    ('log prefix "x accept" level warn', Continue()),
    ('ct helper set "tftp"', Continue()),
    ("tcp option maxseg size set rt mtu", Continue()),
    ("dnat to 10.20.0.10", TranslateDestination(addresses=PBX)),
    ("dnat ip to 10.20.0.10:5060", TranslateDestination(addresses=PBX, ports=PortSet.of(5060))),
    ("dnat to [2001:db8::5]:69", TranslateDestination(addresses=AddressSet.of("2001:db8::5"), ports=PortSet.of(69))),
    ("dnat to :5060", TranslateDestination(addresses=None, ports=PortSet.of(5060))),
    ("dnat to 10.0.0.1-10.0.0.2 persistent", TranslateDestination(addresses=AddressSet.of("10.0.0.1", "10.0.0.2"))),
    ("redirect to :5060", TranslateDestination(addresses=None, ports=PortSet.of(5060), redirect=True)),
    ("snat to 10.20.0.1", TranslateSource(addresses=AddressSet.of("10.20.0.1"))),
    ("masquerade fully-random", TranslateSource(addresses=None)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), ACTIONS, ids=[text for text, _ in ACTIONS])
def test_an_action_is_read(text: str, wanted: Action) -> None:
    assert nft_rules(text)[-1].action == wanted


@pytest.mark.parametrize("text", ["queue to 0", "tproxy to :50080", "dnat prefix to 10.0.0.0/24", "frobnicate"])
def test_what_is_not_interpreted_may_do_anything(text: str) -> None:
    assert isinstance(nft_rules(text)[-1].action, UnsupportedAction)


MARKS: list[tuple[str, Effect]] = [
    ("meta mark set 0x3", SetMark(value=3)),
    ("meta mark set meta mark | 0x4", SetMark(value=4, mask=4)),
    ("meta mark set meta mark & 0xfffffffb | 0x4", SetMark(value=4, mask=4)),
    ("meta mark set meta mark ^ 0x1", SetMark(value=1, mask=0)),
    ("meta mark set ct mark", CopyMark(to_connection=False)),
    ("ct mark set meta mark", CopyMark(to_connection=True)),
    ("notrack", StopTracking()),
    ("meta mark set meta mark", SetMark(value=0, mask=0)),
    ("ct mark set 7", SetMark(value=7, connection=True)),
]


@pytest.mark.parametrize(("text", "wanted"), MARKS, ids=[text for text, _ in MARKS])
def test_marks_are_effects(text: str, wanted: Effect) -> None:
    (rule,) = nft_rules(text)
    assert rule.effects == (wanted,)
    assert rule.action == Continue()


def test_a_mark_from_a_map_becomes_one_rule_for_each_key_and_ends_for_all_others() -> None:
    head = "map m { type inet_service : mark; elements = { 69 : 0x1, 5060 : 0x2 } }"
    rules = nft_rules("meta mark set udp dport map @m accept", head=head)
    assert [(rule.effects, rule.action) for rule in rules] == [
        ((SetMark(value=1),), Accept()),
        ((SetMark(value=2),), Accept()),
    ]
    assert [DestinationPort(ports=PortSet.of(port)) in rule.matches for port in (69, 5060) for rule in rules] == [
        *(True, False),
        *(False, True),
    ]
    (written_out,) = nft_rules("ct mark set ip saddr map { 10.0.0.1 : 0x5 }")
    assert written_out.effects == (SetMark(value=5, connection=True),)
    assert written_out.matches == (SourceAddress(addresses=AddressSet.of("10.0.0.1")),)


def test_a_mark_from_a_map_of_marks_is_not_understood() -> None:
    """Flattened, the second rule would see the mark that the first one set."""
    (rule,) = nft_rules("meta mark set meta mark map { 0x1 : 0x2, 0x2 : 0x3 }")
    assert any(isinstance(match, Unsupported) for match in rule.matches)


def test_a_mark_and_a_verdict_stand_in_one_rule() -> None:
    (rule,) = nft_rules("udp dport 5060 meta mark set 0x1 accept")
    assert rule.effects == (SetMark(value=1),)
    assert rule.action == Accept()


def test_a_condition_behind_a_mark_does_not_guard_the_mark() -> None:
    (rule,) = nft_rules("meta mark set 0x1 udp dport 5060 accept")
    assert any(isinstance(match, Unsupported) for match in rule.matches)


def test_limits_match_the_first_packet_and_limits_over_do_not() -> None:
    (under,) = nft_rules("limit rate 10/minute burst 5 packets accept")
    (over,) = nft_rules("limit rate over 10/minute drop")
    assert [type(match) for match in (*under.matches, *over.matches)] == [RateLimited, RateLimited]
    assert under.matches[0].negated is False  # type: ignore[union-attr]
    assert over.matches[0].negated is True  # type: ignore[union-attr]


def test_a_verdict_map_becomes_one_rule_for_each_key_and_goes_on_behind_it() -> None:
    rules = nft_rules("tcp dport vmap { 22 : accept, 80-81 : jump c, 443 : drop } reject")
    assert [rule.action for rule in rules] == [Accept(), Jump(chain="c"), Drop(), Drop(reject=True)]
    assert rules[-1].matches == ()


def test_a_named_verdict_map_is_looked_up() -> None:
    head = "map doors {\ntype inet_service : verdict\nelements = { 22 : accept, 80 : drop }\n}"
    assert [rule.action for rule in nft_rules("tcp dport vmap @doors", head=head)] == [Accept(), Drop(), Continue()]


def test_a_map_of_targets_becomes_one_translation_for_each_key() -> None:
    rules = nft_rules("dnat ip to udp dport map { 69 : 10.20.0.10, 5060 : 10.20.0.11 }")
    assert [rule.action for rule in rules] == [
        TranslateDestination(addresses=PBX),
        TranslateDestination(addresses=AddressSet.of("10.20.0.11")),
        Continue(),
    ]


def test_a_map_of_targets_with_ports() -> None:
    rules = nft_rules("dnat ip addr . port to udp dport map { 6969 : 10.20.0.10 . 69 }")
    assert rules[0].action == TranslateDestination(addresses=PBX, ports=PortSet.of(69))


def test_what_iptables_leaves_without_arguments_is_unknown_by_name() -> None:
    (text,) = nft_rules('xt match "recent" counter packets 0 bytes 0 accept')
    assert isinstance(text.matches[0], Unsupported)
    place = {"family": "ip", "table": "filter"}
    rows = [
        {"chain": {**place, "name": "INPUT", "hook": "input", "type": "filter", "prio": 0}},
        {
            "rule": {
                **place,
                "chain": "INPUT",
                "expr": [{"xt": {"type": "match", "name": "conntrack"}}, {"accept": None}],
            }
        },
        {"rule": {**place, "chain": "INPUT", "expr": [{"xt": {"type": "target", "name": "LOG"}}]}},
        {"rule": {**place, "chain": "INPUT", "expr": [{"xt": {"type": "target", "name": "NETMAP"}}]}},
    ]
    found, problems = nft(json.dumps({"nftables": rows}))
    accept, log, netmap = found.chains[0].rules
    assert isinstance(accept.matches[0], Unsupported)
    assert "conntrack" in accept.matches[0].text
    assert log.action == Continue()
    assert netmap.action == UnsupportedAction(text="xt target NETMAP")
    assert len(problems) == 2
