from ringfence.readers.gateways.vyatta_tree import Export, Node, words
from tests.readers.gateways.vyatta_school import NAME, tree

TEXT = """firewall {
    name WAN_IN {
        rule 100 {
            action drop
        }
        rule 20 {
            action accept
            source {
                address 198.51.100.20
                port 5060
            }
        }
    }
}
"""


def test_words_are_found_by_their_path() -> None:
    root = tree(TEXT).root
    assert root.value("firewall", "name", "WAN_IN", "rule", "20", "action") == "accept"
    assert root.values("firewall", "name") == ("WAN_IN",)
    assert root.has("firewall", "name", "WAN_IN")
    assert root.at("firewall", "name", "OTHER") is None
    assert root.value("firewall", "nothing", "here") == ""
    assert root.below("nothing") == ()


def test_rules_come_in_the_order_of_their_numbers() -> None:
    rules = tree(TEXT).root.numbered("firewall", "name", "WAN_IN", "rule")
    assert [number for number, _ in rules] == ["20", "100"]


def test_a_rule_is_shown_in_its_own_words_on_one_line() -> None:
    rule = tree(TEXT).root.at("firewall", "name", "WAN_IN", "rule", "20")
    assert rule is not None
    assert words(rule) == "action accept; source address 198.51.100.20; source port 5060"


def test_a_very_long_rule_is_shown_in_part() -> None:
    node = Node(line=1, children={str(number): Node(line=1) for number in range(1000)})
    assert len(words(node)) <= 400


def test_a_node_is_cited_with_its_line_and_problems_are_bounded() -> None:
    export = tree(TEXT)
    node = export.root.at("firewall", "name", "WAN_IN", "rule", "20")
    assert str(export.place(node)) == f"{NAME}:6"
    assert str(export.place(None)) == NAME
    empty = Export(file=NAME, root=Node(line=0))
    for _ in range(10_000):
        empty.problem(None, "again")
    assert len(empty.problems) == 500
