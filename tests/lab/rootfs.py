"""Two root file systems for the PBX: Debian bullseye (Asterisk 16) and Debian sid (Asterisk 22).

Each is built once with debootstrap and kept outside the checkout, under a name that holds a digest of its
recipe, so that a changed recipe is a new tree. A run never writes into it: see ``overlay``.
"""

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.lab.shell import LabError, environment, run

HOST_PROGRAMS = (
    ("debootstrap", "debootstrap"),
    ("ip", "iproute2"),
    ("ipset", "ipset"),
    ("nft", "nftables"),
    ("iptables-save", "iptables"),
    ("sipp", "sip-tester"),
    ("tftp", "tftp-hpa"),
    ("svmap", "sipvicious"),
    ("curl", "curl"),
)
DEFAULT_CACHE = "/var/cache/ringfence-lab"
_SEARCH = "/usr/sbin:/usr/bin:/sbin:/bin"
_COMMON = ("tftpd-hpa", "rsyslog", "apache2", "tzdata", "iproute2", "iptables")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """What one root file system is made of."""

    suite: str
    asterisk_major: int
    packages: tuple[str, ...]
    apt_options: tuple[str, ...] = ()

    @property
    def directory_name(self) -> str:
        """Return ``<suite>-<digest of the recipe>``."""
        text = "\n".join((self.suite, *self.packages, *self.apt_options))
        return f"{self.suite}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


RECIPES = {
    16: Recipe(suite="bullseye", asterisk_major=16, packages=("asterisk", "asterisk-modules", *_COMMON)),
    # The Release file of the archive's sid is sometimes past its date.
    22: Recipe(
        suite="sid",
        asterisk_major=22,
        packages=("asterisk", "asterisk-modules", *_COMMON),
        apt_options=('Acquire::Check-Valid-Until "false";',),
    ),
}


def why_not() -> str | None:
    """Say in one line why the lab cannot run here, or None where it can."""
    if os.geteuid() != 0:
        return "the lab needs root: it makes network namespaces and root file systems"
    if not Path("/etc/debian_version").exists() or not shutil.which("apt-get", path=_SEARCH):
        return "the lab needs a Debian machine: it installs its parts with apt-get and debootstrap"
    if _os_id() != "debian":
        return "the lab needs Debian itself: debootstrap of bullseye and sid wants its keyring"
    return None


def install_host_programs() -> None:
    """Install what the lab calls on the host, when it is missing."""
    missing = [package for program, package in HOST_PROGRAMS if not shutil.which(program, path=_SEARCH)]
    if not missing:
        return
    env = {**environment(), "DEBIAN_FRONTEND": "noninteractive"}
    options = ("-o", "DPkg::Lock::Timeout=300")
    run(["apt-get", *options, "update", "-q"], timeout_seconds=300, env=env)
    install = ["apt-get", *options, "install", "-q", "-y", "--no-install-recommends", *missing]
    run(install, timeout_seconds=600, env=env)


def host_mirror(etc_apt: Path = Path("/etc/apt")) -> str:
    """Return the Debian mirror that the host's own apt sources name (deb822 or one line each)."""
    files = [etc_apt / "sources.list", *sorted((etc_apt / "sources.list.d").glob("*"))]
    texts = [file.read_text(errors="replace") for file in files if file.is_file()]
    for text in texts:
        for uri in _uris(text):
            if uri.rstrip("/").endswith("/debian"):
                return uri.rstrip("/")
    message = f"no Debian mirror in the apt sources below {etc_apt}"
    raise LabError(message)


def _uris(text: str) -> Iterator[str]:
    for line in text.splitlines():
        # deb [signed-by=/usr/share/keyrings/x.gpg] http://mirror.example/debian bookworm main
        one_line = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s*)?(\S+)\s+\S+", line)
        # URIs: http://mirror.example/debian
        deb822 = re.match(r"URIs:\s*(.+)$", line, re.IGNORECASE)
        if one_line:
            yield one_line[1]
        elif deb822:
            yield from deb822[1].split()


def cache_directory() -> Path:
    """Return the folder that keeps the root file systems."""
    return Path(os.environ.get("RINGFENCE_LAB_CACHE", DEFAULT_CACHE))


def ensure(asterisk_major: int) -> Path:
    """Return the root file system for that Asterisk, built now if it is not in the cache."""
    recipe = RECIPES[asterisk_major]
    cache = cache_directory()
    cache.mkdir(parents=True, exist_ok=True)
    place = cache / recipe.directory_name
    with (cache / f"{recipe.directory_name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not place.exists():
            _build(recipe, place)
    return place


def _build(recipe: Recipe, place: Path) -> None:
    scratch = Path(tempfile.mkdtemp(prefix=f"{place.name}.", dir=place.parent))
    tree = scratch / "root"
    try:
        bootstrap(recipe, tree)
        install(recipe, tree)
        tree.rename(place)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def bootstrap(recipe: Recipe, tree: Path) -> None:
    """Make the bare Debian tree."""
    run(
        ["debootstrap", "--variant=minbase", recipe.suite, tree, host_mirror()],
        timeout_seconds=900,
        env={**environment(), "LC_ALL": "C"},
    )


def install(recipe: Recipe, tree: Path) -> None:
    """Install the PBX's programs in the tree, starting none of them."""
    policy = tree / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)
    proxies = [line for line in run(["apt-config", "dump"]).splitlines() if "::proxy" in line.lower()]
    conf = "\n".join((*recipe.apt_options, *proxies, 'APT::Install-Recommends "false";'))
    (tree / "etc/apt/apt.conf.d/90lab").write_text(conf + "\n")
    shutil.copy("/etc/resolv.conf", tree / "etc/resolv.conf")
    shutil.copy("/etc/hosts", tree / "etc/hosts")
    chroot: list[str | Path] = ["chroot", tree]
    env = {name: value for name, value in os.environ.items() if name.lower().endswith("_proxy")}
    env |= {"PATH": f"/usr/local/sbin:{_SEARCH}", "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    run([*chroot, "apt-get", "update", "-q"], timeout_seconds=300, env=env)
    run([*chroot, "apt-get", "install", "-q", "-y", *recipe.packages], timeout_seconds=900, env=env)
    run([*chroot, "apt-get", "clean"], env=env)


@contextlib.contextmanager
def overlay(tree: Path, scratch: Path) -> Iterator[Path]:
    """Give one run its own writable view of the tree: an overlay mount, or a copy where that is refused."""
    upper, work, merged = (scratch / name for name in ("upper", "work", "root"))
    for folder in (upper, work, merged):
        folder.mkdir(parents=True)
    options = f"lowerdir={tree},upperdir={upper},workdir={work}"
    try:
        run(["mount", "-t", "overlay", "overlay", "-o", options, merged])
    except LabError:
        run(["cp", "-a", f"{tree}/.", merged], timeout_seconds=300)
        yield merged
        return
    try:
        yield merged
    finally:
        # Lazily: a process that ends late must not keep the mount in the host's table.
        run(["umount", "--lazy", merged])


def _os_id() -> str:
    text = Path("/etc/os-release").read_text() if Path("/etc/os-release").exists() else ""
    found = re.search(r'^ID="?([a-z]+)"?$', text, re.MULTILINE)
    return found[1] if found else ""
