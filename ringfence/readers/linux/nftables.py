"""Reads `nft list ruleset`, as text or as JSON, into a rule set."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import Chain, ChainKind, Drop, Family, Hook, Rule, Ruleset, Unsupported
from ringfence.readers.artifacts import Artifacts, content, decoded
from ringfence.readers.linux import nftables_json, nftables_text, notation
from ringfence.readers.linux.nftables_match import Json, Scope, spelled
from ringfence.readers.linux.unread import missing_rule, unread_chains
from ringfence.readers.wants import Command, Want

WANTS: tuple[Want, ...] = (Command(name="nft-ruleset", argv=("nft", "list", "ruleset")),)

FAMILIES = {"ip": Family.IPV4, "ip6": Family.IPV6, "inet": Family.BOTH, "netdev": Family.BOTH}
#: Chains that look at packets as a device takes them in, before all others.
INGRESS, INGRESS_PRIORITY = "ingress", -1000
HOOKS = {hook.value: hook for hook in Hook}
MAX_RULES = 300_000
MAX_NESTING = 100


@dataclass(slots=True)
class _Draft:
    chains: dict[tuple[str, str, str], Json] = field(default_factory=dict)
    rules: dict[tuple[str, str, str], list[Json]] = field(default_factory=dict)
    sets: dict[tuple[str, str], dict[str, list[Json]]] = field(default_factory=dict)
    damaged: list[Json] = field(default_factory=list)


def read(artifacts: Artifacts, name: str) -> Reading[Ruleset]:
    """Read one export, text or JSON by its content; an empty one means that no rules are loaded."""
    text = decoded(content(artifacts, name))
    problems: list[Problem] = []
    if text.lstrip().startswith("{"):
        objects = _json_objects(text, name, problems)
    else:
        document = nftables_text.parse(text, name)
        objects, problems = document.objects, document.problems
    draft = _Draft()
    for one in objects:
        _keep(draft, one)
    chains = tuple(_chains(draft, name, problems))
    families = frozenset({Family.IPV4, Family.IPV6})
    place = Citation(file=name)
    return Reading(
        facts=Ruleset(chains=chains, product="nftables", citation=place, families=families),
        problems=tuple(problems),
    )


def _json_objects(text: str, name: str, problems: list[Problem]) -> Sequence[Json]:
    try:
        found = json.loads(text)["nftables"]
        if not isinstance(found, list):
            raise TypeError  # noqa: TRY301 - one place says what it means
    except (ValueError, TypeError, KeyError, RecursionError):
        message = "not the JSON of `nft -j list ruleset`, or cut off: no rule of it was read"
        problems.append(Problem(citation=Citation(file=name), message=message))
        return [{"damaged": None}]
    return found


def _keep(draft: _Draft, one: Json) -> None:
    if not isinstance(one, dict) or len(one) != 1:
        return
    ((kind, body),) = one.items()
    if kind == "damaged":
        draft.damaged.append(body)
    if not isinstance(body, dict):
        return
    family, table = str(body.get("family")), str(body.get("table"))
    if kind == "chain":
        draft.chains[family, table, str(body.get("name"))] = body
    elif kind == "rule":
        draft.rules.setdefault((family, table, str(body.get("chain"))), []).append(body)
    elif kind in {"set", "map"} and "unread" not in body:  # one that was not understood stays unknown, not empty
        elements = body.get("elem", [])
        draft.sets.setdefault((family, table), {})[str(body.get("name"))] = (
            elements if isinstance(elements, list) else [elements]
        )
    elif kind == "element":  # newer nft lists big sets' elements apart
        held = draft.sets.setdefault((family, table), {}).setdefault(str(body.get("name")), [])
        held += body.get("elem", []) if isinstance(body.get("elem"), list) else [body.get("elem")]


def _chains(draft: _Draft, name: str, problems: list[Problem]) -> Iterator[Chain]:
    scopes = {place: _scope(draft, place) for place in {(family, table) for family, table, _ in draft.chains}}
    count = 0
    for (family, table, chain), body in draft.chains.items():
        place = Citation(file=name, line=_line(body))
        if family not in FAMILIES:
            if body.get("hook") and family != "arp":
                message = f"table {family} {table}: chain {chain} filters frames below IP; it is not interpreted"
                problems.append(Problem(citation=place, message=message))
            continue
        rules: list[Rule] = []
        for one in draft.rules.get((family, table, chain), ()):
            count += 1
            if count > MAX_RULES:
                message = f"more than {MAX_RULES} rules; the rest was not read"
                problems.append(Problem(citation=place, message=message))
                rules.append(missing_rule(place))
                break
            rules += _rules(one, scopes[family, table], name, problems)
        if any(where is None or where == {"family": family, "table": table} for where in draft.damaged):
            rules.append(missing_rule(place))
        yield _chain(body, (family, table, chain), tuple(rules), place, problems)
    if None in draft.damaged and not draft.chains:
        yield from unread_chains(Citation(file=name), Family.BOTH, "a rule set that could not be read")


def _scope(draft: _Draft, place: tuple[str, str]) -> Scope:
    recorded = {
        str(statement["set"].get("set")).removeprefix("@")
        for (family, table, _), rules in draft.rules.items()
        if (family, table) == place
        for rule in rules
        for statement in (rule.get("expr") if isinstance(rule.get("expr"), list) else ())
        if isinstance(statement, dict) and isinstance(statement.get("set"), dict)
    }
    return Scope(sets=draft.sets.get(place, {}), recorded=frozenset(recorded))


def _line(body: Json) -> int | None:
    line = body.get("line")
    return line if isinstance(line, int) else None


def _chain(
    body: Json, key: tuple[str, str, str], rules: tuple[Rule, ...], place: Citation, problems: list[Problem]
) -> Chain:
    family, table, chain = key
    hook = HOOKS.get(str(body.get("hook"))) if body.get("hook") else None
    ingress = body.get("hook") == INGRESS
    if ingress:
        hook, rules = Hook.PREROUTING, _where_it_may_be(body, rules, place)
    elif body.get("hook") and hook is None:
        message = f"chain {chain} of table {family} {table} hooks into {body.get('hook')}; it is not interpreted"
        problems.append(Problem(citation=place, message=message))
    priority = _priority(body.get("prio", 0))
    if priority is None:
        problems.append(Problem(citation=place, message=f"chain {chain}: unknown priority; taken for 0"))
    return Chain(
        table=f"netdev {table}" if family == "netdev" else table,  # else taken for inet's table of that name
        name=chain,
        family=FAMILIES[family],
        rules=rules,
        hook=hook,
        kind=ChainKind.NAT if body.get("type") == "nat" else ChainKind.FILTER,
        priority=INGRESS_PRIORITY if ingress else priority or 0,
        policy_accepts=ingress or body.get("policy") != "drop",
        citation=place,
    )


def _where_it_may_be(body: Json, rules: tuple[Rule, ...], place: Citation) -> tuple[Rule, ...]:
    """Make rules of an ingress chain uncertain: its devices are not in JSON, and it may not be at the packet's."""
    unknown = Unsupported(text="whether the packet comes in by a device of this ingress chain")
    found = tuple(replace(rule, matches=(*rule.matches, unknown)) for rule in rules)
    if body.get("policy") != "drop":
        return found
    return (*found, Rule(matches=(unknown,), action=Drop(), text="policy drop", citation=place))


def _priority(value: Json) -> int | None:
    """Read `-150`, `filter`, `dstnat - 5`."""
    words = str(value).split()
    try:
        first = notation.PRIORITIES[words[0]] if words[0] in notation.PRIORITIES else int(words[0])
        if len(words) == 1:
            return first
        sign, offset = (words[1], words[2]) if len(words) == 3 else (words[1][0], words[1][1:])
        return first + int(offset) * {"+": 1, "-": -1}[sign]
    except (ValueError, IndexError, KeyError):
        return None


def _rules(body: Json, scope: Scope, name: str, problems: list[Problem]) -> Iterator[Rule]:
    statements = body.get("expr", [])
    statements = statements if isinstance(statements, list) else [statements]
    place = Citation(file=name, line=_line(body))
    text = notation.shortened(str(body.get("text") or " ".join(spelled(one) for one in statements)))
    pieces = nftables_json.interpret(statements, scope)
    unread = nftables_json.unread(pieces)
    problems += [Problem(citation=place, message=f"not interpreted: {part}") for part in unread]
    for piece in pieces:
        if piece.action is not None:
            yield Rule(matches=piece.matches, effects=piece.effects, action=piece.action, text=text, citation=place)
