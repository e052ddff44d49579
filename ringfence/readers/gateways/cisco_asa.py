"""Reads `show running-config` of Cisco ASA and PIX: interfaces with levels, access groups, translation.

The version decides what an access list inwards on the outside sees: before 8.3 the mapped (public) address, since 8.3
the real (private) one. Without a line `ASA Version` or `PIX Version` nothing is guessed: everything is unknown. Without
a list, traffic passes from higher to lower security levels only. Traffic out of VPN tunnels, which
`sysopt connection permit-vpn` lets past the lists, is not considered. IPv6 is not covered.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Action,
    Chain,
    ChainKind,
    Drop,
    Family,
    Hook,
    InputInterface,
    Jump,
    Match,
    OutputInterface,
    Rule,
    Ruleset,
    Translated,
    Unsupported,
    UnsupportedAction,
)
from ringfence.model.site import Interface
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import cisco_acl, cisco_asa_interfaces, cisco_asa_static, cisco_lines
from ringfence.readers.gateways.cisco_asa_interfaces import Side
from ringfence.readers.gateways.cisco_asa_nat import Translations
from ringfence.readers.gateways.cisco_lines import Configuration, Statement
from ringfence.readers.gateways.cisco_objects import Objects
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.linux.unread import unread_chains

TABLE = "asa"
NO_VERSION = "no line `ASA Version` or `PIX Version`: whether lists see public or private addresses is not known"

_VERSION_LINE = re.compile(rb"^(ASA|PIX) Version \d", re.MULTILINE)
_NAMEIF = re.compile(rb"^\s*nameif \S", re.MULTILINE)
_SPEAKS = re.compile(
    rb"^(access-group \S+ (in|out) interface |static \(|nat \(|global \(|access-list \S+ (extended )?(permit|deny) )",
    re.MULTILINE,
)
_NUMBERS = re.compile(r"(\d{1,3})\.(\d{1,3})")


@dataclass(slots=True, kw_only=True)
class _Lists:
    """Access lists and how they are bound: to interfaces inwards and outwards, and for all (`global`)."""

    entries: dict[str, list[cisco_acl.Entry]] = field(default_factory=dict)
    inward: dict[str, tuple[str, Statement]] = field(default_factory=dict)
    outward: dict[str, tuple[str, Statement]] = field(default_factory=dict)
    everywhere: tuple[str, Statement] | None = None


def recognises(head: bytes) -> bool:
    """Tell by the version line, or by named interfaces with lists or translations as only these products write them."""
    if b"\0" in head:
        return False
    return bool(_VERSION_LINE.search(head)) or bool(_NAMEIF.search(head) and _SPEAKS.search(head))


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read a whole configuration."""
    problems: list[Problem] = []
    configuration = cisco_lines.read(artifacts, name)
    found, place = configuration.statements, Citation(file=name)
    if not found:
        return Reading(facts=None, problems=(Problem(citation=place, message="no line to read"),))
    objects = Objects(wildcards=False)
    for statement in found:
        objects.declare(statement)
    sides = cisco_asa_interfaces.sides(found, objects)
    objects.interfaces = {one.name: AddressSet.of(*(own.ip for own in one.addresses)) for one in sides.values()}
    product, version = _version(found)
    doubts = list(_doubts(configuration, version, place))
    problems += doubts
    chains = [chain for one in doubts for chain in unread_chains(one.citation, Family.IPV4, one.message)]
    if version is not None:
        real = version >= (8, 3)
        made = _chains(found, sides, objects, problems, real=real)
        # nothing is surely denied where something may be missing
        chains += (one for one in made if not doubts or one.kind == ChainKind.NAT)
    gateway = Gateway(
        product=product,
        interfaces=tuple(
            Interface(name=one.name, addresses=tuple(one.addresses), citation=one.place) for one in sides.values()
        ),
        routes=tuple(one for one in cisco_asa_interfaces.routes(found, objects) if one.interface in sides),
        outside=_outside(sides),
        ruleset=Ruleset(chains=tuple(chains), product=product, citation=place),
    )
    return Reading(facts=gateway, problems=tuple(problems))


def _version(found: list[Statement]) -> tuple[str, tuple[int, int] | None]:
    for statement in found:
        if statement.words[0] in {"ASA", "PIX"} and statement.words[1:2] == ("Version",):
            numbers = _NUMBERS.match(statement.words[2]) if len(statement.words) > 2 else None
            if numbers is not None:
                return f"Cisco {statement.words[0]}", (int(numbers[1]), int(numbers[2]))
    return "Cisco ASA", None


def _doubts(configuration: Configuration, version: tuple[int, int] | None, place: Citation) -> Iterator[Problem]:
    """Give what makes everything unknown."""
    if version is None:
        yield Problem(citation=place, message=NO_VERSION)
    elif configuration.cut is not None:
        yield configuration.cut
    for statement in configuration.statements:
        if statement.words in {("firewall", "transparent"), ("mode", "multiple")} or statement.words[0] == "context":
            yield Problem(citation=statement.place, message=f"not interpreted: {statement.text}")


def _outside(sides: dict[str, Side]) -> frozenset[str]:
    named = frozenset(name for name in sides if name.lower().startswith("outside"))
    return named or frozenset(side.name for side in sides.values() if side.level == 0)


def _chains(
    found: list[Statement], sides: dict[str, Side], objects: Objects, problems: list[Problem], *, real: bool
) -> Iterator[Chain]:
    """Compile the whole; ``real`` tells that lists see addresses as they are behind the translation."""
    lists = _lists(found, objects, problems)
    for name, entries in lists.entries.items():
        rules = cisco_acl.filtering(tuple(entries))
        place = entries[0].statement.place if entries else found[0].place
        yield Chain(table=TABLE, name=f"list {name}", family=Family.IPV4, rules=rules, citation=place)
    if real:
        translations = Translations(objects=objects, problems=problems)
        translations.read(found)
        arriving, leaving = translations.arriving, translations.leaving
    else:
        arriving, leaving = cisco_asa_static.translations(found, objects, problems)
    place = found[0].place
    inward = list(_inward(lists, sides))
    if not real:
        yield _base("access groups inwards", Hook.PREROUTING, inward, -200, place)
    yield _base("translation", Hook.PREROUTING, arriving, -100, place, nat=True)
    yield _base("same security", Hook.FORWARD, _same_security(found, sides), -20, place)
    yield _base("translation is required", Hook.FORWARD, _nat_control(found) if not real else (), -10, place)
    if real:
        yield _base("access groups inwards", Hook.FORWARD, inward, 0, place)
    yield _base("security levels", Hook.FORWARD, _levels(found, sides, lists), 10, place)
    yield _base("access groups outwards", Hook.FORWARD, _outward(lists), 20, place)
    yield _base("translation of sources", Hook.POSTROUTING, leaving, 100, place, nat=True)


def _base(  # noqa: PLR0913 - all that sets base chains apart
    name: str, hook: Hook, rules: Iterable[Rule], priority: int, place: Citation, *, nat: bool = False
) -> Chain:
    return Chain(
        table=TABLE,
        name=name,
        family=Family.IPV4,
        rules=tuple(rules),
        hook=hook,
        kind=ChainKind.NAT if nat else ChainKind.FILTER,
        priority=priority,
        citation=Citation(file=place.file),
    )


def _lists(found: list[Statement], objects: Objects, problems: list[Problem]) -> _Lists:
    """Read all `access-list` and `access-group` lines."""
    lists = _Lists()
    for statement in found:
        words = statement.words
        if words[0] == "access-list" and len(words) > 3:
            name, rest = words[1], words[2:]
            if rest[0] == "line":
                rest = rest[2:]
            if rest[:1] in {("ethertype",), ("webtype",)}:
                continue
            only_sources = rest[:1] == ("standard",)
            rest = rest[1:] if rest[:1] in {("extended",), ("standard",)} else rest
            entries = lists.entries.setdefault(name, [])
            entries += cisco_acl.entries(rest, statement, objects, problems, only_sources=only_sources)
        elif words[0] == "access-group" and "control-plane" not in words:
            match words[1:]:
                case (name, "in", "interface", side, *_):
                    lists.inward[side] = (name, statement)
                case (name, "out", "interface", side, *_):
                    lists.outward[side] = (name, statement)
                case (name, "global", *_):
                    lists.everywhere = (name, statement)
                case _:
                    problems.append(Problem(citation=statement.place, message=f"not understood: {statement.text}"))
    return lists


def _asked(lists: _Lists, name: str, statement: Statement, matches: tuple[Match, ...]) -> Rule:
    """Ask a list; one that is not in the file may do anything."""
    known = name in lists.entries
    action: Action = Jump(chain=f"list {name}") if known else UnsupportedAction(text=statement.text)
    return Rule(matches=matches, action=action, text=statement.text, citation=statement.place)


def _end(name: str, statement: Statement, matches: tuple[Match, ...]) -> Rule:
    text = f"the implicit deny of access list {name}"
    return Rule(matches=matches, action=Drop(), text=text, citation=statement.place)


def _inward(lists: _Lists, sides: dict[str, Side]) -> Iterator[Rule]:
    """Ask the list of the interface, then the one for all; who was asked and not permitted is denied."""
    for side, (name, statement) in lists.inward.items():
        arriving = (InputInterface(names=frozenset({side})),)
        yield _asked(lists, name, statement, arriving)
        if lists.everywhere is None:
            yield _end(name, statement, arriving)
    if lists.everywhere is not None and sides:
        yield _asked(lists, *lists.everywhere, ())
        yield _end(*lists.everywhere, ())


def _outward(lists: _Lists) -> Iterator[Rule]:
    for side, (name, statement) in lists.outward.items():
        leaving = (OutputInterface(names=frozenset({side})),)
        yield _asked(lists, name, statement, leaving)
        yield _end(name, statement, leaving)


def _same_security(found: list[Statement], sides: dict[str, Side]) -> Iterator[Rule]:
    """Stop traffic between interfaces of one level, and back out of the same one, unless that is permitted."""
    permitted = {one.words[2] for one in found if one.starts("same-security-traffic", "permit") and len(one.words) > 2}
    for side in sides.values():
        arriving = InputInterface(names=frozenset({side.name}))
        alike = frozenset(one.name for one in sides.values() if one.level == side.level and one is not side)
        for names, need in ((alike, "inter-interface"), (frozenset({side.name}), "intra-interface")):
            if names and need not in permitted:
                text = f"no `same-security-traffic permit {need}`"
                matches = (arriving, OutputInterface(names=names))
                yield Rule(matches=matches, action=Drop(), text=text, citation=side.place)


def _nat_control(found: list[Statement]) -> Iterator[Rule]:
    """Doubt what is not translated where translation is required; PIX 6 always requires it."""
    for statement in found:
        required = statement.words == ("nat-control",) or (
            statement.words[:2] == ("PIX", "Version") and statement.words[2:3] and statement.words[2] < "7"
        )
        if required:
            matches = (Translated(negated=True), Unsupported(text="whether a translation that is required exists"))
            yield Rule(matches=matches, action=Drop(), text=statement.text, citation=statement.place)


def _levels(found: list[Statement], sides: dict[str, Side], lists: _Lists) -> Iterator[Rule]:
    """Without a list of its own, an interface sends to lower levels only."""
    if lists.everywhere is not None:
        return
    for statement in found:
        if statement.words[0] == "conduit":
            yield cisco_acl.unread(statement)
    for side in sides.values():
        if side.name in lists.inward:
            continue
        arriving = InputInterface(names=frozenset({side.name}))
        higher = [one for one in sides.values() if one.level > side.level]
        for listed in (False, True):
            names = frozenset(one.name for one in higher if (one.name in lists.outward) is listed)
            if not names:
                continue
            doubt = (Unsupported(text="whether a list outwards replaces the levels"),) if listed else ()
            text = f"security level {side.level} of {side.name} is lower, and no list is bound to it"
            matches = (arriving, OutputInterface(names=names), *doubt)
            yield Rule(matches=matches, action=Drop(), text=text, citation=side.place)
