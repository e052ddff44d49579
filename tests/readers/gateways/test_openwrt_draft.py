from ringfence.model.packetfilter import Accept, Unsupported, UnsupportedAction
from ringfence.readers.gateways.openwrt_draft import Draft
from ringfence.readers.gateways.openwrt_network import Attachment
from ringfence.readers.gateways.openwrt_uci import Section

SECTION = Section(package="firewall", kind="rule", name="", line=7, options={"src": ("wan",)})


def draft() -> Draft:
    return Draft(attached=Attachment(networks={}), file="x", policies={}, sets={})


def test_each_alternative_is_a_rule_that_cites_its_section() -> None:
    found = draft()
    found.emit("c", SECTION, ((), (Unsupported(text="weekdays Mon"),)), Accept(), note="(reflection)")
    first, second = found.rules["c"]
    assert first.text == "config rule option src 'wan' (reflection)"
    assert (first.citation.file, first.citation.line) == ("x", 7)
    assert second.matches == (Unsupported(text="weekdays Mon"),)
    assert [str(problem) for problem in found.problems] == ["x:7: not interpreted: weekdays Mon"]


def test_a_problem_is_said_once() -> None:
    found = draft()
    found.complain(SECTION, "why")
    found.complain(SECTION, "why")
    assert len(found.problems) == 1


def test_a_section_that_is_not_understood_may_do_anything() -> None:
    found = draft()
    found.emit_unread(SECTION, ("a", "b"), "an option")
    assert all(isinstance(rule.action, UnsupportedAction) for name in "ab" for rule in found.rules[name])
    assert len(found.problems) == 1
