"""Aliases of pfSense and OPNsense: named lists of addresses and ports, nested, and in part not in the file."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_network

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.readers.linux import notation

#: Entries looked at in all aliases together; whoever nests more than that gets "unknown".
MOST_ENTRIES = 2_000_000
#: Entries of one alias that excludes some (`!192.0.2.1`): each is taken in or out one by one.
MOST_WITH_EXCLUSIONS = 2_000

#: The firewall loads them from files that are fetched monthly. Only what is reserved for good is known, and of that
#: what no stranger can send from anyway; documentation ranges are left out, because anonymised evidence uses them.
BOGONS = AddressSet.of(
    "0.0.0.0/8",
    "127.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "192.0.0.0/24",
    "198.18.0.0/15",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/8",
    "fe80::/10",
    "ff00::/8",
)

_PORTS = re.compile(r"^(\d{1,5})(?:[:-](\d{1,5}))?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """A set of addresses; where it is not ``complete``, ``known`` is a part of it and ``why`` says what is missing."""

    known: AddressSet = field(default_factory=AddressSet)
    complete: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """A set of ports, likewise."""

    known: PortSet = field(default_factory=PortSet)
    complete: bool = True
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """A named list as it is written; ``elsewhere`` says what of it is not in the file (``urltable``, ``geoip``)."""

    name: str
    is_ports: bool
    entries: tuple[str, ...]
    elsewhere: str = ""
    citation: Citation


@dataclass(slots=True)
class Aliases:
    """All aliases of a configuration, resolved when asked for; ``system`` are sets that the firewall brings along."""

    written: Mapping[str, Alias]
    system: Mapping[str, Addresses] = field(default_factory=dict)
    left: int = MOST_ENTRIES
    _addresses: dict[str, Addresses] = field(default_factory=dict)
    _ports: dict[str, Ports] = field(default_factory=dict)

    def addresses(self, name: str) -> Addresses | None:
        """Give the addresses of an alias; None where there is no such alias of addresses."""
        if name in self.system:
            return self.system[name]
        alias = self.written.get(name)
        if alias is None or alias.is_ports:
            return None
        if name not in self._addresses:
            self._addresses[name] = self._union(name)
        return self._addresses[name]

    def ports(self, name: str) -> Ports | None:
        """Give the ports of an alias; None where there is no such alias of ports."""
        alias = self.written.get(name)
        if alias is None or not alias.is_ports:
            return None
        if name not in self._ports:
            missing: list[str] = []
            intervals: list[tuple[int, int]] = []
            for entry in self._flat(name, missing):
                found = port_range(entry)
                if found is None:
                    missing.append(f"“{entry}” in it is no port")
                else:
                    intervals += found.intervals
            why = f"alias {name}: {missing[0]}" if missing else ""
            self._ports[name] = Ports(known=PortSet.of(*intervals), complete=not missing, why=why)
        return self._ports[name]

    def first_port(self, name: str) -> int | None:
        """Give the port that a forward to this alias uses: the first of the list as it is written."""
        for entry in self._flat(name, []):
            found = port_range(entry)
            if found:
                return next(iter(found))
        return None

    def _union(self, name: str) -> Addresses:
        missing: list[str] = []
        parts: list[tuple[int, bool, AddressSet]] = []
        some_excluded = False
        for entry in self._flat(name, missing):
            excluded = entry.startswith("!")
            some_excluded = some_excluded or excluded
            bare = entry.removeprefix("!").strip()
            try:
                found = notation.addresses(bare)
            except ValueError:
                missing.append(f"“{bare}” in it is a name, which the firewall resolves")
                continue
            length = ip_network(bare, strict=False).prefixlen if "-" not in bare else 128
            parts.append((length, excluded, found))
        if len(parts) > MOST_WITH_EXCLUSIONS and some_excluded:
            missing.append("too many entries with exclusions")
        why = f"alias {name}: {missing[0]}" if missing else ""
        if some_excluded:
            known = _most_specific(parts) if not missing else AddressSet()
        else:
            known = AddressSet.union(part for _, _, part in parts)
        return Addresses(known=known, complete=not missing, why=why)

    def _flat(self, name: str, missing: list[str]) -> Iterator[str]:
        """Go through the entries of an alias and of those that it names, each once; note what is not in the file."""
        met = {name}
        alias = self.written[name]
        open_ones = [iter(alias.entries)]
        missing += [alias.elsewhere] if alias.elsewhere else []
        while open_ones:
            entry = next(open_ones[-1], None)
            self.left -= 1
            if entry is None:
                open_ones.pop()
            elif self.left < 0:
                missing.append("too many entries")
                return
            elif entry not in self.written:
                yield entry
            elif entry not in met:
                met.add(entry)
                nested = self.written[entry]
                missing += [nested.elsewhere] if nested.elsewhere else []
                open_ones.append(iter(nested.entries))


def _most_specific(parts: list[tuple[int, bool, AddressSet]]) -> AddressSet:
    """Apply exclusions as pf's tables do: the longest prefix that holds an address decides."""
    found = AddressSet()
    for _, excluded, part in sorted(parts, key=lambda one: (one[0], one[1])):
        found = found - part if excluded else found | part
    return found


def port_range(text: str) -> PortSet | None:
    """Read ``5060``, ``5060-5061``, ``5060:5061``; None where it is neither a port nor a range."""
    found = _PORTS.match(text)
    if found is None:
        return None
    low = int(found[1])
    high = int(found[2]) if found[2] else low
    return PortSet.of((low, high)) if low <= high <= 65535 else None
