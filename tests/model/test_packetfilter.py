from typing import get_args

from ringfence.model import packetfilter
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Accept, Chain, ChainKind, Continue, Family, Rule, Ruleset, SetMark, Unsupported

PLACE = Citation(file="commands/iptables-save.txt", line=7)


def test_a_rule_does_nothing_on_the_way_unless_it_says_so() -> None:
    rule = Rule(matches=(Unsupported(text="-m geoip"),), action=Accept(), text="-m geoip -j ACCEPT", citation=PLACE)
    assert rule.effects == ()


def test_a_mark_covers_all_bits_unless_a_mask_is_given() -> None:
    assert SetMark(value=3).mask == 0xFFFFFFFF
    assert SetMark(value=3).connection is False


def test_a_chain_without_a_hook_is_only_jumped_to_and_policies_accept_by_default() -> None:
    chain = Chain(table="filter", name="mine", family=Family.IPV4, citation=PLACE)
    assert chain.hook is None
    assert chain.kind == ChainKind.FILTER
    assert chain.policy_accepts


def test_a_rule_set_covers_ipv4_unless_the_evidence_says_more() -> None:
    ruleset = Ruleset(chains=(), product="iptables", citation=PLACE)
    assert ruleset.families == {Family.IPV4}


def test_every_match_action_and_effect_can_be_a_key() -> None:
    """Rule sets are compared and cached by value."""
    for union in (packetfilter.Match, packetfilter.Action, packetfilter.Effect):
        assert len(get_args(union)) >= 3
    assert len({Accept(), Accept(), Continue()}) == 2
    assert len({SetMark(value=1), SetMark(value=1), SetMark(value=None)}) == 2
