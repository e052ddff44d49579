"""Evidence in a directory: regular files only, links recorded and never followed."""

import hashlib
import os
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ringfence.drivers.decompress import TooLargeError, TruncatedError, plain_chunks
from ringfence.drivers.layout import MAX_MEMBERS, belongs, bundle_name, wrapping_folder
from ringfence.model.errors import DriverError
from ringfence.model.evidence import Citation, Digest, Problem


class DirectoryArtifacts:
    """Implements the Source protocol over a directory in the bundle layout."""

    def __init__(self, root: Path) -> None:
        """List the files; raises DriverError when the directory itself cannot be read."""
        self._problems: dict[str, Problem] = {}
        self._paths = self._listed(root)

    def names(self) -> tuple[str, ...]:
        """Give all bundle names, sorted."""
        return tuple(self._paths)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the decompressed content; what cannot be read becomes a problem and ends the stream."""
        path = self._paths.get(name)
        if path is None:
            return
        try:
            with os.fdopen(_open_regular(path), "rb") as stream:
                yield from plain_chunks(stream)
        except (TruncatedError, TooLargeError) as error:
            self._note(name, str(error))
        except OSError as error:
            self._note(name, f"cannot be read ({error.strerror})")

    def modified_at(self, name: str) -> datetime | None:
        """Give the time of the file's last change, UTC."""
        path = self._paths.get(name)
        try:
            return None if path is None else datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        except OSError:
            return None

    def problems(self) -> tuple[Problem, ...]:
        """Give everything that could not be read so far."""
        return tuple(sorted(self._problems.values()))

    def digests(self) -> tuple[Digest, ...]:
        """Hash every file as stored; a file that cannot be read has no digest and is among the problems."""
        return tuple(digest for name in self._paths if (digest := self._digest(name)) is not None)

    def _digest(self, name: str) -> Digest | None:
        try:
            with os.fdopen(_open_regular(self._paths[name]), "rb") as stream:
                digest = hashlib.file_digest(stream, "sha256")
                return Digest(file=name, sha256=digest.hexdigest(), size_bytes=stream.tell())
        except OSError as error:
            self._note(name, f"cannot be read ({error.strerror})")
            return None

    def _note(self, name: str, message: str) -> None:
        self._problems.setdefault(name, Problem(citation=Citation(file=name), message=message))

    def _listed(self, root: Path) -> dict[str, Path]:
        found: dict[str, Path] = {}
        try:
            next(root.iterdir(), None)  # os.walk stays silent about an unreadable root
        except OSError as error:
            raise DriverError(f"{root}: cannot be read ({error.strerror})") from error
        for folder, _, files in os.walk(root, onerror=lambda error: self._unreadable_folder(root, error)):
            for file in files:
                path = Path(folder, file)
                name = bundle_name(str(path.relative_to(root)))
                mode = path.lstat().st_mode
                if stat.S_ISLNK(mode):
                    self._note(name, f"is a link to {str(path.readlink())!r}: not followed")
                elif stat.S_ISREG(mode) and name:
                    found[name] = path
                if len(found) > MAX_MEMBERS:
                    raise DriverError(f"{root}: more than {MAX_MEMBERS} files; this is no bundle")
        prefix = wrapping_folder(found)
        return {
            name.removeprefix(prefix): path
            for name, path in sorted(found.items())
            if belongs(name.removeprefix(prefix))
        }

    def _unreadable_folder(self, root: Path, error: OSError) -> None:
        name = str(Path(error.filename or root).relative_to(root))
        self._note(name, f"cannot be listed ({error.strerror})")


def _open_regular(path: Path) -> int:
    """Open without following a link, and without blocking on a FIFO put there since the listing (threat T28)."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(0, "no longer a regular file")
    return descriptor
