"""What a reader reads: named byte streams, wherever they come from (a directory, an archive, a live machine)."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Protocol

#: A longer line is cut here and the rest counted as one unread problem (threat T4).
MAX_LINE_BYTES = 64 * 1024


class Artifacts(Protocol):
    """A set of files under the names of the bundle layout (``etc/asterisk/sip.conf``, ``commands/ss.txt``)."""

    def names(self) -> Sequence[str]:
        """Give all names, sorted."""
        ...

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the decompressed content in pieces of bounded size; nothing when there is no such file.

        What cannot be read (permissions, a truncated .gz) ends the stream early and is recorded by the driver as a
        problem.
        """
        ...

    def modified_at(self, name: str) -> datetime | None:
        """Give the UTC time of the file's last change where the source knows it."""
        ...


def matching(artifacts: Artifacts, *patterns: str) -> tuple[str, ...]:
    """Give the names that match any of the shell patterns, sorted; ``*`` also crosses directories."""
    return tuple(name for name in artifacts.names() if any(fnmatchcase(name, pattern) for pattern in patterns))


def lines(artifacts: Artifacts, name: str) -> Iterator[tuple[int, bytes]]:
    """Go through the lines of a file as ``(number, bytes without the newline)``, each at most ``MAX_LINE_BYTES`` long.

    A longer line is cut; memory stays bounded however long it is.
    """
    number = 1
    pending = b""
    skipping = False
    for chunk in artifacts.chunks(name):
        pieces = chunk.split(b"\n")
        for piece in pieces[:-1]:
            if not skipping:
                yield number, (pending + piece)[:MAX_LINE_BYTES].removesuffix(b"\r")
            number += 1
            pending = b""
            skipping = False
        if skipping:
            continue
        pending += pieces[-1]
        if len(pending) > MAX_LINE_BYTES:
            yield number, pending[:MAX_LINE_BYTES]
            pending = b""
            skipping = True
    if pending and not skipping:
        yield number, pending.removesuffix(b"\r")


def content(artifacts: Artifacts, name: str, limit_bytes: int = 64 * 1024 * 1024) -> bytes:
    """Give a whole file, cut at ``limit_bytes``; empty when there is none."""
    pieces: list[bytes] = []
    size = 0
    for chunk in artifacts.chunks(name):
        pieces.append(chunk)
        size += len(chunk)
        if size >= limit_bytes:
            break
    return b"".join(pieces)[:limit_bytes]


def decoded(raw: bytes) -> str:
    """Decode text from outside as UTF-8, showing every invalid byte as an escape so that nothing is lost."""
    return raw.decode("utf-8", "backslashreplace")
