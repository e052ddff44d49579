"""Measure how fast a day of logs is read, beside `grep -F` with the same literals and a plain loop over the lines.

The log is made here, the same every time: 95 % steps of the dialplan as FreePBX writes them, the rest registrations,
wrong passwords, answers and chatter of modules. The aim: a 130-phone system's day, 50 to 100 MB, in about 2 seconds.
"""

import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ringfence.readers.logs.every import read_events

MEGABYTES = 100
SEED = 20261123
CHUNK_BYTES = 256 * 1024
ALLOWED_SECONDS_PER_100_MB = 2.0
LITERALS = ("Registered SIP", "failed for '", "Added contact", "Removed contact", "SecurityEvent=", " answered ")
STEPS = (
    ("s@macro-user-callerid:{n}", "Set", "AMPUSER={ext}"),
    ("s@macro-user-callerid:{n}", "GotoIf", "0?report"),
    ("s@macro-user-callerid:{n}", "ExecIf", '1?Set(CALLERID(name)="Room {ext}")'),
    ("s@sub-record-check:{n}", "GosubIf", "0?out,1():exten,1()"),
    ("s@macro-dialout-trunk:{n}", "Set", "DIAL_TRUNK_OPTIONS=Tb(func-apply-sipheaders^s^1)"),
    ("s@macro-dial-one:{n}", "NoOp", "Extension {ext} has 1 device"),
    ("{dialled}@from-internal:{n}", "Set", "_ROUTEID=1"),
    ("s@macro-hangupcall:{n}", "ExecIf", "0?Set(CDR(recordingfile)=)"),
)


class OneFile:
    """A machine whose only evidence is one log file."""

    def __init__(self, path: Path) -> None:
        """Serve ``path`` as the full log."""
        self._path = path

    def names(self) -> tuple[str, ...]:
        """Give the one name."""
        return ("var/log/asterisk/full",)

    def chunks(self, name: str) -> Iterator[bytes]:
        """Read in pieces as the drivers do."""
        assert name in self.names()  # noqa: S101 - the bench checks itself
        with self._path.open("rb") as stream:
            while chunk := stream.read(CHUNK_BYTES):
                yield chunk

    def modified_at(self, name: str) -> datetime | None:
        """Give the file's own time."""
        return datetime.fromtimestamp(self._path.stat().st_mtime, UTC) if name in self.names() else None


def write_log(path: Path, size: int) -> None:
    """Write about ``size`` bytes of a busy day."""
    chance = random.Random(SEED)  # noqa: S311 - a repeatable log
    at = datetime(2026, 11, 23, tzinfo=UTC)
    written = call = 0
    with path.open("w") as stream:
        while written < size:
            at += timedelta(seconds=chance.choice((0, 0, 1, 2)))
            call += 1
            block = "".join(_call(chance, f"[{at:%Y-%m-%d %H:%M:%S}]", call))
            stream.write(block)
            written += len(block)


def _call(chance: random.Random, date: str, call: int) -> Iterator[str]:
    extension = chance.randrange(1000, 1130)
    dialled = f"9{chance.randrange(10**6, 10**7)}"
    head = f"{date} VERBOSE[{chance.randrange(5000, 9000)}][C-{call:08x}]"
    channel = f"SIP/{extension}-{call:08x}"
    yield f'{head} pbx.c: Executing [{dialled}@from-internal:1] Macro("{channel}", "user-callerid") in new stack\n'
    for number in range(2, 190):
        place, application, arguments = chance.choice(STEPS)
        where = place.format(n=number, dialled=dialled)
        yield f'{head} pbx.c: Executing [{where}] {application}("{channel}", "{arguments.format(ext=extension)}")'
        yield " in new stack\n"
    yield f'{head} pbx.c: Executing [s@macro-dialout-trunk:24] Dial("{channel}", "SIP/lakeside/{dialled},300")'
    yield " in new stack\n"
    yield f"{head} app_dial.c: SIP/lakeside-{call + 1:08x} answered {channel}\n"
    yield f"{date} VERBOSE[6153] chan_sip.c: Registered SIP '{extension}' at 10.30.{call % 4}.{extension % 250}:5060\n"
    for _ in range(4):
        yield f"{head} pbx_builtins.c: Goto (macro-user-callerid,s,18)\n"
    yield f"{date} NOTICE[6153] chan_sip.c: Registration from '<sip:{extension}@192.0.2.1>' failed for "
    yield f"'203.0.113.{call % 250}:5061' - Wrong password\n"
    yield f"{date} NOTICE[6153] chan_sip.c: Peer '{extension}' is now Reachable. (7ms / 2000ms)\n"
    yield f"{head} pbx.c: Spawn extension (macro-hangupcall, s, 4) exited non-zero on '{channel}'\n"


def ours(path: Path) -> int:
    """Count the rows that the reader finds."""
    events = read_events(OneFile(path))
    return len(events.registrations) + len(events.authentications) + len(events.calls)


def plain_loop(path: Path) -> int:
    """Count the lines that hold one of the literals, as a script would."""
    wanted = tuple(literal.encode() for literal in LITERALS)
    with path.open("rb") as stream:
        return sum(any(literal in line for literal in wanted) for line in stream)


def grep(path: Path) -> int:
    """Count the same lines with grep -F."""
    patterns = [part for literal in LITERALS for part in ("-e", literal)]
    found = subprocess.run(["/usr/bin/grep", "-F", "-c", *patterns, str(path)], capture_output=True, check=True)
    return int(found.stdout)


def main() -> int:
    """Print the figures and give 1 if reading is too slow."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "full"
        write_log(path, megabytes * 1_000_000)
        size = path.stat().st_size / 1_000_000
        rates: dict[str, float] = {}
        for name, run in (("grep -F", grep), ("plain loop", plain_loop), ("ringfence", ours)):
            best = float("inf")
            for _ in range(3):
                started = time.perf_counter()
                rows = run(path)
                best = min(best, time.perf_counter() - started)
            rates[name] = size / best
            print(f"{name:>10}: {size:.0f} MB in {best:.2f} s, {rates[name]:.0f} MB/s, {rows} found")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"ringfence: {rates['ringfence'] / rates['grep -F']:.2f} of grep -F, "
        f"{rates['ringfence'] / rates['plain loop']:.2f} of the plain loop, at most {peak:.0f} MiB of memory"
    )
    return 0 if 100 / rates["ringfence"] <= ALLOWED_SECONDS_PER_100_MB else 1


if __name__ == "__main__":
    sys.exit(main())
