"""Port forwards of OPNsense (``/nat/rule``): the older form, and since 26.1 the same place with sequence and "pass".

``pass`` is empty (only a filter rule of the user's lets the packets in), ``pass`` (no filter rule is asked), or
``rule``: then the firewall makes a filter rule by itself, which stands in no file and comes after all others.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.addresses import PortSet
from ringfence.model.packetfilter import Rule
from ringfence.readers.gateways.opnsense_terms import Terms
from ringfence.readers.gateways.pf_match import Conditions, NotLoadedError, On, Place
from ringfence.readers.gateways.pf_nat import Passes, PfForward, forward_rules
from ringfence.readers.gateways.pf_options import has_ports, number, protocols
from ringfence.readers.gateways.pf_rules import PfRule
from ringfence.readers.gateways.pf_tables import Addresses, Ports
from ringfence.readers.gateways.pf_words import between, on_text, rule_text
from ringfence.readers.gateways.pf_xml import Node

LAST_PORT = 65_535


@dataclass(frozen=True, slots=True, kw_only=True)
class DNat:
    """A port forward that the firewall loads."""

    node: Node
    on: On
    text: str
    conditions: Conditions
    target: Addresses | None
    first_port: int | None
    shifts: bool
    inside_ports: Ports | None
    nothing: bool
    let_in: str


def forwards(root: Node, terms: Terms, *, silently: bool = False) -> Iterator[DNat]:
    """Go through the port forwards in order."""
    for node in _ordered(root):
        try:
            yield _read(node, terms)
        except NotLoadedError as reason:
            if not silently:
                terms.notes.add(node, f"the firewall does not load this port forward: {reason}")


def arriving(root: Node, terms: Terms, passes: Passes) -> Iterator[Rule]:
    """Give the rules for what comes in: what protects the firewall's own pages first, then the forwards."""
    for forward in (*_anti_lockout(root, terms), *forwards(root, terms)):
        written = PfForward(
            on=_with_reflection(root, forward, terms),
            conditions=forward.conditions,
            target=forward.target,
            nothing=forward.nothing,
            first_port=forward.first_port,
            shifts=forward.shifts,
            passes=forward.let_in == "pass",
            tag=terms.tags.number(forward.node.value("tag")) if forward.node.value("tag") else 0,
            text=forward.text,
            citation=terms.notes.place(forward.node),
        )
        yield from forward_rules(written, passes)


def registered_rules(root: Node, terms: Terms) -> Iterator[PfRule]:
    """Give the filter rules that forwards with "register rule" make: at the end, so that any other decides before."""
    for forward in forwards(root, terms, silently=True):
        if forward.let_in != "rule" or forward.target is None:
            continue
        place = Place(addresses=forward.target, text=forward.node.value("target"))
        asked = forward.conditions
        yield PfRule(
            action="pass",
            quick=True,
            inward=True,
            outward=False,
            on=forward.on,
            conditions=Conditions(
                sources=asked.sources,
                destinations=dict.fromkeys(asked.versions(), (place,)),
                protocols=asked.protocols,
                source_ports=asked.source_ports,
                destination_ports=forward.inside_ports,
            ),
            text=f"pass in quick by itself (“register rule”) for: {forward.text}",
            citation=terms.notes.place(forward.node),
        )


def _ordered(root: Node) -> list[Node]:
    """Sort by sequence; rules without one come after all that have one, as they stand."""
    nat = root.child("nat")
    nodes = [node for node in (nat.every("rule") if nat is not None else ()) if node.children]
    enabled = [node for node in nodes if not node.truthy("disabled")]
    return sorted(enabled, key=lambda node: number(node.value("sequence"), 10**9))


def _read(node: Node, terms: Terms) -> DNat:
    on = terms.on(node.value("interface"))
    protocol, family = node.value("protocol"), node.value("ipprotocol")
    versions = {"inet": (4,), "inet6": (6,)}.get(family, (4, 6))
    nothing = node.truthy("nordr")
    target = None if nothing else _target(node.value("target"), terms, versions[0])
    counted = has_ports(protocol)
    source, destination = _end(node, "source", terms, versions), _end(node, "destination", terms, versions)
    asked_text = _port(node, "destination") if counted else ""
    source_text = _port(node, "source") if counted else ""
    asked = terms.ports(asked_text) if asked_text else None
    first, shifts = _first_port(node.value("local-port"), asked_text, terms) if counted else (None, False)
    let_in = "" if nothing else _let_in(node)
    words = (
        "no rdr" if nothing else "rdr pass" if let_in == "pass" else "rdr",
        on_text(on),
        family,
        f"proto {protocol}" if protocol else "",
        between(source[versions[0]][0], source_text, destination[versions[0]][0], asked_text),
        f"-> {node.value('target')}" if not nothing else "",
        f"port {first}" if first is not None else "",
    )
    return DNat(
        node=node,
        on=on,
        conditions=Conditions(
            sources=source,
            destinations=destination,
            protocols=protocols(protocol),
            source_ports=terms.ports(source_text) if source_text else None,
            destination_ports=asked,
            further=(terms.tags.carries(node.value("tagged")),) if node.value("tagged") else (),
        ),
        target=target,
        first_port=first,
        shifts=shifts,
        inside_ports=_inside(first, asked, shifts=shifts),
        nothing=nothing,
        let_in=let_in,
        text=rule_text(*words, description=node.value("descr")),
    )


def _let_in(node: Node) -> str:
    """Tell how packets of a forward pass the filter.

    Of the older form only ``pass`` counts, the rest is linked rules.
    """
    if node.value("pass"):
        return "rule" if node.value("pass") == "rule" else "pass"
    return "pass" if node.value("associated-rule-id") == "pass" else ""


def _end(node: Node, tag: str, terms: Terms, versions: tuple[int, ...]) -> dict[int, tuple[Place, ...]]:
    place = node.child(tag)
    if place is None:
        return dict.fromkeys(versions, (Place(),))
    name = place.value("network") or place.value("address") or "any"
    return {version: terms.places(name, version, negated=place.truthy("not")) for version in versions}


def _port(node: Node, tag: str) -> str:
    place = node.child(tag)
    return place.value("port") if place is not None else ""


def _target(text: str, terms: Terms, version: int) -> Addresses | None:
    if not text:
        raise NotLoadedError("it has no target")
    place = terms.place(text, version)
    return None if place.is_own else place.addresses


def _first_port(local: str, asked: str, terms: Terms) -> tuple[int | None, bool]:
    """Give where the target's ports begin, and whether a range moves there."""
    if not local or local == asked:
        return None, False
    if terms.aliases.ports(local) is not None:
        return terms.aliases.first_port(local), False  # of an alias only the first port is used
    found = terms.ports(local)
    first = found.known.intervals[0][0] if found is not None and found.known else None
    return first, terms.aliases.ports(asked) is None and "-" in asked.replace(":", "-")


def _inside(first: int | None, asked: Ports | None, *, shifts: bool) -> Ports | None:
    if first is None:
        return asked
    last = first
    if shifts and asked is not None and asked.known:
        last = min(first + asked.known.intervals[-1][1] - asked.known.intervals[0][0], LAST_PORT)
    return Ports(known=PortSet.of((first, last)))


def _with_reflection(root: Node, forward: DNat, terms: Terms) -> On:
    """Add the inner interfaces where a forward is reflected: everywhere, unless that is switched off."""
    system = root.child("system")
    wanted = forward.node.value("natreflection")
    default = system is None or not system.truthy("disablenatreflection")
    if forward.nothing or forward.on.names is None or not (wanted in {"purenat", "enable"} or (not wanted and default)):
        return forward.on
    inner = {one.name for one in terms.interfaces.attached.values() if not one.has_gateway}
    return On(names=forward.on.names | inner, text=forward.on.text)


def _anti_lockout(root: Node, terms: Terms) -> Iterator[DNat]:
    """Give what keeps forwards from taking the firewall's own pages on its first inner interface."""
    system = root.child("system")
    web = system.child("webgui") if system is not None else None
    names = sorted(terms.interfaces.attached, key=lambda name: (not name.startswith("lan"), name == "wan", name))
    if system is None or web is None or web.has("noantilockout") or not names:
        return
    secure = web.value("protocol") == "https"
    ports = {number(web.value("port"), 443 if secure else 80)}
    if secure and not web.has("disablehttpredirect"):
        ports.add(80)
    ssh = system.child("ssh")
    if ssh is not None and ssh.has("enabled"):
        ports.add(number(ssh.value("port"), 22))
    own = terms.place(f"{names[0]}ip", 4) if f"{names[0]}" in {"lan", "wan"} else Place(is_own=True, text="(self)")
    yield DNat(
        node=web,
        on=On(names=frozenset({names[0]}), text=names[0]),
        conditions=Conditions(
            sources={4: (Place(),)},
            destinations={4: (own,)},
            protocols=frozenset({"tcp"}),
            destination_ports=Ports(known=PortSet.of(*(port for port in ports if port <= LAST_PORT))),
        ),
        target=None,
        first_port=None,
        shifts=False,
        inside_ports=None,
        nothing=True,
        let_in="",
        text=f"no rdr on {names[0]} to its own pages (anti-lockout)",
    )
