"""Takes the text of RouterOS `/export` apart, into commands: a menu, a verb, a selector and properties.

Both notations are read (`/ip firewall nat` with `add …` below it, and `/ip/firewall/nat/add …` on one line), and lines
that go on after a backslash. Exports are full of passwords: of other menus than the firewall's only named properties
are kept, and no text.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem
from ringfence.readers.artifacts import Artifacts, decoded, lines

MAX_COMMANDS = 300_000
MAX_COMMAND_CHARACTERS = 64 * 1024
MAX_BYTES = 64 * 1024 * 1024
MAX_PROBLEMS = 1000

TABLES = ("filter", "nat", "mangle", "raw")
FIREWALL = frozenset(f"{family} firewall {table}" for family in ("ip", "ipv6") for table in (*TABLES, "address-list"))
#: Further menus that tell how the router is attached, and what opens doors without a rule in the export.
OTHERS = frozenset(
    {
        "interface detect-internet",
        "interface list",
        "interface list member",
        "interface pppoe-client",
        "ip address",
        "ip dhcp-client",
        "ip firewall connection tracking",
        "ip hotspot",
        "ip ipsec identity",
        "ip ipsec peer",
        "ip ipsec policy",
        "ip nat-pmp",
        "ip route",
        "ip upnp",
        "ipv6 address",
        "ipv6 route",
        "ipv6 settings",
    }
)
#: The only properties that are kept of those.
KEPT = frozenset(
    {
        "add-default-route", "address", "detect-interface-list", "disable-ipv6", "disabled", "dst-address", "enabled",
        "exclude", "from-pool", "gateway", "include", "interface", "internet-interface-list", "lan-interface-list",
        "list", "name", "netmask", "routing-mark", "routing-table", "wan-interface-list",
    }
)  # fmt: skip
VERBS = frozenset(
    {"add", "set", "remove", "disable", "enable", "move", "unset", "comment", "edit", "reset", "print", "export"}
)
#: Verbs that change nothing.
SHOWS = frozenset({"comment", "export", "print"})

_WORD = re.compile(
    r"""\s*(?:(?P<chosen>\[(?:"(?:\\.|[^"\\])*"|[^\]"])*\])|(?P<word>(?:"(?:\\.|[^"\\])*"|[^\s"\[\]])+))""", re.DOTALL
)
_QUOTED = re.compile(r'"((?:\\.|[^"\\])*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\([0-9A-F]{2}|.)", re.DOTALL)
_ESCAPES = {"n": " ", "r": " ", "t": " ", "_": " ", "a": "", "b": "", "f": "", "v": ""}
#: `# nov/24/2026 10:11:12 by RouterOS 6.49.10`, `# 2026-11-24 10:11:12 by RouterOS 7.14.2`
VERSION = re.compile(r"^# \S+ \S+ by RouterOS (\d[\w.]*)", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """One command; ``selector`` is ``[ find … ]`` or a number. ``unset`` are properties written as ``!name``.

    ``odd`` tells that words stand in it which are neither.
    """

    menu: str
    verb: str
    properties: Mapping[str, str]
    selector: str = ""
    unset: frozenset[str] = frozenset()
    text: str = ""
    line: int
    odd: bool = False


@dataclass(slots=True)
class Script:
    """All commands of the menus that are read; ``menus`` are all menus that occur."""

    version: str = ""
    commands: list[Command] = field(default_factory=list)
    menus: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    damaged: bool = False


def parse(artifacts: Artifacts, name: str) -> Script:
    """Read all commands; a line that is none is a problem, and inside a firewall menu it makes the script damaged."""
    script = Script()
    menu = ""
    for number, line in _logical_lines(artifacts, name, script):
        place = Citation(file=name, line=number)
        if line.startswith("#"):
            found = VERSION.match(line)
            script.version = script.version or (found[1] if found else "")
            continue
        if len(script.commands) >= MAX_COMMANDS:
            script.damaged = True
            _complain(script, place, f"more than {MAX_COMMANDS} commands; the rest was left out")
            break
        if line[0] in ":{}" or (menu == "" and not line.startswith("/")):
            _complain(script, place, "not a command of a menu (a script?); it was left out")
            continue
        try:
            menu = _command(script, menu, line, place)
        except ValueError:
            script.damaged = script.damaged or menu in FIREWALL
            _complain(script, place, "not a line of /export; it was left out")
    return script


def _complain(script: Script, place: Citation, message: str) -> None:
    if len(script.problems) < MAX_PROBLEMS:
        script.problems.append(Problem(citation=place, message=message))


def _logical_lines(artifacts: Artifacts, name: str, script: Script) -> Iterator[tuple[int, str]]:
    r"""Join lines that end in a backslash with the next one that is not blank; give each with its first line's number.

    `comment=\` + `    "defconf: drop all"`; a word may be broken anywhere, also inside quotes.
    """
    pending = ""
    start = 0
    size = 0
    for number, raw in lines(artifacts, name):
        size += len(raw) + 1
        line = decoded(raw).strip().removeprefix("\ufeff")
        if size > MAX_BYTES or len(pending) > MAX_COMMAND_CHARACTERS:
            script.damaged = True
            _complain(script, Citation(file=name, line=number), "too long; the rest was left out")
            return
        if not line:
            continue
        start = start if pending else number
        backslashes = len(line) - len(line.rstrip("\\"))
        if backslashes % 2 and not line.startswith("#"):
            # a blank before the backslash separates words: `comment="accept established" \`
            pending += line[:-1]
            continue
        yield start, pending + line
        pending = ""
    if pending:
        script.damaged = True
        _complain(script, Citation(file=name, line=start), "the export is cut off inside a command")


def _command(script: Script, menu: str, line: str, place: Citation) -> str:
    """Keep a command of the menus that are read; gives the menu that following lines belong to. Raises ValueError."""
    words = _words(line)
    position = 0
    verb = ""
    if line.startswith("/"):
        path = [part for part in words[0].split("/") if part]
        position = 1
        while position < len(words) and not (path and path[-1].lower() in VERBS) and _is_name(words[position]):
            path.append(words[position])
            position += 1
        verb = path.pop().lower() if path and path[-1].lower() in VERBS else ""
        menu = " ".join(path).lower()
        if len(script.menus) < MAX_PROBLEMS:
            script.menus.add(menu)
    elif words[0].lower() in VERBS:
        verb, position = words[0].lower(), 1
    else:
        raise ValueError(line[:1])
    if verb and verb not in SHOWS and menu in FIREWALL | OTHERS:
        text = " ".join((f"/{menu}", verb, *words[position:])) if menu in FIREWALL else ""
        command = _read(menu, verb, words[position:], text, place.line or 0)
        script.commands.append(command)
        if command.odd:
            _complain(script, place, "not all of the line is understood")
    return menu


def _is_name(word: str) -> bool:
    return "=" not in word and word[0] not in '["!' and word[:1].isalpha()


def _read(menu: str, verb: str, words: list[str], text: str, line: int) -> Command:
    properties: dict[str, str] = {}
    unset: set[str] = set()
    selector = ""
    odd = False
    for word in words:
        key, equals, value = word.partition("=")
        if word.startswith("["):
            selector = word
        elif equals:
            if menu in FIREWALL or key.lower() in KEPT:
                properties[key.lower()] = unquoted(value)
        elif word.startswith("!"):
            unset.add(word[1:].lower())
        elif verb == "add" or selector:
            odd = True  # `list=MGMT <-- their office`
        else:
            selector = word
    return Command(
        menu=menu,
        verb=verb,
        properties=properties,
        selector=selector,
        unset=frozenset(unset),
        text=text,
        line=line,
        odd=odd,
    )


def _words(line: str) -> list[str]:
    """Split at blanks outside quotes and brackets; raises ValueError on an open quote or bracket."""
    found: list[str] = []
    position = 0
    end = len(line.rstrip())
    while position < end:
        word = _WORD.match(line, position)
        if word is None:
            raise ValueError("an open quote or bracket")
        found.append(word["chosen"] or word["word"])
        position = word.end()
    return found


def unquoted(value: str) -> str:
    r"""Give the value without quotes: `"a \"b\" \E4"`; also `!"a b"`."""
    return _QUOTED.sub(lambda quoted: _ESCAPE.sub(_unescaped, quoted[1]), value)


def _unescaped(found: re.Match[str]) -> str:
    code = found[1]
    if len(code) == 2:
        letter = chr(int(code, 16))
        return letter if letter.isprintable() else " "
    return _ESCAPES.get(code, code)


def chosen(selector: str) -> Mapping[str, str] | None:
    """Read `[ find default-name=ether1 comment="a b" ]` as properties that must be equal; None for anything else."""
    words = _words(selector[1:-1])
    if not words or words[0] != "find":
        return None
    wanted: dict[str, str] = {}
    for word in words[1:]:
        key, equals, value = word.partition("=")
        if not equals or not key.replace("-", "").isalnum():
            return None
        wanted[key.lower()] = unquoted(value)
    return wanted
