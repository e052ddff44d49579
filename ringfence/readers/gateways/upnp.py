"""Reads the leases of miniupnpd: what devices inside opened on the router by themselves (UPnP IGD, NAT-PMP, PCP).

    UDP:5060:192.168.10.5:5060:1795430000:sip

Protocol, outside port, inside address and port, the second since 1970 when it ends (0: never), and what the device
called it (miniupnpd/upnpredirect.c). A lease is open to any source, and comes before the router's own rules: nothing of
them shows it. The file says nothing of those rules, so that by itself it leaves everything else unknown.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from ipaddress import IPv4Address

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    ChainKind,
    DestinationPort,
    Family,
    Hook,
    Mark,
    PacketKind,
    Protocol,
    Rule,
    Ruleset,
    SetMark,
    TranslateDestination,
    UnsupportedAction,
)
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.linux import notation
from ringfence.readers.linux.unread import missing_rule

PRODUCT = "UPnP leases"
TABLE = "upnp"
MAX_LEASES = 70_000
#: The connection mark of what a lease sent on; made up here ("upnp"), so that no rule of the router has it.
OPENED = 0x75706E70
REST = "the router's own rules, which are not in the file of leases"

_LEASE = re.compile(rb"^(TCP|UDP):\d{1,5}:\d{1,3}(\.\d{1,3}){3}:\d{1,5}:\d{1,12}:")


def recognises(head: bytes) -> bool:
    """Tell by the form of every line; the last one may be cut."""
    found = [line for line in head.splitlines() if line.strip()]
    whole = found[:-1] if len(found) > 1 else found
    return bool(whole) and all(_LEASE.match(line) for line in whole)


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read all leases."""
    problems: list[Problem] = []
    leases: list[Rule] = []
    for number, raw in lines(artifacts, name):
        line, place = decoded(raw).strip(), Citation(file=name, line=number)
        if not line:
            continue
        if len(leases) >= MAX_LEASES:
            problems.append(Problem(citation=place, message=f"more than {MAX_LEASES} leases; the rest was left out"))
            leases.append(missing_rule(place, "the leases that were left out"))
            break
        try:
            leases.append(_lease(line, place))
        except ValueError:
            problems.append(Problem(citation=place, message="not a lease; what it opens is unknown"))
            text = notation.shortened(line)
            leases.append(Rule(matches=(), action=UnsupportedAction(text=text), text=text, citation=place))
    return Reading(facts=_gateway(leases, Citation(file=name)) if leases else None, problems=tuple(problems))


def _lease(line: str, place: Citation) -> Rule:
    """Read one line; raises ValueError."""
    words = line.split(":", 5)
    if len(words) < 5 or words[0] not in {"TCP", "UDP"}:
        raise ValueError("no lease")
    asked, given = notation.port(words[1]), notation.port(words[3])
    return Rule(
        matches=(
            PacketKind(kinds=frozenset({"local"})),
            Protocol(names=frozenset({words[0].lower()})),
            DestinationPort(ports=PortSet.of(asked)),
        ),
        action=TranslateDestination(
            addresses=AddressSet.of(IPv4Address(words[2])), ports=None if asked == given else PortSet.of(given)
        ),
        effects=(SetMark(value=OPENED, connection=True),),
        text=notation.shortened(line),
        citation=place,
    )


def _gateway(leases: Iterable[Rule], place: Citation) -> Gateway:
    chains = (
        Chain(
            table=TABLE,
            name="leases",
            family=Family.IPV4,
            rules=(*leases, missing_rule(place, REST)),
            hook=Hook.PREROUTING,
            kind=ChainKind.NAT,
            priority=-110,
            citation=place,
        ),
        Chain(
            table=TABLE,
            name="forwarding",
            family=Family.IPV4,
            rules=(_let_in(place), missing_rule(place, REST)),
            hook=Hook.FORWARD,
            policy_accepts=False,
            citation=place,
        ),
    )
    return Gateway(product=PRODUCT, ruleset=Ruleset(chains=chains, product=PRODUCT, citation=place))


def _let_in(place: Citation) -> Rule:
    matches = (Mark(value=OPENED, connection=True),)
    return Rule(matches=matches, action=Accept(), text="what a lease opened is let in", citation=place)


def in_front_of(leases: Gateway, router: Gateway) -> Gateway:
    """Give the router with its leases: they are asked before its forwards, and let in by each of its own chains."""
    place = leases.ruleset.citation
    (opened,) = (chain for chain in leases.ruleset.chains if chain.kind == ChainKind.NAT)
    own = tuple(rule for rule in opened.rules if rule.text != REST)
    chains = [replace(opened, rules=own)]
    for chain in router.ruleset.chains:
        if chain.hook == Hook.FORWARD and chain.kind == ChainKind.FILTER and chain.family != Family.IPV6:
            chains.append(replace(chain, rules=(_let_in(place), *chain.rules)))
        else:
            chains.append(chain)
    product = f"{router.ruleset.product} with {PRODUCT}"
    return replace(router, ruleset=replace(router.ruleset, chains=tuple(chains), product=product))
