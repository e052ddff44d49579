"""A fake machine for reader tests: artifacts held in memory."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime


class MemoryArtifacts:
    """Implements the Artifacts protocol over a mapping of bundle names to bytes."""

    def __init__(self, files: Mapping[str, bytes | str], modified_at: datetime | None = None) -> None:
        """Take texts as UTF-8."""
        self._files = {name: raw.encode() if isinstance(raw, str) else raw for name, raw in files.items()}
        self._modified_at = modified_at or datetime(2026, 11, 24, tzinfo=UTC)

    def names(self) -> tuple[str, ...]:
        """Give all names, sorted."""
        return tuple(sorted(self._files))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give the content in small pieces, so that borders fall everywhere."""
        raw = self._files.get(name, b"")
        for start in range(0, len(raw), 4096):
            yield raw[start : start + 4096]

    def modified_at(self, name: str) -> datetime | None:
        """Give the one time of this machine for every file."""
        return self._modified_at if name in self._files else None
