import pytest

from tests.readers.gateways.pf_school import DHCP, PBX, alias, exposure, loaded, opn, opnsense_xml, problems, rdr, rule

BLOCK = rule(kind="block", to="<any/>")


def aliases(*written: str) -> str:
    """Give the aliases of today's model."""
    return f"<Alias><aliases>{''.join(written)}</aliases></Alias>"


@pytest.mark.parametrize("wan", ["", DHCP])
def test_pass_has_three_values(wan: str) -> None:
    given = {"wan": wan} if wan else {}
    assert opn(opnsense_xml(nat=rdr("<pass/>"), **given)) == "blocked"
    assert opn(opnsense_xml(nat=rdr("<pass>pass</pass>"), rules=BLOCK, **given)) == "reachable"
    assert opn(opnsense_xml(nat=rdr("<pass>rule</pass>"), **given)) == "reachable"


def test_the_rule_that_is_registered_comes_after_every_rule_of_the_user() -> None:
    registered = rdr("<pass>rule</pass>")
    assert opn(opnsense_xml(nat=registered, rules=BLOCK)) == "blocked"
    late = BLOCK.replace("<interface>wan</interface>", "<interface>wan</interface><floating>yes</floating>")
    assert opn(opnsense_xml(nat=registered, rules=late)) == "reachable"  # not quick: the later match wins


def test_the_registered_rule_asks_what_the_forward_asks_and_where_it_leads() -> None:
    only = rdr("<pass>rule</pass>").replace("<any/>", "<network>198.51.100.20</network>")
    assert str(exposure(opnsense_xml(nat=only)).sources) == "198.51.100.20"
    moved = rdr("<pass>rule</pass>", port="15060-15062", local="5060")
    assert opn(opnsense_xml(nat=moved), "udp/5062") == "reachable"
    assert opn(opnsense_xml(nat=moved), "udp/5063") == "blocked"
    assert any("“register rule”" in hop.text for hop in exposure(opnsense_xml(nat=moved)).proof)


def test_of_the_older_form_only_pass_opens_by_itself() -> None:
    assert opn(opnsense_xml(nat=rdr("<associated-rule-id>pass</associated-rule-id>"), rules=BLOCK)) == "reachable"
    linked = rdr("<associated-rule-id>nat_1</associated-rule-id>")
    assert opn(opnsense_xml(nat=linked)) == "blocked"
    assert opn(opnsense_xml(nat=linked, rules=rule("<associated-rule-id>nat_1</associated-rule-id>"))) == "reachable"


def test_forwards_are_sorted_by_their_sequence() -> None:
    here, away = rdr("<sequence>200</sequence><pass>pass</pass>"), rdr("<sequence>100</sequence>", target="10.20.0.99")
    assert opn(opnsense_xml(nat=here + away, rules=rule(to="<any/>"))) == "blocked"
    assert opn(opnsense_xml(nat=here + away.replace("100", "300"))) == "reachable"
    unnumbered = away.replace("<sequence>100</sequence>", "")
    assert opn(opnsense_xml(nat=unnumbered + here)) == "reachable"  # those without a number follow those with one


@pytest.mark.parametrize(("value", "off"), [("1", True), ("on", True), ("yes", True), ("0", False), ("", False)])
def test_disabled_is_a_value(value: str, off: bool) -> None:  # noqa: FBT001
    text = opnsense_xml(nat=rdr(f"<disabled>{value}</disabled><pass>pass</pass>"))
    assert opn(text) == ("blocked" if off else "reachable")


def test_a_forward_without_a_target_or_with_a_bad_one_is_not_loaded() -> None:
    for target in ("", "gone", "pbx.example.net"):
        text = opnsense_xml(nat=rdr("<pass>pass</pass>", target=target), rules=rule(to="<any/>"))
        assert opn(text) == "blocked"
        assert len(problems(text)) == 1


def test_no_rdr_ends_the_search() -> None:
    refused = rdr("<nordr>1</nordr><sequence>1</sequence>", target="", local="")
    assert opn(opnsense_xml(nat=refused + rdr("<sequence>2</sequence><pass>pass</pass>"))) == "blocked"
    assert opn(opnsense_xml(nat=refused.replace(">1</no", ">0</no") + rdr("<pass>pass</pass>"))) == "reachable"


def test_ports_may_be_named() -> None:
    text = opnsense_xml(nat=rdr("<pass>pass</pass>", port="sip", local="tftp"))
    assert opn(text, "udp/69") == "reachable"


def test_without_a_family_a_forward_is_for_that_of_its_target() -> None:
    texts = [one for one in loaded(opnsense_xml(nat=rdr("<pass>pass</pass>"))) if one.text.startswith("rdr pass")]
    versions = {match.version for one in texts for match in one.matches if hasattr(match, "version")}
    assert versions == {4}


def test_several_interfaces_and_reflection() -> None:
    text = opnsense_xml(nat=rdr("<pass>pass</pass>").replace("<interface>wan<", "<interface>opt1,wan<"))
    assert opn(text) == "reachable"
    elsewhere = rdr("<pass>pass</pass>", target="10.20.0.99", to="any")
    inner = rule(interface="opt1", to="<any/>")
    assert opn(opnsense_xml(nat=elsewhere, rules=inner), at="voice") == "blocked"  # reflected: led away from the PBX
    unreflected = elsewhere.replace("<pass>", "<natreflection>disable</natreflection><pass>")
    assert opn(opnsense_xml(nat=unreflected, rules=inner), at="voice") == "reachable"
    off = opnsense_xml(nat=elsewhere, rules=inner, system="<disablenatreflection>1</disablenatreflection>")
    assert opn(off, at="voice") == "reachable"


def test_the_firewalls_own_pages_cannot_be_forwarded_from_inside() -> None:
    text = opnsense_xml(
        system="<webgui><protocol>https</protocol><port>8443</port></webgui><ssh><enabled>1</enabled></ssh>"
    )
    guard = next(one for one in loaded(text) if "anti-lockout" in one.text)
    ports = next(match.ports for match in guard.matches if hasattr(match, "ports"))
    assert str(ports) == "22,80,8443"
    assert not any("anti-lockout" in one.text for one in loaded(text.replace("<webgui>", "<webgui><noantilockout/>")))


def test_tags_of_forwards_reach_filter_rules() -> None:
    text = opnsense_xml(nat=rdr("<tag>sip</tag>"), rules=rule("<tagged>sip</tagged>"))
    assert opn(text) == "reachable"
    assert opn(text.replace("<tag>sip", "<tag>other")) == "blocked"


def test_an_alias_as_target_or_port() -> None:
    model = aliases(alias("pbx", "host", PBX, tag="content"), alias("sip", "port", "5060\n5061", tag="content"))
    text = opnsense_xml(nat=rdr("<pass>rule</pass>", target="pbx", port="sip", local="sip"), model=model)
    assert opn(text) == "reachable"
    assert opn(text, "udp/5061") == "reachable"
    first = opnsense_xml(nat=rdr("<pass>rule</pass>", target="pbx", port="16060", local="sip"), model=model)
    assert opn(first) == "reachable"
    assert opn(first, "udp/5061") == "blocked"
