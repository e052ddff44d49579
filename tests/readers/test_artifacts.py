from hypothesis import given
from hypothesis import strategies as st

from ringfence.readers.artifacts import MAX_LINE_BYTES, content, decoded, lines, matching
from tests.memory import MemoryArtifacts


@given(st.lists(st.binary(max_size=50).map(lambda raw: raw.replace(b"\n", b"").replace(b"\r", b"")), max_size=200))
def test_lines_come_numbered_whole_and_in_order(texts: list[bytes]) -> None:
    artifacts = MemoryArtifacts({"log": b"".join(text + b"\n" for text in texts)})
    assert list(lines(artifacts, "log")) == list(enumerate(texts, start=1))


def test_a_last_line_without_newline_and_crlf_are_lines() -> None:
    assert list(lines(MemoryArtifacts({"log": "one\r\ntwo"}), "log")) == [(1, b"one"), (2, b"two")]


def test_a_huge_line_is_cut_and_the_next_one_is_still_counted() -> None:
    artifacts = MemoryArtifacts({"log": b"x" * (MAX_LINE_BYTES * 3) + b"\nnext\n"})
    first, second = lines(artifacts, "log")
    assert (first[0], len(first[1])) == (1, MAX_LINE_BYTES)
    assert second == (2, b"next")


def test_content_is_bounded_and_a_missing_file_is_empty() -> None:
    artifacts = MemoryArtifacts({"a": b"0123456789" * 1000})
    assert content(artifacts, "a", 15) == b"012345678901234"
    assert content(artifacts, "b") == b""


def test_names_match_as_in_a_shell() -> None:
    artifacts = MemoryArtifacts({"etc/asterisk/sip.conf": "", "etc/asterisk/keys/ca.crt": "", "var/log/full": ""})
    assert matching(artifacts, "etc/asterisk/*.conf") == ("etc/asterisk/sip.conf",)


def test_bytes_that_are_no_text_are_shown_not_lost() -> None:
    assert decoded(b"caf\xe9") == "caf\\xe9"
