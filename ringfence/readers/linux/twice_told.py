"""Decides which export to believe about the tables that iptables-save and `nft list ruleset` both show.

On the nf_tables back end both speak of the same tables, and neither always tells all. nft does not know the arguments
of iptables' modules (`xt match "recent"`). iptables-save has no words for what only nft can load, and says so at best
in a comment: it leaves out base chains of other names, and shows `udp dport { 5060, 5160 } drop` as `-p udp -j DROP`
(seen with iptables 1.8.9). So iptables-save is believed only where it has every chain and rule that nft lists, each
with all conditions that nft shows.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby

from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import (
    Chain,
    ConnectionState,
    Family,
    Protocol,
    Rule,
    Translated,
    Unsupported,
    UnsupportedAction,
)

#: The tables that iptables has.
IPTABLES_TABLES = frozenset({"filter", "nat", "mangle", "raw", "security"})

_UNREAD = (Unsupported, UnsupportedAction)

#: A table of one IP version.
Place = tuple[Family, str]


def contested(saved: Iterable[Chain], listed: Iterable[Chain]) -> tuple[frozenset[Place], frozenset[Place]]:
    """Give the tables that both exports show: those told by iptables-save, and those that only nft tells rightly."""
    ours, theirs = _tables(saved), _tables(listed)
    both = frozenset(ours.keys() & theirs.keys())
    told = frozenset(place for place in both if _tells_all(ours[place], theirs[place]))
    return told, both - told


def place_of(chain: Chain) -> Place:
    """Give the table of a chain."""
    return (chain.family, chain.table)


def about_rules_of(chains: Iterable[Chain], problems: Iterable[Problem]) -> frozenset[Problem]:
    """Give the problems with single rules of these chains, as far as the export has lines to tell."""
    lines = {rule.citation for chain in chains for rule in chain.rules if rule.citation.line is not None}
    return frozenset(problem for problem in problems if problem.citation in lines)


def _tables(chains: Iterable[Chain]) -> dict[Place, dict[str, Chain]]:
    found: dict[Place, dict[str, Chain]] = {}
    for chain in chains:
        if chain.table in IPTABLES_TABLES:
            found.setdefault(place_of(chain), {})[chain.name] = chain
    return found


def _tells_all(saved: Mapping[str, Chain], listed: Mapping[str, Chain]) -> bool:
    """Tell whether iptables-save shows everything of a table that nft shows, and nothing else."""
    if not listed.keys() <= saved.keys():
        return False
    # iptables-save shows its built-in chains also where the kernel has none of them
    if any(saved[name].rules or not saved[name].policy_accepts for name in saved.keys() - listed.keys()):
        return False
    return all(_same_rules(saved[name].rules, chain) for name, chain in listed.items())


def _same_rules(saved: Sequence[Rule], listed: Chain) -> bool:
    groups = list(_as_written(listed.rules))
    return len(groups) == len(saved) and all(map(_covers, saved, groups))


def _as_written(rules: Iterable[Rule]) -> Iterator[tuple[Rule, ...]]:
    """Put together what was one rule: `tcp dport { 22, 80 } accept` may be read as several."""
    for _, group in groupby(rules, key=lambda rule: (rule.citation, rule.text)):
        yield tuple(group)


def _covers(saved: Rule, listed: tuple[Rule, ...]) -> bool:
    """Tell whether the saved rule has every kind of condition, and the action, that nft shows of it.

    What nft shows and is not understood may be a condition that the saved rule has; if that has no further one, it
    must be a module of iptables, which iptables-save knows.
    """
    conditions = {kind for rule in listed for kind in _kinds(rule)} - {Unsupported}
    unread = [one.text for rule in listed for one in (*rule.matches, rule.action) if isinstance(one, _UNREAD)]
    if not all(text.startswith(("xt match ", "xt target ")) for text in unread) and _kinds(saved) <= conditions:
        return False
    actions = {type(rule.action) for rule in listed} - {UnsupportedAction}
    return conditions <= _kinds(saved) and actions <= {type(saved.action)}


def _kinds(rule: Rule) -> set[type]:
    # `--ctstate DNAT` is `ct status dnat`; a protocol goes without saying where nft shows a port
    same: dict[type, type] = {Translated: ConnectionState}
    return {same.get(type(match), type(match)) for match in rule.matches} - {Protocol}
