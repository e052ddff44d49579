"""The report as one JSON object, ``ringfence.check/1``, for programs.

Every text has passed the encoder of ``safe``; times are ISO 8601 in UTC (``2026-11-23T19:07:47Z``) or null; ids are
stable from run to run; keys come in one order. The object holds, in this order:

- ``schema``, ``version``, ``source``: what this is, which program wrote it, what it was asked about.
- ``complete``: false when the answer could not be finished; ``verdict`` then says what failed.
- ``verdict``: the one sentence; ``next_hour[]`` {text, command}: what to do first.
- ``site`` {name, timezone, asterisk, freepbx, accounts, phones, networks[] {name, prefixes[], declared, why}}; accounts
  and phones are counts. No secret is part of it.
- ``exposures[]`` {id, vantage, service, transport, address (null: every address of the host; of phones, one of them),
  port, outside {address, port} or null, verdict, basis, claim, admits (what the listener itself still asks for, empty
  where that is not known), sources[] (the first 64 networks), sources_more (how many follow), expected (only those pass
  whom the site needs), seen_as[] or null (what the edge makes of the sources), proof[] {text, file, line}}.
- ``findings[]`` {id, check, severity, subject, claim, evidence[] {file, line, text}, remedies[] {text, command}}.
- ``incidents[]`` {id, cause, confidence, claim, rivals[] {cause, for[], against[], missing[]}, accounts[], addresses[],
  address_note, first_at, last_at, calls {count, seconds, cost, currency, destinations[] {name, calls, seconds, cost,
  premium}}, moments[] {at, step, what, account, address, file, line}}.
- ``leaked[]`` {account, file, address, at, certain, evidence {file, line}}: secrets to treat as stolen though not used.
- ``unknowns[]`` {subject, why, decide_by, file, line}.
- ``coverage`` {files_read, lines_read, lines_understood, first_at, last_at, problems[] {file, line, message},
  inputs[] {file, sha256, size_bytes}, inferred[]}.
"""

import json
import math
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import islice
from typing import Any

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy
from ringfence.model.incident import CallLoss, Incident, LeakedSecret
from ringfence.model.report import Coverage, Report
from ringfence.model.site import Address, Site
from ringfence.render.safe import visible

SCHEMA = "ringfence.check/1"
#: The whole Internet minus a few networks is hundreds of prefixes; the first ones tell a reader enough.
MOST_SOURCES = 64

Fields = dict[str, Any]


def to_json(report: Report) -> str:
    """Give the report as indented JSON with a newline at its end."""
    return f"{json.dumps(_safe(_report(report)), indent=2, ensure_ascii=False, allow_nan=False)}\n"


def _safe(value: Any) -> Any:  # noqa: ANN401 - JSON is made of anything
    """Send every text through the encoder; a price that is no number becomes null."""
    match value:
        case str():
            return visible(value)
        case float():
            return value if math.isfinite(value) else None
        case dict():
            return {key: _safe(member) for key, member in value.items()}
        case list():
            return [_safe(member) for member in value]
        case _:
            return value


def _report(report: Report) -> Fields:
    return {
        "schema": SCHEMA,
        "version": report.version,
        "source": report.source,
        "complete": report.complete,
        "verdict": report.verdict,
        "next_hour": _remedies(report.next_hour),
        "site": _site(report.site),
        "exposures": [_exposure(exposure) for exposure in report.exposures],
        "findings": [_finding(finding) for finding in report.findings],
        "incidents": [_incident(incident) for incident in report.incidents],
        "leaked": [_leak(leak) for leak in report.leaked],
        "unknowns": [
            {"subject": unknown.subject, "why": unknown.why, "decide_by": unknown.decide_by, **_place(unknown.citation)}
            for unknown in report.unknowns
        ],
        "coverage": _coverage(report.coverage),
    }


def _time(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z") if at else None


def _place(citation: Citation | None) -> Fields:
    return {"file": citation.file if citation else None, "line": citation.line if citation else None}


def _address(address: Address | None) -> str | None:
    return str(address) if address else None


def _remedies(remedies: Iterable[Remedy]) -> list[Fields]:
    return [{"text": remedy.text, "command": remedy.command} for remedy in remedies]


def _site(site: Site) -> Fields:
    return {
        "name": site.name,
        "timezone": site.timezone,
        "asterisk": site.versions.asterisk,
        "freepbx": site.versions.freepbx,
        "accounts": len(site.accounts),
        "phones": len(site.phones),
        "networks": [
            {
                "name": network.name,
                "prefixes": [str(prefix) for prefix in network.prefixes],
                "declared": network.declared,
                "why": network.why,
            }
            for network in site.networks
        ],
    }


def _networks(addresses: AddressSet) -> tuple[list[str], int]:
    networks = addresses.networks()
    first = [str(network) for network in islice(networks, MOST_SOURCES)]
    return first, sum(1 for _ in networks)


def _exposure(exposure: Exposure) -> Fields:
    sources, more = _networks(exposure.sources)
    outside = exposure.outside
    return {
        "id": exposure.id,
        "vantage": exposure.vantage,
        "service": exposure.listener.service.value,
        "transport": exposure.listener.transport,
        "address": _address(exposure.listener.address),
        "port": exposure.listener.port,
        "outside": {"address": _address(outside.address), "port": outside.port} if outside else None,
        "verdict": exposure.verdict.value,
        "basis": exposure.basis.value,
        "claim": exposure.claim,
        "admits": exposure.admits,
        "sources": sources,
        "sources_more": more,
        "expected": exposure.expected,
        "seen_as": None if exposure.seen_as is None else _networks(exposure.seen_as)[0],
        "proof": [{"text": hop.text, **_place(hop.citation)} for hop in exposure.proof],
    }


def _finding(finding: Finding) -> Fields:
    return {
        "id": finding.id,
        "check": finding.check,
        "severity": finding.severity.value,
        "subject": finding.subject,
        "claim": finding.claim,
        "evidence": [{**_place(excerpt.citation), "text": excerpt.text} for excerpt in finding.evidence],
        "remedies": _remedies(finding.remedies),
    }


def _calls(calls: CallLoss) -> Fields:
    return {
        "count": calls.count,
        "seconds": calls.seconds,
        "cost": calls.cost,
        "currency": calls.currency,
        "destinations": [
            {
                "name": destination.name,
                "calls": destination.calls,
                "seconds": destination.seconds,
                "cost": destination.cost,
                "premium": destination.premium,
            }
            for destination in calls.destinations
        ],
    }


def _incident(incident: Incident) -> Fields:
    return {
        "id": incident.id,
        "cause": incident.cause.value,
        "confidence": incident.confidence.value,
        "claim": incident.claim,
        "rivals": [
            {
                "cause": rival.cause.value,
                "for": list(rival.supporting),
                "against": list(rival.opposing),
                "missing": list(rival.missing),
            }
            for rival in incident.rivals
        ],
        "accounts": list(incident.accounts),
        "addresses": [str(address) for address in incident.addresses],
        "address_note": incident.address_note,
        "first_at": _time(incident.first_at),
        "last_at": _time(incident.last_at),
        "calls": _calls(incident.calls),
        "moments": [
            {
                "at": _time(moment.at),
                "step": moment.step.value,
                "what": moment.what,
                "account": moment.account,
                "address": _address(moment.address),
                **_place(moment.citation),
            }
            for moment in incident.moments
        ],
    }


def _leak(leak: LeakedSecret) -> Fields:
    return {
        "account": leak.account,
        "file": leak.file,
        "address": _address(leak.address),
        "at": _time(leak.at),
        "certain": leak.certain,
        "evidence": _place(leak.citation),
    }


def _coverage(coverage: Coverage) -> Fields:
    return {
        "files_read": coverage.files_read,
        "lines_read": coverage.lines_read,
        "lines_understood": coverage.lines_understood,
        "first_at": _time(coverage.first_at),
        "last_at": _time(coverage.last_at),
        "problems": [{**_place(problem.citation), "message": problem.message} for problem in coverage.problems],
        "inputs": [
            {"file": digest.file, "sha256": digest.sha256, "size_bytes": digest.size_bytes}
            for digest in coverage.inputs
        ],
        "inferred": list(coverage.inferred),
    }
