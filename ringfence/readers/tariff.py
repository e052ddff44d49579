"""Reads a price list, ``prefix,name,price_per_minute[,currency]``, and answers what a minute to a number costs.

::

    prefix,name,price_per_minute,currency
    252,Somalia,0.86,USD
    +88213,"Satellite, EMSAT",9.40,USD

The heading may be absent. Prefixes are country code and area code, with or without ``+``, ``00`` or ``011``. With
semicolons between the fields, decimal commas are understood.
"""

import csv
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.readers.artifacts import MAX_LINE_BYTES, decoded

_MAX_RATES = 200_000
_MAX_PROBLEMS = 1000
_LONGEST_PREFIX = 15
_HIGHEST_PRICE = 10_000
_PRICE = re.compile(r"[0-9]{1,6}([.,][0-9]{1,8})?|[.,][0-9]{1,8}")
_CALL_PREFIX = re.compile(r"\+|00|011")
_NOT_DIGITS = re.compile(r"[\s().-]")
_CURRENCY = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """What a minute costs for numbers that begin with ``prefix`` (digits of E.164 without ``+``)."""

    prefix: str
    name: str
    price_per_minute: float
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """All rates by prefix, in one currency (ISO 4217; empty where the list names none)."""

    currency: str = ""
    rates: Mapping[str, Rate] = field(default_factory=lambda: MappingProxyType({}))

    def rate(self, number_e164: str) -> Rate | None:
        """Find the rate with the longest prefix of the number; None when no prefix fits (unknown, not free)."""
        digits = number_e164.removeprefix("+")
        lengths = range(min(len(digits), _LONGEST_PREFIX), 0, -1)
        return next((rate for length in lengths if (rate := self.rates.get(digits[:length])) is not None), None)

    def price(self, number_e164: str) -> tuple[str, float] | None:
        """Give the name and the price of a minute to the number; None when no prefix fits."""
        rate = self.rate(number_e164)
        return None if rate is None else (rate.name, rate.price_per_minute)


def parse_tariff(raw: bytes, file: str) -> Reading[Tariff]:
    """Read a price list from the bytes of a file; bad rows are problems, the others count."""
    rates: dict[str, Rate] = {}
    problems: list[Problem] = []
    currency = ""
    for number, fields in _rows(raw):
        citation = Citation(file=file, line=number)
        parsed = _parsed(fields, citation, is_first=number == 1)
        if parsed is None:
            continue
        if isinstance(parsed, str):
            message = parsed
        elif parsed[1] and currency and parsed[1] != currency:
            message = f"the price is in {parsed[1]}, the rows before in {currency}: one list has one currency"
        elif parsed[0].prefix in rates and rates[parsed[0].prefix].price_per_minute != parsed[0].price_per_minute:
            first = rates[parsed[0].prefix].citation.line
            message = f"prefix {parsed[0].prefix} has another price on line {first}, which counts"
        elif len(rates) >= _MAX_RATES:
            problems.append(Problem(citation=citation, message=f"more than {_MAX_RATES} rates: the rest was not read"))
            break
        else:
            rates.setdefault(parsed[0].prefix, parsed[0])
            currency = currency or parsed[1]
            continue
        if len(problems) < _MAX_PROBLEMS:
            problems.append(Problem(citation=citation, message=message))
    if not rates:
        message = "holds no rate; expected lines like 252,Somalia,0.86,USD"
        problems.append(Problem(citation=Citation(file=file), message=message))
    return Reading(facts=Tariff(currency=currency, rates=MappingProxyType(rates)), problems=tuple(problems))


def _rows(raw: bytes) -> Iterator[tuple[int, list[str]]]:
    """Split each line by itself, so that one open quote cannot swallow the rest of the list."""
    lines = raw.removeprefix(b"\xef\xbb\xbf").split(b"\n")
    delimiter = ";" if lines[0].count(b";") > lines[0].count(b",") else ","
    for number, line in enumerate(lines, 1):
        text = decoded(line[:MAX_LINE_BYTES]).strip().replace("\r", " ")
        if text and not text.startswith("#"):
            try:
                yield number, [one.strip() for one in next(csv.reader([text], delimiter=delimiter, strict=True), [])]
            except csv.Error:
                yield number, []


def _parsed(fields: list[str], citation: Citation, *, is_first: bool) -> tuple[Rate, str] | str | None:
    """Give the rate and its currency, or what is wrong; None for the heading."""
    if len(fields) not in (3, 4):
        return "is not prefix,name,price_per_minute[,currency]"
    prefix, price = _prefix(fields[0]), _price(fields[2])
    if is_first and price is None and not any(letter.isdigit() for letter in fields[0] + fields[2]):
        return None
    if prefix is None:
        return "has no prefix of 1 to 15 digits in its first field"
    if price is None:
        return "has no price per minute, like 0.86, in its third field"
    currency = fields[3].upper() if len(fields) == 4 else ""
    if currency and not _CURRENCY.fullmatch(currency):
        return "has no currency of three letters, like USD, in its fourth field"
    name = "".join(letter if letter.isprintable() else "?" for letter in fields[1][:100])
    return Rate(prefix=prefix, name=name or f"+{prefix}", price_per_minute=price, citation=citation), currency


def _prefix(text: str) -> str | None:
    digits = _NOT_DIGITS.sub("", text)
    digits = digits[match.end() :] if (match := _CALL_PREFIX.match(digits)) else digits
    is_prefix = digits.isascii() and digits.isdecimal() and len(digits) <= _LONGEST_PREFIX and digits[0] != "0"
    return digits if is_prefix else None


def _price(text: str) -> float | None:
    price = float(text.replace(",", ".")) if _PRICE.fullmatch(text) else None
    return price if price is not None and price <= _HIGHEST_PRICE else None
