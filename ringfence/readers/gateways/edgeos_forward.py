"""Compiles EdgeOS' `port-forward` and UPnP: translations that open the firewall by themselves.

The order is that of the box (`iptables -S` of EdgeOS 1.x and of a USG): in FORWARD stand MINIUPNPD, UBNT_PFOR_FW_HOOK
and only then VYATTA_FW_IN_HOOK with WAN_IN, and what the first two accept is final.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.model.addresses import PRIVATE, AddressSet, PortSet
from ringfence.model.packetfilter import (
    Accept,
    Action,
    DestinationAddress,
    DestinationPort,
    Mark,
    Match,
    PacketKind,
    Protocol,
    Rule,
    SetMark,
    SourceAddress,
    TranslateDestination,
    TranslateSource,
    Unsupported,
)
from ringfence.readers.gateways.vyatta_groups import ports
from ringfence.readers.gateways.vyatta_interfaces import Attached
from ringfence.readers.gateways.vyatta_rules import coming_in, rule
from ringfence.readers.gateways.vyatta_tree import Export, Node, words
from ringfence.readers.linux import notation

LOCAL = PacketKind(kinds=frozenset({"local"}))
PROTOCOLS = {
    "tcp": frozenset({"tcp"}),
    "udp": frozenset({"udp"}),
    "tcp_udp": frozenset({"tcp", "udp"}),
    "both": frozenset({"tcp", "udp"}),
}
#: A mark that no rule of the box sets; it tells what programs opened from what rules forward.
OPENED = 0x40000000
UPNP = "ports that programs opened through UPnP, which the export does not list"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is forwarded without a rule of the firewall, in the order of the hooks."""

    destination: tuple[Rule, ...] = ()
    destination_last: tuple[Rule, ...] = ()
    forward: tuple[Rule, ...] = ()
    source: tuple[Rule, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Forward:
    node: Node
    text: str
    matches: tuple[Match, ...]
    asked: PortSet
    address: AddressSet
    port: PortSet | None


def opened(export: Export, attached: Mapping[str, Attached]) -> Opened:
    """Compile the port forwards of an export, and the doubt that UPnP brings."""
    node = export.root.at("port-forward")
    forwards = tuple(_forwards(export, node)) if node is not None else ()
    wan = node.values("wan-interface") if node is not None else ()
    if forwards and not wan:
        export.problem(node, "port-forward names no wan-interface; whether it forwards anything is unknown")
    destination: list[Rule] = []
    forward: list[Rule] = []
    source: list[Rule] = []
    lans = _lans(node, attached)
    for one in forwards:
        on = (coming_in(*wan),) if wan else (Unsupported(text="port-forward without a wan-interface"),)
        asked = (*one.matches, DestinationPort(ports=one.asked))
        target = TranslateDestination(addresses=one.address, ports=one.port)
        destination.append(rule(export, one.node, one.text, (*on, LOCAL, *asked), target))
        inside = (*one.matches, DestinationAddress(addresses=one.address))
        inside = (*inside, DestinationPort(ports=one.port or one.asked))
        forward += _accepted(export, node, one, (*on, *inside))
        if node is not None and node.value("hairpin-nat") == "enable":
            near = SourceAddress(addresses=lans or PRIVATE)
            if lans:
                destination.append(rule(export, one.node, f"{one.text} (hairpin)", (near, LOCAL, *asked), target))
            hidden: Action = TranslateSource(addresses=None)
            source.append(rule(export, one.node, f"{one.text} (hairpin)", (near, *inside), hidden))
    first, last = _upnp(export)
    return Opened(
        destination=tuple(destination),
        destination_last=last,
        forward=(*first, *forward),
        source=tuple(source),
    )


def _accepted(export: Export, node: Node | None, one: _Forward, matches: tuple[Match, ...]) -> Iterator[Rule]:
    """Give the rule by which a forward opens the firewall; there is none when `auto-firewall` is switched off."""
    setting = node.value("auto-firewall") if node is not None else ""
    if setting == "disable":
        return
    if setting != "enable":
        export.problem(node, "port-forward does not say auto-firewall; whether it opens the firewall is unknown")
        matches = (*matches, Unsupported(text="port-forward auto-firewall, which is not said"))
    yield rule(export, one.node, f"port-forward auto-firewall enable, {one.text}", matches, Accept())


def _forwards(export: Export, node: Node) -> Iterator[_Forward]:
    for number, below in node.numbered("rule"):
        if below.has("disable"):
            continue
        text = f"port-forward rule {number}: {words(below)}"
        port = below.value("forward-to", "port")
        try:
            names = PROTOCOLS[notation.protocol_name(below.value("protocol") or "tcp_udp")]
            address = notation.addresses(below.value("forward-to", "address"))
            asked = PortSet()
            for piece in below.value("original-port").split(","):
                asked |= ports(piece)
            yield _Forward(
                node=below,
                text=text,
                matches=(Protocol(names=names),),
                asked=asked,
                address=address,
                port=_kept(asked, ports(port)) if port else None,
            )
        except (LookupError, ValueError):
            export.problem(below, "the port forward was not understood; what depends on it is unknown")
            doubt = Unsupported(text=notation.shortened(text))
            everywhere = PortSet.everything()
            yield _Forward(node=below, text=text, matches=(doubt,), asked=everywhere, address=PRIVATE, port=None)


def _kept(asked: PortSet, target: PortSet) -> PortSet | None:
    """Give the ports that are forwarded to; None where each port keeps its number."""
    return None if asked == target else target


def _lans(node: Node | None, attached: Mapping[str, Attached]) -> AddressSet:
    names = node.values("lan-interface") if node is not None else ()
    return AddressSet.of(
        *(own.network for name in names if name in attached for own in attached[name].addresses if own.version == 4)
    )


def _upnp(export: Export) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Give what UPnP may have opened: a forward of anything that may exist or not, and that WAN_IN does not see."""
    for word in ("upnp2", "upnp"):
        node = export.root.at("service", word)
        if node is None or node.has("disable"):
            continue
        export.problem(node, "UPnP is on: programs may have opened ports that the export does not list")
        doubt = Unsupported(text=UPNP)
        text = f"service {word} {words(node)}"
        last = Rule(
            matches=(LOCAL, doubt),
            action=TranslateDestination(addresses=PRIVATE & AddressSet.all_ipv4()),
            effects=(SetMark(value=OPENED, mask=OPENED, connection=True),),
            text=notation.shortened(text),
            citation=export.place(node),
        )
        mark = Mark(value=OPENED, mask=OPENED, connection=True)
        return (rule(export, node, text, (mark,), Accept()),), (last,)
    return (), ()
