"""OpenWrt's `config rule`, `config forwarding` and `config nat`, as rules of firewall4's chains (`fw4.uc`)."""

from collections.abc import Iterator

from ringfence.model.packetfilter import (
    Accept,
    Action,
    Continue,
    DestinationAddress,
    Drop,
    Effect,
    InputInterface,
    Jump,
    Match,
    OutputInterface,
    SetMark,
    SourceAddress,
    StopTracking,
    TranslateSource,
    UnsupportedAction,
)
from ringfence.readers.gateways.openwrt_draft import REJECT, Draft
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
    with_tcp_or_udp,
)
from ringfence.readers.gateways.openwrt_sets import condition
from ringfence.readers.gateways.openwrt_uci import Section
from ringfence.readers.gateways.openwrt_zones import Zone
from ringfence.readers.linux import notation

FULL = 0xFFFFFFFF
LEFT_OUT = "firewall4 leaves the section out: {}"


def zone_of(draft: Draft, section: Section, option: str) -> Zone | str | None:
    """Give the zone that an option names, ``*`` for any, None for none; raises ConflictError where there is none."""
    name = section.first(option)
    if not name or name == "*":
        return name or None
    if name not in draft.zones:
        raise ConflictError(f"{option} names zone {name}, which there is not")
    return draft.zones[name]


def of_set(draft: Draft, section: Section, found: list[Transport]) -> tuple[int | None, Alternatives, list[Transport]]:
    """Give a named set's family, its condition, and the protocols left; raises ConflictError."""
    written = section.first("ipset")
    if not written:
        return None, ANYTHING, found
    try:
        held, alternatives = condition(written, draft.sets)
    except KeyError:
        raise ConflictError(f"there is no set {written}") from None
    if any(kind == "port" for _, kind in held.fields):
        found = with_tcp_or_udp(found)
        if not found:
            raise ConflictError("a set of ports without TCP or UDP")
    return held.family, alternatives, found


def versions(wanted: int | None, sides: tuple[Networks, ...]) -> tuple[int, ...]:
    """Give the IP versions that rules are made for: one for both (0), or each that addresses speak of."""
    four, six = (any(side.of(version) for side in sides) for version in (4, 6))
    if not wanted and not four and not six:
        return (0,)
    if wanted:
        return (wanted,)
    if wanted is None and four != six:
        return (4,) if four else (6,)
    return (4, 6)


def addresses(version: int, source: Networks, destination: Networks) -> Iterator[Alternatives]:
    """Give the conditions on both addresses, for one IP version."""
    if version:
        yield source.of(version).alternatives(SourceAddress)
        yield destination.of(version).alternatives(DestinationAddress)


def rule(draft: Draft, section: Section) -> None:
    """Compile one `config rule`."""
    if not flag(section, "enabled", default=True):
        return
    try:
        _rule(draft, section)
    except ConflictError as error:
        draft.complain(section, LEFT_OUT.format(error))
    except (ValueError, LookupError):
        draft.emit_unread(section, _chains_of(section), "an option")


def _chains_of(section: Section) -> tuple[str, ...]:
    source, destination = section.first("src"), section.first("dest")
    if section.first("target").lower().startswith(("mark", "dscp", "notrack", "helper")):
        return ("mangle_prerouting",)
    if not source:
        return ()
    kind = "forward" if destination else "input"
    return (kind if source == "*" else f"{kind}_{source}",)


def _rule(draft: Draft, section: Section) -> None:
    target = enum(section.first("target"), TARGETS) if section.first("target") else ""
    source, destination = zone_of(draft, section, "src"), zone_of(draft, section, "dest")
    wrong = _incomplete(section, target, source)
    if wrong:
        raise ConflictError(wrong)
    chain, action, effects, links = _placed(section, target, source, destination)
    found = transports(section, ("tcp", "udp"))
    set_family, in_set, found = of_set(draft, section, found)
    src_ip = networks(section.words("src_ip"), draft.attached)
    dest_ip = networks(section.words("dest_ip"), draft.attached)
    for one in found:
        zones = [zone.family for zone in (source, destination) if isinstance(zone, Zone)]
        wanted = 6 if one.name == "ipv6-icmp" else family(section.first("family"))
        try:
            wanted = inferred(wanted, (set_family, src_ip.family, dest_ip.family, *zones))
        except ConflictError as error:
            draft.complain(section, LEFT_OUT.format(error))
            continue
        through = port_match(ports(section.words("src_port")), ports(section.words("dest_port")))
        for version in versions(wanted, (src_ip, dest_ip)):
            parts = (
                version_match(version),
                one.alternatives(version),
                (links,),
                through if one.has_ports else ANYTHING,
            )
            each = product((*parts, *addresses(version, src_ip, dest_ip), in_set, further(section)))
            draft.emit(chain, section, each, action, effects=effects)


def _incomplete(section: Section, target: str, source: Zone | str | None) -> str:
    """Say what firewall4 misses in the section; empty where nothing."""
    if target in {"helper", "notrack"} and not isinstance(source, Zone):
        return f"target {target} without a source zone"
    if target == "dscp" and not section.first("set_dscp"):
        return "target dscp without set_dscp"
    if target == "mark" and not section.first("set_mark") and not section.first("set_xmark"):
        return "target mark without set_mark"
    if target == "helper" and not section.first("set_helper"):
        return "target helper without set_helper"
    if section.first("device") == "*":
        return "any device"
    return ""


def _placed(
    section: Section, target: str, source: Zone | str | None, destination: Zone | str | None
) -> tuple[str, Action, tuple[Effect, ...], tuple[Match, ...]]:
    """Give the chain that a rule stands in, what it does there, and its conditions on interfaces."""
    links: tuple[Match, ...] = ()
    if section.first("device"):
        leaving = section.first("direction") in {"out", "egress"}
        kind = OutputInterface if leaving else InputInterface
        links = (kind(names=frozenset({section.first("device")})),)
    if target in {"mark", "dscp"}:
        for zone, kind in ((source, InputInterface), (destination, OutputInterface)):
            if isinstance(zone, Zone) and zone.devices:
                links += (kind(names=frozenset(zone.devices)),)
        effects = (_mark(section),) if target == "mark" else ()
        return _mangle_chain(source, destination), Continue(), effects, links
    if target in {"notrack", "helper"} and isinstance(source, Zone):
        source.marked.add(target)
        stops: tuple[Effect, ...] = (StopTracking(),) if target == "notrack" else ()
        return f"{target}_{source.name}", Continue(), stops, links
    kind_of_chain = "forward" if destination else "input"
    without_zone = kind_of_chain if source else "output"
    chain = f"{kind_of_chain}_{source.name}" if isinstance(source, Zone) else without_zone
    return chain, _verdict(target, destination), (), links


def _mangle_chain(source: Zone | str | None, destination: Zone | str | None) -> str:
    if isinstance(source, Zone):
        if destination == "*":
            return "mangle_prerouting"
        return "mangle_forward" if destination else "mangle_input"
    if source:
        if isinstance(destination, Zone):
            return "mangle_postrouting"
        return "mangle_forward" if destination else "mangle_input"
    return "mangle_output"


def _verdict(target: str, destination: Zone | str | None) -> Action:
    if not target:
        return Continue()
    if target not in {"accept", "reject", "drop"}:
        return UnsupportedAction(text=f"target {target}")
    if isinstance(destination, Zone):
        return Jump(chain=f"{target}_to_{destination.name}")
    if target == "reject":
        return Jump(chain=REJECT)
    return Accept() if target == "accept" else Drop()


def _mark(section: Section) -> Effect:
    """Read `set_mark 0x1/0xff` and `set_xmark`: `(mark & ~mask) ^ value`."""
    value, mask = notation.masked(section.first("set_mark") or section.first("set_xmark"))
    return SetMark(value=value, mask=mask | value if section.first("set_mark") else mask)


def forwarding(draft: Draft, section: Section) -> None:
    """Compile one `config forwarding`: one zone may open connections to another."""
    if not flag(section, "enabled", default=True):
        return
    try:
        _forwarding(draft, section)
    except ConflictError as error:
        draft.complain(section, LEFT_OUT.format(error))
    except ValueError:
        draft.emit_unread(section, ("forward",), "an option")


def _forwarding(draft: Draft, section: Section) -> None:
    source, destination = zone_of(draft, section, "src"), zone_of(draft, section, "dest")
    if source is None or destination is None:
        raise ConflictError("src or dest is missing")
    zones = [zone.family for zone in (source, destination) if isinstance(zone, Zone)]
    wanted = inferred(family(section.first("family")), zones) or 0
    chain = f"forward_{source.name}" if isinstance(source, Zone) else "forward"
    action: Action = Jump(chain=f"accept_to_{destination.name}") if isinstance(destination, Zone) else Accept()
    draft.emit(chain, section, product((version_match(wanted), further(section))), action)


def nat(draft: Draft, section: Section) -> None:
    """Compile one `config nat`: what source the packets that leave will show."""
    if not flag(section, "enabled", default=True):
        return
    chain = "srcnat"
    try:
        zone = zone_of(draft, section, "src")
        chain = f"srcnat_{zone.name}" if isinstance(zone, Zone) else "srcnat"
        _nat(draft, section, zone, chain)
    except ConflictError as error:
        draft.complain(section, LEFT_OUT.format(error))
    except (ValueError, LookupError):
        draft.emit_unread(section, (chain,), "an option")


def _nat(draft: Draft, section: Section, zone: Zone | str | None, chain: str) -> None:
    sides = [networks(section.words(key), draft.attached) for key in ("src_ip", "dest_ip", "snat_ip")]
    source, destination, rewrite = sides
    target = _nat_target(section)
    found = transports(section, ("all",))
    if any(section.first(key) for key in ("snat_port", "src_port", "dest_port")):
        found = with_tcp_or_udp(found)
        if not found:
            raise ConflictError("ports without TCP or UDP")
    links: tuple[Match, ...] = ()
    if section.first("device"):
        links = (OutputInterface(names=frozenset({section.first("device")})),)
    for one in found:
        zone_family = zone.family if isinstance(zone, Zone) else None
        wanted = inferred(family(section.first("family")), (*(side.family for side in sides), zone_family))
        if isinstance(zone, Zone):
            zone.marked.add("snat")
        if wanted is None and any(side.of(4) for side in sides) == any(side.of(6) for side in sides):
            wanted = 4  # firewall4: IPv4 unless IPv6 is asked for
        through = port_match(ports(section.words("src_port")), ports(section.words("dest_port")))
        for version in versions(wanted, tuple(sides)):
            action: Action = TranslateSource(addresses=None)
            if target == "accept" or (target == "snat" and not rewrite.first.get(version)):
                action = Accept()  # the address stays
            elif target == "snat":
                action = TranslateSource(addresses=rewrite.first[version])
            parts = (
                version_match(version),
                one.alternatives(version),
                (links,),
                through if one.has_ports else ANYTHING,
            )
            each = product((*parts, *addresses(version, source, destination), further(section)))
            draft.emit(chain, section, each, action)


def _nat_target(section: Section) -> str:
    target = enum(section.first("target", "masquerade"), TARGETS)
    target = target if target in {"accept", "snat", "masquerade"} else "masquerade"
    rewrites = section.first("snat_ip") or section.first("snat_port")
    if (target == "snat") != bool(rewrites):
        raise ConflictError("snat_ip does not go with the target")
    return target
