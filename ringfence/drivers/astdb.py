"""Reads the rows of Asterisk's own database, ``/var/lib/asterisk/astdb.sqlite3``, from its bytes, in memory only."""

import sqlite3
from collections.abc import Iterator

from ringfence.model.evidence import Citation, Problem, Reading

FILE = "var/lib/asterisk/astdb.sqlite3"
_MAGIC = b"SQLite format 3\0"
_MAX_ROWS = 200_000
_MAX_VALUE_BYTES = 64 * 1024
_MAX_STEPS = 2_000  # of 10,000 instructions each: seconds, where an honest file takes milliseconds

Rows = tuple[tuple[str, str], ...]


def rows(raw: bytes) -> Iterator[tuple[str, str]]:
    """Go through the ``(key, value)`` rows of table ``astdb``; nothing where ``read`` has a problem."""
    yield from read(raw).facts


def read(raw: bytes, file: str = FILE) -> Reading[Rows]:
    """Give all ``(key, value)`` rows of table ``astdb`` in order of their keys; what is no such database is a problem.

    The file may be hostile: it is opened in memory, ``astdb`` must be a table and no view, and time and size are
    bounded. Rows that only stand in a write-ahead log beside the file are not seen.
    """
    if not raw.startswith(_MAGIC) or len(raw) < 512:
        return _unread(file, "is no SQLite database: live registrations are not read from it")
    problems: list[Problem] = []
    if raw[18:20] == b"\2\2":
        # A database in memory cannot have a write-ahead log, and SQLite refuses the mode; the file itself is complete
        # up to the last checkpoint.
        raw = raw[:18] + b"\1\1" + raw[20:]
        problems.append(_problem(file, "is kept with a write-ahead log: the latest rows may be missing"))
    connection = sqlite3.connect(":memory:")
    try:
        connection.text_factory = bytes
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 8 * 1024 * 1024)
        steps = iter(range(_MAX_STEPS))
        connection.set_progress_handler(lambda: next(steps, None) is None, 10_000)
        connection.deserialize(raw)
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA query_only = ON")
        found = _selected(connection)
    except (sqlite3.Error, MemoryError, OverflowError, ValueError) as error:  # ValueError: names that are no UTF-8
        return _unread(file, f"cannot be read as Asterisk's database ({type(error).__name__})")
    finally:
        connection.close()
    if len(found) > _MAX_ROWS:
        problems.append(_problem(file, f"has more than {_MAX_ROWS} rows: the rest was not read"))
    return Reading(facts=found[:_MAX_ROWS], problems=tuple(problems))


def _selected(connection: sqlite3.Connection) -> Rows:
    kinds = connection.execute("SELECT type FROM sqlite_master WHERE name = 'astdb'").fetchall()
    if kinds != [(b"table",)]:
        raise sqlite3.DatabaseError
    query = (
        "SELECT CAST(key AS BLOB), CAST(value AS BLOB) FROM astdb"
        " WHERE length(key) <= :longest AND length(value) <= :longest ORDER BY key LIMIT :most"
    )
    limits = {"longest": _MAX_VALUE_BYTES, "most": _MAX_ROWS + 1}
    return tuple((_text(key), _text(value)) for key, value in connection.execute(query, limits))


def _text(value: object) -> str:
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else ""


def _unread(file: str, message: str) -> Reading[Rows]:
    return Reading(facts=(), problems=(_problem(file, message),))


def _problem(file: str, message: str) -> Problem:
    return Problem(citation=Citation(file=file), message=message)
