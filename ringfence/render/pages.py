"""What the manual says about a check, for the card of a finding: how it is exploited and when it is acceptable."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

SECTION = re.compile(r"^## (.+)$", re.MULTILINE)


class Documented(Protocol):
    """A check as far as its page goes."""

    @property
    def name(self) -> str:
        """The bad state, in words joined by hyphens."""
        ...

    @property
    def page(self) -> str:
        """First a sentence, then Markdown sections."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Manual:
    """The parts of a check's page that help a reader to judge a finding; empty where the page has no such section."""

    exploited: str
    acceptable: str

    @property
    def acceptable_briefly(self) -> str:
        """The first sentence of when it is acceptable."""
        return re.split(r"(?<=[.!?])\s", self.acceptable, maxsplit=1)[0]


def manual(name: str, checks: Iterable[Documented] | None = None) -> Manual | None:
    """Find the page of a check among all of the program's; None where there is no check of that name."""
    if checks is None:
        from ringfence.checks.registry import ALL

        checks = ALL
    page = next((check.page for check in checks if check.name == name), None)
    if page is None:
        return None
    parts = SECTION.split(page)
    sections = {title: " ".join(body.split()) for title, body in zip(parts[1::2], parts[2::2], strict=True)}
    return Manual(
        exploited=sections.get("How it is exploited", ""),
        acceptable=sections.get("When it is acceptable", ""),
    )
