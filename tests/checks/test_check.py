from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from ringfence.checks.check import MOST_CHARACTERS, MOST_EXCERPTS, check, excerpt, finding, named_account, printable
from ringfence.events.schema import Events
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.site import Driver, Site
from tests.checks.sites import account, at


@check(severity=Severity.LOW)
def kettle_left_on(_site: Site, _exposures: tuple[Exposure, ...], _events: Events) -> Iterator[Finding]:
    """The kettle is on.

    ## Severity

    Low.
    """
    yield finding(kettle_left_on, subject="kitchen", claim="The kettle in the kitchen is on.")


def test_a_check_takes_its_name_and_page_from_the_function() -> None:
    assert kettle_left_on.name == "kettle-left-on"
    assert kettle_left_on.page == "The kettle is on.\n\n## Severity\n\nLow."
    (found,) = kettle_left_on.run(Site(), (), Events())
    assert (found.id, found.check, found.severity) == ("kettle-left-on/kitchen", "kettle-left-on", Severity.LOW)


def test_a_finding_may_be_worse_than_its_check() -> None:
    found = finding(kettle_left_on, subject="attic", claim="It is on and empty.", severity=Severity.HIGH)
    assert found.severity is Severity.HIGH


def test_evidence_and_remedies_are_said_once_and_evidence_is_bounded() -> None:
    lines = [excerpt(at(number // 2), "on") for number in range(1000)]
    remedy = Remedy(text="Switch it off.")
    found = finding(kettle_left_on, subject="attic", claim="On.", evidence=lines, remedies=(remedy, remedy))
    assert len(found.evidence) == MOST_EXCERPTS
    assert len(set(found.evidence)) == MOST_EXCERPTS
    assert found.remedies == (remedy,)


@given(st.text(st.characters(), max_size=600))
def test_quoted_text_never_moves_a_cursor_and_never_grows_long(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert len(shown) <= MOST_CHARACTERS
    assert printable(shown) == shown


def test_quoted_text_shows_what_a_sender_hid() -> None:
    assert printable("a\x1b[2Jb\u202ec\nd\udc80") == r"a\x1b[2Jb\u202ec\nd\udc80"


def test_an_account_is_named_with_its_driver_where_the_name_is_not_enough() -> None:
    sip, pjsip, other = account("1001"), account("1001", driver=Driver.PJSIP), account("1002")
    site = Site(accounts=(sip, pjsip, other))
    assert [named_account(site, each) for each in site.accounts] == ["1001 (chan_sip)", "1001 (pjsip)", "1002"]
