from dataclasses import replace
from ipaddress import ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.site import NamedNetwork, ServiceName, Site
from ringfence.reach.asking import open_inquiry
from ringfence.reach.difference import Change, differences
from tests.reach.school import OPEN_EDGE, PBX, PROVIDER, STRANGER, addresses, edge, listener, nft, pbx, save, site
from tests.reach.variants import variant

NARROW = OPEN_EDGE.replace('iifname "wan" udp', f'iifname "wan" ip saddr {PROVIDER} udp')


def school(text: str = OPEN_EDGE, rules: str = "") -> Site:
    return site(pbx(save(rules)), edge(nft(text)))


def changes(before: Site, after: Site) -> tuple[Change, ...]:
    return differences(open_inquiry(before), open_inquiry(after))


def test_what_a_narrower_rule_closes_is_exact_and_keeps_its_outside_port() -> None:
    (change,) = changes(school(), school(NARROW))
    assert change.vantage == "internet"
    assert not change.opened
    assert STRANGER in change.closed
    assert PROVIDER not in change.closed
    assert [outside.port for outside in change.outsides] == [69]
    (back,) = changes(school(NARROW), school())
    assert back.opened == change.closed
    assert back.outsides == ()


def test_the_same_rules_change_nothing() -> None:
    assert changes(school(), school()) == ()
    assert changes(variant(2), variant(2)) == ()


def test_what_the_right_firewall_closes_against_the_seed_mistake() -> None:
    found = {(change.vantage, change.listener.service): change for change in changes(variant(1), variant(3))}
    assert STRANGER in found["internet", ServiceName.TFTP].closed
    pjsip = found["internet", ServiceName.PJSIP]
    assert not pjsip.opened
    assert "203.0.113.20" not in pjsip.closed, "the provider stays"


def test_a_doubt_after_the_change_is_neither_opened_nor_closed() -> None:
    (change,) = [
        one
        for one in changes(school(), school(rules="-A INPUT -s 192.0.2.0/24 -m geoip --src-cc XX -j DROP"))
        if one.vantage == "internet"
    ]
    assert not change.opened | change.closed
    assert change.undecided == addresses("192.0.2.0/24")


def test_without_the_edges_rules_the_change_cannot_be_told() -> None:
    found = changes(school(), site(pbx(save("")), edge(None)))
    internet = next(change for change in found if change.vantage == "internet")
    assert not internet.opened | internet.closed
    assert STRANGER in internet.undecided
    assert internet.doubts


def test_a_listener_that_comes_or_goes_is_a_change() -> None:
    more = site(pbx(save(""), listener(), listener(ServiceName.PJSIP, 5060)), edge(nft(OPEN_EDGE)))
    found = changes(school(), more)
    assert {change.listener.service for change in found} == {ServiceName.PJSIP}
    assert found[0].vantage == "internet"
    assert STRANGER in found[0].opened
    assert all(change.closed for change in changes(more, school()))


def test_a_list_of_listeners_that_may_be_incomplete_proves_no_change() -> None:
    configured = replace(listener(), citation=Citation(file="etc/asterisk/sip.conf"))
    more = site(pbx(save(""), listener(), listener(ServiceName.PJSIP, 5060)), edge(nft(OPEN_EDGE)))
    found = changes(site(pbx(save(""), configured), edge(nft(OPEN_EDGE))), more)
    pjsip = next(change for change in found if change.listener.port == 5060)
    assert not pjsip.opened | pjsip.closed
    assert STRANGER in pjsip.undecided
    assert "commands/ss.txt" in pjsip.doubts[0]


def test_a_network_is_compared_by_all_its_addresses_in_either_state() -> None:
    moved = NamedNetwork(name="voice", prefixes=(ip_network("10.20.9.0/24"),), declared=True)
    before = school(rules="-A INPUT -s 10.20.9.0/24 -j DROP")
    after = replace(school(), networks=(*before.networks[:1], moved, *before.networks[2:]))
    voice = next(change for change in changes(before, after) if change.vantage == "voice")
    assert not voice.closed
    assert voice.opened | voice.undecided <= addresses("10.20.9.0/24")


@settings(max_examples=150)
@given(st.integers(8, 32), st.integers(8, 32), st.integers(0, 2**32 - 1))
def test_what_opens_one_way_closes_the_other(one: int, other: int, number: int) -> None:
    source = ".".join(str(number >> shift & 255) for shift in (24, 16, 8, 0))
    before, after = (
        school(rules=f"-A INPUT -s {source}/{one} -j DROP"),
        school(rules=f"-A INPUT -s {source}/{other} -j DROP"),
    )
    there = {change.vantage: change for change in changes(before, after)}
    back = {change.vantage: change for change in changes(after, before)}
    assert set(there) == set(back)
    for vantage, change in there.items():
        assert (change.opened, change.closed) == (back[vantage].closed, back[vantage].opened)
        assert change.undecided == AddressSet()
        assert PBX not in change.opened | change.closed
