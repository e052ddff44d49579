from dataclasses import replace
from ipaddress import ip_network

import pytest

from ringfence.checks.trunks import trunk_counts_as_internal, trunk_matches_strangers, trunk_taken_by_name
from ringfence.model.finding import Severity
from ringfence.model.site import Driver, Site, Trunk
from tests.checks.sites import PJSIP, at, clean_site, exposure, fired


def site(*matched: str, context: str = "from-pstn", by_name: bool = False) -> Site:
    trunk = Trunk(
        name="itsp",
        driver=Driver.PJSIP,
        matched=tuple(ip_network(text) for text in matched),
        context=context,
        by_name=by_name,
        citation=at(20, "etc/asterisk/pjsip.endpoint.conf"),
    )
    return replace(clean_site(), trunks=(trunk,))


@pytest.mark.parametrize("wide", ["0.0.0.0/0", "203.0.0.0/16", "198.51.0.0/19"])
def test_a_trunk_that_matches_a_wide_range(wide: str) -> None:
    (found,) = fired(trunk_matches_strangers, site(wide, "198.51.100.20/32"))
    assert (found.id, found.severity) == ("trunk-matches-strangers/itsp", Severity.HIGH)
    assert found.evidence[0].text == f"[itsp] match={wide}"


@pytest.mark.parametrize("narrow", ["198.51.100.20/32", "203.0.112.0/20", "10.0.0.0/8"])
def test_a_trunk_that_matches_its_provider_or_the_house(narrow: str) -> None:
    assert fired(trunk_matches_strangers, site(narrow)) == ()


def test_a_trunk_in_the_context_of_extensions() -> None:
    (found,) = fired(trunk_counts_as_internal, site(context="from-internal"))
    assert (found.id, found.severity) == ("trunk-counts-as-internal/itsp", Severity.HIGH)
    assert fired(trunk_counts_as_internal, site(context="from-pstn")) == ()


def test_a_trunk_that_a_name_is_enough_for() -> None:
    (found,) = fired(trunk_taken_by_name, site(by_name=True), (exposure(PJSIP),))
    assert (found.id, found.severity) == ("trunk-taken-by-name/itsp", Severity.MEDIUM)
    (internal,) = fired(trunk_taken_by_name, site(by_name=True, context="from-internal"))
    assert internal.severity is Severity.HIGH
    (shut,) = fired(trunk_taken_by_name, site(by_name=True))
    assert shut.severity is Severity.LOW
    assert "the Internet does not reach it" in shut.claim
    assert fired(trunk_taken_by_name, site(by_name=False)) == ()
