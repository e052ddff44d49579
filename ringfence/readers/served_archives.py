"""Opens archives and compressed files without ever extracting: each member is a name and a stream of bounded size.

Recognised by content, never by name: tar, zip, gzip, bzip2, xz, and these inside each other once (a backup's
``backup.tar`` holds ``mysql.sql.gz``). Names of members are text for citations and nothing else, so none can escape.
"""

import bz2
import io
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ringfence.model.evidence import Citation, Problem

_PIECE_BYTES = 64 * 1024
_MAX_MEMBERS = 20_000
_MAX_ZIP_BYTES = 64 * 1024 * 1024
_MAX_NAME_BYTES = 512
_LZMA_MEMORY_BYTES = 64 * 1024 * 1024
_MAX_LAYERS = 2
_TAR_BLOCK = 512
_COMPRESSED = {b"\x1f\x8b\x08": "gzip", b"BZh": "bzip2", b"\xfd7zXZ\x00": "xz"}
_CLOSED = {b"7z\xbc\xaf\x27\x1c": "7z", b"Rar!\x1a\x07": "rar", b"\x28\xb5\x2f\xfd": "zstd", b"MSCF\0\0\0\0": "cab"}
_ZIP_ERRORS = (
    zipfile.BadZipFile,
    NotImplementedError,
    RuntimeError,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    IndexError,
    OverflowError,
    struct.error,
)


@dataclass(slots=True)
class Opening:
    """One served file being opened; ``problems`` fill up while its streams are read.

    At most ``budget_bytes`` of unpacked content come out of one file; what lies beyond is a problem, not a memory.
    """

    file: str
    budget_bytes: int = 256 * 1024 * 1024
    members: int = 0
    problems: list[Problem] = field(default_factory=list)

    def streams(self, chunks: Iterable[bytes]) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Go through the contents: the file itself, or its members as ``file!member``; read each before the next."""
        yield from self._opened(self.file, _Source(self._spent(chunks)), depth=0)

    def _opened(self, name: str, source: "_Source", depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
        for _ in range(_MAX_LAYERS):
            kind = next((kind for magic, kind in _COMPRESSED.items() if source.peek(8).startswith(magic)), "")
            if kind:
                source = _Source(self._spent(self._unpacked(name, source.rest(), kind)))
        head = source.peek(_TAR_BLOCK)
        closed = next((kind for magic, kind in _CLOSED.items() if head.startswith(magic)), "")
        is_tar, is_zip = _is_tar_header(head), head.startswith(b"PK\x03\x04")
        if closed:
            self._note(name, f"is a {closed} archive: not searched for secrets")
        elif (is_tar or is_zip) and depth > 1:
            self._note(name, "is an archive in an archive in an archive: not searched for secrets")
        elif is_tar:
            yield from self._tar(name, source, depth)
        elif is_zip:
            yield from self._zip(name, source, depth)
        else:
            yield name, source.rest()

    def _tar(self, name: str, source: "_Source", depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
        """Read the members; a long name comes before its member, as GNU type ``L`` or in a pax header (``x``)."""
        long_name = b""
        while (header := source.read(_TAR_BLOCK)).strip(b"\0"):
            size = _tar_number(header[124:136]) if _is_tar_header(header) else None
            if size is None:
                self._note(name, "is a damaged tar archive: the rest of it was not searched for secrets")
                return
            if not self._counts(name):
                return
            kind = header[156:157]
            body = source.take(size)
            if kind in b"Lx":
                text = b"".join(body)[: 64 * 1024]
                long_name = text.rstrip(b"\0") if kind == b"L" else _pax_path(text)
            elif kind in b"0\x007":
                member = long_name or header[:100].partition(b"\0")[0]
                long_name = b""
                yield from self._opened(_member_name(name, member), _Source(body), depth + 1)
            for _ in body:
                pass
            source.read(-size % _TAR_BLOCK)
        if not header:
            self._note(name, "is a tar archive that breaks off: not searched to its end")

    def _zip(self, name: str, source: "_Source", depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
        raw = b"".join(source.take(_MAX_ZIP_BYTES))
        if source.peek(1):
            self._note(name, f"is a zip archive of more than {_MAX_ZIP_BYTES} bytes: not searched for secrets")
            return
        try:
            archive = zipfile.ZipFile(io.BytesIO(raw))
        except _ZIP_ERRORS:
            self._note(name, "is a damaged zip archive: not searched for secrets")
            return
        for entry in archive.infolist():
            if not self._counts(name):
                return
            member = _member_name(name, entry.filename.encode("utf-8", "backslashreplace"))
            if entry.flag_bits & 1:
                self._note(member, "is encrypted inside its archive: not searched for secrets")
            elif not entry.is_dir():
                yield from self._opened(member, _Source(self._spent(self._unzipped(member, archive, entry))), depth + 1)

    def _unzipped(self, member: str, archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Iterator[bytes]:
        try:
            with archive.open(entry) as stream:
                while piece := stream.read(_PIECE_BYTES):
                    yield piece
        except _ZIP_ERRORS:
            self._note(member, "is damaged inside its archive: not searched to its end")

    def _unpacked(self, name: str, raw: Iterator[bytes], kind: str) -> Iterator[bytes]:
        try:
            yield from _gunzipped(raw) if kind == "gzip" else _decompressed(raw, kind)
        except (zlib.error, lzma.LZMAError, OSError, EOFError, ValueError):
            self._note(name, f"is a damaged or truncated {kind} file: not searched to its end")

    def _spent(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.budget_bytes -= len(chunk)
            if self.budget_bytes < 0:
                self._note(self.file, "unpacks to more than can be read: not searched to its end")
                return
            yield chunk

    def _counts(self, name: str) -> bool:
        self.members += 1
        if self.members > _MAX_MEMBERS:
            self._note(name, f"has more than {_MAX_MEMBERS} members: the rest was not searched for secrets")
        return self.members <= _MAX_MEMBERS

    def _note(self, name: str, message: str) -> None:
        problem = Problem(citation=Citation(file=name), message=message)
        if len(self.problems) < 100 and problem not in self.problems:
            self.problems.append(problem)


class _Source:
    """A stream that can be read by number of bytes and looked into; short reads mean its end."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = iter(chunks)
        self._pending = b""

    def peek(self, size: int) -> bytes:
        while len(self._pending) < size and (chunk := next(self._chunks, None)) is not None:
            self._pending += chunk
        return self._pending[:size]

    def read(self, size: int) -> bytes:
        found = self.peek(size)
        self._pending = self._pending[len(found) :]
        return found

    def take(self, size: int) -> Iterator[bytes]:
        """Give the next ``size`` bytes, whoever asks for how many of them."""
        left = size
        while left > 0 and (piece := self.read(min(left, _PIECE_BYTES))):
            left -= len(piece)
            yield piece

    def rest(self) -> Iterator[bytes]:
        if self._pending:
            pending, self._pending = self._pending, b""
            yield pending
        yield from self._chunks


def _gunzipped(raw: Iterator[bytes]) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(wbits=31)
    for chunk in raw:
        rest = chunk
        while rest:
            if unpacker.eof:
                if not rest.startswith(b"\x1f\x8b"):
                    return  # padding after the last member
                unpacker = zlib.decompressobj(wbits=31)
            yield unpacker.decompress(rest, _PIECE_BYTES)
            rest = unpacker.unconsumed_tail or unpacker.unused_data
    if not unpacker.eof:
        raise EOFError


def _decompressed(raw: Iterator[bytes], kind: str) -> Iterator[bytes]:
    unpacker = lzma.LZMADecompressor(memlimit=_LZMA_MEMORY_BYTES) if kind == "xz" else bz2.BZ2Decompressor()
    for chunk in raw:
        rest = chunk
        while not unpacker.eof and (rest or not unpacker.needs_input):
            yield unpacker.decompress(rest, _PIECE_BYTES)
            rest = b""
        if unpacker.eof:
            return
    raise EOFError


def _is_tar_header(header: bytes) -> bool:
    """Tell by the checksum (sum of all bytes, its own field taken as blanks), which old archives have too."""
    if len(header) < _TAR_BLOCK or not header[0]:
        return False
    expected = _tar_number(header[148:156])
    return expected == sum(header) - sum(header[148:156]) + 8 * 0x20


def _tar_number(raw: bytes) -> int | None:
    """Read an octal number, or GNU's binary one (first bit set); None when it is neither."""
    if raw[0] & 0x80:
        return int.from_bytes(raw[1:], "big") if raw[0] == 0x80 else None
    text = raw.strip(b"\0 ")
    try:
        return int(text or b"0", 8) if not text.startswith((b"-", b"+")) else None
    except ValueError:
        return None


def _pax_path(text: bytes) -> bytes:
    """Read the line ``30 path=etc/asterisk/sip.conf`` of a pax header."""
    begin = text.find(b" path=")
    return text[begin + 6 :].partition(b"\n")[0] if begin >= 0 else b""


def _member_name(archive: str, member: bytes) -> str:
    text = member[:_MAX_NAME_BYTES].decode("utf-8", "backslashreplace")
    return f"{archive}!{''.join(letter if letter.isprintable() else '?' for letter in text)}"
