"""Reads `ip addr`, `ip route` and `ip neigh` of the PBX or of the edge."""

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_interface, ip_network
from itertools import pairwise

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.site import Address, Interface, InterfaceAddress, Network, Route
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.wants import Command, Want

WANTS: tuple[Want, ...] = (
    Command(name="ip-addr", argv=("ip", "addr")),
    Command(name="ip-route", argv=("ip", "route")),
    Command(name="ip-6-route", argv=("ip", "-6", "route")),
    Command(name="ip-neigh", argv=("ip", "neigh")),
)

#: Routes of these types lead nowhere or to the box itself (`local`, `broadcast`: table local).
NO_WAY = frozenset({"local", "broadcast", "anycast", "multicast", "unreachable", "blackhole", "prohibit", "throw"})
#: `2: eth0@if3: <BROADCAST,…>`, and `3: eth0    inet 10.0.0.1/24 …` of `ip -o addr`
_INTERFACE = re.compile(r"^\d+:\s+(?P<name>[^\s:@]+)(?:@\S+?)?:?\s(?P<rest>.*)$")
_MAC = re.compile(r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$", re.IGNORECASE)
MAX_ENTRIES = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A machine on the link: its address, its hardware address (None while unresolved) and the entry's state."""

    address: Address
    interface: str
    mac: str | None
    state: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """How a machine is attached to its networks."""

    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    neighbours: tuple[Neighbour, ...] = ()


def read(artifacts: Artifacts, folder: str = "commands") -> Reading[Attachment]:
    """Read the three outputs that lie in ``folder`` (``commands`` for the PBX, ``edge`` for the edge)."""
    problems: list[Problem] = []
    names = set(artifacts.names())

    def present(*stems: str) -> list[str]:
        return [name for stem in stems if (name := f"{folder}/{stem}.txt") in names]

    return Reading(
        facts=Attachment(
            interfaces=tuple(one for name in present("ip-addr") for one in _interfaces(artifacts, name, problems)),
            routes=tuple(
                one for name in present("ip-route", "ip-6-route") for one in _routes(artifacts, name, problems)
            ),
            neighbours=tuple(one for name in present("ip-neigh") for one in _neighbours(artifacts, name, problems)),
        ),
        problems=tuple(problems),
    )


def _interfaces(artifacts: Artifacts, name: str, problems: list[Problem]) -> list[Interface]:
    current = ""
    places: dict[str, Citation] = {}
    found: dict[str, list[InterfaceAddress]] = {}
    for number, raw in lines(artifacts, name):
        line = decoded(raw)
        place = Citation(file=name, line=number)
        header = _INTERFACE.match(line)
        if header and len(places) < MAX_ENTRIES:
            current = header["name"]
            places.setdefault(current, place)
            found.setdefault(current, [])
            line = header["rest"]
        words = line.split()
        if len(words) < 2 or words[0] not in {"inet", "inet6"} or not current:
            continue
        try:
            found[current].append(ip_interface(words[1]))
        except ValueError:
            problems.append(Problem(citation=place, message=f"not an address of {current}; it was left out"))
    return [Interface(name=one, addresses=tuple(found[one]), citation=places[one]) for one in places]


def _routes(artifacts: Artifacts, name: str, problems: list[Problem]) -> list[Route]:
    found: list[Route] = []
    target: Network | None = None
    for number, raw in lines(artifacts, name):
        words = decoded(raw).split()
        place = Citation(file=name, line=number)
        if not words or len(found) >= MAX_ENTRIES:
            continue
        if words[0] == "nexthop":  # a further line of a route over several ways
            if target is not None:
                found += _route(target, words, place)
            continue
        target = None
        options = dict(pairwise(words[1:]))
        if words[0] in NO_WAY or options.get("table", "main") != "main":
            continue
        try:
            target = _network(words[0], options.get("via", ""), six="6" in name)
        except ValueError:
            problems.append(Problem(citation=place, message="not a route; it was left out"))
            continue
        found += _route(target, words[1:], place)
    return found


def _network(text: str, via: str, *, six: bool) -> Network:
    if text == "default":
        return ip_network("::/0" if six or ":" in via else "0.0.0.0/0")
    return ip_network(text, strict=False)


def _route(network: Network, words: list[str], place: Citation) -> list[Route]:
    options = dict(pairwise(words))
    device = options.get("dev")
    if device is None:
        return []
    try:
        via = ip_address(options["via"]) if "via" in options else None
    except ValueError:  # `via inet6 fe80::1`
        via = None
    return [Route(network=network, via=via, interface=device, citation=place)]


def _neighbours(artifacts: Artifacts, name: str, problems: list[Problem]) -> list[Neighbour]:
    found: list[Neighbour] = []
    for number, raw in lines(artifacts, name):
        words = decoded(raw).split()  # 10.20.0.1 dev p0 lladdr f6:0a:f5:b0:66:b5 REACHABLE
        if len(words) < 4 or len(found) >= MAX_ENTRIES:
            continue
        options = dict(pairwise(words[1:]))
        place = Citation(file=name, line=number)
        mac = options.get("lladdr", "")
        try:
            address = ip_address(words[0])
        except ValueError:
            problems.append(Problem(citation=place, message="not a neighbour; it was left out"))
            continue
        found.append(
            Neighbour(
                address=address,
                interface=options.get("dev", ""),
                mac=mac.lower().replace(":", "") if _MAC.match(mac) else None,
                state=words[-1],
                citation=place,
            )
        )
    return found
