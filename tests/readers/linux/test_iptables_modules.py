import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationPort,
    Mark,
    Match,
    OriginalDestination,
    PacketKind,
    Protocol,
    RateLimited,
    RecordSource,
    SeenBefore,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.readers.linux.ipset import IpSet
from tests.readers.linux.reading import iptables_rule as rule

SYN = frozenset({"syn"})
FLAGS = frozenset({"fin", "syn", "rst", "ack"})
ADDRESSES = AddressSet.of("198.51.100.0/24")
SETS = {"friends": IpSet(name="friends", addresses=ADDRESSES), "odd": IpSet(name="odd", addresses=None)}

CASES: list[tuple[str, Match]] = [
    ("-m udp --sport 67:68", SourcePort(ports=PortSet.of((67, 68)))),
    ("-m udp ! --dport 69", DestinationPort(ports=~PortSet.of(69))),
    ("-m multiport --dports 69,5060:5061", DestinationPort(ports=PortSet.of(69, 5060, 5061))),
    ("-m multiport ! --sports 53", SourcePort(ports=~PortSet.of(53))),
    ("-m tcp --syn", TcpFlags(mask=FLAGS, flags=SYN)),
    ("-m tcp ! --tcp-flags FIN,SYN,RST,ACK SYN", TcpFlags(mask=FLAGS, flags=SYN, negated=True)),
    ("-m state --state RELATED,ESTABLISHED", ConnectionState(states=frozenset({"related", "established"}))),
    ("-m conntrack ! --ctstate NEW", ConnectionState(states=frozenset({"new"}), negated=True)),
    ("-m conntrack --ctstatus DNAT", Translated()),
    ("-m conntrack --ctorigdst 203.0.113.1", OriginalDestination(addresses=AddressSet.of("203.0.113.1"))),
    ("-m conntrack --ctorigdstport 5060", OriginalDestination(ports=PortSet.of(5060))),
    ("-m mark --mark 0x2/0x2", Mark(value=2, mask=2)),
    ("-m connmark ! --mark 0x20", Mark(value=32, negated=True, connection=True)),
    ("-m recent --rcheck --seconds 60 --hitcount 10 --name S --mask 255.255.255.255 --rsource",
     SeenBefore(name="S", hits=10,
                text="--rcheck --seconds 60 --hitcount 10 --name S --mask 255.255.255.255 --rsource")),
    ("-m recent ! --rcheck --name S --rsource",
     SeenBefore(name="S", negated=True, text="! --rcheck --name S --rsource")),
    ("-m limit --limit 5/sec --limit-burst 10", RateLimited(text="--limit 5/sec --limit-burst 10")),
    ("-m hashlimit --hashlimit-above 5/sec --hashlimit-name x",
     RateLimited(text="--hashlimit-above 5/sec --hashlimit-name x", negated=True)),
    ("-m hashlimit --hashlimit-upto 5/sec --hashlimit-name x",
     RateLimited(text="--hashlimit-upto 5/sec --hashlimit-name x")),
    ("-m connlimit --connlimit-above 3", RateLimited(text="--connlimit-above 3", negated=True)),
    ("-m pkttype --pkt-type multicast", PacketKind(kinds=frozenset({"multicast"}))),
    ("-m addrtype --dst-type LOCAL", PacketKind(kinds=frozenset({"local"}))),
    ("-m iprange --src-range 10.0.0.1-10.0.0.3", SourceAddress(addresses=AddressSet.of("10.0.0.1", "10.0.0.2/31"))),
    ("-m set --match-set friends src", SourceAddress(addresses=ADDRESSES)),
    ("-m set ! --match-set friends src", SourceAddress(addresses=~ADDRESSES)),
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), CASES, ids=[text for text, _ in CASES])
def test_a_module_is_read(text: str, wanted: Match) -> None:
    assert rule(text, sets=SETS).matches == (wanted,)


UNKNOWN = [
    "-m mac --mac-source 00:15:65:aa:bb:cc",
    "-m time --timestart 08:00",
    "-m owner --uid-owner 0",
    "-m set --match-set friends src,src",
    "-m set --match-set odd src",
    "-m set --match-set absent src",
    "-m addrtype --src-type LOCAL",
    "-m recent --rcheck --name S --rdest",
    "-m recent --rcheck --name S --mask 255.255.255.0",
    "-m connlimit --connlimit-above 0",
    "-m multiport --ports 69",
    "-m conntrack --ctorigsrc 10.0.0.1",
    "-m tcp --tcp-flags NONSENSE SYN",
    "-m mark --mark 0xfffffffff",
]


@pytest.mark.parametrize("text", UNKNOWN)
def test_what_is_not_interpreted_is_unknown_and_quoted(text: str) -> None:
    assert rule(text, sets=SETS).matches == (Unsupported(text=text),)


def test_recording_a_source_is_an_effect_not_a_condition() -> None:
    found = rule("-m recent --set --name REPEAT --mask 255.255.255.255 --rsource -j DROP")
    assert found.matches == ()
    assert found.effects == (RecordSource(name="REPEAT"),)


def test_which_icmp_does_not_matter_here() -> None:
    assert rule("-p icmp -m icmp --icmp-type 8").matches == (Protocol(names=frozenset({"icmp"})),)
