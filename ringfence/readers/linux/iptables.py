"""Reads the text of iptables-save and ip6tables-save into a rule set."""

from dataclasses import dataclass, field
from itertools import chain as chained

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import Chain, ChainKind, Family, Hook, Rule, Ruleset, Unsupported, UnsupportedAction
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.linux import iptables_rule, notation
from ringfence.readers.linux.ipset import Sets
from ringfence.readers.linux.unread import missing_rule, unread_chains
from ringfence.readers.wants import Command, Want

WANTS: tuple[Want, ...] = (
    Command(name="iptables-save", argv=("iptables-save",)),
    Command(name="ip6tables-save", argv=("ip6tables-save",)),
    Command(name="iptables-legacy-save", argv=("iptables-legacy-save",)),
    Command(name="ip6tables-legacy-save", argv=("ip6tables-legacy-save",)),
)

MAX_RULES = 300_000
HOOKS = {hook.name: hook for hook in Hook}
TABLE_PRIORITIES = {"raw": -300, "mangle": -150, "filter": 0, "security": 50}
#: What iptables-save prints at its end when rules of the other back end are loaded too.
LEGACY_WARNING = "iptables-legacy tables present"
LEGACY_PROBLEM = "rules of iptables-legacy are loaded too (iptables-legacy-save shows them)"
#: `# Table `filter' contains incompatible base-chains, use 'nft' tool to list them.`, or `… is incompatible, use …`
NFT_WARNING = "use 'nft' tool"
NFT_PROBLEM = "rules of nft are loaded too that iptables-save cannot show (`nft list ruleset` shows them)"


@dataclass(slots=True)
class _Table:
    name: str
    rules: dict[str, list[Rule]] = field(default_factory=dict)
    policies: dict[str, str] = field(default_factory=dict)
    places: dict[str, Citation] = field(default_factory=dict)
    lines: list[tuple[int, str]] = field(default_factory=list)
    committed: bool = False


def read(  # noqa: PLR0913 - what one export needs
    artifacts: Artifacts,
    name: str,
    *,
    family: Family,
    sets: Sets,
    label: str = "",
    has_legacy: bool = False,
    has_nft: bool = False,
) -> Reading[Ruleset]:
    """Read one export; an empty one means that no rules are loaded.

    ``label`` sets the tables of one back end apart from those of the other. ``has_legacy`` tells that the rules of
    iptables-legacy are in the evidence too, ``has_nft`` the same of nft's; where they are not, and the export says that
    there are some, answers become unknown.
    """
    problems: list[Problem] = []
    tables = _tables(artifacts, name, problems)
    chains = tuple(
        chained.from_iterable(
            _chains(table, name, problems, family=family, sets=sets, label=label) for table in tables
        ),
    )
    if not has_legacy and any(problem.message == LEGACY_PROBLEM for problem in problems):
        chains = (*chains, *unread_chains(Citation(file=name), family, "the rules of iptables-legacy"))
    if has_nft:
        problems = [problem for problem in problems if problem.message != NFT_PROBLEM]
    elif any(problem.message == NFT_PROBLEM for problem in problems):
        chains = (*chains, *unread_chains(Citation(file=name), family, "the rules of nft"))
    ruleset = Ruleset(
        chains=chains,
        product="iptables" if family == Family.IPV4 else "ip6tables",
        citation=Citation(file=name),
        families=frozenset({family}),
    )
    return Reading(facts=ruleset, problems=tuple(problems))


def _tables(artifacts: Artifacts, name: str, problems: list[Problem]) -> list[_Table]:
    tables: list[_Table] = []
    count = 0
    for number, raw in lines(artifacts, name):
        line = decoded(raw).strip()
        place = Citation(file=name, line=number)
        table = tables[-1] if tables and not tables[-1].committed else None
        if line.startswith("#") or not line:
            if LEGACY_WARNING in line:
                problems.append(Problem(citation=place, message=LEGACY_PROBLEM))
            elif NFT_WARNING in line:
                problems.append(Problem(citation=place, message=NFT_PROBLEM))
        elif line.startswith("*"):
            tables.append(_Table(name=line[1:].strip()))
        elif table is None:
            problems.append(Problem(citation=place, message="not a line of iptables-save; it was left out"))
        elif line == "COMMIT":
            table.committed = True
        elif line.startswith(":"):
            _declare(table, line, place)
        elif count < MAX_RULES:
            count += 1
            table.lines.append((number, line))
        else:
            problems.append(Problem(citation=place, message=f"more than {MAX_RULES} rules; the rest was left out"))
            break
    return tables


def _declare(table: _Table, line: str, place: Citation) -> None:
    words = line[1:].split()  # :INPUT DROP [12:3456]
    if len(words) >= 2:
        table.policies[words[0]] = words[1]
        table.places[words[0]] = place


def _chains(  # noqa: PLR0913 - what one table needs
    table: _Table, name: str, problems: list[Problem], *, family: Family, sets: Sets, label: str
) -> list[Chain]:
    version = 4 if family == Family.IPV4 else 6
    declared = frozenset(table.policies)
    whole = table.committed
    for number, line in table.lines:
        place = Citation(file=name, line=number)
        chain, rule = _rule(line, place, version=version, sets=sets, declared=declared, problems=problems)
        if not chain:
            whole = False
            continue
        table.rules.setdefault(chain, []).append(rule)
        table.places.setdefault(chain, place)
    if not whole:
        place = Citation(file=name)
        message = f"table {table.name} is damaged or cut off before its COMMIT: rules may be missing"
        problems.append(Problem(citation=place, message=message))
        missing = missing_rule(place)
        for chain in {*table.policies, *table.rules}:
            table.rules.setdefault(chain, []).append(missing)
    return [_chain(table, chain, family, label) for chain in {**table.policies, **table.rules}]


def _chain(table: _Table, name: str, family: Family, label: str) -> Chain:
    policy = table.policies.get(name, "-")
    hook = HOOKS.get(name) if policy != "-" else None
    nat = table.name == "nat"
    at_source = hook in {Hook.POSTROUTING, Hook.INPUT}
    return Chain(
        table=f"{label} {table.name}".strip(),
        name=name,
        family=family,
        rules=tuple(table.rules.get(name, ())),
        hook=hook,
        kind=ChainKind.NAT if nat else ChainKind.FILTER,
        priority=(100 if at_source else -100) if nat else TABLE_PRIORITIES.get(table.name, 0),
        policy_accepts=policy != "DROP",
        citation=table.places[name],
    )


def _rule(  # noqa: PLR0913 - what one rule needs
    line: str, place: Citation, *, version: int, sets: Sets, declared: frozenset[str], problems: list[Problem]
) -> tuple[str, Rule]:
    text = line
    if text.startswith("["):  # [12:3456] -A INPUT … (iptables-save -c)
        text = text.partition("]")[2].strip()
    shown = notation.shortened(text)
    try:
        parsed = iptables_rule.parse(text, version=version, sets=sets, chains=declared)
    except ValueError:
        problems.append(Problem(citation=place, message="the rule was not understood; what depends on it is unknown"))
        chain = _chain_of(text)
        action = UnsupportedAction(text=shown)
        return chain, Rule(matches=(Unsupported(text=shown),), action=action, text=shown, citation=place)
    unread = [match.text for match in parsed.matches if isinstance(match, Unsupported)]
    if isinstance(parsed.action, UnsupportedAction):
        unread.append(parsed.action.text)
    problems += [Problem(citation=place, message=f"not interpreted: {part}") for part in unread]
    rule = Rule(matches=parsed.matches, action=parsed.action, effects=parsed.effects, text=shown, citation=place)
    return parsed.chain, rule


def _chain_of(text: str) -> str:
    words = text.split()
    return words[1] if len(words) > 1 and words[0] == "-A" else ""
