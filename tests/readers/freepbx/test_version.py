import pytest
from hypothesis import given, settings

from ringfence.model.site import Versions
from ringfence.readers.freepbx import version
from tests.memory import MemoryArtifacts
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, evidence

BUILT = "Asterisk 16.28.0~dfsg-0+deb11u4 built by nobody @ buildd.debian.org on a unknown running Linux on 2024-01-04\n"


def test_the_running_system_comes_before_the_user_agent() -> None:
    facts = version.read(
        MemoryArtifacts(
            {
                "commands/core-show-version.txt": BUILT,
                "commands/fwconsole-ma-list.txt": "| Module |\n| framework        | 14.0.13.4  | Enabled | GPLv2+  |\n",
                "etc/asterisk/sip.conf": "[general]\nuseragent=FPBX-13.0.1(13.1.0)\n",
            }
        )
    ).facts
    assert (facts.asterisk, facts.freepbx) == ("16.28.0", "14.0.13.4")
    assert facts.freepbx_citation is not None
    assert facts.freepbx_citation.line == 2


@pytest.mark.parametrize(
    ("name", "text", "asterisk", "freepbx"),
    [
        ("etc/asterisk/sip.conf", "[general]\nuseragent=FPBX-14.0.13.4(16.28.0)\n", "16.28.0", "14.0.13.4"),
        ("etc/asterisk/pjsip.conf", "[global]\ntype=global\nuser_agent=FPBX-17.0.19(22.10.0)\n", "22.10.0", "17.0.19"),
        ("etc/asterisk/pjsip.conf", "[global]\ntype=global\nuser_agent=Desk phone 3\n", "", ""),
        ("etc/asterisk/sip.conf", "[1001]\nuseragent=FPBX-14.0.13.4(16.28.0)\n", "", ""),
        ("var/log/asterisk/full", f"[2026-11-23 14:04:55] {BUILT}", "16.28.0", ""),
        ("var/log/asterisk/full", f"[2026-11-23 14:04:55] VERBOSE[1] x.c: {BUILT}", "", ""),
        ("var/log/asterisk/full", f"[2026-11-23 14:04:55] NOTICE[1] x.c: y\n[2026-11-23 14:04:56] {BUILT}", "", ""),
        ("commands/core-show-version.txt", "Asterisk certified/16.8-cert14 built by x @ y\n", "16.8-cert14", ""),
        ("commands/core-show-version.txt", "Unable to connect to remote asterisk\n", "", ""),
    ],
)
def test_each_place_that_names_a_version(name: str, text: str, asterisk: str, freepbx: str) -> None:
    facts = version.read(MemoryArtifacts({name: text})).facts
    assert (facts.asterisk, facts.freepbx) == (asterisk, freepbx)
    assert (facts.asterisk_citation is not None, facts.freepbx_citation is not None) == (bool(asterisk), bool(freepbx))


def test_nothing_says_nothing() -> None:
    assert version.read(MemoryArtifacts({})).facts == Versions()


def test_real_systems() -> None:
    real = version.read(evidence(REAL, "etc/asterisk", "commands")).facts
    incident = version.read(evidence(INCIDENT, "etc/asterisk", "var/log/asterisk")).facts
    assert (real.asterisk, real.freepbx) == ("16.28.0", "14.0.13.4")
    assert (incident.asterisk, incident.freepbx) == ("16.28.0", "14.0.16.11")


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    names = ("commands/core-show-version.txt", "commands/fwconsole-ma-list.txt", "var/log/asterisk/full")
    files = dict.fromkeys((*names, "etc/asterisk/sip.conf", "etc/asterisk/pjsip.conf"), content)
    version.read(MemoryArtifacts(files))
