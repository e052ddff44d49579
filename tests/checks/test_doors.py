from dataclasses import replace

import pytest

from ringfence.checks.doors import closing, doors, is_shut, shown
from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.site import ServiceName, Site
from tests.checks.sites import CHAN_SIP, FORWARD, PROVIDER, REMOTE, TFTP, clean_site, edge, exposure, listener, pbx

TFTP_ONLY = frozenset({ServiceName.TFTP})


def test_a_port_that_everybody_reaches_is_a_door_for_anyone() -> None:
    (door,) = doors(clean_site(), (exposure(TFTP),), TFTP_ONLY)
    assert (door.subject, door.anyone, door.claim) == ("udp/69", True, "Anyone on the Internet reaches port 69.")
    assert [str(line.citation) for line in door.evidence()] == ["edge/iptables-save.txt:5", "commands/ss.txt:69"]


@pytest.mark.parametrize("known", [str(PROVIDER), str(REMOTE), "10.40.0.0/16", "192.168.0.0/16"])
def test_a_port_that_only_friends_reach_is_no_door(known: str) -> None:
    assert doors(clean_site(), (exposure(TFTP, sources=AddressSet.of(known)),), TFTP_ONLY) == ()


def test_a_few_strangers_are_named_and_are_not_anyone() -> None:
    (door,) = doors(clean_site(), (exposure(TFTP, sources=AddressSet.of("203.0.113.0/29")),), TFTP_ONLY)
    assert not door.anyone
    assert door.claim == "203.0.113.0/29, which nobody declared, on the Internet reaches udp/69."


@pytest.mark.parametrize("verdict", [Verdict.BLOCKED, Verdict.UNKNOWN])
def test_what_is_blocked_or_unknown_is_no_door(verdict: Verdict) -> None:
    assert doors(clean_site(), (exposure(TFTP, verdict=verdict),), TFTP_ONLY) == ()


@pytest.mark.parametrize("basis", [Basis.OBSERVED, Basis.USED])
def test_packets_that_arrived_tell_who_came_not_who_could_have_come(basis: Basis) -> None:
    (door,) = doors(clean_site(), (exposure(TFTP, sources=AddressSet.of("203.0.113.77"), basis=basis),), TFTP_ONLY)
    assert door.anyone


def test_one_port_is_one_door_however_many_ways_it_is_known() -> None:
    both = (exposure(TFTP), exposure(TFTP, sources=AddressSet.of("203.0.113.77"), basis=Basis.USED))
    six = exposure(listener(ServiceName.TFTP, 69, address="::"))
    (door,) = doors(clean_site(), (*both, six), TFTP_ONLY)
    assert len(door.exposures) == 3


def test_closing_names_the_forward_and_cuts_what_it_leaves_open() -> None:
    site = replace(clean_site(), hosts=(pbx(), edge(FORWARD)))
    (door,) = doors(site, (exposure(TFTP),), TFTP_ONLY)
    commands = [remedy.command for remedy in closing(site, door)]
    assert commands == [
        "iptables -t nat -D PREROUTING -i wan -p udp -m udp --dport 69 -j DNAT --to-destination 10.20.0.10",
        "conntrack -D -p udp --dport 69",
    ]


def test_without_the_edges_rules_closing_says_what_to_look_for() -> None:
    site = Site()
    (door,) = doors(site, (exposure(TFTP),), TFTP_ONLY)
    (remedy,) = closing(site, door)
    assert "udp/69" in remedy.text
    assert remedy.command == ""


def test_an_edge_of_another_make_is_not_given_linux_commands() -> None:
    forward = replace(FORWARD, text="rdr on em0 proto udp to port 69 -> 10.20.0.10")
    host = edge(forward)
    assert host.packet_filter is not None
    site = replace(clean_site(), hosts=(replace(host, packet_filter=replace(host.packet_filter, product="pfsense")),))
    (door,) = doors(site, (exposure(TFTP),), TFTP_ONLY)
    assert [remedy.command for remedy in closing(site, door, first="First.")] == ["", "", ""]


def test_shut_means_certainly_shut() -> None:
    friends = exposure(TFTP, sources=AddressSet.of(PROVIDER))
    assert is_shut(clean_site(), (friends, exposure(TFTP, verdict=Verdict.BLOCKED)), TFTP_ONLY)
    assert not is_shut(clean_site(), (friends, exposure(TFTP, verdict=Verdict.UNKNOWN)), TFTP_ONLY)
    assert not is_shut(clean_site(), (friends, exposure(TFTP)), TFTP_ONLY)
    assert not is_shut(clean_site(), (), TFTP_ONLY)
    assert not is_shut(clean_site(), (exposure(TFTP, "office", verdict=Verdict.BLOCKED),), TFTP_ONLY)


def test_other_services_and_other_vantages_are_left_out() -> None:
    others: tuple[Exposure, ...] = (exposure(CHAN_SIP), exposure(TFTP, "office", AddressSet.of("10.50.0.0/16")))
    assert doors(clean_site(), others, TFTP_ONLY) == ()


def test_long_sets_are_cut() -> None:
    assert shown(AddressSet.of("203.0.113.1", "203.0.113.3", "203.0.113.5"), most=2) == "203.0.113.1, 203.0.113.3, more"
