"""Measure how long `ringfence --help` takes, beside a Python that does nothing: at most 3 times that and 150 ms."""

import statistics
import subprocess
import sys
import time

ROUNDS = 15
ALLOWED_FACTOR = 3.0
ALLOWED_EXTRA_SECONDS = 0.150


def seconds(*arguments: str) -> float:
    """Run this Python with the arguments and give the wall time."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> int:
    """Print the medians of runs in turn, so that a busy moment meets both, and give 1 if start-up is too slow."""
    pairs = [(seconds("-c", "pass"), seconds("-m", "ringfence", "--help")) for _ in range(ROUNDS + 1)]
    nothing, ours = (statistics.median(column) for column in zip(*pairs[1:], strict=True))  # the first run warms up
    allowed = nothing * ALLOWED_FACTOR + ALLOWED_EXTRA_SECONDS
    within = ours <= allowed
    print(
        f"start-up: ringfence --help {ours * 1000:.0f} ms, python -c pass {nothing * 1000:.0f} ms: "
        f"{ours / nothing:.1f} times; allowed {allowed * 1000:.0f} ms: {'within' if within else 'TOO SLOW'}"
    )
    return 0 if within else 1


if __name__ == "__main__":
    sys.exit(main())
