from dataclasses import replace

from ringfence.checks.phones import phones_reachable_from_internet
from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Verdict
from ringfence.model.finding import Severity
from ringfence.model.site import ServiceName
from tests.checks.sites import CHAN_SIP, FORWARD, PROVIDER, clean_site, edge, exposure, fired, listener, pbx

WEB = listener(ServiceName.PHONE_WEB, 80, "tcp", "10.40.0.21")


def test_a_phone_s_web_page_that_everybody_opens_is_found_with_what_closes_it() -> None:
    site = replace(clean_site(), hosts=(pbx(), edge(FORWARD)))
    (found,) = fired(phones_reachable_from_internet, site, (exposure(WEB),))
    assert (found.severity, found.subject) == (Severity.HIGH, "phones tcp/80")
    assert found.evidence[0].citation == FORWARD.citation
    assert found.remedies[0].command.startswith("iptables -t nat -D PREROUTING")
    assert "replace their accounts' secrets" in found.remedies[-1].text


def test_the_sip_port_of_a_phone_counts_too() -> None:
    phone = listener(ServiceName.PHONE_SIP, 5060, "udp", "10.40.0.21")
    (found,) = fired(phones_reachable_from_internet, clean_site(), (exposure(phone),))
    assert found.subject == "phones udp/5060"


def test_a_page_that_few_strangers_open_is_less_urgent() -> None:
    few = exposure(WEB, sources=AddressSet.of("203.0.113.0/29"))
    (found,) = fired(phones_reachable_from_internet, clean_site(), (few,))
    assert found.severity is Severity.MEDIUM


def test_phones_that_only_the_house_or_the_provider_reaches_are_no_finding() -> None:
    friends = exposure(WEB, sources=AddressSet.of(str(PROVIDER)))
    inside = exposure(WEB, vantage="office")
    shut = exposure(WEB, verdict=Verdict.BLOCKED)
    unknown = exposure(WEB, verdict=Verdict.UNKNOWN)
    assert (
        fired(phones_reachable_from_internet, clean_site(), (friends, inside, shut, unknown, exposure(CHAN_SIP))) == ()
    )
