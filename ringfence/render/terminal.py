"""The report as plain text of 80 columns: the answer first, then how it came about, in words that need no colour."""

from datetime import tzinfo
from itertools import groupby

from ringfence.model.evidence import Excerpt
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.incident import Incident
from ringfence.model.report import Report
from ringfence.render import outline, pages, words
from ringfence.render.figures import figures
from ringfence.render.outline import Door, Group, Inside, Lane, State
from ringfence.render.sheet import Sheet

MOST_LANES = 12
MOST_PROBLEMS = 5
MOST_QUOTES = 3
MOST_QUOTE_LINES = 3
#: A group of findings shows so many in full, then only names the rest.
MOST_IN_GROUP = 1
FOLDED = frozenset({Severity.LOW, Severity.INFO})

STYLES: dict[Severity | State, str] = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "",
    Severity.INFO: "",
    State.USED: "bold red",
    State.OPEN: "yellow",
    State.UNKNOWN: "dim",
    State.LIMITED: "",
    State.BLOCKED: "",
}


def to_text(report: Report, *, width: int = 80, colour: bool = False) -> str:
    """Give the report as text; the words are the same with and without colour."""
    sheet = Sheet(width)
    local = words.zone(report.site.timezone)
    _verdict(sheet, report, local)
    _next_hour(sheet, report)
    _figures(sheet, report)
    _undecided(sheet, report)
    _map(sheet, report)
    _story(sheet, report, local)
    _findings(sheet, report)
    _how_we_know(sheet, report, local)
    return sheet.coloured() if colour else sheet.plain()


def _verdict(sheet: Sheet, report: Report, local: tzinfo | None) -> None:
    if not report.complete:
        sheet.text(
            "INCOMPLETE: this check could not be finished. What is missing may change the answer.", style="bold red"
        )
        sheet.blank()
    sheet.text(f"Ringfence report: {report.site.name or 'phone system without a name'}", style="bold")
    span = words.between(report.coverage.first_at, report.coverage.last_at, local)
    sheet.text(f"Logs: {span}" if span else "Logs: none that could be read")
    sheet.blank()
    sheet.text(report.verdict, style="bold")


def _next_hour(sheet: Sheet, report: Report) -> None:
    sheet.heading("What to do in the next hour")
    if not report.next_hour:
        sheet.text(outline.nothing_to_do(report), indent=2)
    for number, remedy in enumerate(report.next_hour, 1):
        _remedy(sheet, f"{number}.", remedy, indent=2)


def _remedy(sheet: Sheet, marker: str, remedy: Remedy, *, indent: int) -> None:
    sheet.item(marker, remedy.text, indent=indent)
    if remedy.command:
        sheet.command(remedy.command, indent=indent + len(marker) + 1)


def _figures(sheet: Sheet, report: Report) -> None:
    sheet.heading("In numbers")
    for figure in figures(report):
        sheet.item(f"{figure.value:>5}", figure.noun, style="bold")
        for sentence in figure.meaning:
            sheet.text(sentence, indent=8)


def _undecided(sheet: Sheet, report: Report) -> None:
    unknowns = outline.undecided(report)
    if not unknowns:
        return
    sheet.heading("What could not be decided")
    for unknown in unknowns:
        place = f" [{unknown.citation}]" if unknown.citation else ""
        sheet.item("?", f"{words.sentence(unknown.subject)}: {unknown.why}{place}")
        if unknown.decide_by:
            sheet.text(f"To decide it: {unknown.decide_by}", indent=4)


def _map(sheet: Sheet, report: Report) -> None:
    sheet.heading("The map: who reaches what, and through which rule")
    outer = outline.outer_doors(report)
    drawn = [door for door in outer if door.state is not State.BLOCKED]
    if not outer:
        sheet.text("From the Internet: nothing could be judged.", indent=2)
    for door in drawn:
        _door(sheet, report, door)
    if closed := [door for door in outer if door.state is State.BLOCKED]:
        names = words.listed((words.short_service(door.listener) for door in closed), 12)
        sheet.text(f"Closed to the Internet: {names}.", indent=2)
    for inside in outline.insides(report):
        where, reach = _inside(inside)
        sheet.text(where, indent=2)
        sheet.text(reach, indent=10)


def _door(sheet: Sheet, report: Report, door: Door) -> None:
    """Show one way in: state, path, service; below it the rules that make it so."""
    sheet.item(f"{door.state.value.upper():7}", _path(report, door), style=STYLES[door.state], styled="marker")
    limits = f"; only for {door.only_from}" if door.only_from else ""
    sheet.text(f"{words.service(door.listener)}{limits}", indent=10)
    if door.state is State.UNKNOWN:
        sheet.text(door.claim, indent=10)
    if door.admits:
        sheet.text(door.admits, indent=10)
    for hop in door.proof:
        if hop.citation:
            sheet.item("-", f"{hop.citation}: {hop.text}", indent=10)


def _path(report: Report, door: Door) -> str:
    target = f"PBX {door.listener.address or ''}".strip()
    if door.listener.address and door.listener.address.is_unspecified:
        target = "PBX"
    steps = ["Internet", *_edge(report, door), f"{target} {words.port(door.listener)}"]
    return (" ..?.. " if door.state is State.UNKNOWN else " -> ").join(steps)


def _edge(report: Report, door: Door) -> list[str]:
    if door.outsides:
        outsides = (
            f"{outside.address or 'edge'} {door.listener.transport}/{outside.port}" for outside in door.outsides
        )
        return [f"edge {words.listed(outsides, 2)}".replace("edge edge", "edge")]
    return ["edge"] if report.site.host("edge") else []


def _inside(inside: Inside) -> tuple[str, str]:
    """Give the network and what it reaches."""
    where = f"{inside.name} ({inside.prefixes})" if inside.prefixes else inside.name
    passing = inside.having(State.USED, State.OPEN, State.LIMITED)
    unknown = inside.having(State.UNKNOWN)
    parts = []
    if passing:
        parts.append(f"reaches {words.listed((words.short_service(door.listener) for door in passing), 12)}")
    if unknown:
        parts.append(f"unknown: {words.listed((words.short_service(door.listener) for door in unknown), 12)}")
    return where, "; ".join(parts) or "no packets pass to the PBX"


def _story(sheet: Sheet, report: Report, local: tzinfo | None) -> None:
    if not report.incidents:
        return
    sheet.heading("What happened")
    for number, incident in enumerate(report.incidents, 1):
        if number > 1:
            sheet.blank()
        _incident(sheet, incident, local)


def _incident(sheet: Sheet, incident: Incident, local: tzinfo | None) -> None:
    sheet.text(incident.claim, indent=2, style="bold")
    if span := words.between(incident.first_at, incident.last_at, local):
        sheet.text(f"When: {span}", indent=2)
    addresses = words.listed(map(str, incident.addresses), 8) or "the evidence names no address"
    sheet.text(f"From: {addresses}{f'. {incident.address_note}' if incident.address_note else ''}", indent=2)
    lanes = outline.lanes(incident)
    if lanes:
        sheet.blank()
        sheet.text("One line of time for each extension (UTC):", indent=2)
    for lane in lanes[:MOST_LANES]:
        _lane(sheet, incident, lane)
    if len(lanes) > MOST_LANES:
        sheet.text(f"and {len(lanes) - MOST_LANES} more: --format html shows all.", indent=2)
    sheet.blank()
    sheet.text(f"How they got in: {words.CAUSES[incident.cause]} ({words.CONFIDENCES[incident.confidence]}).", indent=2)
    for rival in incident.rivals:
        chosen = rival.cause is incident.cause
        sheet.text("What speaks for it:" if chosen else f"Or else: {words.CAUSES[rival.cause]}?", indent=2)
        for name, reasons in (("for", rival.supporting), ("against", rival.opposing), ("missing", rival.missing)):
            for reason in reasons:
                sheet.item(f"{f'{name}:':8}", reason, indent=4)


def _lane(sheet: Sheet, incident: Incident, lane: Lane) -> None:
    dated = outline.spans_days(incident)
    told = " > ".join(stretch.told(dated=dated) for stretch in outline.stretches(lane))
    usual = set(lane.addresses) == set(map(str, incident.addresses))
    origin = f" (from {words.listed(lane.addresses, 2)})" if lane.addresses and not usual else ""
    sheet.item(f"{lane.account or outline.NO_ACCOUNT:10}", f"{told or 'no moment of it is on record'}{origin}")


def _findings(sheet: Sheet, report: Report) -> None:
    sheet.heading("Findings, worst first")
    groups = outline.groups(report.findings)
    if not groups:
        sheet.text("None." if report.complete else "None so far; the check could not be finished.", indent=2)
    shown = [group for group in groups if group.severity not in FOLDED] or list(groups)
    number = 0
    for level, members in groupby(shown, key=lambda group: group.severity):
        sheet.text(words.severity(level), indent=2, style=STYLES[level])
        for group in members:
            number += 1
            _group(sheet, number, group)
    folded = sum(len(group.findings) for group in groups if group not in shown)
    if folded:
        sheet.text(f"{folded} more of low severity or to know: --format html", indent=2)


def _group(sheet: Sheet, number: int, group: Group) -> None:
    marker = f"{number}."
    indent = 2 + len(marker) + 1
    for finding in group.findings[:MOST_IN_GROUP]:
        sheet.item(marker, finding.claim)
        _finding(sheet, finding, indent)
    if (manual := pages.manual(group.check)) and manual.acceptable:
        sheet.text(f"Acceptable: {manual.acceptable_briefly}", indent=indent)
    if rest := group.findings[MOST_IN_GROUP:]:
        subjects = words.listed((finding.subject for finding in rest), 12)
        sheet.text(f"The same for {subjects} ({group.check}).", indent=indent)


def _finding(sheet: Sheet, finding: Finding, indent: int) -> None:
    for excerpt in finding.evidence[:MOST_QUOTES]:
        _quote(sheet, excerpt, indent)
    if len(finding.evidence) > MOST_QUOTES:
        sheet.text(f"and {words.count(len(finding.evidence) - MOST_QUOTES, 'more line')} of evidence", indent=indent)
    for remedy in finding.remedies:
        _remedy(sheet, "Do:", remedy, indent=indent)


def _quote(sheet: Sheet, excerpt: Excerpt, indent: int) -> None:
    sheet.text(f"{excerpt.citation}:", indent=indent)
    sheet.quote(excerpt.text, indent=indent + 2, most_lines=MOST_QUOTE_LINES)


def _how_we_know(sheet: Sheet, report: Report, local: tzinfo | None) -> None:
    coverage = report.coverage
    sheet.heading("How we know")
    sheet.text(words.understood(coverage), indent=2)
    if span := words.between(coverage.first_at, coverage.last_at, local):
        sheet.text(f"The logs cover {span}.", indent=2)
    for note in coverage.inferred:
        sheet.item("inferred:", note)
    for problem in coverage.problems[:MOST_PROBLEMS]:
        sheet.item("not read:", str(problem))
    if len(coverage.problems) > MOST_PROBLEMS:
        sheet.text(
            f"and {words.count(len(coverage.problems) - MOST_PROBLEMS, 'more problem')}: --format html", indent=2
        )
    if coverage.inputs:
        sheet.text(
            f"{words.count(len(coverage.inputs), 'input')}, with SHA-256 sums in --format html and json.", indent=2
        )
    sheet.text(f"ringfence {report.version}, command: ringfence check {report.source}", indent=2)
    if terms := words.terms(outline.texts(report)):
        sheet.heading("Words used here")
        for term, meaning in terms:
            sheet.item(f"{term}:", meaning)
