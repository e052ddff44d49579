"""What a packet filter says, free of any vendor's words: chains of rules with matches and one action each.

A rule set is evaluated for the first packet of a source never seen before (connection state NEW). Whatever a reader
cannot express becomes an ``Unsupported`` match, which makes answers that depend on it *unknown*, never *blocked*.
"""

from dataclasses import dataclass
from enum import StrEnum

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation


class Family(StrEnum):
    """Which packets a table sees."""

    IPV4 = "ip"
    IPV6 = "ip6"
    BOTH = "inet"


class Hook(StrEnum):
    """Where in the kernel a base chain is called."""

    PREROUTING = "prerouting"
    INPUT = "input"
    FORWARD = "forward"
    OUTPUT = "output"
    POSTROUTING = "postrouting"


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceAddress:
    """The packet's source is in ``addresses`` (a negation is already folded in).

    ``recorded_in`` names a list that rules add sources to: a source that an earlier rule recorded there matches too.
    """

    addresses: AddressSet
    recorded_in: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationAddress:
    """The packet's destination, as this hook sees it, is in ``addresses``."""

    addresses: AddressSet


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginalDestination:
    """The destination before translation is in ``addresses`` and its port in ``ports`` (``ct original``)."""

    addresses: AddressSet | None = None
    ports: PortSet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Protocol:
    """The transport protocol is one of ``names`` (``tcp``, ``udp``, ``icmp`` … lower case)."""

    names: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcePort:
    """The source port is in ``ports``; implies TCP, UDP or another protocol that has ports."""

    ports: PortSet


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationPort:
    """The destination port, as this hook sees it, is in ``ports``."""

    ports: PortSet


@dataclass(frozen=True, slots=True, kw_only=True)
class InputInterface:
    """The packet came in by one of ``names``; a trailing ``+`` or ``*`` stands for any ending."""

    names: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputInterface:
    """The packet leaves by one of ``names``; a trailing ``+`` or ``*`` stands for any ending."""

    names: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionState:
    """The tracked connection is in one of ``states``: new, established, related, invalid, untracked, dnat, snat."""

    states: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Translated:
    """The connection's destination was rewritten (``ct status dnat``)."""

    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """The packet's mark, masked, equals ``value``; with ``connection`` the mark of its connection."""

    value: int
    mask: int = 0xFFFFFFFF
    negated: bool = False
    connection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenBefore:
    """The source stands at least ``hits`` times in the list ``name`` (``-m recent --rcheck --hitcount``).

    A source never seen does not match, unless rules before this one recorded it; ``negated`` matches it. ``text`` is
    the limit in the rule's own words.
    """

    name: str = ""
    hits: int = 1
    negated: bool = False
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimited:
    """Matches as long as the traffic stays below the limit in ``text``: the first packet matches."""

    text: str
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PacketKind:
    """What the packet is addressed to.

    Link layer (``pkttype``): ``host``, ``broadcast``, ``multicast``, ``otherhost``. Destination (``addrtype``,
    ``fib``): ``local`` (an address of the box), ``unicast`` (any other machine), ``broadcast``, ``multicast``.
    """

    kinds: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpFlags:
    """Of the TCP flags in ``mask`` exactly those in ``flags`` are set (lower case); the first packet has ``syn``."""

    mask: frozenset[str]
    flags: frozenset[str]
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LaterFragment:
    """The packet is a fragment other than the first (``-f``); ``negated`` matches whole packets."""

    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class IpVersion:
    """The packet is IPv4 (4) or IPv6 (6)."""

    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsupported:
    """A condition that is not interpreted; it may match or not."""

    text: str


Match = (
    SourceAddress
    | DestinationAddress
    | OriginalDestination
    | Protocol
    | SourcePort
    | DestinationPort
    | InputInterface
    | OutputInterface
    | ConnectionState
    | Translated
    | Mark
    | SeenBefore
    | RateLimited
    | PacketKind
    | TcpFlags
    | LaterFragment
    | IpVersion
    | Unsupported
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMark:
    """Set the mark: ``mark = (mark & ~mask) ^ value`` (``--set-xmark``); ``value`` None makes it unknown."""

    value: int | None
    mask: int = 0xFFFFFFFF
    connection: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CopyMark:
    """Copy the packet's mark to its connection, or back (``CONNMARK --save-mark``, ``--restore-mark``)."""

    to_connection: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordSource:
    """Put the source into the list ``name`` (``-m recent --set``, ``add @name { ip saddr }``)."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StopTracking:
    """Keep the packet out of connection tracking, and so out of every translation (``CT --notrack``, ``notrack``).

    Only a chain that is called before tracking starts (PREROUTING, below ``TRACKING_PRIORITY``) has a say in that.
    """


Effect = SetMark | CopyMark | RecordSource | StopTracking

#: The priority at which connection tracking looks at a packet (NF_IP_PRI_CONNTRACK).
TRACKING_PRIORITY = -200


@dataclass(frozen=True, slots=True, kw_only=True)
class Accept:
    """Let the packet pass this base chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """Stop the packet; ``reject`` tells the sender."""

    reject: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Jump:
    """Go on in ``chain``; come back after its end unless ``returns`` is False (goto)."""

    chain: str
    returns: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Return:
    """Go back to the calling chain, or to the policy of a base chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateDestination:
    """Rewrite the destination; ``address`` None keeps it or, with ``redirect``, makes it the box itself.

    ``addresses`` holds every target the rule may choose. ``ports`` None keeps the port. With ``host_bits`` there is no
    choice: so many low bits of the destination are kept, and ``addresses`` is the network that it moves to (NETMAP).
    """

    addresses: AddressSet | None
    ports: PortSet | None = None
    redirect: bool = False
    host_bits: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TranslateSource:
    """Rewrite the source; ``addresses`` None is the address of the outgoing interface (masquerade)."""

    addresses: AddressSet | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Continue:
    """Go on with the next rule (counters, logging, marks)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsupportedAction:
    """An action that is not interpreted: the packet may pass, stop or go on."""

    text: str


Action = Accept | Drop | Jump | Return | TranslateDestination | TranslateSource | Continue | UnsupportedAction


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """All ``matches`` must hold for the ``effects`` and then ``action`` to apply; ``text`` is as it was written."""

    matches: tuple[Match, ...]
    action: Action
    effects: tuple[Effect, ...] = ()
    text: str
    citation: Citation


class ChainKind(StrEnum):
    """What verdicts of a base chain mean."""

    FILTER = "filter"
    NAT = "nat"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chain:
    """A list of rules; ``hook`` None for chains that are only jumped to.

    ``table`` qualifies the name: jumps stay inside their table. ``priority`` orders base chains on one hook, lower
    first.
    """

    table: str
    name: str
    family: Family
    rules: tuple[Rule, ...] = ()
    hook: Hook | None = None
    kind: ChainKind = ChainKind.FILTER
    priority: int = 0
    policy_accepts: bool = True
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruleset:
    """All tables of a host's packet filter; ``families`` are those that the evidence covers."""

    chains: tuple[Chain, ...]
    product: str
    citation: Citation
    families: frozenset[Family] = frozenset({Family.IPV4})
