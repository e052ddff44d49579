"""Blocks: every line once, with its number, however the chunks fall."""

from collections.abc import Iterator
from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from ringfence.readers.artifacts import MAX_LINE_BYTES
from ringfence.readers.logs.blocks import blocks, numbered


class Pieces:
    """One file in given pieces."""

    def __init__(self, *pieces: bytes) -> None:
        self._pieces = pieces

    def names(self) -> tuple[str, ...]:
        return ("a",)

    def chunks(self, name: str) -> Iterator[bytes]:
        assert name == "a"
        yield from self._pieces

    def modified_at(self, name: str) -> datetime | None:
        assert name == "a"
        return None


@given(st.lists(st.binary(max_size=20)))
def test_every_line_comes_once_with_its_number(pieces: list[bytes]) -> None:
    found = [pair for block in blocks(Pieces(*pieces), "a") for pair in numbered(block)]
    whole = b"".join(pieces)
    expected = whole.split(b"\n")
    if not expected[-1]:
        expected.pop()
    assert found == [(number, line.removesuffix(b"\r")) for number, line in enumerate(expected, 1)]


def test_an_unfinished_last_line_is_told() -> None:
    assert [block.complete for block in blocks(Pieces(b"one\ntw"), "a")] == [True, False]
    assert [block.complete for block in blocks(Pieces(b"one\ntwo\n"), "a")] == [True]


def test_a_line_without_end_is_cut_and_the_next_one_keeps_its_number() -> None:
    pieces = [b"first\n", *[b"x" * 60_000] * 100, b"\nthird\n"]
    found = [pair for block in blocks(Pieces(*pieces), "a") for pair in numbered(block)]
    assert found[0] == (1, b"first")
    assert found[1] == (2, b"x" * MAX_LINE_BYTES)
    assert found[2] == (3, b"third")
    assert [block.cut for block in blocks(Pieces(*pieces), "a")] == [(), (2,), ()]
