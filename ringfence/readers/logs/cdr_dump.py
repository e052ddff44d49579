"""Rows of one table out of a mysqldump, streamed: its lines can be megabytes long."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.readers.artifacts import MAX_LINE_BYTES, Artifacts, decoded

_INSERT = re.compile(rb"INSERT (?:IGNORE )?INTO `?(?P<table>\w{1,64})`? (?:\((?P<columns>[^()]{1,8192})\) )?VALUES\s*")
_CREATE = re.compile(rb"CREATE TABLE (?:IF NOT EXISTS )?`?(?P<table>\w{1,64})`? \(")
_COLUMN = re.compile(rb"\s*`(?P<name>\w{1,64})`[^\n]*\n")
_VALUE = rb"(?:'(?:[^'\\]|\\.|'')*+'|[^'(),;\s]{1,80})"
_ROW = re.compile(rb"\(\s*(?P<values>" + _VALUE + rb"(?:\s*,\s*" + _VALUE + rb")*+)\s*\)\s*(?P<end>[,;])\s*", re.DOTALL)
_FIELD = re.compile(rb"\s*(?:'((?:[^'\\]|\\.|'')*+)'|([^'(),;\s]{1,80}))\s*(?:,|$)", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)|''", re.DOTALL)
_MEANING = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"0": b"\0", b"Z": b"\x1a"}


@dataclass(frozen=True, slots=True, kw_only=True)
class DumpedRow:
    """One row by column name, or None where it could not be read; ``line`` is the line of its INSERT."""

    line: int
    fields: Mapping[str, str] | None


class _Stream:
    """The file as a buffer that only moves forward, and the number of the line that it stands at."""

    def __init__(self, artifacts: Artifacts, name: str) -> None:
        self._chunks = artifacts.chunks(name)
        self.buffer = b""
        self.line = 1

    def more(self) -> bool:
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        self.buffer += chunk
        return True

    def drop(self, count: int) -> None:
        self.line += self.buffer.count(b"\n", 0, count)
        self.buffer = self.buffer[count:]


def dumped_rows(artifacts: Artifacts, name: str, table: str) -> Iterator[DumpedRow]:
    """Give the rows that the dump inserts into ``table``, one by one."""
    stream = _Stream(artifacts, name)
    columns: tuple[str, ...] = ()
    wanted = table.encode()
    while True:
        end = stream.buffer.find(b"\n")
        start = stream.buffer[: MAX_LINE_BYTES if end < 0 else end + 1]
        insert = _INSERT.match(start)
        if insert is None and end < 0:
            if len(stream.buffer) > MAX_LINE_BYTES:
                stream.drop(MAX_LINE_BYTES)
            elif not stream.more():
                return
            continue
        if insert is not None and insert["table"] == wanted:
            named = tuple(part.strip(b" `").decode() for part in (insert["columns"] or b"").split(b",") if part.strip())
            stream.drop(insert.end())
            yield from _inserted(stream, named or columns)
            continue
        create = _CREATE.match(start)
        stream.drop(end + 1 if end >= 0 else len(stream.buffer))
        if create is not None and create["table"] == wanted:
            columns = tuple(_columns(stream))


def _columns(stream: _Stream) -> Iterator[str]:
    for _ in range(200):
        while b"\n" not in stream.buffer:
            if len(stream.buffer) > MAX_LINE_BYTES or not stream.more():
                return
        column = _COLUMN.match(stream.buffer)
        if column is None:
            return
        stream.drop(column.end())
        yield column["name"].decode().lower()


def _inserted(stream: _Stream, columns: tuple[str, ...]) -> Iterator[DumpedRow]:
    """Give the rows of one INSERT; ends at its semicolon, or where a row cannot be read."""
    line = stream.line
    position = 0
    while True:
        row = _ROW.match(stream.buffer, position)
        if row is None or (row.end() == len(stream.buffer) and row["end"] == b","):
            stream.drop(position)
            position = 0
            if len(stream.buffer) <= MAX_LINE_BYTES and stream.more():
                continue
            row = _ROW.match(stream.buffer)
            if row is None:
                if stream.buffer:
                    yield DumpedRow(line=line, fields=None)
                return
        values = [_text(field) for field in _FIELD.finditer(row["values"])]
        matches = len(values) == len(columns)
        yield DumpedRow(line=line, fields=dict(zip(columns, values, strict=True)) if matches else None)
        position = row.end()
        if row["end"] == b";":
            stream.drop(position)
            return


def _text(field: re.Match[bytes]) -> str:
    quoted = field[1]
    if quoted is None:
        return "" if field[2] == b"NULL" else decoded(field[2])
    return decoded(_ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]) if found[1] else b"'", quoted))
