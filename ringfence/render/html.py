"""The report as one HTML file: no network, no script, inert texts, readable on paper, on a phone and at night."""

import hashlib
import re
from base64 import b64encode
from itertools import groupby

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ringfence.model.finding import Severity
from ringfence.model.report import Report
from ringfence.render import map as exposure_map
from ringfence.render import outline, pages, safe, timeline, words
from ringfence.render.figures import figures
from ringfence.render.outline import State

#: Findings of these severities wait in a fold below the others.
FOLDED = frozenset({Severity.LOW, Severity.INFO})
MOST_EVIDENCE = 1200
#: A story longer than this is for the JSON form and the event tables.
MOST_MOMENTS = 400
MOST_PROBLEMS = 200
MOST_INPUTS = 1000
QUOTED = re.compile(r"`([^`]{1,120})`")


def to_html(report: Report) -> str:
    """Give the report as a whole HTML page; the same report gives the same bytes."""
    loader = PackageLoader("ringfence.render")
    environment = Environment(
        loader=loader,
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_inert,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters["prose"] = prose
    environment.filters["command"] = command
    environment.filters["evidence"] = lambda text: safe.clipped(text, MOST_EVIDENCE)
    style, _, _ = loader.get_source(environment, "report.css")
    local = words.zone(report.site.timezone)
    outer = outline.outer_doors(report)
    groups = outline.groups(report.findings)
    loud = [group for group in groups if group.severity not in FOLDED]
    return environment.get_template(
        "report.html.j2"
    ).render(
        report=report,
        words=words,
        outline=outline,
        style=Markup(style),  # noqa: S704 - our own file
        policy=_policy(style),
        tone=_tone(report),
        local=local,
        span=words.between(report.coverage.first_at, report.coverage.last_at, local),
        figures=figures(report),
        unknowns=outline.undecided(report),
        map=exposure_map.draw(report),
        outer=outer,
        matrix=_matrix(report),
        incidents=[
            (incident, timeline.draw(incident), outline.in_time(incident.moments)) for incident in report.incidents
        ],
        most_moments=MOST_MOMENTS,
        most_lanes=timeline.MOST_LANES,
        problems=report.coverage.problems[:MOST_PROBLEMS],
        inputs=report.coverage.inputs[:MOST_INPUTS],
        loud=[(level, list(members)) for level, members in groupby(loud, key=lambda group: group.severity)],
        quiet=[group for group in groups if group.severity in FOLDED],
        manual=pages.manual,
        terms=words.terms(outline.texts(report)),
    )


def _inert(value: object) -> object:
    """Send whatever a template prints through the encoder; markup was built from encoded texts."""
    return safe.visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def prose(text: str) -> Markup:
    """Show what stands between backticks as code; everything is encoded and escaped first."""
    return Markup(QUOTED.sub(r"<code>\1</code>", str(escape(safe.visible(text)))))  # noqa: S704 - escaped in this line


def command(text: str) -> Markup:
    """Show something to type so that lines break at blanks only, never inside an option such as ``-p``."""
    parts = escape(safe.visible(text)).split(" ")
    return Markup(" ").join(Markup('<span class="word">{}</span>').format(part) if part else part for part in parts)


def _policy(style: str) -> str:
    """Forbid everything but this very style sheet, so that a text that got through would still load and run nothing."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode("ascii")
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _tone(report: Report) -> str:
    """Choose the colour of the first line; the words do not depend on it. Green: nothing is left open or unsaid."""
    severities = {finding.severity for finding in report.findings}
    if report.incidents or Severity.CRITICAL in severities:
        return "bad"
    outer = outline.outer_doors(report)
    if not report.complete or not outer or any(door.state not in {State.BLOCKED, State.LIMITED} for door in outer):
        return "warn"
    if severities - FOLDED or report.leaked:
        return "warn"
    return "plain" if report.unknowns else "calm"


def _matrix(report: Report) -> tuple[list[str], list[tuple[str, list[str]]]]:
    """Give every service from every vantage: the vantages, then a row of states for each service."""
    doors = outline.doors(report)
    vantages = list(dict.fromkeys(door.vantage for door in doors))
    vantages.sort(key=lambda vantage: vantage != outline.INTERNET)
    rows: dict[tuple[int, str, str], dict[str, str]] = {}
    for door in doors:
        address = door.listener.address
        bound = f" on {address}" if address and not address.is_unspecified else ""
        key = (door.listener.port, door.listener.transport, f"{words.service(door.listener)}{bound}")
        rows.setdefault(key, {})[door.vantage] = door.state.value
    return vantages, [
        (key[2], [states.get(vantage, "not judged") for vantage in vantages]) for key, states in sorted(rows.items())
    ]
