"""One way to say each thing, right at the edges: plurals, rounding, days, zones, sets of addresses."""

from datetime import UTC, datetime

import pytest

from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.finding import Severity
from ringfence.model.incident import Cause, Confidence, Step
from ringfence.model.report import Coverage
from ringfence.model.site import ServiceName
from ringfence.render import words
from tests.render import sample

AT = datetime(2026, 11, 23, 2, 5, 9, tzinfo=UTC)


def test_every_value_of_the_model_has_its_words() -> None:
    assert set(words.SERVICES) == set(ServiceName)
    assert set(words.SEVERITIES) == set(Severity)
    assert set(words.CAUSES) == set(Cause)
    assert set(words.CONFIDENCES) == set(Confidence)
    assert set(words.STEPS) == set(Step)


def test_numbers_agree_with_their_nouns() -> None:
    assert words.count(0, "door") == "0 doors"
    assert words.count(1, "door") == "1 door"
    assert words.count(12_480, "door") == "12,480 doors"
    assert words.count(2, "try", "tries") == "2 tries"


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ([], ""),
        (["a"], "a"),
        (["a", "b"], "a and b"),
        (["a", "b", "c"], "a, b and c"),
        (list("abcdefg"), "a, b, c, d, e, f and g"),
        (list("abcdefgh"), "a, b, c, d, e, f and 2 more"),
    ],
)
def test_lists_read_like_sentences(items: list[str], said: str) -> None:
    assert words.listed(items) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (61, "1 min 1 s"),
        (3_600, "1 h"),
        (11_580, "3 h 13 min"),
        (86_400, "1 day"),
        (187_200, "2 days 4 h"),
        (-5, "0 s"),
    ],
)
def test_durations(seconds: int, said: str) -> None:
    assert words.duration(seconds) == said


def test_times_are_utc_with_the_time_on_the_wall_beside_it() -> None:
    assert words.moment(AT) == "23 Nov 2026 02:05:09 UTC"
    assert words.moment(AT, words.zone("+01:00")) == "23 Nov 2026 02:05:09 UTC (03:05:09 local)"
    assert words.moment(AT, words.zone("-06:00")) == "23 Nov 2026 02:05:09 UTC (22 Nov 20:05:09 local)"
    assert words.moment(AT, words.zone("+00:00")) == "23 Nov 2026 02:05:09 UTC"
    assert words.moment(None) == "at a time that the log does not give"
    assert words.clock(AT, dated=True) == "23 Nov 02:05:09"
    assert words.clock(None) == "(time unknown)"


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../etc/passwd", "+99:00", "x\x00y", "/etc/passwd"])
def test_a_zone_that_nobody_knows_is_none(name: str) -> None:
    assert words.zone(name) is None


def test_a_named_zone_is_known() -> None:
    assert words.moment(AT, words.zone("America/Chicago")).endswith("(22 Nov 20:05:09 local)")


def test_a_stretch_of_time_with_open_ends() -> None:
    assert words.between(None, None) == ""
    assert words.between(AT, None) == words.between(None, AT) == words.between(AT, AT) == words.moment(AT)


def test_services_are_named_in_plain_words_with_the_port() -> None:
    assert words.service(sample.TFTP) == "TFTP, the phones' file server (udp/69)"
    assert words.short_service(sample.TFTP) == "TFTP (udp/69)"


def test_who_passes() -> None:
    internet = AddressSet.all_ipv4() - PRIVATE
    assert words.sources(AddressSet()) == "no address"
    assert words.sources(internet) == "every address on the Internet"
    assert words.sources(AddressSet.everything()) == "every address on the Internet"
    assert (
        words.sources(internet - AddressSet.of("198.51.100.0/24"))
        == "every address on the Internet except 198.51.100.0/24"
    )
    assert words.sources(AddressSet.of("203.0.113.20", "198.51.100.0/24")) == "198.51.100.0/24 and 203.0.113.20"
    many = AddressSet.of(*(f"203.0.113.{2 * number}" for number in range(50)))
    assert words.sources(many) == "50 addresses, the lowest 203.0.113.0"


def test_not_quite_all_lines_are_never_all_lines() -> None:
    assert "all of them" in words.understood(Coverage(files_read=1, lines_read=10, lines_understood=10))
    assert "99.9 %" in words.understood(Coverage(files_read=1, lines_read=100_000, lines_understood=99_999))
    assert words.understood(Coverage(files_read=2)) == "2 files read, no line of a log among them."


def test_a_sentence_starts_with_a_capital_but_a_path_keeps_its_letters() -> None:
    assert words.sentence("the edge") == "The edge"
    assert words.sentence("etc/asterisk is missing") == "etc/asterisk is missing"
    assert words.sentence("chan_sip answers") == "chan_sip answers"
    assert words.sentence("proven: all of it") == "Proven: all of it"
    assert words.sentence("") == ""


def test_sizes_and_money() -> None:
    assert [words.size(n) for n in (0, 1023, 1024, 10_240, 5_000_000, 3 * 1024**3)] == [
        "0 bytes",
        "1023 bytes",
        "1.0 KiB",
        "10 KiB",
        "4.8 MiB",
        "3.0 GiB",
    ]
    assert words.money(1412.5, "EUR") == "EUR 1,412.50"
    assert words.money(3, "") == "3.00"


def test_only_terms_that_occur_are_explained() -> None:
    found = dict(words.terms(["Two extensions were registered over TFTP."]))
    assert set(found) == {"extension", "registered", "TFTP"}
    assert words.terms(["Nothing."]) == ()
