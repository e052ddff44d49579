from ipaddress import IPv4Address

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways import cisco_terms


def test_wildcard_masks_are_the_other_way_round() -> None:
    assert cisco_terms.wildcard("192.168.2.0", "0.0.0.255") == AddressSet.of("192.168.2.0/24")
    assert cisco_terms.netmask("192.168.2.0", "255.255.255.0") == AddressSet.of("192.168.2.0/24")
    assert cisco_terms.wildcard("192.0.2.1", "255.255.255.255") == AddressSet.all_ipv4()
    assert cisco_terms.wildcard("192.0.2.1", "0.0.0.0") == AddressSet.of("192.0.2.1")


def test_a_mask_with_holes_takes_every_address_that_it_stands_for() -> None:
    even = cisco_terms.wildcard("10.0.0.0", "0.0.0.6")
    assert even == AddressSet.of("10.0.0.0", "10.0.0.2", "10.0.0.4", "10.0.0.6")
    assert cisco_terms.wildcard("10.0.1.0", "0.255.0.255").count == 65536
    with pytest.raises(ValueError, match="holes"):
        cisco_terms.wildcard("0.0.0.0", "255.255.255.254")


@settings(max_examples=1000)
@given(st.integers(0, 2**32 - 1), st.integers(0, 2**12 - 1), st.integers(0, 2**32 - 1))
def test_wildcards_hold_exactly_what_agrees_in_the_other_bits(address: int, free: int, asked: int) -> None:
    asked = address ^ (asked & 0xFFF)
    found = cisco_terms.wildcard(str(IPv4Address(address)), str(IPv4Address(free)))
    assert (IPv4Address(asked) in found) is ((asked ^ address) & ~free == 0)


def test_operators() -> None:
    assert cisco_terms.ports("eq", ("sip", "5061", "log")) == (PortSet.of(5060, 5061), 2)
    assert cisco_terms.ports("neq", ("tftp",))[0] == ~PortSet.of(69)
    assert cisco_terms.ports("gt", ("1023",))[0] == PortSet.of((1024, 65535))
    assert cisco_terms.ports("gt", ("65535",))[0] == PortSet()
    assert cisco_terms.ports("lt", ("1024",))[0] == PortSet.of((0, 1023))
    assert cisco_terms.ports("range", ("10000", "20000", "any")) == (PortSet.of((10000, 20000)), 2)
    for wrong in (("eq", ()), ("eq", ("x",)), ("range", ("1",)), ("eq", ("70000",))):
        with pytest.raises(ValueError, match=r"."):
            cisco_terms.ports(*wrong)


def test_protocols_by_name_and_number() -> None:
    assert cisco_terms.protocols("ip") is None
    assert cisco_terms.protocols("17") == frozenset({"udp"})
    assert cisco_terms.protocols("tcp-udp") == frozenset({"tcp", "udp"})
