"""Puts together what was read of a pfSense or OPNsense configuration."""

from collections.abc import Sequence
from dataclasses import dataclass

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import Chain, Family, Rule, Ruleset
from ringfence.model.site import Route
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.pf_interfaces import Interfaces
from ringfence.readers.gateways.pf_nat import forwarded_by_upnp, nat_chains
from ringfence.readers.gateways.pf_rules import PfRule, filter_chains, let_in_by_upnp
from ringfence.readers.gateways.pf_words import Notes, uninterpreted
from ringfence.readers.gateways.pf_xml import Document, Node
from ringfence.readers.linux.unread import missing_rule

#: What both products keep where; only this is read.
COMMON = (
    *(
        f"interfaces/*/{tag}"
        for tag in (
            "enable", "if", "descr", "ipaddr", "subnet", "ipaddrv6", "subnetv6", "gateway", "gatewayv6", "blockpriv",
            "blockbogons", "virtual",
        )
    ),
    *(f"virtualip/vip/{tag}" for tag in ("interface", "subnet", "subnet_bits")),
    "ifgroups",
    "staticroutes",
    "gateways",
    "nat",
    "filter",
    *(f"aliases/alias/{tag}" for tag in ("name", "type", "address")),
    "schedules/schedule/name",
    "installedpackages/miniupnpd/config/enable",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """The rules of a configuration, before they become chains."""

    interfaces: Interfaces
    routes: tuple[Route, ...]
    arriving: Sequence[Rule]
    passed: Sequence[Rule]
    rules: Sequence[PfRule]
    leaving: Sequence[Rule]


def assembled(product: str, document: Document, root: Node, parts: Parts, notes: Notes) -> Reading[Gateway | None]:
    """Give the gateway; a file that ends early, or has no interfaces, makes every answer through it unknown."""
    place = Citation(file=notes.file, line=root.line)
    system = root.child("system")
    chains: tuple[Chain, ...] = ()
    if system is not None and system.has("disablefilter"):
        notes.add(system, "the packet filter is switched off (disablefilter): nothing is filtered or forwarded")
    else:
        chains = _chains(root, parts, notes, whole=_is_whole(document, root, notes))
    ruleset = Ruleset(
        chains=chains,
        product=product,
        citation=place,
        families=frozenset({Family.IPV4, Family.IPV6}),
    )
    gateway = Gateway(
        product=product,
        interfaces=parts.interfaces.as_model(),
        routes=parts.routes,
        outside=parts.interfaces.outside(),
        ruleset=ruleset,
    )
    problems: tuple[Problem, ...] = (*document.problems, *notes.problems, *uninterpreted(chains))
    return Reading(facts=gateway, problems=problems)


def _is_whole(document: Document, root: Node, notes: Notes) -> bool:
    if root.child("interfaces") is None:
        notes.add(root, "there are no interfaces in this file; without them its rules say nothing")
        return False
    return document.whole


def _chains(root: Node, parts: Parts, notes: Notes, *, whole: bool) -> tuple[Chain, ...]:
    filter_section, nat_section = root.child("filter") or root, root.child("nat") or root
    lost = () if whole else (missing_rule(notes.place(root), "the part of the file that is missing"),)
    arriving = tuple(parts.arriving)
    upnp = root.at("installedpackages/miniupnpd/config")
    after_quick: tuple[Rule, ...] = ()
    if upnp is not None and upnp.truthy("enable"):
        outside = parts.interfaces.outside()
        arriving = (*arriving, forwarded_by_upnp(outside, notes.place(upnp)))
        after_quick = (let_in_by_upnp(outside, notes.place(upnp)),)
    return (
        *nat_chains((*lost, *arriving), tuple(parts.leaving), notes.place(nat_section)),
        *filter_chains(parts.rules, notes.place(filter_section), first=(*lost, *parts.passed), after_quick=after_quick),
    )
