"""Play one scenario and write its evidence bundle: ``python -m tests.lab.evidence SCENARIO OUTDIR``.

OUTDIR/evidence is what the admin would have, in the bundle's layout; OUTDIR/truth.json is what really happened.
"""

import argparse
import contextlib
import json
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from tests.lab import attackers, phones, rootfs, school, sipp, truth
from tests.lab.pbx import Pbx, pbx
from tests.lab.scenarios import SCENARIOS, Scenario
from tests.lab.shell import LabError
from tests.lab.stage import BRISK, LEISURELY, PACES, Pace, Stage
from tests.lab.topology import PBX_GATEWAY, PROVIDER, Topology, topology

MAJORS = (16, 22)
FEW_PHONES = 24
ALL_PHONES = 130
_PBX_PATHS = (
    "etc/asterisk",
    "etc/default/tftpd-hpa",
    "etc/hostname",
    "etc/hosts",
    "etc/rsyslog.conf",
    "etc/timezone",
    "tftpboot",
    "var/log/asterisk",
    "var/log/messages",
    "var/log/apache2",
)
_ASTDB = "var/lib/asterisk/astdb.sqlite3"
_PBX_COMMANDS = {
    "ss": "ss -lnptu",
    "ip-addr": "ip addr",
    "ip-route": "ip route",
    "ip-neigh": "ip neigh",
    "iptables-save": "iptables-save",
    "nft-ruleset": "nft list ruleset",
}
_ASTERISK_COMMANDS = ("core show version", "database show", "pjsip show contacts")


def produce(  # noqa: PLR0913 - the parts of a run, all by name
    scenario: Scenario,
    out: Path,
    *,
    asterisk: int,
    security_log: bool = True,
    phone_count: int = FEW_PHONES,
    pace: Pace | None = None,
) -> None:
    """Play a scenario from an empty network to its end, and write evidence and truth below ``out``."""
    rootfs.install_host_programs()
    pace = pace or (LEISURELY if phone_count > FEW_PHONES else BRISK)
    people = scenario.prepare(
        school.found(asterisk=asterisk, phones=phone_count, seed=scenario.name, security_log=security_log)
    )
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ringfence-lab-")))
        net = stack.enter_context(topology(scenario.edge))
        if scenario.pbx_filter:
            net.run("pbx", "iptables-restore", stdin=scenario.pbx_filter)
        box = stack.enter_context(pbx(net, people, folder))
        stack.enter_context(sipp.answering(net, "inet", folder / "provider", address=PROVIDER))
        absent = [people.accounts[index].extension for index in scenario.absent]
        day = phones.Day(
            calls=phones.day_of_calls(people, seconds=pace.day_seconds),
            absent=absent,
            refresh_ms=pace.refresh_ms,
        )
        ends = time.monotonic() + pace.day_seconds
        stack.enter_context(phones.on_the_desks(net, people, folder, day))
        record = truth.unwritten(scenario.name, people)
        hides = record.sources_hidden = scenario.edge == "masquerading"
        background = stack.enter_context(contextlib.ExitStack())
        _wait_registered(box, people, absent)
        stage = Stage(
            net=net,
            school=people,
            folder=folder,
            truth=record,
            background=background,
            seen_as={attackers.THIEF: PBX_GATEWAY} if hides else {},
            pace=pace,
        )
        scenario.play(stage)
        time.sleep(max(0.0, ends - time.monotonic()))
        collect(net, box, out / "evidence")
        with (out / "evidence/var/log/asterisk/cdr-csv/Master.csv").open(newline="") as rows:
            record.simultaneous_calls = truth.simultaneous_calls(rows, record)
        (out / "truth.json").write_text(json.dumps(record.to_json(), indent=1) + "\n")


def _wait_registered(box: Pbx, people: school.School, absent: list[str]) -> None:
    last = {account.driver: account.extension for account in people.accounts if account.extension not in absent}
    signs = {"chan_sip": "Registered SIP '{}'", "pjsip": "to AOR '{}'"}
    for driver, extension in last.items():
        box.wait_for("var/log/asterisk/full", signs[driver].format(extension), seconds=30)


def collect(net: Topology, box: Pbx, out: Path) -> None:
    """Copy the PBX's tree, the output of commands and the edge's state."""
    shutil.rmtree(out, ignore_errors=True)
    commands, edge = out / "commands", out / "edge"
    for folder in (commands, edge):
        folder.mkdir(parents=True)
    for path in _PBX_PATHS:
        _copy(box.root / path, out / path)
    # The database is in use: a backup is whole, a copied file may not be.
    (out / _ASTDB).parent.mkdir(parents=True)
    _backup_sqlite(box.root / _ASTDB, out / _ASTDB)
    for name, command in _PBX_COMMANDS.items():
        (commands / f"{name}.txt").write_text(net.run("pbx", *command.split()))
    chan_sip = ("sip show peers",) if (box.root / "etc/asterisk/sip.conf").exists() else ()
    for command in (*_ASTERISK_COMMANDS, *chan_sip):
        (commands / f"{command.replace(' ', '-')}.txt").write_text(box.asterisk(command))
    (out / "ringfence.toml").write_text(f'[site]\nname = "{school.SCHOOL_NAME}"\n')
    (commands / "date.txt").write_text(net.run("pbx", "chroot", box.root, "date", "+%F %T %z %Z"))
    (edge / "nft-ruleset.txt").write_text(net.run("edge", "nft", "list", "ruleset"))
    (edge / "nft-ruleset.json").write_text(net.run("edge", "nft", "-j", "list", "ruleset"))
    (edge / "ip-addr.txt").write_text(net.run("edge", "ip", "addr"))
    (edge / "ip-route.txt").write_text(net.run("edge", "ip", "route"))


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.is_dir():
        shutil.copytree(source, target, ignore=_empty_folders)
    elif source.exists():
        shutil.copyfile(source, target)


def _empty_folders(folder: str, names: list[str]) -> list[str]:
    paths = [Path(folder, name) for name in names]
    return [path.name for path in paths if path.is_dir() and not any(path.iterdir())]


def _backup_sqlite(source: Path, target: Path) -> None:
    with contextlib.closing(sqlite3.connect(source)) as live, contextlib.closing(sqlite3.connect(target)) as copy:
        live.backup(copy)


def main(arguments: list[str] | None = None) -> int:
    """Answer the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.lab.evidence", description="Replay one scenario.")
    parser.add_argument("scenario", nargs="?", choices=sorted(SCENARIOS), metavar="SCENARIO")
    parser.add_argument("outdir", nargs="?", type=Path, metavar="OUTDIR")
    parser.add_argument("--asterisk", type=int, choices=MAJORS, default=16)
    parser.add_argument("--no-security-log", action="store_true", help="drop the SECURITY level from logger.conf")
    parser.add_argument("--phones", type=int, default=ALL_PHONES, help="how many desk phones (default %(default)s)")
    parser.add_argument("--pace", choices=PACES, help="how fast (default: leisurely with many phones, else brisk)")
    parser.add_argument("--list", action="store_true", help="list the scenarios")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        for scenario in SCENARIOS.values():
            print(f"{scenario.name:28} {(scenario.play.__doc__ or '').splitlines()[0]}")
        return 0
    if chosen.scenario is None or chosen.outdir is None:
        parser.error("SCENARIO and OUTDIR are needed (or --list)")
    if reason := rootfs.why_not():
        print(reason, file=sys.stderr)
        return 3
    # A terminated run must unwind too, or its namespaces and mounts would stay.
    signal.signal(signal.SIGTERM, lambda _signal, _frame: sys.exit(3))
    started = time.monotonic()
    try:
        produce(
            SCENARIOS[chosen.scenario],
            chosen.outdir,
            asterisk=chosen.asterisk,
            security_log=not chosen.no_security_log,
            phone_count=chosen.phones,
            pace=PACES.get(chosen.pace),
        )
    except LabError as error:
        print(f"the lab failed: {error}", file=sys.stderr)
        return 3
    print(f"{chosen.outdir / 'evidence'} and {chosen.outdir / 'truth.json'}: {time.monotonic() - started:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
