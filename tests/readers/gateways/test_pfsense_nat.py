import pytest

from tests.reach.school import addresses
from tests.readers.gateways.pf_school import (
    DHCP,
    PBX,
    alias,
    exposure,
    loaded,
    opn,
    opnsense_xml,
    pf,
    pfsense_xml,
    problems,
    rdr,
    rule,
)

LET_IN = rule("<port/>")


def test_a_forward_alone_opens_nothing() -> None:
    assert pf(pfsense_xml(nat=rdr())) == "blocked"


def test_a_linked_rule_opens_it_and_filters_what_the_forward_leads_to() -> None:
    linked = rdr("<associated-rule-id>nat_5f1</associated-rule-id>")
    assert pf(pfsense_xml(nat=linked, rules=rule("<associated-rule-id>nat_5f1</associated-rule-id>"))) == "reachable"
    assert pf(pfsense_xml(nat=linked)) == "blocked"  # the link alone, without its rule


@pytest.mark.parametrize("wan", ["", DHCP])
def test_a_rule_for_the_outside_address_does_not_let_a_forward_in(wan: str) -> None:
    text = pfsense_xml(nat=rdr(), rules=rule(to="<network>wanip</network>"), **({"wan": wan} if wan else {}))
    assert pf(text) == "blocked"


@pytest.mark.parametrize("wan", ["", DHCP])
def test_pass_asks_no_filter_rule(wan: str) -> None:
    block = rule(kind="block", to="<any/>")
    passed = rdr("<associated-rule-id>pass</associated-rule-id>")
    assert pf(pfsense_xml(nat=passed, rules=block, **({"wan": wan} if wan else {}))) == "reachable"
    assert pf(pfsense_xml(nat=passed + rdr("", port="69", local="69"), rules=block), "udp/69") == "blocked"


def test_the_proof_of_a_forward_with_pass_cites_the_forward() -> None:
    text = pfsense_xml(nat="\n" + rdr("<associated-rule-id>pass</associated-rule-id><descr>PBX &amp;gt; SIP</descr>"))
    found = exposure(text)
    hop = next(hop for hop in found.proof if "rdr pass on wan inet proto udp from any to wanip port 5060" in hop.text)
    assert f"-> {PBX}" in hop.text
    assert "# PBX > SIP" in hop.text
    assert hop.citation is not None
    assert hop.citation.line == 13


def test_disabled_is_a_presence_whatever_it_holds() -> None:
    assert pf(pfsense_xml(nat=rdr("<disabled>0</disabled>"), rules=LET_IN)) == "blocked"
    assert pf(pfsense_xml(nat=rdr(), rules=rule("<disabled>0</disabled>"))) == "blocked"


def test_the_first_forward_wins_and_no_rdr_ends_the_search() -> None:
    elsewhere = rdr(target="10.20.0.99")
    assert pf(pfsense_xml(nat=elsewhere + rdr(), rules=rule(to="<any/>"))) == "blocked"
    assert pf(pfsense_xml(nat=rdr() + elsewhere, rules=LET_IN)) == "reachable"
    refused = rdr("<nordr/>", target="", local="").replace("<any/>", "<address>192.0.2.66</address>")
    found = exposure(pfsense_xml(nat=refused + rdr(), rules=LET_IN))
    assert found.verdict == "reachable"
    assert "192.0.2.66" not in found.sources
    assert "192.0.2.67" in found.sources


def test_a_forward_without_an_interface_is_for_wan() -> None:
    assert pf(pfsense_xml(nat=rdr().replace("<interface>wan</interface>", ""), rules=LET_IN)) == "reachable"


def test_a_range_keeps_its_width_at_the_target() -> None:
    text = pfsense_xml(nat=rdr(port="15060-15062", local="5060"), rules=rule(to="<any/>"))
    for inside, outside in ((5060, 15060), (5062, 15062)):
        found = exposure(text, f"udp/{inside}")
        assert found.verdict == "reachable"
        assert found.outside is not None
        assert found.outside.port == outside
    assert pf(text, "udp/5063") == "blocked"


def test_of_a_port_alias_as_target_only_the_first_port_is_used() -> None:
    more = f"<aliases>{alias('in', 'port', '5062 5060')}{alias('out', 'port', '16060 16061')}</aliases>"
    text = pfsense_xml(nat=rdr(port="out", local="in"), rules=rule(to="<any/>"), more=more)
    assert pf(text, "udp/5062") == "reachable"
    assert pf(text, "udp/5060") == "blocked"
    same = pfsense_xml(nat=rdr(port="in", local="in"), rules=rule(to="<any/>"), more=more)
    assert pf(same, "udp/5060") == "reachable"


def test_a_port_alias_that_does_not_exist_makes_it_a_forward_of_every_port() -> None:
    text = pfsense_xml(nat=rdr(port="gone", local="gone"), rules=rule(to="<any/>"))
    assert pf(text, "udp/69") == "reachable"
    assert "port alias gone cannot be resolved: the forward is for every port" in problems(text)


def test_a_target_that_is_a_host_name_may_be_anybody() -> None:
    more = f"<aliases>{alias('pbx', 'host', 'pbx.example.net')}</aliases>"
    assert pf(pfsense_xml(nat=rdr(target="pbx"), rules=rule(to="<any/>"), more=more)) == "unknown"
    shifted = pfsense_xml(nat=rdr(target="pbx", port="15060"), rules=rule(to="<any/>"), more=more)
    assert pf(shifted) == "unknown"


def test_a_target_that_cannot_be_resolved_is_skipped() -> None:
    text = pfsense_xml(nat=rdr(target="gone"), rules=rule(to="<any/>"))
    assert pf(text) == "blocked"
    assert problems(text) == ["the firewall does not load this port forward: its target gone cannot be resolved"]


def test_a_pool_of_targets_leads_to_each_of_them_at_times() -> None:
    more = f"<aliases>{alias('pool', 'host', f'{PBX} 10.20.0.11')}</aliases>"
    assert pf(pfsense_xml(nat=rdr(target="pool"), rules=rule(to="<any/>"), more=more)) == "unknown"


def test_a_forward_of_before_2_0_is_unknown() -> None:
    old = "<rule><external-port>5060</external-port><target>10.20.0.10</target><local-port>5060</local-port></rule>"
    assert pf(pfsense_xml(nat=old, rules=rule(to="<any/>"))) == "unknown"


ONE_TO_ONE = f"""<onetoone><interface>wan</interface><external>203.0.113.7</external>
<source><address>{PBX}</address></source><destination><any/></destination></onetoone>"""


def test_one_to_one_leads_in_as_far_as_a_filter_rule_lets_it() -> None:
    found = exposure(pfsense_xml(nat=ONE_TO_ONE, rules=LET_IN))
    assert found.verdict == "reachable"
    assert found.outside is not None
    assert str(found.outside.address) == "203.0.113.7"
    assert pf(pfsense_xml(nat=ONE_TO_ONE)) == "blocked"
    assert pf(pfsense_xml(nat=ONE_TO_ONE.replace("<external>", "<disabled/><external>"), rules=LET_IN)) == "blocked"


def test_port_forwards_come_before_one_to_one() -> None:
    away = rdr(target="10.20.0.99").replace("<network>wanip</network>", "<address>203.0.113.7</address>")
    assert pf(pfsense_xml(nat=ONE_TO_ONE + away, rules=rule(to="<any/>"))) == "blocked"


def test_one_to_one_of_networks_maps_each_address() -> None:
    nets = ONE_TO_ONE.replace("203.0.113.7", "203.0.113.64").replace(PBX, "10.20.0.0/28")
    found = exposure(pfsense_xml(nat=nets, rules=LET_IN))
    assert found.verdict == "reachable"
    assert str(found.outside.address if found.outside else "") == "203.0.113.74"


def test_one_to_one_for_an_alias_is_unknown_never_blocked() -> None:
    names = ONE_TO_ONE.replace(PBX, "pbx")
    more = f"<aliases>{alias('pbx', 'host', 'pbx.example.net')}</aliases>"
    assert pf(pfsense_xml(nat=names, rules=LET_IN, more=more)) == "unknown"


HAIRPIN = """<outbound><mode>{mode}</mode><rule><interface>lan</interface><source><network>any</network></source>
<destination><any/></destination><target></target>{more}</rule></outbound>"""


@pytest.mark.parametrize(("mode", "hidden"), [("advanced", True), ("hybrid", True), ("automatic", False), ("", False)])
def test_outbound_nat_on_the_inner_side_hides_every_caller(mode: str, hidden: bool) -> None:  # noqa: FBT001
    text = pfsense_xml(nat=rdr() + HAIRPIN.format(mode=mode, more=""), rules=LET_IN)
    assert exposure(text).seen_as == (addresses("10.20.0.1") if hidden else None)


def test_no_nat_and_disabled_rules_hide_nobody() -> None:
    for more in ("<nonat/>", "<disabled/>"):
        assert (
            exposure(pfsense_xml(nat=rdr() + HAIRPIN.format(mode="advanced", more=more), rules=LET_IN)).seen_as is None
        )


def test_automatic_outbound_nat_hides_inner_networks_behind_wan_only() -> None:
    nat = [one for one in loaded(pfsense_xml()) if "automatic outbound NAT" in one.text]
    assert len(nat) == 1
    assert "nat on wan" in nat[0].text


def test_the_tftp_proxy_decides_about_tftp_alone() -> None:
    forwards = rdr() + rdr(port="69", local="69")
    text = pfsense_xml(nat=forwards, rules=LET_IN, system="<ipv6allow/><tftpinterface>wan</tftpinterface>")
    assert pf(text, "udp/69") == "unknown"
    assert pf(text) == "reachable"
    inner = pfsense_xml(nat=forwards, rules=LET_IN, system="<ipv6allow/><tftpinterface>lan,opt1</tftpinterface>")
    assert pf(inner, "udp/69") == "reachable"


UPNP = "<installedpackages><miniupnpd><config><enable>{}</enable></config></miniupnpd></installedpackages>"


def test_what_upnp_opens_stands_in_no_file() -> None:
    assert pf(pfsense_xml(more=UPNP.format("on"))) == "unknown"
    assert pf(pfsense_xml(more=UPNP.format(""))) == "blocked"
    assert pf(pfsense_xml(nat=rdr(), rules=LET_IN, more=UPNP.format("on"))) == "reachable"


def test_a_quick_rule_of_the_user_decides_before_upnp() -> None:
    assert pf(pfsense_xml(rules=rule(kind="block", to="<any/>"), more=UPNP.format("on"))) == "blocked"


def test_prefix_translation_is_named_and_unknown() -> None:
    npt = """<npt><interface>wan</interface><source><address>fd00:20::/64</address></source>
    <destination><address>2001:db8:7::/64</address></destination></npt>"""
    translated = [one for one in loaded(pfsense_xml(nat=npt)) if one.text.startswith("binat on wan inet6")]
    assert {type(one.action).__name__ for one in translated} == {"TranslateDestination", "TranslateSource"}


def test_both_products_forward_alike() -> None:
    assert opn(opnsense_xml(nat=rdr(), rules=LET_IN)) == pf(pfsense_xml(nat=rdr(), rules=LET_IN)) == "reachable"
