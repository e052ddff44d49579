"""Collect evidence into a bundle."""

from dataclasses import dataclass
from pathlib import Path

from ringfence.drivers.bundle import write_bundle
from ringfence.drivers.sources import open_source
from ringfence.model.evidence import Problem
from ringfence.readers.catalogue import WANTS


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectRequest:
    """What to collect from, and the file to write."""

    source: str
    output: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """How many files and command outputs were written, and what could not be read."""

    files: int
    problems: tuple[Problem, ...]


def collect_evidence(request: CollectRequest) -> Collected:
    """Write everything that the readers want into one archive; raises DriverError when it cannot be written."""
    source = open_source(request.source, WANTS)
    files = write_bundle(source, request.output)
    return Collected(files=files, problems=source.problems())
