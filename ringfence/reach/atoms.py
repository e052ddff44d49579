"""Splits all source addresses at the bounds that rules name, so that a set of sources is one integer of bits.

With the listener fixed, the source is the only thing left that varies: rules act on whole atoms, and the operations
on sets are those of integers (union ``|``, intersection ``&``, difference ``& ~``).
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from ringfence.model.addresses import MAX_IPV4, MAX_IPV6, AddressSet, Intervals
from ringfence.model.packetfilter import Chain, Rule, Ruleset, SourceAddress, StopTracking

if TYPE_CHECKING:
    from ringfence.reach.columns import Columns

#: Answers that are kept: the same sets are asked for again and again.
MOST_KEPT = 8
_ONES = re.compile("1+")


def intervals_of(addresses: AddressSet, version: int) -> Intervals:
    """Give the intervals of one IP version."""
    return addresses.ipv4 if version == 4 else addresses.ipv6


class Atoms:
    """The atoms of one IP version under some rule sets; bit ``i`` stands for the ``i``-th atom."""

    def __init__(self, version: int, rulesets: Iterable[Ruleset | None], further: Iterable[AddressSet] = ()) -> None:
        """Take the bounds of every source set of the rules, and of ``further`` sets."""
        self.version = version
        rules = [rule for one in rulesets if one is not None for chain in one.chains for rule in chain.rules]
        #: Whether any rule keeps packets out of connection tracking.
        self.untracks = any(isinstance(effect, StopTracking) for rule in rules for effect in rule.effects)
        self._highest = MAX_IPV4 if version == 4 else MAX_IPV6
        bounds = {0, self._highest + 1}
        for addresses in (*_source_sets(rules), *further):
            for low, high in intervals_of(addresses, version):
                bounds.add(low)
                bounds.add(high + 1)
        self._starts = sorted(bounds)
        self._cache: dict[int, tuple[AddressSet, int]] = {}
        self._told: dict[int, AddressSet] = {}
        self._columns: dict[int, tuple[Chain, Columns]] = {}

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

    @cached_property
    def place(self) -> dict[int, int]:
        """The number of the atom that starts at an address."""
        return {start: number for number, start in enumerate(self._starts)}

    def columns(self, chain: Chain) -> "Columns":
        """Give a chain's rules in terms of these atoms, worked out once."""
        known = self._columns.get(id(chain))
        if known is None:
            from ringfence.reach.columns import Columns  # noqa: PLC0415 - numpy is loaded for long chains only

            # the chain is kept as well, so that no other can get its id
            known = self._columns[id(chain)] = (chain, Columns(chain, self))
        return known[1]

    def addresses(self, bits: int) -> AddressSet:
        """Give the addresses of these atoms."""
        found = self._told.get(bits)
        if found is None:
            starts = self._starts
            intervals = tuple([(starts[low], starts[high] - 1) for low, high in _runs(bits)])
            found = AddressSet(ipv4=intervals) if self.version == 4 else AddressSet(ipv6=intervals)
            if len(self._told) == MOST_KEPT:
                del self._told[next(iter(self._told))]
            self._told[bits] = found
        return found

    def largest(self, bits: int) -> int:
        """Give the one atom among ``bits`` that holds most addresses, the lowest of equals; 0 when there is none."""
        if not bits:
            return 0
        if bits.bit_count() * 4 < len(self._starts):
            numbers = [number for low, high in _runs(bits) for number in range(low, high)]
            return 1 << max(numbers, key=lambda number: self._starts[number + 1] - self._starts[number])
        flags = _flags(bits)
        return 1 << next(number for number in self._by_size if number < len(flags) and flags[number] == "1")

    @cached_property
    def _by_size(self) -> list[int]:
        """The numbers of all atoms, the largest first."""
        sizes = [high - low for low, high in pairwise(self._starts)]
        return sorted(range(len(sizes)), key=sizes.__getitem__, reverse=True)


def _flags(bits: int) -> str:
    """Give the bits as ``0`` and ``1``, the lowest first."""
    return bin(bits)[:1:-1]


def _runs(bits: int) -> Iterator[tuple[int, int]]:
    """Go through the runs of atoms that follow one another: the first, and the one after the last."""
    return (found.span() for found in _ONES.finditer(_flags(bits)))


def _source_sets(rules: Iterable[Rule]) -> Iterable[AddressSet]:
    for rule in rules:
        for match in rule.matches:
            if isinstance(match, SourceAddress):
                yield match.addresses
