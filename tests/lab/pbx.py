"""The PBX of one run: Asterisk, in.tftpd, rsyslogd and Apache in their own root and network namespace."""

import contextlib
import re
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab import config, rootfs
from tests.lab.school import School
from tests.lab.shell import LabError, run
from tests.lab.topology import Topology

_BOOT_SECONDS = 60
_DEVICES = (("null", "3"), ("zero", "5"), ("random", "8"), ("urandom", "9"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Pbx:
    """A running PBX."""

    root: Path
    net: Topology

    def asterisk(self, command: str) -> str:
        """Return what Asterisk's console answers to a command."""
        return self.net.run("pbx", "chroot", self.root, "asterisk", "-rx", command)

    def read(self, path: str) -> str:
        """Return the text of a file of the PBX, empty while it is absent."""
        file = self.root / path
        return file.read_text(errors="replace") if file.exists() else ""

    def wait_for(self, path: str, text: str, *, seconds: float = 10) -> None:
        """Wait until a file of the PBX holds ``text``."""
        until = time.monotonic() + seconds
        while text not in self.read(path):
            if time.monotonic() > until:
                message = f"{path} on the PBX does not hold {text!r} after {seconds:g} s"
                raise LabError(message)
            time.sleep(0.2)


@contextlib.contextmanager
def pbx(net: Topology, school: School, scratch: Path) -> Iterator[Pbx]:
    """Configure and boot the PBX, and stop it at the end of the block."""
    tree = rootfs.ensure(school.asterisk)
    with contextlib.ExitStack() as stack:
        root = stack.enter_context(rootfs.overlay(tree, scratch))
        _configure(root, school)
        logs = scratch / "programs"
        logs.mkdir()
        for name, argv in _programs(root):
            stack.enter_context(net.process("pbx", argv, logs / name))
            if name == "rsyslogd":
                _wait_for_file(root / "dev/log")
        machine = Pbx(root=root, net=net)
        _wait_booted(machine, logs / "asterisk")
        yield machine


def _programs(root: Path) -> tuple[tuple[str, list[str | Path]], ...]:
    # A host name of its own: syslog writes it into every line.
    inside: list[str | Path] = ["unshare", "--uts", "sh", "-c", 'hostname pbx; exec "$@"', "pbx", "chroot", root]
    tftpd = ["in.tftpd", "--foreground", "--listen", "--user", "tftp", "--address", "0.0.0.0:69", "--secure", "-v"]
    apache = "mkdir -p /run/apache2; . /etc/apache2/envvars; exec apache2 -DFOREGROUND -C 'ServerName pbx'"
    return (
        ("rsyslogd", [*inside, "rsyslogd", "-n", "-i", "/run/rsyslogd.pid"]),
        ("in.tftpd", [*inside, *tftpd, "/tftpboot"]),
        ("apache2", [*inside, "sh", "-c", apache]),
        # -vvv as safe_asterisk starts it: what `full` holds follows the console's verbosity.
        ("asterisk", [*inside, "asterisk", "-f", "-vvvg", "-U", "asterisk", "-G", "asterisk"]),
    )


def _configure(root: Path, school: School) -> None:
    directories = _asterisk_directories((root / "etc/asterisk/asterisk.conf").read_text(errors="replace"))
    shutil.rmtree(root / "etc/asterisk")
    for path, text in config.files(school).items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (root / "etc/asterisk/asterisk.conf").write_text(directories)
    (root / "etc/localtime").unlink(missing_ok=True)
    (root / "etc/localtime").symlink_to(f"/usr/share/zoneinfo/{config.TIMEZONE}")
    for folder in ("var/log/asterisk/cdr-csv", "run/asterisk"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for name, minor in _DEVICES:
        if not (root / "dev" / name).exists():
            run(["mknod", "-m", "666", root / "dev" / name, "c", "1", minor])
    owned = ("/etc/asterisk", "/var/log/asterisk", "/run/asterisk", "/var/lib/asterisk", "/tftpboot")
    run(["chroot", root, "chown", "-R", "asterisk:asterisk", *owned])


def _asterisk_directories(sample: str) -> str:
    """Return asterisk.conf as FreePBX writes it, with this distribution's directories."""
    found = re.findall(r"^(ast\w+dir) => (\S+)", sample, re.MULTILINE)
    return (
        "[directories]\n" + "".join(f"{name} => {path}\n" for name, path in found) + "\n[options]\nlanguageprefix=yes\n"
    )


def _wait_for_file(path: Path) -> None:
    until = time.monotonic() + 10
    while not path.exists():
        if time.monotonic() > until:
            message = f"{path} did not appear"
            raise LabError(message)
        time.sleep(0.05)


def _wait_booted(machine: Pbx, log: Path) -> None:
    until = time.monotonic() + _BOOT_SECONDS
    while True:
        try:
            machine.asterisk("core waitfullybooted")
        except LabError as error:
            if time.monotonic() > until:
                said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
                message = f"Asterisk did not boot within {_BOOT_SECONDS} s: {said}"
                raise LabError(message) from error
            time.sleep(0.3)
        else:
            return
