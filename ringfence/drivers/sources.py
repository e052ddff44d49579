"""Turn what the user names (``local``, a bundle directory, an archive) into artifacts to read."""

from pathlib import Path
from typing import Protocol

from ringfence.drivers.archive import ArchiveArtifacts
from ringfence.drivers.directory import DirectoryArtifacts
from ringfence.drivers.local import LocalArtifacts
from ringfence.model.errors import DriverError, UsageError
from ringfence.model.evidence import Digest, Problem
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.wants import Want


class Source(Artifacts, Protocol):
    """Artifacts that also tell what could not be read and prove which bytes were read."""

    def problems(self) -> tuple[Problem, ...]:
        """Give everything that could not be read so far; complete once all reading is done."""
        ...

    def digests(self) -> tuple[Digest, ...]:
        """Give the hash of every input, as stored."""
        ...


def open_source(named: str, wants: tuple[Want, ...]) -> Source:
    """Open what the user named; ``wants`` is what to collect from a live machine.

    Raises UsageError for a kind of source that does not exist, DriverError for one that cannot be opened.
    """
    if named == "local":
        return LocalArtifacts(wants)
    if "://" in named:
        raise UsageError(
            f"{named}: this version reads `local`, a directory or an archive; "
            "run `ringfence collect local -o evidence.tar.gz` on the PBX and check the file here"
        )
    path = Path(named)
    if not path.exists():
        raise DriverError(f"{named}: no such file or directory")
    source = DirectoryArtifacts(path) if path.is_dir() else ArchiveArtifacts(path)
    if not source.names():
        raise DriverError(
            f"{named}: holds nothing that Ringfence knows; "
            "expected a bundle with etc/asterisk, var/log, commands or edge"
        )
    return source
