"""Understands when a site is open: ``Mon-Fri 07:00-18:00``, several spans apart by commas or as a list."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SPAN = re.compile(r"([a-z]{2,9})(?:\s?-\s?([a-z]{2,9}))?\s(\d{1,2}):(\d{2})\s?-\s?(\d{1,2}):(\d{2})", re.IGNORECASE)
_MINUTES_OF_A_DAY = 24 * 60
_MAX_SPANS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Some weekdays (0 is Monday) and minutes of the day; the span passes midnight where it ends before it begins."""

    weekdays: frozenset[int]
    opens_minute: int
    closes_minute: int

    def holds(self, weekday: int, minute: int) -> bool:
        """Tell whether the minute of the weekday is in the span."""
        if self.opens_minute < self.closes_minute:
            return weekday in self.weekdays and self.opens_minute <= minute < self.closes_minute
        since_evening = weekday in self.weekdays and minute >= self.opens_minute
        return since_evening or ((weekday - 1) % 7 in self.weekdays and minute < self.closes_minute)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningHours:
    """When people are at work, in the site's own time."""

    spans: tuple[Span, ...]

    def is_open(self, local: datetime) -> bool:
        """Tell whether the site is open at this local time."""
        return any(span.holds(local.weekday(), local.hour * 60 + local.minute) for span in self.spans)


def parse_hours(texts: Iterable[str]) -> OpeningHours:
    """Read the spans; raises ValueError that names the one that cannot be understood."""
    parts = [part.strip() for text in texts for part in text.split(",") if part.strip()]
    if not 0 < len(parts) <= _MAX_SPANS:
        raise ValueError("expected something like Mon-Fri 07:00-18:00")
    return OpeningHours(spans=tuple(_span(part) for part in parts))


def _span(text: str) -> Span:
    match = _SPAN.fullmatch(" ".join(text.split()))
    if match is None:
        raise ValueError(f"{text[:60]!r} is not like Mon-Fri 07:00-18:00")
    first, last = _day(match[1]), _day(match[2] or match[1])
    opens, closes = _minute(match[3], match[4]), _minute(match[5], match[6])
    weekdays = frozenset((first + step) % 7 for step in range((last - first) % 7 + 1))
    return Span(weekdays=weekdays, opens_minute=opens, closes_minute=closes)


def _day(text: str) -> int:
    found = next((number for number, day in enumerate(_DAYS) if day.startswith(text.lower())), None)
    if found is None:
        raise ValueError(f"{text!r} is no day of the week (Mon, Tue, Wed, Thu, Fri, Sat, Sun)")
    return found


def _minute(hour: str, minute: str) -> int:
    found = int(hour) * 60 + int(minute)
    if int(minute) > 59 or found > _MINUTES_OF_A_DAY:
        raise ValueError(f"{hour}:{minute} is no time of day")
    return found
