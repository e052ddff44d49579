"""The filter rules of a pfSense configuration, in the order in which pf gets them (filter.inc, filter_rules_generate).

Before the user's rules stand those that block what an interface may not send; then floating rules, rules on interface
groups, and rules on interfaces. All but floating ones are for packets coming in, and quick.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Unsupported
from ringfence.model.site import Route
from ringfence.readers.gateways.pf_builtin import blocked_sources, bypass
from ringfence.readers.gateways.pf_match import Conditions, NotLoadedError, On, Place
from ringfence.readers.gateways.pf_options import has_ports, protocols
from ringfence.readers.gateways.pf_rules import PfRule
from ringfence.readers.gateways.pf_words import between, on_text, rule_text
from ringfence.readers.gateways.pf_xml import Node
from ringfence.readers.gateways.pfsense_terms import Terms

PRIVATE = AddressSet.of("10.0.0.0/8", "127.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
#: Groups that pfSense makes itself; their rules stand between those of groups and those of interfaces.
SYSTEM_GROUPS = frozenset({"l2tp", "pppoe", "enc0", "openvpn"})
VERSIONS: Mapping[str, tuple[int, ...]] = {"inet": (4,), "inet6": (6,), "inet46": (4, 6)}


def rules(root: Node, terms: Terms, routes: tuple[Route, ...]) -> list[PfRule]:
    """Give all rules in order."""
    section = root.child("filter")
    written = [node for node in (section.every("rule") if section is not None else ()) if not node.has("disabled")]
    found = list(_blocked_first(root, terms))
    order = {name: position for position, name in enumerate(terms.interfaces.groups)}
    for node in sorted(written, key=lambda node: _rank(node, order)):
        rule = _rule(root, node, terms)
        if rule is not None:
            found.append(rule)
    if section is not None and section.has("bypassstaticroutes"):
        found += bypass(routes, terms.interfaces, terms.notes.place(section), quick=True)
    return found


def _rank(node: Node, groups: Mapping[str, int]) -> tuple[int, int]:
    interface = node.value("interface")
    if node.has("floating"):
        return 0, 0
    if interface in groups:
        return 1, groups[interface]
    return (2, 0) if interface in SYSTEM_GROUPS else (3, 0)


def _blocked_first(root: Node, terms: Terms) -> Iterator[PfRule]:
    system = root.child("system")
    if system is None or not system.has("ipv6allow"):
        everything = Conditions(sources={6: (Place(),)}, destinations={6: (Place(),)})
        yield PfRule(
            action="block",
            quick=True,
            inward=True,
            outward=False,
            on=On(),
            conditions=everything,
            text="block in quick inet6 all: IPv6 is not allowed (System > Advanced > Networking)",
            citation=terms.notes.place(system if system is not None else root),
        )
    yield from blocked_sources(terms.interfaces, PRIVATE)


def _rule(root: Node, node: Node, terms: Terms) -> PfRule | None:
    try:
        return _read(root, node, terms)
    except NotLoadedError as reason:
        kind = node.value("type") or "pass"
        terms.notes.add(node, f"the firewall does not load this {kind} rule: {reason}")
        return None


def _read(root: Node, node: Node, terms: Terms) -> PfRule:
    action = node.value("type")
    action = action if action in {"pass", "block", "reject", "match"} else "pass"
    floating = node.has("floating")
    direction = node.value("direction") if node.value("floating") == "yes" else "in"
    on = _on(node, terms, floating=floating)
    quick = not floating or node.has("quick")
    conditions = _conditions(node, terms)
    gateway = node.value("gateway") if action == "pass" else ""
    first = next(iter(conditions.versions()))
    words = (
        action,
        direction if direction in {"in", "out"} else "",
        "quick" if quick else "",
        on_text(on),
        node.value("ipprotocol") or "inet",
        f"proto {node.value('protocol')}" if node.value("protocol") else "",
        between(
            conditions.sources[first][0],
            _port_text(node, "source"),
            conditions.destinations[first][0],
            _port_text(node, "destination"),
        ),
        f"sched {node.value('sched')}" if node.value("sched") else "",
        f"gateway {gateway}" if gateway else "",
    )
    return PfRule(
        action=action,
        quick=quick,
        inward=direction != "out",
        outward=direction != "in",
        on=on,
        conditions=_with_gateway_state(root, conditions, gateway),
        tag=terms.tags.number(node.value("tag")) if node.value("tag") else 0,
        rerouted=gateway,
        text=rule_text(*words, description=node.value("descr")),
        citation=terms.notes.place(node),
    )


def _on(node: Node, terms: Terms, *, floating: bool) -> On:
    names = node.value("interface")
    if not floating and (not names or "," in names):
        raise NotLoadedError(f"its interface {names or '(none)'} does not exist")
    return terms.on(names)


def _conditions(node: Node, terms: Terms) -> Conditions:
    protocol = node.value("protocol")
    named = protocols(protocol)
    if named is None and not protocol and (_port_text(node, "source") or _port_text(node, "destination")):
        named = frozenset({"tcp"})  # a port without a protocol makes the rule one for TCP, with any port
    sources: dict[int, tuple[Place, ...]] = {}
    destinations: dict[int, tuple[Place, ...]] = {}
    failed: NotLoadedError | None = None
    for version in VERSIONS.get(node.value("ipprotocol"), (4,)):
        try:
            source = terms.place(node.child("source"), version)
            destinations[version] = (terms.place(node.child("destination"), version),)
            sources[version] = (source,)
        except NotLoadedError as reason:
            failed = reason
    if not sources:
        raise failed or NotLoadedError("it names no source or no destination")
    counted = has_ports(protocol)
    asked = {end: _port_text(node, end) if counted else "" for end in ("source", "destination")}
    return Conditions(
        sources=sources,
        destinations=destinations,
        protocols=named,
        source_ports=terms.ports(asked["source"]) if asked["source"] else None,
        destination_ports=terms.ports(asked["destination"]) if asked["destination"] else None,
        further=terms.further(node),
    )


def _port_text(node: Node, end: str) -> str:
    place = node.child(end)
    return place.value("port") if place is not None else ""


def _with_gateway_state(root: Node, conditions: Conditions, gateway: str) -> Conditions:
    """Add that a rule may be left out while its gateway is down, where the firewall is set to that."""
    system = root.child("system")
    if not gateway or system is None or not system.has("skip_rules_gw_down"):
        return conditions
    doubt = Unsupported(text=f"gateway {gateway}: while it is down the rule is left out")
    return replace(conditions, further=(*conditions.further, doubt))
