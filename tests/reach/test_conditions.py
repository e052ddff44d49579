from dataclasses import replace
from ipaddress import ip_address

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Match, SourceAddress, Unsupported
from ringfence.reach.conditions import doubt, holds, live, with_marks
from ringfence.reach.flow import Header, Link, Marks
from tests.reach.school import PBX, addresses, save

HEADER = Header(
    version=4,
    protocol="udp",
    source_port=40_000,
    destination=ip_address(PBX),
    port=69,
    incoming=Link(name="eth0"),
    local=True,
)


def match(text: str) -> Match:
    """Give the last condition of an iptables rule."""
    (rule,) = (rule for chain in save(f"-A INPUT {text}").chains for rule in chain.rules)
    return rule.matches[-1]


TRUE = [
    "-d 10.20.0.0/24", "-i eth+", "! -i eth1", "! -i lo", "! -o lo", "-p udp", "! -p tcp", "-p udp --dport 60:70",
    "-p udp --sport 1024:65535", "-m state --state NEW", "-m conntrack ! --ctstate ESTABLISHED,INVALID",
    "-m conntrack --ctorigdst 10.20.0.10", "-m conntrack --ctorigdstport 69", "! -f", "-m pkttype --pkt-type unicast",
    "-m addrtype --dst-type LOCAL", "-m addrtype ! --dst-type BROADCAST,MULTICAST", "-m limit --limit 1/sec",
    "-m connlimit --connlimit-upto 3",
]  # fmt: skip
FALSE = [
    "-d 255.255.255.255", "-i lo", "-o eth0", "-p icmp", "-p tcp", "-p udp --dport 5060", "-p udp --sport 67:68",
    "-m state --state RELATED,ESTABLISHED", "-m conntrack --ctstate DNAT", "-m conntrack --ctstatus DNAT", "-f",
    "-m pkttype --pkt-type multicast", "-m addrtype --dst-type UNICAST", "-m hashlimit --hashlimit-above 1/sec",
    "-m conntrack --ctorigdstport 5060", "-p tcp --syn",
]  # fmt: skip


TRACKED = ("-m conntrack --ctstate NEW", "-m connmark ! --mark 1", "-m conntrack --ctorigdstport 69")


@pytest.mark.parametrize("text", TRUE)
def test_conditions_that_hold(text: str) -> None:
    assert holds(match(text), HEADER) is True


@pytest.mark.parametrize("text", FALSE)
def test_conditions_that_do_not_hold(text: str) -> None:
    assert holds(match(text), HEADER) is False


def test_the_first_packet_of_tcp_has_syn_alone() -> None:
    tcp = replace(HEADER, protocol="tcp")
    assert holds(match("-p tcp --syn"), tcp) is True
    assert holds(match("-p tcp ! --syn"), tcp) is False
    assert holds(match("-p tcp --tcp-flags ALL NONE"), tcp) is False


def test_what_was_translated_keeps_its_first_destination() -> None:
    moved = replace(HEADER, original=(ip_address("203.0.113.1"), 6969), translated=True)
    assert holds(match("-m conntrack --ctorigdst 203.0.113.1"), moved) is True
    assert holds(match("-m conntrack --ctorigdstport 69"), moved) is False
    assert holds(match("-m conntrack --ctstatus DNAT"), moved) is True
    assert holds(match("-m conntrack --ctstate DNAT,ESTABLISHED"), moved) is True


def test_what_is_not_known_may_match_unless_it_cannot() -> None:
    unknown = replace(
        HEADER, destination=None, source_port=None, local=None, incoming=Link(not_in=frozenset({"lo", "wan"}))
    )
    assert holds(match("-d 203.0.113.1"), unknown) is None
    assert holds(match("-d 0.0.0.0/0"), unknown) is True
    assert holds(match("-p udp --sport 53"), unknown) is None
    assert holds(match("-i eth0"), unknown) is None
    assert holds(match("-i wan"), unknown) is False
    assert holds(match("! -i lo"), unknown) is True
    assert holds(match("-i w+"), unknown) is None
    assert holds(match("-m addrtype --dst-type LOCAL"), unknown) is None
    assert holds(match("-m mac --mac-source 00:15:65:00:00:01"), unknown) is None


def test_a_rewritten_source_is_a_condition_like_any_other() -> None:
    hidden = replace(HEADER, seen_as=addresses("10.20.0.1"))
    assert holds(match("-s 10.20.0.0/24"), hidden) is True
    assert holds(match("-s 192.0.2.0/24"), hidden) is False
    assert holds(match("-s 10.20.0.0/24"), replace(HEADER, seen_as=AddressSet.all_ipv4())) is None
    assert holds(SourceAddress(addresses=addresses("192.0.2.1"), recorded_in="seen"), hidden) is None


def test_a_rule_is_reduced_to_what_is_left_open() -> None:
    (rule,) = (rule for chain in save("-A INPUT -s 10.0.0.0/8 -p udp -m mark --mark 1 -m geoip --x -j DROP").chains for rule in chain.rules)  # fmt: skip  # noqa: E501
    found = live(rule, HEADER)
    assert found is not None
    assert len(found.sources) == len(found.later) == 1
    assert found.doubts == ("“-m geoip --x” is not interpreted",)
    assert live(rule, replace(HEADER, protocol="tcp")) is None
    assert with_marks(found, Marks(packet=1), HEADER) is True
    assert with_marks(found, Marks(packet=2), HEADER) is False
    assert with_marks(found, Marks(packet=None), HEADER) is None


def test_a_source_never_seen_is_in_a_list_only_if_it_was_just_put_there() -> None:
    (rule,) = (rule for chain in save("-A INPUT -m recent --rcheck --hitcount 2 --name S -j DROP").chains for rule in chain.rules)  # fmt: skip  # noqa: E501
    found = live(rule, HEADER)
    assert found is not None
    assert with_marks(found, Marks(), HEADER) is False
    assert with_marks(found, Marks(recorded=("S",)), HEADER) is False
    assert with_marks(found, Marks(recorded=("S", "S")), HEADER) is True


def test_a_packet_that_is_not_tracked_has_no_connection_to_look_at() -> None:
    lost = Marks(tracked=False)
    for text, wanted in (
        ("-m conntrack --ctstate NEW", False), ("-m conntrack ! --ctstate NEW", True),
        ("-m conntrack --ctstate UNTRACKED", True), ("-m connmark ! --mark 1", False),
        ("-m conntrack --ctorigdstport 69", False), ("-m conntrack --ctstate UNTRACKED --ctorigdstport 70", None),
    ):  # fmt: skip
        (rule,) = (rule for chain in save(f"-A INPUT {text}").chains for rule in chain.rules)
        found = live(rule, HEADER, untracks=True)
        assert found is not None
        assert with_marks(found, lost, HEADER) is wanted, text
        assert with_marks(found, Marks(), HEADER) is (text in TRACKED), text


@pytest.mark.parametrize("text", [*TRUE, *FALSE])
def test_every_doubt_has_words(text: str) -> None:
    assert doubt(match(text))
    assert doubt(Unsupported(text="-m geoip")) == "“-m geoip” is not interpreted"
