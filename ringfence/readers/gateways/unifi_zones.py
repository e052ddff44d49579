"""Compiles UniFi's policies between zones (`/v2/…/firewall-policies`, `firewall/zone`), Network 9 and later.

The first policy by index decides. How policies and port forwards go together is not confirmed: what a policy refuses of
a forward is therefore unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    ConnectionState,
    DestinationPort,
    Drop,
    Family,
    Hook,
    InputInterface,
    Match,
    OutputInterface,
    Rule,
    SourcePort,
    Translated,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.unifi_json import Value
from ringfence.readers.gateways.unifi_objects import POLICY, ZONE, Network, Objects, Thing
from ringfence.readers.gateways.unifi_rules import Sides, about, address, port, protocol, unsupported

OUTSIDE_KEYS = frozenset({"external", "wan"})
GATEWAY_KEY = "gateway"
INTERPLAY = "how zone policies treat port forwards, which is not confirmed"
ALWAYS = frozenset({"", "ALWAYS"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Zones:
    """The zones of an export with what is known about their interfaces."""

    objects: Objects
    zones: Mapping[str, Thing]
    networks: Mapping[str, Network]
    where: Sides

    def is_gateway(self, value: Value) -> bool:
        """Tell whether a side of a policy is the box itself."""
        zone = self.zones.get(value.text("zone_id"))
        return zone is not None and zone.value.text("zone_key") == GATEWAY_KEY

    def match(self, thing: Thing, value: Value, *, is_source: bool) -> Iterator[Match]:
        """Match the interfaces of a zone."""
        kind = InputInterface if is_source else OutputInterface
        zone = self.zones.get(value.text("zone_id"))
        if zone is None:
            yield unsupported(self.objects, thing, f"{_side(is_source=is_source)} zone, which is not in the export")
            return
        if zone.value.text("zone_key").lower() in OUTSIDE_KEYS:
            yield kind(names=self.where.outside)
            return
        ids = zone.value.texts("network_ids")
        names = frozenset(self.networks[one].name for one in ids if one in self.networks)
        if len(names) == len(ids):
            yield kind(names=names)
            return
        yield kind(names=self.where.outside, negated=True)
        text = f"the networks of zone {zone.value.text('name')} (rest/networkconf)"
        yield Unsupported(text=text)


def _side(*, is_source: bool) -> str:
    return "source" if is_source else "destination"


def chain(objects: Objects, where: Sides, first: tuple[Rule, ...]) -> Chain:
    """Give the one FORWARD chain of a zone-based firewall; ``first`` are rules before all others."""
    zones = Zones(
        objects=objects,
        zones=objects.by_id(ZONE),
        networks={network.id: network for network in objects.networks()},
        where=where,
    )
    incoming = InputInterface(names=where.outside)
    interplay = Rule(
        matches=(incoming, Translated(), Unsupported(text=INTERPLAY)),
        action=Accept(),
        text=f"port forwards: {INTERPLAY}",
        citation=objects.place,
    )
    rest = "policies that are not in the export"
    last = Rule(matches=(), action=UnsupportedAction(text=rest), text=rest, citation=objects.place)
    policies = sorted(objects.of(POLICY), key=_index)
    return Chain(
        table="firewall",
        name="policies",
        family=Family.IPV4,
        rules=(*first, interplay, *(rule for thing in policies for rule in _policy(zones, thing)), last),
        hook=Hook.FORWARD,
        citation=objects.place,
    )


def _index(thing: Thing) -> int:
    text = thing.value.text("index")
    return int(text) if text.isdecimal() and len(text) < 12 else 10**12


def _policy(zones: Zones, thing: Thing) -> Iterator[Rule]:
    value = thing.value
    source, destination = value.get("source"), value.get("destination")
    if source is None or destination is None or value.text("ip_version") == "IPV6":
        return
    if zones.is_gateway(source) or zones.is_gateway(destination):
        return
    text = thing.shown("policy")
    matches: list[Match] = []
    for side, is_source in ((source, True), (destination, False)):
        matches += zones.match(thing, side, is_source=is_source)
        matches += _target(zones, thing, side, is_source=is_source)
        matches += _ports(zones, thing, side, is_source=is_source)
    matches += protocol(value.text("protocol"), negated=value.flag("match_opposite_protocol") is True)
    matches += _states(zones, thing)
    if value.flag("match_ip_sec"):
        matches.append(unsupported(zones.objects, thing, "match_ip_sec"))
    matches += _schedule(zones, thing)
    yield Rule(matches=tuple(matches), action=_action(zones, thing, text), text=text, citation=thing.place)


def _action(zones: Zones, thing: Thing, text: str) -> Action:
    match thing.value.text("action").upper():
        case "ALLOW":
            return Accept()
        case "BLOCK":
            return Drop()
        case "REJECT":
            return Drop(reject=True)
        case _:
            zones.objects.problem(thing.place, f"not interpreted: the action of {text}")
            return UnsupportedAction(text=text)


def _target(zones: Zones, thing: Thing, side: Value, *, is_source: bool) -> Iterator[Match]:
    """Read which addresses of a zone are meant; countries, applications and clients are not interpreted."""
    kind = side.text("matching_target").upper() or "ANY"
    negated = side.flag("match_opposite_ips") is True
    text = f"{_side(is_source=is_source)} {kind}"
    if side.flag("match_mac"):
        yield unsupported(zones.objects, thing, f"{text} with match_mac")
    match kind:
        case "ANY":
            return
        case "IP" if side.text("ip_group_id"):
            members = zones.objects.addresses(side.text("ip_group_id"))
            if members is not None:
                yield about(~members if negated else members, is_source=is_source)
                return
        case "IP" if side.texts("ips"):
            try:
                yield address(",".join(side.texts("ips")), is_source=is_source, negated=negated)
            except ValueError:
                pass
            else:
                return
        case "NETWORK" if all(one in zones.networks for one in side.texts("network_ids")):
            held = [own.network for one in side.texts("network_ids") for own in zones.networks[one].addresses]
            if held:
                found = AddressSet.of(*held)
                opposite = side.flag("match_opposite_networks") is True
                yield about(~found if opposite else found, is_source=is_source)
                return
        case _:
            pass
    yield unsupported(zones.objects, thing, text)


def _ports(zones: Zones, thing: Thing, side: Value, *, is_source: bool) -> Iterator[Match]:
    negated = side.flag("match_opposite_ports") is True
    match side.text("port_matching_type").upper():
        case "" | "ANY":
            return
        case "SPECIFIC" if side.text("port"):
            try:
                yield port(side.text("port"), is_source=is_source, negated=negated)
            except ValueError:
                pass
            else:
                return
        case "OBJECT":
            found = zones.objects.ports(side.text("port_group_id"))
            if found is not None:
                found = ~found if negated else found
                yield SourcePort(ports=found) if is_source else DestinationPort(ports=found)
                return
        case _:
            pass
    yield unsupported(zones.objects, thing, f"{_side(is_source=is_source)} ports")


def _states(zones: Zones, thing: Thing) -> Iterator[Match]:
    match thing.value.text("connection_state_type").upper():
        case "" | "ALL":
            return
        case "RESPOND_ONLY":
            yield ConnectionState(states=frozenset({"established", "related"}))
        case "CUSTOM" if thing.value.texts("connection_states"):
            states = frozenset(state.lower() for state in thing.value.texts("connection_states"))
            yield ConnectionState(states=states)
        case _:
            yield unsupported(zones.objects, thing, "connection_state_type")


def _schedule(zones: Zones, thing: Thing) -> Iterator[Match]:
    schedule = thing.value.get("schedule")
    if schedule is None or schedule.text("mode").upper() in ALWAYS:
        return
    if schedule.text("mode").upper() == "EVERY_DAY" and schedule.flag("time_all_day"):
        return
    hours = f"{schedule.text('time_range_start')} to {schedule.text('time_range_end')}"
    yield unsupported(zones.objects, thing, f"schedule {schedule.text('mode')} {hours}")
