from dataclasses import replace

import pytest

from ringfence.checks.allowances import registered_strangers_allow_listed, responsive_firewall_open_to_all
from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.finding import Severity
from ringfence.model.packetfilter import Continue, DestinationPort, Jump, Rule, SetMark, SourceAddress
from ringfence.model.site import RemoteWorker, Site
from tests.checks.sites import (
    CHAN_SIP,
    KNOWN_PHONE,
    PROVIDER,
    REMOTE,
    chain,
    clean_site,
    contact,
    exposure,
    fired,
    pbx,
    rule,
)
from tests.checks.variants import PROVIDERS, variant


def known(address: str) -> Rule:
    return rule(
        f"-A fpbxregistrations -s {address} -j fpbxknownreg",
        Jump(chain="fpbxknownreg"),
        SourceAddress(addresses=AddressSet.of(address)),
        line=121,
    )


def listing(*addresses: str) -> Site:
    rules = (KNOWN_PHONE, *(known(address) for address in addresses))
    return replace(clean_site(), hosts=(pbx(chain("fpbxregistrations", *rules)),))


def marking(value: int) -> Site:
    mark = Rule(
        matches=(DestinationPort(ports=PortSet.of(5160)),),
        action=Continue(),
        effects=(SetMark(value=value),),
        text=f"-A fpbxsignalling -p udp -m udp --dport 5160 -j MARK --set-xmark {value:#x}/0xffffffff",
        citation=KNOWN_PHONE.citation,
    )
    return replace(clean_site(), hosts=(pbx(chain("fpbxsignalling", mark)),))


def test_a_registered_stranger_on_the_allow_list_is_found() -> None:
    site = replace(listing("203.0.113.77/32"), contacts=(contact("1006", "203.0.113.77"),))
    (found,) = fired(registered_strangers_allow_listed, site)
    assert (found.id, found.severity) == ("registered-strangers-allow-listed/203.0.113.77", Severity.HIGH)
    assert "1006 registered from there" in found.claim
    assert [line.citation.line for line in found.evidence] == [121, 3]


@pytest.mark.parametrize("address", [f"{PROVIDER}/32", f"{REMOTE}/32", "10.40.0.6/32", "10.9.9.9/32"])
def test_the_provider_remote_places_and_phones_may_be_on_it(address: str) -> None:
    assert fired(registered_strangers_allow_listed, listing(address)) == ()


def test_an_address_that_may_be_a_place_declared_by_name_is_less_certain() -> None:
    named = RemoteWorker(name="home", hostname="home.example.net")
    (found,) = fired(registered_strangers_allow_listed, replace(listing("203.0.113.77/32"), remotes=(named,)))
    assert found.severity is Severity.MEDIUM
    assert "by name only" in found.claim


def test_the_responsive_firewall_is_found_by_its_mark() -> None:
    (found,) = fired(responsive_firewall_open_to_all, marking(3))
    assert (found.id, found.severity) == ("responsive-firewall-open-to-all/pbx", Severity.MEDIUM)
    assert "5160" in found.claim


def test_it_is_worse_when_the_internet_reaches_the_port() -> None:
    (found,) = fired(responsive_firewall_open_to_all, marking(3), (exposure(CHAN_SIP),))
    assert found.severity is Severity.HIGH


def test_without_its_mark_or_its_jump_it_is_off() -> None:
    assert fired(responsive_firewall_open_to_all, marking(1)) == ()
    site = marking(3)
    (host,) = site.hosts
    assert host.packet_filter is not None
    off = tuple(each for each in host.packet_filter.chains if each.name != "fpbxfirewall")
    unused = replace(site, hosts=(replace(host, packet_filter=replace(host.packet_filter, chains=off)),))
    assert fired(responsive_firewall_open_to_all, unused) == ()


@pytest.mark.parametrize(
    ("number", "responsive"), [(1, False), (2, True), (3, False), (4, False), (6, True), (7, False)]
)
def test_the_responsive_firewall_of_a_real_freepbx(number: int, *, responsive: bool) -> None:
    assert bool(fired(responsive_firewall_open_to_all, variant(number, *PROVIDERS), ())) is responsive


def test_hijackers_on_the_allow_list_of_a_real_freepbx_and_the_provider_only_until_declared() -> None:
    hijackers = {"203.0.113.66", "203.0.113.67"}
    found = fired(registered_strangers_allow_listed, variant(7, *PROVIDERS), ())
    assert {each.subject for each in found} == hijackers
    undeclared = fired(registered_strangers_allow_listed, variant(7), ())
    assert {each.subject for each in undeclared} == hijackers | {PROVIDERS[0]}
    assert fired(registered_strangers_allow_listed, variant(3, *PROVIDERS), ()) == ()
