"""Evidence in an archive: members are read where they lie and never extracted; links and devices are facts."""

import hashlib
import tarfile
import tempfile
import weakref
import zipfile
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ringfence.drivers.decompress import (
    CHUNK_BYTES,
    Readable,
    TooLargeError,
    TruncatedError,
    compression_of,
    plain_chunks,
)
from ringfence.drivers.layout import MAX_MEMBERS, belongs, bundle_name, wrapping_folder
from ringfence.model.errors import DriverError
from ringfence.model.evidence import Citation, Digest, Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class _Member:
    """A regular file of the archive: where it lies in the (unpacked) archive, or its zip entry."""

    offset: int = 0
    size_bytes: int
    modified_at: datetime | None
    entry: zipfile.ZipInfo | None = None


class ArchiveArtifacts:
    """Implements the Source protocol over .tar, .tar.gz, .tar.xz, .tar.zst and .zip, told apart by their bytes.

    A compressed tar is unpacked once into an unnamed temporary file that nobody else can open; names inside the archive
    never become names on this machine (threat T6).
    """

    def __init__(self, path: Path) -> None:
        """List the members; raises DriverError when the file is no archive or cannot be read."""
        self._path = path
        self._problems: dict[str, Problem] = {}
        self._zip: zipfile.ZipFile | None = None
        try:
            self._stream = self._kept(path.open("rb"))
            self._members = self._listed()
        except (OSError, tarfile.TarError, zipfile.BadZipFile, UnicodeError, ValueError) as error:
            raise DriverError(f"{path}: cannot be read as a tar or zip archive ({error})") from error

    def names(self) -> tuple[str, ...]:
        """Give all bundle names, sorted."""
        return tuple(self._members)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the decompressed content; what cannot be read becomes a problem and ends the stream."""
        member = self._members.get(name)
        if member is None:
            return
        try:
            with self._opened(member) as stream:
                yield from plain_chunks(stream)
        except (TruncatedError, TooLargeError, OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
            self._note(name, f"cannot be read to its end: {error}")

    def modified_at(self, name: str) -> datetime | None:
        """Give the member's time of last change, UTC."""
        member = self._members.get(name)
        return None if member is None else member.modified_at

    def problems(self) -> tuple[Problem, ...]:
        """Give everything that could not be read so far."""
        return tuple(sorted(self._problems.values()))

    def digests(self) -> tuple[Digest, ...]:
        """Hash the archive itself: it is what the user can keep and show."""
        with self._path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return (Digest(file=self._path.name, sha256=digest, size_bytes=self._path.stat().st_size),)

    def _kept(self, stream: BinaryIO) -> BinaryIO:
        """Close the stream when this object goes; until then members may be read at any time, in any order."""
        weakref.finalize(self, stream.close)
        return stream

    def _note(self, name: str, message: str) -> None:
        self._problems.setdefault(name, Problem(citation=Citation(file=name), message=message))

    def _listed(self) -> dict[str, _Member]:
        head = self._stream.read(8)
        self._stream.seek(0)
        if zipfile.is_zipfile(self._stream):
            self._zip = zipfile.ZipFile(self._stream)
            found = self._zip_members(self._zip)
        else:
            self._stream.seek(0)
            if compression_of(head):
                self._stream = self._spooled(self._stream)
            found = self._tar_members()
        prefix = wrapping_folder(found)
        return {
            name.removeprefix(prefix): member
            for name, member in sorted(found.items())
            if belongs(name.removeprefix(prefix))
        }

    def _spooled(self, packed: BinaryIO) -> BinaryIO:
        spool = self._kept(tempfile.TemporaryFile())  # noqa: SIM115 - lives as long as this object; unnamed, mode 0600
        try:
            for chunk in plain_chunks(packed):
                spool.write(chunk)
        except (TruncatedError, TooLargeError) as error:
            self._note(self._path.name, f"{error}; the members before that place are read")
        spool.seek(0)
        return spool

    def _tar_members(self) -> dict[str, _Member]:
        found: dict[str, _Member] = {}
        with tarfile.open(fileobj=self._stream, mode="r:") as archive:
            while True:
                try:
                    info = archive.next()
                except (tarfile.TarError, OSError) as error:
                    self._note(self._path.name, f"the archive breaks off ({error}); the members before that are read")
                    break
                if info is None:
                    break
                name = bundle_name(info.name)
                if not name:
                    if not info.isdir():
                        self._note(repr(info.name)[:200], "is a name that leaves the archive: not read")
                elif info.isreg():
                    modified_at = _timestamp(info.mtime)
                    found[name] = _Member(offset=info.offset_data, size_bytes=info.size, modified_at=modified_at)
                elif not info.isdir():
                    kind = "link" if info.issym() or info.islnk() else "device or pipe"
                    self._note(name, f"is a {kind} in the archive: not followed")
                self._bounded(len(found))
        return found

    def _zip_members(self, archive: zipfile.ZipFile) -> dict[str, _Member]:
        found: dict[str, _Member] = {}
        for entry in archive.infolist():
            name = bundle_name(entry.filename)
            unix_kind = entry.external_attr >> 28
            if entry.is_dir():
                continue
            if not name:
                self._note(repr(entry.filename)[:200], "is a name that leaves the archive: not read")
            elif unix_kind not in (0, 8):  # S_IFREG >> 12; 0 where the archiver is not Unix
                self._note(name, "is a link or device in the archive: not followed")
            else:
                found[name] = _Member(size_bytes=entry.file_size, modified_at=_zip_time(entry), entry=entry)
            self._bounded(len(found))
        return found

    def _bounded(self, members: int) -> None:
        if members > MAX_MEMBERS:
            raise DriverError(f"{self._path}: more than {MAX_MEMBERS} members; this is no bundle")

    def _opened(self, member: _Member) -> AbstractContextManager[Readable]:
        if self._zip is not None and member.entry is not None:
            return self._zip.open(member.entry)
        return _Window(self._stream, member.offset, member.size_bytes)


class _Window(AbstractContextManager["_Window"]):
    """A part of a file, read without disturbing other readers of the same file."""

    def __init__(self, stream: BinaryIO, offset: int, size_bytes: int) -> None:
        self._stream = stream
        self._position = offset
        self._end = offset + size_bytes

    def __exit__(self, *_: object) -> None:
        return None

    def read(self, size: int = CHUNK_BYTES, /) -> bytes:
        self._stream.seek(self._position)
        piece = self._stream.read(min(size, self._end - self._position))
        if not piece and self._position < self._end:
            raise TruncatedError("the archive ends inside this file")
        self._position += len(piece)
        return piece


def _timestamp(seconds: float) -> datetime | None:
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _zip_time(entry: zipfile.ZipInfo) -> datetime | None:
    try:
        return datetime(*entry.date_time, tzinfo=UTC)
    except ValueError:
        return None
