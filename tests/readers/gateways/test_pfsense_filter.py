import pytest

from tests.readers.gateways.pf_school import PBX, TO_PBX, alias, exposure, loaded, pf, pfsense_xml, problems, rdr, rule

FLOATING = "<floating>yes</floating><direction>any</direction>"
ROUTED = "198.51.100.0/24"


def seen(rules: str, **more: str) -> str:
    """Ask about a forward under these filter rules."""
    return pf(pfsense_xml(nat=rdr(), rules=rules, **more))


def test_floating_rules_without_quick_let_the_last_match_win() -> None:
    block, let = rule(FLOATING, kind="block"), rule(FLOATING)
    assert seen(block + let) == "reachable"
    assert seen(let + block) == "blocked"


def test_a_quick_rule_ends_the_search() -> None:
    quick_block = rule(FLOATING + "<quick>yes</quick>", kind="block")
    assert seen(quick_block + rule(FLOATING)) == "blocked"
    assert seen(quick_block + rule()) == "blocked"
    assert seen(rule() + quick_block) == "blocked"  # floating rules come first, wherever they stand


def test_a_rule_of_an_interface_is_quick_and_overrules_floating_ones_that_are_not() -> None:
    assert seen(rule(FLOATING, kind="block") + rule()) == "reachable"
    assert seen(rule(FLOATING) + rule(kind="block")) == "blocked"


def test_among_rules_of_an_interface_the_first_wins() -> None:
    assert seen(rule(kind="block") + rule()) == "blocked"
    assert seen(rule() + rule(kind="reject")) == "reachable"


def test_groups_come_before_interfaces() -> None:
    more = "<ifgroups><ifgroupentry><ifname>UPLINKS</ifname><members>wan</members></ifgroupentry></ifgroups>"
    assert seen(rule() + rule(kind="block", interface="UPLINKS"), more=more) == "blocked"
    assert seen(rule(kind="block") + rule(interface="UPLINKS"), more=more) == "reachable"


def test_the_rules_of_all_tunnels_come_before_those_of_one() -> None:
    tunnel = "<opt2><enable/><if>ovpns1</if></opt2></interfaces>"
    text = pfsense_xml(rules=rule(interface="opt2") + rule(interface="openvpn", kind="block"))
    found = [one.text for one in loaded(text.replace("</interfaces>", tunnel)) if " in quick on o" in one.text]
    assert [one.split(" inet")[0] for one in found] == ["block in quick on openvpn", "pass in quick on opt2"]


def test_a_rule_without_a_type_passes() -> None:
    assert seen(rule().replace("<type>pass</type>", "")) == "reachable"


def test_without_a_family_a_rule_is_for_ipv4_only() -> None:
    versions = {
        match.version for one in loaded(pfsense_xml(rules=rule())) for match in one.matches if hasattr(match, "version")
        if one.text.startswith("pass in quick on wan")
    }  # fmt: skip
    assert versions == {4}


def test_an_alias_that_cannot_be_resolved_takes_the_rule_away_also_when_it_blocks() -> None:
    strangers = "<address>strangers</address>"
    text = pfsense_xml(nat=rdr(), rules=rule(kind="block", source=strangers) + rule())
    assert pf(text) == "reachable"
    assert problems(text) == ["the firewall does not load this block rule: alias strangers cannot be resolved"]
    assert seen(rule(source=strangers)) == "blocked"


def test_a_port_alias_that_is_missing_or_empty_takes_the_rule_away() -> None:
    more = f"<aliases>{alias('none', 'port', '')}</aliases>"
    for name in ("gone", "none"):
        block = rule(kind="block", to=f"<any/><port>{name}</port>")
        assert seen(block + rule(), more=more) == "reachable"


def test_a_fetched_alias_is_unknown_in_a_rule_that_blocks_and_in_one_that_passes() -> None:
    more = f"<aliases>{alias('list', 'urltable', '')}</aliases>"
    source = "<address>list</address>"
    assert seen(rule(kind="block", source=source) + rule(), more=more) == "unknown"
    assert seen(rule(source=source), more=more) == "unknown"


def test_the_known_part_of_an_alias_with_host_names_stays_exact() -> None:
    more = f"<aliases>{alias('friends', 'host', '198.51.100.20 friend.example.net')}</aliases>"
    found = exposure(pfsense_xml(nat=rdr(), rules=rule(source="<address>friends</address>"), more=more))
    assert found.verdict == "reachable"
    assert str(found.sources) == "198.51.100.20"


def test_negation_of_an_incomplete_alias_never_lets_its_known_part_in() -> None:
    more = f"<aliases>{alias('friends', 'host', '198.51.100.20 friend.example.net')}</aliases>"
    found = exposure(pfsense_xml(nat=rdr(), rules=rule(source="<not/><address>friends</address>"), more=more))
    assert found.verdict == "unknown"
    assert "198.51.100.20" not in found.sources
    assert "198.51.100.21" in found.sources


def test_a_rule_with_a_schedule_holds_at_times_only() -> None:
    more = "<schedules><schedule><name>night</name></schedule></schedules>"
    assert seen(rule("<sched>night</sched>"), more=more) == "unknown"
    assert seen(rule("<sched>gone</sched>"), more=more) == "reachable"  # the firewall does not miss it


def test_a_gateway_may_lead_the_packet_away() -> None:
    assert seen(rule("<gateway>UP</gateway>")) == "unknown"
    assert seen(rule("<gateway>UP</gateway>", kind="block")) == "blocked"


def test_a_rule_that_is_left_out_while_its_gateway_is_down_decides_nothing_for_sure() -> None:
    rules = rule("<gateway>UP</gateway>", source="<not/><address>192.0.2.66</address>") + rule(
        kind="block", to="<any/>"
    )
    text = pfsense_xml(nat=rdr(), rules=rules, system="<ipv6allow/><skip_rules_gw_down/>")
    assert pf(text) == "unknown"


def test_a_rule_of_an_interface_that_is_off_is_not_loaded() -> None:
    assert seen(rule(interface="opt7")) == "blocked"
    off = pfsense_xml(nat=rdr(), rules=rule(interface="opt1", kind="block", to="<any/>")).replace(
        "<enable>1</enable>", ""
    )
    assert (
        "the firewall does not load this block rule: its interface opt1 does not exist or is switched off"
        in problems(off)
    )
    floating = rule(FLOATING + "<quick/>", kind="block", interface="opt7,wan", to="<any/>")
    assert seen(floating + rule()) == "blocked"  # what is left of its interfaces counts


def test_private_and_bogus_sources_are_blocked_where_the_interface_says_so() -> None:
    everyone = rule(interface="opt1", to="<any/>")
    assert pf(pfsense_xml(rules=everyone), at="voice") == "reachable"
    assert pf(pfsense_xml(rules=everyone, opt1="<blockpriv></blockpriv>"), at="voice") == "blocked"
    from_wan = exposure(pfsense_xml(nat=rdr(), rules=rule(), wan=pf_wan("<blockbogons/>")))
    assert "198.18.0.1" not in from_wan.sources
    assert "192.0.2.66" in from_wan.sources


def pf_wan(more: str) -> str:
    """Give the usual wan with a further switch."""
    return f"<if>em0</if><ipaddr>203.0.113.1</ipaddr><subnet>24</subnet>{more}"


def test_ipv6_that_is_not_allowed_is_blocked_before_all_rules() -> None:
    texts = [one.text for one in loaded(pfsense_xml(rules=rule(), system=""))]
    assert texts[1 if texts[0].startswith("nat") else 0].startswith("block in quick inet6 all")
    assert not any("inet6 all" in one.text for one in loaded(pfsense_xml(rules=rule())))


def test_a_floating_rule_for_what_goes_out_stops_even_a_forward_with_pass() -> None:
    passed = rdr("<associated-rule-id>pass</associated-rule-id>")
    out = rule("<floating>yes</floating><quick/><direction>out</direction>", kind="block", interface="lan", to="<any/>")
    assert pf(pfsense_xml(nat=passed, rules=out)) == "blocked"
    assert pf(pfsense_xml(nat=passed, rules=out.replace("lan", "opt1"))) == "reachable"


def test_rules_for_what_goes_out_see_the_source_after_nat() -> None:
    hide = """<outbound><mode>advanced</mode><rule><interface>lan</interface><source><network>any</network></source>
    <destination><any/></destination></rule></outbound>"""
    passed = rdr("<associated-rule-id>pass</associated-rule-id>") + hide
    own = "<address>10.20.0.1</address>"
    out = rule("<floating>yes</floating><quick/><direction>out</direction>", kind="block", interface="lan", source=own)
    assert pf(pfsense_xml(nat=passed, rules=out)) == "blocked"


def test_tags_carry_from_a_matching_rule_to_a_later_one() -> None:
    mark = rule(FLOATING + "<tag>sip</tag>", kind="match", source="<network>wan</network><not/>")
    tagged = rule("<tagged>sip</tagged>")
    assert seen(mark + tagged) == "reachable"
    assert seen(tagged) == "blocked"
    assert seen(rule("<tagged>sip</tagged><nottagged/>")) == "reachable"


def test_a_port_without_a_protocol_makes_a_rule_for_every_port_of_tcp() -> None:
    bare = rule(to=TO_PBX + "<port>443</port>").replace("<protocol>udp</protocol>", "")
    forward = rdr(port="22", local="22").replace("udp", "tcp")
    assert pf(pfsense_xml(nat=forward, rules=bare), "tcp/22") == "reachable"
    assert pf(pfsense_xml(nat=rdr(), rules=bare)) == "blocked"


def test_limits_let_the_first_packet_in_and_strange_conditions_are_unknown() -> None:
    assert seen(rule("<max-src-states>5</max-src-states>")) == "reachable"
    assert seen(rule("<dscp>ef</dscp>")) == "unknown"


def test_statically_routed_networks_may_bypass_the_rules() -> None:
    routes = f"""<staticroutes><route><network>{PBX}/32</network><gateway>IN</gateway></route></staticroutes>"""
    inner = (
        "<gateway_item><interface>opt1</interface><gateway>10.20.8.2</gateway><name>IN</name></gateway_item></gateways>"
    )
    text = pfsense_xml(more=routes).replace("</gateways>", inner)
    assert pf(text, at="voice") == "blocked"
    assert pf(text.replace("<filter>", "<filter><bypassstaticroutes/>"), at="voice") == "reachable"


@pytest.mark.parametrize("kind", ["wan", "lan"])
def test_networks_of_interfaces_with_unknown_addresses_are_unknown(kind: str) -> None:
    wan = "<if>em0</if><ipaddr>dhcp</ipaddr>"
    source = f"<network>{kind}</network>"
    expected = {"wan": "unknown", "lan": "blocked"}[kind]
    assert pf(pfsense_xml(nat=rdr(), rules=rule(source=source), wan=wan)) == expected
