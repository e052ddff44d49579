import pytest

from ringfence.checks.check import Check
from ringfence.checks.exposure import (
    blocked_on_paper_but_reached,
    iax2_reachable_from_internet,
    management_reachable_from_internet,
    sip_reachable_from_internet,
    web_reachable_from_internet,
)
from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Basis, Verdict
from ringfence.model.finding import Severity
from ringfence.model.site import Listener, ServiceName, Site
from tests.checks.sites import ATTACKER, CHAN_SIP, PJSIP, PROVIDER, TFTP, exposure, fired, listener

IAX2 = listener(ServiceName.IAX2, 4569)
HTTP = listener(ServiceName.HTTP, 80, "tcp")
HTTPS = listener(ServiceName.HTTPS, 443, "tcp")
PROVISIONING = listener(ServiceName.PROVISIONING, 84, "tcp")
AMI = listener(ServiceName.AMI, 5038, "tcp")
ARI = listener(ServiceName.ASTERISK_HTTP, 8088, "tcp")
DATABASE = listener(ServiceName.DATABASE, 3306, "tcp")
SSH = listener(ServiceName.SSH, 22, "tcp")
DOORS = [
    (sip_reachable_from_internet, CHAN_SIP, Severity.HIGH),
    (sip_reachable_from_internet, PJSIP, Severity.HIGH),
    (iax2_reachable_from_internet, IAX2, Severity.HIGH),
    (web_reachable_from_internet, HTTP, Severity.HIGH),
    (web_reachable_from_internet, HTTPS, Severity.HIGH),
    (web_reachable_from_internet, PROVISIONING, Severity.HIGH),
    (management_reachable_from_internet, AMI, Severity.CRITICAL),
    (management_reachable_from_internet, DATABASE, Severity.CRITICAL),
    (management_reachable_from_internet, ARI, Severity.HIGH),
    (management_reachable_from_internet, SSH, Severity.MEDIUM),
]
PORTS = [(rule, target) for rule, target, _ in DOORS]


@pytest.mark.parametrize(("rule", "target", "severity"), DOORS)
def test_an_open_port_fires_with_its_proof(rule: Check, target: Listener, severity: Severity) -> None:
    (found,) = fired(rule, exposures=(exposure(target),))
    assert (found.subject, found.severity) == (f"{target.transport}/{target.port}", severity)
    assert str(found.evidence[0].citation) == "edge/iptables-save.txt:5"
    assert found.remedies


@pytest.mark.parametrize(("rule", "target"), PORTS)
def test_the_same_port_open_to_the_provider_only_does_not(rule: Check, target: Listener) -> None:
    assert fired(rule, exposures=(exposure(target, sources=AddressSet.of(PROVIDER)),)) == ()


@pytest.mark.parametrize(("rule", "target"), PORTS)
def test_a_port_open_to_some_strangers_is_medium_and_says_so(rule: Check, target: Listener) -> None:
    (found,) = fired(rule, exposures=(exposure(target, sources=AddressSet.of("203.0.113.0/28")),))
    assert found.severity is Severity.MEDIUM
    assert "203.0.113.0/28" in found.claim
    assert "not the whole Internet" in found.claim


@pytest.mark.parametrize(("rule", "target"), PORTS)
def test_unknown_is_not_open(rule: Check, target: Listener) -> None:
    assert fired(rule, exposures=(exposure(target, verdict=Verdict.UNKNOWN),)) == ()


def test_both_sip_drivers_are_two_doors() -> None:
    found = fired(sip_reachable_from_internet, exposures=(exposure(CHAN_SIP), exposure(PJSIP)))
    assert {each.subject for each in found} == {"udp/5160", "udp/5060"}


def test_closing_sip_says_first_who_must_still_get_in() -> None:
    (found,) = fired(sip_reachable_from_internet, exposures=(exposure(PJSIP),))
    assert found.remedies[0].text == (
        "First, so that nobody is cut off, forward udp/5060 for 198.51.100.20, 198.51.100.200 only."
    )
    (unknown,) = fired(sip_reachable_from_internet, Site(), (exposure(PJSIP),))
    assert "find out the addresses" in unknown.remedies[0].text


@pytest.mark.parametrize("basis", [Basis.OBSERVED, Basis.USED])
def test_packets_outweigh_rules(basis: Basis) -> None:
    seen = exposure(TFTP, sources=AddressSet.of(ATTACKER), basis=basis)
    (found,) = fired(blocked_on_paper_but_reached, exposures=(exposure(TFTP, verdict=Verdict.BLOCKED), seen))
    assert (found.subject, found.severity) == ("internet:udp/69", Severity.HIGH)
    assert basis.value in found.claim


def test_where_the_rules_agree_or_say_nothing_there_is_no_contradiction() -> None:
    seen = exposure(TFTP, sources=AddressSet.of(ATTACKER), basis=Basis.OBSERVED)
    assert fired(blocked_on_paper_but_reached, exposures=(exposure(TFTP), seen)) == ()
    assert fired(blocked_on_paper_but_reached, exposures=(seen,)) == ()
    assert fired(blocked_on_paper_but_reached, exposures=(exposure(TFTP, verdict=Verdict.UNKNOWN), seen)) == ()
    elsewhere = exposure(TFTP, "office", verdict=Verdict.BLOCKED)
    assert fired(blocked_on_paper_but_reached, exposures=(elsewhere, seen)) == ()
