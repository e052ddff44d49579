"""Finds the rules of a long chain that can match a header, all at once: conditions and sources as numpy columns.

Every distinct condition of a chain is asked once per header and its answer spread over the rules that have it. Of the
rules that are left, those that stand one behind the other and decide at once (accept, drop, return) are painted
together: for each piece of the source addresses, the first rule that takes it.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    Continue,
    DestinationAddress,
    DestinationPort,
    Drop,
    InputInterface,
    Match,
    OutputInterface,
    Protocol,
    Return,
    Rule,
    SourceAddress,
    SourcePort,
)
from ringfence.reach.atoms import Atoms, intervals_of
from ringfence.reach.conditions import LiveRule, depends_on_marks, holds, live
from ringfence.reach.flow import Header

Flags = NDArray[np.bool_]
Numbers = NDArray[np.int32]

#: Fewer rules in a row than this are looked at one by one.
FEWEST_PAINTED = 32

NO, YES, MAYBE = 0, 1, 2
CODES = {False: NO, True: YES, None: MAYBE}

ACCEPTS, DROPS, RETURNS = 1, 2, 3
ENDS: dict[type, int] = {Accept: ACCEPTS, Drop: DROPS, Return: RETURNS}

#: The part of a header that a kind of condition looks at; kinds that are absent may look at all of it.
LOOKS_AT: dict[type, Callable[[Header], Hashable]] = {
    Protocol: lambda header: header.protocol,
    DestinationPort: lambda header: header.port,
    SourcePort: lambda header: header.source_port,
    DestinationAddress: lambda header: (header.version, header.destination),
    InputInterface: lambda header: header.incoming,
    OutputInterface: lambda header: header.outgoing,
    SourceAddress: lambda header: header.seen_as,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Rules of a chain in a row, each of which decides at once about all sources that it takes.

    The atoms from ``bounds[i]`` up to ``bounds[i + 1]`` are taken by the rule in row ``rows[first[i]]``, by none where
    ``first[i]`` is the number of rows. ``accepted``, ``dropped`` and ``returned`` are the atoms by their fate.
    """

    rules: Sequence[Rule]
    rows: NDArray[np.intp]
    bounds: Numbers
    first: Numbers
    accepted: int
    dropped: int
    returned: int

    def taken_by_whom(self, atom: int) -> int | None:
        """Give the number of the rule, among those of the stretch, that takes the atom with this number."""
        piece = int(np.searchsorted(self.bounds, atom, side="right")) - 1
        if not 0 <= piece < len(self.first) or self.first[piece] == len(self.rows):
            return None
        return int(self.first[piece])

    def rule(self, number: int) -> Rule:
        """Give a rule by its number among those of the stretch."""
        return self.rules[int(self.rows[number])]

    def share(self, number: int) -> int:
        """Give all atoms that one rule takes."""
        return _bits(self.bounds, self.first == number)

    def deciding(self, action: type[Accept | Drop]) -> Iterator[int]:
        """Go through the numbers of the rules with such an action that take anything."""
        for number in np.unique(self.first).tolist():
            if number < len(self.rows) and isinstance(self.rule(number).action, action):
                yield number


Program = tuple[LiveRule | Stretch, ...]
#: What a walk has found out about chains, by the chain's identity and the header, or what the header amounts to.
Programs = dict[tuple[int, Hashable], Program]


class Columns:
    """One chain's rules as arrays, their sources as numbers of atoms."""

    def __init__(self, chain: Chain, atoms: Atoms) -> None:
        """Take the rules apart; those that do nothing are left out."""
        self._chain = chain
        self._untracks = atoms.untracks
        self._rules = [rule for rule in chain.rules if not isinstance(rule.action, Continue) or rule.effects]
        self._conditions = _Asked(self._asked_of_headers(), len(self._rules))
        self._sourced = np.zeros(len(self._rules), bool)
        self._never = np.zeros(len(self._rules), bool)
        self._kind = np.array([self._end(rule) for rule in self._rules], np.int8)
        self._decides = self._kind > 0
        self._row, self._low, self._high = self._intervals(atoms)

    @cached_property
    def _sources(self) -> "_Asked":
        """The conditions on sources, which are like any other once the true source is hidden."""
        return _Asked(_sources(self._rules), len(self._rules))

    def _intervals(self, atoms: Atoms) -> tuple[Numbers, Numbers, Numbers]:
        """Give the sources of the rules that decide at once as intervals of atoms, each with its rule's row."""
        rows: list[int] = []
        lows: list[int] = []
        highs: list[int] = []
        place = atoms.place
        for row, rule in enumerate(self._rules):
            found = [match for match in rule.matches if isinstance(match, SourceAddress)]
            if not found:
                continue
            self._sourced[row] = True
            self._never[row] = any(
                not match.recorded_in and not intervals_of(match.addresses, atoms.version) for match in found
            )
            if not self._decides[row]:
                continue
            for low, high in intervals_of(_common(found), atoms.version):
                rows.append(row)
                lows.append(place[low])
                highs.append(place[high + 1])
        return np.array(rows, np.int32), np.array(lows, np.int32), np.array(highs, np.int32)

    def _asked_of_headers(self) -> Iterator[tuple[int, Match]]:
        for row, rule in enumerate(self._rules):
            for match in rule.matches:
                if not isinstance(match, SourceAddress) and not depends_on_marks(match, untracks=self._untracks):
                    yield row, match

    def _end(self, rule: Rule) -> int:
        """Give what a rule does with all sources it takes, whatever their marks; 0 where that is not the end."""
        if rule.effects or any(
            match.recorded_in if isinstance(match, SourceAddress) else depends_on_marks(match, untracks=self._untracks)
            for match in rule.matches
        ):
            return 0
        return next((kind for action, kind in ENDS.items() if isinstance(rule.action, action)), 0)

    def program(self, header: Header, known: Programs) -> Program:
        """Give what is left of the chain for a header, in order; headers with the same answers share it."""
        away, doubtful = self._conditions.answers(header)
        if header.seen_as is None:
            away = away | self._never
        else:
            too, more = self._sources.answers(header)
            away, doubtful = away | too, np.concatenate((doubtful, more))
        key = (
            id(self._chain),
            (header.seen_as is None, np.packbits(away).tobytes(), np.packbits(doubtful).tobytes()),
        )
        found = known.get(key)
        if found is None:
            doubted = self._conditions.rows_of(doubtful)
            if header.seen_as is not None:
                doubted |= self._sources.rows_of(doubtful[self._conditions.size :])
            found = known[key] = tuple(self._parts(header, np.flatnonzero(~away), doubted))
        return found

    def _parts(self, header: Header, rows: NDArray[np.intp], doubted: Flags) -> Iterator[LiveRule | Stretch]:
        decides = self._decides[rows] & ~doubted[rows]
        takes_all = decides & ~self._sourced[rows] if header.seen_as is None else decides
        if takes_all.any():
            end = int(takes_all.argmax()) + 1
            rows, decides = rows[:end], decides[:end]
        edges = [0, *(np.flatnonzero(np.diff(decides)) + 1).tolist(), len(rows)]
        for start, end in pairwise(edges):
            if end - start >= FEWEST_PAINTED and decides[start]:
                last = end - 1 if takes_all[end - 1] else end
                yield self._painted(rows[start:last])
                start = last  # noqa: PLW2901 - the rule that takes all the rest stands alone
            for row in rows[start:end].tolist():
                reduced = live(self._rules[row], header, untracks=self._untracks)
                if reduced is not None:
                    yield reduced

    def _painted(self, rows: NDArray[np.intp]) -> Stretch:
        number = np.full(len(self._rules), -1, np.int32)
        number[rows] = np.arange(len(rows), dtype=np.int32)
        numbers = number[self._row]
        wanted = numbers >= 0
        bounds, first = paint(self._low[wanted], self._high[wanted], numbers[wanted], len(rows))
        kinds = np.append(self._kind[rows], 0)[first]
        accepted, dropped, returned = (_bits(bounds, kinds == kind) for kind in (ACCEPTS, DROPS, RETURNS))
        return Stretch(
            rules=self._rules,
            rows=rows,
            bounds=bounds,
            first=first,
            accepted=accepted,
            dropped=dropped,
            returned=returned,
        )


def paint(lows: Numbers, highs: Numbers, numbers: Numbers, none: int) -> tuple[Numbers, Numbers]:
    """Give bounds, and for each piece between two of them the lowest number of an interval over it, else ``none``.

    An interval is laid down as two overlapping ones whose lengths are the same power of two; then each length is
    split into halves, from the longest down. So many wide intervals cost no more than narrow ones.
    """
    if not len(lows):
        return np.empty(0, np.int32), np.empty(0, np.int32)
    bounds = np.sort(np.concatenate((lows, highs)))
    bounds = bounds[np.append(True, np.diff(bounds) > 0)]
    place = np.empty(int(bounds[-1]) + 1, np.int32)
    place[bounds] = np.arange(len(bounds), dtype=np.int32)
    start, end = place[lows], place[highs]
    power = np.frexp(end - start)[1] - 1
    first = np.full(len(bounds) - 1, none, np.int32)
    for exponent in range(int(power.max()), -1, -1):
        here = power == exponent
        np.minimum.at(first, start[here], numbers[here])
        np.minimum.at(first, end[here] - (1 << exponent), numbers[here])
        if exponent:
            half = 1 << (exponent - 1)
            first[half:] = np.minimum(first[half:], first[:-half])
    return bounds, first


def _bits(bounds: Numbers, wanted: Flags) -> int:
    """Give the atoms of the wanted pieces."""
    if not wanted.any():
        return 0
    flags = np.repeat(wanted, np.diff(bounds))
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little") << int(bounds[0])


class _Asked:
    """Conditions of rules, each distinct one asked once for what it looks at in a header."""

    def __init__(self, conditions: Iterable[tuple[int, Match]], rows: int) -> None:
        """Take pairs of a rule's row and a condition of it."""
        self._rows = rows
        distinct: dict[Match, int] = {}
        pairs = [(row, distinct.setdefault(match, len(distinct))) for row, match in conditions]
        self.size = len(pairs)
        self._row = np.array([row for row, _ in pairs], np.int32)
        self._number = np.array([number for _, number in pairs], np.int32)
        self._kinds: dict[type, tuple[list[Match], NDArray[np.intp]]] = {}
        kinds = {type(match) for match in distinct}
        for kind in kinds:
            alike = [(match, number) for match, number in distinct.items() if type(match) is kind]
            self._kinds[kind] = ([match for match, _ in alike], np.array([number for _, number in alike], np.intp))
        self._count = len(distinct)
        self._known: dict[tuple[type, Hashable], NDArray[np.int8]] = {}

    def answers(self, header: Header) -> tuple[Flags, Flags]:
        """Tell which rows cannot match, and which of the conditions (in the order of the pairs) cannot be told."""
        codes = np.empty(self._count, np.int8)
        for kind, (matches, numbers) in self._kinds.items():
            looks_at = LOOKS_AT.get(kind)
            key = (kind, looks_at(header) if looks_at is not None else header)
            found = self._known.get(key)
            if found is None:
                found = self._known[key] = np.array([CODES[holds(match, header)] for match in matches], np.int8)
            codes[numbers] = found
        spread = codes[self._number]
        away = np.zeros(self._rows, bool)
        away[self._row[spread == NO]] = True
        return away, spread == MAYBE

    def rows_of(self, conditions: Flags) -> Flags:
        """Give the rows that have one of these conditions."""
        found = np.zeros(self._rows, bool)
        found[self._row[conditions[: self.size]]] = True
        return found


def _sources(rules: Iterable[Rule]) -> Iterator[tuple[int, Match]]:
    for row, rule in enumerate(rules):
        for match in rule.matches:
            if isinstance(match, SourceAddress):
                yield row, match


def _common(matches: list[SourceAddress]) -> AddressSet:
    found = matches[0].addresses
    for match in matches[1:]:
        found &= match.addresses
    return found
