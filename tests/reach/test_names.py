from dataclasses import replace
from ipaddress import ip_address, ip_network

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.errors import UsageError
from ringfence.model.site import Driver, Provider, RemoteWorker, Site, Trunk
from ringfence.reach.names import NO_NETWORK, origins, parts, phrase, tidied, where
from tests.reach.school import OPEN_EDGE, PBX, PLACE, PROVIDER, addresses, edge, nft, pbx, save, site

SCHOOL = replace(
    site(pbx(save("")), edge(nft(OPEN_EDGE))),
    remotes=(
        RemoteWorker(name="caretaker", prefixes=(ip_network("192.0.2.9/32"),)),
        RemoteWorker(name="by name", hostname="home.example.net"),
    ),
    trunks=(Trunk(name="second", driver=Driver.PJSIP, hosts=("198.51.100.30:5060",), citation=PLACE),),
)


def named(site: Site, *texts: str) -> list[tuple[str, str]]:
    return [(part.name, str(part.addresses)) for part in parts(site, addresses(*texts))]


def test_each_address_has_the_name_that_the_site_gives_it() -> None:
    assert named(SCHOOL, PROVIDER, "198.51.100.30", "192.0.2.9", "192.0.2.10", "10.20.8.7", "10.99.0.1") == [
        ("provider trunk", PROVIDER),
        ("trunk second", "198.51.100.30"),
        ("remote caretaker", "192.0.2.9"),
        ("network voice", "10.20.8.7"),
        ("the Internet", "192.0.2.10"),
        (NO_NETWORK, "10.99.0.1"),
    ]


def test_a_trunk_that_matches_half_the_world_gives_it_no_name() -> None:
    wide = Trunk(name="any", driver=Driver.PJSIP, matched=(ip_network("0.0.0.0/1"),), citation=PLACE)
    assert named(replace(SCHOOL, trunks=(wide,)), "8.8.8.8") == [("the Internet", "8.8.8.8")]


def test_parts_are_a_partition() -> None:
    found = parts(SCHOOL, AddressSet.everything())
    assert AddressSet.union(part.addresses for part in found) == AddressSet.everything()
    assert sum(part.addresses.count for part in found) == AddressSet.everything().count


def test_a_network_reads_as_one_though_the_sites_own_machines_are_left_out() -> None:
    torn = addresses("10.20.0.0/24") - addresses(PBX, "10.20.0.1")
    assert phrase(tidied(SCHOOL, torn)) == "10.20.0.0/24"
    half = addresses("10.20.0.0/25") - addresses(PBX, "10.20.0.1")
    assert phrase(tidied(SCHOOL, half)) == "10.20.0.0/25"
    assert tidied(SCHOOL, addresses("10.20.0.11")) == addresses("10.20.0.11"), "beside a hole there must be two"
    refused = addresses("10.20.0.0/24") - addresses("10.20.0.50")
    assert tidied(SCHOOL, refused) == refused, "who is no machine of the site stays out"
    assert tidied(SCHOOL, AddressSet()) == AddressSet()


def test_many_networks_are_not_listed_to_the_end() -> None:
    assert phrase(addresses("8.8.8.8", "9.9.9.0/24")) == "8.8.8.8 and 9.9.9.0/24"
    assert phrase(~addresses("8.8.8.8")).endswith("and further networks")


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("internet", [("anyone on the Internet", "internet")]),
        ("voice", [("anyone in network voice", "voice")]),
        ("192.0.2.66", [("192.0.2.66", "internet")]),
        ("10.20.8.30", [("10.20.8.30", "voice")]),
        ("10.99.0.0/16", [("10.99.0.0/16", NO_NETWORK)]),
        ("::ffff:192.0.2.66", [("::ffff:192.0.2.66", "internet")]),
        ("trunk", [("trunk", "internet")]),
        ("caretaker", [("caretaker", "internet")]),
    ],
)
def test_where_somebody_stands(text: str, places: list[tuple[str, str]]) -> None:
    assert [(origin.label, origin.vantage.name) for origin in origins(SCHOOL, text)] == places


def test_a_wide_network_stands_in_several_places_and_each_part_says_so() -> None:
    found = origins(SCHOOL, "10.20.0.0/16")
    assert [origin.vantage.name for origin in found] == ["pbx", "voice", "office", NO_NETWORK]
    assert found[0].label == "10.20.0.0/16 (the part in network pbx)"
    assert ip_address(PBX) not in AddressSet.union(origin.vantage.sources for origin in found)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("nobody", "neither an address nor a network"),
        ("by name", "knows no address of it"),
        (PBX, "an address of the phone system or the edge itself"),
        ("224.0.0.1", "no packet can come from there"),
        ("10.20.8.300", "neither an address"),
        ("", "neither an address"),
    ],
)
def test_what_nothing_can_be_asked_about_is_said(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        origins(SCHOOL, text)


def test_a_network_that_calls_itself_internet_is_not_the_internet() -> None:
    assert origins(SCHOOL, "internet")[0].vantage.sources & addresses("10.0.0.0/8") == AddressSet()
    assert where("internet") == "on the Internet"
    assert where("voice") == "in network voice"


def test_a_provider_without_addresses_is_asked_for_them() -> None:
    unresolved = replace(SCHOOL, providers=(Provider(name="itsp", hostnames=("sip.example.net",)),))
    with pytest.raises(UsageError, match="give the address itself"):
        origins(unresolved, "itsp")
