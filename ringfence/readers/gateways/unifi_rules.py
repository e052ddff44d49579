"""Compiles UniFi's rules of the older kind (`rest/firewallrule`): rule sets WAN_IN, LAN_IN, GUEST_IN and their like.

On the box (`iptables -L` of a UDM and of a USG): the user's rules before the predefined ones, then the copies of the
port forwards, then the user's rules after them, then the rule set's last word; *accept* returns, so that the rule sets
of the way out are asked too.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import (
    Action,
    Chain,
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    Drop,
    Family,
    Hook,
    InputInterface,
    Jump,
    Match,
    OutputInterface,
    Protocol,
    Return,
    Rule,
    SourceAddress,
    SourcePort,
    Translated,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.unifi_forward import Forward
from ringfence.readers.gateways.unifi_objects import FORWARD, GROUP, RULE, Network, Objects, Thing, ports
from ringfence.readers.linux import notation

TABLE = "firewall"
RULE_SETS = ("WAN_IN", "LAN_IN", "GUEST_IN", "WAN_OUT", "LAN_OUT", "GUEST_OUT")
STATES = {
    "state_new": "new",
    "state_established": "established",
    "state_related": "related",
    "state_invalid": "invalid",
}
GUESTS = "what guests may reach, which the settings of the hotspot say"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """The interfaces by what the rule sets call them; None where the networks are not in the export."""

    outside: frozenset[str]
    inside: frozenset[str] | None = None
    guests: frozenset[str] | None = None


def sides(networks: tuple[Network, ...], outside: frozenset[str]) -> Sides:
    """Sort the networks into outside, inside and guests."""
    inner = [network for network in networks if not network.is_outside]
    if not inner:
        return Sides(outside=outside)
    return Sides(
        outside=outside,
        inside=frozenset(network.name for network in inner if not network.is_guest),
        guests=frozenset(network.name for network in inner if network.is_guest),
    )


def chains(objects: Objects, where: Sides, forwards: tuple[Forward, ...], first: tuple[Rule, ...]) -> Iterator[Chain]:
    """Give the filter chains; ``first`` are rules that come before all others in FORWARD."""
    for name in RULE_SETS:
        yield Chain(
            table=TABLE,
            name=name,
            family=Family.IPV4,
            rules=tuple(_rule_set(objects, name, forwards)),
            citation=objects.place,
        )
    yield Chain(
        table=TABLE,
        name="forward",
        family=Family.IPV4,
        rules=(*first, *(rule for name in RULE_SETS for rule in _jumps(objects, where, name))),
        hook=Hook.FORWARD,
        citation=objects.place,
    )


def _jumps(objects: Objects, where: Sides, name: str) -> Iterator[Rule]:
    """Give the jumps into a rule set by the interfaces that it is for."""
    zone, _, direction = name.partition("_")
    kind = InputInterface if direction == "IN" else OutputInterface
    known = {"WAN": where.outside, "LAN": where.inside, "GUEST": where.guests}[zone]
    matches: tuple[Match, ...] = (kind(names=known or frozenset()),)
    if known is None:
        doubt = Unsupported(text=f"whether the interface is one of {zone} (rest/networkconf is not in the export)")
        matches = (kind(names=where.outside, negated=True), doubt)
    elif not known:
        return
    yield Rule(matches=matches, action=Jump(chain=name), text=f"rule set {name}", citation=objects.place)


def _rule_set(objects: Objects, name: str, forwards: tuple[Forward, ...]) -> Iterator[Rule]:
    before, after, elsewhere = _user_rules(objects, name)
    for thing in before:
        yield _rule(objects, thing)
    for thing in elsewhere:
        yield _rule(objects, thing, is_placed=False)
    if name == "WAN_IN":
        for forward in forwards:
            text = f"WAN_IN, opened by {forward.text}"
            yield Rule(matches=forward.inside(), action=Return(), text=text, citation=forward.thing.place)
        if FORWARD not in objects.present:
            unread = UnsupportedAction(text="the port forwards, not in the export")
            yield Rule(matches=(Translated(),), action=unread, text=f"WAN_IN: {unread.text}", citation=objects.place)
    for thing in after:
        yield _rule(objects, thing)
    if name == "WAN_IN":
        yield Rule(matches=(), action=Drop(), text="WAN_IN drops what no rule accepts", citation=objects.place)
    elif name == "GUEST_IN":
        action = UnsupportedAction(text=GUESTS)
        yield Rule(matches=(), action=action, text=f"GUEST_IN: {GUESTS}", citation=objects.place)


def _user_rules(objects: Objects, name: str) -> tuple[list[Thing], list[Thing], list[Thing]]:
    """Sort the rules of a rule set into those before the predefined ones, after them, and with no such number."""
    before: list[tuple[int, Thing]] = []
    after: list[tuple[int, Thing]] = []
    elsewhere: list[Thing] = []
    for thing in objects.of(RULE):
        if thing.value.text("ruleset") != name:
            continue
        text = thing.value.text("rule_index")
        index = int(text) if text.isdecimal() and len(text) < 10 else 0
        if 2000 <= index < 3000 or 20000 <= index < 30000:
            before.append((index, thing))
        elif 4000 <= index < 5000 or 40000 <= index < 50000:
            after.append((index, thing))
        else:
            objects.problem(thing.place, "a rule_index that says neither before nor after the predefined rules")
            elsewhere.append(thing)
    ordered = [[thing for _, thing in sorted(found, key=lambda pair: pair[0])] for found in (before, after)]
    return ordered[0], ordered[1], elsewhere


def _rule(objects: Objects, thing: Thing, *, is_placed: bool = True) -> Rule:
    text = thing.shown("firewall rule")
    matches = tuple(_conditions(objects, thing))
    if not is_placed:
        matches = (*matches, Unsupported(text="rule_index, by which it is not known where the rule stands"))
    return Rule(matches=matches, action=_action(objects, thing, text), text=text, citation=thing.place)


def _action(objects: Objects, thing: Thing, text: str) -> Action:
    match thing.value.text("action").lower():
        case "accept":
            return Return()
        case "drop":
            return Drop()
        case "reject":
            return Drop(reject=True)
        case _:
            objects.problem(thing.place, f"not interpreted: the action of {text}")
            return UnsupportedAction(text=text)


def unsupported(objects: Objects, thing: Thing, text: str) -> Unsupported:
    """Keep a condition that is not interpreted, and tell so."""
    text = notation.shortened(text)
    objects.problem(thing.place, f"not interpreted: {text}")
    return Unsupported(text=text)


def _conditions(objects: Objects, thing: Thing) -> Iterator[Match]:
    value = thing.value
    yield from protocol(value.text("protocol"), negated=value.flag("protocol_match_excepted") is True)
    states = frozenset(state for field, state in STATES.items() if value.flag(field))
    if states:
        yield ConnectionState(states=states)
    for side in ("src", "dst"):
        is_source = side == "src"
        for field in ("address", "port"):
            text = value.text(f"{side}_{field}")
            if not text:
                continue
            try:
                yield address(text, is_source=is_source) if field == "address" else port(text, is_source=is_source)
            except ValueError:
                yield unsupported(objects, thing, f"{side}_{field} {text}")
        for group in value.texts(f"{side}_firewallgroup_ids"):
            yield _group(objects, thing, group, is_source=is_source)
        if value.text(f"{side}_networkconf_id"):
            yield _network(objects, thing, side)
    for field in ("src_mac_address", "ipsec"):
        if value.text(field):
            yield unsupported(objects, thing, f"{field} {value.text(field)}")


def protocol(text: str, *, negated: bool) -> Iterator[Match]:
    """Read ``tcp_udp``, ``udp``, ``all``, and their opposite."""
    name = notation.protocol_name(text or "all")
    if name == "all":
        return
    names = {"tcp", "udp"} if name == "tcp_udp" else {name}
    yield Protocol(names=frozenset(names), negated=negated)


def address(text: str, *, is_source: bool, negated: bool = False) -> Match:
    """Read addresses with commas between; raises ValueError."""
    found = AddressSet.union(notation.addresses(one) for one in text.split(","))
    return about(~found if negated else found, is_source=is_source)


def about(found: AddressSet, *, is_source: bool) -> Match:
    """Match the source or the destination."""
    return SourceAddress(addresses=found) if is_source else DestinationAddress(addresses=found)


def port(text: str, *, is_source: bool, negated: bool = False) -> Match:
    """Read ports with commas between; raises ValueError."""
    found = ~ports(text) if negated else ports(text)
    return SourcePort(ports=found) if is_source else DestinationPort(ports=found)


def _group(objects: Objects, thing: Thing, group: str, *, is_source: bool) -> Match:
    """Match a group's members; an empty set of the box holds nothing, so that the rule never matches."""
    members = objects.addresses(group)
    if members is not None:
        return about(members, is_source=is_source)
    numbers = objects.ports(group)
    if numbers is not None:
        return SourcePort(ports=numbers) if is_source else DestinationPort(ports=numbers)
    known = objects.by_id(GROUP).get(group)
    name = known.value.text("name") if known is not None else "not in the export"
    return unsupported(objects, thing, f"{'source' if is_source else 'destination'} group ({name})")


def _network(objects: Objects, thing: Thing, side: str) -> Match:
    """Match a network of the controller, or (ADDRv4) the box's own address in it."""
    found = next((one for one in objects.networks() if one.id == thing.value.text(f"{side}_networkconf_id")), None)
    kind = thing.value.text(f"{side}_networkconf_type") or "NETv4"
    if found is None or not found.addresses or kind not in {"NETv4", "ADDRv4"}:
        return unsupported(objects, thing, f"{side}_networkconf_id, a network that is not in the export")
    held = (one.network if kind == "NETv4" else one.ip for one in found.addresses)
    return about(AddressSet.of(*held), is_source=side == "src")
