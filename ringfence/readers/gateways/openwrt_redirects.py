"""OpenWrt's `config redirect`: port forwards, forwards to the router itself, and their reflection (`fw4.uc`)."""

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    Action,
    DestinationAddress,
    SourceAddress,
    TranslateDestination,
    TranslateSource,
    Unsupported,
)
from ringfence.readers.gateways import openwrt_zones
from ringfence.readers.gateways.openwrt_draft import Draft
from ringfence.readers.gateways.openwrt_match import (
    ANYTHING,
    TARGETS,
    Alternatives,
    ConflictError,
    Networks,
    Transport,
    enum,
    family,
    flag,
    further,
    inferred,
    networks,
    port_match,
    ports,
    product,
    transports,
    version_match,
)
from ringfence.readers.gateways.openwrt_rules import LEFT_OUT, addresses, of_set, zone_of
from ringfence.readers.gateways.openwrt_uci import Section
from ringfence.readers.gateways.openwrt_zones import Zone

#: firewall4 then writes `dnat 10.0.0.2:22` without `tcp`, and nft 1.0 loads nothing of the whole rule set.
REFUSED = "dest_port without src_dport: nft refuses the rule that firewall4 makes of it; the firewall may not be loaded"


def redirect(draft: Draft, section: Section) -> None:
    """Compile one `config redirect`."""
    if not flag(section, "enabled", default=True):
        return
    try:
        target = enum(section.first("target", "dnat"), TARGETS)
    except ValueError:
        target = "dnat"  # firewall4 says so and goes on
    try:
        if target == "snat":
            _source(draft, section)
        else:
            _destination(draft, section)
    except ConflictError as error:
        draft.complain(section, LEFT_OUT.format(error))
    except (ValueError, LookupError):
        zone = section.first("dest" if target == "snat" else "src")
        draft.emit_unread(section, (f"{'srcnat' if target == 'snat' else 'dstnat'}_{zone}",), "an option")
        if zone in draft.zones:
            draft.zones[zone].marked.add("snat" if target == "snat" else "dnat")


def _destination(draft: Draft, section: Section) -> None:
    source, destination = zone_of(draft, section, "src"), zone_of(draft, section, "dest")
    if not isinstance(source, Zone):
        raise ConflictError("a redirect needs one source zone")
    sides = [networks(section.words(key), draft.attached) for key in ("src_ip", "src_dip", "dest_ip")]
    rewrite = sides[2]
    if rewrite.negated or rewrite.ipv4.odd or rewrite.ipv6.odd:
        raise ConflictError("dest_ip is negated or has an odd mask")
    if destination is None and rewrite.family is not None:
        destination = _zone_of_target(draft, rewrite)
    from_ports, public_ports = ports(section.words("src_port")), ports(section.words("src_dport"))
    new_ports = ports(section.words("dest_port")) if section.first("dest_port") else public_ports
    reflected = flag(section, "reflection", default=True) and isinstance(destination, Zone)
    if reflected and isinstance(destination, Zone) and 4 in source.masquerades:
        destination.marked |= {"dnat", "snat"}
    source.marked.add("dnat")
    set_family, in_set, found = of_set(draft, section, transports(section, ("tcp", "udp")))
    zones = [zone.family for zone in (source, destination) if isinstance(zone, Zone)]
    for one in found:
        wanted = 6 if one.name == "ipv6-icmp" else family(section.first("family"))
        try:
            wanted = inferred(wanted, (set_family, *(side.family for side in sides), *zones))
        except ConflictError as error:
            draft.complain(section, LEFT_OUT.format(error))
            continue
        through = port_match(from_ports, public_ports) if one.has_ports else ANYTHING
        new = new_ports if one.has_ports else None
        if new is not None and from_ports is None and public_ports is None:
            draft.complain(section, REFUSED)
        if reflected and isinstance(destination, Zone):
            _reflect(draft, section, (source, destination), (sides[1], rewrite), (one, through, new), wanted)
        for version in _versions(wanted, sides):
            target = rewrite.first.get(version)
            action = TranslateDestination(addresses=target, ports=new, redirect=target is None)
            parts = (version_match(version), one.alternatives(version), through)
            each = product((*parts, *addresses(version, sides[0], sides[1]), in_set, further(section)))
            draft.emit(f"dstnat_{source.name}", section, each, action)


def _versions(wanted: int | None, sides: list[Networks]) -> tuple[int, ...]:
    """Give the IP versions of a redirect: IPv4 where nothing is said (firewall4 keeps to what fw3 did)."""
    four, six = (any(side.of(version) for side in sides) for version in (4, 6))
    if not four and not six:
        return (4 if wanted is None else wanted,)
    return tuple(version for version, said in ((4, four), (6, six)) if said and wanted in {None, 0, version})


def _zone_of_target(draft: Draft, rewrite: Networks) -> Zone | None:
    """Find the zone whose networks hold the target of a redirect that names none."""
    for zone in draft.zones.values():
        for version, target in rewrite.first.items():
            if target <= openwrt_zones.inside(zone, version):
                return zone
    return None


def _reflect(  # noqa: PLR0913, PLR0917 - one forward, seen from inside
    draft: Draft,
    section: Section,
    zones: tuple[Zone, Zone],
    public: tuple[Networks, Networks],
    what: tuple[Transport, Alternatives, PortSet | None],
    wanted: int | None,
) -> None:
    """Add what lets the inside reach the forward by the outside address: limited to the inside's own networks."""
    (source, destination), (outside, rewrite), (transport, through, new) = zones, public, what
    names = section.words("reflection_zone")
    reflecting = [draft.zones[name] for name in names if name in draft.zones] if names else [destination]
    for zone in reflecting:
        for version in (4, 6):
            target = rewrite.first.get(version)
            inside = openwrt_zones.inside(zone, version)
            if target is None or version not in source.masquerades or not inside or wanted not in {None, 0, version}:
                continue
            via = _rewritten(section, zone, target, source, version)
            addressed = _outside(outside, source, version)
            if via is None or addressed is None:
                continue
            base = (version_match(version), transport.alternatives(version))
            near: Alternatives = ((SourceAddress(addresses=inside),),)
            each = product((*base, through, near, addressed, further(section)))
            zone.marked |= {"dnat", "snat"}
            action: Action = TranslateDestination(addresses=target, ports=new)
            draft.emit(f"dstnat_{zone.name}", section, each, action, note="(reflection)")
            back: Alternatives = ((DestinationAddress(addresses=target),),)
            each = product((*base, port_match(None, new), near, back, further(section)))
            draft.emit(f"srcnat_{zone.name}", section, each, TranslateSource(addresses=via), note="(reflection)")


def _outside(outside: Networks, source: Zone, version: int) -> Alternatives | None:
    """Give the condition on the outside address; one that the other side assigns is known at run time only."""
    if outside.family is not None:
        return outside.of(version).alternatives(DestinationAddress) if outside.of(version) else None
    known = openwrt_zones.own(source, version)
    if known:
        return ((DestinationAddress(addresses=known),),)
    if not source.asks:
        return None
    return ((Unsupported(text=f"the outside address of zone {source.name} is not in the evidence"),),)


def _rewritten(section: Section, zone: Zone, target: AddressSet, source: Zone, version: int) -> AddressSet | None:
    """Give the address that reflected packets show: the router's own in the target's network, or its outside one."""
    if section.first("reflection_src", "internal").lower().startswith("e"):
        known = openwrt_zones.own(source, version).example()
        return AddressSet.of(known) if known is not None else None
    own = zone.addresses(version)
    near = [address for address in own if target <= AddressSet.of(address.network)]
    return AddressSet.of((near or own)[0].ip) if own else None


def _source(draft: Draft, section: Section) -> None:
    """Compile `target SNAT`: packets that leave to a zone show ``src_dip``."""
    zone = zone_of(draft, section, "dest")
    source = zone_of(draft, section, "src")
    if not isinstance(zone, Zone):
        raise ConflictError("a source translation needs one destination zone")
    sides = [networks(section.words(key), draft.attached) for key in ("src_ip", "dest_ip", "src_dip")]
    rewrite = sides[2]
    if rewrite.family is None or rewrite.negated or rewrite.ipv4.odd or rewrite.ipv6.odd:
        raise ConflictError("src_dip is missing or cannot be used")
    zone.marked.add("snat")
    set_family, in_set, found = of_set(draft, section, transports(section, ("tcp", "udp")))
    zones = [one.family for one in (source, zone) if isinstance(one, Zone)]
    for one in found:
        wanted = inferred(family(section.first("family")), (set_family, *(side.family for side in sides), *zones))
        through = port_match(ports(section.words("src_port")), ports(section.words("dest_port")))
        for version in _versions(wanted, sides):
            target = rewrite.first.get(version)
            if target is None:
                continue
            parts = (version_match(version), one.alternatives(version), through if one.has_ports else ANYTHING)
            each = product((*parts, *addresses(version, sides[0], sides[1]), in_set, further(section)))
            draft.emit(f"srcnat_{zone.name}", section, each, TranslateSource(addresses=target))
