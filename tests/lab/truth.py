"""What really happened in a scenario, in the words that the judge reads."""

import csv
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any, Literal

from tests.lab import topology
from tests.lab.config import TIMEZONE
from tests.lab.school import School

Cause = Literal["provisioning-leak", "guessed", "secret-known"]
Method = Literal["registered", "invite-only"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Theft:
    """How one account was used by a stranger; ``addresses`` as the PBX could see them."""

    cause: Cause
    addresses: tuple[str, ...]
    method: Method


@dataclass(slots=True, kw_only=True)
class Truth:
    """The record that a scenario fills in while it plays.

    ``hostile_addresses`` are as the PBX could see them; ``sources_hidden`` says that the edge hid the true ones.
    ``simultaneous_calls`` counts, for each stolen account, the owner's calls that began within two seconds of a
    thief's: logs that count whole seconds cannot tell those apart. ``exposed_to_internet`` leaves out what only the
    provider can reach.
    """

    scenario: str
    asterisk: int
    security_log: bool
    exposed_to_internet: dict[str, bool]
    compromised: dict[str, Theft] = field(default_factory=dict)
    hostile_addresses: set[str] = field(default_factory=set)
    benign_external: dict[str, list[str]] = field(default_factory=dict)
    benign: dict[str, str] = field(default_factory=dict)
    leaked_not_used: list[str] = field(default_factory=list)
    fraud_calls: list[tuple[str, str, str]] = field(default_factory=list)
    guest_calls: list[tuple[str, str]] = field(default_factory=list)
    sources_hidden: bool = False
    simultaneous_calls: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the record as it is written to ``truth.json``."""
        plain = asdict(self)
        plain["hostile_addresses"] = sorted(self.hostile_addresses)
        return plain | {"timezone": TIMEZONE, "providers": [topology.PROVIDER]}


def unwritten(scenario: str, school: School) -> Truth:
    """Return the record of a scenario in which nothing has happened yet, the edge open as the school's was."""
    return Truth(
        scenario=scenario,
        asterisk=school.asterisk,
        security_log=school.security_log,
        exposed_to_internet={
            "tftp": True,
            "chan_sip": school.asterisk < 21,
            "pjsip": True,
            "http": True,
            "iax2": False,
            "ami": False,
            "ssh": False,
        },
    )


_ONE_MOMENT = timedelta(seconds=2)


def simultaneous_calls(master_csv: Iterable[str], record: Truth) -> dict[str, int]:
    """Count the owners' calls that no log can tell from a thief's, from the rows of Master.csv."""
    stolen = {(account, number) for account, _, number in record.fraud_calls}
    theirs: dict[str, list[datetime]] = {account: [] for account in record.compromised}
    owners: dict[str, list[datetime]] = {account: [] for account in record.compromised}
    for row in csv.reader(master_csv):
        # SIP/1004-0000001a, PJSIP/2004-00000016
        channel = re.match(r"(?:PJ)?SIP/(\d+)-", row[5])
        if channel and channel[1] in theirs:
            side = theirs if (channel[1], row[2]) in stolen else owners
            side[channel[1]].append(datetime.fromisoformat(row[9]))
    return {
        account: sum(any(abs(at - theft) <= _ONE_MOMENT for theft in theirs[account]) for at in times)
        for account, times in owners.items()
    }
