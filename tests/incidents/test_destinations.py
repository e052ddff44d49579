import csv
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.incidents.destinations import Kind, classify
from tests.shared_data import shared

EXTENSIONS = frozenset({"1001", "1002", "1003", "1006", "2001", "2006", "112"})

# Numbers of the shared FreePBX 14 run, of the shared incidents, and of the facts about fraud.
DIALLED = [
    ("9011252615551001", Kind.HIGH_RISK, "SO", "+252615551001"),
    ("011252907000123", Kind.HIGH_RISK, "SO", "+252907000123"),
    ("01123276123456", Kind.HIGH_RISK, "SL", "+23276123456"),
    ("901188213551003", Kind.SATELLITE, "", "+88213551003"),
    ("9011882138611698", Kind.SATELLITE, "", "+882138611698"),
    ("01188216551234", Kind.SATELLITE, "", "+88216551234"),
    ("+881631234567", Kind.SATELLITE, "", "+881631234567"),
    ("+870773111111", Kind.SATELLITE, "", "+870773111111"),
    ("+883510001234", Kind.SATELLITE, "", "+883510001234"),
    ("901153555104", Kind.INTERNATIONAL, "CU", "+53555104"),
    ("011442085551005", Kind.INTERNATIONAL, "GB", "+442085551005"),
    ("9011960796668748", Kind.INTERNATIONAL, "MV", "+960796668748"),
    ("9011371222269687", Kind.INTERNATIONAL, "LV", "+371222269687"),
    ("900442085551005", Kind.INTERNATIONAL, "GB", "+442085551005"),
    ("+442085551005", Kind.INTERNATIONAL, "GB", "+442085551005"),
    ("18765551234", Kind.INTERNATIONAL, "JM", "+18765551234"),
    ("919005551234", Kind.PREMIUM_RATE, "US", "+19005551234"),
    ("95551239", Kind.DOMESTIC, "US", None),
    ("95557654321", Kind.DOMESTIC, "US", "+15557654321"),
    ("9175551234", Kind.DOMESTIC, "US", "+19175551234"),
    ("+15551230000", Kind.DOMESTIC, "US", "+15551230000"),
    ("17875551234", Kind.DOMESTIC, "PR", "+17875551234"),
    ("1001", Kind.INTERNAL, "", None),
    ("112", Kind.INTERNAL, "", None),
    ("911", Kind.EMERGENCY, "US", None),
    ("9911", Kind.EMERGENCY, "US", None),
    ("*97", Kind.FEATURE_CODE, "", None),
    ("600", Kind.UNKNOWN, "", None),
    ("s", Kind.UNKNOWN, "", None),
    ("", Kind.UNKNOWN, "", None),
    ("9", Kind.UNKNOWN, "", None),
    ("011", Kind.UNKNOWN, "", None),
    ("90005551234", Kind.UNKNOWN, "", None),
    ("546789941", Kind.UNKNOWN, "", None),
]


@pytest.mark.parametrize(("dialled", "kind", "country", "e164"), DIALLED)
def test_a_dialled_number_is_understood(dialled: str, kind: Kind, country: str, e164: str | None) -> None:
    number = classify(dialled, extensions=EXTENSIONS)
    assert (number.kind, number.country, number.e164) == (kind, country, e164)


def test_names_are_for_people() -> None:
    assert classify("9011252615551001").name == "Somalia"
    assert classify("901188213551003").name == "satellite network +882"
    assert classify("19005551234").name == "premium rate, United States"
    assert classify("2001", extensions=EXTENSIONS).name == "extension 2001"


def test_forwarding_abroad_keeps_its_destination() -> None:
    number = classify("*729011252615551001")
    assert (number.kind, number.country, number.name) == (Kind.FEATURE_CODE, "SO", "call forwarding to Somalia")


def test_a_number_cut_short_is_abroad_unless_it_can_be_domestic() -> None:
    assert classify("011252").country == "SO"
    assert classify("0119991234").name == "an unassigned country code"
    assert classify("9011252615").kind == Kind.DOMESTIC  # Memphis, Tennessee, as well as Somalia


def test_other_countries_have_other_prefixes() -> None:
    assert classify("0011442085551005", region="AU").country == "GB"
    assert classify("02085551005", region="GB").kind == Kind.DOMESTIC
    assert classify("902085551005", region="GB").e164 == "+442085551005"
    assert classify("000252615551001", region="DE", outside_prefixes=("0", "")).kind == Kind.HIGH_RISK
    assert classify("999", region="GB").kind == Kind.EMERGENCY


def test_a_long_extension_is_no_extension() -> None:
    """An attacker's account named like a foreign number must not make the number internal."""
    assert classify("9011252615551001", extensions=frozenset({"9011252615551001"})).kind == Kind.HIGH_RISK


def test_what_costs_money() -> None:
    assert [kind for kind in Kind if kind.is_costly] == [
        Kind.INTERNATIONAL,
        Kind.HIGH_RISK,
        Kind.SATELLITE,
        Kind.PREMIUM_RATE,
    ]


def test_the_calls_of_the_real_machine() -> None:
    with shared("data/freepbx14/cdr.tsv").open(newline="") as table:
        rows = list(csv.DictReader(table, delimiter="\t"))
    kinds = {row["dst"]: classify(row["dst"], extensions=EXTENSIONS).kind for row in rows}
    fraud = {number for number in kinds if number.startswith(("011", "9011"))}
    assert len(fraud) > 7
    assert {number for number, kind in kinds.items() if kind.is_costly} == fraud
    assert {kinds[number] for number in kinds if number not in fraud} == {Kind.INTERNAL, Kind.DOMESTIC, Kind.UNKNOWN}


def test_every_fraud_call_of_the_incidents_is_costly() -> None:
    calls = json.loads(shared("data/incidents/tftp-leak-114/truth.json").read_text())["fraud_calls"]
    assert calls
    assert [number for _, _, number in calls if not classify(number).kind.is_costly] == []


@settings(max_examples=1000)
@given(
    st.one_of(st.text(max_size=60), st.text(alphabet="0123456789+*#", max_size=45)),
    st.sampled_from(["US", "GB", "ZZ", ""]),
)
def test_any_text_gets_an_answer(dialled: str, region: str) -> None:
    number = classify(dialled, region=region)
    assert number.e164 is None or number.e164[1:].isdecimal()
