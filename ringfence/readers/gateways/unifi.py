"""Reads what a UniFi controller answers about port forwards and its firewall.

Wanted are `rest/portforward`, `rest/firewallrule` or `/v2/…/firewall-policies` with `firewall/zone`,
`rest/firewallgroup` and `rest/networkconf`: in one JSON under their names, or in files side by side, which are read
together. Port forwards are for IPv4 only, and so is what is read here.
"""

import re
from ipaddress import ip_network

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    ChainKind,
    Drop,
    Family,
    Hook,
    InputInterface,
    Mark,
    PacketKind,
    Rule,
    Ruleset,
    SetMark,
    TranslateDestination,
    Unsupported,
)
from ringfence.model.site import Interface, Route
from ringfence.readers.artifacts import Artifacts, content, decoded
from ringfence.readers.gateways import unifi_forward, unifi_rules, unifi_zones
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.unifi_json import BadJsonError, parse
from ringfence.readers.gateways.unifi_objects import FORWARD, POLICY, RULE, SETTING, ZONE, Objects, kind_of_name
from ringfence.readers.linux.unread import missing_rule

MAX_BYTES = 64 * 1024 * 1024
SNIFFED_BYTES = 64 * 1024
#: A mark that no rule of the box sets; it tells what programs opened from what rules forward.
OPENED = 0x40000000
UPNP = "ports that programs opened through UPnP, which the export does not list"

_START = re.compile(r"^[\ufeff\s]*[\[{]")
_FIELDS = re.compile(
    r'"(?:fwd_port|pfwd_interface|src_limiting_enabled|group_members|src_firewallgroup_ids|connection_state_type'
    r'|zone_key|wan_networkgroup|dhcpd_start)"\s*:|"ruleset"\s*:\s*"(?:WAN|LAN|GUEST)(?:v6)?_'
)
#: An answer that holds nothing: `{"meta": {"rc": "ok"}, "data": []}`
_EMPTY = re.compile(r'^[\ufeff\s]*\{\s*"meta"\s*:\s*\{\s*"rc"\s*:\s*"ok"\s*\}\s*,\s*"data"\s*:\s*\[\s*\]\s*\}\s*$')


def recognises(head: bytes) -> bool:
    """Tell whether the beginning of a file is an answer of a UniFi controller about its firewall."""
    text = decoded(head)
    return _START.match(text) is not None and (_FIELDS.search(text) or _EMPTY.match(text)) is not None


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read an export together with those beside it; the first of them by name gives the gateway, the others None."""
    folder = name.rpartition("/")[0]
    beside = [other for other in artifacts.names() if other.rpartition("/")[0] == folder]
    together = [other for other in beside if other == name or recognises(content(artifacts, other, SNIFFED_BYTES))]
    if together[:1] != [name]:
        return Reading(facts=None)
    objects = Objects(file=name)
    for other in together:
        _load(objects, artifacts, other)
    if not objects.present:
        objects.problem(objects.place, "nothing about port forwards or the firewall was found")
        return Reading(facts=None, problems=tuple(objects.problems))
    return Reading(facts=_gateway(objects), problems=tuple(objects.problems))


def _load(objects: Objects, artifacts: Artifacts, name: str) -> None:
    raw = content(artifacts, name, MAX_BYTES)
    try:
        for value in parse(decoded(raw)):
            objects.add(name, value, kind_of_name(name.rpartition("/")[2]))
    except BadJsonError as error:
        objects.damaged = True
        place = Citation(file=name, line=error.line)
        objects.problems.append(Problem(citation=place, message=f"not whole JSON: {error}; the file was not read"))


def _gateway(objects: Objects) -> Gateway:
    networks = objects.networks()
    named = {one.name for one in networks if one.is_outside}
    forwards = unifi_forward.forwards(objects)
    used = {name for one in forwards for match in one.outside for name in _names(match)}
    outside = frozenset(named or used or {"wan"})
    translations = [forward.translation() for forward in forwards]
    if FORWARD not in objects.present:
        translations.append(_missing(objects, "the port forwards (rest/portforward)"))
    translations += unifi_forward.other_translations(objects)
    opened, translation = _upnp(objects)
    lost = (missing_rule(objects.place, "what is missing of the export"),) if objects.damaged else ()
    chains = [_translations(objects, (*translations, *lost, *translation))]
    where = unifi_rules.sides(networks, frozenset(outside | used))
    chains += _filters(objects, where, forwards, (*opened, *lost, *_countries(objects, where.outside)))
    return Gateway(
        product="UniFi",
        interfaces=tuple(
            Interface(name=one.name, addresses=one.addresses, citation=one.thing.place) for one in networks
        ),
        routes=tuple(
            Route(network=ip_network("0.0.0.0/0"), via=None, interface=one.name, citation=one.thing.place)
            for one in networks
            if one.is_outside
        ),
        outside=outside,
        ruleset=Ruleset(chains=tuple(chains), product="UniFi", citation=objects.place),
    )


def _names(match: object) -> frozenset[str]:
    return match.names if isinstance(match, InputInterface) else frozenset()


def _missing(objects: Objects, what: str) -> Rule:
    objects.problem(objects.place, f"not in the export: {what}")
    return missing_rule(objects.place, f"{what}, not in the export")


def _translations(objects: Objects, rules: tuple[Rule, ...]) -> Chain:
    return Chain(
        table="nat",
        name="port forwards",
        family=Family.IPV4,
        rules=rules,
        hook=Hook.PREROUTING,
        kind=ChainKind.NAT,
        priority=-100,
        citation=objects.place,
    )


def _filters(
    objects: Objects, where: unifi_rules.Sides, forwards: tuple[unifi_forward.Forward, ...], first: tuple[Rule, ...]
) -> list[Chain]:
    """Compile whichever of the two firewalls the export shows."""
    has_rules = any(thing.value.text("ruleset") in unifi_rules.RULE_SETS for thing in objects.of(RULE))
    if POLICY in objects.present:
        if has_rules:
            text = "rules of the older kind beside zone policies (which of them the box uses)"
            first = (*first, _missing(objects, text))
        return [unifi_zones.chain(objects, where, first)]
    if ZONE in objects.present:
        first = (*first, _missing(objects, "the policies between the zones (/v2/…/firewall-policies)"))
        return [unifi_zones.chain(objects, where, first)]
    if RULE not in objects.present:
        first = (*first, _missing(objects, "the firewall's rules (rest/firewallrule, or /v2/…/firewall-policies)"))
    return list(unifi_rules.chains(objects, where, forwards, first))


def _countries(objects: Objects, outside: frozenset[str]) -> tuple[Rule, ...]:
    """Give the doubt that filtering by country brings: no export tells which addresses a country has."""
    found: list[Rule] = []
    for thing in objects.of(SETTING):
        if thing.value.flag("geo_ip_filtering_enabled"):
            text = "geo_ip_filtering_enabled: filtering by country"
            objects.problem(thing.place, f"not interpreted: {text}")
            matches = (InputInterface(names=outside), Unsupported(text=text))
            found.append(Rule(matches=matches, action=Drop(), text=text, citation=thing.place))
    return tuple(found)


def _upnp(objects: Objects) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Give what UPnP may have opened: a forward of anything that may exist or not, and that no rule refuses."""
    for thing in objects.of(SETTING):
        if not thing.value.flag("upnp_enabled"):
            continue
        objects.problem(thing.place, "UPnP is on: programs may have opened ports that the export does not list")
        mark = Mark(value=OPENED, mask=OPENED, connection=True)
        accept = Rule(matches=(mark,), action=Accept(), text="upnp_enabled true", citation=thing.place)
        forward = Rule(
            matches=(PacketKind(kinds=frozenset({"local"})), Unsupported(text=UPNP)),
            action=TranslateDestination(addresses=PRIVATE & AddressSet.all_ipv4()),
            effects=(SetMark(value=OPENED, mask=OPENED, connection=True),),
            text="upnp_enabled true",
            citation=thing.place,
        )
        return (accept,), (forward,)
    return (), ()
