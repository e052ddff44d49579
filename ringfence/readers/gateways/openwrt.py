"""Reads an OpenWrt router's firewall configuration (uci) into the chains that firewall4 makes of it.

A zone's chain holds the rules for it, then "whatever was port-forwarded", then the zone's policy (`ruleset.uc`).
"""

import re
from collections.abc import Iterator

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    ChainKind,
    DestinationAddress,
    Drop,
    Family,
    Hook,
    InputInterface,
    Jump,
    Rule,
    Ruleset,
    SourceAddress,
    Translated,
    TranslateSource,
    UnsupportedAction,
)
from ringfence.readers.artifacts import Artifacts, decoded
from ringfence.readers.gateways import openwrt_network, openwrt_redirects, openwrt_rules, openwrt_sets, openwrt_zones
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.openwrt_draft import REJECT, Draft
from ringfence.readers.gateways.openwrt_includes import includes
from ringfence.readers.gateways.openwrt_match import POLICIES, ConflictError, product, version_match
from ringfence.readers.gateways.openwrt_network import Attachment
from ringfence.readers.gateways.openwrt_uci import Document, parse
from ringfence.readers.gateways.openwrt_zones import Zone
from ringfence.readers.linux.unread import unread_chains

PRODUCT = "OpenWrt"
SNIFFED_BYTES = 64 * 1024
_CONFIG = re.compile(r"^\s*config\s+['\"]?(?:zone|forwarding|redirect)['\"]?(?:\s|$)", re.MULTILINE)
_OPTION = re.compile(r"^\s*(?:option|list)\s+['\"]?(?:name|src|dest|input|network)['\"]?\s", re.MULTILINE)
_SHOWN = re.compile(r"^firewall\.@?[\w-]+(?:\[\d+\])?='?(?:zone|forwarding|redirect|defaults)'?\s*$", re.MULTILINE)
_INTERFACE = re.compile(r"^\s*config\s+['\"]?interface['\"]?(?:\s|$)", re.MULTILINE)
_PROTO = re.compile(r"^\s*option\s+['\"]?(?:proto|device|ifname)['\"]?\s", re.MULTILINE)
_SHOWN_INTERFACE = re.compile(r"^network\.[\w-]+='?interface'?\s*$", re.MULTILINE)
#: Hooks and priorities of firewall4's base chains; 0 is nft's `filter`.
BASE = {
    "raw_prerouting": (Hook.PREROUTING, -300),
    "mangle_prerouting": (Hook.PREROUTING, -150),
    "mangle_input": (Hook.INPUT, -150),
    "mangle_forward": (Hook.FORWARD, -150),
    "mangle_postrouting": (Hook.POSTROUTING, -150),
    "dstnat": (Hook.PREROUTING, -100),
    "input": (Hook.INPUT, 0),
    "forward": (Hook.FORWARD, 0),
    "srcnat": (Hook.POSTROUTING, 100),
}


def recognises(head: bytes) -> bool:
    """Tell whether this is the firewall configuration: `/etc/config/firewall`, `uci export`, `uci show`."""
    text = decoded(head)
    return bool((_CONFIG.search(text) and _OPTION.search(text)) or _SHOWN.search(text))


def recognises_network(head: bytes) -> bool:
    """Tell whether this is the network configuration beside it: `/etc/config/network`, or netifd's dump."""
    text = decoded(head)
    written = _INTERFACE.search(text) and _PROTO.search(text)
    return bool(written or _SHOWN_INTERFACE.search(text) or openwrt_network.is_dump(head))


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read one firewall configuration, with the network configuration that lies in the same folder."""
    document = parse(artifacts, name)
    problems = list(document.problems)
    attached = _attached(artifacts, name, document, problems)
    if not any(section.package == "firewall" for section in document.sections):
        problems.append(Problem(citation=Citation(file=name), message="no section of a firewall was found in it"))
        return Reading(facts=None, problems=tuple(problems))
    folder = name[: name.rfind("/") + 1]
    draft = _compiled(document, attached, artifacts, name)
    for section in document.of("include"):
        includes(draft, section, artifacts, folder)
    problems += draft.problems
    chains = tuple(_chains(draft))
    if document.damaged:
        chains += tuple(unread_chains(Citation(file=name), Family.BOTH, "the lines that could not be read"))
    gateway = Gateway(
        product=PRODUCT,
        interfaces=_interfaces(draft).interfaces(),
        routes=attached.routes,
        outside=_outside(draft),
        ruleset=Ruleset(
            chains=chains,
            product=PRODUCT,
            citation=Citation(file=name),
            families=frozenset({Family.IPV4, Family.IPV6}),
        ),
    )
    return Reading(facts=gateway, problems=tuple(dict.fromkeys(problems)))


def read_network(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Take note of the network configuration: it is read together with the firewall's, and is no gateway alone."""
    folder = name[: name.rfind("/") + 1]
    others = (one for one in artifacts.names() if one.startswith(folder) and "/" not in one[len(folder) :])
    if any(recognises(_head(artifacts, one)) for one in others):
        return Reading(facts=None)
    message = "the network configuration alone; what the firewall does is in /etc/config/firewall"
    return Reading(facts=None, problems=(Problem(citation=Citation(file=name), message=message),))


def _attached(artifacts: Artifacts, name: str, document: Document, problems: list[Problem]) -> Attachment:
    """Find the network configuration: in the same file or folder; netifd's dump knows more than the configuration."""
    folder = name[: name.rfind("/") + 1]
    beside = [one for one in artifacts.names() if one.startswith(folder) and "/" not in one[len(folder) :]]
    heads = {one: _head(artifacts, one) for one in beside if one != name}
    own = openwrt_network.attach(document, name, problems)
    if own.known:
        return own
    for one, head in heads.items():
        if openwrt_network.is_dump(head):
            return openwrt_network.read_dump(artifacts, one, problems)
    for one, head in heads.items():
        if recognises_network(head):
            other = parse(artifacts, one)
            problems += other.problems
            return openwrt_network.attach(other, one, problems)
    message = "which interfaces carry the networks is not in the evidence (/etc/config/network belongs beside it)"
    problems.append(Problem(citation=Citation(file=name), message=message))
    return Attachment(networks={}, known=False, names_stand=f"{folder}ip-addr.txt" not in artifacts.names())


def _head(artifacts: Artifacts, name: str) -> bytes:
    pieces = b""
    for chunk in artifacts.chunks(name):
        pieces += chunk
        if len(pieces) >= SNIFFED_BYTES:
            break
    return pieces[:SNIFFED_BYTES]


def _compiled(document: Document, attached: Attachment, artifacts: Artifacts, name: str) -> Draft:
    """Compile all sections in firewall4's order: zones, rules, forwardings, redirects, source translations."""
    firewall = [section for section in document.sections if section.package == "firewall"]
    defaults = next((section for section in firewall if section.kind == "defaults"), None)
    policies = {
        key: openwrt_zones.policy(defaults, key, "drop") if defaults is not None else "drop"
        for key in ("input", "forward")
    }
    folder = name[: name.rfind("/") + 1]
    found = (openwrt_sets.read(section, artifacts, folder) for section in firewall if section.kind == "ipset")
    sets = {one.name: one for one in found if one is not None}
    draft = Draft(attached=attached, file=name, policies=policies, sets=sets)
    for section in (one for one in firewall if one.kind == "zone"):
        try:
            zone = openwrt_zones.read(section, attached, name, policies)
        except ConflictError as error:
            draft.complain(section, openwrt_rules.LEFT_OUT.format(error))
            continue
        except ValueError:
            draft.emit_unread(section, ("input", "forward", "dstnat", "srcnat"), "an option of a zone")
            continue
        if zone is not None:
            draft.zones[zone.name] = zone
            if not zone.groups:
                draft.complain(section, f"no interface belongs to zone {zone.name}; none of its rules applies")
    for kind, compiled in (
        ("rule", openwrt_rules.rule),
        ("forwarding", openwrt_rules.forwarding),
        ("redirect", openwrt_redirects.redirect),
        ("nat", openwrt_rules.nat),
    ):
        for section in firewall:
            if section.kind == kind:
                compiled(draft, section)
    return draft


def _chains(draft: Draft) -> Iterator[Chain]:
    """Give all chains, put together as firewall4's `ruleset.uc` does."""
    place = Citation(file=draft.file)
    yield _chain(REJECT, [Rule(matches=(), action=Drop(reject=True), text="reject", citation=place)], place)
    for zone in draft.zones.values():
        yield from _zone_chains(draft, zone)
    for name in BASE:
        rules = [*draft.rules.get(name, ())]
        for zone in draft.zones.values():
            rules += _jumps(zone, name)
        if name == "input":
            loopback = InputInterface(names=frozenset({"lo"}))
            rules.insert(0, Rule(matches=(loopback,), action=Accept(), text="from loopback", citation=place))
        policy = draft.policies.get(name, "accept")
        if policy == openwrt_zones.UNREAD:
            action: Action = UnsupportedAction(text=f"the default policy of {name}")
            rules.append(Rule(matches=(), action=action, text=f"the default policy of {name}", citation=place))
        if policy == "reject":
            text = f"config defaults option {name} 'REJECT'"
            rules.append(Rule(matches=(), action=Jump(chain=REJECT), text=text, citation=place))
        yield _chain(name, rules, place, accepts=policy == "accept")


def _chain(name: str, rules: list[Rule], place: Citation, *, accepts: bool = True) -> Chain:
    hook, priority = BASE.get(name, (None, 0))
    nat = name.startswith(("dstnat", "srcnat"))
    return Chain(
        table="fw4",
        name=name,
        family=Family.BOTH,
        rules=tuple(rules),
        hook=hook,
        kind=ChainKind.NAT if nat else ChainKind.FILTER,
        priority=priority,
        policy_accepts=accepts,
        citation=place,
    )


def _jumps(zone: Zone, base: str) -> Iterator[Rule]:
    """Give the rules of a base chain that lead to the zone's own chain."""
    needed = {"dstnat": "dnat", "srcnat": "snat", "raw_prerouting": "notrack"}.get(base)
    masked = base == "srcnat" and zone.masquerades
    if base.startswith("mangle") or (needed and needed not in zone.marked and not masked):
        return
    chain = f"{'notrack' if base == 'raw_prerouting' else base}_{zone.name}"
    for group in zone.groups:
        if base == "raw_prerouting" and group.is_loopback:
            continue
        for matches in group.alternatives(leaving=base == "srcnat"):
            yield Rule(matches=matches, action=Jump(chain=chain), text=zone.text, citation=zone.citation)


def _zone_chains(draft: Draft, zone: Zone) -> Iterator[Chain]:
    for kind in ("input", "forward"):
        rules = [*draft.rules.get(f"{kind}_{zone.name}", ())]
        if "dnat" in zone.marked:
            text = f"whatever zone {zone.name}'s redirects forward (firewall4: ct status dnat accept)"
            rules.append(Rule(matches=(Translated(),), action=Accept(), text=text, citation=zone.citation))
        policy = zone.input if kind == "input" else zone.forward
        target = f"{policy}_{'from' if kind == 'input' else 'to'}_{zone.name}"
        action: Action = Jump(chain=target)
        if policy == openwrt_zones.UNREAD:
            action = UnsupportedAction(text=f"the policy of zone {zone.name}")
        rules.append(Rule(matches=(), action=action, text=zone.text, citation=zone.citation))
        yield _chain(f"{kind}_{zone.name}", rules, zone.citation)
    for policy in POLICIES:
        for leaving in (False, True):
            verdict: Action = Accept() if policy == "accept" else Drop()
            verdict = Jump(chain=REJECT) if policy == "reject" else verdict
            rules = [
                Rule(matches=matches, action=verdict, text=zone.text, citation=zone.citation)
                for group in zone.groups
                for matches in group.alternatives(leaving=leaving)
            ]
            yield _chain(f"{policy}_{'to' if leaving else 'from'}_{zone.name}", rules, zone.citation)
    for kind in ("dstnat", "srcnat", "notrack", "helper"):
        rules = [*draft.rules.get(f"{kind}_{zone.name}", ())]
        if kind == "srcnat":
            rules += _masquerade(zone)
        yield _chain(f"{kind}_{zone.name}", rules, zone.citation)


def _masquerade(zone: Zone) -> Iterator[Rule]:
    for version in sorted(zone.masquerades):
        source = zone.masq_src.of(version).alternatives(SourceAddress)
        destination = zone.masq_dest.of(version).alternatives(DestinationAddress)
        for matches in product((version_match(version), source, destination)):
            yield Rule(matches=matches, action=TranslateSource(addresses=None), text=zone.text, citation=zone.citation)


def _interfaces(draft: Draft) -> Attachment:
    """Give the attachment; without a network configuration the zones' networks stand for interfaces."""
    if draft.attached.known or not draft.attached.names_stand:
        return draft.attached
    assumed = {
        name: openwrt_network.Logical(name=name, device=name, citation=zone.citation)
        for zone in draft.zones.values()
        for name in zone.section.words("network")
        if not name.startswith("!")
    }
    return Attachment(networks=assumed)


def _outside(draft: Draft) -> frozenset[str]:
    """Give the interfaces towards the Internet: those of the zones called wan, else those with a default route."""
    defaults = {route.interface for route in draft.attached.routes if route.network.prefixlen == 0}
    called = {device for zone in draft.zones.values() if zone.name.startswith("wan") for device in zone.devices}
    asking = {one.device for one in draft.attached.networks.values() if one.asks and one.device is not None}
    members = {name for name in called if not name.endswith("*")}
    return frozenset(members & (defaults | asking) or members or defaults)
