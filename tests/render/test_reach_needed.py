from dataclasses import replace

from ringfence.model.site import Site
from ringfence.reach.answer import Needs
from ringfence.reach.asking import open_inquiry
from ringfence.reach.narrow import narrowings
from ringfence.reach.needed import needs
from ringfence.render.reach_needed import needed
from ringfence.render.sheet import Sheet
from tests.render.reach_sample import EDGE, RUNNING, school


def shown(judged: Site) -> str:
    found = needs(open_inquiry(judged))
    sheet = Sheet(80)
    needed(sheet, Needs(needs=found, narrowings=narrowings(judged, found), running=(RUNNING,)), judged)
    return " ".join(sheet.plain().split())


def test_the_two_numbers_stand_side_by_side() -> None:
    text = shown(school())
    assert (
        "SIP (PJSIP), phones log in and call here (udp/5060): needed 1 address, allowed 3.7 thousand million." in text
    )
    assert "TFTP, the phones' file server (udp/69): needed nobody, allowed 3.7 thousand million." in text
    assert "Needed by 198.51.100.20." in text


def test_the_rule_to_write_names_what_it_replaces_and_whom_it_cuts_off() -> None:
    text = shown(school())
    assert "edge/nft-ruleset.txt:4 leads strangers to" in text
    assert "Write in its place, in table ip nat, chain pre:" in text
    assert 'iifname "wan" ip saddr 198.51.100.20 udp dport 5060 dnat to 10.20.0.10' in text
    assert "Narrowing would cut off account 2001, registered from 192.0.2.66" in text
    assert "Ports 5160 of it stay as they are" in text


def test_a_forward_that_nobody_needs_is_to_be_deleted() -> None:
    assert "Delete it: nobody outside is known to need it." in shown(school(EDGE.replace("{ 69, 5060, 5160 }", "69")))


def test_where_nothing_is_declared_nothing_is_to_be_written() -> None:
    text = shown(replace(school(), providers=()))
    assert "(udp/5060): who needs it is not declared, allowed 3.7 thousand million." in text
    assert "ringfence.toml" in text
    assert "Write in its place" not in text


def test_a_site_that_lets_nobody_in_is_told_so() -> None:
    text = shown(school(EDGE.replace("ct status dnat accept", "")))
    assert "Nobody on the Internet is let in to any service, as far as the evidence shows." in text


def test_of_a_product_that_is_not_written_the_addresses_are_said_in_words() -> None:
    made = school()
    hosts = tuple(
        replace(host, packet_filter=replace(host.packet_filter, product="pfSense"))
        if host.name == "edge" and host.packet_filter is not None
        else host
        for host in made.hosts
    )
    text = shown(replace(made, hosts=hosts))
    assert "SIP (PJSIP) (udp/5060): let in only 198.51.100.20." in text
    assert "TFTP (udp/69): let in nobody." in text
