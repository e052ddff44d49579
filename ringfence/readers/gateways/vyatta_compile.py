"""Compiles a whole Vyatta configuration into a gateway: the same steps for VyOS, EdgeOS and the USG."""

from collections.abc import Iterator

from ringfence.model.packetfilter import Chain, Drop, Family, Hook, Rule, Ruleset, Unsupported
from ringfence.readers.gateways import edgeos_forward, vyatta_filter, vyatta_nat
from ringfence.readers.gateways.edgeos_forward import Opened
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.vyatta_groups import Groups
from ringfence.readers.gateways.vyatta_interfaces import attached, interfaces, outside, routes
from ringfence.readers.gateways.vyatta_match import Conditions
from ringfence.readers.gateways.vyatta_rules import Side, rule
from ringfence.readers.gateways.vyatta_tree import Export, Node, words
from ringfence.readers.linux.unread import missing_rule

#: Parts that change what passes and are not interpreted.
UNREAD = (("nat64",), ("nat", "cgnat"), ("firewall", "bridge"))


def compiled(export: Export, product: str, *, missing: str = "") -> Gateway:
    """Compile an export; ``missing`` names what else the box has that is not in it."""
    if export.damaged and not missing:
        missing = "what is missing of the export"
    found = attached(export)
    groups = Groups(export=export, attached=found)
    ways = routes(export, found)
    chains: list[Chain] = []
    for family in (Family.IPV4, Family.IPV6):
        version = 4 if family == Family.IPV4 else 6
        conditions = Conditions(export=export, groups=groups, version=version)
        side = Side(
            export=export,
            conditions=conditions,
            family=family,
            word="name" if version == 4 else "ipv6-name",
            is_modern=_is_modern(export.root),
        )
        opened = edgeos_forward.opened(export, found) if version == 4 else Opened()
        absent = (missing_rule(export.place(None), missing),) if missing else ()
        chains += vyatta_filter.chains(side, found, (*opened.forward, *absent))
        chains += _translations(export, conditions, family, opened, absent)
        chains += _policy_routes(export, family)
    for path in UNREAD:
        if export.root.has(*path):
            export.problem(export.root.at(*path), f"not interpreted: {' '.join(path)}")
    ruleset = Ruleset(
        chains=tuple(chains),
        product=product,
        citation=export.place(None),
        families=frozenset({Family.IPV4, Family.IPV6}),
    )
    return Gateway(
        product=product,
        interfaces=interfaces(export, found),
        routes=ways,
        outside=outside(export, found, ways),
        ruleset=ruleset,
    )


def _is_modern(root: Node) -> bool:
    """Tell VyOS 1.4's base chains from rule sets on interfaces; without any rule set both mean the same."""
    return root.has("firewall", "ipv4") or root.has("firewall", "ipv6")


def _translations(
    export: Export, conditions: Conditions, family: Family, opened: Opened, absent: tuple[Rule, ...]
) -> Iterator[Chain]:
    to_destination = (
        *opened.destination,
        *absent,
        *vyatta_nat.destination_rules(export, conditions),
        *opened.destination_last,
    )
    to_source = (*opened.source, *vyatta_nat.source_rules(export, conditions))
    yield vyatta_nat.chain(export, family, Hook.PREROUTING, to_destination)
    yield vyatta_nat.chain(export, family, Hook.POSTROUTING, to_source)


def _policy_routes(export: Export, family: Family) -> Iterator[Chain]:
    """Give the doubt that policy routes bring which drop packets; those that only choose a way are left out."""
    words_of = {
        Family.IPV4: (("policy", "route"), ("firewall", "modify")),
        Family.IPV6: (("policy", "route6"), ("firewall", "ipv6-modify")),
    }[family]
    rules = tuple(
        rule(export, node, text, (Unsupported(text=f"{' '.join(path)} {name}"),), Drop())
        for path in words_of
        for name, policy in export.root.below(*path)
        for number, node in policy.numbered("rule")
        if node.value("action") == "drop" and not node.has("disable")
        for text in (f"{' '.join(path)} {name} rule {number}: {words(node)}",)
    )
    if rules:
        export.problem(export.root.at(*words_of[0]), "policy routes that drop packets are not interpreted")
        yield Chain(
            table="policy",
            name="route",
            family=family,
            rules=rules,
            hook=Hook.PREROUTING,
            priority=-150,
            citation=rules[0].citation,
        )
