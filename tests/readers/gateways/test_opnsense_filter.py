import pytest

from tests.readers.gateways.pf_school import PBX, alias, exposure, loaded, opn, opnsense_xml, problems, rdr, rule

FLOATING = "<floating>yes</floating><direction>any</direction>"


def today(more: str = "", *, action: str = "pass", interface: str = "wan", source: str = "any", to: str = PBX) -> str:
    """Give a rule of today's model."""
    return (
        f"<rule><enabled>1</enabled><action>{action}</action><interface>{interface}</interface><protocol>UDP</protocol>"
        f"<source_net>{source}</source_net><destination_net>{to}</destination_net>{more}</rule>"
    )


def seen(rules: str = "", new: str = "", **more: str) -> str:
    """Ask about a forward under filter rules of both generations."""
    return opn(opnsense_xml(nat=rdr(), rules=rules, today=new, **more))


def model(*written: str) -> str:
    """Give aliases of today's model."""
    return f"<Alias><aliases>{''.join(written)}</aliases></Alias>"


def test_both_generations_let_a_forward_in() -> None:
    assert seen(rules=rule()) == "reachable"
    assert seen(new=today()) == "reachable"
    assert seen() == "blocked"


def test_todays_rules_precede_older_ones_of_the_same_priority() -> None:
    assert seen(rules=rule(), new=today(action="block")) == "blocked"
    assert seen(rules=rule(kind="block"), new=today()) == "reachable"
    early = rule(FLOATING + "<quick>1</quick>", kind="block")
    assert seen(rules=early, new=today()) == "blocked"  # floating before interface, whatever generation


def test_sequence_orders_todays_rules() -> None:
    late_block = today("<sequence>20</sequence>", action="block")
    assert seen(new=late_block + today("<sequence>3</sequence>")) == "reachable"
    assert seen(new=late_block + today("<sequence>100</sequence>")) == "blocked"


def test_several_interfaces_or_none_make_a_rule_floating() -> None:
    single = today("<sequence>1</sequence>")
    for interfaces in ("wan,opt1", ""):
        several = today("<sequence>900</sequence>", action="block", interface=interfaces)
        assert seen(new=single + several) == "blocked"
    assert seen(new=today(interface="opt7,opt8")) == "blocked"
    assert "the firewall does not apply this rule: none of its interfaces exists" in problems(
        opnsense_xml(today=today(interface="opt7"))
    )


def test_an_inverted_interface_is_any_other_and_two_of_them_are_all() -> None:
    inverted = "<interfacenot>1</interfacenot>"
    assert seen(new=today(inverted, interface="opt1")) == "reachable"
    assert seen(new=today(inverted, interface="wan")) == "blocked"
    assert seen(new=today(inverted, interface="wan,opt1")) == "reachable"


@pytest.mark.parametrize(("value", "on"), [("1", True), ("on", True), ("yes", True), ("0", False), ("", False)])
def test_switches_hold_values(value: str, on: bool) -> None:  # noqa: FBT001
    assert seen(new=today().replace("<enabled>1<", f"<enabled>{value}<")) == ("reachable" if on else "blocked")
    assert seen(rules=rule(f"<disabled>{value}</disabled>")) == ("blocked" if on else "reachable")
    block_then_pass = today(f"<quick>{value}</quick>", action="block") + today()
    assert seen(new=block_then_pass) == ("blocked" if on else "reachable")


def test_of_rules_that_are_not_quick_the_last_match_wins() -> None:
    loose = "<quick>0</quick>"
    assert seen(new=today(loose, action="block") + today(loose)) == "reachable"
    assert seen(new=today(loose) + today(loose, action="block")) == "blocked"
    assert seen(rules=rule(FLOATING) + rule(FLOATING, kind="block")) == "blocked"


def test_groups_stand_between_floating_rules_and_interfaces_by_their_sequence() -> None:
    groups = """<ifgroups><ifgroupentry><ifname>A</ifname><members>wan</members><sequence>9</sequence></ifgroupentry>
    <ifgroupentry><ifname>B</ifname><members>wan opt1</members><sequence>2</sequence></ifgroupentry></ifgroups>"""
    assert seen(rules=rule() + rule(kind="block", interface="A"), more=groups) == "blocked"
    assert seen(rules=rule(interface="A", kind="block") + rule(interface="B"), more=groups) == "reachable"


def test_an_older_rule_without_a_family_is_for_both() -> None:
    found = [
        one for one in loaded(opnsense_xml(rules=rule(to="<any/>"))) if one.text.startswith("pass in quick on wan")
    ]
    assert {match.version for one in found for match in one.matches if hasattr(match, "version")} == {4, 6}
    found = [one for one in loaded(opnsense_xml(today=today(to="any"))) if one.text.startswith("pass in quick on wan")]
    assert {match.version for one in found for match in one.matches if hasattr(match, "version")} == {4}


def test_an_address_that_is_none_takes_the_rule_away_also_when_it_blocks() -> None:
    assert seen(new=today(action="block", source="gone") + today()) == "reachable"
    assert seen(new=today(source="gone")) == "blocked"


def test_an_alias_that_is_off_or_empty_matches_nothing() -> None:
    off = alias("bad", "network", "0.0.0.0/0", tag="content").replace("<name>", "<enabled>0</enabled><name>")
    assert seen(new=today(action="block", source="bad") + today(), model=model(off)) == "reachable"
    assert seen(new=today("<source_not>1</source_not>", source="bad"), model=model(off)) == "reachable"


def test_aliases_nest_and_exclude() -> None:
    lists = model(
        alias("all", "networkgroup", "near\nfar", tag="content"),
        alias("near", "network", "198.51.100.0/24\n!198.51.100.64/26\n198.51.100.65", tag="content"),
        alias("far", "host", "203.0.113.70-203.0.113.72\nall", tag="content"),
    )
    found = exposure(opnsense_xml(nat=rdr(), today=today(source="all"), model=lists)).sources
    assert "198.51.100.20" in found
    assert "198.51.100.66" not in found
    assert "198.51.100.65" in found
    assert "203.0.113.71" in found
    assert "203.0.113.73" not in found


@pytest.mark.parametrize("kind", ["geoip", "urltable", "urljson", "asn", "external", "mac", "dynipv6host"])
def test_aliases_that_are_made_elsewhere_are_unknown(kind: str) -> None:
    lists = model(alias("list", kind, "DE", tag="content"))
    assert seen(new=today(source="list"), model=lists) == "unknown"
    assert seen(new=today(action="block", source="list") + today(), model=lists) == "unknown"


def test_aliases_of_before_the_model_are_read_too() -> None:
    more = f"<aliases>{alias('friends', 'host', '198.51.100.20 198.51.100.21')}</aliases>"
    found = exposure(opnsense_xml(nat=rdr(), rules=rule(source="<address>friends</address>"), more=more))
    assert str(found.sources) == "198.51.100.20/31"


def test_lists_of_sources_and_their_negation() -> None:
    two = exposure(opnsense_xml(nat=rdr(), today=today(source="198.51.100.20,198.51.100.30"))).sources
    assert str(two) == "198.51.100.20, 198.51.100.30"
    neither = exposure(
        opnsense_xml(nat=rdr(), today=today("<source_not>1</source_not>", source="198.51.100.20,198.51.100.30"))
    ).sources
    assert "198.51.100.20" in neither  # “not a” or “not b”: everybody


def test_the_own_alias_of_an_interface_is_its_network() -> None:
    assert opn(opnsense_xml(today=today(interface="opt1", source="__opt1_network")), at="voice") == "reachable"
    assert opn(opnsense_xml(today=today(interface="opt1", source="__lan_network")), at="voice") == "blocked"
    assert opn(opnsense_xml(today=today(interface="opt1", source="__captiveportal_zone_0")), at="voice") == "unknown"


def test_private_sources_are_blocked_where_the_interface_says_so() -> None:
    everyone = today(interface="opt1", to="any")
    text = opnsense_xml(today=everyone)
    assert opn(text, at="voice") == "reachable"
    blocked = text.replace("<descr>VOICE</descr>", "<blockpriv>1</blockpriv>")
    assert opn(blocked, at="voice") == "blocked"
    assert opn(blocked.replace("<blockpriv>1", "<blockpriv>0"), at="voice") == "reachable"


def test_ipv6_is_blocked_where_it_is_off_and_unknown_where_the_version_decides() -> None:
    def first(text: str) -> str:
        found = [one for one in loaded(text) if one.text.startswith("block in quick inet6 all")]
        return "unknown" if any(len(one.matches) > 1 for one in found) else "blocked" if found else "allowed"

    text = opnsense_xml()
    assert first(text) == "allowed"
    assert first(text.replace("<disableipv6>0", "<disableipv6>1")) == "blocked"
    older = text.replace("<settings><disableipv6>0</disableipv6></settings>", "")
    assert first(older) == "unknown"
    assert first(older.replace("<system>", "<system><ipv6allow/>")) == "allowed"


def test_schedules_gateways_and_strange_conditions_are_unknown() -> None:
    more = "<schedules><schedule><name>night</name></schedule></schedules>"
    assert seen(new=today("<sched>night</sched>"), more=more) == "unknown"
    assert seen(new=today("<sched>gone</sched>"), more=more) == "reachable"
    assert seen(new=today("<gateway>UP</gateway>")) == "unknown"
    assert seen(new=today("<tos>ef</tos>")) == "unknown"
    assert seen(new=today("<max-src-conn>3</max-src-conn><max-pkt-rate-number>3</max-pkt-rate-number>")) == "reachable"


def test_ports_by_alias_name_and_range() -> None:
    lists = model(alias("sip", "port", "5060\n5080:5090", tag="content"), alias("none", "port", "", tag="content"))
    for ports in ("sip", "5060", "5000-5100", "sip-tls", "5000:any"):
        expected = "blocked" if ports == "sip-tls" else "reachable"
        assert seen(new=today(f"<destination_port>{ports}</destination_port>"), model=lists) == expected
    assert (
        seen(new=today("<destination_port>none</destination_port>", action="block") + today(), model=lists)
        == "reachable"
    )


def test_statically_routed_networks_bypass_what_is_not_quick() -> None:
    routes = f"""<staticroutes><route><network>{PBX}/32</network><gateway>IN</gateway></route></staticroutes><gateways>
    <gateway_item><interface>opt1</interface><gateway>10.20.8.2</gateway><name>IN</name></gateway_item></gateways>"""
    text = opnsense_xml(more=routes).replace("<filter>", "<filter><bypassstaticroutes/>")
    assert opn(text, at="voice") == "reachable"
    assert opn(opnsense_xml(more=routes), at="voice") == "blocked"
