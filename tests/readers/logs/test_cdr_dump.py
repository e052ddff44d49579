"""Rows out of a mysqldump."""

from time import perf_counter

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.logs.cdr_dump import dumped_rows
from tests.memory import MemoryArtifacts

CREATE = """CREATE TABLE `cdr` (
  `src` varchar(80) NOT NULL,
  `Dst` varchar(80),
  `n` int(11),
  KEY `src` (`src`)
) ENGINE=x;
"""
VALUES = "INSERT INTO `cdr` VALUES "


def rows(text: str | bytes) -> list[tuple[int, dict[str, str] | None]]:
    found = dumped_rows(MemoryArtifacts({"d": text}), "d", "cdr")
    return [(row.line, None if row.fields is None else dict(row.fields)) for row in found]


def test_columns_come_from_the_table() -> None:
    assert rows(CREATE + VALUES + "('a','b',1),('c','d',NULL);\n") == [
        (7, {"src": "a", "dst": "b", "n": "1"}),
        (7, {"src": "c", "dst": "d", "n": ""}),
    ]


def test_columns_come_from_the_insert() -> None:
    assert rows("INSERT INTO cdr (`src`, `dst`) VALUES ('a','b');") == [(1, {"src": "a", "dst": "b"})]


def test_quotes_and_escapes() -> None:
    text = CREATE + VALUES + r"('\"O\'N\" <1>),(\n','it''s; (1,2)',3);" + "\n"
    assert rows(text) == [(7, {"src": '"O\'N" <1>),(\n', "dst": "it's; (1,2)", "n": "3"})]


def test_other_tables_are_passed_over() -> None:
    other = VALUES.replace("cdr", "cel") + f"('{VALUES}(1,2,3);',2,3);\n"
    text = other + CREATE + VALUES + "(1,2,3);\n"
    assert [line for line, _ in rows(text)] == [8]


def test_a_line_of_megabytes_is_read_row_by_row() -> None:
    text = CREATE + VALUES + ",".join(["('a','b',1)"] * 50_000) + ";\n" + VALUES + "(1,2,3);\n"
    found = rows(text)
    assert len(found) == 50_001
    assert found[-1][0] == 8


def test_a_broken_row_is_told_and_the_next_insert_is_read() -> None:
    text = CREATE + VALUES + "('a','b',1),(oops\n" + VALUES + "(1,2,3);\n"
    assert [fields is None for _, fields in rows(text)] == [False, True, False]
    assert rows(CREATE + VALUES + "('a','b');\n") == [(7, None)]


def test_the_worst_text_takes_linear_time() -> None:
    started = perf_counter()
    for piece in ("('a',", "(1,", "'\\", "((", "(1,2),"):
        rows(CREATE + VALUES + piece * 20_000)
    assert perf_counter() - started < 2


@settings(max_examples=1000)
@given(st.binary(), st.text("(),;'\\`ab1 \n"))
def test_any_bytes_are_read_without_raising(raw: bytes, text: str) -> None:
    rows(raw)
    rows(CREATE + VALUES + text)
    rows(CREATE.encode() + VALUES.encode() + b"('a','b',1)," + raw)
