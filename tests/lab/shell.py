"""Run one command of the lab, and say plainly what failed."""

import os
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path


class LabError(Exception):
    """The lab itself could not do its work; the message says what and where."""


def environment() -> dict[str, str]:
    """Return this process's environment, the system's own programs on the path even where a user's lacks them."""
    return {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin"}


def run(
    argv: Sequence[str | Path],
    *,
    stdin: str | None = None,
    timeout_seconds: float = 60,
    env: Mapping[str, str] | None = None,
    ok_codes: frozenset[int] = frozenset({0}),
) -> str:
    """Return standard output of ``argv``; raise LabError with its standard error when it fails."""
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout_seconds,
            env=environment() if env is None else env,
            check=False,
        )
    except FileNotFoundError as error:
        message = f"{words[0]}: not installed"
        raise LabError(message) from error
    except subprocess.TimeoutExpired as error:
        message = f"{' '.join(words)}: still running after {timeout_seconds:g} s"
        raise LabError(message) from error
    if done.returncode not in ok_codes:
        said = (done.stderr or done.stdout).strip()[-2000:]
        message = f"{' '.join(words)}: exit code {done.returncode}: {said}"
        raise LabError(message)
    return done.stdout


def start(argv: Sequence[str | Path], log: Path) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own, its output to ``log``."""
    with log.open("ab") as output:
        return subprocess.Popen(
            [str(word) for word in argv],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            env=environment(),
        )


def stop(process: subprocess.Popen[bytes], *, patience_seconds: float = 5) -> None:
    """End a process that this lab started: politely, then for certain."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(patience_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()
