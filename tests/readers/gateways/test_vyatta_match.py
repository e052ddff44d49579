import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    InputInterface,
    LaterFragment,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    RateLimited,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.readers.gateways.vyatta_groups import Groups
from ringfence.readers.gateways.vyatta_interfaces import attached
from ringfence.readers.gateways.vyatta_match import Conditions
from tests.readers.gateways.vyatta_school import tree

HEAD = """set interfaces ethernet eth0 address dhcp
set firewall group address-group G address 192.0.2.1
set firewall group ipv6-address-group G address 2001:db8::1
set firewall group interface-group WAN interface eth0
set firewall group port-group P port 5060
"""


def conditions(*lines: str, version: int = 4) -> tuple[Match, ...]:
    export = tree(HEAD + "".join(f"set firewall name A rule 1 {line}\n" for line in lines))
    rule = export.root.at("firewall", "name", "A", "rule", "1")
    assert rule is not None
    groups = Groups(export=export, attached=attached(export))
    found = Conditions(export=export, groups=groups, version=version).of(rule)
    assert bool(export.problems) == any(isinstance(one, Unsupported) for one in found)
    return found


ONE = AddressSet.of("192.0.2.1")


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("protocol udp", Protocol(names=frozenset({"udp"}))),
        ("protocol 17", Protocol(names=frozenset({"udp"}))),
        ("protocol tcp_udp", Protocol(names=frozenset({"tcp", "udp"}))),
        ("protocol !tcp", Protocol(names=frozenset({"tcp"}), negated=True)),
        ("source address 192.0.2.1", SourceAddress(addresses=ONE)),
        ("source address !192.0.2.1", SourceAddress(addresses=~ONE)),
        ("destination address 192.0.2.0-192.0.2.255", DestinationAddress(addresses=AddressSet.of("192.0.2.0/24"))),
        ("destination port 69,5060-5061", DestinationPort(ports=PortSet.of(69, 5060, 5061))),
        ("destination port !22,80", None),
        ("destination port !22", DestinationPort(ports=~PortSet.of(22))),
        ("destination port '!22,!80'", DestinationPort(ports=~PortSet.of(22, 80))),
        ("source port sip", SourcePort(ports=PortSet.of(5060))),
        ("source port gopher", None),
        ("source group address-group G", SourceAddress(addresses=ONE)),
        ("source group address-group !G", SourceAddress(addresses=~ONE)),
        ("source group port-group P", SourcePort(ports=PortSet.of(5060))),
        ("source group address-group NOWHERE", None),
        ("source group domain-group PROVIDER", None),
        ("source group address-group ADDRv4_eth0", None),
        ("destination group address-group ADDRv4_eth0", PacketKind(kinds=frozenset({"local"}))),
        ("source mac-address 00:00:5e:00:53:01", None),
        ("source address not-an-address", None),
        ("source geoip country-code de", None),
        ("source fqdn pbx.example.org", None),
        ("state new enable", ConnectionState(states=frozenset({"new"}))),
        ("state established", ConnectionState(states=frozenset({"established"}))),
        ("connection-status nat destination", Translated()),
        ("connection-status nat source", ConnectionState(states=frozenset({"snat"}))),
        ("inbound-interface eth0", InputInterface(names=frozenset({"eth0"}))),
        ("inbound-interface name !eth0", InputInterface(names=frozenset({"eth0"}), negated=True)),
        ("inbound-interface interface-name eth0*", InputInterface(names=frozenset({"eth0*"}))),
        ("inbound-interface group WAN", InputInterface(names=frozenset({"eth0"}))),
        ("inbound-interface interface-group WAN", InputInterface(names=frozenset({"eth0"}))),
        ("inbound-interface group NOWHERE", None),
        ("outbound-interface name eth0", OutputInterface(names=frozenset({"eth0"}))),
        ("tcp flags SYN,!ACK", TcpFlags(mask=frozenset({"syn", "ack"}), flags=frozenset({"syn"}))),
        ("tcp flags not ack", TcpFlags(mask=frozenset({"ack"}), flags=frozenset())),
        ("tcp flags XMAS", None),
        ("tcp mss 1-500", None),
        ("fragment match-frag", LaterFragment()),
        ("fragment match-non-frag", LaterFragment(negated=True)),
        ("packet-type broadcast", PacketKind(kinds=frozenset({"broadcast"}))),
        ("limit rate 10/minute", RateLimited(text="limit rate 10/minute")),
        ("recent count 4", RateLimited(text="recent count 4", negated=True)),
        ("icmp type 8", None),
        ("ipsec match-ipsec", None),
        ("time weekdays Mon", None),
        ("application category Voice", None),
        ("ttl eq 1", None),
    ],
)
def test_a_condition_is_read_or_named_as_not_interpreted(line: str, wanted: Match | None) -> None:
    (found,) = conditions(line)
    if wanted is None:
        assert isinstance(found, Unsupported)
        assert found.text.split()[0] == line.split(maxsplit=1)[0]
    else:
        assert found == wanted


@pytest.mark.parametrize(
    "line",
    [
        "protocol all",
        "log enable",
        "description x",
        "state new disable",
        "inbound-interface any",
        "log-options level x",
    ],
)
def test_what_is_no_condition_gives_none(line: str) -> None:
    assert conditions(line) == ()


def test_which_icmp_does_not_matter() -> None:
    assert conditions("protocol icmp", "icmp type 8") == (Protocol(names=frozenset({"icmp"})),)


def test_what_is_understood_of_a_side_counts_beside_what_is_not() -> None:
    found = conditions("source fqdn pbx.example.org", "source port 5060")
    assert SourcePort(ports=PortSet.of(5060)) in found
    assert len(found) == 2


def test_an_address_mask_is_not_interpreted() -> None:
    found = conditions("source address 0.0.0.1", "source address-mask 0.0.0.255")
    assert all(isinstance(one, Unsupported) for one in found)


def test_ipv6_rules_look_into_ipv6_groups() -> None:
    (found,) = conditions("source group address-group G", version=6)
    assert found == SourceAddress(addresses=AddressSet.of("2001:db8::1"))
