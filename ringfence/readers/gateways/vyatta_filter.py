"""Compiles the filters of a Vyatta box: rule sets on interfaces, VyOS 1.4's base chains, and zones."""

from collections.abc import Iterable, Iterator, Mapping

from ringfence.model.packetfilter import (
    Chain,
    Drop,
    Hook,
    Jump,
    Match,
    Return,
    Rule,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.vyatta_interfaces import DIRECTIONS, Attached
from ringfence.readers.gateways.vyatta_rules import HOOKS, PRIORITIES, TABLE, Side, coming_in, going_out, rule
from ringfence.readers.gateways.vyatta_tree import Node, words

#: What a zone may say; a zone that says more is not understood.
ZONE_WORDS = frozenset(
    {"default-action", "default-log", "description", "enable-default-log", "from", "interface", "intra-zone-filtering"}
    | {"local-zone", "member", "default-firewall"}
)


def chains(side: Side, attached: Mapping[str, Attached], first: Iterable[Rule]) -> Iterator[Chain]:
    """Give all filter chains of one IP version; ``first`` are rules that come before all others in FORWARD."""
    first = tuple(first)
    yield from _named(side)
    if side.is_modern:
        yield from _modern(side, first)
        yield _base(side, Hook.FORWARD, "zones", (*first, *_zones(side, ("firewall", "zone"))), priority=1)
        yield from _zone_chains(side, ("firewall", "zone"))
        return
    path = next((one for one in (("zone-policy", "zone"), ("firewall", "zone")) if side.export.root.has(*one)), ())
    forward = (*first, *_attached(side, attached, "in"), *_attached(side, attached, "out"), *_zones(side, path))
    yield _base(side, Hook.FORWARD, "forward", forward)
    yield _base(side, Hook.INPUT, "local", tuple(_attached(side, attached, "local")))
    yield from _zone_chains(side, path)


def _base(side: Side, hook: Hook, name: str, rules: tuple[Rule, ...], priority: int = 0) -> Chain:
    place = rules[0].citation if rules else side.export.place(None)
    return Chain(table=TABLE, name=name, family=side.family, rules=rules, hook=hook, priority=priority, citation=place)


def _named(side: Side) -> Iterator[Chain]:
    for name, node in side.export.root.below(*side.root):
        path = (*side.root, name)
        default = side.default(path, "drop")
        yield Chain(
            table=TABLE,
            name=side.chain_name(name),
            family=side.family,
            rules=(*side.rules(path), *([default] if default is not None else [])),
            citation=side.export.place(node),
        )


def _modern(side: Side, first: tuple[Rule, ...]) -> Iterator[Chain]:
    """Give the base chains; where their default action is not said, they accept."""
    for word, hook in HOOKS.items():
        for name, node in side.export.root.below("firewall", f"ipv{side.version}", word):
            path = ("firewall", f"ipv{side.version}", word, name)
            default = side.default(path, "")
            yield Chain(
                table=TABLE,
                name=f"{word} {name}",
                family=side.family,
                rules=(
                    *(first if hook == Hook.FORWARD else ()),
                    *side.rules(path),
                    *([default] if default is not None else []),
                ),
                hook=hook,
                priority=PRIORITIES.get(name, 0),
                citation=side.export.place(node),
            )


def _attached(side: Side, attached: Mapping[str, Attached], direction: str) -> Iterator[Rule]:
    """Give the jumps into the rule sets that stand on interfaces (`interfaces ethernet eth0 firewall in name X`)."""
    for one in attached.values():
        for where, word, name in one.rule_sets:
            if where == direction and word == side.word:
                yield _jump(side, one.node.at("firewall", where), one.name, direction, name)
    for interface, node in side.export.root.below("firewall", "interface"):  # VyOS 1.4 before its base chains
        for where in DIRECTIONS:
            name = node.value(where, side.word)
            if where == direction and name:
                yield _jump(side, node.at(where), interface, direction, name)


def _jump(side: Side, node: Node | None, interface: str, direction: str, name: str) -> Rule:
    match = going_out(interface) if direction == "out" else coming_in(interface)
    text = f"interface {interface} firewall {direction} {side.word} {name}"
    if not side.export.root.has(*side.root, name):
        side.export.problem(node, f"the rule set {name} is not in the export")
    return rule(side.export, node, text, (match,), Jump(chain=side.chain_name(name)))


def _members(node: Node | None) -> frozenset[str]:
    if node is None:
        return frozenset()
    return frozenset({*node.values("member", "interface"), *node.values("interface")})


def _zones(side: Side, path: tuple[str, ...]) -> Iterator[Rule]:
    """Give the jumps into the chain of the zone that a packet leaves to."""
    for name, node in side.export.root.below(*path) if path else ():
        members = _members(node)
        if node.has("local-zone"):
            continue
        matches: tuple[Match, ...] = (going_out(*members),)
        if node.has("member", "vrf"):
            text = f"zone {name} {words(node)}"
            side.export.problem(node, f"not interpreted: the VRFs of zone {name}")
            matches = (Unsupported(text=text),)
        yield rule(side.export, node, f"{' '.join(path)} {name}", matches, Jump(chain=f"zone {name}"))


def _zone_chains(side: Side, path: tuple[str, ...]) -> Iterator[Chain]:
    """Give a chain per zone: within the zone, then from each other zone, then its default action."""
    for name, node in side.export.root.below(*path) if path else ():
        if node.has("local-zone"):
            continue
        rules = (*_within(side, path, name, node), *_from(side, path, name, node), *_otherwise(side, path, name, node))
        place = side.export.place(node)
        yield Chain(table=TABLE, name=f"zone {name}", family=side.family, rules=rules, citation=place)


def _within(side: Side, path: tuple[str, ...], name: str, node: Node) -> Iterator[Rule]:
    members = coming_in(*_members(node))
    inside = node.at("intra-zone-filtering")
    text = f"{' '.join(path)} {name} intra-zone-filtering {words(inside) if inside is not None else 'accept'}"
    named = inside.value("firewall", side.word) if inside is not None else ""
    if named:
        yield rule(side.export, inside, text, (members,), Jump(chain=side.chain_name(named)))
    elif inside is not None and inside.value("action") in {"drop", "reject"}:
        yield rule(side.export, inside, text, (members,), Drop(reject=inside.value("action") == "reject"))
    yield rule(side.export, inside or node, text, (members,), Return())


def _from(side: Side, path: tuple[str, ...], name: str, node: Node) -> Iterator[Rule]:
    for other, below in node.below("from"):
        source = side.export.root.at(*path, other)
        named = below.value("firewall", side.word)
        if source is None or source.has("local-zone") or not named:
            continue
        text = f"{' '.join(path)} {name} from {other} {words(below)}"
        matches: tuple[Match, ...] = (coming_in(*_members(source)),)
        if source.has("member", "vrf"):
            matches = (Unsupported(text=f"zone {other} {words(source)}"),)
        yield rule(side.export, below, text, matches, Jump(chain=side.chain_name(named)))
        yield rule(side.export, below, text, matches, Return())


def _otherwise(side: Side, path: tuple[str, ...], name: str, node: Node) -> Iterator[Rule]:
    unknown = [word for word in node.children if word not in ZONE_WORDS]
    if unknown:
        side.export.problem(node, f"not interpreted: zone {name} {' '.join(unknown)}")
        yield rule(side.export, node, f"zone {name} {words(node)}", (), UnsupportedAction(text=f"zone {name}"))
    named = node.value("default-firewall", side.word)
    if named:
        text = f"{' '.join(path)} {name} default-firewall {named}"
        yield rule(side.export, node.at("default-firewall"), text, (), Jump(chain=side.chain_name(named)))
    verdict = node.value("default-action") or "drop"
    text = f"{' '.join(path)} {name} default-action {verdict}"
    place = node.at("default-action") or node
    yield rule(side.export, place, text, (), side.action(node, verdict))
