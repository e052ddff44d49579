"""OpenWrt's named sets (`config ipset`): what they hold, and a rule's condition on one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    Match,
    SourceAddress,
    SourcePort,
    Unsupported,
)
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.gateways.openwrt_match import Alternatives, enum, family, flag
from ringfence.readers.gateways.openwrt_uci import Section
from ringfence.readers.linux import notation

KINDS = ("ip", "port", "mac", "net", "set")
MAX_ENTRIES = 200_000
#: Sets of several fields are taken apart entry by entry, up to so many.
MOST_TUPLES = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedSet:
    """A set; ``fields`` are ``(src|dst, ip|net|port|mac)``. ``unknown`` says why its content is not known."""

    name: str
    family: int
    fields: tuple[tuple[str, str], ...] = ()
    entries: tuple[tuple[str, ...], ...] = field(default=(), repr=False)
    unknown: str = ""


def read(section: Section, artifacts: Artifacts, folder: str) -> NamedSet | None:
    """Read one section; None for one that firewall4 leaves out."""
    name = section.first("name")
    if not name or not flag(section, "enabled", default=True) or not section.words("match"):
        return None
    unknown = f"what the set {name} holds is not in the evidence"
    try:
        version = family(section.first("family", "4"))
        fields = tuple(_field(word) for word in section.words("match"))
    except ValueError:
        return NamedSet(name=name, family=0, unknown=unknown)
    of_addresses = any(kind in {"ip", "net"} for _, kind in fields)
    if (of_addresses and version == 0) or any(kind == "set" for _, kind in fields):
        return None
    found = [tuple(entry.split()) for entry in section.options.get("entry", ())]
    loaded = _loaded(section.first("loadfile"), artifacts, folder)
    # a set that nothing fills in the configuration is filled at run time, by a resolver or a script
    known = loaded is not None and bool(found or loaded) and not section.damaged
    return NamedSet(
        name=name,
        family=version or 0,  # also of sets of ports: firewall4 takes them for IPv4
        fields=fields,
        entries=tuple(entry for entry in (*found, *(loaded or ())) if len(entry) == len(fields)),
        unknown="" if known else unknown,
    )


def _field(word: str) -> tuple[str, str]:
    direction, _, kind = word.rpartition("_")
    return ("dst" if direction in {"dst", "dest"} else "src"), enum(kind, KINDS)


def _loaded(path: str, artifacts: Artifacts, folder: str) -> list[tuple[str, ...]] | None:
    """Give the entries of a set's file; None when it is not in the evidence."""
    if not path:
        return []
    name = next((one for one in artifacts.names() if one.startswith(folder) and one.endswith(path)), None)
    if name is None:
        return None
    found: list[tuple[str, ...]] = []
    for _, raw in lines(artifacts, name):
        line = decoded(raw).strip()
        if line and not line.startswith("#"):
            found.append(tuple(line.split()))
        if len(found) > MAX_ENTRIES:
            return None
    return found


def condition(written: str, sets: Mapping[str, NamedSet]) -> tuple[NamedSet, Alternatives]:
    """Read a rule's `providers`, `!blocked dest`, `pairs src,dst`; raises KeyError on a set that there is not."""
    negated = written.strip().startswith("!")
    name, *directions = written.strip().removeprefix("!").replace(",", " ").split() or [""]
    held = sets[name]
    doubt: Alternatives = ((Unsupported(text=held.unknown or f"ipset {written}"),),)
    if held.unknown:
        return held, doubt
    fields = [
        (("dst" if directions[n] in {"dst", "dest"} else "src") if n < len(directions) else own, kind)
        for n, (own, kind) in enumerate(held.fields)
    ]
    try:
        if len(fields) == 1:
            return held, (_single(fields[0], [entry[0] for entry in held.entries], negated=negated),)
        if negated or len(held.entries) > MOST_TUPLES:
            return held, doubt
        each = tuple(
            tuple(match for one, value in zip(fields, entry, strict=True) for match in _single(one, [value]))
            for entry in held.entries
        )
    except ValueError:
        return held, doubt
    return held, each


def _single(one: tuple[str, str], values: Sequence[str], *, negated: bool = False) -> tuple[Match, ...]:
    direction, kind = one
    if kind == "port":
        found = PortSet.of(*(notation.port(value) for value in values))
        found = ~found if negated else found
        return (SourcePort(ports=found) if direction == "src" else DestinationPort(ports=found),)
    if kind == "mac":
        raise ValueError(kind)
    addresses = AddressSet.union(notation.addresses(value) for value in values)
    addresses = ~addresses if negated else addresses
    return (SourceAddress(addresses=addresses) if direction == "src" else DestinationAddress(addresses=addresses),)
