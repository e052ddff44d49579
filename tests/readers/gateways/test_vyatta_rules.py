from collections.abc import Mapping

import pytest

from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    Drop,
    Family,
    Jump,
    Return,
    Rule,
    UnsupportedAction,
)
from ringfence.readers.gateways.vyatta_groups import Groups
from ringfence.readers.gateways.vyatta_match import Conditions
from ringfence.readers.gateways.vyatta_rules import Side
from tests.readers.gateways.vyatta_school import tree

NAMED: Mapping[bool, tuple[str, ...]] = {True: ("firewall", "ipv4", "name", "A"), False: ("firewall", "name", "A")}


def side(*lines: str, is_modern: bool = False) -> Side:
    export = tree("".join(f"set {' '.join(NAMED[is_modern])} {line}\n" for line in lines))
    conditions = Conditions(export=export, groups=Groups(export=export, attached={}), version=4)
    return Side(export=export, conditions=conditions, family=Family.IPV4, word="name", is_modern=is_modern)


def rules(*lines: str, is_modern: bool = False) -> tuple[Rule, ...]:
    return side(*lines, is_modern=is_modern).rules(NAMED[is_modern])


@pytest.mark.parametrize(
    ("line", "old", "new"),
    [
        ("action accept", Return(), Accept()),
        ("action drop", Drop(), Drop()),
        ("action reject", Drop(reject=True), Drop(reject=True)),
        ("action return", Return(), Return()),
        ("action continue", Continue(), Continue()),
        ("action offload", Continue(), Continue()),
        ("log", UnsupportedAction(text="action"), Continue()),
        ("action queue", UnsupportedAction(text="action queue"), UnsupportedAction(text="action queue")),
        ("action inspect", UnsupportedAction(text="action inspect"), UnsupportedAction(text="action inspect")),
    ],
)
def test_accept_only_returns_in_older_rule_sets(line: str, old: Action, new: Action) -> None:
    assert rules(f"rule 1 {line}")[0].action == old
    assert rules(f"rule 1 {line}", is_modern=True)[0].action == new


def test_a_jump_names_the_chain_of_a_rule_set() -> None:
    (found,) = rules("rule 1 action jump", "rule 1 jump-target B", is_modern=True)
    assert found.action == Jump(chain="name B")


def test_rules_keep_their_words_and_line_and_disabled_ones_are_left_out() -> None:
    found = rules("rule 1 disable", "rule 1 action drop", "rule 2 action accept", "rule 2 description PBX")
    assert [rule.text for rule in found] == ["firewall name A rule 2: action accept; description PBX"]
    assert found[0].citation.line == 3


def test_a_default_action_is_a_rule_and_what_is_not_said_is_named_so() -> None:
    said = side("default-action accept").default(NAMED[False], "drop")
    assert said is not None
    assert said.action == Return()
    unsaid = side("rule 1 action drop").default(NAMED[False], "drop")
    assert unsaid is not None
    assert unsaid.action == Drop()
    assert "nothing is said" in unsaid.text
    assert side("rule 1 action drop").default(NAMED[False], "") is None
    assert side().default(NAMED[False], "drop") is None
