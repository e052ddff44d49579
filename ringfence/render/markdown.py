"""The report as Markdown for a ticket or a forum: the terminal's order and words, every foreign text inert."""

from datetime import tzinfo
from itertools import groupby

from ringfence.model.finding import Finding, Remedy
from ringfence.model.incident import Incident
from ringfence.model.report import Report
from ringfence.render import outline, pages, words
from ringfence.render.figures import figures
from ringfence.render.outline import Door, Group, State
from ringfence.render.safe import block, clipped, code, markdown

MOST_QUOTE = 400
MOST_PROBLEMS = 20


def to_markdown(report: Report) -> str:
    """Give the report as CommonMark without any HTML, link or picture."""
    local = words.zone(report.site.timezone)
    lines = [
        *_verdict(report, local),
        *_next_hour(report),
        *_figures(report),
        *_map(report),
        *_story(report, local),
        *_findings(report),
        *_how_we_know(report, local),
    ]
    return "\n".join(lines).rstrip("\n") + "\n"


def _verdict(report: Report, local: tzinfo | None) -> list[str]:
    lines = []
    if not report.complete:
        lines += ["**Incomplete: this check could not be finished. What is missing may change the answer.**", ""]
    span = words.between(report.coverage.first_at, report.coverage.last_at, local)
    return [
        *lines,
        f"# Ringfence report: {markdown(report.site.name) or 'phone system without a name'}",
        "",
        f"**{markdown(report.verdict)}**",
        "",
        f"Logs: {span or 'none that could be read'}.",
        "",
    ]


def _next_hour(report: Report) -> list[str]:
    lines = ["## What to do in the next hour", ""]
    if not report.next_hour:
        return [*lines, outline.nothing_to_do(report), ""]
    for number, remedy in enumerate(report.next_hour, 1):
        lines += _remedy(f"{number}. ", remedy)
    return [*lines, ""]


def _remedy(marker: str, remedy: Remedy) -> list[str]:
    indent = " " * len(marker)
    command = [f"{indent}{line}" for line in block([remedy.command])] if remedy.command else []
    return [f"{marker}{markdown(remedy.text)}", *command]


def _figures(report: Report) -> list[str]:
    lines = ["## In numbers", ""]
    lines += [f"- **{figure.value} {figure.noun}.** {markdown(' '.join(figure.meaning))}" for figure in figures(report)]
    if unknowns := outline.undecided(report):
        lines += ["", "## What could not be decided", ""]
        for unknown in unknowns:
            place = f" ({code(str(unknown.citation))})" if unknown.citation else ""
            lines.append(f"- **{markdown(words.sentence(unknown.subject))}**: {markdown(unknown.why)}{place}")
            if unknown.decide_by:
                lines.append(f"  To decide it: {markdown(unknown.decide_by)}")
    return [*lines, ""]


def _map(report: Report) -> list[str]:
    lines = ["## The map: who reaches what, and through which rule", ""]
    outer = outline.outer_doors(report)
    if not outer:
        lines.append("- From the Internet: nothing could be judged.")
    for door in outer:
        if door.state is not State.BLOCKED:
            lines += _door(door)
    if closed := [door for door in outer if door.state is State.BLOCKED]:
        names = words.listed((words.short_service(door.listener) for door in closed), 12)
        lines.append(f"- Closed to the Internet: {markdown(names)}.")
    for inside in outline.insides(report):
        where = f"{inside.name} ({inside.prefixes})" if inside.prefixes else inside.name
        for name, states in (("reaches", (State.USED, State.OPEN, State.LIMITED)), ("unknown for", (State.UNKNOWN,))):
            if reached := inside.having(*states):
                names = words.listed((words.short_service(door.listener) for door in reached), 12)
                lines.append(f"- {markdown(where)}: {name} {markdown(names)}")
    return [*lines, ""]


def _door(door: Door) -> list[str]:
    limits = f", only for {door.only_from}" if door.only_from else ""
    lines = [f"- **{words.sentence(door.state.value)}** {markdown(words.service(door.listener) + limits)}"]
    if door.state is State.UNKNOWN:
        lines.append(f"  {markdown(door.claim)}")
    if door.admits:
        lines.append(f"  {markdown(door.admits)}")
    lines += [f"  - {code(str(hop.citation))} {markdown(hop.text)}" for hop in door.proof if hop.citation]
    return lines


def _story(report: Report, local: tzinfo | None) -> list[str]:
    if not report.incidents:
        return []
    lines = ["## What happened", ""]
    for incident in report.incidents:
        lines += _incident(incident, local)
    return lines


def _incident(incident: Incident, local: tzinfo | None) -> list[str]:
    span = words.between(incident.first_at, incident.last_at, local)
    note = f" {markdown(incident.address_note)}" if incident.address_note else ""
    addresses = words.listed(map(str, incident.addresses), 8)
    lines = [f"**{markdown(incident.claim)}**", ""]
    if span:
        lines.append(f"- When: {span}")
    lines += [f"- From: {addresses or 'the evidence names no address'}{note}", ""]
    lines += ["One line of time for each extension (UTC):", ""]
    dated = outline.spans_days(incident)
    for lane in outline.lanes(incident):
        told = [markdown(stretch.told(dated=dated)) for stretch in outline.stretches(lane)]
        name = markdown(lane.account) or outline.NO_ACCOUNT
        lines.append(f"- **{name}**: {' → '.join(told) or 'no moment of it is on record'}")
    lines += ["", f"How they got in: {words.CAUSES[incident.cause]} ({words.CONFIDENCES[incident.confidence]}).", ""]
    for rival in incident.rivals:
        chosen = rival.cause is incident.cause
        lines.append(f"- {'What speaks for it' if chosen else f'Or else: {words.CAUSES[rival.cause]}?'}")
        for name, reasons in (("for", rival.supporting), ("against", rival.opposing), ("missing", rival.missing)):
            lines += [f"  - {name}: {markdown(reason)}" for reason in reasons]
    return [*lines, ""]


def _findings(report: Report) -> list[str]:
    lines = ["## Findings, worst first", ""]
    groups = outline.groups(report.findings)
    if not groups:
        lines += ["None." if report.complete else "None so far; the check could not be finished.", ""]
    number = 0
    for level, members in groupby(groups, key=lambda group: group.severity):
        lines += [f"### {words.severity(level)}", ""]
        for group in members:
            number += 1
            lines += _group(number, group)
        lines.append("")
    return lines


def _group(number: int, group: Group) -> list[str]:
    marker = f"{number}. "
    indent = " " * len(marker)
    first, rest = group.findings[0], group.findings[1:]
    lines = [f"{marker}**{markdown(first.claim)}**", *(f"{indent}{line}" if line else "" for line in _finding(first))]
    if (manual := pages.manual(group.check)) and manual.acceptable:
        lines += ["", f"{indent}Acceptable: {markdown(manual.acceptable_briefly)}"]
    if rest:
        subjects = words.listed((finding.subject for finding in rest), 24)
        lines += ["", f"{indent}The same for {markdown(subjects)} ({code(group.check)})."]
    return lines


def _finding(finding: Finding) -> list[str]:
    lines = []
    for excerpt in finding.evidence:
        lines += ["", f"{code(str(excerpt.citation))}", "", *block([clipped(excerpt.text, MOST_QUOTE)])]
    if finding.remedies:
        lines.append("")
    for remedy in finding.remedies:
        lines += _remedy("- ", Remedy(text=f"Do: {remedy.text}", command=remedy.command))
    return lines


def _how_we_know(report: Report, local: tzinfo | None) -> list[str]:
    coverage = report.coverage
    lines = ["## How we know", "", f"- {words.understood(coverage)}"]
    if span := words.between(coverage.first_at, coverage.last_at, local):
        lines.append(f"- The logs cover {span}.")
    lines += [f"- Inferred: {markdown(note)}" for note in coverage.inferred]
    lines += [f"- Not read: {markdown(str(problem))}" for problem in coverage.problems[:MOST_PROBLEMS]]
    if len(coverage.problems) > MOST_PROBLEMS:
        lines.append(f"- and {words.count(len(coverage.problems) - MOST_PROBLEMS, 'more problem')}")
    command = code(f"ringfence check {report.source}")
    lines += [f"- ringfence {markdown(report.version)}, command: {command}", ""]
    if terms := words.terms(outline.texts(report)):
        lines += ["## Words used here", "", *(f"- **{term}**: {meaning}" for term, meaning in terms)]
    return lines
