import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    InputInterface,
    IpVersion,
    LaterFragment,
    OutputInterface,
    Protocol,
    SourceAddress,
    Unsupported,
)
from ringfence.readers.linux import iptables_rule
from tests.readers.linux.reading import iptables_rule as rule


def test_addresses_may_be_negated_listed_and_masked() -> None:
    assert rule("-s 10.0.0.0/8").matches == (SourceAddress(addresses=AddressSet.of("10.0.0.0/8")),)
    assert rule("! -s 10.0.0.0/8").matches == (SourceAddress(addresses=~AddressSet.of("10.0.0.0/8")),)
    assert rule("-d 10.0.0.1,10.0.0.2").matches == (
        DestinationAddress(addresses=AddressSet.of("10.0.0.1", "10.0.0.2")),
    )
    assert rule("-s ! 10.0.0.1").matches == (SourceAddress(addresses=~AddressSet.of("10.0.0.1")),)


def test_a_name_that_is_no_address_is_unknown() -> None:
    assert rule("-s trunk.example.com").matches == (Unsupported(text="-s trunk.example.com"),)


def test_interfaces_and_fragments() -> None:
    assert rule("! -i eth0").matches == (InputInterface(names=frozenset({"eth0"}), negated=True),)
    assert rule("-o ppp+").matches == (OutputInterface(names=frozenset({"ppp+"})),)
    assert rule("-f").matches == (LaterFragment(),)
    assert rule("! -f").matches == (LaterFragment(negated=True),)


def test_protocols_by_name_and_number() -> None:
    assert rule("-p 17").matches == (Protocol(names=frozenset({"udp"})),)
    assert rule("! -p tcp").matches == (Protocol(names=frozenset({"tcp"}), negated=True),)
    assert rule("-p all").matches == (IpVersion(version=4),)


def test_ports_stand_behind_the_protocol_even_without_a_module() -> None:
    matches = rule("-p udp --dport 69 -j ACCEPT").matches
    assert matches == (Protocol(names=frozenset({"udp"})), DestinationPort(ports=PortSet.of(69)))


def test_a_comment_that_looks_like_options_is_a_comment() -> None:
    assert rule('-m comment --comment "-s 10.0.0.1 -j DROP" -i lo').matches == (
        InputInterface(names=frozenset({"lo"})),
    )


def test_a_line_without_a_chain_is_no_rule() -> None:
    with pytest.raises(ValueError, match="names no chain"):
        iptables_rule.parse("-s 10.0.0.1 -j DROP", version=4, sets={}, chains=frozenset())
