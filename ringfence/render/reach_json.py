"""The answer about reach as one JSON object, ``ringfence.reach/1``, for programs.

Every text has passed the encoder of ``safe``; keys come in one order; sets of addresses are exact lists of networks,
IPv4 first. The object holds, in this order:

- ``schema``, ``version``, ``source``: what this is, which program wrote it, what it was asked about.
- ``complete``: false when the question could not be answered; ``missing[]`` then says what was missing.
- ``question``: ``overview``, ``flows``, ``sources``, ``needed``, ``difference`` or ``dead``.
- ``problems[]`` {file, line, message}: what could not be read or understood.
- ``answer[]``: its entries, whose keys depend on the question:

  - ``overview``: {id, vantage, *listener*, outside {address, port} or null, verdict, expected, claim, sources[],
    seen_as[] or null, admits (what the listener itself still asks), proof[] {text, file, line}}.
  - ``flows``: {vantage, who, sources[], *listener*, outside, verdict, claim, reason, seen_as[] or null (the PBX sees
    the true source), source_port or null (any), admits, hops[] {text, file, line}, doubts[]}.
  - ``sources``: {vantage, *listener*, surely[], perhaps[], named[] {name, networks[]}, refused[] {networks[], text,
    file, line}, rules[] {file, line}, doubts[], seen_as[] or null}.
  - ``needed``: {*listener*, needed[], needed_count, allowed[], allowed_count, perhaps[], kept_out[], undeclared,
    by_name[], cut_off[] {account, address, file, line}}.
  - ``difference``: {vantage, *listener*, opened[], closed[], undecided[], doubts[]}.
  - ``dead``: {kind, host, rule, file, line, claim, because[] {file, line}}.

- ``narrowings[]`` (``needed`` only) {file, line, rule, dialect, table, chain, lines[], kept (ports) or null, why}: what
  to write in place of each forward; no lines and a dialect other than ``words``: delete it.
- ``running[]`` (``needed`` and ``difference``) {text, command}: how to end flows that a new rule does not stop.
- ``compared_with`` (``difference`` only): the old source.

*listener* stands for service, transport, address (null: every address of the host) and port.
"""

import json
from typing import Any, assert_never

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Exposure, Hop, Outside
from ringfence.model.finding import Remedy
from ringfence.model.site import Listener
from ringfence.reach.answer import Difference, Flows, Needs, Overview, ReachResult, SourcesOf
from ringfence.reach.dead import DeadRule, DeadRules
from ringfence.reach.difference import Change
from ringfence.reach.narrow import Narrowing
from ringfence.reach.needed import Need
from ringfence.reach.sources import SourcesFrom
from ringfence.reach.trace import Flow
from ringfence.render.safe import visible

SCHEMA = "ringfence.reach/1"

Fields = dict[str, Any]


def to_json(result: ReachResult) -> str:
    """Give the answer as indented JSON with a newline at its end."""
    question, entries, further = _answer(result)
    whole: Fields = {
        "schema": SCHEMA,
        "version": result.version,
        "source": result.source,
        "complete": result.complete,
        "missing": list(result.missing),
        "question": question,
        "problems": [{**_place(problem.citation), "message": problem.message} for problem in result.problems],
        "answer": entries,
        **further,
    }
    return f"{json.dumps(_safe(whole), indent=2, ensure_ascii=False)}\n"


def _safe(value: Any) -> Any:  # noqa: ANN401 - JSON is made of anything
    """Send every text through the encoder."""
    match value:
        case str():
            return visible(value)
        case dict():
            return {key: _safe(member) for key, member in value.items()}
        case list():
            return [_safe(member) for member in value]
        case _:
            return value


def _answer(result: ReachResult) -> tuple[str, list[Fields], Fields]:
    """Give the question's name, the entries of its answer, and what stands beside them."""
    match result.answer:
        case Overview(exposures=exposures):
            return "overview", [_exposure(one) for one in exposures], {}
        case Flows(flows=flows):
            return "flows", [_flow(one) for one in flows], {}
        case SourcesOf(sources=sources):
            return "sources", [_sources(one) for one in sources], {}
        case Needs(needs=needs, narrowings=narrowings, running=running):
            beside = {"narrowings": [_narrowing(one) for one in narrowings], "running": _remedies(running)}
            return "needed", [_need(one) for one in needs], beside
        case Difference(old=old, changes=changes, running=running):
            return (
                "difference",
                [_change(one) for one in changes],
                {"running": _remedies(running), "compared_with": old},
            )
        case DeadRules(found=found):
            return "dead", [_dead(one) for one in found], {}
        case _:
            assert_never(result.answer)


def _place(citation: Citation | None) -> Fields:
    return {"file": citation.file if citation else None, "line": citation.line if citation else None}


def _listener(listener: Listener) -> Fields:
    return {
        "service": listener.service.value,
        "transport": listener.transport,
        "address": str(listener.address) if listener.address else None,
        "port": listener.port,
    }


def _outside(outside: Outside | None) -> Fields | None:
    if outside is None:
        return None
    return {"address": str(outside.address) if outside.address else None, "port": outside.port}


def _networks(addresses: AddressSet) -> list[str]:
    return [str(network) for network in addresses.networks()]


def _seen(addresses: AddressSet | None) -> list[str] | None:
    return None if addresses is None else _networks(addresses)


def _hops(hops: tuple[Hop, ...]) -> list[Fields]:
    return [{"text": hop.text, **_place(hop.citation)} for hop in hops]


def _remedies(remedies: tuple[Remedy, ...]) -> list[Fields]:
    return [{"text": remedy.text, "command": remedy.command} for remedy in remedies]


def _exposure(exposure: Exposure) -> Fields:
    return {
        "id": exposure.id,
        "vantage": exposure.vantage,
        **_listener(exposure.listener),
        "outside": _outside(exposure.outside),
        "verdict": exposure.verdict.value,
        "expected": exposure.expected,
        "claim": exposure.claim,
        "admits": exposure.admits,
        "sources": _networks(exposure.sources),
        "seen_as": _seen(exposure.seen_as),
        "proof": _hops(exposure.proof),
    }


def _flow(flow: Flow) -> Fields:
    return {
        "vantage": flow.vantage,
        "who": flow.who,
        "sources": _networks(flow.sources),
        **_listener(flow.listener),
        "outside": _outside(flow.outside),
        "verdict": flow.verdict.value,
        "claim": flow.claim,
        "reason": flow.reason,
        "admits": flow.admits,
        "seen_as": _seen(flow.seen_as),
        "source_port": flow.source_port,
        "hops": _hops(flow.hops),
        "doubts": list(flow.doubts),
    }


def _sources(group: SourcesFrom) -> Fields:
    return {
        "vantage": group.vantage,
        **_listener(group.listener),
        "surely": _networks(group.surely),
        "perhaps": _networks(group.perhaps),
        "named": [{"name": part.name, "networks": _networks(part.addresses)} for part in group.named],
        "refused": [
            {
                "networks": _networks(refusal.addresses),
                "text": refusal.by.text if refusal.by else None,
                **_place(refusal.by.citation if refusal.by else None),
            }
            for refusal in group.refused
        ],
        "rules": [_place(rule) for rule in group.rules],
        "doubts": list(group.doubts),
        "seen_as": _seen(group.seen_as),
    }


def _need(need: Need) -> Fields:
    return {
        **_listener(need.listener),
        "needed": _networks(need.needed),
        "needed_count": need.needed.count,
        "allowed": _networks(need.surely),
        "allowed_count": need.surely.count,
        "perhaps": _networks(need.perhaps),
        "kept_out": _networks(need.kept_out),
        "undeclared": need.undeclared,
        "by_name": list(need.by_name),
        "cut_off": [
            {"account": contact.account, "address": str(contact.address), **_place(contact.citation)}
            for contact in need.cut_off
        ],
    }


def _narrowing(narrowing: Narrowing) -> Fields:
    return {
        **_place(narrowing.place),
        "rule": narrowing.text,
        "dialect": narrowing.dialect.value,
        "table": narrowing.table,
        "chain": narrowing.chain,
        "lines": list(narrowing.lines),
        "kept": str(narrowing.kept) if narrowing.kept else None,
        "why": narrowing.why,
    }


def _change(change: Change) -> Fields:
    return {
        "vantage": change.vantage,
        **_listener(change.listener),
        "opened": _networks(change.opened),
        "closed": _networks(change.closed),
        "undecided": _networks(change.undecided),
        "doubts": list(change.doubts),
    }


def _dead(dead: DeadRule) -> Fields:
    return {
        "kind": dead.kind.value,
        "host": dead.host,
        "rule": dead.rule.text,
        **_place(dead.rule.citation),
        "claim": dead.claim,
        "because": [_place(place) for place in dead.because],
    }
