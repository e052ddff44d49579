"""What is written is read back: the new rule lets in exactly whom the site needs, in both dialects."""

import re
from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Ruleset
from ringfence.model.site import Provider, RemoteWorker, ServiceName, Site
from ringfence.reach.asking import fates, open_inquiry
from ringfence.reach.narrow import Dialect, Narrowing, narrowings
from ringfence.reach.needed import needs
from tests.reach.school import OPEN_EDGE, PBX, PROVIDER, edge, listener, nft, pbx, save, site

SIP = listener(ServiceName.PJSIP, 5060, process="asterisk")
REMOTE = RemoteWorker(name="home", prefixes=(ip_network("192.0.2.8/30"), ip_network("203.0.113.77/32")))
SAVED = f"""*nat
:PREROUTING ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
-A PREROUTING -i wan -p udp -m multiport --dports 69,5060,10000:10100 -j DNAT --to-destination {PBX}
-A POSTROUTING -o wan -j MASQUERADE
COMMIT
"""
WITH_MEDIA = OPEN_EDGE.replace("{ 69, 5060 }", "{ 69, 5060, 10000-10100 }")


def judged(rules: Ruleset) -> Site:
    return replace(site(pbx(save(""), listener(), SIP), edge(rules)), remotes=(REMOTE,))


def found(site: Site) -> tuple[Narrowing, ...]:
    return narrowings(site, needs(open_inquiry(site)))


def written(text: str, narrowing: Narrowing) -> str:
    lines = text.split("\n")
    assert narrowing.place.line is not None
    assert narrowing.text in lines[narrowing.place.line - 1]
    lines[narrowing.place.line - 1 : narrowing.place.line] = narrowing.lines
    return "\n".join(lines)


def allowed(site: Site, number: int) -> AddressSet:
    inquiry = open_inquiry(site)
    surely, perhaps, _ = fates(inquiry.ask(inquiry.listeners[number], inquiry.vantages[0]))
    assert not perhaps
    return surely


def read_nft(text: str) -> Ruleset:
    return nft(text)


def read_saved(text: str) -> Ruleset:
    return save(text, name="edge/iptables-save.txt")


@pytest.mark.parametrize(
    ("text", "read", "dialect"),
    [(WITH_MEDIA, read_nft, Dialect.NFTABLES), (SAVED, read_saved, Dialect.IPTABLES)],
)
def test_the_rule_that_is_written_lets_in_exactly_whom_the_site_needs(
    text: str, read: object, dialect: Dialect
) -> None:
    assert callable(read)
    before = judged(read(text))
    (narrowing,) = found(before)
    assert narrowing.dialect is dialect
    after = judged(read(written(text, narrowing)))
    assert allowed(after, 0) == AddressSet()
    assert allowed(after, 1) == AddressSet.of(PROVIDER, *REMOTE.prefixes)
    assert not found(after)


def test_ports_of_media_stay_as_they_are() -> None:
    (narrowing,) = found(judged(nft(WITH_MEDIA)))
    assert str(narrowing.kept) == "10000-10100"
    assert narrowing.lines[-1] == f'iifname "wan" udp dport 10000-10100 dnat to {PBX}'
    (saved,) = found(judged(read_saved(SAVED)))
    assert saved.lines[-1] == f"-A PREROUTING -i wan -p udp -m udp --dport 10000:10100 -j DNAT --to-destination {PBX}"
    assert saved.table == "nat"


def test_a_translated_port_and_an_outside_address_are_written_back() -> None:
    text = WITH_MEDIA.replace(
        f'iifname "wan" udp dport {{ 69, 5060, 10000-10100 }} dnat to {PBX}',
        f'iifname "wan" ip daddr 203.0.113.1 udp dport 15060 dnat to {PBX}:5060',
    )
    (narrowing,) = found(judged(nft(text)))
    sources = f"{{ 192.0.2.8/30, {PROVIDER}, 203.0.113.77 }}"
    (line,) = narrowing.lines
    assert line == f'iifname "wan" ip daddr 203.0.113.1 ip saddr {sources} udp dport 15060 dnat to {PBX}:5060'
    assert allowed(judged(nft(written(text, narrowing))), 1) == AddressSet.of(PROVIDER, *REMOTE.prefixes)


def test_a_table_of_both_families_is_told_which_one_is_meant() -> None:
    text = WITH_MEDIA.replace("table ip nat", "table inet nat").replace("dnat to", "dnat ip to")
    (narrowing,) = found(judged(nft(text)))
    assert narrowing.table == "inet nat"
    assert "dnat ip to" in narrowing.lines[0]
    assert allowed(judged(nft(written(text, narrowing))), 1) == AddressSet.of(PROVIDER, *REMOTE.prefixes)


def test_a_forward_that_nobody_needs_is_deleted() -> None:
    (narrowing,) = found(judged(nft(WITH_MEDIA.replace("{ 69, 5060, 10000-10100 }", "69"))))
    assert narrowing.dialect is Dialect.NFTABLES
    assert narrowing.lines == ()


@pytest.mark.parametrize(
    ("before", "after", "why"),
    [
        ("udp dport { 69, 5060, 10000-10100 }", "udp dport 5060 ct state new", "conditions that are not written"),
        (
            "udp dport { 69, 5060, 10000-10100 }",
            "meta l4proto { tcp, udp }",
            "conditions that are not written|UDP or TCP",
        ),
        (f"dnat to {PBX}", f"dnat to {PBX}-10.20.0.12", "single address"),
        ('iifname "wan" udp', 'iifname != "lan;reboot" udp', "conditions that are not written"),
    ],
)
def test_what_cannot_be_written_back_is_said_in_words(before: str, after: str, why: str) -> None:
    written_out = found(judged(nft(WITH_MEDIA.replace(before, after))))
    assert written_out
    for narrowing in written_out:
        assert narrowing.dialect is Dialect.WORDS
        assert narrowing.lines == ()
        assert re.search(why, narrowing.why)


def test_nothing_is_written_while_the_provider_is_not_known() -> None:
    for providers in ((), (Provider(name="itsp", hostnames=("sip.example.net",)),)):
        unknown = replace(judged(nft(WITH_MEDIA)), providers=providers, remotes=())
        (narrowing,) = found(unknown)
        assert narrowing.lines == ()
        assert narrowing.dialect is Dialect.WORDS
        assert "ringfence.toml" in narrowing.why


def test_the_rules_of_another_product_are_never_rewritten() -> None:
    foreign = replace(nft(WITH_MEDIA), product="pfSense")
    (narrowing,) = found(judged(foreign))
    assert narrowing.dialect is Dialect.WORDS


@settings(max_examples=150)
@given(
    st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=8, unique=True),
    st.booleans(),
)
def test_any_providers_are_let_in_and_nobody_else(numbers: list[int], iptables: bool) -> None:  # noqa: FBT001
    providers = (Provider(name="p", addresses=tuple(ip_address(number) for number in numbers)),)
    text, read = (SAVED, read_saved) if iptables else (WITH_MEDIA, read_nft)
    before = replace(judged(read(text)), providers=providers, remotes=())
    internet = open_inquiry(before).vantages[0].sources
    wanted = AddressSet.of(*providers[0].addresses) & internet
    for narrowing in found(before):
        after = replace(judged(read(written(text, narrowing))), providers=providers, remotes=())
        assert narrowing.dialect is not Dialect.WORDS
        assert allowed(after, 1) == wanted
        assert not allowed(after, 0)
