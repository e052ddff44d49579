"""Evidence with a few files beside it, such as the export of an edge firewall given on the command line."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ringfence.drivers.decompress import TooLargeError, TruncatedError, plain_chunks
from ringfence.drivers.sources import Source
from ringfence.model.errors import UsageError
from ringfence.model.evidence import Citation, Digest, Problem


class BesideArtifacts:
    """Implements the Source protocol over another source and the files that the user named; theirs come first."""

    def __init__(self, source: Source, paths: tuple[Path, ...], folder: str) -> None:
        """Lay the files into ``folder`` of the bundle; raises UsageError for one that is not there."""
        self._source = source
        self._problems: dict[str, Problem] = {}
        self._paths: dict[str, Path] = {}
        for path in paths:
            if not path.is_file():
                raise UsageError(f"{path}: no such file")
            self._paths[f"{folder}/{path.name}"] = path

    def names(self) -> tuple[str, ...]:
        """Give all names, sorted."""
        return tuple(sorted({*self._source.names(), *self._paths}))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the decompressed content; what cannot be read becomes a problem and ends the stream."""
        path = self._paths.get(name)
        if path is None:
            yield from self._source.chunks(name)
            return
        try:
            with path.open("rb") as stream:
                yield from plain_chunks(stream)
        except (OSError, TruncatedError, TooLargeError) as error:
            self._problems[name] = Problem(citation=Citation(file=name), message=f"cannot be read to its end: {error}")

    def modified_at(self, name: str) -> datetime | None:
        """Give the time of the file's last change, UTC."""
        path = self._paths.get(name)
        return self._source.modified_at(name) if path is None else datetime.fromtimestamp(path.stat().st_mtime, UTC)

    def problems(self) -> tuple[Problem, ...]:
        """Give everything that could not be read so far."""
        return tuple(sorted((*self._source.problems(), *self._problems.values())))

    def digests(self) -> tuple[Digest, ...]:
        """Give the hash of every input, as stored."""
        contents = {name: path.read_bytes() for name, path in self._paths.items()}
        beside = (
            Digest(file=name, sha256=hashlib.sha256(raw).hexdigest(), size_bytes=len(raw))
            for name, raw in contents.items()
        )
        return tuple(sorted((*self._source.digests(), *beside)))
