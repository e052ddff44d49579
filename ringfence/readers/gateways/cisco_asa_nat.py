"""ASA's address translation since 8.3, in its three sections: manual rules, object rules, manual rules after them.

A static rule works both ways unless it is `unidirectional`. Object rules are ordered by ASA itself: static before
dynamic, fewer addresses first, then the lowest address, then the name. A packet takes the first rule that fits; a
manual rule decides about source and destination at once, which the number that it leaves as a mark keeps together.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import (
    Accept,
    InputInterface,
    Mark,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    Rule,
    SetMark,
    SourceAddress,
    Translated,
    TranslateSource,
    Unsupported,
)
from ringfence.readers.gateways import cisco_acl, mapped
from ringfence.readers.gateways.cisco_asa_rule import Target, Twice, before_description, manual_rule, object_rule
from ringfence.readers.gateways.cisco_lines import Statement
from ringfence.readers.gateways.cisco_objects import Objects
from ringfence.readers.gateways.cisco_terms import Service

SOURCE_ONLY = "which rule rewrites the source where another one rewrote the destination"


@dataclass(slots=True, kw_only=True)
class Translations:
    """The rules found so far: for destinations on arrival, for sources on leaving."""

    objects: Objects
    problems: list[Problem]
    arriving: list[Rule] = field(default_factory=list)
    leaving: list[Rule] = field(default_factory=list)
    _count: int = 0

    def read(self, statements: list[Statement]) -> None:
        """Take in all rules in the order in which ASA tries them."""
        manual = [one for one in statements if one.words[0] == "nat" and len(one.words) > 3]
        after = [one for one in manual if "after-auto" in one.words[:4]]
        for statement in manual:
            if statement not in after:
                self._add(statement, "")
        for name, statement in self._by_object(statements):
            self._add(statement, name)
        for statement in after:
            self._add(statement, "")

    def _by_object(self, statements: list[Statement]) -> list[tuple[str, Statement]]:
        found = [
            (one.words[2], below)
            for one in statements
            if one.starts("object", "network") and len(one.words) > 2
            for below in one.below
            if below.words[0] == "nat" and len(below.words) > 3
        ]

        def order(item: tuple[str, Statement]) -> tuple[bool, int, int, str]:
            name, statement = item
            real = self.objects.hosts(name).addresses
            lowest = real.ipv4[0][0] if real.ipv4 else 0
            return statement.words[2] != "static", real.count, lowest, name

        return sorted(found, key=order)

    def _add(self, statement: Statement, name: str) -> None:
        if "inactive" in before_description(statement.words):
            return
        self._count += 1
        try:
            rule = object_rule(statement, name, self.objects) if name else manual_rule(statement, self.objects)
            self._compile(rule)
        except (ValueError, IndexError):
            self.arriving.append(cisco_acl.unread(statement))
            self.leaving.append(cisco_acl.unread(statement))
            message = "the translation was not understood; what it forwards is unknown"
            self.problems.append(Problem(citation=statement.place, message=message))

    def _own(self, target: Target, side: str) -> Target:
        """Give an interface's own address in place of the word; it stays unknown where somebody else gives it."""
        if not target.interface:
            return target
        known = self.objects.interfaces.get(side)
        return Target(addresses=known or None, interface=True)

    def _compile(self, rule: Twice) -> None:
        mapped_to = self._own(rule.mapped, rule.mapped_side)
        if rule.far_mapped is not None and rule.far_real is not None:
            far = self._own(rule.far_mapped, rule.real_side), rule.far_real
            self._forth(rule, far)
        if not rule.one_way:
            self._back(rule, mapped_to)
        self._source(rule, mapped_to)

    def _forth(self, rule: Twice, far: tuple[Target, Target]) -> None:
        """Rewrite the destination of packets that come in on the real side."""
        matches = [*_in(rule.real_side), *rule.doubts]
        if not rule.real.everything and rule.real.addresses is not None:
            matches.append(SourceAddress(addresses=rule.real.addresses))
        asked, given = rule.services or (Service(), Service())
        self._destination(rule, matches, far, (asked.protocols, asked.ports, given.ports))

    def _back(self, rule: Twice, mapped_to: Target) -> None:
        """Rewrite the destination of packets that come in on the mapped side."""
        matches = [*_in(rule.mapped_side), *rule.doubts]
        far = rule.far_real
        if far is not None and not far.everything and far.addresses is not None:
            matches.append(SourceAddress(addresses=far.addresses))
        ports = (rule.asked.protocols, rule.asked.ports, rule.given.ports)
        if rule.services is not None:
            given, asked = rule.services
            if given.ports is not None or asked.ports is not None:
                matches.append(Unsupported(text=f"service of {rule.statement.text}"))
            ports = (asked.protocols, asked.source_ports, given.source_ports)
        self._destination(rule, matches, (mapped_to, rule.real), ports)

    def _destination(
        self,
        rule: Twice,
        matches: list[Match],
        pair: tuple[Target, Target],
        ports: tuple[frozenset[str] | None, PortSet | None, PortSet | None],
    ) -> None:
        outside, inside = pair
        protocols, asked, given = ports
        if inside.addresses is None:
            raise ValueError("an interface behind the translation")
        if protocols is not None:
            matches.append(Protocol(names=protocols))
        if outside.addresses is None:
            matches.append(PacketKind(kinds=frozenset({"local"})))
        known = _as_wide(outside.addresses, inside.addresses)
        effects = (SetMark(value=self._count),)
        text, place = rule.statement.text, rule.statement.place
        forward = mapped.Forward(
            inside=inside.addresses,
            outside=known,
            outside_ports=asked,
            inside_ports=given,
            matches=tuple(matches),
            effects=effects,
            # members of a group answer to each other in the order of the group, which sets do not keep
            paired=max(len(inside.addresses.ipv4), len(known.ipv4) if known is not None else 1) == 1,
            text=text,
            citation=place,
        )
        found = list(mapped.rules(forward))
        if known == inside.addresses and (given is None or given == asked):  # to itself: exempt from all that follows
            found = [
                Rule(matches=one.matches, action=Accept(), effects=effects, text=text, citation=place)
                for one in mapped.rules(mapped.Forward(inside=AddressSet(), outside=known, outside_ports=asked,
                                                       matches=tuple(matches), text=text, citation=place))
            ]  # fmt: skip
        self.arriving += found

    def _source(self, rule: Twice, mapped_to: Target) -> None:
        """Rewrite sources: of what the same rule sent on, and of what leaves by the mapped side otherwise."""
        text, place = rule.statement.text, rule.statement.place
        same = rule.static and rule.real.addresses == mapped_to.addresses and not mapped_to.interface
        action = Accept() if same else TranslateSource(addresses=mapped_to.addresses)
        leaving = (*_in(rule.real_side), *_out(rule.mapped_side), *rule.doubts)
        source = () if rule.real.everything or rule.real.addresses is None else (
            SourceAddress(addresses=rule.real.addresses),
        )  # fmt: skip
        mark = Mark(value=self._count)
        if rule.far_mapped is not None and rule.far_real is not None:
            forth = (mark, *leaving, *source)
            self.leaving.append(Rule(matches=forth, action=action, text=text, citation=place))
            kept = rule.far_mapped == rule.far_real
            back = Accept() if kept else TranslateSource(addresses=rule.far_mapped.addresses)
            back_again = (mark, *_in(rule.mapped_side))
            self.leaving.append(Rule(matches=back_again, action=back, text=text, citation=place))
            return
        if rule.manual:
            self.leaving.append(Rule(matches=(mark,), action=Accept(), text=text, citation=place))
        if rule.asked.ports is None and rule.services is None:
            for more in ((Translated(negated=True),), (Translated(), Unsupported(text=SOURCE_ONLY))):
                matches = (*more, *leaving, *source)
                self.leaving.append(Rule(matches=matches, action=action, text=text, citation=place))


def _in(side: str) -> Iterator[Match]:
    if side != "any":
        yield InputInterface(names=frozenset({side}))


def _out(side: str) -> Iterator[Match]:
    if side != "any":
        yield OutputInterface(names=frozenset({side}))


def _as_wide(outside: AddressSet | None, inside: AddressSet) -> AddressSet | None:
    """Stretch a single mapped address to the size of what stands behind it: it is the first of as many."""
    if outside is None or outside.count != 1 or inside.count == 1:
        return outside
    first = outside.ipv4[0][0]
    return AddressSet(ipv4=((first, first + inside.count - 1),))
