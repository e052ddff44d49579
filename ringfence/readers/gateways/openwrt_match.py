"""The conditions of OpenWrt's firewall sections as matches of the model, read as firewall4 reads them (`fw4.uc`).

A condition may come out as several alternatives, any of which suffices. IPv4 and IPv6 are kept apart; 0 is both.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import ip_address

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    IpVersion,
    Mark,
    Match,
    Protocol,
    RateLimited,
    SourceAddress,
    SourcePort,
    Unsupported,
)
from ringfence.readers.gateways.openwrt_network import Attachment
from ringfence.readers.gateways.openwrt_uci import Section
from ringfence.readers.linux import notation

#: Any one of these sets of matches suffices.
Alternatives = tuple[tuple[Match, ...], ...]
ANYTHING: Alternatives = ((),)
MOST_ALTERNATIVES = 1024
POLICIES = ("accept", "reject", "drop")
TARGETS = (*POLICIES, "notrack", "helper", "mark", "dscp", "dnat", "snat", "masquerade")
TRUE, FALSE = frozenset({"1", "on", "true", "yes"}), frozenset({"0", "off", "false", "no"})
#: Conditions that are named but not interpreted.
UNREAD = (
    "src_mac", "helper", "start_date", "stop_date", "start_time", "stop_time", "weekdays", "dscp",
)  # fmt: skip


class ConflictError(ValueError):
    """A section that asks for IPv4 and for IPv6 at once; firewall4 leaves it out."""


def enum(text: str, choices: Sequence[str]) -> str:
    """Read a word that may be shortened and written in capitals (`ACC` is accept); raises ValueError."""
    lower = text.lower()
    found = next((choice for choice in choices if choice.startswith(lower)), None)
    if found is None:
        raise ValueError(text)
    return found


def flag(section: Section, option: str, *, default: bool = False) -> bool:
    """Read a yes or no."""
    text = section.first(option)
    return True if text in TRUE else False if text in FALSE else default


def family(text: str) -> int | None:
    """Read `ipv4`, `ipv6`, `any`; None when nothing is said. Raises ValueError."""
    if not text:
        return None
    if text in {"any", "all", "*"}:
        return 0
    if text == "inet" or "4" in text:
        return 4
    if "6" in text:
        return 6
    raise ValueError(text)


def inferred(wanted: int | None, parts: Iterable[int | None]) -> int | None:
    """Narrow the family by what the section refers to; raises ConflictError where nothing is left."""
    found = wanted
    for part in parts:
        if not part or part == found:
            continue
        if found:
            raise ConflictError(f"IPv{found} and IPv{part}")
        found = part
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Subnets:
    """The addresses of one option for one IP version.

    ``odd`` are those with a mask that is no prefix, which are not interpreted; ``odd_excluded`` likewise.
    """

    held: AddressSet | None = None
    excluded: AddressSet = field(default_factory=AddressSet)
    odd: tuple[str, ...] = ()
    odd_excluded: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Tell whether the option says anything for this IP version."""
        return bool(self.held is not None or self.excluded or self.odd or self.odd_excluded)

    def alternatives(self, kind: type[SourceAddress | DestinationAddress]) -> Alternatives:
        """Give the condition on the source or the destination."""
        doubts = tuple(Unsupported(text=f"not {text}") for text in self.odd_excluded)
        rest: tuple[Match, ...] = (kind(addresses=~self.excluded),) if self.excluded else ()
        found = tuple((*rest, Unsupported(text=text), *doubts) for text in self.odd)
        if self.held is not None:
            return (*found, (kind(addresses=self.held - self.excluded), *doubts))
        return found or ((*rest, *doubts),)


NOTHING = Subnets()


@dataclass(frozen=True, slots=True, kw_only=True)
class Networks:
    """The addresses of one option, for IPv4 and IPv6; ``first`` is the first one of each version, as a target."""

    ipv4: Subnets = NOTHING
    ipv6: Subnets = NOTHING
    first: Mapping[int, AddressSet] = field(default_factory=dict)
    negated: bool = False

    def of(self, version: int) -> Subnets:
        """Give the part of one IP version."""
        return self.ipv4 if version == 4 else self.ipv6

    @property
    def family(self) -> int | None:
        """The one IP version it is about; 0 both, None neither."""
        if self.ipv4 and self.ipv6:
            return 0
        return 4 if self.ipv4 else 6 if self.ipv6 else None


def networks(words: Iterable[str], attached: Attachment) -> Networks:
    """Read `192.168.1.0/24`, `!10.0.0.1`, `10.0.0.1-10.0.0.9`, `lan` (that network's own); raises ValueError."""
    held: list[AddressSet] = []
    excluded: list[AddressSet] = []
    odd: dict[tuple[int, bool], list[str]] = {}
    first: dict[int, AddressSet] = {}
    negated = False
    for word in words:
        text, invert = _inverted(word)
        negated = negated or invert
        try:
            found = _subnet(text, attached)
        except OddMaskError:
            odd.setdefault((6 if ":" in text else 4, invert), []).append(text)
            continue
        for version, part in ((4, AddressSet(ipv4=found.ipv4)), (6, AddressSet(ipv6=found.ipv6))):
            if part and not invert:
                first.setdefault(version, _target(text, part))
        (excluded if invert else held).append(found)
    return Networks(
        ipv4=_subnets(4, held, excluded, odd), ipv6=_subnets(6, held, excluded, odd), first=first, negated=negated
    )


def _subnets(
    version: int, held: list[AddressSet], excluded: list[AddressSet], odd: Mapping[tuple[int, bool], list[str]]
) -> Subnets:
    def only(parts: list[AddressSet]) -> AddressSet:
        whole = AddressSet.union(parts)
        return AddressSet(ipv4=whole.ipv4) if version == 4 else AddressSet(ipv6=whole.ipv6)

    return Subnets(
        held=only(held) or None,
        excluded=only(excluded),
        odd=tuple(odd.get((version, False), ())),
        odd_excluded=tuple(odd.get((version, True), ())),
    )


class OddMaskError(ValueError):
    """A mask that is no run of leading ones, e.g. `::1/::ffff`."""


def _subnet(text: str, attached: Attachment) -> AddressSet:
    network = attached.networks.get(text)
    if network is not None:
        if not network.addresses:
            raise ValueError(f"the addresses of {text} are not in the evidence")
        return AddressSet.of(*(own.network for own in network.addresses))
    address, _, mask = text.partition("/")
    if mask and not mask.isdigit():
        return _masked(address, mask)
    return notation.addresses(text)


def _masked(address: str, mask: str) -> AddressSet:
    if mask.startswith("-") and mask[1:].isdigit():
        raise OddMaskError(mask)
    bits = ip_address(mask)
    if bits.version != ip_address(address).version:
        raise ValueError(mask)
    ones = f"{int(bits):b}".zfill(bits.max_prefixlen)
    if "01" in ones:
        raise OddMaskError(mask)
    return AddressSet.of(f"{address}/{ones.count('1')}") if "/" not in address else AddressSet()


def _target(text: str, part: AddressSet) -> AddressSet:
    """Give what a translation to this would choose: a whole range, but of a network only its first address."""
    first = part.example()
    return part if "-" in text or first is None else AddressSet.of(first)


def _inverted(word: str) -> tuple[str, bool]:
    text = word.strip()
    return (text[1:].strip(), True) if text.startswith("!") else (text, False)


def ports(words: Iterable[str]) -> PortSet | None:
    """Read `5060`, `10000-20000`, `!69` and lists of them; None when there is none. Raises ValueError."""
    held, excluded = PortSet(), PortSet()
    found = False
    for word in words:
        text, invert = _inverted(word)
        if not re.fullmatch(r"\d{1,5}([-:]\d{1,5})?", text):
            raise ValueError(text)
        one = notation.ports(text.replace(":", "-"), "-")
        if invert:
            excluded |= one
        else:
            held, found = held | one, True
    if not found and not excluded:
        return None
    return held & ~excluded if found else ~excluded


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """A protocol that a section is about; an empty name is any. ``negated`` ones are not interpreted."""

    name: str
    negated: bool = False

    @property
    def has_ports(self) -> bool:
        """Whether firewall4 looks at the ports: with TCP and UDP only, it ignores them otherwise."""
        return self.name in {"tcp", "udp"}

    def alternatives(self, version: int) -> Alternatives:
        """Give the condition on the protocol."""
        if not self.name:
            return ANYTHING
        if self.negated:
            return ((Unsupported(text=f"proto !{self.name}"),),)
        names = {"icmp": {0: {"icmp", "ipv6-icmp"}, 4: {"icmp"}, 6: {"ipv6-icmp"}}[version]}
        return ((Protocol(names=frozenset(names.get(self.name, {self.name}))),),)


def transports(section: Section, default: tuple[str, ...]) -> list[Transport]:
    """Read `tcp udp`, `tcpudp`, `all`, numbers; raises ValueError."""
    found: list[Transport] = []
    for word in section.words("proto") or default:
        text, negated = _inverted(word)
        if not text:
            raise ValueError(word)
        if text.lower() == "tcpudp":
            found += [Transport(name="tcp", negated=negated), Transport(name="udp", negated=negated)]
        else:
            name = notation.protocol_name(text)
            found.append(Transport(name="" if name in {"all", "any", "*"} else name, negated=negated))
    return found


def with_tcp_or_udp(found: list[Transport]) -> list[Transport]:
    """Take any protocol for TCP and UDP; empty where another one is named, for which there are no ports."""
    if any(one.has_ports for one in found):
        return found
    return [Transport(name="tcp"), Transport(name="udp")] if all(not one.name for one in found) else []


def version_match(version: int) -> Alternatives:
    """Give the condition on the IP version; 0 is any."""
    return ((IpVersion(version=version),),) if version else ANYTHING


def port_match(source: PortSet | None, destination: PortSet | None) -> Alternatives:
    """Give the conditions on both ports."""
    found: tuple[Match, ...] = ()
    if source is not None:
        found += (SourcePort(ports=source),)
    if destination is not None:
        found += (DestinationPort(ports=destination),)
    return (found,)


def further(section: Section) -> Alternatives:
    """Give the conditions that all sections may have: limit, mark, schedule, hardware address."""
    found: list[Match] = [
        Unsupported(text=notation.shortened(f"{key} {' '.join(section.options[key])}"))
        for key in UNREAD
        if key in section.options
    ]
    if section.first("limit"):
        text = f"limit {section.first('limit')}"
        zero = re.match(r"!?\s*0*(/|$)", section.first("limit"))
        found.append(Unsupported(text=text) if zero else RateLimited(text=text))
    if section.first("mark"):
        text, negated = _inverted(section.first("mark"))
        try:
            value, mask = notation.masked(text)
            found.append(Mark(value=value, mask=mask, negated=negated))
        except ValueError:
            found.append(Unsupported(text=f"mark {text}"))
    if section.damaged:
        found.append(Unsupported(text="a line of the section that could not be read"))
    return (tuple(found),)


def product(parts: Iterable[Alternatives]) -> Alternatives:
    """Give the alternatives of all conditions together; too many become one doubt."""
    found = ANYTHING
    for each in parts:
        if len(found) * len(each) > MOST_ALTERNATIVES:
            return ((*found[0], Unsupported(text="more combinations of conditions than are followed")),)
        found = tuple((*held, *more) for held in found for more in each)
    return found
