"""The main job: evidence in, one report out."""

from dataclasses import dataclass
from pathlib import Path

from ringfence import __version__
from ringfence.checks.registry import run_all
from ringfence.commands.evidence import predicted, read_evidence
from ringfence.commands.gaps import missing_evidence
from ringfence.commands.summary import Conclusions, next_hour, verdict_sentence
from ringfence.drivers.sources import Source
from ringfence.events.schema import Events
from ringfence.incidents.investigate import Investigation, investigate
from ringfence.model.errors import UsageError
from ringfence.model.evidence import Problem, Reading
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.finding import Finding
from ringfence.model.report import Coverage, Report, Unknown
from ringfence.model.site import Site
from ringfence.reach.phones import SERVICES as PHONES
from ringfence.reach.whereabouts import INTERNET
from ringfence.readers.logs.every import read_events
from ringfence.readers.tariff import Tariff, parse_tariff


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckRequest:
    """What to check, and what the evidence itself may not hold: the edge's rules, prices, the time zone."""

    source: str
    edge: tuple[Path, ...] = ()
    tariff: Path | None = None
    timezone: str = ""


def check_site(request: CheckRequest) -> Report:
    """Read the evidence and conclude; raises DriverError or UsageError when there is nothing to read."""
    tariff = _tariff(request.tariff)
    evidence = read_evidence(request.source, request.edge)
    source, site, database = evidence.source, evidence.site, evidence.database
    timezone = request.timezone or site.facts.timezone
    events = read_events(source, timezone)
    exposures = predicted(site.facts)
    findings = run_all(site.facts, exposures, events)
    investigation = investigate(site.facts, events, exposures, tariff.facts if tariff is not None else None)
    findings = _without_answered(findings, investigation)
    conclusions = Conclusions(
        exposures=exposures,
        findings=findings,
        incidents=investigation.incidents,
        leaked=investigation.leaked,
        events=events,
        timezone=timezone,
        contacts=site.facts.contacts or (),
    )
    read = (site, events, database, tariff)
    problems = (*source.problems(), *(problem for part in read if part is not None for problem in part.problems))
    return Report(
        site=site.facts,
        verdict=verdict_sentence(conclusions),
        next_hour=next_hour(conclusions, request.source),
        exposures=(*exposures, *investigation.used_doors),
        findings=findings,
        incidents=investigation.incidents,
        leaked=investigation.leaked,
        unknowns=(*_unknowns(exposures, investigation), *missing_evidence(site.facts, events)),
        coverage=_coverage(source, site.facts, events, problems),
        source=request.source,
        version=__version__,
        complete=_is_complete(site.facts, events),
    )


def _tariff(path: Path | None) -> Reading[Tariff] | None:
    if path is None:
        return None
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path}: the tariff cannot be read ({error.strerror})") from error
    return parse_tariff(raw, path.name)


def _without_answered(findings: tuple[Finding, ...], investigation: Investigation) -> tuple[Finding, ...]:
    """Leave out the question who is registered from outside, where the investigation has answered it."""
    taken = {account for incident in investigation.incidents for account in incident.accounts}
    return tuple(
        finding for finding in findings if not (finding.check == "registered-from-outside" and finding.subject in taken)
    )


def _unknowns(exposures: tuple[Exposure, ...], investigation: Investigation) -> tuple[Unknown, ...]:
    unknown = [one for one in exposures if one.vantage == INTERNET and one.verdict is Verdict.UNKNOWN]
    undecided = [
        Unknown(
            subject=f"{exposure.listener.service} from the Internet",
            why=exposure.claim,
            citation=exposure.listener.citation,
        )
        for exposure in unknown
        if exposure.listener.service not in PHONES
    ]
    # the phones have many doors: that none of them can be judged is said once
    phones = [
        Unknown(subject="the phones themselves from the Internet", why=one.claim, citation=one.listener.citation)
        for one in unknown
        if one.listener.service in PHONES
    ]
    return (*investigation.unknowns, *undecided, *phones[:1])


def _coverage(source: Source, site: Site, events: Events, problems: tuple[Problem, ...]) -> Coverage:
    times = [at for log in events.sources for at in (log.first_at, log.last_at) if at is not None]
    inferred = [
        f"network {network.name} ({', '.join(map(str, network.prefixes))}): {network.why}"
        for network in site.networks
        if not network.declared
    ]
    return Coverage(
        files_read=len(source.names()),
        lines_read=sum(log.lines for log in events.sources),
        lines_understood=sum(log.understood for log in events.sources),
        problems=problems,
        inputs=source.digests(),
        inferred=(*inferred, *events.inferred),
        first_at=min(times, default=None),
        last_at=max(times, default=None),
    )


def _is_complete(site: Site, events: Events) -> bool:
    """Tell whether there was enough to answer at all: the configuration or the logs of a PBX."""
    return bool(site.accounts or site.sip or any(source.kind == "asterisk" for source in events.sources))
