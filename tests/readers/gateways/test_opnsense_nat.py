import pytest

from tests.reach.school import addresses
from tests.readers.gateways.pf_school import DHCP, PBX, exposure, loaded, opn, opnsense_xml, problems, rdr, rule

LET_IN = rule()
OLD = f"""<onetoone><interface>wan</interface><external>203.0.113.7</external>
<source><address>{PBX}</address></source><destination><any/></destination>{{}}</onetoone>"""
NEW = f"""<onetoone><rule><enabled>1</enabled><interface>wan</interface><type>binat</type><source_net>{PBX}</source_net>
<destination_net>any</destination_net><external>203.0.113.7/32</external></rule></onetoone>"""


def with_model(inner: str, **more: str) -> str:
    """Put translations of today's model beside the filter rules."""
    return opnsense_xml(**more).replace("</rules></Filter>", f"</rules>{inner}</Filter>")


def test_one_to_one_of_both_generations_leads_in_as_far_as_a_rule_lets_it() -> None:
    for text in (opnsense_xml(nat=OLD.format(""), rules=LET_IN), with_model(NEW, rules=LET_IN)):
        found = exposure(text)
        assert found.verdict == "reachable"
        assert str(found.outside.address if found.outside else "") == "203.0.113.7"
        assert opn(text.replace("<type>pass</type>", "<type>block</type>")) == "blocked"


def test_one_to_one_of_the_kind_nat_leads_nobody_in() -> None:
    assert opn(with_model(NEW.replace("binat", "nat"), rules=LET_IN)) == "blocked"


def test_one_to_one_that_is_off_does_nothing() -> None:
    assert opn(opnsense_xml(nat=OLD.format("<disabled>1</disabled>"), rules=LET_IN)) == "blocked"
    assert opn(with_model(NEW.replace("<enabled>1", "<enabled>0"), rules=LET_IN)) == "blocked"


def test_one_to_one_for_some_peers_only() -> None:
    some = with_model(NEW.replace(">any<", ">198.51.100.0/24<"), rules=LET_IN)
    assert str(exposure(some).sources) == "198.51.100.0/24"


def test_one_to_one_of_an_address_that_is_none_is_not_loaded() -> None:
    text = with_model(NEW.replace(f">{PBX}<", ">gone<"), rules=LET_IN)
    assert opn(text) == "blocked"
    assert problems(text) == ["the firewall does not load this 1:1 translation: gone is no address and no alias"]


OUTBOUND = "<outbound><mode>{}</mode>{}</outbound>"
HIDE_OLD = """<rule><interface>lan</interface><source><network>any</network></source>
<destination><any>1</any></destination><target>{}</target></rule>"""
HIDE_NEW = """<snatrules><rule><enabled>1</enabled><interface>lan</interface><source_net>any</source_net>
<destination_net>any</destination_net><target>{}</target></rule></snatrules>"""


@pytest.mark.parametrize(("mode", "hidden"), [("advanced", True), ("hybrid", True), ("automatic", False), ("", False)])
@pytest.mark.parametrize("target", ["", "lanip", "10.20.0.1"])
def test_outbound_nat_on_the_inner_side_hides_every_caller(mode: str, target: str, hidden: bool) -> None:  # noqa: FBT001
    expected = addresses("10.20.0.1") if hidden else None
    old = opnsense_xml(nat=rdr() + OUTBOUND.format(mode, HIDE_OLD.format(target)), rules=LET_IN)
    new = with_model(HIDE_NEW.format(target), nat=rdr() + OUTBOUND.format(mode, ""), rules=LET_IN)
    assert exposure(old).seen_as == expected
    assert exposure(new).seen_as == expected


def test_a_source_that_becomes_an_unknown_address_may_be_any() -> None:
    text = opnsense_xml(nat=rdr() + OUTBOUND.format("advanced", HIDE_OLD.format("wanip")), rules=LET_IN, wan=DHCP)
    seen = exposure(text).seen_as
    assert seen is not None
    assert seen.count > 2**32 - 2


def test_todays_outbound_rules_come_first() -> None:
    inner = HIDE_NEW.format("10.20.0.2").replace("<rule>", "<rule><nonat>1</nonat>")
    text = with_model(inner, nat=rdr() + OUTBOUND.format("hybrid", HIDE_OLD.format("")), rules=LET_IN)
    assert exposure(text).seen_as is None


def test_prefix_translation_is_named() -> None:
    npt = """<npt><rule><enabled>1</enabled><interface>wan</interface><source_net>fd00:20::/64</source_net>
    <destination_net>{}</destination_net></rule></npt>"""
    for outside in ("2001:db8:7::/64", ""):
        texts = [one.text for one in loaded(with_model(npt.format(outside)))]
        assert any(text.startswith("binat on wan inet6 from fd00:20::/64") for text in texts)
