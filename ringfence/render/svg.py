"""Builds SVG elements whose texts and attributes are always encoded; the page's style sheet styles them by class."""

from markupsafe import Markup, escape

from ringfence.render.safe import clipped, visible

Value = str | float
#: A letter of the sans-serif system fonts is about 0.55 em wide; enough to keep labels apart.
LETTER = 0.55


def element(name: str, *children: Markup, **attributes: Value) -> Markup:
    """Give one element; ``class_`` stands for ``class``, and ``stroke_width`` for ``stroke-width``."""
    parts = [f"<{name}"]
    for key, value in attributes.items():
        shown = f"{value:g}" if isinstance(value, float) else visible(str(value))
        parts.append(f' {key.rstrip("_").replace("_", "-")}="{escape(shown)}"')
    inner = "".join(children)
    return Markup(f"{''.join(parts)}>{inner}</{name}>")  # noqa: S704 - every part is escaped above or is Markup


def text(shown: str, x: float, y: float, **attributes: Value) -> Markup:
    """Give a line of text."""
    return element("text", escape(visible(shown)), x=float(x), y=float(y), **attributes)


def fitted(shown: str, x: float, y: float, width: float, size: float, **attributes: Value) -> Markup:
    """Give a line of text cut to about ``width`` units, with the whole of it as its tooltip."""
    short = clipped(shown, max(4, int(width / (size * LETTER))))
    content = [escape(short)]
    if short != visible(shown):
        content.append(title(shown))
    return element("text", *content, x=float(x), y=float(y), **attributes)


def title(shown: str) -> Markup:
    """Give the words that a pointer or a screen reader finds on a shape."""
    return element("title", escape(visible(shown)))


def drawing(label: str, width: float, height: float, *children: Markup, **attributes: Value) -> Markup:
    """Give a whole drawing with its description for those who do not see it."""
    size = f"0 0 {width:g} {height:g}"
    return element("svg", title(label), *children, viewBox=size, width=width, height=height, role="img", **attributes)
