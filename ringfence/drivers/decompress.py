"""Unpack compressed streams piece by piece, recognised by their first bytes, never by their name, and bounded."""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Protocol

from ringfence.model.errors import DriverError

CHUNK_BYTES = 256 * 1024
#: Real logs compress well, so the ratio counts only after this much output (threat T5).
RATIO_COUNTS_AFTER_BYTES = 64 * 1024 * 1024
#: gzip cannot pack a line tighter than a match code each 258 bytes; xz and zstd pack a repetitive log ten times better.
MAX_RATIO = {"gzip": 200, "bzip2": 2000, "xz": 2000, "zstd": 2000}
MAX_OUTPUT_BYTES = 2 * 1024 * 1024 * 1024

MAGIC = {
    b"\x1f\x8b": "gzip",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"\x28\xb5\x2f\xfd": "zstd",
}


class Readable(Protocol):
    """Anything that gives bytes from front to back."""

    def read(self, size: int = ..., /) -> bytes:
        """Give at most ``size`` bytes; nothing at the end."""
        ...


class TooLargeError(DriverError):
    """The stream unpacks to more than any log does: a bomb, or not a log."""


class TruncatedError(DriverError):
    """The compressed stream ends early or is damaged; what came before is good."""


def compression_of(head: bytes) -> str:
    """Name the compression by the first six bytes of a file; empty when it is none of the known ones."""
    return next((name for magic, name in MAGIC.items() if head.startswith(magic)), "")


def plain_chunks(stream: Readable) -> Iterator[bytes]:
    """Give the content of a file as it was before compression.

    Raises TruncatedError at the place where a compressed stream breaks off, TooLargeError where it exceeds the
    bounds; all that was unpacked before has been given by then.
    """
    head = stream.read(CHUNK_BYTES)
    kind = compression_of(head)
    raw = _raw_chunks(head, stream)
    if not kind:
        yield from raw
        return
    yield from _bounded(raw, kind)


def _raw_chunks(head: bytes, stream: Readable) -> Iterator[bytes]:
    while head:
        yield head
        head = stream.read(CHUNK_BYTES)


def _bounded(raw: Iterator[bytes], kind: str) -> Iterator[bytes]:
    read_bytes = 0
    written_bytes = 0

    def counted() -> Iterator[bytes]:
        nonlocal read_bytes
        for chunk in raw:
            read_bytes += len(chunk)
            yield chunk

    unpack = _unpack_zlib if kind == "gzip" else _unpack_zstd if kind == "zstd" else _unpack_block
    for plain in unpack(counted(), kind):
        written_bytes += len(plain)
        if written_bytes > MAX_OUTPUT_BYTES or (
            written_bytes > RATIO_COUNTS_AFTER_BYTES and written_bytes > MAX_RATIO[kind] * read_bytes
        ):
            raise TooLargeError(f"unpacks to more than {written_bytes} bytes from {read_bytes}: not read further")
        yield plain


def _unpack_zlib(raw: Iterator[bytes], _kind: str) -> Iterator[bytes]:
    """Unpack gzip, also several members one after the other, as ``cat a.gz b.gz`` and logrotate make them."""
    unpacker = zlib.decompressobj(wbits=31)
    started = False
    for chunk in raw:
        rest = chunk
        while rest:
            if unpacker.eof:
                if not rest.startswith(b"\x1f\x8b"):
                    return  # padding after the last member
                unpacker = zlib.decompressobj(wbits=31)
            started = True
            try:
                yield unpacker.decompress(rest, CHUNK_BYTES)
                while unpacker.unconsumed_tail:
                    yield unpacker.decompress(unpacker.unconsumed_tail, CHUNK_BYTES)
            except zlib.error as error:
                raise TruncatedError(f"the gzip stream is damaged ({error})") from error
            rest = unpacker.unused_data
    if started and not unpacker.eof:
        raise TruncatedError("the gzip stream breaks off before its end")


def _unpack_block(raw: Iterator[bytes], kind: str) -> Iterator[bytes]:
    unpacker = lzma.LZMADecompressor(memlimit=128 * 1024 * 1024) if kind == "xz" else bz2.BZ2Decompressor()
    for chunk in raw:
        rest = chunk
        while not unpacker.eof and (rest or not unpacker.needs_input):
            try:
                yield unpacker.decompress(rest, CHUNK_BYTES)
            except (lzma.LZMAError, OSError) as error:
                raise TruncatedError(f"the {kind} stream is damaged ({error})") from error
            rest = b""
    if not unpacker.eof:
        raise TruncatedError(f"the {kind} stream breaks off before its end")


def _unpack_zstd(raw: Iterator[bytes], _kind: str) -> Iterator[bytes]:
    import zstandard

    unpacker = zstandard.ZstdDecompressor(max_window_size=128 * 1024 * 1024).decompressobj()
    try:
        for chunk in raw:
            if unpacker.eof:
                return
            # One input chunk of a bomb may unpack far beyond the bound in a single call: feed it in small steps.
            for start in range(0, len(chunk), 4096):
                yield unpacker.decompress(chunk[start : start + 4096])
    except zstandard.ZstdError as error:
        raise TruncatedError(f"the zstd stream is damaged ({error})") from error
    if not unpacker.eof:
        raise TruncatedError("the zstd stream breaks off before its end")
