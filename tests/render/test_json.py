"""The JSON object: its shape, its order, its times; no secret, no hostile byte, readable by strict parsers."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Basis, Verdict
from ringfence.model.finding import Severity
from ringfence.model.incident import Cause, Confidence, Step
from ringfence.model.report import Report
from ringfence.model.site import ServiceName
from ringfence.render.json import to_json
from tests.render import sample

each_report = pytest.mark.parametrize("build", sample.ALL, ids=lambda build: build.__name__)


def one_of(*words: str) -> Callable[[Any], bool]:
    """Accept these words."""
    return lambda value: value in words


def time(value: object) -> bool:
    """Accept a time in UTC, or null."""
    return value is None or (isinstance(value, str) and value.endswith("Z") and "T" in value)


TEXT_OR_NULL = (str, type(None))
LINE = (int, type(None))
PRICE = (float, type(None))
REMEDY = {"text": str, "command": str}
#: A dict has exactly these keys in this order; a list of one shape holds any number of it.
SHAPE = {
    "schema": one_of("ringfence.check/1"),
    "version": str,
    "source": str,
    "complete": bool,
    "verdict": str,
    "next_hour": [REMEDY],
    "site": {
        "name": str,
        "timezone": str,
        "asterisk": str,
        "freepbx": str,
        "accounts": int,
        "phones": int,
        "networks": [{"name": str, "prefixes": [str], "declared": bool, "why": str}],
    },
    "exposures": [
        {
            "id": str,
            "vantage": str,
            "service": one_of(*ServiceName),
            "transport": one_of("udp", "tcp"),
            "address": TEXT_OR_NULL,
            "port": int,
            "outside": (type(None), {"address": TEXT_OR_NULL, "port": int}),
            "verdict": one_of(*Verdict),
            "basis": one_of(*Basis),
            "claim": str,
            "admits": str,
            "sources": [str],
            "sources_more": int,
            "expected": bool,
            "seen_as": (type(None), [str]),
            "proof": [{"text": str, "file": TEXT_OR_NULL, "line": LINE}],
        }
    ],
    "findings": [
        {
            "id": str,
            "check": str,
            "severity": one_of(*Severity),
            "subject": str,
            "claim": str,
            "evidence": [{"file": str, "line": LINE, "text": str}],
            "remedies": [REMEDY],
        }
    ],
    "incidents": [
        {
            "id": str,
            "cause": one_of(*Cause),
            "confidence": one_of(*Confidence),
            "claim": str,
            "rivals": [{"cause": one_of(*Cause), "for": [str], "against": [str], "missing": [str]}],
            "accounts": [str],
            "addresses": [str],
            "address_note": str,
            "first_at": time,
            "last_at": time,
            "calls": {
                "count": int,
                "seconds": int,
                "cost": PRICE,
                "currency": str,
                "destinations": [{"name": str, "calls": int, "seconds": int, "cost": PRICE, "premium": bool}],
            },
            "moments": [
                {
                    "at": time,
                    "step": one_of(*Step),
                    "what": str,
                    "account": str,
                    "address": TEXT_OR_NULL,
                    "file": TEXT_OR_NULL,
                    "line": LINE,
                }
            ],
        }
    ],
    "leaked": [
        {
            "account": str,
            "file": str,
            "address": TEXT_OR_NULL,
            "at": time,
            "certain": bool,
            "evidence": {"file": str, "line": LINE},
        }
    ],
    "unknowns": [{"subject": str, "why": str, "decide_by": str, "file": TEXT_OR_NULL, "line": LINE}],
    "coverage": {
        "files_read": int,
        "lines_read": int,
        "lines_understood": int,
        "first_at": time,
        "last_at": time,
        "problems": [{"file": str, "line": LINE, "message": str}],
        "inputs": [{"file": str, "sha256": str, "size_bytes": int}],
        "inferred": [str],
    },
}


def misfits(value: Any, shape: Any, place: str = "$") -> list[str]:  # noqa: ANN401 - JSON is made of anything
    """Give the places where the value departs from the shape."""
    match shape:
        case dict():
            if not isinstance(value, dict) or list(value) != list(shape):
                return [place]
            return [bad for key in shape for bad in misfits(value[key], shape[key], f"{place}.{key}")]
        case list():
            if not isinstance(value, list):
                return [place]
            return [bad for number, item in enumerate(value) for bad in misfits(item, shape[0], f"{place}[{number}]")]
        case tuple():
            fits = any(not misfits(value, option, place) for option in shape)
            return [] if fits else [place]
        case type():
            return [] if type(value) is shape else [place]
        case _:
            return [] if shape(value) else [place]


def parsed(report: Report) -> Any:  # noqa: ANN401 - JSON is made of anything
    """Parse the way that strict parsers do."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    return json.loads(to_json(report), parse_constant=refuse)


@each_report
def test_the_object_has_its_shape(build: Callable[[], Report]) -> None:
    assert misfits(parsed(build()), SHAPE) == []


def test_the_shape_is_strict() -> None:
    report = parsed(sample.hijacked())
    report["exposures"][0]["port"] = "69"
    report["findings"][0]["severity"] = "urgent"
    del report["coverage"]["inferred"]
    assert misfits(report, SHAPE) == ["$.exposures[0].port", "$.findings[0].severity", "$.coverage"]


@each_report
def test_no_secret_and_no_hostile_byte(build: Callable[[], Report]) -> None:
    text = to_json(build())
    assert sample.SECRET not in text
    assert sample.forbidden(text) == []
    assert text.endswith("}\n")
    assert to_json(build()) == text


def test_what_jq_prints_raw_is_harmless_too() -> None:
    finding = parsed(sample.hijacked())["findings"][10]
    assert "\x1b" not in finding["subject"]
    assert r"\x1b[2J" in finding["subject"]


def test_what_a_program_asks_for_is_there() -> None:
    report = parsed(sample.hijacked())
    door = report["exposures"][0]
    assert (door["service"], door["port"], door["verdict"]) == ("tftp", 69, "reachable")
    assert door["outside"] == {"address": "198.51.100.7", "port": 69}
    assert door["proof"][0]["file"] == "edge/iptables-save.txt"
    assert door["proof"][0]["line"] == 7
    incident = report["incidents"][0]
    assert incident["cause"] == "provisioning-leak"
    assert incident["accounts"] == list(sample.TAKEN)
    assert incident["first_at"] == "2026-11-23T19:06:43Z"
    assert incident["calls"]["count"] == 15


def test_sources_beyond_64_networks_are_counted() -> None:
    many = AddressSet.of(*(f"203.0.113.{2 * number}" for number in range(100)))
    exposure = sample.exposure("internet", sample.SSH, Verdict.REACHABLE, sources=many)
    shown = parsed(replace(sample.clean(), exposures=(exposure,)))["exposures"][0]
    assert len(shown["sources"]) == 64
    assert shown["sources"][0] == "203.0.113.0/32"
    assert shown["sources_more"] == 36


def test_times_of_any_zone_become_utc() -> None:
    moment = sample.at(0).astimezone(timezone(timedelta(hours=-6)))
    incident = replace(sample.incident(), first_at=moment, last_at=moment.replace(microsecond=250_000))
    shown = parsed(replace(sample.hijacked(), incidents=(incident,)))["incidents"][0]
    assert shown["first_at"] == "2026-11-23T19:06:31Z"
    assert shown["last_at"] == "2026-11-23T19:06:31.250000Z"


def test_a_price_that_is_no_number_is_null() -> None:
    calls = replace(sample.incident().calls, cost=float("nan"))
    incident = replace(sample.incident(), calls=calls)
    assert parsed(replace(sample.hijacked(), incidents=(incident,)))["incidents"][0]["calls"]["cost"] is None


@given(st.text(st.characters(codec=None)))
def test_any_text_gives_an_object(text: str) -> None:
    report = replace(sample.incomplete(), verdict=text, source=text)
    to_json(report).encode("utf-8")
    assert misfits(parsed(report), SHAPE) == []
