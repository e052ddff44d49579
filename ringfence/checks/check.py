"""What a check is: a named, documented function from evidence to findings."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from inspect import cleandoc

from ringfence.events.schema import Events
from ringfence.model.evidence import Citation, Excerpt
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.site import Account, Site

Run = Callable[[Site, tuple[Exposure, ...], Events], Iterator[Finding]]

#: The sections that every page has, in this order, after its first line.
SECTIONS = ("How it is exploited", "How to fix it", "When it is acceptable", "Severity")

#: A finding quotes at most this many lines; its claim says how many there are.
MOST_EXCERPTS = 25
#: Quoted text is cut here: it must fit a card, and a sender may have chosen its length.
MOST_CHARACTERS = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A rule: ``name`` names the bad state, ``severity`` is the usual one, ``page`` is what the manual says of it."""

    name: str
    severity: Severity
    page: str
    run: Run


def check(*, severity: Severity) -> Callable[[Run], Check]:
    """Turn a function into a Check: the name is the function's, with hyphens, and the page is its docstring."""

    def declare(run: Run) -> Check:
        name = getattr(run, "__name__", "").replace("_", "-")
        return Check(name=name, severity=severity, page=cleandoc(run.__doc__ or ""), run=run)

    return declare


def finding(  # noqa: PLR0913 - the parts of a finding, all by name
    rule: Check,
    *,
    subject: str,
    claim: str,
    evidence: Iterable[Excerpt] = (),
    remedies: Iterable[Remedy] = (),
    severity: Severity | None = None,
) -> Finding:
    """Build a finding of ``rule`` with its stable id; evidence is quoted once each, up to ``MOST_EXCERPTS`` lines.

    A ``severity`` other than the rule's own needs its reason in the claim.
    """
    return Finding(
        id=f"{rule.name}/{escaped(subject)}",
        check=rule.name,
        severity=severity or rule.severity,
        subject=escaped(subject),
        claim=escaped(claim),
        evidence=tuple(dict.fromkeys(excerpt(line.citation, line.text) for line in evidence))[:MOST_EXCERPTS],
        remedies=tuple(dict.fromkeys(remedies)),
    )


def excerpt(citation: Citation, text: str) -> Excerpt:
    """Quote ``text`` from a place, with what does not print shown as escapes and at most ``MOST_CHARACTERS``."""
    return Excerpt(citation=citation, text=printable(text))


def printable(text: str) -> str:
    """Show what does not print as escapes, and cut what is too long; the same when done twice."""
    shown = escaped(text[: MOST_CHARACTERS + 1])
    return shown if len(shown) <= MOST_CHARACTERS else f"{shown[: MOST_CHARACTERS - 1]}…"


def escaped(text: str) -> str:
    r"""Show control, format and undecodable characters as escapes (``\x1b``)."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def named_account(site: Site, account: Account) -> str:
    """Give the name of an account, with its driver where both drivers have one of that name."""
    drivers = {other.driver for other in site.accounts if other.name == account.name}
    return account.name if len(drivers) < 2 else f"{account.name} ({account.driver})"
