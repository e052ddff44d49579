from ipaddress import ip_interface

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import InputInterface, IpVersion, Match, OutputInterface, SourceAddress, Unsupported
from ringfence.readers.gateways import openwrt_zones
from ringfence.readers.gateways.openwrt_network import Attachment, Logical
from ringfence.readers.gateways.openwrt_uci import parse
from ringfence.readers.gateways.openwrt_zones import Zone
from tests.memory import MemoryArtifacts

PLACE = Citation(file="x")
ATTACHED = Attachment(
    networks={
        "lan": Logical(name="lan", device="br-lan", addresses=(ip_interface("10.20.0.1/24"),), citation=PLACE),
        "wan": Logical(name="wan", device="eth1", asks=True, citation=PLACE),
        "lte": Logical(name="lte", device="lte", sure=False, asks=True, citation=PLACE),
    }
)
DEFAULTS = {"input": "accept", "forward": "reject"}


def zone(options: str, attached: Attachment = ATTACHED) -> Zone | None:
    text = f"config zone\n\toption name 'z'\n{options}"
    (section,) = parse(MemoryArtifacts({"x": text}), "x").sections
    return openwrt_zones.read(section, attached, "x", DEFAULTS)


def coming(options: str, attached: Attachment = ATTACHED) -> list[tuple[Match, ...]]:
    found = zone(options, attached)
    assert found is not None
    return [matches for group in found.groups for matches in group.alternatives(leaving=False)]


def test_a_zone_of_networks() -> None:
    found = zone("\tlist network 'lan'\n\tlist network 'wan'\n\tlist network 'gone'\n\toption input 'DROP'\n")
    assert found is not None
    assert found.devices == ("br-lan", "eth1")
    assert (found.input, found.forward) == ("drop", "reject")
    assert openwrt_zones.own(found, 4) == AddressSet.of("10.20.0.1")
    assert openwrt_zones.inside(found, 4) == AddressSet.of("10.20.0.0/24")
    assert found.asks
    (group,) = found.groups
    assert next(group.alternatives(leaving=True)) == (OutputInterface(names=frozenset({"br-lan", "eth1"})),)


def test_devices_with_wildcards_and_exclusions() -> None:
    assert coming("\tlist device 'tun+'\n\tlist device 'eth5'\n\tlist device '!eth6'\n") == [
        (InputInterface(names=frozenset({"tun*"})), InputInterface(names=frozenset({"eth6"}), negated=True)),
        (InputInterface(names=frozenset({"eth5"})), InputInterface(names=frozenset({"eth6"}), negated=True)),
    ]
    assert coming("\toption device '+'\n") == [()]
    assert coming("\toption device '!+'\n") == [(InputInterface(names=frozenset({"/never/"})),)]
    assert coming("") == []


def test_a_zone_of_addresses() -> None:
    assert coming("\tlist subnet '10.20.0.0/24'\n\tlist subnet '2001:db8::/32'\n") == [
        (IpVersion(version=4), SourceAddress(addresses=AddressSet.of("10.20.0.0/24"))),
        (IpVersion(version=6), SourceAddress(addresses=AddressSet.of("2001:db8::/32"))),
    ]
    assert coming("\toption device 'a'\n\toption family 'ipv6'\n")[0][0] == IpVersion(version=6)


def test_a_device_that_is_named_late_is_not_known() -> None:
    known, unknown = coming("\tlist network 'wan'\n\tlist network 'lte'\n")
    assert known == (InputInterface(names=frozenset({"eth1"})),)
    assert isinstance(unknown[0], Unsupported)


def test_without_a_network_configuration_the_network_s_name_stands() -> None:
    assert coming("\toption network 'wan'\n", Attachment(networks={}, known=False)) == [
        (InputInterface(names=frozenset({"wan"})),)
    ]
    ((doubt,),) = coming("\toption network 'wan'\n", Attachment(networks={}, known=False, names_stand=False))
    assert isinstance(doubt, Unsupported)


def test_what_is_left_out_and_what_is_not_understood() -> None:
    assert zone("\toption enabled '0'\n") is None
    with pytest.raises(ValueError, match="x"):
        zone("\toption family 'x'\n")
    found = zone("\toption input 'MAYBE'\n")
    assert found is not None
    assert found.input == openwrt_zones.UNREAD
    ((doubt, _),) = coming("\toption device 'a'\n\toption helper 'of-their-own'\n")
    assert isinstance(doubt, Unsupported)


def test_loopback() -> None:
    for options, expected in (
        ("\toption device 'lo'\n", True),
        ("\toption subnet '127.0.0.1/8'\n", True),
        ("\toption device 'eth1'\n", False),
        ("\toption subnet '10.0.0.0/8'\n", False),
    ):
        found = zone(options)
        assert found is not None
        assert found.groups[0].is_loopback is expected
