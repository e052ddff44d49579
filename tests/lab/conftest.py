"""Plays the scenarios that the chosen tests ask for: each once in a session, a few side by side."""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.lab import evidence, rootfs
from tests.lab.scenarios import SCENARIOS

# Runs mostly wait, so two cores carry several.
_SIDE_BY_SIDE = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One scenario on one Asterisk, with or without the security log."""

    scenario: str
    asterisk: int
    security_log: bool = True
    phones: int = evidence.FEW_PHONES

    def __str__(self) -> str:
        dark = "" if self.security_log else "-nosec"
        many = "" if self.phones == evidence.FEW_PHONES else f"-{self.phones}"
        return f"{self.scenario}-{self.asterisk}{dark}{many}"


class Theatre:
    """Plays runs in the background, each once, and hands out where its evidence lies."""

    def __init__(self, folder: Path, runs: list[Run]) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(max_workers=_SIDE_BY_SIDE)
        self._played: dict[Run, Future[Path]] = {}
        for run in runs:
            self._begin(run)

    def evidence_of(self, run: Run) -> Path:
        """Return the folder with ``evidence/`` and ``truth.json``; waits until the run has ended."""
        return self._begin(run).result()

    def close(self) -> None:
        """Start nothing more, and wait for what is being played."""
        self._pool.shutdown(cancel_futures=True)

    def _begin(self, run: Run) -> Future[Path]:
        if run not in self._played:
            self._played[run] = self._pool.submit(self._play, run)
        return self._played[run]

    def _play(self, run: Run) -> Path:
        out = self._folder / str(run)
        evidence.produce(
            SCENARIOS[run.scenario],
            out,
            asterisk=run.asterisk,
            security_log=run.security_log,
            phone_count=run.phones,
        )
        return out


@pytest.fixture(scope="session")
def theatre(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    """Play every run that a chosen test names."""
    reason = rootfs.why_not()
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; in CI the lab must run")
    if reason:
        pytest.skip(reason)
    rootfs.install_host_programs()
    specs = [item.callspec for item in request.session.items if hasattr(item, "callspec")]
    wanted = [spec.params["run"] for spec in specs if isinstance(spec.params.get("run"), Run)]
    # A worker of pytest-xdist sees every test but is given a few: there each run begins when it is asked for.
    ahead = [] if "PYTEST_XDIST_WORKER" in os.environ else wanted
    played = Theatre(tmp_path_factory.mktemp("lab"), ahead)
    try:
        yield played
    finally:
        played.close()
