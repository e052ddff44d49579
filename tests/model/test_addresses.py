from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.addresses import (
    MAX_IPV4,
    MAX_IPV6,
    PRIVATE,
    AddressSet,
    PortSet,
    complement,
    intersect,
    normalise,
)

#: Small numbers, so that intervals touch and overlap often, and the ends of the range.
NUMBERS = st.integers(0, 40) | st.sampled_from([MAX_IPV4 - 1, MAX_IPV4])
INTERVALS = st.lists(st.tuples(NUMBERS, NUMBERS).map(lambda pair: (min(pair), max(pair))), max_size=6)
SETS = st.builds(lambda four, six: AddressSet(ipv4=normalise(four), ipv6=normalise(six)), INTERVALS, INTERVALS)
SAMPLES = [*range(42), MAX_IPV4 - 2, MAX_IPV4 - 1, MAX_IPV4]
ADDRESSES: list[IPv4Address | IPv6Address] = [IPv6Address(MAX_IPV6)]
ADDRESSES += [kind(number) for kind in (IPv4Address, IPv6Address) for number in SAMPLES]


def members(addresses: AddressSet) -> set[IPv4Address | IPv6Address]:
    return {address for address in ADDRESSES if address in addresses}


def held(intervals: Iterable[tuple[int, int]], number: int) -> bool:
    return any(low <= number <= high for low, high in intervals)


@given(INTERVALS)
def test_normalised_intervals_are_sorted_apart_and_hold_the_same(intervals: list[tuple[int, int]]) -> None:
    found = normalise(intervals)
    assert all(left[1] + 1 < right[0] for left, right in pairwise(found))
    for number in SAMPLES:
        assert any(low <= number <= high for low, high in found) == any(
            low <= number <= high for low, high in intervals
        )


@given(INTERVALS, INTERVALS)
def test_intersection_and_complement_agree_with_membership(
    left: list[tuple[int, int]], right: list[tuple[int, int]]
) -> None:
    both, outside = intersect(normalise(left), normalise(right)), complement(normalise(left), MAX_IPV4)
    for number in SAMPLES:
        assert held(both, number) == (held(left, number) and held(right, number))
        assert held(outside, number) != held(left, number)


@given(SETS, SETS)
def test_operations_are_those_of_sets(left: AddressSet, right: AddressSet) -> None:
    assert members(left | right) == members(left) | members(right)
    assert members(left & right) == members(left) & members(right)
    assert members(left - right) == members(left) - members(right)
    assert members(~left) == set(ADDRESSES) - members(left)
    assert (left <= right) == (left - right == AddressSet())
    assert AddressSet.union([left, right]) == left | right
    assert ~~left == left
    assert ~(left | right) == ~left & ~right


@given(SETS)
def test_networks_and_text_make_up_the_same_set(addresses: AddressSet) -> None:
    networks = tuple(addresses.networks())
    assert sum(network.num_addresses for network in networks) == addresses.count
    rebuilt = AddressSet(
        ipv4=normalise((int(n[0]), int(n[-1])) for n in networks if n.version == 4),
        ipv6=normalise((int(n[0]), int(n[-1])) for n in networks if n.version == 6),
    )
    assert rebuilt == addresses
    assert bool(addresses) == bool(networks)
    assert (addresses.example() is None) == (not addresses)


def test_a_mapped_address_is_the_ipv4_address_that_it_carries() -> None:
    assert AddressSet.of("::ffff:192.0.2.1") == AddressSet.of("192.0.2.1")
    assert AddressSet.of("::ffff:10.0.0.0/104") == AddressSet.of("10.0.0.0/8")
    assert ip_address("::ffff:10.1.2.3") in AddressSet.of("10.0.0.0/8")
    assert "::ffff:10.1.2.3" not in ~AddressSet.of("10.0.0.0/8")
    assert AddressSet.between(ip_address("::ffff:10.0.0.1"), ip_address("::ffff:10.0.0.2")) == AddressSet.of(
        "10.0.0.1", "10.0.0.2"
    )


@given(st.integers(0, MAX_IPV4), st.integers(0, 32))
def test_mapped_networks_equal_their_ipv4_form(number: int, length: int) -> None:
    network = ip_network((number, length), strict=False)
    mapped = f"::ffff:{network.network_address}/{length + 96}"
    assert AddressSet.of(mapped) == AddressSet.of(network)


def test_between_the_wrong_way_round_or_across_versions_is_empty() -> None:
    assert not AddressSet.between(ip_address("10.0.0.2"), ip_address("10.0.0.1"))
    assert not AddressSet.between(ip_address("10.0.0.2"), ip_address("::1"))


def test_sets_are_shown_as_admins_write_them() -> None:
    assert str(AddressSet.of("10.0.0.0/8", "192.0.2.1", "2001:db8::/32")) == "10.0.0.0/8, 192.0.2.1, 2001:db8::/32"
    assert str(PortSet.of(5060, 69, (10000, 20000))) == "69,5060,10000-20000"


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(ValueError, match="sip"):
        AddressSet.of("sip.example.com")


@pytest.mark.parametrize(
    "text",
    ["10.1.2.3", "172.31.0.1", "192.168.0.1", "100.64.0.1", "169.254.1.1", "127.0.0.1", "fe80::1", "fd00::1", "::1"],
)
def test_private_addresses(text: str) -> None:
    assert text in PRIVATE


@pytest.mark.parametrize(
    "text", ["172.32.0.1", "203.0.113.5", "198.51.100.1", "192.0.2.1", "100.128.0.1", "2001:db8::1"]
)
def test_documentation_ranges_and_neighbours_of_private_ones_are_outside(text: str) -> None:
    assert text not in PRIVATE


@given(st.lists(st.integers(0, 60)), st.lists(st.integers(0, 60)))
def test_port_sets_are_sets(left: list[int], right: list[int]) -> None:
    one, other = PortSet.of(*left), PortSet.of(*right)
    assert set(one | other) == set(left) | set(right)
    assert set(one & other) == set(left) & set(right)
    assert len(~one) == 65536 - len(set(left))
    assert len(one) == len(set(left))
    assert bool(one) == bool(left)
    assert all((port in one) == (port in left) for port in range(61))
