"""Writes a forward anew so that it lets in only whom the site needs, in the dialect that the rule was read from.

Only rules whose every condition can be written back are; of all others the addresses are said in words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import (
    Chain,
    DestinationAddress,
    DestinationPort,
    Family,
    InputInterface,
    IpVersion,
    Protocol,
    Rule,
    SourceAddress,
    TranslateDestination,
)
from ringfence.model.phrasing import listed
from ringfence.model.site import Site
from ringfence.reach.needed import Need

#: Networks that a rule is written with; more belong into a set of the edge's own.
MOST_NETWORKS = 64
#: Names are written into rules that somebody will load: nothing but these characters is let through.
SAFE_NAME = re.compile(r"[A-Za-z0-9_.@:*+-]{1,64}")


class Dialect(StrEnum):
    """How rules are written on the edge; ``words`` where they are not written here."""

    IPTABLES = "iptables"
    NFTABLES = "nftables"
    WORDS = "words"


@dataclass(frozen=True, slots=True, kw_only=True)
class Narrowing:
    """What to write in place of one forward: ``lines`` for ``table`` and ``chain``; none means to delete the rule.

    ``dialect`` is ``words`` where the rule cannot be written here, ``why`` then says the reason. ``needs`` are the
    listeners that the rule leads to. ``kept`` are ports of the rule that stay as they are, such as those of media.
    """

    place: Citation
    text: str
    table: str
    chain: str
    dialect: Dialect
    needs: tuple[Need, ...]
    lines: tuple[str, ...] = ()
    kept: PortSet | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Shape:
    """A forward taken apart: all that can be written back."""

    interfaces: InputInterface | None
    destination: AddressSet | None
    sources: AddressSet | None
    protocol: str
    ports: PortSet | None
    target: str
    target_port: int | None


def narrowings(site: Site, needs: tuple[Need, ...]) -> tuple[Narrowing, ...]:
    """Give one narrowing for each forward that lets in strangers, in the order of the edge's rules."""
    edge = site.host("edge")
    product = edge.packet_filter.product if edge is not None and edge.packet_filter is not None else ""
    by_rule: dict[Citation, list[tuple[Need, Rule, Chain, int]]] = {}
    for need in needs:
        for forward in need.forwards if need.strangers else ():
            entry = (need, forward.rule, forward.chain, forward.port)
            by_rule.setdefault(forward.rule.citation, []).append(entry)
    return tuple(_narrowing(product, by_rule[place]) for place in sorted(by_rule, key=_order))


def _order(place: Citation) -> tuple[str, int]:
    return place.file, place.line or 0


def _narrowing(product: str, entries: list[tuple[Need, Rule, Chain, int]]) -> Narrowing:
    _, rule, chain, _ = entries[0]
    needs = tuple(dict.fromkeys(need for need, _, _, _ in entries))
    shape, why = _shape(rule)
    dialect = _dialect(product, rule) if SAFE_NAME.fullmatch(chain.name) else Dialect.WORDS
    if dialect is not Dialect.WORDS and not why:
        why = _why_not(dialect, shape, needs)
    if shape is None or why or dialect is Dialect.WORDS:
        return _in_words(rule, chain, needs, why)
    doors = tuple((need, port) for need, _, _, port in entries)
    kept = _kept(shape, doors)
    return Narrowing(
        place=rule.citation,
        text=rule.text,
        table=chain.table if dialect is Dialect.IPTABLES else f"{chain.family} {chain.table}",
        chain=chain.name,
        dialect=dialect,
        needs=needs,
        lines=tuple(_lines(dialect, chain, shape, doors, kept)),
        kept=kept,
    )


def _in_words(rule: Rule, chain: Chain, needs: tuple[Need, ...], why: str) -> Narrowing:
    return Narrowing(
        place=rule.citation,
        text=rule.text,
        table=chain.table,
        chain=chain.name,
        dialect=Dialect.WORDS,
        needs=needs,
        why=why,
    )


def _dialect(product: str, rule: Rule) -> Dialect:
    """Tell iptables, whose rules begin with ``-A``, from nftables where the edge uses both."""
    products = set(product.split(" and "))
    if rule.text.startswith("-A ") and products <= {"iptables", "ip6tables", "nftables"}:
        return Dialect.IPTABLES
    return Dialect.NFTABLES if products == {"nftables"} else Dialect.WORDS


def _why_not(dialect: Dialect, shape: _Shape | None, needs: tuple[Need, ...]) -> str:
    for need in needs:
        if need.undeclared:
            return "no provider and no remote place is known: declare them in ringfence.toml and ask again"
        if need.by_name and not need.needed:
            return f"{listed(need.by_name)} is known by name only: add its addresses in ringfence.toml and ask again"
        if sum(1 for _ in need.needed.networks()) > MOST_NETWORKS:
            return "more networks need it than fit into a rule: keep them in a set of the edge"
    if dialect is Dialect.IPTABLES and shape is not None and shape.interfaces is not None:
        return "" if len(shape.interfaces.names) == 1 else "it names several interfaces"
    return ""


def _shape(rule: Rule) -> tuple[_Shape | None, str]:
    action = rule.action
    if not isinstance(action, TranslateDestination) or action.addresses is None or action.addresses.count != 1:
        return None, "it does not send packets to a single address"
    interfaces: InputInterface | None = None
    destination: AddressSet | None = None
    sources: AddressSet | None = None
    protocol, ports = "", None
    for match in rule.matches:
        match match:
            case InputInterface() if interfaces is None and all(SAFE_NAME.fullmatch(name) for name in match.names):
                interfaces = match
            case DestinationAddress(addresses=found) if destination is None and _is_short(found):
                destination = found
            case SourceAddress(addresses=found, recorded_in="") if sources is None and _is_short(found):
                sources = found
            case Protocol(names=names, negated=False) if len(names) == 1 and (not protocol or protocol in names):
                protocol = next(iter(names))
            case DestinationPort(ports=found_ports):
                ports = found_ports if ports is None else ports & found_ports
            case IpVersion():
                pass
            case _:
                return None, "it has conditions that are not written here"
    if protocol not in {"udp", "tcp"} or (action.ports is not None and len(action.ports) != 1):
        return None, "it is not a forward of UDP or TCP ports alone"
    target = action.addresses.example()
    return _Shape(
        interfaces=interfaces,
        destination=destination,
        sources=sources,
        protocol=protocol,
        ports=ports,
        target=f"[{target}]" if target is not None and target.version == 6 else str(target),
        target_port=next(iter(action.ports)) if action.ports is not None else None,
    ), ""


def _is_short(addresses: AddressSet) -> bool:
    return sum(1 for _, _ in zip(addresses.networks(), range(MOST_NETWORKS + 1), strict=False)) <= MOST_NETWORKS


def _kept(shape: _Shape, doors: tuple[tuple[Need, int], ...]) -> PortSet | None:
    """Give the ports of the rule that lead to no listener that was judged; None where it names no ports at all."""
    if shape.ports is None:
        return None
    return shape.ports & ~PortSet.of(*(port for _, port in doors))


def _lines(
    dialect: Dialect, chain: Chain, shape: _Shape, doors: tuple[tuple[Need, int], ...], kept: PortSet | None
) -> Iterator[str]:
    write = _iptables if dialect is Dialect.IPTABLES else _nftables
    by_sources: dict[AddressSet, list[int]] = {}
    for need, port in doors:
        allowed = need.needed if shape.sources is None else need.needed & shape.sources
        if allowed:
            by_sources.setdefault(allowed, []).append(port)
    for allowed, ports in by_sources.items():
        yield from write(chain, shape, allowed, PortSet.of(*ports))
    if kept:
        yield from write(chain, shape, shape.sources, kept)


def _nftables(chain: Chain, shape: _Shape, sources: AddressSet | None, ports: PortSet) -> Iterator[str]:
    six = (sources is not None and not sources.ipv4) or shape.target.startswith("[")
    family = "ip6" if six else "ip"
    words: list[str] = []
    if shape.interfaces is not None:
        quoted = [f'"{name}"' for name in sorted(shape.interfaces.names)]
        words += ["iifname", *(["!="] if shape.interfaces.negated else []), _group(quoted)]
    for name, addresses in (("daddr", shape.destination), ("saddr", sources)):
        if addresses is not None:
            words += [family, name, _group(str(addresses).split(", "))]
    shown = _group([str(PortSet.of(one)) for one in ports.intervals])
    to = "to" if chain.family is not Family.BOTH else f"{family} to"
    words += [shape.protocol, "dport", shown, "dnat", to, _target(shape)]
    yield " ".join(words)


def _group(items: list[str]) -> str:
    return items[0] if len(items) == 1 else f"{{ {', '.join(items)} }}"


def _iptables(chain: Chain, shape: _Shape, sources: AddressSet | None, ports: PortSet) -> Iterator[str]:
    """Write in the order of iptables-save, one rule for each network, since a saved rule names only one."""
    shown = ",".join(str(low) if low == high else f"{low}:{high}" for low, high in ports.intervals)
    match = f"-m multiport --dports {shown}" if "," in shown else f"-m {shape.protocol} --dport {shown}"
    origins = [str(network) for network in sources.networks()] if sources is not None else [""]
    targets = [str(network) for network in shape.destination.networks()] if shape.destination is not None else [""]
    link = ""
    if shape.interfaces is not None:
        name = next(iter(shape.interfaces.names))
        link = f"{'! ' if shape.interfaces.negated else ''}-i {name}"
    for origin in origins:
        for target in targets:
            words = [f"-A {chain.name}", origin and f"-s {origin}", target and f"-d {target}", link]
            words += [f"-p {shape.protocol}", match, f"-j DNAT --to-destination {_target(shape)}"]
            yield " ".join(word for word in words if word)


def _target(shape: _Shape) -> str:
    return shape.target if shape.target_port is None else f"{shape.target}:{shape.target_port}"
