"""The comparison itself: each kind of disagreement is noticed, and agreement is not reported."""

from dataclasses import replace
from ipaddress import IPv4Address, ip_address

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Basis, Exposure, Outside, Verdict
from ringfence.model.site import Listener, ServiceName
from tests.lab.campus import STANDS
from tests.lab.foresight import bounds_in, bounds_of, compare, probes, vantage_of
from tests.lab.probing import Arrival, Probe
from tests.lab.topology import EDGE_PUBLIC, PBX, PROVIDER

TFTP = Listener(
    service=ServiceName.TFTP,
    transport="udp",
    address=None,
    port=69,
    process="in.tftpd",
    versions=frozenset({4, 6}),
    citation=Citation(file="commands/ss.txt", line=2),
)
ALLOWED, OTHER = IPv4Address(PROVIDER), IPv4Address("192.0.2.200")


def blocked(vantage: str) -> Exposure:
    return Exposure(
        id=f"{vantage}/tftp",
        vantage=vantage,
        listener=TFTP,
        outside=None,
        verdict=Verdict.BLOCKED,
        basis=Basis.PREDICTED,
        sources=AddressSet(),
        claim="nobody",
        proof=(),
    )


OPEN = replace(
    blocked("internet"),
    outside=Outside(address=ip_address(EDGE_PUBLIC), port=6969),
    verdict=Verdict.REACHABLE,
    sources=AddressSet.of(ALLOWED),
)
ALL = (OPEN, *(blocked(vantage) for vantage in STANDS if vantage != "internet"))
SENT = probes(ALL, (ALLOWED, OTHER, IPv4Address("10.20.30.66")), ipv6=False, ports={})
FOUND = {probe: Arrival(69, ALLOWED) for probe in SENT if (probe.source, probe.port) == (ALLOWED, 6969)}
FOUND = {probe: one for probe, one in FOUND.items() if str(probe.destination) == EDGE_PUBLIC}


def test_agreement_is_no_disagreement() -> None:
    found = compare(ALL, SENT, FOUND)
    assert found.disagreements == ()
    assert (found.pairs, found.arrived) == (4, 1)
    assert found.packets == len(SENT) == 10, "two ports, two strangers at two addresses, and one desk"


def test_who_arrives_unpredicted_and_who_does_not_arrive_are_noticed() -> None:
    assert len(compare(ALL, SENT, {}).disagreements) == 1
    desk = Probe("office", "udp", IPv4Address("10.20.30.66"), IPv4Address(PBX), 69)
    stranger = Probe("internet", "udp", OTHER, IPv4Address(EDGE_PUBLIC), 6969)
    plain = Probe("internet", "udp", ALLOWED, IPv4Address(EDGE_PUBLIC), 69)
    for probe in (desk, stranger, plain):
        assert probe in SENT
        (said,) = compare(ALL, SENT, FOUND | {probe: Arrival(69, probe.source)}).disagreements
        assert str(probe.source) in said


def test_an_arrival_at_another_service_is_noticed() -> None:
    assert compare(ALL, SENT, {probe: Arrival(5060, ALLOWED) for probe in FOUND}).disagreements


def test_the_source_that_the_pbx_saw_is_compared() -> None:
    gateway = IPv4Address("10.20.0.1")
    hidden = {probe: Arrival(69, gateway) for probe in FOUND}
    said_so = (replace(OPEN, seen_as=AddressSet.of(gateway)), *ALL[1:])
    assert compare(said_so, SENT, hidden).disagreements == ()
    assert len(compare(ALL, SENT, hidden).disagreements) == 1
    assert compare(said_so, SENT, FOUND).disagreements
    assert compare(said_so, SENT, FOUND, partly_hidden=True).disagreements


def test_unknown_missing_and_contradictory_answers_are_noticed() -> None:
    unknown = (*ALL[:-1], replace(ALL[-1], verdict=Verdict.UNKNOWN))
    assert compare(unknown, SENT, FOUND).disagreements == (f"unknown: {ALL[-1].id}: nobody",)
    assert compare(ALL[:-1], SENT, FOUND).disagreements == ("nothing predicted for udp 69 from pbx",)
    empty = (*ALL[:-1], replace(ALL[-1], verdict=Verdict.REACHABLE))
    assert compare(empty, SENT, FOUND).disagreements == ("verdict: pbx/tftp is reachable with the sources none",)


@pytest.mark.parametrize(
    ("address", "vantage"),
    [
        ("8.8.8.8", "internet"),
        ("203.0.113.66", "internet"),
        ("2001:db8:bad::66", "internet"),
        ("10.20.30.66", "office"),
        ("2001:db8:8::11", "voice"),
        ("10.20.0.101", "pbx"),
        ("10.20.0.10", None),
        ("203.0.113.1", None),
        ("10.20.0.255", None),
        ("192.168.1.1", None),
        ("224.0.0.1", None),
        ("127.0.0.1", None),
        ("fe80::1", None),
        ("::1", None),
    ],
)
def test_every_address_stands_where_it_belongs(address: str, vantage: str | None) -> None:
    assert vantage_of(ip_address(address)) == vantage


def test_bounds_are_taken_from_what_rules_name_and_from_what_was_predicted() -> None:
    text = "ip saddr { 198.51.100.64/26, 203.0.113.64-203.0.113.67 } ip6 saddr 2001:db8:bad::/64 tcp dport 80 :INPUT"
    found = {str(address) for address in bounds_in(text)}
    assert {"198.51.100.63", "198.51.100.64", "198.51.100.127", "198.51.100.128"} <= found
    assert {"203.0.113.63", "203.0.113.64", "203.0.113.67", "203.0.113.68"} <= found
    assert {"2001:db8:bad::", "2001:db8:bad:0:ffff:ffff:ffff:ffff", "2001:db8:bad:1::"} <= found
    assert [str(address) for address in bounds_of(OPEN)][::3] == ["198.51.100.19", "198.51.100.21"]
