"""OpenWrt's firewall zones: which interfaces and networks make one, and its policies (`config zone`)."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import ip_interface

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    DestinationAddress,
    InputInterface,
    IpVersion,
    Match,
    OutputInterface,
    SourceAddress,
    Unsupported,
)
from ringfence.model.site import InterfaceAddress
from ringfence.readers.gateways.openwrt_match import POLICIES, Networks, Subnets, enum, family, flag, inferred, networks
from ringfence.readers.gateways.openwrt_network import Attachment, Logical
from ringfence.readers.gateways.openwrt_uci import Section
from ringfence.readers.linux import notation

#: The connection tracking helpers that firewall4 knows; a zone that names another one is left out by it.
HELPERS = frozenset(
    {"amanda", "ftp", "RAS", "Q.931", "irc", "netbios-ns", "pptp", "sane", "sip", "snmp", "tftp", "rtsp"}
)
LOOPBACK = AddressSet.of("127.0.0.0/8", "::1")
#: What a policy is that is not understood.
UNREAD = "unread"


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """One way for a packet to be of a zone: by its interface and address; ``doubt`` says what is not known."""

    version: int
    names: frozenset[str] = frozenset()
    not_names: frozenset[str] = frozenset()
    subnets: Subnets = field(default_factory=Subnets)
    doubt: str = ""

    @property
    def is_loopback(self) -> bool:
        """Whether only the router talks to itself there; firewall4 leaves such packets tracked."""
        held = (self.subnets.held or AddressSet()) <= LOOPBACK
        return held and (self.names == {"lo"} or (not self.names and self.subnets.held is not None))

    def alternatives(self, *, leaving: bool) -> Iterator[tuple[Match, ...]]:
        """Give the conditions for a packet that comes from the zone, or leaves to it."""
        link = OutputInterface if leaving else InputInterface
        found: tuple[Match, ...] = (IpVersion(version=self.version),) if self.version else ()
        if self.doubt:
            found += (Unsupported(text=self.doubt),)
        if self.names:
            found += (link(names=self.names),)
        if self.not_names:
            found += (link(names=self.not_names, negated=True),)
        for addresses in self.subnets.alternatives(DestinationAddress if leaving else SourceAddress):
            yield (*found, *addresses)


@dataclass(slots=True, kw_only=True)
class Zone:
    """One zone; ``related`` are the addresses of its networks, ``marked`` which further chains rules ask for."""

    name: str
    section: Section
    citation: Citation
    text: str
    family: int
    groups: tuple[Group, ...]
    input: str
    forward: str
    masquerades: frozenset[int]
    masq_src: Networks
    masq_dest: Networks
    related: tuple[InterfaceAddress, ...]
    asks: bool
    devices: tuple[str, ...]
    marked: set[str] = field(default_factory=set)

    def addresses(self, version: int) -> tuple[InterfaceAddress, ...]:
        """Give the zone's own addresses of one IP version."""
        return tuple(address for address in self.related if address.version == version)


@dataclass(slots=True)
class _Devices:
    """The devices of a zone, sorted as firewall4 groups them."""

    plain: list[str] = field(default_factory=list)
    wildcards: list[str] = field(default_factory=list)
    excluded: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    given: bool = False

    def add(self, name: str, *, invert: bool) -> None:
        """Add one name; `eth+` is any that begins so, `+` any at all."""
        self.given = True
        if name == "+":
            if invert:
                self.plain.append("/never/")
            return
        wildcard = name.endswith("+")
        shown = f"{name[:-1]}*" if wildcard else name
        (self.excluded if invert else self.wildcards if wildcard else self.plain).append(shown)


def read(section: Section, attached: Attachment, file: str, defaults: dict[str, str]) -> Zone | None:
    """Read one section; None for one that firewall4 leaves out. Raises ValueError on what is not understood."""
    name = section.first("name")
    if not name or not flag(section, "enabled", default=True):
        return None
    devices = _Devices()
    related: list[InterfaceAddress] = []
    logical = list(_networks(section, attached))
    for network, invert in logical:
        related += network.addresses
        if network.device is None:
            continue
        if network.sure:
            devices.add(network.device, invert=invert)
        else:
            devices.given = True
            devices.doubts.append(f"which interface carries the network {network.name} is not in the evidence")
    for word in section.words("device"):
        devices.add(word.removeprefix("!").strip(), invert=word.startswith("!"))
    subnets = networks(section.words("subnet"), attached)
    for part in (subnets.ipv4.held, subnets.ipv6.held):
        related += [ip_interface(str(network)) for network in (part.networks() if part is not None else ())]
    helpers = [word for word in section.words("helper") if word.removeprefix("!") not in HELPERS]
    doubt = f"zone {name} names the unknown helper {helpers[0]}" if helpers else ""
    if section.damaged:
        doubt = f"a line of zone {name} could not be read"
    version = inferred(family(section.first("family")), (subnets.family,)) or 0
    return Zone(
        name=name,
        section=section,
        citation=Citation(file=file, line=section.line),
        text=section.text(),
        family=version,
        groups=tuple(_groups(devices, subnets, version, doubt)),
        input=policy(section, "input", defaults["input"]),
        forward=policy(section, "forward", defaults["forward"]),
        masquerades=frozenset({v for v, key in ((4, "masq"), (6, "masq6")) if flag(section, key)}),
        masq_src=networks(section.words("masq_src"), attached),
        masq_dest=networks(section.words("masq_dest"), attached),
        related=tuple(related),
        asks=any(network.asks for network, _ in logical),
        devices=tuple(devices.plain + devices.wildcards),
    )


def policy(section: Section, option: str, default: str) -> str:
    """Read `ACCEPT`, `REJECT`, `DROP`."""
    text = section.first(option)
    try:
        return enum(text, POLICIES) if text else default
    except ValueError:
        return UNREAD


def _networks(section: Section, attached: Attachment) -> Iterator[tuple[Logical, bool]]:
    for word in section.words("network"):
        name, invert = word.removeprefix("!").strip(), word.startswith("!")
        found = attached.networks.get(name)
        if found is None and not attached.known:
            # no network configuration: the logical name stands for the interface
            place = Citation(file="", line=section.line)
            found = Logical(name=name, device=name, sure=attached.names_stand, citation=place)
        if found is not None:
            yield found, invert


def _groups(devices: _Devices, subnets: Networks, version: int, doubt: str) -> Iterator[Group]:
    if not (devices.given or subnets.ipv4 or subnets.ipv6):
        return
    sets = [frozenset({name}) for name in devices.wildcards]
    if devices.plain or not (devices.wildcards or devices.doubts):
        sets.append(frozenset(devices.plain))
    excluded = frozenset(devices.excluded)
    choices = [(names, doubt) for names in sets] + [(frozenset[str](), unknown) for unknown in devices.doubts]
    for names, why in choices:
        if not version and not subnets.ipv4 and not subnets.ipv6:
            yield Group(version=0, names=names, not_names=excluded, doubt=notation.shortened(why))
            continue
        for each in (4, 6):
            if version in {0, each}:
                yield Group(
                    version=each,
                    names=names,
                    not_names=excluded,
                    subnets=subnets.of(each),
                    doubt=notation.shortened(why),
                )


def own(zone: Zone, version: int) -> AddressSet:
    """Give the router's own addresses in a zone."""
    return AddressSet.of(*(address.ip for address in zone.addresses(version)))


def inside(zone: Zone, version: int) -> AddressSet:
    """Give the networks of a zone."""
    return AddressSet.of(*(address.network for address in zone.addresses(version)))
