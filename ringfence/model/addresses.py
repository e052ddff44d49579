"""Sets of addresses and ports as sorted intervals, for IPv4 and IPv6, exact under all set operations."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
    summarize_address_range,
)
from itertools import pairwise

Interval = tuple[int, int]
Intervals = tuple[Interval, ...]

MAX_IPV4 = 2**32 - 1
MAX_IPV6 = 2**128 - 1
MAX_PORT = 2**16 - 1


def normalise(intervals: Iterable[Interval]) -> Intervals:
    """Sort the closed intervals and merge those that touch or overlap."""
    merged: list[Interval] = []
    for low, high in sorted(intervals):
        if merged and low <= merged[-1][1] + 1:
            if high > merged[-1][1]:
                merged[-1] = (merged[-1][0], high)
        else:
            merged.append((low, high))
    return tuple(merged)


def intersect(left: Intervals, right: Intervals) -> Intervals:
    """Give what lies in both; quick when either has few intervals, however many the other has."""
    few, many = (left, right) if len(left) < len(right) else (right, left)
    return _cut_out(few, many) if len(few) * 16 < len(many) else _merged(left, right)


def _merged(left: Intervals, right: Intervals) -> Intervals:
    result: list[Interval] = []
    i = j = 0
    while i < len(left) and j < len(right):
        low = max(left[i][0], right[j][0])
        high = min(left[i][1], right[j][1])
        if low <= high:
            result.append((low, high))
        if left[i][1] < right[j][1]:
            i += 1
        else:
            j += 1
    return tuple(result)


def _cut_out(few: Intervals, many: Intervals) -> Intervals:
    result: list[Interval] = []
    start = 0
    for low, high in few:
        start = bisect_left(many, low, start, key=_high)
        end = bisect_right(many, high, start, key=_low)
        if start == end:
            continue
        first, last = many[start], many[end - 1]
        if end - start == 1:
            result.append((max(first[0], low), min(first[1], high)))
        else:
            result.append((max(first[0], low), first[1]))
            result += many[start + 1 : end - 1]
            result.append((last[0], min(last[1], high)))
        start = end - 1
    return tuple(result)


def complement(intervals: Intervals, highest: int) -> Intervals:
    """Give what lies in ``0 … highest`` but in none of the normalised intervals."""
    if not intervals:
        return ((0, highest),)
    result = [(before + 1, after - 1) for (_, before), (after, _) in pairwise(intervals)]
    lowest, last = intervals[0][0], intervals[-1][1]
    first = [(0, lowest - 1)] if lowest > 0 else []
    rest = [(last + 1, highest)] if last < highest else []
    return tuple(first + result + rest)


def _low(interval: Interval) -> int:
    return interval[0]


def _high(interval: Interval) -> int:
    return interval[1]


def _holds(intervals: Intervals, value: int) -> bool:
    position = bisect_right(intervals, (value, MAX_IPV6)) - 1
    return position >= 0 and intervals[position][0] <= value <= intervals[position][1]


@dataclass(frozen=True, slots=True, kw_only=True)
class PortSet:
    """A set of port numbers."""

    intervals: Intervals = ()

    @classmethod
    def of(cls, *items: int | Interval) -> "PortSet":
        """Build the set from single ports and closed ``(low, high)`` ranges."""
        return cls(intervals=normalise((item, item) if isinstance(item, int) else item for item in items))

    @classmethod
    def everything(cls) -> "PortSet":
        """Give all ports, 0 to 65535."""
        return cls(intervals=((0, MAX_PORT),))

    def __contains__(self, port: int) -> bool:
        """Tell whether ``port`` is in the set."""
        return _holds(self.intervals, port)

    def __or__(self, other: "PortSet") -> "PortSet":
        """Give the union."""
        return PortSet(intervals=normalise((*self.intervals, *other.intervals)))

    def __and__(self, other: "PortSet") -> "PortSet":
        """Give the intersection."""
        return PortSet(intervals=intersect(self.intervals, other.intervals))

    def __invert__(self) -> "PortSet":
        """Give all other ports."""
        return PortSet(intervals=complement(self.intervals, MAX_PORT))

    def __bool__(self) -> bool:
        """Tell whether any port is in the set."""
        return bool(self.intervals)

    def __len__(self) -> int:
        """Count the ports."""
        return sum(high - low + 1 for low, high in self.intervals)

    def __iter__(self) -> Iterator[int]:
        """Go through the ports in order."""
        for low, high in self.intervals:
            yield from range(low, high + 1)

    def __str__(self) -> str:
        """Show ranges as admins write them: ``69,5060,10000-20000``."""
        return ",".join(str(low) if low == high else f"{low}-{high}" for low, high in self.intervals)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressSet:
    """A set of IPv4 and IPv6 addresses; an IPv4-mapped IPv6 address counts as the IPv4 address that it carries."""

    ipv4: Intervals = ()
    ipv6: Intervals = ()

    @classmethod
    def of(cls, *items: str | IPv4Address | IPv6Address | IPv4Network | IPv6Network) -> "AddressSet":
        """Build the set from addresses, networks and their texts; host bits of a network are ignored.

        Raises ValueError on a text that is neither.
        """
        ipv4: list[Interval] = []
        ipv6: list[Interval] = []
        for item in items:
            network = ip_network(item, strict=False)
            low, high = int(network.network_address), int(network.broadcast_address)
            if network.version == 4:
                ipv4.append((low, high))
            elif network.prefixlen >= 96 and low >> 32 == 0xFFFF:
                ipv4.append((low & MAX_IPV4, high & MAX_IPV4))
            else:
                ipv6.append((low, high))
        return cls(ipv4=normalise(ipv4), ipv6=normalise(ipv6))

    @classmethod
    def between(cls, low: IPv4Address | IPv6Address, high: IPv4Address | IPv6Address) -> "AddressSet":
        """Build the set of all addresses from ``low`` to ``high``; empty when they are the wrong way round."""
        if low.version != high.version or int(low) > int(high):
            return cls()
        if low.version == 6 and int(low) >> 32 == int(high) >> 32 == 0xFFFF:
            return cls(ipv4=((int(low) & MAX_IPV4, int(high) & MAX_IPV4),))
        interval = ((int(low), int(high)),)
        return cls(ipv4=interval) if low.version == 4 else cls(ipv6=interval)

    @classmethod
    def union(cls, parts: Iterable["AddressSet"]) -> "AddressSet":
        """Unite many sets at once, in one sort."""
        found = tuple(parts)
        return cls(
            ipv4=normalise(interval for part in found for interval in part.ipv4),
            ipv6=normalise(interval for part in found for interval in part.ipv6),
        )

    @classmethod
    def everything(cls) -> "AddressSet":
        """Give all addresses of both families."""
        return cls(ipv4=((0, MAX_IPV4),), ipv6=((0, MAX_IPV6),))

    @classmethod
    def all_ipv4(cls) -> "AddressSet":
        """Give all IPv4 addresses."""
        return cls(ipv4=((0, MAX_IPV4),))

    @classmethod
    def all_ipv6(cls) -> "AddressSet":
        """Give all IPv6 addresses."""
        return cls(ipv6=((0, MAX_IPV6),))

    def __contains__(self, address: IPv4Address | IPv6Address | str) -> bool:
        """Tell whether the address is in the set."""
        parsed = ip_address(address) if isinstance(address, str) else address
        if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
            parsed = parsed.ipv4_mapped
        return _holds(self.ipv4 if parsed.version == 4 else self.ipv6, int(parsed))

    def __or__(self, other: "AddressSet") -> "AddressSet":
        """Give the union."""
        if not self or not other:
            return self or other
        return AddressSet(
            ipv4=normalise((*self.ipv4, *other.ipv4)),
            ipv6=normalise((*self.ipv6, *other.ipv6)),
        )

    def __and__(self, other: "AddressSet") -> "AddressSet":
        """Give the intersection."""
        return AddressSet(ipv4=intersect(self.ipv4, other.ipv4), ipv6=intersect(self.ipv6, other.ipv6))

    def __invert__(self) -> "AddressSet":
        """Give all other addresses of both families."""
        return AddressSet(ipv4=complement(self.ipv4, MAX_IPV4), ipv6=complement(self.ipv6, MAX_IPV6))

    def __sub__(self, other: "AddressSet") -> "AddressSet":
        """Give what is in this set but not in the other."""
        if self == other:
            return AddressSet()
        return self & ~other

    def __bool__(self) -> bool:
        """Tell whether any address is in the set."""
        return bool(self.ipv4 or self.ipv6)

    def __le__(self, other: "AddressSet") -> bool:
        """Tell whether the other set holds all of this one."""
        return not self - other

    @property
    def count(self) -> int:
        """The number of addresses (too large for ``len`` with IPv6)."""
        return sum(high - low + 1 for low, high in (*self.ipv4, *self.ipv6))

    def networks(self) -> Iterator[IPv4Network | IPv6Network]:
        """Go through the fewest networks that make up the set, IPv4 first."""
        for low, high in self.ipv4:
            yield from summarize_address_range(IPv4Address(low), IPv4Address(high))
        for low, high in self.ipv6:
            yield from summarize_address_range(IPv6Address(low), IPv6Address(high))

    def example(self) -> IPv4Address | IPv6Address | None:
        """Give the lowest address of the set, or None when it is empty."""
        if self.ipv4:
            return IPv4Address(self.ipv4[0][0])
        return IPv6Address(self.ipv6[0][0]) if self.ipv6 else None

    def __str__(self) -> str:
        """Show the set as networks, single addresses without their prefix length."""
        return ", ".join(
            str(network.network_address) if network.prefixlen == network.max_prefixlen else str(network)
            for network in self.networks()
        )


#: RFC 1918, RFC 3927, RFC 6598, loopback; RFC 4193, RFC 4291 link-local and loopback. Documentation ranges count as
#: outside.
PRIVATE = AddressSet.of(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "fc00::/7",
    "fe80::/10",
    "::1",
)
