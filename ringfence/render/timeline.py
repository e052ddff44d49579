"""Draws the story of a break-in: one line of time for each account, so that the theft is seen.

The axis keeps the order and shortens the gaps: seconds between a file and its use stay visible beside hours of calls.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from markupsafe import Markup

from ringfence.model.incident import Incident, Moment, Step
from ringfence.render import outline, svg, words
from ringfence.render.outline import Lane

WIDTH = 980.0
LEFT, RIGHT = 178.0, 950.0
TOP, ROW = 56.0, 50.0
#: More lanes make a wall, not a story; the table below the drawing names all.
MOST_LANES = 24
#: Marks of one kind that would overlap become one mark with a number.
NEAR = 15.0
#: Marks of different kinds stand at least this far from each other.
ROOM = 11.0
#: Even one second takes as much room as this, on the scale of the logarithm of seconds.
LEAST_GAP = 2.0
#: From the first to the last of these an account is drawn as taken.
STRANGERS_OWN = frozenset({Step.CONTACT, Step.REGISTERED, Step.CALLED})
TICK_ROOM = 88.0
LABEL = 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Moments of one kind that are drawn as one shape."""

    step: Step
    x: float
    moments: tuple[Moment, ...]


def draw(incident: Incident) -> Markup | None:
    """Give the drawing, or None where no moment has a time."""
    lanes = outline.lanes(incident)[:MOST_LANES]
    places = scale([moment.at for lane in lanes for moment in lane.moments if moment.at])
    if not places:
        return None
    height = TOP + ROW * len(lanes) + 8
    return svg.drawing(
        f"Line of time for {words.count(len(incident.accounts), 'extension')}; the table below says the same in words.",
        WIDTH,
        height,
        *_axis(places, height, dated=outline.spans_days(incident)),
        *(_lane(incident, lane, TOP + ROW * (row + 0.5), places) for row, lane in enumerate(lanes)),
        class_="timeline",
    )


def scale(times: Sequence[datetime]) -> dict[datetime, float]:
    """Give each time its place: a gap takes room by the logarithm of its seconds."""
    distinct = sorted(set(times))
    gaps = [LEAST_GAP + math.log1p((later - earlier).total_seconds()) for earlier, later in pairwise(distinct)]
    whole = sum(gaps)
    places: dict[datetime, float] = {}
    passed = 0.0
    for at, gap in zip(distinct, [*gaps, 0.0], strict=False):
        places[at] = LEFT + 14 + (RIGHT - LEFT - 28) * (passed / whole if whole else 0.5)
        passed += gap
    return places


def _axis(places: dict[datetime, float], height: float, *, dated: bool) -> list[Markup]:
    """Draw the times that have room, the day wherever it changes."""
    shapes = [svg.text("Time in UTC,", 8, 20, class_="note"), svg.text("gaps are shortened", 8, 36, class_="note")]
    free, last_day = LEFT - TICK_ROOM, ""
    for at, x in places.items():
        if x - free < TICK_ROOM:
            continue
        free = x
        shapes.append(svg.element("line", x1=x, y1=TOP - 6, x2=x, y2=height - 4, class_="grid"))
        shapes.append(svg.text(words.clock(at), x, 36, class_="label", text_anchor="middle"))
        if words.day(at) != last_day:
            last_day = words.day(at)
            weight = "label" if dated else "note"
            shapes.append(svg.text(last_day, x, 20, class_=weight, text_anchor="middle"))
    return shapes


def _lane(incident: Incident, lane: Lane, y: float, places: dict[datetime, float]) -> Markup:
    usual = set(lane.addresses) == set(map(str, incident.addresses))
    origin = ", ".join(lane.addresses) or "no address on record"
    shapes = [
        svg.fitted(lane.account or outline.NO_ACCOUNT, 8, y + 5 if usual else y, LEFT - 16, 14, class_="name"),
        svg.fitted("" if usual else origin, 8, y + 16, LEFT - 16, 11, class_="note small"),
        svg.element("line", x1=LEFT, y1=y, x2=RIGHT, y2=y, class_="lane"),
    ]
    marks = _marks(lane, places)
    if held := [mark.x for mark in marks if mark.step in STRANGERS_OWN]:
        shapes.append(svg.element("line", x1=min(held), y1=y, x2=max(held), y2=y, class_="taken"))
    shapes += [_shape(mark, y) for mark in marks]
    shapes += _names(marks, y)
    return svg.element("g", *shapes)


def _marks(lane: Lane, places: dict[datetime, float]) -> list[Mark]:
    """Fold neighbours of one kind into one mark."""
    marks: list[Mark] = []
    for moment in lane.moments:
        if moment.at is None:
            continue
        x = places[moment.at]
        last = next((mark for mark in reversed(marks) if mark.step is moment.step), None)
        if last and x - last.x < NEAR:
            marks[marks.index(last)] = Mark(step=last.step, x=last.x, moments=(*last.moments, moment))
        else:
            marks.append(Mark(step=moment.step, x=x, moments=(moment,)))
    return _apart(marks)


def _apart(marks: list[Mark]) -> list[Mark]:
    """Push marks that would cover each other to the right: that the order can be read counts more than the place."""
    placed: list[Mark] = []
    for mark in marks:
        least = placed[-1].x + ROOM if placed else LEFT
        placed.append(replace(mark, x=min(max(mark.x, least), RIGHT + ROOM)))
    return placed


def _shape(mark: Mark, y: float) -> Markup:
    """Draw the mark; each kind has its own shape, not only its own colour."""
    x = mark.x
    said = "; ".join(f"{words.clock(moment.at)} {moment.what}" for moment in mark.moments[:5])
    match mark.step:
        case Step.FILE_FETCHED:
            shape = svg.element("rect", svg.title(said), x=x - 6, y=y - 6, width=12.0, height=12.0)
        case Step.CONTACT:
            shape = svg.element("circle", svg.title(said), cx=x, cy=y, r=6.0)
        case Step.REGISTERED:
            points = f"{x:g},{y - 8:g} {x + 8:g},{y:g} {x:g},{y + 8:g} {x - 8:g},{y:g}"
            shape = svg.element("polygon", svg.title(said), points=points)
        case Step.CALLED:
            shape = svg.element(
                "polygon", svg.title(said), points=f"{x - 6:g},{y - 8:g} {x + 8:g},{y:g} {x - 6:g},{y + 8:g}"
            )
        case Step.TRIED:
            d = f"M{x - 5:g} {y - 5:g} L{x + 5:g} {y + 5:g} M{x - 5:g} {y + 5:g} L{x + 5:g} {y - 5:g}"
            shape = svg.element("path", svg.title(said), d=d)
        case Step.PHONE:
            shape = svg.element("line", svg.title(said), x1=x, y1=y - 5, x2=x, y2=y + 5)
        case Step.OTHER:
            shape = svg.element("circle", svg.title(said), cx=x, cy=y, r=3.5)
    return svg.element("g", shape, class_=f"mark {mark.step.value}")


def _names(marks: list[Mark], y: float) -> list[Markup]:
    """Write each mark's word above or below its line, wherever it does not run into another."""
    ends = {-14.0: LEFT, 22.0: LEFT}
    shapes = []
    for mark in sorted((mark for mark in marks if mark.step is not Step.PHONE), key=lambda mark: mark.x):
        said = _word(mark)
        width = len(said) * LABEL * svg.LETTER
        start = min(max(mark.x - width / 2, LEFT), RIGHT + 20 - width)
        if offset := next((offset for offset, end in ends.items() if start >= end), None):
            ends[offset] = start + width + 6
            shapes.append(svg.text(said, start, y + offset, class_=f"word {mark.step.value}"))
    return shapes


def _word(mark: Mark) -> str:
    number = len(mark.moments)
    match mark.step:
        case Step.FILE_FETCHED:
            return "file" if number == 1 else f"{number} files"
        case Step.CONTACT:
            return "contact"
        case Step.REGISTERED:
            return "registered"
        case Step.CALLED:
            return "call" if number == 1 else f"{number} calls"
        case Step.TRIED:
            return words.count(number, "try", "tries")
        case Step.PHONE:
            return "phone"
        case Step.OTHER:
            return words.count(number, "event")
