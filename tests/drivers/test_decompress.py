import bz2
import gzip
import io
import lzma
from collections.abc import Callable
from contextlib import suppress

import pytest
import zstandard
from hypothesis import given
from hypothesis import strategies as st

from ringfence.drivers import decompress
from ringfence.drivers.decompress import TooLargeError, TruncatedError, compression_of, plain_chunks

PACKERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "xz": lzma.compress,
    "bzip2": bz2.compress,
    "zstd": lambda raw: zstandard.ZstdCompressor().compress(raw),
}
LOG = b"[2026-11-23 18:54:23] NOTICE[1] chan_sip.c: Peer '2001' is now Reachable. (4ms / 2000ms)\n" * 20_000


def plain(packed: bytes) -> bytes:
    return b"".join(plain_chunks(io.BytesIO(packed)))


@pytest.mark.parametrize("kind", PACKERS)
def test_each_compression_is_recognised_and_undone(kind: str) -> None:
    packed = PACKERS[kind](LOG)
    assert compression_of(packed[:8]) == kind
    assert plain(packed) == LOG


def test_plain_content_comes_as_it_is() -> None:
    assert plain(LOG) == LOG
    assert plain(b"") == b""


def test_several_gzip_members_are_one_log() -> None:
    assert plain(gzip.compress(b"first\n") + gzip.compress(b"second\n") + b"\0\0\0") == b"first\nsecond\n"


@pytest.mark.parametrize("kind", PACKERS)
def test_what_came_before_the_break_is_kept(kind: str) -> None:
    packed = PACKERS[kind](bytes(range(256)) * 4_000 + LOG)
    kept: list[bytes] = []
    with pytest.raises(TruncatedError):
        kept.extend(plain_chunks(io.BytesIO(packed[: len(packed) - 12])))
    assert (bytes(range(256)) * 4_000 + LOG).startswith(b"".join(kept))


@pytest.mark.parametrize("kind", ["gzip", "xz", "zstd"])
def test_a_bomb_stops_and_a_repetitive_log_passes(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decompress, "RATIO_COUNTS_AFTER_BYTES", 1024 * 1024)
    bomb = PACKERS[kind](b"\0" * (8 * 1024 * 1024))
    with pytest.raises(TooLargeError):
        plain(bomb)
    repetitive = b"".join(b"%08d %s" % (i, LOG[:88]) for i in range(20_000))
    assert plain(PACKERS[kind](repetitive)) == repetitive


@given(st.binary(max_size=300), st.sampled_from([b"", *decompress.MAGIC]))
def test_arbitrary_bytes_end_in_content_or_in_a_named_error(tail: bytes, magic: bytes) -> None:
    with suppress(TruncatedError, TooLargeError):  # any other exception fails the test
        plain(magic + tail)
