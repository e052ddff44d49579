from dataclasses import replace

from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Accept, Continue, Drop, Hook, Mark, Rule
from ringfence.readers.gateways.pf_match import Conditions, On, Place
from ringfence.readers.gateways.pf_rules import PfRule, Tags, filter_chains, let_in_by_upnp

PLACE = Citation(file="c", line=1)
RULE = PfRule(
    action="pass",
    quick=True,
    inward=True,
    outward=False,
    on=On(),
    conditions=Conditions(sources={4: (Place(),)}, destinations={4: (Place(),)}),
    text="",
    citation=PLACE,
)


def written(text: str, *, quick: bool = True, action: str = "pass", tag: int = 0, outward: bool = False) -> PfRule:
    return replace(RULE, text=text, quick=quick, action=action, tag=tag, outward=outward)


def texts(rules: tuple[Rule, ...]) -> str:
    return " ".join(rule.text for rule in rules[:-1])


def test_quick_rules_stand_in_order_and_the_others_behind_them_in_reverse() -> None:
    rules = [written("1", quick=False), written("2"), written("3", quick=False), written("4", action="block")]
    (chain,) = filter_chains(rules, PLACE)
    assert texts(chain.rules) == "2 4 3 1"
    assert chain.hook == Hook.FORWARD
    assert isinstance(chain.rules[-1].action, Drop)
    assert not chain.policy_accepts


def test_what_anchors_decide_stands_around_the_quick_rules() -> None:
    anchor = let_in_by_upnp(frozenset({"wan"}), PLACE)
    first = Rule(matches=(), action=Accept(), text="first", citation=PLACE)
    rules = [written("loose", quick=False), written("quick")]
    (chain,) = filter_chains(rules, PLACE, first=(first,), after_quick=(anchor,))
    assert [rule.text.split()[0] for rule in chain.rules] == ["first", "quick", "anchor", "loose", "block"]


def test_tags_are_set_in_passing_also_by_rules_that_do_not_decide() -> None:
    rules = [written("match", quick=False, action="match", tag=1), written("loose", quick=False, tag=2), written("q")]
    (chain,) = filter_chains(rules, PLACE)
    assert texts(chain.rules) == "match loose q loose"
    assert [type(rule.action) for rule in chain.rules[:2]] == [Continue, Continue]


def test_rules_for_both_directions_are_in_both_chains() -> None:
    incoming, outgoing = filter_chains([written("both", outward=True), written("in")], PLACE)
    assert texts(incoming.rules) == "both in"
    assert [rule.text for rule in outgoing.rules] == ["both"]
    assert outgoing.hook == Hook.POSTROUTING
    assert outgoing.policy_accepts


def test_a_rule_with_a_gateway_may_let_the_packet_go_elsewhere() -> None:
    (chain,) = filter_chains([replace(written("routed"), rerouted="UP")], PLACE)
    assert [type(rule.action) for rule in chain.rules[:2]] == [Accept, Drop]


def test_tags_have_numbers() -> None:
    tags = Tags()
    assert (tags.number("a"), tags.number("b"), tags.number("a")) == (1, 2, 1)
    assert tags.carries("b", negated=True) == Mark(value=2, mask=0xFFFF, negated=True)
    tags.numbers |= {str(number): number for number in range(70_000)}
    assert tags.number("one more") == 0xFFFF
