"""The filter rules of an OPNsense configuration, of both generations, in the order in which pf gets them.

What the firewall blocks by itself comes first; then floating rules (priority 200000), rules on groups (300000 and the
group's sequence), rules on one interface (400000), and last (500000) those that port forwards with "register rule"
make. Within a priority those of today's model precede the older ones, by their sequence (filter.lib.inc,
FilterRuleField.php).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Match, Unsupported
from ringfence.model.site import Route
from ringfence.readers.gateways import opnsense_dnat
from ringfence.readers.gateways.opnsense_terms import Terms
from ringfence.readers.gateways.pf_builtin import blocked_sources, bypass
from ringfence.readers.gateways.pf_match import Conditions, NotLoadedError, On, Place
from ringfence.readers.gateways.pf_options import has_ports, number, protocols
from ringfence.readers.gateways.pf_rules import PfRule
from ringfence.readers.gateways.pf_words import between, on_text, rule_text
from ringfence.readers.gateways.pf_xml import Node

PRIVATE = AddressSet.of(
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "127.0.0.0/8",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "fd00::/8",
    "fe80::/10",
    "::1",
)
FLOATING, GROUP, INTERFACE, NEVER_APPLIED = 200_000, 300_000, 400_000, 600_000
#: Groups that OPNsense makes itself, with their sequence (GroupField.php).
OWN_GROUPS = {"openvpn": 10, "enc0": 10, "wireguard": 10}
VERSIONS: Mapping[str, tuple[int, ...]] = {"inet": (4,), "inet6": (6,)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A rule as it is written, whichever generation wrote it; ``ipprotocol`` empty is both."""

    node: Node
    priority: int
    action: str
    quick: bool
    direction: str
    interfaces: str
    inverted: bool
    ipprotocol: str
    protocol: str
    source: str
    source_not: bool
    source_port: str
    destination: str
    destination_not: bool
    destination_port: str
    description: str


def rules(root: Node, terms: Terms, routes: tuple[Route, ...]) -> list[PfRule]:
    """Give all rules in order."""
    found = list(_blocked_first(root, terms))
    section = root.child("filter")
    if section is not None and section.has("bypassstaticroutes"):
        found += bypass(routes, terms.interfaces, terms.notes.place(section), quick=False)
    sequences = _group_sequences(root)
    today = [_of_today(node, terms, sequences) for node in _sorted_today(root)]
    before = [_of_before(node, sequences) for node in _enabled_before(section)]
    for written in sorted((*today, *before), key=lambda one: one.priority):
        if written.priority == NEVER_APPLIED:
            continue
        try:
            found.append(_read(root, written, terms))
        except NotLoadedError as reason:
            terms.notes.add(written.node, f"the firewall does not load this {written.action} rule: {reason}")
    return [*found, *opnsense_dnat.registered_rules(root, terms)]


def _blocked_first(root: Node, terms: Terms) -> Iterator[PfRule]:
    settings, system = root.at("opnsense/interfaces/settings"), root.child("system")
    doubt: tuple[Match, ...] = ()
    if settings is None and (system is None or not system.has("ipv6allow")):
        doubt = (Unsupported(text="IPv6 is blocked by older versions, which the file does not tell"),)
    if doubt or (settings is not None and settings.truthy("disableipv6")):
        yield PfRule(
            action="block",
            quick=True,
            inward=True,
            outward=False,
            on=On(),
            conditions=Conditions(sources={6: (Place(),)}, destinations={6: (Place(),)}, further=doubt),
            text="block in quick inet6 all: IPv6 is not allowed (Interfaces > Settings)",
            citation=terms.notes.place(settings or root),
        )
    yield from blocked_sources(terms.interfaces, PRIVATE)


def _group_sequences(root: Node) -> dict[str, int]:
    section = root.child("ifgroups")
    found = dict(OWN_GROUPS)
    for entry in section.every("ifgroupentry") if section is not None else ():
        found[entry.value("ifname")] = number(entry.value("sequence"), 0)
    return found


def _sorted_today(root: Node) -> list[Node]:
    section = root.at("opnsense/firewall/filter/rules")
    nodes = [node for node in (section.every("rule") if section is not None else ()) if node.children]
    return sorted(
        (node for node in nodes if not node.has("enabled") or node.truthy("enabled")),
        key=lambda node: number(node.value("sequence"), 1),
    )


def _of_today(node: Node, terms: Terms, sequences: Mapping[str, int]) -> Written:
    interfaces = [name for name in node.value("interface").replace(" ", "").split(",") if name]
    inverted = node.truthy("interfacenot")
    if interfaces and all(terms.interfaces.members(name) is None for name in interfaces):
        terms.notes.add(node, "the firewall does not apply this rule: none of its interfaces exists")
        priority = NEVER_APPLIED
    elif len(interfaces) != 1 or inverted:
        priority = FLOATING
    else:
        sequence = sequences.get(interfaces[0])
        priority = INTERFACE if sequence is None else GROUP + sequence
    return Written(
        node=node,
        priority=priority,
        action=node.value("action") or "pass",
        quick=not node.has("quick") or node.truthy("quick"),
        direction=node.value("direction") or "in",
        interfaces=",".join(interfaces),
        inverted=inverted,
        ipprotocol=node.value("ipprotocol") or "inet",
        protocol=node.value("protocol"),
        source=node.value("source_net"),
        source_not=node.truthy("source_not"),
        source_port=node.value("source_port"),
        destination=node.value("destination_net"),
        destination_not=node.truthy("destination_not"),
        destination_port=node.value("destination_port"),
        description=node.value("description"),
    )


def _enabled_before(section: Node | None) -> list[Node]:
    nodes = section.every("rule") if section is not None else ()
    return [node for node in nodes if node.children and not node.truthy("disabled")]


def _of_before(node: Node, sequences: Mapping[str, int]) -> Written:
    floating = node.has("floating")
    interface = node.value("interface")
    sequence = sequences.get(interface)
    source, destination = end_of(node, "source"), end_of(node, "destination")
    return Written(
        node=node,
        priority=FLOATING if floating else INTERFACE if sequence is None else GROUP + sequence,
        action=node.value("type") or "pass",
        quick=node.truthy("quick") if node.has("quick") else not floating,
        direction=node.value("direction") or "in",
        interfaces=interface,
        inverted=node.truthy("interfacenot"),
        ipprotocol=node.value("ipprotocol"),
        protocol=node.value("protocol"),
        source=source.name,
        source_not=source.negated,
        source_port=source.port if has_ports(node.value("protocol")) else "",
        destination=destination.name,
        destination_not=destination.negated,
        destination_port=destination.port if has_ports(node.value("protocol")) else "",
        description=node.value("descr"),
    )


@dataclass(frozen=True, slots=True)
class End:
    """A source or destination as the older generation writes it."""

    name: str
    negated: bool
    port: str


def end_of(node: Node, tag: str) -> End:
    """Read ``<source><network>lan</network><not>1</not><port>5060</port></source>``; nothing at all is any."""
    place = node.child(tag)
    if place is None:
        return End("any", negated=False, port="")
    return End(place.value("network") or place.value("address") or "any", place.truthy("not"), place.value("port"))


def _read(root: Node, written: Written, terms: Terms) -> PfRule:
    on = terms.on(written.interfaces, negated=written.inverted)
    conditions = _conditions(root, written, terms)
    gateway = written.node.value("gateway") if written.action == "pass" else ""
    tag = written.node.value("tag")
    sources = f"{'! ' if written.source_not else ''}{written.source or 'any'}"
    destinations = f"{'! ' if written.destination_not else ''}{written.destination or 'any'}"
    words = (
        written.action,
        written.direction if written.direction in {"in", "out"} else "",
        "quick" if written.quick else "",
        on_text(on),
        written.ipprotocol,
        f"proto {written.protocol}" if written.protocol not in {"", "any"} else "",
        between(sources, written.source_port, destinations, written.destination_port),
        f"gateway {gateway}" if gateway else "",
    )
    return PfRule(
        action=written.action if written.action in {"block", "reject", "match"} else "pass",
        quick=written.quick,
        inward=written.direction != "out",
        outward=written.direction != "in",
        on=on,
        conditions=conditions,
        tag=terms.tags.number(tag) if tag else 0,
        rerouted=gateway,
        text=rule_text(*words, description=written.description),
        citation=terms.notes.place(written.node),
    )


def _conditions(root: Node, written: Written, terms: Terms) -> Conditions:
    sources: dict[int, tuple[Place, ...]] = {}
    destinations: dict[int, tuple[Place, ...]] = {}
    for version in VERSIONS.get(written.ipprotocol, (4, 6)):
        sources[version] = terms.places(written.source, version, negated=written.source_not)
        destinations[version] = terms.places(written.destination, version, negated=written.destination_not)
    found = Conditions(
        sources=sources,
        destinations=destinations,
        protocols=protocols(written.protocol),
        source_ports=terms.ports(written.source_port) if written.source_port else None,
        destination_ports=terms.ports(written.destination_port) if written.destination_port else None,
        further=terms.further(written.node),
    )
    system = root.child("system")
    gateway = written.node.value("gateway")
    if gateway and written.action == "pass" and system is not None and system.truthy("skip_rules_gw_down"):
        doubt = Unsupported(text=f"gateway {gateway}: while it is down the rule is left out")
        return replace(found, further=(*found.further, doubt))
    return found
