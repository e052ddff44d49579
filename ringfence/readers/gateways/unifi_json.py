"""Reads JSON so that every value knows the line it begins on; bounded in depth and number of values."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

MAX_DEPTH = 60
MAX_VALUES = 2_000_000

Scalar = str | int | float | bool | None

_BLANK = re.compile(r"[ \t\r\n\ufeff]*")
_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\.)*"')
_PLAIN = re.compile(r"-?(?:0|[1-9][0-9]{0,39})(?:\.[0-9]{1,40})?(?:[eE][+-]?[0-9]{1,3})?|true|false|null")


class BadJsonError(ValueError):
    """The text is not JSON, or goes beyond the bounds; ``line`` is where."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """A JSON value: exactly one of an object's ``members``, an array's ``items`` and a ``scalar`` counts."""

    line: int
    members: Mapping[str, "Value"] | None = None
    items: tuple["Value", ...] | None = None
    scalar: Scalar = None

    def get(self, name: str) -> "Value | None":
        """Give a member of an object; None when there is none, or this is no object."""
        return self.members.get(name) if self.members is not None else None

    def text(self, name: str) -> str:
        """Give a member as text, numbers included; empty when it is absent, null, or not a scalar."""
        found = self.get(name)
        if found is None or found.scalar is None or isinstance(found.scalar, bool):
            return ""
        return str(found.scalar).strip()

    def flag(self, name: str) -> bool | None:
        """Give a member that is true or false (``"true"`` counts); None when it is neither."""
        found = self.get(name)
        if found is None:
            return None
        if isinstance(found.scalar, bool):
            return found.scalar
        return {"true": True, "false": False}.get(str(found.scalar).lower())

    def texts(self, name: str) -> tuple[str, ...]:
        """Give the scalars of an array, or the one of a scalar member, as texts."""
        found = self.get(name)
        if found is None:
            return ()
        if found.items is None:
            text = self.text(name)
            return (text,) if text else ()
        return tuple(str(item.scalar).strip() for item in found.items if isinstance(item.scalar, str | int | float))


def parse(text: str) -> tuple[Value, ...]:
    """Read all JSON values of a text, one after the other; raises BadJsonError."""
    scanner = _Scanner(text=text)
    found: list[Value] = []
    while not scanner.at_end():
        found.append(scanner.value(0))
    return tuple(found)


@dataclass(slots=True)
class _Scanner:
    text: str
    position: int = 0
    line: int = 1
    count: int = 0
    keys: dict[str, str] = field(default_factory=dict)

    def at_end(self) -> bool:
        self._skip()
        return self.position >= len(self.text)

    def value(self, depth: int) -> Value:
        self._skip()
        self.count += 1
        if depth > MAX_DEPTH or self.count > MAX_VALUES:
            raise BadJsonError("too deep, or too many values", self.line)
        line = self.line
        first = self.text[self.position : self.position + 1]
        if first == "{":
            return Value(line=line, members=self._members(depth))
        if first == "[":
            return Value(line=line, items=self._items(depth))
        if first == '"':
            return Value(line=line, scalar=self._string())
        match = _PLAIN.match(self.text, self.position)
        if match is None:
            raise BadJsonError("not a value of JSON", line)
        self.position = match.end()
        scalar: Scalar = json.loads(match[0])
        return Value(line=line, scalar=scalar)

    def _members(self, depth: int) -> dict[str, Value]:
        found: dict[str, Value] = {}
        self.position += 1
        if self._take("}"):
            return found
        while True:
            self._skip()
            name = self._string()
            if not self._take(":"):
                raise BadJsonError("no colon after a name", self.line)
            found[self.keys.setdefault(name, name)] = self.value(depth + 1)
            if self._take("}"):
                return found
            if not self._take(","):
                raise BadJsonError("an object that does not end", self.line)

    def _items(self, depth: int) -> tuple[Value, ...]:
        found: list[Value] = []
        self.position += 1
        if self._take("]"):
            return ()
        while True:
            found.append(self.value(depth + 1))
            if self._take("]"):
                return tuple(found)
            if not self._take(","):
                raise BadJsonError("an array that does not end", self.line)

    def _string(self) -> str:
        match = _STRING.match(self.text, self.position)
        if match is None:
            raise BadJsonError("not a text of JSON", self.line)
        self.position = match.end()
        try:
            found: str = json.loads(match[0]) if "\\" in match[0] else match[0][1:-1]
        except ValueError as error:
            raise BadJsonError("an escape that JSON does not know", self.line) from error
        return found if found.isprintable() else "".join(one if one.isprintable() else "�" for one in found)

    def _skip(self) -> None:
        match = _BLANK.match(self.text, self.position)
        if match is not None and match.end() > self.position:
            self.line += self.text.count("\n", self.position, match.end())
            self.position = match.end()

    def _take(self, character: str) -> bool:
        self._skip()
        if self.text.startswith(character, self.position):
            self.position += 1
            return True
        return False
