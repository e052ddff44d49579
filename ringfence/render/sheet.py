"""Lays plain text out on lines of a fixed width: wrapped, indented, without a character that a terminal would obey."""

import io
import re

from rich.cells import cell_len, chop_cells
from rich.console import Console
from rich.text import Text

from ringfence.render.safe import visible

#: A narrower page would put one word on a line.
LEAST_WIDTH = 40
#: The room that " \" takes where a command goes on in the next line.
CONTINUATION = 2


class Sheet:
    """A growing page; every text that is put on it goes through the encoder first."""

    def __init__(self, width: int) -> None:
        """Start an empty page of so many columns."""
        self.width = max(width, LEAST_WIDTH)
        self._lines: list[Text] = []

    def blank(self) -> None:
        """Leave one line empty, never two in a row."""
        if self._lines and self._lines[-1].plain:
            self._lines.append(Text())

    def heading(self, text: str) -> None:
        """Start a section."""
        self.blank()
        self.text(text.upper(), style="bold")

    def text(self, text: str, *, indent: int = 0, style: str = "") -> None:
        """Put a paragraph, wrapped at blanks."""
        self.item("", text, indent=indent, style=style)

    def item(self, marker: str, text: str, *, indent: int = 2, style: str = "", styled: str = "all") -> None:
        """Put a paragraph that hangs behind a marker; the style is for ``all`` of it or for the ``marker``."""
        shown = visible(marker)
        hanging = indent + (cell_len(shown) + 1 if shown else 0)
        for number, line in enumerate(wrapped(visible(text), self.width - hanging)):
            start = f"{' ' * indent}{shown} " if shown and number == 0 else " " * hanging
            put = Text(f"{start}{line}".rstrip())
            if style and styled == "all":
                put.stylize(style)
            elif style and number == 0:
                put.stylize(style, indent, indent + len(shown))
            self._lines.append(put)

    def quote(self, text: str, *, indent: int, most_lines: int) -> None:
        """Put evidence with its own spacing, cut into lines; what is too long ends with an ellipsis."""
        width = self.width - indent
        lines = broken(visible(text), width)
        if len(lines) > most_lines:
            lines = [*lines[: most_lines - 1], f"{chop_cells(lines[most_lines - 1], width - 1)[0].rstrip()}…"]
        self._lines += [Text(f"{' ' * indent}{line}".rstrip(), style="dim") for line in lines]

    def command(self, text: str, *, indent: int) -> None:
        r"""Put something to type or click; a long shell command goes on behind a ``\`` so that it can still be copied.

        A line break inside stays an escape: what follows it must not become a command of its own.
        """
        shown = visible(text)
        if is_place(shown):
            self.text(shown, indent=indent, style="bold")
            return
        for piece in continued(shown, self.width - indent):
            self._lines.append(Text(f"{' ' * indent}{piece}", style="bold"))

    def plain(self) -> str:
        """Give the page without any colour."""
        return "".join(f"{line.plain}\n" for line in self._lines)

    def coloured(self) -> str:
        """Give the page with the ANSI colours of a terminal."""
        file = io.StringIO()
        console = Console(
            file=file,
            force_terminal=True,
            color_system="standard",
            width=self.width,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
            no_color=False,
            _environ={},
        )
        for line in self._lines:
            console.print(line, soft_wrap=True)
        return file.getvalue()


def wrapped(text: str, width: int) -> list[str]:
    """Break at blanks so that no line takes more than ``width`` cells; a longer word is cut."""
    lines = [""]
    for word in text.split():
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
            continue
        pieces = chop_cells(word, width)
        lines[-1:] = [lines[-1], *pieces] if lines[-1] else pieces
    return lines


def broken(text: str, width: int) -> list[str]:
    """Cut at a blank where one stands in the last third of a line, else anywhere; every other character is kept."""
    lines = []
    rest = text
    while cell_len(rest) > width:
        piece = chop_cells(rest, width)[0]
        blank = piece.rfind(" ")
        cut = blank + 1 if blank > len(piece) * 2 // 3 else len(piece)
        lines.append(rest[:cut])
        rest = rest[cut:]
    return [*lines, rest]


def is_place(command: str) -> bool:
    """Tell a place to click (``FreePBX: Connectivity > Firewall``) from something to type."""
    return re.match(r"[^\s:]+:\s", command) is not None


def continued(command: str, width: int) -> list[str]:
    r"""Break a shell command at blanks outside quotes, each line but the last ending with ``\``."""
    if cell_len(command) <= width:
        return [command]
    lines = [""]
    for number, word in enumerate(_shell_words(command)):
        if number and cell_len(f"{lines[-1]} {word}") > width - CONTINUATION:
            lines.append(f"  {word}")
        else:
            lines[-1] = f"{lines[-1]} {word}" if number else word
    broken = [f"{line} \\" for line in lines[:-1]] + lines[-1:]
    return [piece for line in broken for piece in chop_cells(line, width)]


def _shell_words(command: str) -> list[str]:
    """Split at single blanks that are in no quotes and behind no backslash."""
    words, quote, escaped = [""], "", False
    for character in command:
        if character == " " and not quote and not escaped:
            words.append("")
            continue
        if not escaped and character in "'\"" and quote in {"", character}:
            quote = "" if quote else character
        escaped = character == "\\" and not escaped and quote != "'"
        words[-1] += character
    return words
