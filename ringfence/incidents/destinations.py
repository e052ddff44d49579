"""Says where a dialled number leads: inside the house, within the country, abroad, to a satellite, or nowhere known."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumber, PhoneNumberType, ValidationResult

from ringfence.incidents.countries import country_name


class Kind(StrEnum):
    """What a number is, as far as its digits tell; unknown is an answer."""

    INTERNAL = "internal"
    EMERGENCY = "emergency"
    FEATURE_CODE = "feature-code"
    DOMESTIC = "domestic"
    INTERNATIONAL = "international"
    HIGH_RISK = "high-risk"
    SATELLITE = "satellite"
    PREMIUM_RATE = "premium-rate"
    UNKNOWN = "unknown"

    @property
    def is_costly(self) -> bool:
        """Tell whether thieves earn by calls of this kind: abroad, satellite and premium-rate numbers."""
        return self in {Kind.INTERNATIONAL, Kind.HIGH_RISK, Kind.SATELLITE, Kind.PREMIUM_RATE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A dialled number, understood.

    ``country`` is an ISO 3166 code (``SO``), empty where there is none (satellites, inside calls) or it is not known;
    ``e164`` starts with ``+``; ``name`` is for people: ``Somalia``, ``satellite network +882``, ``extension 2001``.
    """

    kind: Kind
    country: str = ""
    e164: str | None = None
    name: str = ""


#: What fraudsters call most, as seen on hijacked FreePBX machines: ``011252…`` and ``011232…``.
HIGH_RISK_COUNTRIES = frozenset({"SO", "SL"})
#: Inmarsat, the global mobile satellite system, and the international networks that ring for satellite rates.
_SATELLITE_CODES = frozenset({870, 881, 882, 883})
#: Islands that a US caller dials like the next state and a carrier bills like it.
_SAME_AS_US = frozenset({"AS", "GU", "MP", "PR", "VI"})
_WORLD = "001"
_IN_SHAPE = re.compile(r"[+*#]?[0-9*#]{1,39}")
_DIGITS = re.compile(r"[0-9]+")
_UNKNOWN = Number(kind=Kind.UNKNOWN)


def classify(
    dialled: str,
    *,
    region: str = "US",
    extensions: frozenset[str] = frozenset(),
    outside_prefixes: tuple[str, ...] = ("9", ""),
) -> Number:
    """Understand a number as it was dialled on the PBX: ``9011252615551001``, ``*72…``, ``2001``.

    ``region`` is the ISO 3166 code of the site's country; ``outside_prefixes`` are what users dial to get a line, with
    ``""`` where a line needs nothing. Asterisk's own names (``s``, ``h``) and short numbers that are no known extension
    are unknown.
    """
    if not _IN_SHAPE.fullmatch(dialled):
        return _UNKNOWN
    if dialled in extensions and len(dialled) <= 6:
        return Number(kind=Kind.INTERNAL, name=f"extension {dialled}")
    if dialled[0] in "*#":
        return _feature_code(dialled, region, extensions, outside_prefixes)
    candidates = tuple(_outside(dialled, outside_prefixes))
    if any(_is_emergency(number, region) for number in candidates):
        return Number(kind=Kind.EMERGENCY, country=region, name="emergency call")
    abroad = tuple(found for number in candidates if (found := _abroad(number, region)))
    sure = (number for number, long_enough in abroad if long_enough)
    domestic = (home for number in candidates if (home := _domestic(number, region)))
    cut_short = (number for number, long_enough in abroad if not long_enough)
    return next(chain(sure, domestic, cut_short), _UNKNOWN)


def _outside(dialled: str, outside_prefixes: tuple[str, ...]) -> Iterator[str]:
    """Go through what may have been meant for the public network, in the order of the prefixes."""
    for prefix in outside_prefixes:
        if dialled.startswith(prefix) and (rest := dialled[len(prefix) :]):
            yield rest


def _feature_code(dialled: str, region: str, extensions: frozenset[str], outside_prefixes: tuple[str, ...]) -> Number:
    """Name the code; ``*72`` and a number (FreePBX's default) forwards all calls there, so the destination is kept."""
    if not dialled.startswith("*72") or len(dialled) <= 6:
        return Number(kind=Kind.FEATURE_CODE, name=f"feature code {dialled}")
    target = classify(dialled[3:], region=region, extensions=extensions, outside_prefixes=outside_prefixes)
    return Number(
        kind=Kind.FEATURE_CODE,
        country=target.country,
        e164=target.e164,
        name=f"call forwarding to {target.name or 'an unknown number'}",
    )


def _is_emergency(number: str, region: str) -> bool:
    return len(number) <= 4 and phonenumbers.is_emergency_number(number, region)


def _abroad(number: str, region: str) -> tuple[Number, bool] | None:
    """Read a number that starts with an international prefix, and tell whether its length is that of a real number.

    None when it does not start so. ``9011252615`` can be Somalia, cut short, or Memphis.
    """
    digits = _after_international_prefix(number, region)
    if not _DIGITS.fullmatch(digits):
        return None
    parsed = _parsed(f"+{digits}", None)
    if parsed is None:
        codes = (digits[:length] for length in (1, 2, 3) if not digits.startswith("0"))
        country = next((found for code in codes if (found := _main_country(int(code)))), "")
        if country == region or (number.startswith("00") and not country):
            return None
        kind = Kind.HIGH_RISK if country in HIGH_RISK_COUNTRIES else Kind.INTERNATIONAL
        return Number(kind=kind, country=country, name=country_name(country) or "an unassigned country code"), False
    # Thieves let a trunk ring numbers of any length, and a carrier bills by the first digits, so a wrong length counts.
    long_enough = phonenumbers.is_possible_number_with_reason(parsed) != ValidationResult.TOO_SHORT
    home = region if parsed.country_code == phonenumbers.country_code_for_region(region) else ""
    return _placed(parsed, f"+{digits}", home=home), long_enough


def _after_international_prefix(number: str, region: str) -> str:
    """Cut off ``+``, the country's own prefix (``0011`` in Australia), ``011`` or ``00``; empty where none stands."""
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region, None)
    own = metadata.international_prefix if metadata is not None else None
    prefix = re.match(rf"\+|{own or '011'}|011|00", number)
    return number[prefix.end() :] if prefix else ""


def _domestic(number: str, region: str) -> Number | None:
    """Read a number as the country's own; None when its length fits none, or it is shorter than seven digits."""
    if not _DIGITS.fullmatch(number) or len(number) < 7 or number.startswith(("00", "011")):
        return None
    parsed = _parsed(number, region)
    if parsed is None:
        return None
    match phonenumbers.is_possible_number_with_reason(parsed):
        case ValidationResult.IS_POSSIBLE:
            return _placed(parsed, _e164(parsed), home=region)
        case ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
            return Number(kind=Kind.DOMESTIC, country=region, name="local number")
        case _:
            return None


def _placed(parsed: PhoneNumber, e164: str, home: str = "") -> Number:
    """Give kind, country and name of a parsed number; ``home`` is the site's country where the number has its code."""
    code = parsed.country_code or 0
    if code in _SATELLITE_CODES:
        return Number(kind=Kind.SATELLITE, e164=e164, name=f"satellite network +{code}")
    country = phonenumbers.region_code_for_number(parsed) or home or _main_country(code)
    if country == _WORLD:
        return Number(kind=Kind.INTERNATIONAL, e164=e164, name=f"international service +{code}")
    if phonenumbers.number_type(parsed) == PhoneNumberType.PREMIUM_RATE:
        return Number(kind=Kind.PREMIUM_RATE, country=country, e164=e164, name=f"premium rate, {country_name(country)}")
    if home and (country == home or (home == "US" and country in _SAME_AS_US)):
        return Number(kind=Kind.DOMESTIC, country=country, e164=e164, name=country_name(country))
    kind = Kind.HIGH_RISK if country in HIGH_RISK_COUNTRIES else Kind.INTERNATIONAL
    return Number(kind=kind, country=country, e164=e164, name=country_name(country))


def _main_country(code: int) -> str:
    country = phonenumbers.region_code_for_country_code(code)
    return "" if country == "ZZ" else country


def _parsed(number: str, region: str | None) -> PhoneNumber | None:
    try:
        return phonenumbers.parse(number, region)
    except NumberParseException:
        return None


def _e164(parsed: PhoneNumber) -> str:
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
