"""The three numbers follow the evidence: change an input and the number changes; without evidence there is none."""

from dataclasses import replace

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Verdict
from ringfence.model.incident import CallLoss
from ringfence.model.report import Coverage, Report
from ringfence.render.figures import figures
from tests.render import sample


def values(report: Report) -> list[str]:
    """Give the three numbers."""
    return [figure.value for figure in figures(report)]


def meaning(report: Report, which: int) -> str:
    """Give the words beside one of them."""
    return " ".join(figures(report)[which].meaning)


def test_the_hijacked_school_in_three_numbers() -> None:
    assert values(sample.hijacked()) == ["4", "14", "15"]


def test_a_clean_site_has_zeros_that_say_what_they_rest_on() -> None:
    assert values(sample.clean()) == ["0", "0", "0"]
    assert "7 services checked" in meaning(sample.clean(), 0)
    assert "22 Nov 2026 to 24 Nov 2026" in meaning(sample.clean(), 1)


def test_no_evidence_is_never_a_zero() -> None:
    assert values(sample.incomplete()) == ["?", "?", "?"]
    assert values(sample.undecided()) == ["?", "?", "?"]
    assert "2 services of 3 could not be decided" in meaning(sample.undecided(), 0)


def test_an_unfinished_answer_counts_at_least() -> None:
    assert values(replace(sample.hijacked(), complete=False)) == ["4+", "14+", "15+"]
    assert values(replace(sample.clean(), complete=False)) == ["?", "?", "?"]


def test_doors_follow_the_exposures() -> None:
    report = sample.hijacked()
    fewer = tuple(exposure for exposure in report.exposures if exposure.listener is not sample.HTTP)
    assert values(replace(report, exposures=fewer))[0] == "3"
    more = (*report.exposures, sample.exposure("internet", sample.SSH, Verdict.REACHABLE))
    assert values(replace(report, exposures=more))[0] == "5"
    only_inside = tuple(exposure for exposure in report.exposures if exposure.vantage != "internet")
    assert values(replace(report, exposures=only_inside))[0] == "?"


def test_a_door_for_a_few_addresses_counts_and_says_for_whom() -> None:
    provider = AddressSet.of("203.0.113.20")
    exposure = sample.exposure("internet", sample.PJSIP, Verdict.REACHABLE, sources=provider)
    report = replace(sample.clean(), exposures=(exposure,))
    assert values(report)[0] == "1"
    assert figures(report)[0].noun == "door open to the Internet"
    assert "SIP (PJSIP) (udp/5060) only for 203.0.113.20." in meaning(report, 0)


def test_secrets_follow_incidents_and_leaks_without_counting_one_twice() -> None:
    report = sample.hijacked()
    assert meaning(report, 1) == (
        "6 used by strangers: 2001, 2009, 2010, 2013, 2018 and 2023. 3 read by strangers: 2002, 2004 and 2024. "
        "5 lay open to them: 2003, 2005, 2006, 2007 and 2008."
    )
    twice = replace(report.leaked[0], account="2001")
    assert values(replace(report, leaked=(*report.leaked, twice)))[1] == "14"
    assert values(replace(report, leaked=report.leaked[1:]))[1] == "13"
    assert values(replace(report, incidents=()))[1:] == ["8", "0"]


def with_calls(calls: CallLoss) -> Report:
    """Give the hijacked school with other calls."""
    report = sample.hijacked()
    return replace(report, incidents=(replace(report.incidents[0], calls=calls),))


def test_calls_and_money_follow_the_incidents() -> None:
    report = sample.hijacked()
    assert meaning(report, 2) == "3 h 13 min in all, to Maldives, Latvia and Somalia. EUR 412.50 lost."
    doubled = replace(report, incidents=report.incidents * 2)
    assert values(doubled)[2] == "30"
    assert "EUR 825.00 lost." in meaning(doubled, 2)
    assert "6 h 26 min" in meaning(doubled, 2)


def test_a_cost_that_is_not_known_is_not_nothing() -> None:
    assert "cost is not known" in meaning(with_calls(CallLoss(count=3, seconds=60)), 2)
    calls = sample.incident().calls
    partly = (*calls.destinations, replace(calls.destinations[0], name="satellite", cost=None))
    assert "At least EUR 412.50 lost" in meaning(with_calls(replace(calls, destinations=partly)), 2)


def test_two_currencies_are_not_added_up() -> None:
    report = sample.hijacked()
    dollars = replace(report.incidents[0], calls=CallLoss(count=1, seconds=60, cost=2.0, currency="USD"))
    assert "EUR 412.50 and USD 2.00 lost." in meaning(replace(report, incidents=(*report.incidents, dollars)), 2)


def test_one_is_singular() -> None:
    one = with_calls(CallLoss(count=1, seconds=61, cost=1.0, currency="EUR"))
    assert figures(one)[2].noun == "call by strangers"
    leak = replace(sample.clean(), leaked=sample.hijacked().leaked[:1])
    assert figures(leak)[1].noun == "secret to treat as stolen"


def test_a_day_is_named_once() -> None:
    coverage = Coverage(first_at=sample.at(0), last_at=sample.at(60))
    assert "The logs of 23 Nov 2026 show" in meaning(replace(sample.clean(), coverage=coverage), 2)
