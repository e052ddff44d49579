"""Compares what was predicted with what real packets found: every listener, vantage and source."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.exposure import Exposure, Verdict
from tests.lab.campus import (
    EDGE6,
    NETWORKS,
    PBX6,
    PROVIDER6,
    SECOND_PUBLIC,
    STANDS,
    STRANGER6,
)
from tests.lab.probing import Address, Arrival, Probe, Transport
from tests.lab.topology import EDGE_PUBLIC, OFFICE_PC, PBX, PROVIDER, REMOTE_WORKER

INTERNET = "internet"
#: Most intervals of one predicted set whose bounds are tried.
MOST_INTERVALS = 24

_PEOPLE = (
    *(PROVIDER, REMOTE_WORKER, "198.51.100.77", "203.0.113.66", "192.0.2.200", "8.8.8.8", "223.255.255.254"),
    *(OFFICE_PC, "10.20.30.254", "10.20.8.2", "10.20.8.11", "10.20.8.200", "10.20.0.101", "10.20.0.250"),
    *(PROVIDER6, STRANGER6, "2a00::1", "2001:db8:30::66", "2001:db8:8::11", "2001:db8:20::101"),
)
_PUBLIC = (EDGE_PUBLIC, SECOND_PUBLIC)
_GATEWAYS = ("10.20.0.1", "10.20.8.1", "10.20.30.1", "2001:db8:20::1", "2001:db8:8::1", "2001:db8:30::1", EDGE6)
_OWN = AddressSet.of(PBX, PBX6, *_PUBLIC, *_GATEWAYS)
#: The kernel takes no packet from the broadcast address of a link, whatever the rules say.
_NOBODY = AddressSet.of("203.0.113.0", "203.0.113.255") | AddressSet.of(
    *(end for nets in NETWORKS.values() for net in nets if net.version == 4 for end in (net[0], net[-1]))
)
_USABLE = AddressSet.of("1.0.0.0/8", "2.0.0.0/7", "4.0.0.0/6", "8.0.0.0/5", "16.0.0.0/4", "32.0.0.0/3", "64.0.0.0/2")
_USABLE |= AddressSet.of("128.0.0.0/2", "192.0.0.0/3", "2000::/3")
_LITERAL = re.compile(r"[0-9a-fA-F.:]*[.:][0-9a-fA-F.:]+(?:/\d{1,3})?")


def vantage_of(address: Address) -> str | None:
    """Tell from which vantage one sends with this address; None where nobody can."""
    if address in _OWN or address in _NOBODY or address not in _USABLE:
        return None
    inside = (name for name, nets in NETWORKS.items() if any(address in net for net in nets))
    return next(inside, None if address in PRIVATE else INTERNET)


def people() -> tuple[Address, ...]:
    """Give the named sources: the provider, a remote worker, strangers, and machines of each network."""
    return tuple(map(ip_address, _PEOPLE))


def bounds_in(text: str) -> Iterator[Address]:
    """Give the first and last address of everything that rules name, and the neighbours of both."""
    for word in sorted(set(_LITERAL.findall(text))):
        try:
            net = ip_network(word, strict=False)
        except ValueError:
            continue
        yield from _around(net.version, int(net[0]), int(net[-1]))


def bounds_of(exposure: Exposure) -> Iterator[Address]:
    """Give the same of the predicted set, so that it is not only right where the rules' words lead one to look."""
    for version, intervals in ((4, exposure.sources.ipv4), (6, exposure.sources.ipv6)):
        for low, high in dict.fromkeys(intervals[: MOST_INTERVALS // 2] + intervals[-MOST_INTERVALS // 2 :]):
            yield from _around(version, low, high)


def _around(version: int, low: int, high: int) -> Iterator[Address]:
    highest = 2**32 - 1 if version == 4 else 2**128 - 1
    first = ip_address("0.0.0.0" if version == 4 else "::")
    for number in (low - 1, low, high, high + 1):
        if 0 <= number <= highest:
            yield type(first)(number)


def probes(
    exposures: Iterable[Exposure], sources: Iterable[Address], *, ipv6: bool, ports: Mapping[Transport, Iterable[int]]
) -> list[Probe]:
    """Give every packet to try: each source to each port that is listened on, predicted, or named in ``ports``."""
    tried: dict[str, set[int]] = defaultdict(set)
    for transport, more in ports.items():
        tried[transport] |= set(more)
    for exposure in exposures:
        tried[exposure.listener.transport] |= {exposure.listener.port}
        tried[exposure.listener.transport] |= {exposure.outside.port} if exposure.outside is not None else set()
    found: dict[Probe, None] = {}
    for source in sources:
        vantage = vantage_of(source)
        if vantage is None or (source.version == 6 and not ipv6):
            continue
        for destination in _destinations(vantage, source.version):
            for transport in ("udp", "tcp"):
                for port in sorted(tried[transport]):
                    found[Probe(vantage, transport, source, ip_address(destination), port)] = None
    return list(found)


def _destinations(vantage: str, version: int) -> Sequence[str]:
    if version == 6:
        return (PBX6,)
    return _PUBLIC if vantage == INTERNET else (PBX,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How many pairs of listener and vantage were compared by how many packets, and where the two disagree."""

    pairs: int
    packets: int
    arrived: int
    disagreements: tuple[str, ...]
    seconds: float = 0.0


def compare(
    exposures: Sequence[Exposure],
    sent: Sequence[Probe],
    arrived: Mapping[Probe, Arrival],
    *,
    partly_hidden: bool = False,
) -> Comparison:
    """Compare all exposures with all packets; ``partly_hidden``: the edge rewrites the sources of some only."""
    wrong = [f"unknown: {one.id}: {one.claim}" for one in exposures if one.verdict is Verdict.UNKNOWN]
    wrong += _unanswered(exposures)
    for probe in sent:
        if probe.vantage == INTERNET:
            wrong += _at_the_door(exposures, probe, arrived.get(probe))
    wrong += _inside(exposures, sent, arrived)
    for exposure in exposures:
        wrong += _seen(exposure, arrived, partly_hidden=partly_hidden)
    wrong += [
        f"verdict: {one.id} is {one.verdict} with the sources {one.sources or 'none'}"
        for one in exposures
        if (one.verdict is Verdict.REACHABLE) is not bool(one.sources)
    ]
    pairs = {(one.vantage, one.listener) for one in exposures}
    return Comparison(pairs=len(pairs), packets=len(sent), arrived=len(arrived), disagreements=tuple(wrong))


def _unanswered(exposures: Iterable[Exposure]) -> Iterator[str]:
    """Name the pairs of listener and vantage that no exposure speaks of."""
    listeners = {one.listener for one in exposures}
    told = {(one.listener, one.vantage) for one in exposures}
    for listener in listeners:
        for vantage in STANDS:
            if (listener, vantage) not in told:
                yield f"nothing predicted for {listener.transport} {listener.port} from {vantage}"


def _speaks_of(exposure: Exposure, probe: Probe) -> bool:
    """Tell whether the exposure says what becomes of the packet."""
    if (exposure.vantage, exposure.listener.transport) != (probe.vantage, probe.transport):
        return False
    if exposure.outside is None:
        return probe.port == exposure.listener.port and str(probe.destination) in {PBX, PBX6}
    return probe.port == exposure.outside.port and exposure.outside.address in {None, probe.destination}


def _at_the_door(exposures: Iterable[Exposure], probe: Probe, arrival: Arrival | None) -> Iterator[str]:
    spoken = [one for one in exposures if _speaks_of(one, probe)]
    predicted = {one.listener.port for one in spoken if probe.source in one.sources}
    found = {arrival.port} if arrival is not None else set()
    if predicted != found:
        said = "; ".join(f"{one.id}: {one.claim}" for one in spoken) or "no exposure speaks of it"
        yield f"{_shown(probe)}: predicted {_ports(predicted)}, found {_ports(found)} ({said})"


def _inside(exposures: Iterable[Exposure], sent: Iterable[Probe], arrived: Mapping[Probe, Arrival]) -> Iterator[str]:
    """Compare by source: what a network reaches is not told by door, since the PBX may redirect ports to a listener."""
    got = {(probe.vantage, probe.transport, one.port, probe.source) for probe, one in arrived.items()}
    sources = {(probe.vantage, probe.source) for probe in sent if probe.vantage != INTERNET}
    for exposure in exposures:
        listener = exposure.listener
        for vantage, source in sources:
            if vantage != exposure.vantage:
                continue
            predicted, found = source in exposure.sources, (vantage, listener.transport, listener.port, source) in got
            if predicted is not found:
                where = f"{vantage}: {source} to {listener.transport} {listener.port}"
                yield f"{where}: predicted {_word(predicted)}, found {_word(found)} ({exposure.claim})"


def _seen(exposure: Exposure, arrived: Mapping[Probe, Arrival], *, partly_hidden: bool) -> Iterator[str]:
    """Compare the source that the PBX saw with what was predicted of it."""
    listener = exposure.listener
    mine = {
        probe: one.seen
        for probe, one in arrived.items()
        if one.port == listener.port
        and (probe.vantage, probe.transport) == (exposure.vantage, listener.transport)
        and (probe.vantage != INTERNET or _speaks_of(exposure, probe))
    }
    rewritten = AddressSet.of(*(seen for probe, seen in mine.items() if seen != probe.source))
    if mine and rewritten != (exposure.seen_as or AddressSet()):
        told = exposure.seen_as or "themselves"
        yield f"{exposure.id}: predicted to be seen as {told}, seen as {rewritten or 'themselves'}"
    if exposure.seen_as is not None and not partly_hidden:
        bare = sorted(str(seen) for probe, seen in mine.items() if seen == probe.source)
        yield from (f"{exposure.id}: predicted to be seen as {exposure.seen_as}, seen as {seen}" for seen in bare)


def _shown(probe: Probe) -> str:
    target = f"[{probe.destination}]" if probe.destination.version == 6 else str(probe.destination)
    return f"{probe.vantage}: {probe.source} to {probe.transport} {target}:{probe.port}"


def _ports(ports: set[int]) -> str:
    return f"arrival at {', '.join(map(str, sorted(ports)))}" if ports else "no arrival"


def _word(reaches: bool) -> str:  # noqa: FBT001 - the answer itself
    return "reachable" if reaches else "blocked"
