from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Chain, Family, Rule, Unsupported, UnsupportedAction
from ringfence.readers.gateways.pf_match import On, Place
from ringfence.readers.gateways.pf_words import Notes, between, on_text, rule_text, uninterpreted
from ringfence.readers.gateways.pf_xml import Node

PLACE = Citation(file="c", line=3)


def test_rules_are_written_on_one_line_with_their_description() -> None:
    text = rule_text("pass", "", on_text(On(names=frozenset({"wan"}), text="wan")), description="a &gt;\n b")
    assert text == "pass on wan # a > b"
    assert on_text(On(text="lan", negated=True)) == "on ! lan"
    assert on_text(On()) == ""


def test_ends_are_written_as_pf_does() -> None:
    assert between(Place(text="lan", negated=True), "", "any", "5060") == "from ! lan to any port 5060"


def test_problems_are_cited_bounded_and_on_one_line() -> None:
    notes = Notes(file="c")
    for _ in range(10_010):
        notes.add(Node(tag="rule", line=3), "a\nb")
    assert len(notes.problems) == 10_000
    assert str(notes.problems[0]) == "c:3: a b"


def test_what_is_not_interpreted_is_named_once_per_place() -> None:
    rules = (
        Rule(matches=(Unsupported(text="x"),), action=UnsupportedAction(text="y"), text="", citation=PLACE),
        Rule(matches=(Unsupported(text="x"),), action=UnsupportedAction(text="y"), text="", citation=PLACE),
    )
    chain = Chain(table="t", name="n", family=Family.BOTH, rules=rules, citation=PLACE)
    assert [str(one) for one in uninterpreted([chain])] == ["c:3: not interpreted: x", "c:3: not interpreted: y"]
