import json
from typing import Any

import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    InputInterface,
    PacketKind,
    SourceAddress,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.unifi_forward import Forward, forwards, other_translations
from ringfence.readers.gateways.unifi_json import parse
from ringfence.readers.gateways.unifi_objects import Objects

BASE: dict[str, Any] = {"fwd": "10.20.0.10", "dst_port": "69", "fwd_port": "69", "proto": "udp", "src": "any"}


def compiled(**more: Any) -> tuple[tuple[Forward, ...], Objects]:  # noqa: ANN401 - fields of JSON
    objects = Objects(file="edge/x")
    objects.add("edge/x", parse(json.dumps([BASE | more]))[0])
    return forwards(objects), objects


def test_a_plain_forward_keeps_its_port_and_needs_no_source() -> None:
    (found,), objects = compiled()
    assert found.port is None
    assert found.sources == ()
    assert found.outside == (InputInterface(names=frozenset({"wan"})), PacketKind(kinds=frozenset({"local"})))
    assert not objects.problems


@pytest.mark.parametrize(
    ("interface", "names"),
    [("wan", {"wan"}), ("wan2", {"wan2"}), ("both", {"wan", "wan2"}), ("all", {"wan", "wan2"}), ("WAN2", {"wan2"})],
)
def test_a_forward_stands_at_the_outside_that_it_names(interface: str, names: set[str]) -> None:
    (found,), _ = compiled(pfwd_interface=interface)
    assert found.outside[0] == InputInterface(names=frozenset(names))


def test_an_outside_address_is_kept_and_an_interface_that_is_not_known_is_a_doubt() -> None:
    (found,), _ = compiled(destination_ip="203.0.113.5", destination_ips=[])
    assert found.outside[1] == DestinationAddress(addresses=AddressSet.of("203.0.113.5"))
    (several,), _ = compiled(destination_ip="any", destination_ips=["203.0.113.5", {"destination_ip": "203.0.113.6"}])
    assert several.outside[1] == DestinationAddress(addresses=AddressSet.of("203.0.113.5", "203.0.113.6"))
    (strange,), objects = compiled(pfwd_interface="eth9", destination_ip="mine")
    assert all(isinstance(match, Unsupported) for match in strange.outside)
    assert len(objects.problems) == 2


@pytest.mark.parametrize(
    ("outer", "inner", "pairs"),
    [
        ("69", "", [(PortSet.of(69), None)]),
        ("69", "6969", [(PortSet.of(69), PortSet.of(6969))]),
        ("5060,5160-5170", "5060,5160-5170", [(PortSet.of(5060, (5160, 5170)), None)]),
        ("80,443", "8080,443", [(PortSet.of(80), PortSet.of(8080)), (PortSet.of(443), None)]),
        ("80,81", "8080", [(PortSet.of(80), PortSet.of(8080)), (PortSet.of(81), PortSet.of(8080))]),
    ],
)
def test_ports_are_paired(outer: str, inner: str, pairs: list[tuple[PortSet, PortSet | None]]) -> None:
    found, _ = compiled(dst_port=outer, fwd_port=inner)
    assert [(one.asked, one.port) for one in found] == pairs


@pytest.mark.parametrize(
    "fields",
    [{"fwd": "pbx"}, {"proto": "gre"}, {"dst_port": "x"}, {"dst_port": "1,2,3", "fwd_port": "4,5"}, {"dst_port": ""}],
)
def test_a_forward_that_is_not_understood_may_forward_anything(fields: dict[str, str]) -> None:
    (found,), objects = compiled(**fields)
    assert any(isinstance(match, Unsupported) for match in found.sources)
    assert len(objects.problems) == 1


def test_a_source_is_sure_only_where_both_readings_admit_it() -> None:
    sure = SourceAddress(addresses=AddressSet.of("198.51.100.0/24"))
    limited, objects = compiled(src="198.51.100.0/24", src_limiting_enabled=True)
    assert [one.sources for one in limited] == [(sure,)]
    assert not objects.problems
    for state in ({}, {"src_limiting_enabled": False}):
        first, second = compiled(src="198.51.100.0/24", **state)[0]
        assert first.sources == (sure,)
        assert isinstance(second.sources[0], Unsupported)
    (unsaid,), objects = compiled(src="any", src_limiting_enabled=True)
    assert isinstance(unsaid.sources[0], Unsupported)
    (named,), objects = compiled(src="office.example.org")
    assert isinstance(named.sources[0], Unsupported)
    assert len(objects.problems) == 1


def test_the_copy_in_the_firewall_has_the_inside_address_and_port() -> None:
    (found,), _ = compiled(dst_port="6969", src="192.0.2.1", src_limiting_enabled=True)
    assert DestinationAddress(addresses=AddressSet.of("10.20.0.10")) in found.inside()
    assert SourceAddress(addresses=AddressSet.of("192.0.2.1")) in found.inside()


def test_other_destination_translations_are_a_doubt() -> None:
    objects = Objects(file="edge/x")
    rules = [{"type": "DNAT", "in_interface": "w"}, {"type": "MASQUERADE"}, {"type": "DNAT", "enabled": False}]
    objects.add("edge/x", parse(json.dumps(rules))[0])
    (found,) = other_translations(objects)
    assert isinstance(found.action, UnsupportedAction)
