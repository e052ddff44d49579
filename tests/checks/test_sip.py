from dataclasses import replace

import pytest

from ringfence.checks.sip import extension_names_revealed, guests_allowed, guests_reach_trunk
from ringfence.model.finding import Severity
from ringfence.model.site import Context, Dialplan, Driver, Extension, SipSettings, Site
from tests.checks.sites import CHAN_SIP, at, clean_site, exposure, fired, pbx, sip


def context(name: str, *calls: tuple[str, str], pattern: str = "_X.", includes: tuple[str, ...] = ()) -> Context:
    place = at(50, "etc/asterisk/extensions.conf")
    steps = tuple((application, arguments, place) for application, arguments in calls)
    extension = Extension(
        pattern=pattern, steps=steps, priorities=tuple(range(1, len(steps) + 1)), labels=(), citation=place
    )
    return Context(name=name, extensions=(extension,) if steps else (), includes=includes, citation=place)


NOT_IN_SERVICE = context("guests", ("Answer", ""), ("Playback", "ss-noservice"), ("Hangup", ""))
DIALS_OUT = context("guests", ("Dial", "PJSIP/${EXTEN}@itsp,300"))
OPAQUE = context("guests", ("AGI", "decide.php"))


def site(plan: Context, *more: Context, settings: SipSettings | None = None) -> Site:
    kept = (sip(guests=True),) if settings is None else (settings,)
    return replace(clean_site(), sip=kept, dialplan=Dialplan(contexts=(plan, *more)))


def test_guests_who_reach_a_trunk_are_critical() -> None:
    (found,) = fired(guests_reach_trunk, site(DIALS_OUT))
    assert (found.id, found.severity) == ("guests-reach-trunk/chan_sip", Severity.CRITICAL)
    assert "guests" in found.claim
    assert "itsp" in found.claim
    assert str(found.evidence[-1].citation) == "etc/asterisk/extensions.conf:50"
    assert fired(guests_allowed, site(DIALS_OUT)) == ()


def test_guests_who_reach_it_through_an_included_context_do_too() -> None:
    outer = context("guests", includes=("outgoing",))
    (found,) = fired(guests_reach_trunk, site(outer, replace(DIALS_OUT, name="outgoing")))
    assert found.severity is Severity.CRITICAL


def test_guests_who_hear_an_announcement_are_only_allowed() -> None:
    assert fired(guests_reach_trunk, site(NOT_IN_SERVICE)) == ()
    (found,) = fired(guests_allowed, site(NOT_IN_SERVICE), (exposure(CHAN_SIP),))
    assert (found.id, found.severity) == ("guests-allowed/chan_sip", Severity.MEDIUM)
    assert "reaches no trunk" in found.claim
    (shut,) = fired(guests_allowed, site(NOT_IN_SERVICE))
    assert shut.severity is Severity.LOW
    assert "the Internet does not reach SIP" in shut.claim


def test_where_a_program_decides_it_is_not_called_safe() -> None:
    assert fired(guests_reach_trunk, site(OPAQUE)) == ()
    (found,) = fired(guests_allowed, site(OPAQUE))
    assert found.severity is Severity.HIGH
    assert "could not be decided" in found.claim


@pytest.mark.parametrize("driver", [Driver.CHAN_SIP, Driver.PJSIP])
def test_where_guests_are_refused_the_dialplan_does_not_matter(driver: Driver) -> None:
    refused = site(DIALS_OUT, settings=sip(driver, guests=False))
    assert fired(guests_reach_trunk, refused) == ()
    assert fired(guests_allowed, refused) == ()


def test_chan_sip_lets_guests_in_unless_told_not_to_and_pjsip_does_not() -> None:
    (found,) = fired(guests_reach_trunk, site(DIALS_OUT, settings=sip(guests=None)))
    assert "not set" in found.evidence[0].text
    assert fired(guests_reach_trunk, site(DIALS_OUT, settings=sip(Driver.PJSIP, guests=None))) == ()


def test_a_driver_that_does_not_run_lets_nobody_in() -> None:
    stopped = replace(site(DIALS_OUT), hosts=(pbx(listeners=()),))
    assert fired(guests_reach_trunk, stopped) == ()
    unknown = replace(site(DIALS_OUT), hosts=(pbx(listeners=None),))
    assert len(fired(guests_reach_trunk, unknown)) == 1


def test_a_file_that_names_no_context_means_default() -> None:
    (found,) = fired(
        guests_reach_trunk, site(replace(DIALS_OUT, name="default"), settings=sip(guests=True, context=""))
    )
    assert "context default" in found.claim


def test_extension_names_are_revealed_by_one_line() -> None:
    telling = replace(sip(), always_auth_reject=False)
    (found,) = fired(extension_names_revealed, replace(clean_site(), sip=(telling,)))
    assert (found.id, found.severity) == ("extension-names-revealed/chan_sip", Severity.LOW)
    for quiet in (replace(telling, always_auth_reject=None), replace(telling, always_auth_reject=True)):
        assert fired(extension_names_revealed, replace(clean_site(), sip=(quiet,))) == ()
