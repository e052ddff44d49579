"""Rules around the phone system that do nothing: forwards to nobody, forwards that are stopped, rules never reached."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Verdict
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    DestinationPort,
    Drop,
    Protocol,
    Rule,
    Ruleset,
    SourceAddress,
    TranslateDestination,
)
from ringfence.model.site import Address, Host, Listener, Site
from ringfence.reach.asking import Inquiry
from ringfence.reach.listeners import are_all
from ringfence.reach.shadow import shadows
from ringfence.reach.whereabouts import INTERNET, expected_callers

#: Ports that phone systems use by default, whether anything listens there or not.
PHONE_PORTS = {"udp": PortSet.of(69, 4569, (5060, 5061), (5160, 5161)), "tcp": PortSet.of((5060, 5061), (5160, 5161))}
#: Sockets for media exist during a call only: RTP, UDPTL (FreePBX's defaults).
MEDIA = PortSet.of((10_000, 20_000), (4_000, 4_568), (4_570, 4_999))
#: A wider UDP range is for media, whatever its numbers.
WIDEST_SERVICE = 64


class Kind(StrEnum):
    """Why a rule does nothing."""

    NO_LISTENER = "no-listener"
    NO_KNOWN_HOST = "no-known-host"
    STOPPED = "stopped"
    SHADOWED = "shadowed"


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRule:
    """A rule that does nothing: what is proved of it, and the lines that the proof rests on."""

    kind: Kind
    host: str
    rule: Rule
    claim: str
    because: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadRules:
    """What was found, and which questions the evidence could not answer."""

    found: tuple[DeadRule, ...]
    not_judged: tuple[str, ...]


def dead_rules(inquiry: Inquiry) -> DeadRules:
    """Find all dead rules of edge and PBX, the edge's forwards first."""
    site = inquiry.site
    edge, pbx = site.host("edge"), site.host("pbx")
    found = [*_forwards_to_nobody(site, edge, pbx), *_stopped(inquiry)]
    for host in (edge, pbx):
        found += _never_reached(site, host)
    return DeadRules(found=tuple(found), not_judged=tuple(_not_judged(edge, pbx)))


def _not_judged(edge: Host | None, pbx: Host | None) -> Iterator[str]:
    if edge is None or edge.packet_filter is None:
        yield "the edge's rules are not in the evidence"
    if pbx is None or pbx.packet_filter is None:
        yield "the rules of the PBX's own firewall are not in the evidence"
    if _sockets(pbx) is None:
        yield "all ports that the PBX listens on are not in the evidence (commands/ss.txt)"


def _sockets(pbx: Host | None) -> tuple[Listener, ...] | None:
    """Give all listeners, or None where the list may be incomplete."""
    listeners = pbx.listeners if pbx is not None else None
    return listeners if listeners and are_all(listeners) else None


def _forwards_to_nobody(site: Site, edge: Host | None, pbx: Host | None) -> Iterator[DeadRule]:
    own = AddressSet.of(*_addresses(pbx))
    known = AddressSet.of(*(address for host in site.hosts for address in _addresses(host)))
    known |= AddressSet.of(*(contact.address for contact in site.contacts or ()))
    for _, rule in _rules(edge.packet_filter if edge is not None else None):
        action = rule.action
        if not isinstance(action, TranslateDestination) or action.redirect or action.addresses is None:
            continue
        protocols, ports = _protocols(rule), action.ports or _ports(rule)
        if action.addresses <= own:
            yield from _without_listener(rule, protocols, ports, _sockets(pbx))
        elif own and not action.addresses & known and ports is not None and _is_phones(protocols, ports, pbx):
            claim = (
                f"It forwards {ports}/{'+'.join(sorted(protocols))} to {action.addresses}, which is neither the PBX "
                "nor a phone that is registered: as far as the evidence shows, nobody answers there."
            )
            yield DeadRule(kind=Kind.NO_KNOWN_HOST, host="edge", rule=rule, claim=claim)


def _without_listener(
    rule: Rule, protocols: frozenset[str], ports: PortSet | None, sockets: tuple[Listener, ...] | None
) -> Iterator[DeadRule]:
    if sockets is None or ports is None:
        return
    dead: list[str] = []
    for protocol in sorted(protocols & {"tcp", "udp"}):
        if protocol == "udp" and len(ports) > WIDEST_SERVICE:
            continue
        held = PortSet.of(*(one.port for one in sockets if one.transport == protocol and not _is_loopback(one)))
        left = ports & ~held
        if protocol == "udp":
            left &= ~MEDIA
        if left:
            dead.append(f"{left}/{protocol}")
    if dead:
        lists = dict.fromkeys(Citation(file=one.citation.file) for one in sockets)
        claim = f"It forwards {' and '.join(dead)} to the PBX, and nothing listens there."
        yield DeadRule(kind=Kind.NO_LISTENER, host="edge", rule=rule, claim=claim, because=tuple(lists))


def _is_loopback(listener: Listener) -> bool:
    return listener.address is not None and listener.address.is_loopback


def _stopped(inquiry: Inquiry) -> Iterator[DeadRule]:
    """Give forwards that lead to a listener and that a later rule stops for everybody."""
    internet = next(vantage for vantage in inquiry.vantages if vantage.name == INTERNET)
    for listener in inquiry.listeners:
        for reply in inquiry.ask(listener, internet):
            if reply.verdict is not Verdict.BLOCKED or reply.outside is None:
                continue
            for _, delivery in reply.ways:
                decisions = [one for stage in delivery.stages for one in stage.decisions]
                forwards = [one.path[-1].rule for one in decisions if one.header.translated and not one.stopped]
                stops = [one.path[-1] for one in decisions if one.stopped]
                rule = next((one for one in forwards if one and isinstance(one.action, TranslateDestination)), None)
                if rule is None or not stops:
                    continue
                places = dict.fromkeys(step.rule.citation if step.rule else step.chain.citation for step in stops)
                claim = (
                    f"It forwards {reply.outside.port}/{listener.transport} to the PBX, and a later rule stops all of "
                    "it: what it is for does not work, and it is one change away from being open."
                )
                yield DeadRule(kind=Kind.STOPPED, host="edge", rule=rule, claim=claim, because=tuple(places))


def _never_reached(site: Site, host: Host | None) -> Iterator[DeadRule]:
    if host is None or host.packet_filter is None:
        return
    pbx = site.host("pbx")
    callers = expected_callers(site)

    def is_asked(rule: Rule) -> bool:
        return isinstance(rule.action, Accept | Drop | TranslateDestination) and _is_about_phones(rule, pbx, callers)

    for chain in host.packet_filter.chains:
        for shadow in shadows(chain, is_asked):
            claim = f"It can never match: in chain {chain.name} earlier rules take everything that it is about."
            places = tuple(one.citation for one in shadow.behind)
            yield DeadRule(kind=Kind.SHADOWED, host=host.name, rule=shadow.rule, claim=claim, because=places)


def _is_about_phones(rule: Rule, pbx: Host | None, callers: AddressSet) -> bool:
    ports = _ports(rule)
    if ports is not None and len(ports) < 65536 and _is_phones(_protocols(rule), ports, pbx):
        return True
    named = (one.addresses for one in rule.matches if isinstance(one, SourceAddress))
    return any(addresses & callers and addresses.count < 2**16 for addresses in named)


def _is_phones(protocols: frozenset[str], ports: PortSet, pbx: Host | None) -> bool:
    listeners = pbx.listeners or () if pbx is not None else ()
    for protocol in protocols & {"tcp", "udp"}:
        own = PortSet.of(*(one.port for one in listeners if one.transport == protocol))
        if ports & (own | PHONE_PORTS[protocol]):
            return True
    return False


def _rules(ruleset: Ruleset | None) -> Iterator[tuple[Chain, Rule]]:
    for chain in ruleset.chains if ruleset is not None else ():
        for rule in chain.rules:
            yield chain, rule


def _addresses(host: Host | None) -> Iterator[Address]:
    for interface in host.interfaces if host is not None else ():
        for address in interface.addresses:
            yield address.ip


def _protocols(rule: Rule) -> frozenset[str]:
    """Give the protocols with ports that the rule is about."""
    found = frozenset({"tcp", "udp"})
    for match in rule.matches:
        if isinstance(match, Protocol):
            found = found - match.names if match.negated else found & match.names
    return found


def _ports(rule: Rule) -> PortSet | None:
    found: PortSet | None = None
    for match in rule.matches:
        if isinstance(match, DestinationPort):
            found = match.ports if found is None else found & match.ports
    return found
