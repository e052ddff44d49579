"""Reads `forwards.csv`: the forwards of a box whose own export nobody can read, listed by hand.

The list is the admin's word and is taken as complete: each line is open to its `sources`, or to everybody where it
names none, and nothing else is forwarded. Of traffic between the inside networks it says nothing; that stays unknown.

    protocol,outside_port,inside_address,inside_port,sources,comment
    udp,5060,192.168.10.5,5060,198.51.100.0/24 203.0.113.7,SIP from the provider
    tcp+udp,10000-20000,192.168.10.5,,,RTP
"""

import csv
import re
from collections.abc import Iterator
from ipaddress import IPv4Address, ip_network

from ringfence.model.addresses import PRIVATE, AddressSet, PortSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    ChainKind,
    Family,
    Hook,
    Match,
    Protocol,
    Rule,
    Ruleset,
    SourceAddress,
    Translated,
    Unsupported,
    UnsupportedAction,
)
from ringfence.model.site import Route
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.gateways import mapped
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.linux import notation

PRIVATE_NETWORKS = tuple(ip_network(text) for text in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
PRODUCT = "forwards.csv"
COLUMNS = ("protocol", "outside_port", "inside_address", "inside_port", "sources", "comment")
NEEDED = frozenset(COLUMNS[:4])
MAX_LINES = 20_000

PROTOCOLS = {
    "tcp": ("tcp",), "udp": ("udp",), "both": ("tcp", "udp"), "tcp+udp": ("tcp", "udp"), "udp+tcp": ("tcp", "udp"),
    "tcp/udp": ("tcp", "udp"), "udp/tcp": ("tcp", "udp"), "tcp_udp": ("tcp", "udp"), "any": (), "all": (), "*": (),
}  # fmt: skip
EVERYBODY = frozenset({"", "any", "all", "everybody", "*"})
EVERY_PORT = frozenset({"any", "all", "*"})

UNLISTED = "traffic between the inside networks is not part of the list"
_SEPARATORS = re.compile(r"[\s;|]+")


def recognises(head: bytes) -> bool:
    """Tell by the header line."""
    for raw in head.removeprefix(b"\xef\xbb\xbf").splitlines():
        line = decoded(raw).strip()
        if line and not line.startswith("#"):
            return set(_header(line)) >= NEEDED
    return False


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read the list; a line that cannot be read makes everything that it may forward unknown."""
    problems: list[Problem] = []
    columns: tuple[str, ...] = ()
    forwards: list[Rule] = []
    for number, raw in lines(artifacts, name):
        line = decoded(raw).lstrip("\ufeff").strip()
        place = Citation(file=name, line=number)
        if not line or line.startswith("#"):
            continue
        if not columns:
            columns = _header(line)
            if not set(columns) >= NEEDED:
                problems.append(Problem(citation=place, message=f"the header must name {', '.join(COLUMNS[:4])}"))
                return Reading(facts=None, problems=tuple(problems))
            continue
        if len(forwards) >= MAX_LINES:
            problems.append(Problem(citation=place, message=f"more than {MAX_LINES} lines; the rest was left out"))
            forwards.append(_unread("the lines that were left out", place))
            break
        forwards += _forward(line, columns, place, problems)
    if not columns:
        return Reading(facts=None, problems=(Problem(citation=Citation(file=name), message="no header line"),))
    return Reading(facts=_gateway(forwards, Citation(file=name)), problems=tuple(problems))


def _header(line: str) -> tuple[str, ...]:
    return tuple(word.strip().lower() for word in _cells(line))


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line]), [])
    except csv.Error:
        return []


def _forward(line: str, columns: tuple[str, ...], place: Citation, problems: list[Problem]) -> list[Rule]:
    cells = dict(zip(columns, (cell.strip() for cell in _cells(line)), strict=False))
    text = notation.shortened(line)
    try:
        return list(mapped.rules(_parsed(cells, text, place, problems)))
    except ValueError as why:
        problems.append(Problem(citation=place, message=f"not a forward ({why}); what it opens is unknown"))
        return [_unread(text, place)]


def _parsed(cells: dict[str, str], text: str, place: Citation, problems: list[Problem]) -> mapped.Forward:
    """Raise ValueError where the line does not say what is forwarded to whom."""
    protocol = cells.get("protocol", "").lower()
    if protocol not in PROTOCOLS:
        raise ValueError(f"no protocol: {protocol[:40]!r}")
    names = PROTOCOLS[protocol]
    matches: list[Match] = [Protocol(names=frozenset(names))] if names else []
    matches += _sources(cells.get("sources", ""), place, problems)
    outside = _ports(cells.get("outside_port", ""))
    inside = cells.get("inside_port", "")
    return mapped.Forward(
        inside=AddressSet.of(IPv4Address(cells.get("inside_address", ""))),
        outside_ports=outside,
        inside_ports=None if inside in {"", *EVERY_PORT} else _ports(inside),
        matches=tuple(matches),
        text=text,
        citation=place,
    )


def _ports(text: str) -> PortSet | None:
    if text.lower() in EVERY_PORT:
        return None
    found = notation.ports(_SEPARATORS.sub(",", text.replace(" - ", "-")), separator="-")
    if not found:
        raise ValueError(f"no port: {text[:40]!r}")
    return found


def _sources(text: str, place: Citation, problems: list[Problem]) -> Iterator[Match]:
    if text.lower() in EVERYBODY:
        return
    found: list[AddressSet] = []
    unread: list[str] = []
    for word in _SEPARATORS.split(text.replace(",", " ").strip()):
        try:
            found.append(notation.addresses(word))
        except ValueError:
            unread.append(word)
    if unread:
        # a name may stand for any address: whoever is not listed by number may or may not be let in
        shown = notation.shortened(" ".join(unread))
        problems.append(Problem(citation=place, message=f"not an address or network: {shown}"))
        yield Unsupported(text=f"sources {shown}")
    else:
        yield SourceAddress(addresses=AddressSet.union(found))


def _unread(text: str, place: Citation) -> Rule:
    return Rule(matches=(), action=UnsupportedAction(text=text), text=text, citation=place)


def _gateway(forwards: list[Rule], place: Citation) -> Gateway:
    passing = (
        Rule(matches=(Translated(),), action=Accept(), text="what is forwarded is let in", citation=place),
        Rule(
            matches=(SourceAddress(addresses=PRIVATE),),
            action=UnsupportedAction(text=UNLISTED),
            text=UNLISTED,
            citation=place,
        ),
    )
    chains = (
        Chain(
            table="forwards",
            name="forwards",
            family=Family.IPV4,
            rules=tuple(forwards),
            hook=Hook.PREROUTING,
            kind=ChainKind.NAT,
            priority=-100,
            citation=place,
        ),
        Chain(
            table="forwards",
            name="nothing else is forwarded",
            family=Family.IPV4,
            rules=passing,
            hook=Hook.FORWARD,
            policy_accepts=False,
            citation=place,
        ),
    )
    # The admin lists the box in front of this site, so what is private lies behind it, also where nothing is listed.
    behind = tuple(Route(network=network, via=None, interface="inside", citation=place) for network in PRIVATE_NETWORKS)
    return Gateway(product=PRODUCT, routes=behind, ruleset=Ruleset(chains=chains, product=PRODUCT, citation=place))
