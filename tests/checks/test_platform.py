from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from ringfence.checks.platform import asterisk_end_of_life, newest_day
from ringfence.events.schema import Events, LogSource
from ringfence.model.finding import Severity
from ringfence.model.site import Site, Versions
from tests.checks.sites import clean_site, fired


def running(version: str) -> Site:
    return replace(clean_site(), versions=replace(clean_site().versions, asterisk=version))


def logged(day: datetime) -> Events:
    return Events(sources=(LogSource(file="full", kind="asterisk", lines=1, understood=1, last_at=day),))


@pytest.mark.parametrize(
    "version", ["13.38.3", "16.28.0~dfsg-0+deb11u4", "Asterisk 18.26.4", "11.25.3", "1.8.32.3", "17.9.4"]
)
def test_a_version_without_fixes(version: str) -> None:
    (found,) = fired(asterisk_end_of_life, running(version))
    assert found.severity is Severity.MEDIUM
    assert str(found.evidence[0].citation) == "commands/core-show-version.txt:1"


@pytest.mark.parametrize(
    "version", ["20.11.0", "22.5.1", "23.0.0", "24.0.0", "19.8.0", "certified/18.9-cert4", "GIT-master-1", ""]
)
def test_a_version_with_fixes_or_one_that_nothing_is_known_of(version: str) -> None:
    assert fired(asterisk_end_of_life, running(version)) == ()


def test_the_day_comes_from_the_evidence_and_never_from_a_clock() -> None:
    before, after = datetime(2026, 10, 17, tzinfo=UTC), datetime(2026, 10, 19, tzinfo=UTC)
    assert fired(asterisk_end_of_life, running("21.4.0"), events=logged(before)) == ()
    assert len(fired(asterisk_end_of_life, running("21.4.0"), events=logged(after))) == 1
    assert fired(asterisk_end_of_life, running("21.4.0"), events=Events()) == ()
    assert newest_day(logged(datetime(1970, 1, 1, tzinfo=UTC))) == date(2026, 8, 1)


def test_a_short_lived_version_is_judged_by_the_next_long_lived_one() -> None:
    (found,) = fired(asterisk_end_of_life, running("17.9.4"))
    assert "before 2025-10-20" in found.claim


def test_old_extensions_have_to_be_converted_first() -> None:
    (found,) = fired(asterisk_end_of_life, running("16.28.0"))
    assert any("1001" in remedy.text for remedy in found.remedies)
    (without,) = fired(asterisk_end_of_life, Site(versions=Versions(asterisk="16.28.0")))
    assert len(without.remedies) == 1
    assert without.evidence == ()
