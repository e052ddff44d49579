from ipaddress import IPv4Address, IPv6Address, ip_address, ip_interface, ip_network

import pytest

from ringfence.model.evidence import Citation
from ringfence.model.site import (
    Driver,
    Host,
    Interface,
    NamedNetwork,
    Provider,
    RemoteWorker,
    SipSettings,
    Site,
    Trunk,
)
from ringfence.reach.whereabouts import (
    expected_callers,
    has_unresolved_provider,
    has_unresolved_remote,
    is_declared_remote,
    is_outside,
    is_provider,
    literal,
    network_of,
    site_networks,
)

HERE = Citation(file="etc/asterisk/pjsip.conf", line=1)


def network(name: str, *prefixes: str, declared: bool = True) -> NamedNetwork:
    return NamedNetwork(name=name, prefixes=tuple(ip_network(prefix) for prefix in prefixes), declared=declared)


def trunk(*hosts: str, matched: tuple[str, ...] = ()) -> Trunk:
    networks = tuple(ip_network(text) for text in matched)
    return Trunk(name="itsp", driver=Driver.PJSIP, hosts=hosts, matched=networks, citation=HERE)


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("203.0.113.77", True),
        ("198.51.100.20", True),
        ("8.8.8.8", True),
        ("::ffff:203.0.113.77", True),
        ("2001:db8::1", True),
        ("10.9.8.7", False),
        ("::ffff:10.9.8.7", False),
        ("100.64.1.1", False),
        ("fe80::1", False),
        ("fd00::1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
    ],
)
def test_documentation_ranges_are_outside_and_private_ones_are_not(text: str, *, outside: bool) -> None:
    assert is_outside(Site(), ip_address(text)) is outside


def test_a_public_network_of_the_site_is_inside() -> None:
    campus = Site(networks=(network("campus", "192.0.2.0/25", declared=False),))
    assert not is_outside(campus, IPv4Address("192.0.2.5"))
    assert is_outside(campus, IPv4Address("192.0.2.200"))


def test_a_default_route_makes_nobody_an_insider() -> None:
    site = Site(networks=(network("wan", "0.0.0.0/0", declared=False), network("internet", "203.0.113.0/24")))
    assert not site_networks(site)
    assert is_outside(site, IPv4Address("203.0.113.77"))
    assert network_of(site, IPv4Address("203.0.113.77")) is None


def test_the_machines_own_public_addresses_are_not_strangers_but_their_neighbours_are() -> None:
    wan = Interface(name="wan", addresses=(ip_interface("192.0.2.2/24"),), citation=HERE)
    sip = SipSettings(driver=Driver.CHAN_SIP, external_address="192.0.2.10:5160", citation=HERE)
    site = Site(hosts=(Host(name="edge", interfaces=(wan,)),), sip=(sip,))
    assert not is_outside(site, IPv4Address("192.0.2.2"))
    assert not is_outside(site, IPv4Address("192.0.2.10"))
    assert is_outside(site, IPv4Address("192.0.2.3"))


def test_the_narrowest_network_names_the_place() -> None:
    site = Site(networks=(network("campus", "10.0.0.0/8"), network("voice", "10.40.0.0/16")))
    voice, campus = network_of(site, IPv4Address("10.40.1.1")), network_of(site, IPv4Address("10.1.1.1"))
    assert voice is not None
    assert campus is not None
    assert (voice.name, campus.name) == ("voice", "campus")


def test_providers_are_known_by_declaration_by_match_and_by_literal_host() -> None:
    declared = Provider(name="other", addresses=(IPv4Address("198.51.100.9"),))
    site = Site(providers=(declared,), trunks=(trunk("198.51.100.20:5060", matched=("198.51.100.64/29",)),))
    for text in ("198.51.100.9", "198.51.100.20", "198.51.100.70"):
        assert is_provider(site, IPv4Address(text))
    assert not is_provider(site, IPv4Address("198.51.100.21"))
    assert not has_unresolved_provider(site)


@pytest.mark.parametrize("wide", ["0.0.0.0/0", "198.0.0.0/8", "198.51.0.0/16", "2000::/3"])
def test_a_trunk_that_matches_a_wide_network_makes_no_stranger_a_provider(wide: str) -> None:
    site = Site(trunks=(trunk(matched=(wide,)),))
    assert not is_provider(site, IPv4Address("198.51.100.20"))
    assert not is_provider(site, IPv6Address("2001:db8::1"))


def test_a_provider_known_by_name_only_is_said_to_be_unresolved() -> None:
    site = Site(trunks=(trunk("sip.example.net"),))
    assert not is_provider(site, IPv4Address("198.51.100.20"))
    assert has_unresolved_provider(site)
    assert has_unresolved_provider(Site(providers=(Provider(name="p", hostnames=("sip.example.net",)),)))


def test_a_remote_covers_its_own_accounts_only_and_all_when_it_lists_none() -> None:
    home = RemoteWorker(name="home", prefixes=(ip_network("198.51.100.77/32"),), accounts=("2005",))
    branch = RemoteWorker(name="branch", prefixes=(ip_network("203.0.113.0/29"),))
    site = Site(remotes=(home, branch))
    assert is_declared_remote(site, IPv4Address("198.51.100.77"), "2005")
    assert is_declared_remote(site, IPv4Address("198.51.100.77"))
    assert not is_declared_remote(site, IPv4Address("198.51.100.77"), "2006")
    assert not is_declared_remote(site, IPv4Address("198.51.100.78"), "2005")
    assert is_declared_remote(site, IPv4Address("203.0.113.1"), "2006")


def test_a_remote_declared_by_name_is_unresolved_for_its_accounts() -> None:
    site = Site(remotes=(RemoteWorker(name="home", hostname="home.example.net", accounts=("2005",)),))
    assert has_unresolved_remote(site, "2005")
    assert not has_unresolved_remote(site, "2006")


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("203.0.113.9:5060", "203.0.113.9"),
        ("[2001:db8::1]:5060", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        (" 203.0.113.9 ", "203.0.113.9"),
        ("sip.example.net", None),
        ("sip.example.net:5060", None),
        ("203.0.113", None),
        ("", None),
    ],
)
def test_a_literal_address_is_told_from_a_name(text: str, address: str | None) -> None:
    assert literal(text) == (None if address is None else ip_address(address))


def test_those_whom_the_site_needs_are_its_providers_and_declared_remotes() -> None:
    trunk = Trunk(name="t", driver=Driver.PJSIP, hosts=("198.51.100.20",), citation=Citation(file="x", line=1))
    remote = RemoteWorker(name="Ann", prefixes=(ip_network("203.0.113.40/32"),))
    assert str(expected_callers(Site(trunks=(trunk,), remotes=(remote,)))) == "198.51.100.20, 203.0.113.40"
    assert not expected_callers(Site())
