"""Splits all source addresses at the bounds that rules name, so that a set of sources is one integer of bits.

With the listener fixed, the source is the only thing left that varies: rules act on whole atoms, and the operations
on sets are those of integers (union ``|``, intersection ``&``, difference ``& ~``).
"""

from bisect import bisect_left
from collections.abc import Iterable

from ringfence.model.addresses import MAX_IPV4, MAX_IPV6, AddressSet, Intervals
from ringfence.model.packetfilter import Ruleset, SourceAddress


def intervals_of(addresses: AddressSet, version: int) -> Intervals:
    """Give the intervals of one IP version."""
    return addresses.ipv4 if version == 4 else addresses.ipv6


class Atoms:
    """The atoms of one IP version under some rule sets; bit ``i`` stands for the ``i``-th atom."""

    def __init__(self, version: int, rulesets: Iterable[Ruleset | None], further: Iterable[AddressSet] = ()) -> None:
        """Take the bounds of every source set of the rules, and of ``further`` sets."""
        self.version = version
        self._highest = MAX_IPV4 if version == 4 else MAX_IPV6
        bounds = {0, self._highest + 1}
        for addresses in (*_source_sets(rulesets), *further):
            for low, high in intervals_of(addresses, version):
                bounds.add(low)
                bounds.add(high + 1)
        self._starts = sorted(bounds)
        self._cache: dict[int, tuple[AddressSet, int]] = {}

    @property
    def everything(self) -> int:
        """All atoms."""
        return (1 << len(self._starts) - 1) - 1

    def bits(self, addresses: AddressSet) -> int:
        """Give the atoms of a set whose bounds are among those of the atoms."""
        intervals = intervals_of(addresses, self.version)
        if len(intervals) < 4:
            return self._bits(intervals)
        known = self._cache.get(id(addresses))
        if known is None:
            known = self._cache[id(addresses)] = (addresses, self._bits(intervals))
        return known[1]

    def _bits(self, intervals: Intervals) -> int:
        found = 0
        for low, high in intervals:
            found |= (1 << bisect_left(self._starts, high + 1)) - (1 << bisect_left(self._starts, low))
        return found

    def addresses(self, bits: int) -> AddressSet:
        """Give the addresses of these atoms."""
        found: list[tuple[int, int]] = []
        position = 0
        while bits:
            zeros = (bits & -bits).bit_length() - 1
            bits >>= zeros
            ones = (~bits & bits + 1).bit_length() - 1
            found.append((self._starts[position + zeros], self._starts[position + zeros + ones] - 1))
            position += zeros + ones
            bits >>= ones
        intervals = tuple(found)
        return AddressSet(ipv4=intervals) if self.version == 4 else AddressSet(ipv6=intervals)

    def largest(self, bits: int) -> int:
        """Give the one atom among ``bits`` that holds most addresses; 0 when there is none."""
        best, best_size = 0, -1
        position = 0
        while bits:
            zeros = (bits & -bits).bit_length() - 1
            position += zeros
            size = self._starts[position + 1] - self._starts[position]
            if size > best_size:
                best, best_size = 1 << position, size
            bits >>= zeros + 1
            position += 1
        return best


def _source_sets(rulesets: Iterable[Ruleset | None]) -> Iterable[AddressSet]:
    for ruleset in rulesets:
        for chain in ruleset.chains if ruleset is not None else ():
            for rule in chain.rules:
                for match in rule.matches:
                    if isinstance(match, SourceAddress):
                        yield match.addresses
