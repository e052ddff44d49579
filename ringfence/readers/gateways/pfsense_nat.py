"""The translations of a pfSense configuration (filter.inc, filter_nat_rules_generate)."""

from collections.abc import Callable, Iterator

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Rule
from ringfence.model.site import Route
from ringfence.readers.gateways.pf_match import Conditions, NotLoadedError, Place
from ringfence.readers.gateways.pf_nat import (
    Passes,
    PfForward,
    PfOneToOne,
    PfOutbound,
    forward_rules,
    leaving_one_to_one_rules,
    one_to_one_rules,
    outbound_rules,
    tftp_proxy,
)
from ringfence.readers.gateways.pf_options import has_ports, protocols
from ringfence.readers.gateways.pf_outbound import automatic, external_of, target_addresses
from ringfence.readers.gateways.pf_tables import Addresses, Ports, port_range
from ringfence.readers.gateways.pf_words import between, on_text, rule_text
from ringfence.readers.gateways.pf_xml import Node
from ringfence.readers.gateways.pfsense_terms import Terms

_Read = Callable[[Node, Terms], PfForward | PfOneToOne | PfOutbound]


def arriving(root: Node, terms: Terms, passes: Passes) -> Iterator[Rule]:
    """Give the rules for what comes in: the TFTP proxy, port forwards, 1:1."""
    system, nat = root.child("system"), root.child("nat")
    proxy = system.child("tftpinterface") if system is not None else None
    if proxy is not None:
        names = {name.strip() for name in proxy.text.split(",")}
        known = [members for name in names if (members := terms.interfaces.members(name)) is not None]
        if known:
            yield tftp_proxy(frozenset().union(*known), terms.notes.place(proxy))
    for node in nat.every("rule") if nat is not None else ():
        forward = _loaded(node, terms, _forward, "port forward")
        if isinstance(forward, PfForward):
            yield from forward_rules(forward, passes)
    for rule in one_to_one(root, terms):
        yield from one_to_one_rules(rule)


def leaving(root: Node, terms: Terms, routes: tuple[Route, ...]) -> Iterator[Rule]:
    """Give the rules for what leaves: 1:1, then outbound NAT by hand and automatic."""
    for rule in one_to_one(root, terms, silently=True):
        yield from leaving_one_to_one_rules(rule)
    outbound = root.at("nat/outbound")
    mode = outbound.value("mode") if outbound is not None else ""
    if outbound is not None and mode in {"advanced", "hybrid"}:
        for node in outbound.every("rule"):
            found = _loaded(node, terms, _outbound, "outbound NAT")
            if isinstance(found, PfOutbound):
                yield from outbound_rules(found)
    if mode in {"", "automatic", "hybrid"}:
        place = terms.notes.place(outbound if outbound is not None else root)
        for found in automatic(terms.interfaces, routes, place):
            yield from outbound_rules(found)


def _loaded(
    node: Node, terms: Terms, read: _Read, kind: str, *, silently: bool = False
) -> PfForward | PfOneToOne | PfOutbound | None:
    if node.has("disabled"):
        return None
    try:
        return read(node, terms)
    except NotLoadedError as reason:
        if not silently:
            terms.notes.add(node, f"the firewall does not load this {kind}: {reason}")
        return None


def _forward(node: Node, terms: Terms) -> PfForward:
    if node.child("destination") is None and node.has("external-port"):
        return _too_old(node, terms)
    version = 6 if node.value("ipprotocol") == "inet6" else 4
    interface = node.value("interface") or "wan"
    on = terms.on(interface)
    protocol = node.value("protocol")
    source = terms.place(node.child("source"), version)
    destination = terms.place(node.child("destination"), version)
    asked = _asked_ports(node, terms, "destination")
    nothing = node.has("nordr")
    first_port, shifts = _target_port(node, terms) if has_ports(protocol) else (None, False)
    target, shown = (None, "") if nothing else _target(node, terms, version)
    passes = node.value("associated-rule-id") == "pass" and not nothing
    words = (
        "no rdr" if nothing else "rdr pass" if passes else "rdr",
        on_text(on),
        "inet6" if version == 6 else "inet",
        f"proto {protocol}" if protocol else "",
        between(source, _port_text(node, "source"), destination, _port_text(node, "destination")),
        f"-> {shown}" if shown else "",
        f"port {node.value('local-port')}" if shown and first_port is not None else "",
    )
    return PfForward(
        on=on,
        conditions=Conditions(
            sources={version: (source,)},
            destinations={version: (destination,)},
            protocols=protocols(protocol),
            source_ports=_asked_ports(node, terms, "source"),
            destination_ports=asked,
        ),
        target=target,
        nothing=nothing,
        first_port=first_port,
        shifts=shifts,
        passes=passes,
        text=rule_text(*words, description=node.value("descr")),
        citation=terms.notes.place(node),
    )


def _too_old(node: Node, terms: Terms) -> PfForward:
    """Take a forward as versions before 2.0 wrote it (``external-port``) for one of which nothing is known."""
    terms.notes.add(node, "a port forward as versions before 2.0 wrote it: where it leads is not interpreted")
    anywhere = {4: (Place(addresses=Addresses(complete=False, why="external-address is not interpreted")),)}
    return PfForward(
        on=terms.on(node.value("interface") or "wan"),
        conditions=Conditions(sources={4: (Place(),)}, destinations=anywhere),
        target=Addresses(complete=False),
        text=rule_text("rdr", description=node.value("descr")),
        citation=terms.notes.place(node),
    )


def _port_text(node: Node, end: str) -> str:
    place = node.child(end)
    return place.value("port") if place is not None else ""


def _asked_ports(node: Node, terms: Terms, end: str) -> Ports | None:
    """Read the ports that a forward is for: an alias that does not exist makes it one for every port."""
    text = _port_text(node, end)
    if not text or not has_ports(node.value("protocol")):
        return None
    found = terms.aliases.ports(text)
    if found is not None:
        return found
    known = port_range(text)
    if known is None:
        terms.notes.add(node, f"port alias {text} cannot be resolved: the forward is for every port")
        return None
    return Ports(known=known)


def _target_port(node: Node, terms: Terms) -> tuple[int | None, bool]:
    """Give where the target's ports begin and whether a range moves there; (None, False) where ports stay."""
    asked, local = _port_text(node, "destination"), node.value("local-port")
    if asked == local or not local:
        return None, False
    if terms.aliases.ports(local) is not None:
        return terms.aliases.first_port(local), False  # of an alias only the first port is used
    found = port_range(local)
    if found is None:
        return None, False
    first = found.intervals[0][0]
    named = terms.aliases.ports(asked) is not None
    return first, not named and "-" in asked.replace(":", "-")


def _target(node: Node, terms: Terms, version: int) -> tuple[Addresses | None, str]:
    """Read where a forward leads; None is the firewall itself."""
    text = node.value("target")
    found = terms.aliases.addresses(text)
    if found is not None:
        return found, text
    try:
        place = terms.named(text)
    except NotLoadedError:
        base = text.removesuffix("ip")
        if not text.endswith("ip") or base not in terms.interfaces.attached:
            raise NotLoadedError(f"its target {text or '(none)'} cannot be resolved") from None
        place = terms.special(text, version)
    return (None if place.is_own else place.addresses), text


def one_to_one(root: Node, terms: Terms, *, silently: bool = False) -> Iterator[PfOneToOne]:
    """Read 1:1 translations, and those of IPv6 prefixes."""
    nat = root.child("nat")
    for node in nat.children if nat is not None else ():
        read = {"onetoone": _one_to_one, "npt": _prefix}.get(node.tag)
        if read is not None:
            found = _loaded(node, terms, read, "1:1 translation", silently=silently)
            if isinstance(found, PfOneToOne):
                yield found


def _one_to_one(node: Node, terms: Terms) -> PfOneToOne:
    text = node.value("external")
    version = 6 if node.value("ipprotocol") == "inet6" or ":" in text else 4
    on = terms.on(node.value("interface") or "wan")
    source = terms.place(node.child("source"), version)
    peers = terms.place(node.child("destination"), version)
    internal = source.addresses.known if source.addresses is not None else AddressSet()
    doubtful = source.addresses is None or source.negated or not source.addresses.complete
    words = (
        "no binat" if node.has("nobinat") else "binat",
        on_text(on),
        between(source, "", peers, ""),
        f"-> {text}",
    )
    return PfOneToOne(
        on=on,
        version=version,
        external=external_of(text, internal, lambda name: terms.special(name, version)),
        internal=internal,
        peers=(peers,),
        doubtful=doubtful,
        nothing=node.has("nobinat"),
        text=rule_text(*words, description=node.value("descr")),
        citation=terms.notes.place(node),
    )


def _prefix(node: Node, terms: Terms) -> PfOneToOne:
    on = terms.on(node.value("interface") or "wan")
    inside = terms.place(node.child("source"), 6)
    outside = terms.place(node.child("destination"), 6)
    if inside.addresses is None or outside.addresses is None:
        raise NotLoadedError("it names no prefix")
    return PfOneToOne(
        on=on,
        version=6,
        external=outside.addresses.known if outside.addresses.complete else AddressSet.all_ipv6(),
        internal=inside.addresses.known,
        peers=(Place(),),
        text=rule_text("binat", on_text(on), "inet6", between(inside, "", "any", ""), f"-> {outside.text}"),
        citation=terms.notes.place(node),
    )


def _outbound(node: Node, terms: Terms) -> PfOutbound:
    if not node.value("interface"):
        raise NotLoadedError("it names no interface")
    on = terms.on(node.value("interface"))
    family = node.value("ipprotocol")
    ends: dict[str, dict[int, tuple[Place, ...]]] = {"source": {}, "destination": {}}
    for version in (6,) if family == "inet6" else (4,) if family == "inet" else (4, 6):
        try:
            source, destination = (_outbound_place(node.child(end), terms, version) for end in ends)
        except NotLoadedError:
            if family:
                raise
            continue
        ends["source"][version], ends["destination"][version] = (source,), (destination,)
    if not ends["source"]:
        raise NotLoadedError("its source or destination cannot be resolved")
    first = next(iter(ends["source"]))
    nothing = node.has("nonat")
    target = node.value("target")
    text = rule_text(
        "no nat" if nothing else "nat",
        on_text(on),
        f"proto {node.value('protocol')}" if node.value("protocol") else "",
        between(
            ends["source"][first][0], node.value("sourceport"), ends["destination"][first][0], node.value("dstport")
        ),
        "" if nothing else f"-> {target or 'the address of the interface'}",
        description=node.value("descr"),
    )
    return PfOutbound(
        on=on,
        conditions=Conditions(
            sources=ends["source"],
            destinations=ends["destination"],
            protocols=protocols(node.value("protocol")),
            source_ports=terms.ports(node.value("sourceport")) if node.value("sourceport") else None,
            destination_ports=terms.ports(node.value("dstport")) if node.value("dstport") else None,
        ),
        source=target_addresses(node, terms.aliases),
        nothing=nothing,
        text=text,
        citation=terms.notes.place(node),
    )


def _outbound_place(node: Node | None, terms: Terms, version: int) -> Place:
    """Read a source or destination here, where ``network`` may hold an address, an alias or an interface."""
    if node is None:
        raise NotLoadedError("it names no source or no destination")
    text = node.value("network") or node.value("address")
    if node.has("any") or text == "any":
        return Place()
    if terms.aliases.addresses(text) is None and (text == "(self)" or terms.interfaces.members(text) is not None):
        return terms.special(text, version, negated=node.has("not"))
    try:
        return terms.named(text, negated=node.has("not"))
    except NotLoadedError:
        return terms.special(text, version, negated=node.has("not"))
