"""Logins to FreePBX."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.events.schema import AnomalyKind
from ringfence.readers.logs.freepbx_security import read_freepbx_security_log
from tests.memory import MemoryArtifacts
from tests.readers.logs.lines import FORGED, TRUE, read
from tests.shared_data import shared

LOG = "var/log/asterisk/freepbx_security.log"
FORMS = [
    "[2026-11-23 14:09:18] {}\n",
    "[2026-11-23 14:09:18] [freepbx_security.NOTICE]: {} [] []\n",
]


@pytest.mark.parametrize("form", FORMS)
def test_both_forms(form: str) -> None:
    failed = form.format(f"Authentication failure for admin from {TRUE}")
    succeeded = form.format(f"Authentication successful for 1001 from {TRUE}")
    events = read(
        {LOG: failed + succeeded + form.format("Possible proxy detected, forwarded headers foradmin set to 1.2.3.4")}
    )
    assert [(row.user, str(row.address), row.succeeded, row.service) for row in events.logins] == [
        ("admin", TRUE, False, "web"),
        ("1001", TRUE, True, "web"),
    ]
    assert events.sources[0].understood == 3


@pytest.mark.parametrize("form", FORMS)
def test_a_user_name_is_never_taken_for_an_address(form: str) -> None:
    events = read({LOG: form.format(f"Authentication failure for x from {FORGED} from {TRUE}")})
    assert [str(row.address) for row in events.logins] == [TRUE]
    assert [row.kind for row in events.anomalies] == [AnomalyKind.FORGED_LINE]


def test_the_log_of_a_real_freepbx() -> None:
    events = read({LOG: shared("data/freepbx14/evidence/var/log/asterisk/freepbx_security.log").read_bytes()})
    assert [(row.user, str(row.address), row.succeeded) for row in events.logins] == [
        ("admin", "203.0.113.66", False),
        ("root", "203.0.113.66", False),
        ("itadmin", "203.0.113.66", False),
    ]


@settings(max_examples=1000)
@given(st.sampled_from(FORMS), st.binary())
def test_any_bytes_are_read_without_raising(form: str, raw: bytes) -> None:
    text = form.format("Authentication failure for @ from 1.2.3.4").encode().replace(b"@", raw)
    read_freepbx_security_log(MemoryArtifacts({"f": raw + b"\n" + text}), "f")
