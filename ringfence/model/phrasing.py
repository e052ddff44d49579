"""Small pieces of plain language that claims, proofs and reports share."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_WORDS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def listed(items: Iterable[object], most: int = 6) -> str:
    """Join as people do: ``a, b and c``; where more than one would be left beyond ``most``, the rest is counted."""
    texts = [str(item) for item in items]
    if len(texts) > most + 1:
        return f"{', '.join(texts[:most])} and {len(texts) - most:,} more"
    return " and ".join([", ".join(texts[:-1]), texts[-1]] if len(texts) > 1 else texts)


def counted(number: int, noun: str, plural: str = "") -> str:
    """Give ``one account``, ``six accounts``, ``130 accounts``."""
    word = _WORDS[number] if number < len(_WORDS) else f"{number:,}"
    return f"{word} {noun if number == 1 else plural or noun + 's'}"


def named(noun: str, items: Sequence[object], plural: str = "", most: int = 6) -> str:
    """Give ``account 2001`` or ``accounts 2001 and 2002``."""
    return f"{noun if len(items) == 1 else plural or noun + 's'} {listed(items, most)}"


def sentence(text: str) -> str:
    """Start with a capital letter, unless the first word is a path, a number or a name such as ``chan_sip``."""
    return text[:1].upper() + text[1:] if text.partition(" ")[0].rstrip(",:;").isalpha() else text


def moment(at: datetime | None) -> str:
    """Give ``23 November 2026, 19:07:47 UTC``, or say that the time is not known."""
    return "an unknown time" if at is None else f"{at.day} {at:%B %Y, %H:%M:%S} UTC"


def day(at: datetime | None, timezone: str = "") -> str:
    """Give ``23 November 2026`` as the calendar in that IANA zone shows it; in UTC where the zone is not known."""
    if at is None:
        return "an unknown day"
    try:
        there = at.astimezone(ZoneInfo(timezone)) if timezone else at
    except (ValueError, OSError, ZoneInfoNotFoundError):
        there = at
    return f"{there.day} {there:%B %Y}"


def duration(seconds: float) -> str:
    """Give ``8 seconds``, ``12 minutes``, ``3 hours``, ``5 days``: rounded down to the unit that says enough."""
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit}s"
    whole = int(seconds)
    return f"{whole} second{'' if whole == 1 else 's'}"
