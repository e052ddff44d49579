"""Address translation of PIX, and of ASA before 8.3: `static`, and `nat` with its `global`."""

from collections.abc import Iterator

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import (
    Accept,
    InputInterface,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    Rule,
    SourceAddress,
    TranslateSource,
    Unsupported,
)
from ringfence.readers.gateways import cisco_acl, cisco_terms, mapped
from ringfence.readers.gateways.cisco_lines import Statement
from ringfence.readers.gateways.cisco_objects import Objects


def translations(
    statements: list[Statement], objects: Objects, problems: list[Problem]
) -> tuple[list[Rule], list[Rule]]:
    """Give the rules for destinations on arrival and for sources on leaving; statics are tried in file order."""
    arriving: list[Rule] = []
    leaving: list[Rule] = []
    exempt: list[Rule] = []
    for statement in statements:
        words = statement.words
        try:
            if words[0] == "static":
                here, there = _static(statement, objects)
                arriving += here
                leaving += there
            elif words[0] == "nat" and len(words) > 2:
                (exempt if words[2] == "0" else leaving).extend(_dynamic(statement, statements, objects))
            elif words[0] == "alias":
                raise IndexError  # noqa: TRY301 - as any other that is not read
        except (ValueError, IndexError):
            arriving.append(cisco_acl.unread(statement))
            message = "the translation was not understood; what it forwards is unknown"
            problems.append(Problem(citation=statement.place, message=message))
    return arriving, [*exempt, *leaving]


def _static(statement: Statement, objects: Objects) -> tuple[Iterator[Rule], list[Rule]]:
    """Read `static (inside,outside) udp interface 5060 10.20.0.10 5060 netmask 255.255.255.255 0 0`."""
    words = statement.words[2:]
    real_side, comma, mapped_side = statement.words[1].strip("()").partition(",")
    if not comma:
        raise ValueError("no pair of interfaces")
    matches: list[Match] = [InputInterface(names=frozenset({mapped_side}))]
    transport = words[0] if words[0] in {"tcp", "udp"} else ""
    if transport:
        matches.append(Protocol(names=frozenset({transport})))
        words = words[1:]
    outside: AddressSet | None
    if words[0] == "interface":
        outside = objects.interfaces.get(mapped_side) or None
        if outside is None:
            matches.append(PacketKind(kinds=frozenset({"local"})))
    else:
        outside = AddressSet.of(objects.address(words[0]))
    words = words[1:]
    asked: PortSet | None = None
    given: PortSet | None = None
    if transport:
        asked, words = PortSet.of(cisco_terms.port(words[0])), words[1:]
    if words[0] == "access-list":
        raise ValueError("policy translation")
    real, words = words[0], words[1:]
    if transport:
        given, words = PortSet.of(cisco_terms.port(words[0])), words[1:]
    mask = words[1] if words[:1] == ("netmask",) else "255.255.255.255"
    inside = objects.masked(real, mask)
    if outside is not None and inside.count > 1:
        outside = objects.masked(str(outside.example()), mask)
    text, place = statement.text, statement.place
    forward = mapped.Forward(
        inside=inside,
        outside=outside,
        outside_ports=asked,
        inside_ports=given,
        matches=tuple(matches),
        text=text,
        citation=place,
    )
    if transport:
        return mapped.rules(forward), []
    ways = (InputInterface(names=frozenset({real_side})), OutputInterface(names=frozenset({mapped_side})))
    sent = (*ways, SourceAddress(addresses=inside))
    rewrite = Rule(matches=sent, action=TranslateSource(addresses=outside), text=text, citation=place)
    return mapped.rules(forward), [rewrite]


def _dynamic(statement: Statement, statements: list[Statement], objects: Objects) -> Iterator[Rule]:
    """Read `nat (inside) 1 10.20.0.0 255.255.0.0` with `global (outside) 1 interface`; number 0 is left alone."""
    words = statement.words
    side, number = words[1].strip("()"), words[2]
    matches: list[Match] = [InputInterface(names=frozenset({side}))]
    if words[3] == "access-list":
        matches.append(Unsupported(text=f"access-list {words[4]}"))
    else:
        sources = objects.masked(words[3], words[4] if len(words) > 4 else "255.255.255.255")
        if not AddressSet.all_ipv4() <= sources:
            matches.append(SourceAddress(addresses=sources))
    if number == "0":
        yield Rule(matches=tuple(matches), action=Accept(), text=statement.text, citation=statement.place)
        return
    for other in statements:
        if other.words[0] == "global" and len(other.words) > 3 and other.words[2] == number:
            out = OutputInterface(names=frozenset({other.words[1].strip("()")}))
            action = TranslateSource(addresses=_pool(other.words[3], other.words[1].strip("()"), objects))
            yield Rule(matches=(*matches, out), action=action, text=statement.text, citation=statement.place)


def _pool(text: str, side: str, objects: Objects) -> AddressSet | None:
    """Read `interface`, `203.0.113.9` or `203.0.113.9-203.0.113.20`; raises ValueError."""
    if text == "interface":
        return objects.interfaces.get(side) or None
    low, dash, high = text.partition("-")
    return AddressSet.between(objects.address(low), objects.address(high if dash else low))
