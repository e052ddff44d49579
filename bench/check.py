"""Measure the main job: 130 phones with a day of logs, in seconds, in memory, and beside one pass of `grep -F`.

The evidence is the bundled school with a busy day (60 MB, 95 % dialplan steps, see bench/logs.py) as an older log. The
aim is at most 3 seconds and 300 MiB; the ratio to grep tells a slow program from a slow machine.
"""

import os
import subprocess
import sys
import tarfile
import tempfile
import time
from importlib.resources import as_file, files
from pathlib import Path

from bench.logs import LITERALS, write_log

DAY_BYTES = 60 * 1000 * 1000
ALLOWED_SECONDS = 3.0
ALLOWED_MIB = 300


def lay_out(root: Path) -> None:
    """Unpack the bundled school and lay a busy day beside its own log."""
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle, tarfile.open(bundle) as archive:
        archive.extractall(root, filter="data")
    write_log(root / "var/log/asterisk/full.1", DAY_BYTES)


def measured(argv: list[str], output: Path) -> tuple[float, float]:
    """Run a command and give its wall time in seconds and its largest resident memory in MiB."""
    started = time.perf_counter()
    with output.open("wb") as stream:
        child = subprocess.Popen(argv, stdout=stream)
        _, _, usage = os.wait4(child.pid, 0)
    return time.perf_counter() - started, usage.ru_maxrss / 1024


def main() -> int:
    """Print the figures and give 1 when they are not within the aims."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder, "school")
        root.mkdir()
        lay_out(root)
        check = [sys.executable, "-m", "ringfence", "check", str(root), "-f", "json", "-q"]
        patterns = [word for literal in LITERALS for word in ("-e", literal)]
        grep = ["/usr/bin/grep", "-F", "-c", *patterns, str(root / "var/log/asterisk/full.1")]
        measured(grep, Path(folder, "warm"))
        best, mebibytes = min(measured(check, Path(folder, "report.json")) for _ in range(3))
        beside, _ = min(measured(grep, Path(folder, "count")) for _ in range(3))
        size = Path(folder, "report.json").stat().st_size
    within = best <= ALLOWED_SECONDS and mebibytes <= ALLOWED_MIB and size > 0
    print(
        f"check: 130 phones and {DAY_BYTES // 1_000_000} MB of logs in {best:.2f} s and {mebibytes:.0f} MiB, "
        f"{best / beside:.1f} times grep -F ({beside:.2f} s); "
        f"allowed {ALLOWED_SECONDS:.0f} s and {ALLOWED_MIB} MiB: {'within' if within else 'TOO MUCH'}"
    )
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
