"""Compiles Vyatta's address translation: `nat destination|source|static`, `nat66`, and EdgeOS' `service nat`."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from ipaddress import ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    ChainKind,
    DestinationAddress,
    Family,
    Hook,
    InputInterface,
    Match,
    OutputInterface,
    Rule,
    SourceAddress,
    TranslateDestination,
    TranslateSource,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.vyatta_groups import ports
from ringfence.readers.gateways.vyatta_match import Conditions, interface_names
from ringfence.readers.gateways.vyatta_rules import rule
from ringfence.readers.gateways.vyatta_tree import Export, Node, words
from ringfence.readers.linux import notation

#: Networks that are mapped one to one are followed address by address up to this size.
MAX_MAPPED = 256
NOT_UNDERSTOOD = "the translation was not understood; what depends on it is unknown"


def chain(export: Export, family: Family, hook: Hook, rules: tuple[Rule, ...]) -> Chain:
    """Give the one NAT chain of a hook."""
    return Chain(
        table="nat",
        name="destination" if hook == Hook.PREROUTING else "source",
        family=family,
        rules=rules,
        hook=hook,
        kind=ChainKind.NAT,
        priority=-100 if hook == Hook.PREROUTING else 100,
        citation=rules[0].citation if rules else export.place(None),
    )


def destination_rules(export: Export, conditions: Conditions) -> Iterator[Rule]:
    """Give the rules that rewrite destinations, in the order in which they are applied."""
    if conditions.version == 4:
        yield from _static(export, conditions, to_source=False)
        yield from _translations(export, conditions, ("nat", "destination"), to_source=False)
        for number, node in export.root.numbered("service", "nat", "rule"):
            if node.value("type") == "destination" and not node.has("disable"):
                yield from _edgeos(export, conditions, number, node, to_source=False)
    else:
        yield from _translations(export, conditions, ("nat66", "destination"), to_source=False)


def source_rules(export: Export, conditions: Conditions) -> Iterator[Rule]:
    """Give the rules that rewrite sources, in the order in which they are applied."""
    if conditions.version == 4:
        yield from _static(export, conditions, to_source=True)
        yield from _translations(export, conditions, ("nat", "source"), to_source=True)
        for number, node in export.root.numbered("service", "nat", "rule"):
            if node.value("type") in {"source", "masquerade"} and not node.has("disable"):
                yield from _edgeos(export, conditions, number, node, to_source=True)
    else:
        yield from _translations(export, conditions, ("nat66", "source"), to_source=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rewrite:
    """A rule of address translation, whichever words it is written in; ``address`` may be several with commas."""

    node: Node
    text: str
    matches: tuple[Match, ...]
    address: str
    port: str
    to_source: bool


def _translations(export: Export, conditions: Conditions, path: tuple[str, ...], *, to_source: bool) -> Iterator[Rule]:
    for number, node in export.root.numbered(*path, "rule"):
        if node.has("disable"):
            continue
        text = f"{' '.join(path)} rule {number}: {words(node)}"
        matches = conditions.of(node)
        translation = node.at("translation") or Node(line=node.line)
        if node.has("exclude"):
            yield rule(export, node, text, matches, Accept())
        elif translation.has("redirect"):
            yield rule(export, node, text, matches, _redirect(export, node, translation.value("redirect", "port")))
        else:
            rewrite = _Rewrite(
                node=node,
                text=text,
                matches=matches,
                address=",".join(node.values("load-balance", "backend")) or translation.value("address"),
                port=translation.value("port"),
                to_source=to_source,
            )
            yield from _rewritten(export, rewrite)


def _edgeos(export: Export, conditions: Conditions, number: str, node: Node, *, to_source: bool) -> Iterator[Rule]:
    text = f"service nat rule {number}: {words(node)}"
    matches = conditions.of(node)
    if node.has("exclude"):
        yield rule(export, node, text, matches, Accept())
        return
    word = "outside-address" if to_source else "inside-address"
    rewrite = _Rewrite(
        node=node,
        text=text,
        matches=matches,
        address="masquerade" if node.value("type") == "masquerade" else node.value(word, "address"),
        port=node.value(word, "port"),
        to_source=to_source,
    )
    yield from _rewritten(export, rewrite)


def _rewritten(export: Export, rewrite: _Rewrite) -> Iterator[Rule]:
    node, text = rewrite.node, rewrite.text
    if "/" in rewrite.address and not rewrite.to_source:
        mapped = tuple(_one_by_one(node.value("destination", "address"), rewrite.address))
        for outside, inside in mapped:
            narrowed = (*rewrite.matches, DestinationAddress(addresses=outside))
            yield rule(export, node, text, narrowed, TranslateDestination(addresses=inside))
        if mapped:
            return
        export.problem(node, f"not interpreted: a network that is mapped to {rewrite.address}")
        doubt = Unsupported(text=f"which address of {notation.shortened(rewrite.address)} stands for which")
        others = tuple(match for match in rewrite.matches if not isinstance(match, DestinationAddress))
        rewrite = replace(rewrite, matches=(*others, doubt))
    try:
        action = _source(rewrite.address) if rewrite.to_source else _destination(rewrite.address, rewrite.port)
    except ValueError:
        export.problem(node, NOT_UNDERSTOOD)
        action = UnsupportedAction(text=notation.shortened(text))
    yield rule(export, node, text, rewrite.matches, action)


def _source(address: str) -> Action:
    if address == "masquerade":
        return TranslateSource(addresses=None)
    if not address:
        return Accept()  # only the port is rewritten
    return TranslateSource(addresses=notation.addresses(address))


def _destination(address: str, port: str) -> Action:
    if not address and not port:
        raise ValueError("nothing is rewritten")
    found = AddressSet.union(notation.addresses(one) for one in address.split(",")) if address else None
    return TranslateDestination(addresses=found, ports=ports(port) if port else None)


def _redirect(export: Export, node: Node, port: str) -> Action:
    try:
        return TranslateDestination(addresses=None, ports=ports(port) if port else None, redirect=True)
    except ValueError:
        export.problem(node, "the port of a redirection was not understood")
        return UnsupportedAction(text=f"translation redirect port {notation.shortened(port)}")


def _one_by_one(outside: str, inside: str) -> Iterator[tuple[AddressSet, AddressSet]]:
    """Pair the addresses of two networks of equal size; nothing where they differ or are large."""
    try:
        before, after = ip_network(outside, strict=False), ip_network(inside, strict=False)
    except ValueError:
        return
    if before.version != after.version or before.prefixlen != after.prefixlen or before.num_addresses > MAX_MAPPED:
        return
    for one, other in zip(before, after, strict=True):
        yield AddressSet.of(str(one)), AddressSet.of(str(other))


def _static(export: Export, conditions: Conditions, *, to_source: bool) -> Iterator[Rule]:
    """Give one direction of `nat static`: an outside address that stands for an inside one."""
    for number, node in export.root.numbered("nat", "static", "rule"):
        if node.has("disable"):
            continue
        text = f"nat static rule {number}: {words(node)}"
        pairs = tuple(_one_by_one(node.value("destination", "address"), node.value("translation", "address")))
        on = _static_interface(conditions, node, to_source=to_source)
        if not pairs or on is None:
            export.problem(node, NOT_UNDERSTOOD)
            yield rule(export, node, text, (), UnsupportedAction(text=notation.shortened(text)))
            continue
        for before, after in pairs:
            if to_source:
                matches = (*on, SourceAddress(addresses=after))
                yield rule(export, node, text, matches, TranslateSource(addresses=before))
            else:
                matches = (*on, DestinationAddress(addresses=before))
                yield rule(export, node, text, matches, TranslateDestination(addresses=after))


def _static_interface(conditions: Conditions, node: Node, *, to_source: bool) -> tuple[Match, ...] | None:
    """Read the interface of a static translation; None where that is not understood."""
    interface = node.at("inbound-interface")
    if interface is None:
        return ()
    try:
        named = interface_names(conditions.groups, interface)
    except ValueError:
        return None
    if named is None:
        return ()
    kind = OutputInterface if to_source else InputInterface
    return (kind(names=named[0], negated=named[1]),)
