"""1:1 and outbound NAT of OPNsense: in today's model (``OPNsense/Firewall/Filter``), and as older versions wrote."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Rule
from ringfence.model.site import Route
from ringfence.readers.gateways.opnsense_terms import Terms
from ringfence.readers.gateways.pf_match import Conditions, NotLoadedError, Place
from ringfence.readers.gateways.pf_nat import (
    PfOneToOne,
    PfOutbound,
    leaving_one_to_one_rules,
    one_to_one_rules,
    outbound_rules,
)
from ringfence.readers.gateways.pf_options import number, protocols
from ringfence.readers.gateways.pf_outbound import automatic, external_of, target_addresses
from ringfence.readers.gateways.pf_words import between, on_text, rule_text
from ringfence.readers.gateways.pf_xml import Node

MODEL = "opnsense/firewall/filter"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ends:
    """Where a translation's packets come from and go to, as either generation writes it."""

    source: str
    source_not: bool
    source_port: str
    destination: str
    destination_not: bool
    destination_port: str


def arriving(root: Node, terms: Terms) -> Iterator[Rule]:
    """Give the rules of 1:1 translations for what comes in; those of the kind ``nat`` are for what leaves only."""
    for node, prefix in _one_to_ones(root):
        if node.value("type") != "nat":
            rule = _one_to_one(node, terms, prefix=prefix)
            if rule is not None:
                yield from one_to_one_rules(rule)


def leaving(root: Node, terms: Terms, routes: tuple[Route, ...]) -> Iterator[Rule]:
    """Give the rules for what leaves: 1:1, outbound NAT by hand of both generations, automatic."""
    for node, prefix in _one_to_ones(root):
        rule = _one_to_one(node, terms, prefix=prefix, silently=True)
        if rule is not None:
            yield from leaving_one_to_one_rules(rule)
    outbound = root.at("nat/outbound")
    mode = outbound.value("mode") if outbound is not None else ""
    if mode in {"advanced", "hybrid"}:
        for node in (*_enabled(root.at(f"{MODEL}/snatrules"), "rule"), *_enabled(outbound, "rule")):
            try:
                yield from outbound_rules(_outbound(node, terms))
            except NotLoadedError as reason:
                terms.notes.add(node, f"the firewall does not load this outbound NAT: {reason}")
    if mode in {"", "automatic", "hybrid"}:
        for found in automatic(terms.interfaces, routes, terms.notes.place(outbound or root)):
            yield from outbound_rules(found)


def _enabled(section: Node | None, tag: str) -> list[Node]:
    nodes = [node for node in (section.every(tag) if section is not None else ()) if node.children]
    enabled = [
        node for node in nodes if not node.truthy("disabled") and (not node.has("enabled") or node.truthy("enabled"))
    ]
    return sorted(enabled, key=lambda node: number(node.value("sequence"), 0))


def _one_to_ones(root: Node) -> Iterator[tuple[Node, bool]]:
    """Go through 1:1 translations of addresses, and of IPv6 prefixes (True)."""
    for prefix, tag in ((False, "onetoone"), (True, "npt")):
        for node in (*_enabled(root.at(f"{MODEL}/{tag}"), "rule"), *_enabled(root.child("nat"), tag)):
            yield node, prefix


def _ends(node: Node) -> _Ends:
    if node.has("source_net") or node.has("destination_net"):
        return _Ends(
            source=node.value("source_net"),
            source_not=node.truthy("source_not"),
            source_port=node.value("source_port"),
            destination=node.value("destination_net"),
            destination_not=node.truthy("destination_not"),
            destination_port=node.value("destination_port"),
        )
    source, destination = node.child("source"), node.child("destination")
    return _Ends(
        source=(source.value("network") or source.value("address")) if source is not None else "",
        source_not=source.truthy("not") if source is not None else False,
        source_port=node.value("sourceport"),
        destination=(destination.value("network") or destination.value("address")) if destination is not None else "",
        destination_not=destination.truthy("not") if destination is not None else False,
        destination_port=node.value("dstport"),
    )


def _one_to_one(node: Node, terms: Terms, *, prefix: bool, silently: bool = False) -> PfOneToOne | None:
    try:
        return _prefix(node, terms) if prefix else _addresses(node, terms)
    except NotLoadedError as reason:
        if not silently:
            terms.notes.add(node, f"the firewall does not load this 1:1 translation: {reason}")
        return None


def _addresses(node: Node, terms: Terms) -> PfOneToOne:
    text, ends = node.value("external"), _ends(node)
    version = 6 if ":" in text or ":" in ends.source else 4
    on = terms.on(node.value("interface") or "wan")
    source = terms.place(ends.source, version, negated=ends.source_not)
    peers = terms.places(ends.destination, version, negated=ends.destination_not)
    inner = source.addresses.known if source.addresses is not None else AddressSet()
    words = (
        node.value("type") or "binat",
        on_text(on),
        between(source, "", ends.destination or "any", ""),
        f"-> {text}",
    )
    return PfOneToOne(
        on=on,
        version=version,
        external=external_of(text, inner, lambda name: terms.place(name, version)),
        internal=inner,
        peers=peers,
        doubtful=source.addresses is None or source.negated or not source.addresses.complete,
        text=rule_text(*words, description=node.value("description") or node.value("descr")),
        citation=terms.notes.place(node),
    )


def _prefix(node: Node, terms: Terms) -> PfOneToOne:
    ends = _ends(node)
    on = terms.on(node.value("interface") or "wan")
    inside = terms.place(ends.source, 6)
    outside = terms.place(ends.destination, 6)
    if inside.addresses is None:
        raise NotLoadedError("it names no prefix")
    known = outside.addresses is not None and outside.addresses.complete
    return PfOneToOne(
        on=on,
        version=6,
        external=outside.addresses.known if outside.addresses is not None and known else AddressSet.all_ipv6(),
        internal=inside.addresses.known,
        peers=(Place(),),
        doubtful=not known,
        text=rule_text("binat", on_text(on), "inet6", between(inside, "", "any", ""), f"-> {outside.text}"),
        citation=terms.notes.place(node),
    )


def _outbound(node: Node, terms: Terms) -> PfOutbound:
    on, ends = terms.on(node.value("interface")), _ends(node)
    family = node.value("ipprotocol")
    versions = {"inet": (4,), "inet6": (6,)}.get(family, (4, 6))
    sources = {one: terms.places(ends.source, one, negated=ends.source_not) for one in versions}
    destinations = {one: terms.places(ends.destination, one, negated=ends.destination_not) for one in versions}
    nothing, target = node.truthy("nonat"), node.value("target")
    words = (
        "no nat" if nothing else "nat",
        on_text(on),
        family,
        between(ends.source or "any", ends.source_port, ends.destination or "any", ends.destination_port),
        "" if nothing else f"-> {target or 'the address of the interface'}",
    )
    return PfOutbound(
        on=on,
        conditions=Conditions(
            sources=sources,
            destinations=destinations,
            protocols=protocols(node.value("protocol")),
            source_ports=terms.ports(ends.source_port) if ends.source_port else None,
            destination_ports=terms.ports(ends.destination_port) if ends.destination_port else None,
        ),
        source=_becomes(node, target, terms, versions[0]),
        nothing=nothing,
        text=rule_text(*words, description=node.value("description") or node.value("descr")),
        citation=terms.notes.place(node),
    )


def _becomes(node: Node, target: str, terms: Terms, version: int) -> AddressSet | None:
    """Read what the source becomes; the address of another interface is known or any, never this one's."""
    base = target.removesuffix("ip")
    if target.endswith("ip") and base in terms.interfaces.attached and terms.aliases.addresses(target) is None:
        address = terms.interfaces.address(base, version)
        if base == node.value("interface"):
            return None
        return address.known if address is not None and address.complete else AddressSet.everything()
    return target_addresses(node, terms.aliases)
