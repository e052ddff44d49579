from hypothesis import given, settings

from ringfence.model.site import Driver
from ringfence.readers.asterisk import pbx
from ringfence.readers.asterisk.pbx import PbxConfiguration
from tests.memory import MemoryArtifacts
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, etc, evidence


def test_nothing_is_unknown_and_not_empty() -> None:
    assert pbx.read(MemoryArtifacts({})).facts == PbxConfiguration()
    assert pbx.read(etc(sip="")).facts.accounts == ()


def test_both_drivers_may_have_an_account_of_one_name() -> None:
    facts = pbx.read(
        etc(sip="[1001]\ntype=friend\nhost=dynamic\n", pjsip="[1001]\ntype=endpoint\ncontext=from-internal\n")
    ).facts
    assert facts.accounts is not None
    assert [(account.name, account.driver) for account in facts.accounts] == [
        ("1001", Driver.CHAN_SIP),
        ("1001", Driver.PJSIP),
    ]


def test_what_is_kept_elsewhere_is_told() -> None:
    problems = pbx.read(
        etc(extconfig="[settings]\nsippeers => odbc,asterisk\n;ps_auths => odbc\n", pjsip_wizard="[x]\ntype=wizard\n")
    ).problems
    assert [problem.citation.file for problem in problems] == [
        "etc/asterisk/extconfig.conf",
        "etc/asterisk/pjsip_wizard.conf",
    ]


def test_a_real_freepbx_14_is_read_whole_and_shows_no_secret() -> None:
    artifacts = evidence(REAL, "etc/asterisk")
    reading = pbx.read(artifacts)
    facts = reading.facts
    assert reading.problems == ()
    assert facts.accounts is not None
    assert facts.trunks is not None
    assert (len(facts.accounts), len(facts.trunks), len(facts.sip)) == (20, 2, 3)
    assert None not in (
        facts.manager,
        facts.http,
        facts.log_files,
        facts.dialplan,
        facts.voicemail,
        facts.cdr,
        facts.rtp,
    )
    shown = repr(reading)
    secrets = {account.secret.reveal() for account in facts.accounts if account.secret}
    assert not [secret for secret in secrets if len(secret) > 6 and secret in shown]
    assert "64ade70c6473b390f1174d4be87c8d96" not in shown  # AMPDBPASS, a global variable of the dialplan


def test_a_real_incident_lacks_some_files_and_says_so_with_none() -> None:
    facts = pbx.read(evidence(INCIDENT, "etc/asterisk")).facts
    assert facts.accounts is not None
    assert len(facts.accounts) == 24
    assert (facts.http, facts.voicemail, facts.rtp) == (None, None, None)


@settings(max_examples=1000)
@given(HOSTILE, HOSTILE)
def test_no_content_is_too_odd(one: bytes, other: bytes) -> None:
    pbx.read(etc(sip=one, pjsip=other, extconfig=one, acl=other, modules=b"[modules]\nautoload=yes\n" + one))
