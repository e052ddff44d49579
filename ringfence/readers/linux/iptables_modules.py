"""The match modules of iptables (`-m conntrack --ctstate NEW`), each read into matches of the model."""

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Protocol as Shape

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import (
    ConnectionState,
    DestinationAddress,
    DestinationPort,
    Effect,
    Mark,
    Match,
    OriginalDestination,
    PacketKind,
    RateLimited,
    RecordSource,
    SeenBefore,
    SourceAddress,
    SourcePort,
    TcpFlags,
    Translated,
    Unsupported,
)
from ringfence.readers.linux import notation
from ringfence.readers.linux.ipset import Sets


class Given(Shape):
    """An option as the rule's line gives it."""

    @property
    def name(self) -> str:
        """The option's name with its dashes."""
        ...

    @property
    def values(self) -> tuple[str, ...]:
        """The words after it."""
        ...

    @property
    def negated(self) -> bool:
        """Whether a ``!`` stands before it."""
        ...


Found = tuple[list[Match], list[Effect]]

#: Modules whose only purpose is a note.
SILENT = frozenset({"comment"})
#: Which ICMP does not matter to whoever asks about TCP and UDP; `-p icmp` stands beside these.
ICMP = frozenset({"icmp", "icmp6", "icmpv6", "ipv6-icmp"})
PORT_MODULES = frozenset({"tcp", "udp", "udplite", "sctp", "dccp", "multiport"})
SOURCE_PORTS = frozenset({"--sport", "--source-port", "--sports", "--source-ports"})
DESTINATION_PORTS = frozenset({"--dport", "--destination-port", "--dports", "--destination-ports"})
ALL_FLAGS = frozenset({"fin", "syn", "rst", "psh", "ack", "urg"})


def read(module: str, given: Sequence[Given], sets: Sets) -> Found:
    """Read one ``-m`` section; what is not understood becomes one Unsupported match that quotes it."""
    if module in SILENT | ICMP or (module in PORT_MODULES and not given):
        return [], []
    try:
        if module == "recent":
            return _recent(given)
        if module == "set":
            return [_set(option, sets) for option in given if option.name != "--return-nomatch"], []
        if module in WHOLE:
            return [WHOLE[module](given)], []
        return [_single(module, option) for option in given] or [_unsupported(module, given)], []
    except (ValueError, LookupError):
        return [_unsupported(module, given)], []


def _unsupported(module: str, given: Sequence[Given]) -> Unsupported:
    return Unsupported(text=notation.shortened(f"-m {module} {' '.join(map(str, given))}".strip()))


def address_list(text: str, *, negated: bool) -> AddressSet:
    """Read the addresses of ``-s`` and ``-d``; raises ValueError on names and odd masks."""
    found = reduce(AddressSet.__or__, (notation.addresses(piece) for piece in text.split(",")))
    return ~found if negated else found


def _single(module: str, option: Given) -> Match:  # noqa: C901, PLR0911, PLR0912 - one arm per option
    value = option.values[0] if option.values else ""
    negated = option.negated
    if module in PORT_MODULES and option.name in SOURCE_PORTS | DESTINATION_PORTS:
        found = notation.ports(value)
        kind = SourcePort if option.name in SOURCE_PORTS else DestinationPort
        return kind(ports=~found if negated else found)
    match module, option.name:
        case "tcp", "--syn":
            return TcpFlags(mask=frozenset({"fin", "syn", "rst", "ack"}), flags=frozenset({"syn"}), negated=negated)
        case "tcp", "--tcp-flags":
            return TcpFlags(mask=_flags(value), flags=_flags(option.values[1]), negated=negated)
        case ("state", "--state") | ("conntrack", "--ctstate"):
            return ConnectionState(states=_words(value), negated=negated)
        case "conntrack", "--ctstatus" if value.upper() == "DNAT":
            return Translated(negated=negated)
        case "conntrack", "--ctorigdst":
            return OriginalDestination(addresses=address_list(value, negated=negated))
        case "conntrack", "--ctorigdstport":
            found = notation.ports(value)
            return OriginalDestination(ports=~found if negated else found)
        case "mark" | "connmark", "--mark":
            number, mask = notation.masked(value)
            return Mark(value=number, mask=mask, negated=negated, connection=module == "connmark")
        case "pkttype", "--pkt-type":
            kind_name = "host" if value.lower() == "unicast" else value.lower()
            return PacketKind(kinds=frozenset({kind_name}), negated=negated)
        case "addrtype", "--dst-type":
            return PacketKind(kinds=_words(value), negated=negated)
        case "iprange", "--src-range":
            return SourceAddress(addresses=address_list(value, negated=negated))
        case "iprange", "--dst-range":
            return DestinationAddress(addresses=address_list(value, negated=negated))
        case _:
            return _unsupported(module, [option])


def _words(text: str) -> frozenset[str]:
    return frozenset(text.lower().split(","))


def _flags(text: str) -> frozenset[str]:
    words = _words(text)
    if words == {"all"}:
        return ALL_FLAGS
    if words == {"none"}:
        return frozenset()
    if not words <= ALL_FLAGS:
        raise ValueError(f"unknown TCP flags: {text}")
    return words


def _recent(given: Sequence[Given]) -> Found:
    """Read ``-m recent --rcheck --seconds 60 --hitcount 10 --name SIGNALLING --rsource`` (xt_recent)."""
    named = {option.name: option for option in given}
    if "--rdest" in named or "--rttl" in named:
        return [_unsupported("recent", given)], []
    name = named["--name"].values[0] if "--name" in named else "DEFAULT"
    mask = named["--mask"].values[0] if "--mask" in named else ""
    whole = mask in {"", "255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"}
    if "--set" in named:
        if named["--set"].negated:
            return [_unsupported("recent", given)], []
        return [], [RecordSource(name=name)]
    hits = int(named["--hitcount"].values[0]) if "--hitcount" in named else 1
    text = notation.shortened(" ".join(map(str, given)))
    for verb in ("--rcheck", "--update", "--remove"):
        if verb in named and whole:
            return [SeenBefore(name=name, hits=max(hits, 1), negated=named[verb].negated, text=text)], []
    return [_unsupported("recent", given)], []


def _limit(given: Sequence[Given]) -> Match:
    return RateLimited(text=notation.shortened(" ".join(map(str, given))))


def _hashlimit(given: Sequence[Given]) -> Match:
    names = {option.name: option.negated for option in given}
    text = notation.shortened(" ".join(map(str, given)))
    if "--hashlimit-above" in names:
        return RateLimited(text=text, negated=not names["--hashlimit-above"])
    for name in ("--hashlimit-upto", "--hashlimit"):
        if name in names:
            return RateLimited(text=text, negated=names[name])
    raise ValueError("no rate")


def _connlimit(given: Sequence[Given]) -> Match:
    names = {option.name: option for option in given}
    text = notation.shortened(" ".join(map(str, given)))
    if "--connlimit-above" in names:
        option = names["--connlimit-above"]
        if int(option.values[0]) < 1:
            raise ValueError("the first connection is already above")
        return RateLimited(text=text, negated=not option.negated)
    if "--connlimit-upto" in names and int(names["--connlimit-upto"].values[0]) >= 1:
        return RateLimited(text=text, negated=names["--connlimit-upto"].negated)
    raise ValueError("no limit")


WHOLE: dict[str, Callable[[Sequence[Given]], Match]] = {
    "limit": _limit,
    "hashlimit": _hashlimit,
    "connlimit": _connlimit,
}


def _set(option: Given, sets: Sets) -> Match:
    if option.name != "--match-set" or len(option.values) != 2:
        return _unsupported("set", [option])
    name, direction = option.values
    found = sets.get(name)
    if found is None or found.addresses is None or direction not in {"src", "dst"}:
        return _unsupported("set", [option])
    members = ~found.addresses if option.negated else found.addresses
    return SourceAddress(addresses=members) if direction == "src" else DestinationAddress(addresses=members)
