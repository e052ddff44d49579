import pytest

from ringfence.model.addresses import PRIVATE, AddressSet, PortSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    InputInterface,
    LaterFragment,
    Mark,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    RateLimited,
    SeenBefore,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.readers.gateways.mikrotik_match import (
    AddressList,
    Alternatives,
    InterfaceList,
    Scope,
    alternatives,
    number_marks,
)

SCOPE = Scope(
    address_lists={
        "known": AddressList(addresses=AddressSet.of("192.0.2.0/24")),
        "named": AddressList(addresses=AddressSet.of("192.0.2.1"), unknown="holds names"),
        "knocked": AddressList(recorded=True),
        "filled": AddressList(filled=True),
    },
    interface_lists={"WAN": InterfaceList(names=frozenset({"ether1"})), "found": InterfaceList(unknown="detected")},
    tunnelled=PRIVATE,
    marks={"voip": 1},
)


def found(key: str, value: str) -> Alternatives:
    return alternatives({key: value}, SCOPE)


def one(key: str, value: str) -> Match:
    ((match,),) = found(key, value)
    return match


@pytest.mark.parametrize(
    ("key", "value", "match"),
    [
        ("src-address", "192.0.2.0/24", SourceAddress(addresses=AddressSet.of("192.0.2.0/24"))),
        ("src-address", "!192.0.2.1", SourceAddress(addresses=~AddressSet.of("192.0.2.1"))),
        ("dst-address", "10.0.0.0-10.0.0.3", DestinationAddress(addresses=AddressSet.of("10.0.0.0/30"))),
        ("protocol", "17", Protocol(names=frozenset({"udp"}))),
        ("protocol", "!tcp", Protocol(names=frozenset({"tcp"}), negated=True)),
        ("protocol", "icmpv6", Protocol(names=frozenset({"ipv6-icmp"}))),
        ("dst-port", "5060,69,10000-20000", DestinationPort(ports=PortSet.of(69, 5060, (10000, 20000)))),
        ("src-port", "!5060", SourcePort(ports=~PortSet.of(5060))),
        ("in-interface", "!bridge", InputInterface(names=frozenset({"bridge"}), negated=True)),
        ("out-interface", "ether 1", OutputInterface(names=frozenset({"ether 1"}))),
        ("in-interface-list", "!WAN", InputInterface(names=frozenset({"ether1"}), negated=True)),
        ("in-interface-list", "none", InputInterface(names=frozenset())),
        ("connection-state", "established,related", ConnectionState(states=frozenset({"established", "related"}))),
        ("connection-nat-state", "!dstnat", Translated(negated=True)),
        ("connection-nat-state", "srcnat", ConnectionState(states=frozenset({"snat"}))),
        ("dst-address-type", "!local", PacketKind(kinds=frozenset({"local"}), negated=True)),
        ("connection-mark", "voip", Mark(value=1, connection=True)),
        ("connection-mark", "no-mark", Mark(value=0, connection=True)),
        ("packet-mark", "!voip", Mark(value=1, mask=0xFFFF, negated=True)),
        ("routing-mark", "voip", Mark(value=0x10000, mask=0xFFFF0000)),
        ("limit", "10,5:packet", RateLimited(text="limit=10,5:packet")),
        ("limit", "!10,5:packet", RateLimited(text="limit=!10,5:packet", negated=True)),
        ("connection-limit", "20,32", RateLimited(text="connection-limit=20,32", negated=True)),
        ("psd", "21,3s,3,1", RateLimited(text="psd=21,3s,3,1", negated=True)),
        ("tcp-flags", "syn,!ack", TcpFlags(mask=frozenset({"syn", "ack"}), flags=frozenset({"syn"}))),
        ("tcp-flags", "!syn", TcpFlags(mask=frozenset({"syn"}), flags=frozenset())),
        ("fragment", "yes", LaterFragment()),
        ("src-address-list", "known", SourceAddress(addresses=AddressSet.of("192.0.2.0/24"))),
        ("src-address-list", "knocked", SourceAddress(addresses=AddressSet(), recorded_in="knocked")),
    ],
)
def test_conditions_that_are_exact(key: str, value: str, match: Match) -> None:
    assert one(key, value) == match


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("content", "friendly-scanner"),
        ("layer7-protocol", "sip"),
        ("time", "8h-17h,mon,tue"),
        ("src-mac-address", "00:00:5E:00:53:01"),
        ("connection-type", "sip"),
        ("src-address", "X.X.X.X"),
        ("in-interface", "*B"),
        ("in-interface", "all-ppp"),
        ("in-interface-list", "gone"),
        ("connection-mark", "never-set"),
        ("connection-limit", "0,32"),
        ("psd", "3,3s,3,1"),
        ("something-new", "!1"),
    ],
)
def test_conditions_that_are_not_interpreted_are_quoted(key: str, value: str) -> None:
    assert one(key, value) == Unsupported(text=f"{key}={value}")


def test_empty_values_and_what_a_rule_does_are_no_conditions() -> None:
    said = {"chain": "forward", "action": "drop", "comment": "x", "dst-address-type": "", "icmp-options": "8:0-255"}
    assert alternatives(said, SCOPE) == ((),)
    assert found("in-interface-list", "all") == ((),)


def test_either_port() -> None:
    ports = PortSet.of(5060)
    assert found("any-port", "5060") == ((SourcePort(ports=ports),), (DestinationPort(ports=ports),))
    assert found("port", "!5060") == ((SourcePort(ports=~ports), DestinationPort(ports=~ports)),)


def test_a_list_that_may_hold_more_may_match_more_and_never_less() -> None:
    known, doubt = SourceAddress(addresses=AddressSet.of("192.0.2.1")), Unsupported(text="holds names")
    assert found("src-address-list", "named") == ((known,), (doubt,))
    assert found("src-address-list", "!named") == ((SourceAddress(addresses=~AddressSet.of("192.0.2.1")), doubt),)
    assert len(found("dst-address-list", "knocked")) == 2
    assert len(found("src-address-list", "filled")) == 2
    assert "absent" in repr(found("src-address-list", "absent")[1])
    assert found("in-interface-list", "found")[1] == (Unsupported(text="detected"),)


def test_who_is_not_in_a_list_that_rules_fill() -> None:
    ((static, dynamic),) = found("src-address-list", "!knocked")
    assert static == SourceAddress(addresses=AddressSet.everything())
    assert dynamic == SeenBefore(name="knocked", negated=True, text="src-address-list=!knocked")


def test_only_addresses_of_tunnels_come_through_ipsec() -> None:
    doubt = Unsupported(text="ipsec-policy=in,ipsec")
    assert found("ipsec-policy", "in,ipsec") == ((SourceAddress(addresses=PRIVATE), doubt),)
    assert found("ipsec-policy", "out,none")[0] == (DestinationAddress(addresses=~PRIVATE),)


def test_marks_are_numbered_by_name() -> None:
    rules = [{"new-connection-mark": "a"}, {"connection-mark": "!a"}, {"new-packet-mark": "b"}]
    assert number_marks(rules) == {"a": 1, "b": 2}
