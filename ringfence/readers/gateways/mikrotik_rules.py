"""The firewall of a RouterOS export as chains: raw, mangle, dstnat, filter and srcnat, hooked as netfilter does.

A chain that no rule decides accepts (manual, Packet Flow and Filter); a jump to a chain without rules comes back.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation, Problem
from ringfence.model.packetfilter import (
    Accept,
    Action,
    Chain,
    ChainKind,
    Continue,
    Drop,
    Effect,
    Family,
    Hook,
    Jump,
    RecordSource,
    Return,
    Rule,
    SetMark,
    StopTracking,
    TranslateDestination,
    TranslateSource,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways.mikrotik_items import Configuration, Item
from ringfence.readers.gateways.mikrotik_match import MASKS, Scope, alternatives, mark_value
from ringfence.readers.gateways.mikrotik_text import TABLES
from ringfence.readers.linux import notation
from ringfence.readers.linux.unread import missing_rule

HOOKS: Mapping[str, Mapping[str, Hook]] = {
    "raw": {"prerouting": Hook.PREROUTING},
    "mangle": {
        "prerouting": Hook.PREROUTING,
        "input": Hook.INPUT,
        "forward": Hook.FORWARD,
        "postrouting": Hook.POSTROUTING,
    },
    "nat": {"dstnat": Hook.PREROUTING, "input": Hook.INPUT, "srcnat": Hook.POSTROUTING},
    "filter": {"input": Hook.INPUT, "forward": Hook.FORWARD},
}
PRIORITIES = {"raw": -300, "mangle": -150, "filter": 0}
#: Actions after which the packet goes on with the next rule (manual, Filter, Mangle, NAT).
GOES_ON = frozenset(
    {
        "add-dst-to-address-list", "change-dscp", "change-hop-limit", "change-mss", "change-tos", "change-ttl",
        "clear-df", "fasttrack-connection", "log", "passthrough", "set-priority", "sniff-pc", "sniff-tzsp",
        "strip-ipv4-options",
    }
)  # fmt: skip
VERDICTS: Mapping[str, Action] = {
    "accept": Accept(),
    "drop": Drop(),
    "tarpit": Drop(),
    "reject": Drop(reject=True),
    "return": Return(),
}


@dataclass(slots=True, kw_only=True)
class Draft:
    """One firewall being compiled; ``version`` is 4 or 6."""

    configuration: Configuration
    scope: Scope
    version: int
    file: str
    problems: list[Problem] = field(default_factory=list)

    @property
    def prefix(self) -> str:
        """The menu that the tables are in."""
        return "ip firewall" if self.version == 4 else "ipv6 firewall"


def chains(draft: Draft) -> Iterator[Chain]:
    """Give all chains of the four tables."""
    for table in TABLES:
        menu = f"{draft.prefix} {table}"
        found: dict[str, list[Rule]] = {name: [] for name in HOOKS[table]}
        if menu in draft.configuration.unsure:
            place = Citation(file=draft.file)
            for rules in found.values():
                rules.append(missing_rule(place, f"what /{menu} holds could not be told"))
        for item in draft.configuration.enabled(menu):
            rules = found.setdefault(item.properties.get("chain", ""), [])
            for rule in _rules(draft, item):
                rules.append(rule)
                if isinstance(rule.action, Jump):
                    found.setdefault(rule.action.chain, [])
        for name, rules in found.items():
            yield _chain(draft, table, name, rules)


def _chain(draft: Draft, table: str, name: str, rules: list[Rule]) -> Chain:
    hook = HOOKS[table].get(name)
    nat = table == "nat"
    return Chain(
        table=f"{draft.prefix} {table}",
        name=name,
        family=Family.IPV4 if draft.version == 4 else Family.IPV6,
        rules=tuple(rules),
        hook=hook,
        kind=ChainKind.NAT if nat else ChainKind.FILTER,
        priority=PRIORITIES[table] if not nat else -100 if hook == Hook.PREROUTING else 100,
        citation=rules[0].citation if rules else Citation(file=draft.file),
    )


def _rules(draft: Draft, item: Item) -> Iterator[Rule]:
    """Give the rules that one line stands for: one for each alternative of its conditions."""
    place = Citation(file=draft.file, line=item.line)
    text = notation.shortened(item.text)
    found = alternatives(item.properties, draft.scope)
    if item.odd:
        found = tuple((*matches, Unsupported(text=text)) for matches in found)
    action, effects = _action(item.properties, draft.scope)
    unread = [one.text for matches in found for one in matches if isinstance(one, Unsupported)]
    if isinstance(action, UnsupportedAction):
        unread.append(action.text)
    draft.problems += [Problem(citation=place, message=f"not interpreted: {one}") for one in dict.fromkeys(unread)]
    for matches in found:
        if StopTracking() in effects:
            # whether `notrack` ends its chain the manual does not say
            ended = (*matches, Unsupported(text="whether notrack ends its chain is not known"))
            yield Rule(matches=ended, action=Accept(), effects=effects, text=text, citation=place)
        yield Rule(matches=matches, action=action, effects=effects, text=text, citation=place)


def _action(properties: Mapping[str, str], scope: Scope) -> tuple[Action, tuple[Effect, ...]]:
    name = properties.get("action", "accept")
    try:
        if name in GOES_ON:
            return Continue(), ()
        if name == "add-src-to-address-list":
            return Continue(), (RecordSource(name=properties["address-list"]),)
        if name == "notrack" and properties.get("chain") in {"prerouting", "output"}:
            return Continue(), (StopTracking(),)
        if name.startswith("mark-"):
            # passthrough=yes is the default (manual, Mangle)
            goes_on = properties.get("passthrough", "yes") != "no"
            return Continue() if goes_on else Accept(), (_mark(name, properties, scope),)
        return _verdict(name, properties), ()
    except (ValueError, LookupError):
        return UnsupportedAction(text=_shown(properties)), ()


def _shown(properties: Mapping[str, str]) -> str:
    keys = ("action", "to-addresses", "to-address", "to-ports", "jump-target")
    return notation.shortened(" ".join(f"{key}={properties[key]}" for key in keys if key in properties))


def _mark(action: str, properties: Mapping[str, str], scope: Scope) -> Effect:
    kind = {"mark-connection": "connection-mark", "mark-packet": "packet-mark", "mark-routing": "routing-mark"}[action]
    value = mark_value(kind, properties[f"new-{kind}"], scope.marks)
    return SetMark(value=value, mask=MASKS[kind], connection=kind == "connection-mark")


def _verdict(name: str, properties: Mapping[str, str]) -> Action:
    if name == "jump":
        return Jump(chain=properties["jump-target"])
    if name in VERDICTS:
        return VERDICTS[name]
    chain = properties.get("chain")
    if name in {"masquerade", "src-nat"} or (name in {"netmap", "same"} and chain == "srcnat"):
        return TranslateSource(addresses=None if name == "masquerade" else _addresses(properties))
    if name in {"dst-nat", "redirect"} or (name in {"netmap", "same"} and chain == "dstnat"):
        redirect = name == "redirect"
        addresses = None if redirect else _addresses(properties)
        kept = _host_bits(addresses) if name == "netmap" else 0
        return TranslateDestination(addresses=addresses, ports=_ports(properties), redirect=redirect, host_bits=kept)
    raise ValueError(name)  # route, socksify, endpoint-independent-nat, netmap in a chain of one's own …


def _host_bits(addresses: AddressSet | None) -> int:
    """Give the low bits that a 1:1 mapping to a network keeps; 0 for a single address, and for what is no network."""
    found = list(islice(addresses.networks(), 2)) if addresses is not None else []
    return found[0].max_prefixlen - found[0].prefixlen if len(found) == 1 else 0


def _addresses(properties: Mapping[str, str]) -> AddressSet | None:
    text = properties.get("to-addresses") or properties.get("to-address") or ""
    if text in {"", "0.0.0.0", "::", "::/128"}:
        return None  # the default: the address stays
    return notation.addresses(text)


def _ports(properties: Mapping[str, str]) -> PortSet | None:
    text = properties.get("to-ports", "")
    return notation.ports(text, "-") if text else None
