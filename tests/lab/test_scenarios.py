"""``check`` on the evidence of real attacks: every cause, account and source right, nobody innocent accused."""

import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.lab import evidence
from tests.lab.conftest import Run, Theatre
from tests.lab.judge import judge
from tests.lab.scenarios import SCENARIOS
from tests.lab.school import DID

ROOT = Path(__file__).resolve().parent.parent.parent

RUNS = (
    Run(scenario="provisioning-leak-internet", asterisk=16, phones=evidence.ALL_PHONES),
    *(Run(scenario=name, asterisk=major) for name in SCENARIOS for major in evidence.MAJORS),
    *(
        Run(scenario=name, asterisk=16, security_log=False)
        for name in (
            "provisioning-leak-internet",
            "guessed-fast",
            "guessed-slow",
            "secret-known",
            "invite-only",
            "guest-calls",
            "several-at-once",
        )
    ),
    *(
        Run(scenario=name, asterisk=22, security_log=False)
        for name in ("provisioning-leak-internet", "invite-only", "several-at-once")
    ),
)
every_run = pytest.mark.parametrize("run", RUNS, ids=str)
pytestmark = pytest.mark.lab


@every_run
def test_check_agrees_with_what_happened(run: Run, theatre: Theatre) -> None:
    folder = theatre.evidence_of(run)
    command = [sys.executable, "-m", "ringfence", "check", str(folder / "evidence"), "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in {0, 1}, done.stderr
    assert judge(json.loads(done.stdout), _truth(folder)) == []


@every_run
def test_evidence_holds_what_the_truth_tells(run: Run, theatre: Theatre) -> None:
    folder = theatre.evidence_of(run)
    truth = _truth(folder)
    logs = folder / "evidence/var/log"
    full = (logs / "asterisk/full").read_text(errors="replace")
    with (logs / "asterisk/cdr-csv/Master.csv").open(newline="") as file:
        calls = [(row[1], row[2]) for row in csv.reader(file)]
    strangers = [number for _, _, number in truth["fraud_calls"]] + [number for _, number in truth["guest_calls"]]
    dialled = [number for _, number in calls]
    assert [number for number in strangers if number not in dialled] == []
    assert len([caller for caller, _ in calls if caller == DID]) > len(strangers), "the phones dial out too"
    for account, theft in truth["compromised"].items():
        seen = [address for address in theft["addresses"] if _registered(full, account, address)]
        assert bool(seen) == (theft["method"] == "registered"), (account, theft)
    for address, accounts in truth["benign_external"].items():
        assert all(_registered(full, account, address) for account in accounts)
    security = (logs / "asterisk/fail2ban").read_text(errors="replace").count("SecurityEvent=")
    assert bool(security) == run.security_log


def _registered(full: str, account: str, address: str) -> bool:
    chan_sip = f"Registered SIP '{account}' at {address}:"
    return chan_sip in full or f"Added contact 'sip:{account}@{address}:" in full


def _truth(folder: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((folder / "truth.json").read_text())
    return loaded
