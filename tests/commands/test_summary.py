from dataclasses import replace
from datetime import UTC, datetime
from ipaddress import ip_address

import pytest

from ringfence.commands.summary import Conclusions, next_hour, verdict_sentence
from ringfence.events.schema import Events, LogSource
from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Basis, Exposure, Hop, Outside, Verdict
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.incident import CallLoss, Cause, Confidence, Incident, LeakedSecret
from ringfence.model.site import Driver, Listener, LiveContact, ServiceName

AT = datetime(2026, 11, 23, 19, 7, tzinfo=UTC)
HERE = Citation(file="commands/ss.txt", line=2)
LOGS = Events(sources=(LogSource(file="var/log/asterisk/full", kind="asterisk", lines=9, understood=9),))


def door(service: ServiceName, port: int, verdict: Verdict = Verdict.REACHABLE) -> Exposure:
    rule = Hop(text="udp dport 69 dnat to 10.20.0.10", citation=Citation(file="edge/nft-ruleset.txt", line=4))
    return Exposure(
        id=f"internet/{service}/udp/{port}",
        vantage="internet",
        listener=Listener(service=service, transport="udp", address=None, port=port, citation=HERE),
        outside=Outside(address=ip_address("203.0.113.1"), port=port),
        verdict=verdict,
        basis=Basis.PREDICTED,
        sources=AddressSet.everything(),
        claim="",
        proof=(Hop(text="in.tftpd listens", citation=HERE), rule),
    )


def incident(cause: Cause, *accounts: str, calls: int = 2) -> Incident:
    return Incident(
        id=f"{cause}/x",
        cause=cause,
        confidence=Confidence.PROVEN,
        claim="",
        rivals=(),
        accounts=accounts,
        addresses=(),
        first_at=AT,
        last_at=AT,
        calls=CallLoss(count=calls, seconds=60),
    )


def conclusions(
    *incidents: Incident,
    exposures: tuple[Exposure, ...] = (),
    leaked: tuple[LeakedSecret, ...] = (),
    findings: tuple[Finding, ...] = (),
    events: Events = LOGS,
) -> Conclusions:
    return Conclusions(exposures=exposures, findings=findings, incidents=incidents, leaked=leaked, events=events)


LEAK = LeakedSecret(account="2005", file="x.cfg", address=None, at=AT, citation=HERE, certain=True)
TFTP = door(ServiceName.TFTP, 69)


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (
            conclusions(incident(Cause.PROVISIONING_LEAK, "2001", "2002"), exposures=(TFTP,)),
            (
                "Two extensions were used by strangers on 23 November 2026: their secrets had been read from the "
                "phones' configuration files. TFTP (the phones' files) is still open to the Internet."
            ),
        ),
        (
            conclusions(incident(Cause.GUESSED, "2001"), incident(Cause.SECRET_KNOWN, "2002"), exposures=()),
            (
                "Two extensions were used by strangers on 23 November 2026: 2001: its secret was guessed; 2002: "
                "its secret was known at first contact; how, the evidence does not say. "
                "The evidence does not show which services listen, so what is open cannot be told."
            ),
        ),
        (
            conclusions(incident(Cause.GUEST_CALLS), exposures=(door(ServiceName.TFTP, 69, Verdict.BLOCKED),)),
            (
                "Two calls left the PBX without any account, as a guest's. "
                "No service can be reached from the Internet, as far as the evidence shows."
            ),
        ),
        (
            conclusions(leaked=(LEAK,), exposures=(TFTP,)),
            (
                "No account is known to have been misused, but strangers read one secret from the phones' files. "
                "TFTP (the phones' files) is open to the Internet."
            ),
        ),
        (
            conclusions(exposures=(TFTP, door(ServiceName.PJSIP, 5060))),
            "No misuse was found in the logs. TFTP (the phones' files) and SIP (PJSIP) are open to the Internet.",
        ),
        (
            conclusions(exposures=(door(ServiceName.TFTP, 69, Verdict.UNKNOWN),)),
            (
                "No misuse was found in the logs. "
                "Whether one service can be reached from the Internet could not be decided."
            ),
        ),
        (
            conclusions(events=Events()),
            (
                "The evidence holds no Asterisk log, so whether anybody misused the system cannot be told. "
                "The evidence does not show which services listen, so what is open cannot be told."
            ),
        ),
    ],
)
def test_the_verdict_answers_and_never_calls_silence_safe(found: Conclusions, sentence: str) -> None:
    assert verdict_sentence(found) == sentence


def test_one_service_behind_two_forwards_is_one_door() -> None:
    assert len(conclusions(exposures=(TFTP, TFTP)).doors(Verdict.REACHABLE)) == 1


def test_the_next_hour_keeps_evidence_closes_doors_then_changes_secrets() -> None:
    found = conclusions(
        incident(Cause.PROVISIONING_LEAK, "2001"), exposures=(door(ServiceName.PJSIP, 5060), TFTP), leaked=(LEAK,)
    )
    steps = [remedy.text for remedy in next_hour(found, "evidence.tar.gz")]
    assert [text.split()[0] for text in steps] == ["Keep", "At", "At", "On", "On", "Give", "Call"]
    assert "remove the forward of udp/69" in steps[1]
    assert "edge/nft-ruleset.txt:4" in steps[1]
    assert "only your SIP provider" in steps[2]
    assert "extensions 2001 and 2005" in steps[5], "what was read is burnt like what was used"
    assert not any("Keep the evidence" in remedy.text for remedy in next_hour(found, "local"))


def test_strangers_who_are_registered_now_are_thrown_out() -> None:
    taken = replace(incident(Cause.GUESSED, "2001"), addresses=(ip_address("203.0.113.66"),))
    contacts = tuple(
        LiveContact(account="2001", driver=Driver.CHAN_SIP, address=ip_address(address), port=5060, citation=HERE)
        for address in ("203.0.113.66", "10.20.8.11")
    )
    found = replace(conclusions(taken), contacts=contacts)
    assert [str(contact.address) for contact in found.strangers_registered()] == ["203.0.113.66"]
    commands = [remedy.command for remedy in next_hour(found, "x")]
    assert 'asterisk -rx "sip unregister 2001"' in commands


def test_a_quiet_site_has_no_next_hour_and_a_critical_finding_makes_one() -> None:
    assert next_hour(conclusions(), "x") == ()
    remedy = Remedy(text="Set a secret.")
    finding = Finding(
        id="a/b", check="a", severity=Severity.CRITICAL, subject="b", claim="", evidence=(), remedies=(remedy,)
    )
    assert next_hour(conclusions(findings=(finding,)), "x") == (remedy,)
