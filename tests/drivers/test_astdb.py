import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.drivers import astdb
from tests.shared_data import shared

ROWS = [("/SIP/Registry/2001", "10.30.0.101:5060:3600:2001:sip:2001@10.30.0.101:5060"), ("/pbx/UUID", "FAKE-uuid")]


def database(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()
        return connection.serialize()


def asterisk_database(rows: list[tuple[str, str]]) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE astdb(key VARCHAR(256), value VARCHAR(256), PRIMARY KEY(key))")
        connection.executemany("INSERT INTO astdb VALUES (?, ?)", rows)
        connection.commit()
        return connection.serialize()


def test_rows_come_in_order_of_their_keys() -> None:
    assert list(astdb.rows(asterisk_database(ROWS[::-1]))) == ROWS
    assert astdb.read(asterisk_database(ROWS)).problems == ()


def test_a_write_ahead_log_is_told() -> None:
    raw = asterisk_database(ROWS)
    reading = astdb.read(raw[:18] + b"\2\2" + raw[20:])
    assert list(reading.facts) == ROWS
    assert "write-ahead log" in reading.problems[0].message


@pytest.mark.parametrize("raw", [b"", b"no database", b"SQLite format 3\0", b"SQLite format 3\0" + b"\xff" * 4096])
def test_what_is_no_database_gives_nothing_and_a_problem(raw: bytes) -> None:
    reading = astdb.read(raw)
    assert reading.facts == ()
    assert [problem.citation.file for problem in reading.problems] == [astdb.FILE]
    assert list(astdb.rows(raw)) == []


def test_a_truncated_database_is_a_problem() -> None:
    raw = asterisk_database([(f"/AMPUSER/{number}/cidname", "x" * 100) for number in range(2000)])
    assert astdb.read(raw[: len(raw) // 2]).problems != ()


def test_a_view_named_astdb_is_never_run() -> None:
    endless = "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT x AS key, x AS value FROM c"
    reading = astdb.read(database("CREATE TABLE other(a)", f"CREATE VIEW astdb AS {endless}"))
    assert reading.facts == ()
    assert len(reading.problems) == 1


def test_odd_values_do_no_harm() -> None:
    raw = database(
        "CREATE TABLE astdb(key, value)",
        "INSERT INTO astdb VALUES ('/a', NULL), (X'ff2f', 'b'), (5, 7), ('/c', printf('%.*c', 100000, 'x'))",
    )
    rows = dict(astdb.rows(raw))
    assert rows["\\xff/"] == "b"
    assert rows["5"] == "7"
    assert "/c" not in rows


def test_the_database_of_the_real_machine() -> None:
    raw = Path(shared("data/freepbx14/evidence/var/lib/asterisk/astdb.sqlite3")).read_bytes()
    rows = dict(astdb.rows(raw))
    assert rows["/SIP/Registry/1006"].startswith("203.0.113.66:5071:")
    assert len(rows) > 500


@settings(max_examples=1000)
@given(st.binary(max_size=400), st.integers(min_value=0, max_value=9000))
def test_any_bytes_are_read(noise: bytes, at: int) -> None:
    raw = asterisk_database(ROWS)
    astdb.read(raw[:at] + noise + raw[at + len(noise) :])
    astdb.read(noise)
