"""Draws the map: Internet, edge, PBX and the site's networks, with an arrow only where packets pass.

The state of a way is told three times, by colour, by line style and by its word, so that no reader depends on one.
"""

from markupsafe import Markup

from ringfence.model.report import Report
from ringfence.render import outline, svg, words
from ringfence.render.outline import Door, Inside, State

WIDTH = 980.0
ROW = 64.0
TOP = 12.0
HEAD = 44.0
INTERNET_RIGHT, EDGE_LEFT, EDGE_RIGHT, PBX_LEFT = 140.0, 330.0, 450.0, 750.0
#: Networks of the site stand in boxes of this width below Internet and edge.
NETWORK_RIGHT = 330.0
#: More doors than these are named in the table below the map.
MOST_DOORS = 14
MOST_NETWORKS = 8
LABEL = 12.0


def draw(report: Report) -> Markup:
    """Give the map as one SVG drawing."""
    outer = [door for door in outline.outer_doors(report) if door.state is not State.BLOCKED][:MOST_DOORS]
    insides = outline.insides(report)[:MOST_NETWORKS]
    outer_height = HEAD + ROW * max(1, len(outer))
    inner_top = TOP + outer_height + 24
    height = inner_top + ROW * len(insides)
    has_edge = report.site.host("edge") is not None or any(door.outsides for door in outer)
    shapes = [
        _box("Internet", "everyone outside", (8, TOP, INTERNET_RIGHT - 8, outer_height)),
        _box(
            "Edge",
            "your firewall" if has_edge else "no evidence",
            (EDGE_LEFT, TOP, EDGE_RIGHT - EDGE_LEFT, outer_height),
            dashed=not has_edge,
        ),
        _box("PBX", "your phone system", (PBX_LEFT, TOP, WIDTH - PBX_LEFT - 8, height - TOP)),
        *(_way(door, TOP + HEAD + ROW * (row + 0.5), has_edge=has_edge) for row, door in enumerate(outer)),
        *(_network(inside, inner_top + ROW * row) for row, inside in enumerate(insides)),
    ]
    if not outer:
        shapes.append(_nothing(report, TOP + HEAD + ROW / 2))
    return svg.drawing(_description(outer), WIDTH, height + 8, *shapes, class_="map")


def _description(outer: list[Door]) -> str:
    ways = "; ".join(f"{words.short_service(door.listener)}: {door.state.value}" for door in outer)
    return f"Map of the ways from the Internet to the phone system. {ways or 'No way is known.'}"


def _box(name: str, meaning: str, place: tuple[float, float, float, float], *, dashed: bool = False) -> Markup:
    """Draw a place; ``place`` is x, y, width and height."""
    x, y, width, height = place
    style = "place dashed" if dashed else "place"
    return svg.element(
        "g",
        svg.element("rect", x=x, y=y, width=width, height=height, rx=8.0, class_=style),
        svg.fitted(name, x + 12, y + 20, width - 16, 14, class_="name"),
        svg.fitted(meaning, x + 12, y + 36, width - 16, LABEL, class_="note"),
    )


def _nothing(report: Report, y: float) -> Markup:
    """Say in the place of arrows whether nothing passes or nothing is known."""
    known = bool(outline.outer_doors(report))
    lines = ("no packets pass,", "by the rules that were read") if known else ("nothing could", "be judged")
    return svg.element(
        "g", *(svg.text(line, INTERNET_RIGHT + 12, y + 16 * row, class_="note") for row, line in enumerate(lines))
    )


def _arrow(x1: float, x2: float, y: float, kind: str) -> Markup:
    line = svg.element("line", x1=x1, y1=y, x2=x2 - 9, y2=y)
    head = svg.element("path", d=f"M{x2 - 11:g} {y - 6:g} L{x2 - 1:g} {y:g} L{x2 - 11:g} {y + 6:g} Z")
    return svg.element("g", line, head, class_=f"way {kind}")


def _way(door: Door, y: float, *, has_edge: bool) -> Markup:
    """Draw one door: the arrow to the edge with what it offers, the arrow to the PBX with the rule that lets it in."""
    rule = str(door.rule.citation) if door.rule and door.rule.citation else "no rule known"
    text = door.rule.text if door.rule else ""
    state = _state_words(door)
    left, right = INTERNET_RIGHT + 10, EDGE_RIGHT + 10
    left_room, room = EDGE_LEFT - INTERNET_RIGHT - 24, PBX_LEFT - EDGE_RIGHT - 24
    kind = door.state.value
    if has_edge:
        offered = [_outside(door, outside.port) for outside in door.outsides] or [words.port(door.listener)]
        arrows = [_arrow(INTERNET_RIGHT, EDGE_LEFT, y, kind), _arrow(EDGE_RIGHT, PBX_LEFT, y, kind)]
    else:
        offered = [words.port(door.listener)]
        arrows = [_arrow(INTERNET_RIGHT, PBX_LEFT, y, kind)]
    return svg.element(
        "g",
        svg.title(door.claim),
        *arrows,
        svg.fitted(words.listed(offered, 2), left, y - 8, left_room, LABEL, class_="label"),
        svg.fitted(state, left, y + 17, left_room, LABEL, class_=f"state {kind}"),
        svg.fitted(_tail(rule), right, y - 8, room, LABEL, class_="label"),
        svg.fitted(text, right, y + 17, room, LABEL, class_="note"),
        *_service(door, y),
    )


def _outside(door: Door, port: int) -> str:
    address = next((outside.address for outside in door.outsides if outside.port == port and outside.address), None)
    return f"{address or ''} {door.listener.transport}/{port}".strip()


def _state_words(door: Door) -> str:
    match door.state:
        case State.USED:
            return "used by strangers"
        case State.OPEN:
            return f"open for {door.only_from}" if door.only_from else "open to everyone"
        case State.LIMITED:
            return f"only {door.only_from}" if door.only_from else "only those expected"
        case State.UNKNOWN:
            return "unknown"
        case State.BLOCKED:
            return "closed"


def _tail(path: str) -> str:
    """Keep the end of a long path: the file and the line say more than the folders."""
    return path if len(path) <= 32 else f"…{path[-31:]}"


def _service(door: Door, y: float) -> tuple[Markup, Markup]:
    name, meaning = words.SERVICES[door.listener.service]
    room = WIDTH - PBX_LEFT - 28
    return (
        svg.fitted(f"{name} {words.port(door.listener)}", PBX_LEFT + 12, y - 3, room, 13, class_="label"),
        svg.fitted(meaning, PBX_LEFT + 12, y + 14, room, LABEL, class_="note"),
    )


def _network(inside: Inside, y: float) -> Markup:
    """Draw a network of the site with one arrow for all that it reaches; that packets pass inside is no alarm."""
    passing = inside.having(State.USED, State.OPEN, State.LIMITED)
    unknown = inside.having(State.UNKNOWN)
    middle = y + (ROW - 12) / 2
    left, room = NETWORK_RIGHT + 10, PBX_LEFT - NETWORK_RIGHT - 30
    shapes = [_box(inside.name, inside.prefixes, (8, y, NETWORK_RIGHT - 8, ROW - 12))]
    said = []
    if passing:
        rule = passing[0].rule
        shapes.append(_arrow(NETWORK_RIGHT, PBX_LEFT, middle, "inside"))
        said.append(f"reaches {words.count(len(passing), 'service')}{f': {_tail(str(rule.citation))}' if rule else ''}")
    elif unknown:
        shapes.append(_arrow(NETWORK_RIGHT, PBX_LEFT, middle, State.UNKNOWN.value))
    else:
        said.append("no packets pass, by the rules that were read")
    if unknown:
        said.append(f"{words.count(len(unknown), 'service')} unknown")
    offsets = (-8, 17) if passing or unknown else (4, 20)
    for offset, line in zip(offsets, said, strict=False):
        shapes.append(svg.fitted(line, left, middle + offset, room, LABEL, class_="label"))
    return svg.element("g", *shapes, *_names(passing or unknown, middle))


def _names(doors: tuple[Door, ...], middle: float) -> list[Markup]:
    """Name the services in the PBX's box, in two lines where one is too short."""
    names = list(dict.fromkeys(words.SERVICES[door.listener.service][0] for door in doors))
    half = len(names) if len(names) <= 3 else (len(names) + 1) // 2
    lines = [", ".join(names[:half]) + ("," if names[half:] else ""), ", ".join(names[half:])]
    room = WIDTH - PBX_LEFT - 28
    places = (middle - 4, middle + 12) if lines[1] else (middle + 4, middle)
    return [
        svg.fitted(line, PBX_LEFT + 12, place, room, LABEL, class_="note")
        for line, place in zip(lines, places, strict=True)
        if line
    ]
