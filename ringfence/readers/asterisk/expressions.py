"""What can be said of the dialplan's variables and conditions without running it: a value, or that it is not known."""

import re
from collections.abc import Container, Iterator

from ringfence.model.site import Dialplan

#: How often a dialled number may be handed from variable to variable and still be followed.
MAX_ROUNDS = 50

_VARIABLE = re.compile(r"\$\{(\w{1,80})\}", re.ASCII)
_USED = re.compile(r"\$\{(\w{1,80})", re.ASCII)
_PLAIN = re.compile(r"\A\s*(?:GLOBAL\()?_{0,2}([A-Za-z]\w*)\)?\s*\Z", re.ASCII)
_FUNCTION = re.compile(r"\$\{(?!IF\()\w+\(", re.ASCII)
_NAME = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SET = re.compile(r"\bSet\(([^=()]{1,200}(?:\([^()]{0,200}\))?)=", re.IGNORECASE)
# $["${ALLOW_SIP_ANON}"!="yes"]
_COMPARISON = re.compile(r'\A\$\[\s*("[^"]*"|[^\s"=!<>&|]+)\s*(!=|==|=)\s*("[^"]*"|[^\s"=!<>&|]+)\s*\]\Z')
#: Applications that assign the variables they name; an AGI script may assign any.
_ASSIGNING = frozenset({"set", "mset", "setglobalvar", "read", "readexten"})
_OPENING, _CLOSING = "({[", ")}]"


def split(text: str, separator: str, most: int = -1) -> list[str]:
    """Split where the separator stands outside all brackets: ``a,f(b,c)`` at the comma is ``a`` and ``f(b,c)``."""
    parts: list[str] = []
    depth = start = 0
    for index, character in enumerate(text):
        if character in _OPENING:
            depth += 1
        elif character in _CLOSING:
            depth = max(0, depth - 1)
        elif character == separator and depth == 0 and len(parts) != most:
            parts.append(text[start:index])
            start = index + 1
    parts.append(text[start:])
    return parts


def constants(dialplan: Dialplan) -> dict[str, str]:
    """Give the global variables that nothing in the dialplan ever changes; masked ones are left out."""
    changed = {name.lstrip("_") for left, _ in assignments(dialplan) for name in _NAME.findall(left)}
    return {name: value for name, value, _ in dialplan.variables if name not in changed and "***" not in value}


def assignments(dialplan: Dialplan) -> Iterator[tuple[str, str]]:
    """Go through all assignments that some step of the dialplan may make, as ``(left side, value)`` in its words.

    A left side is ``DID``, ``__DID`` (inherited), ``GLOBAL(X)``, ``ARRAY(a,b)`` or a function (``CALLERID(num)``).
    """
    for context in dialplan.contexts:
        for extension in context.extensions:
            for application, arguments, _ in extension.steps:
                name = application.lower()
                if name in _ASSIGNING:
                    parts = split(arguments, ",") if name == "mset" else [arguments]
                    yield from ((left, value) for left, _, value in (part.partition("=") for part in parts))
                for match in _SET.finditer(arguments):
                    yield match[1], arguments[match.end() :]


def caller_chosen(dialplan: Dialplan) -> frozenset[str]:
    """Give the variables that hold what the caller dialled: those set from ``${EXTEN}`` or from each other.

    Whatever comes out of a function (``${DB(CFU/…)}`` is a call forward) is somebody else's choice.
    """
    chosen = {"EXTEN", "MACRO_EXTEN"}
    pairs = [(match[1], value) for left, value in assignments(dialplan) if (match := _PLAIN.match(left))]
    for _ in range(MAX_ROUNDS):
        more = {name for name, value in pairs if is_chosen(value, chosen)} - chosen
        if not more:
            break
        chosen |= more
    return frozenset(chosen)


def is_chosen(text: str, chosen: Container[str]) -> bool:
    """Tell whether a text holds what the caller dialled, ``${EXTEN}`` or ``${EXTEN:1}``, and nothing looked up.

    FreePBX: ``DID=${IF($["${EXTEN:1:2}"=""]?s:${EXTEN})}``.
    """
    return not _FUNCTION.search(text) and any(match[1] in chosen for match in _USED.finditer(text))


def substitute(text: str, values: dict[str, str]) -> str:
    """Put in the variables whose values are known; the others stay."""
    return _VARIABLE.sub(lambda match: values.get(match[1], match[0]), text)


def condition(text: str, values: dict[str, str]) -> bool | None:
    """Say whether a condition holds; None where that depends on the call.

    Only a comparison of two texts is evaluated, and a text by itself (ast:main/pbx.c ``pbx_checkcondition``).
    """
    known = substitute(text.strip(), values)
    if "${" in known:
        return None
    if match := _COMPARISON.match(known):
        left, operator, right = (part.strip('"') for part in match.groups())
        return (left == right) != (operator == "!=")
    if "$[" in known:
        return None
    return known not in ("", "0")
