from ipaddress import ip_interface

import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Mark, Protocol, RateLimited, SourceAddress, Unsupported
from ringfence.readers.gateways import openwrt_match as match
from ringfence.readers.gateways.openwrt_network import Attachment, Logical
from ringfence.readers.gateways.openwrt_uci import Section
from ringfence.readers.linux import notation

PLACE = Citation(file="x")
LAN = Logical(name="lan", device="br-lan", addresses=(ip_interface("10.20.0.1/24"),), citation=PLACE)
WAN = Logical(name="wan", device="eth1", asks=True, citation=PLACE)
ATTACHED = Attachment(networks={"lan": LAN, "wan": WAN})


def section(**options: str) -> Section:
    return Section(package="firewall", kind="rule", name="", line=1, options={k: (v,) for k, v in options.items()})


def test_words_may_be_shortened() -> None:
    assert match.enum("ACC", match.POLICIES) == "accept"
    assert match.enum("reject", match.TARGETS) == "reject"
    with pytest.raises(ValueError, match="x"):
        match.enum("x", match.POLICIES)


def test_families() -> None:
    assert [match.family(text) for text in ("", "any", "ipv4", "inet", "IPv6")] == [None, 0, 4, 4, 6]
    assert match.inferred(None, (0, 4, None)) == 4
    assert match.inferred(0, (6,)) == 6
    with pytest.raises(match.ConflictError):
        match.inferred(6, (4,))


def test_addresses_of_both_families_and_the_other_way_round() -> None:
    found = match.networks(["192.0.2.0/24", "!192.0.2.1", "2001:db8::/32", "10.0.0.1-10.0.0.3"], ATTACHED)
    four = AddressSet.of("192.0.2.0/24") - AddressSet.of("192.0.2.1") | notation.addresses("10.0.0.1-10.0.0.3")
    assert found.of(4).alternatives(SourceAddress) == ((SourceAddress(addresses=four),),)
    assert found.of(6).alternatives(SourceAddress) == ((SourceAddress(addresses=AddressSet.of("2001:db8::/32")),),)
    assert (found.family, found.negated) == (0, True)
    assert match.networks([], ATTACHED).family is None
    assert match.networks([], ATTACHED).of(4).alternatives(SourceAddress) == ((),)
    excluded = match.networks(["!192.0.2.1"], ATTACHED).of(4).alternatives(SourceAddress)
    assert excluded == ((SourceAddress(addresses=~AddressSet.of("192.0.2.1")),),)


def test_a_network_s_own_name() -> None:
    assert match.networks(["lan"], ATTACHED).of(4).held == AddressSet.of("10.20.0.0/24")
    with pytest.raises(ValueError, match="wan"):
        match.networks(["wan"], ATTACHED)
    with pytest.raises(ValueError, match="x"):
        match.networks(["x"], ATTACHED)


def test_masks() -> None:
    assert match.networks(["10.20.0.9/255.255.255.0"], ATTACHED).of(4).held == AddressSet.of("10.20.0.0/24")
    odd = match.networks(["::1/::ffff", "!::2/-16", "2001:db8::/32"], ATTACHED).of(6)
    doubt, excluded = Unsupported(text="::1/::ffff"), Unsupported(text="not ::2/-16")
    assert odd.alternatives(SourceAddress) == (
        (doubt, excluded),
        (SourceAddress(addresses=AddressSet.of("2001:db8::/32")), excluded),
    )


def test_the_first_address_of_a_network_is_a_target() -> None:
    assert match.networks(["10.20.0.10", "10.20.0.11"], ATTACHED).first == {4: AddressSet.of("10.20.0.10")}
    assert match.networks(["10.20.0.0/24"], ATTACHED).first == {4: AddressSet.of("10.20.0.0")}
    assert match.networks(["10.20.0.8-10.20.0.9"], ATTACHED).first == {4: AddressSet.of("10.20.0.8/31")}


def test_ports() -> None:
    assert match.ports(["5060", "10000-20000", "!15000"]) == PortSet.of(5060, (10000, 14999), (15001, 20000))
    assert match.ports(["!69"]) == ~PortSet.of(69)
    assert match.ports(["1:2"]) == PortSet.of((1, 2))
    assert match.ports([]) is None
    with pytest.raises(ValueError, match="tftp"):
        match.ports(["tftp"])


def test_protocols() -> None:
    def names(text: str) -> list[str]:
        return [one.name for one in match.transports(section(proto=text) if text else section(), ("tcp", "udp"))]

    assert names("") == ["tcp", "udp"]
    assert names("tcpudp") == ["tcp", "udp"]
    assert names("all") == [""]
    assert names("6 UDP 58") == ["tcp", "udp", "ipv6-icmp"]
    (negated,) = match.transports(section(proto="!udp"), ())
    assert negated.alternatives(4) == ((Unsupported(text="proto !udp"),),)
    (icmp,) = match.transports(section(proto="icmp"), ())
    assert icmp.alternatives(0) == ((Protocol(names=frozenset({"icmp", "ipv6-icmp"})),),)
    assert match.with_tcp_or_udp([match.Transport(name="sctp")]) == []
    assert [one.name for one in match.with_tcp_or_udp([match.Transport(name="")])] == ["tcp", "udp"]


def test_further_conditions() -> None:
    (found,) = match.further(section(limit="10/sec", mark="!0x1/0xff", start_time="08:00", src_mac="00:00:5E:00:53:01"))
    assert set(found) == {
        Unsupported(text="src_mac 00:00:5E:00:53:01"),
        Unsupported(text="start_time 08:00"),
        RateLimited(text="limit 10/sec"),
        Mark(value=1, mask=0xFF, negated=True),
    }
    damaged = section()
    damaged.damaged = True
    assert isinstance(match.further(damaged)[0][0], Unsupported)
    assert match.further(section(limit="0/sec")) == ((Unsupported(text="limit 0/sec"),),)


def test_too_many_combinations_are_one_doubt() -> None:
    many = tuple((Unsupported(text=str(n)),) for n in range(33))
    assert len(match.product((many, many))) == 1
    (found,) = match.product((many, many))[:1]
    assert any("combinations" in one.text for one in found if isinstance(one, Unsupported))
