"""Evidence from this very machine: the files and read-only commands that the readers declare."""

import glob
import hashlib
import os
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ringfence.drivers.decompress import TooLargeError, TruncatedError, plain_chunks
from ringfence.model.evidence import Citation, Digest, Problem
from ringfence.readers.wants import Command, Glob, Want

COMMAND_TIMEOUT_SECONDS = 20
MAX_COMMAND_BYTES = 16 * 1024 * 1024
MAX_FILES = 20_000
#: Commands of the system itself only, found where root finds them even from a thin environment (cron, sudo).
COMMAND_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class LocalArtifacts:
    """Implements the Source protocol over a live machine; reads, and changes nothing.

    ``root`` is where the machine's own tree begins (tests give another).
    """

    def __init__(self, wants: tuple[Want, ...], root: Path = Path("/")) -> None:
        """Expand the patterns; commands run when they are first read."""
        self._problems: dict[str, Problem] = {}
        self._commands = {f"commands/{want.name}.txt": want for want in wants if isinstance(want, Command)}
        self._outputs: dict[str, bytes] = {}
        self._paths = self._expanded(wants, root)

    def names(self) -> tuple[str, ...]:
        """Give all names; a command that is missing or fails is left out and is among the problems."""
        answered = [name for name in self._commands if self._output(name) is not None]
        return tuple(sorted((*self._paths, *answered)))

    def chunks(self, name: str) -> Iterator[bytes]:
        """Give a file's decompressed content, or a command's output."""
        if name in self._commands:
            yield self._output(name) or b""
            return
        path = self._paths.get(name)
        if path is None:
            return
        try:
            with path.open("rb") as stream:
                yield from plain_chunks(stream)
        except (TruncatedError, TooLargeError) as error:
            self._note(name, str(error))
        except OSError as error:
            self._note(name, f"cannot be read ({error.strerror}); run as root to see it")

    def modified_at(self, name: str) -> datetime | None:
        """Give the file's last change, or for a command the time of its run, UTC."""
        if name in self._outputs:
            return datetime.now(UTC)
        path = self._paths.get(name)
        try:
            return None if path is None else datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError:
            return None

    def problems(self) -> tuple[Problem, ...]:
        """Give everything that could not be read so far."""
        return tuple(sorted(self._problems.values()))

    def digests(self) -> tuple[Digest, ...]:
        """Hash every file as it is now, and every command's output."""
        digests: list[Digest] = []
        for name, path in self._paths.items():
            try:
                with path.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                    digests.append(Digest(file=name, sha256=digest, size_bytes=stream.tell()))
            except OSError as error:
                self._note(name, f"cannot be read ({error.strerror}); run as root to see it")
        for name, output in self._outputs.items():
            digests.append(Digest(file=name, sha256=hashlib.sha256(output).hexdigest(), size_bytes=len(output)))
        return tuple(sorted(digests))

    def _note(self, name: str, message: str) -> None:
        self._problems.setdefault(name, Problem(citation=Citation(file=name), message=message))

    def _expanded(self, wants: tuple[Want, ...], root: Path) -> dict[str, Path]:
        found: dict[str, Path] = {}
        for want in wants:
            if not isinstance(want, Glob):
                continue
            pattern = want.pattern.lstrip("/")
            # pathlib's ** gives directories only before Python 3.13
            for relative in glob.iglob(pattern, root_dir=root, recursive=True, include_hidden=True):  # noqa: PTH207
                path = root / relative
                if path.is_file() and len(found) < MAX_FILES:
                    found[relative] = path
        return dict(sorted(found.items()))

    def _output(self, name: str) -> bytes | None:
        if name not in self._outputs and name not in self._problems:
            self._run(name, self._commands[name])
        return self._outputs.get(name)

    def _run(self, name: str, command: Command) -> None:
        environment = {"PATH": COMMAND_PATH, "LC_ALL": "C", "HOME": os.environ.get("HOME", "/root")}
        try:
            done = subprocess.run(  # noqa: S603 - a fixed argv from the readers' own declarations, no shell
                command.argv,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_TIMEOUT_SECONDS,
                check=False,
                env=environment,
            )
        except FileNotFoundError:
            self._note(name, f"`{command.argv[0]}` is not on this machine")
        except (OSError, subprocess.TimeoutExpired) as error:
            self._note(name, f"`{' '.join(command.argv)}` gave no answer ({error})")
        else:
            if done.returncode != 0:
                said = done.stderr.decode("utf-8", "backslashreplace").strip().splitlines()
                self._note(name, f"`{' '.join(command.argv)}` failed: {said[0] if said else done.returncode}")
            else:
                self._outputs[name] = done.stdout[:MAX_COMMAND_BYTES]
