"""Compiles UniFi's port forwards (`rest/portforward`), each into the translations that it may be.

Newer controllers keep ``src`` but ignore it unless ``src_limiting_enabled``; which do so is not confirmed. So a source
that both readings admit is sure, and one that only the wider reading admits is not.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.addresses import PRIVATE, AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    InputInterface,
    Match,
    PacketKind,
    Protocol,
    Rule,
    SourceAddress,
    TranslateDestination,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.unifi_json import Value
from ringfence.readers.gateways.unifi_objects import FORWARD, NAT, Objects, Thing, ports
from ringfence.readers.linux import notation

PROTOCOLS = {
    "tcp": frozenset({"tcp"}),
    "udp": frozenset({"udp"}),
    "tcp_udp": frozenset({"tcp", "udp"}),
}
#: What a forward may say of its outside, and the interfaces of it.
OUTSIDE = {
    "": frozenset({"wan"}),
    "wan": frozenset({"wan"}),
    "wan2": frozenset({"wan2"}),
    "both": frozenset({"wan", "wan2"}),
    "all": frozenset({"wan", "wan2"}),
}
ANYONE = frozenset({"", "any", "0.0.0.0/0"})
LIMITING = "src, which newer controllers ignore unless src_limiting_enabled"
MAX_PIECES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """What a forward does with some sources: outside ports to an inside address and port."""

    thing: Thing
    text: str
    outside: tuple[Match, ...]
    sources: tuple[Match, ...]
    protocol: tuple[Match, ...]
    asked: PortSet
    address: AddressSet
    port: PortSet | None

    def translation(self) -> Rule:
        """Give the rule that rewrites the destination."""
        return Rule(
            matches=(*self.outside, *self.sources, *self.protocol, DestinationPort(ports=self.asked)),
            action=TranslateDestination(addresses=self.address, ports=self.port),
            text=self.text,
            citation=self.thing.place,
        )

    def inside(self) -> tuple[Match, ...]:
        """Give the conditions of the copy that lets the forwarded packets pass the firewall."""
        to = DestinationAddress(addresses=self.address)
        return (*self.sources, *self.protocol, to, DestinationPort(ports=self.port or self.asked))


def forwards(objects: Objects) -> tuple[Forward, ...]:
    """Give all forwards in force, in the order of the export."""
    found: list[Forward] = []
    for thing in objects.of(FORWARD):
        text = thing.shown("port forward")
        try:
            found += tuple(_forwards(objects, thing, text))
        except (LookupError, ValueError):
            objects.problem(thing.place, "the port forward was not understood; what depends on it is unknown")
            found.append(
                Forward(
                    thing=thing,
                    text=text,
                    outside=(),
                    sources=(Unsupported(text=text),),
                    protocol=(),
                    asked=PortSet.everything(),
                    address=PRIVATE & AddressSet.all_ipv4(),
                    port=None,
                ),
            )
    return tuple(found)


def _forwards(objects: Objects, thing: Thing, text: str) -> Iterator[Forward]:
    value = thing.value
    protocol = Protocol(names=PROTOCOLS[value.text("proto") or "tcp_udp"])
    address = notation.addresses(value.text("fwd"))
    outside = _outside(objects, thing)
    pairs = tuple(_pairs(value.text("dst_port"), value.text("fwd_port")))
    for sources in _sources(objects, thing):
        for asked, port in pairs:
            yield Forward(
                thing=thing,
                text=text,
                outside=outside,
                sources=sources,
                protocol=(protocol,),
                asked=asked,
                address=address,
                port=port,
            )


def _pairs(asked: str, target: str) -> Iterator[tuple[PortSet, PortSet | None]]:
    """Pair outside with inside ports: ``80,443`` to ``8080,8443`` goes piece by piece, one target takes all."""
    if not asked:
        raise ValueError("no port")
    if target in {"", asked}:
        yield ports(asked), None
        return
    outer, inner = asked.split(","), target.split(",")
    if len(outer) > MAX_PIECES or len(inner) not in {1, len(outer)}:
        raise ValueError("lists of different length")
    for one, other in zip(outer, inner if len(inner) > 1 else inner * len(outer), strict=True):
        yield ports(one), None if one == other else ports(other)


def _outside(objects: Objects, thing: Thing) -> tuple[Match, ...]:
    """Read where the packet must come in, and to which of the outside addresses."""
    value = thing.value
    interface = value.text("pfwd_interface").lower()
    to: Match = PacketKind(kinds=frozenset({"local"}))
    named = [value.text("destination_ip"), *_destinations(value)]
    named = [text for text in named if text not in ANYONE]
    try:
        if named:
            to = DestinationAddress(addresses=AddressSet.union(notation.addresses(text) for text in named))
    except ValueError:
        objects.problem(thing.place, "not interpreted: the outside address of the port forward")
        to = Unsupported(text="destination_ip of the port forward")
    if interface not in OUTSIDE:
        objects.problem(thing.place, "not interpreted: pfwd_interface of the port forward")
        return (Unsupported(text=f"pfwd_interface {notation.shortened(interface)}"), to)
    return (InputInterface(names=OUTSIDE[interface]), to)


def _destinations(value: Value) -> Iterator[str]:
    found = value.get("destination_ips")
    for item in found.items or () if found is not None else ():
        if item.members is not None:
            yield item.text("destination_ip")
        elif item.scalar:
            yield str(item.scalar)


def _sources(objects: Objects, thing: Thing) -> Iterator[tuple[Match, ...]]:
    """Give the sources that a forward admits: first those that are sure, then those that may be."""
    value = thing.value
    written = value.text("src")
    limited = value.flag("src_limiting_enabled")
    by_group = value.text("src_limiting_type") == "firewall_group"
    if limited and by_group:
        members = objects.addresses(value.text("src_firewall_group_id"))
        if members is None:
            objects.problem(thing.place, "the group that limits the port forward is not in the export")
            yield (Unsupported(text="src_firewall_group_id, whose group is not in the export"),)
        else:
            yield (SourceAddress(addresses=members),)
        return
    if written in ANYONE:
        if limited:
            objects.problem(thing.place, "the port forward is limited, but does not say to whom")
        yield (Unsupported(text="src_limiting_enabled without src"),) if limited else ()
        return
    try:
        found = AddressSet.union(notation.addresses(text) for text in written.split(","))
    except ValueError:
        objects.problem(thing.place, "not interpreted: src of the port forward")
        yield (Unsupported(text=f"src {notation.shortened(written)}"),)
        return
    yield (SourceAddress(addresses=found),)
    if not limited:
        objects.problem(thing.place, f"whether the port forward is limited is not confirmed: {LIMITING}")
        yield (Unsupported(text=LIMITING),)


def other_translations(objects: Objects) -> Iterator[Rule]:
    """Give the translations of `/v2/…/nat`, which are not interpreted."""
    for thing in objects.of(NAT):
        if thing.value.text("type") == "DNAT":
            text = thing.shown("NAT rule")
            objects.problem(thing.place, f"not interpreted: {text}")
            yield Rule(matches=(), action=UnsupportedAction(text=text), text=text, citation=thing.place)
