"""The three numbers of the first screen, each with its meaning: open doors, stolen secrets, calls lost.

A number is shown only where the evidence carries it: "0" needs evidence that could have shown more, else it is "?".
"""

from dataclasses import dataclass

from ringfence.model.incident import Incident
from ringfence.model.report import Report
from ringfence.render import outline, words
from ringfence.render.outline import State


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A number (``?`` where nobody can say), what it counts, and sentences that give it its meaning."""

    name: str
    value: str
    noun: str
    meaning: tuple[str, ...]


def figures(report: Report) -> tuple[Figure, Figure, Figure]:
    """Give the three numbers in their order."""
    return _doors(report), _secrets(report), _calls(report)


def _value(report: Report, amount: int) -> str:
    """An answer that was not finished can only say how much there is at the least."""
    if report.complete:
        return words.number(amount)
    return f"{words.number(amount)}+" if amount else "?"


def _doors(report: Report) -> Figure:
    outer = outline.outer_doors(report)
    passing = outline.open_doors(report)
    undecided = [door for door in outer if door.state is State.UNKNOWN]
    noun = "door open to the Internet" if len(passing) == 1 else "doors open to the Internet"
    expected = [
        f"{words.short_service(door.listener)} lets in only {door.only_from or 'those expected'}, as it should."
        for door in outer
        if door.state is State.LIMITED
    ]
    if not passing:
        value, why = _no_door(report, len(outer), len(undecided))
        return Figure(name="doors", value=value, noun=noun, meaning=(why, *expected))
    meaning = [f"{words.sentence(words.listed(words.short_service(door.listener) for door in passing))}."]
    if used := sum(door.state is State.USED for door in passing):
        meaning.append(f"The logs show that strangers used {'it' if len(passing) == 1 else f'{used} of them'}.")
    if named := [door for door in passing if door.only_from]:
        meaning += [f"{words.short_service(door.listener)} only for {door.only_from}." for door in named]
    if undecided:
        meaning.append(f"{len(undecided)} more could not be decided.")
    meaning += expected
    return Figure(name="doors", value=_value(report, len(passing)), noun=noun, meaning=tuple(meaning))


def _no_door(report: Report, judged: int, undecided: int) -> tuple[str, str]:
    """Tell "closed" from "not known"; a false all-clear is the worst thing to print."""
    if not judged:
        return "?", "The evidence does not say which services there are or what lets packets through to them."
    if undecided:
        return (
            "?",
            f"None is open for certain, but {words.count(undecided, 'service')} of {judged} could not be decided.",
        )
    if not report.complete:
        return "?", f"{words.count(judged, 'service')} checked and found closed, but the check could not be finished."
    return "0", f"{words.count(judged, 'service')} checked: the rules keep strangers on the Internet away from each."


def _secrets(report: Report) -> Figure:
    used = {account for incident in report.incidents for account in incident.accounts}
    read = {leak.account for leak in report.leaked if leak.certain} - used
    asked_for = {leak.account for leak in report.leaked if leak.address is not None} - used - read
    lay_open = {leak.account for leak in report.leaked} - used - read - asked_for
    total = len(used | read | asked_for | lay_open)
    noun = "secret to treat as stolen" if total == 1 else "secrets to treat as stolen"
    if not total:
        value, why = _none(report, "stranger who read or used one")
        return Figure(name="secrets", value=value, noun=noun, meaning=(why,))
    groups = (
        (used, "used by strangers"),
        (read, "read by strangers"),
        (asked_for, "asked for by strangers, and most likely read"),
        (lay_open, "lay open to them"),
    )
    meaning: list[str] = []
    for accounts, text in groups:
        numbers: list[str] = sorted(accounts, key=_by_number)
        if numbers:
            meaning.append(f"{words.number(len(numbers))} {text}: {words.listed(numbers, 8)}.")
    return Figure(name="secrets", value=_value(report, total), noun=noun, meaning=tuple(meaning))


def _by_number(account: str) -> tuple[int, str]:
    """Sort 201 before 1001."""
    return len(account), account


def _calls(report: Report) -> Figure:
    total = sum(incident.calls.count for incident in report.incidents)
    noun = "call by strangers" if total == 1 else "calls by strangers"
    if not total:
        value, why = _none(report, "such call")
        return Figure(name="calls", value=value, noun=noun, meaning=(why,))
    seconds = sum(incident.calls.seconds for incident in report.incidents)
    meaning = [f"{words.duration(seconds)} in all{_destinations(report.incidents)}.", _cost(report.incidents)]
    return Figure(name="calls", value=_value(report, total), noun=noun, meaning=tuple(meaning))


def _destinations(incidents: tuple[Incident, ...]) -> str:
    names: dict[str, int] = {}
    for incident in incidents:
        for destination in incident.calls.destinations:
            names[destination.name] = names.get(destination.name, 0) + destination.calls
    ordered = sorted(names, key=lambda name: (-names[name], name))
    return f", to {words.listed(ordered, 3)}" if ordered else ""


def _cost(incidents: tuple[Incident, ...]) -> str:
    """Say what was lost, by currency; "at least" where some calls have no price."""
    sums: dict[str, float] = {}
    for incident in incidents:
        if incident.calls.cost is not None:
            sums[incident.calls.currency] = sums.get(incident.calls.currency, 0.0) + incident.calls.cost
    if not sums:
        return "Their cost is not known: give your phone company's prices with --tariff FILE."
    amounts = words.listed(words.money(amount, currency) for currency, amount in sorted(sums.items()))
    if any(_without_price(incident) for incident in incidents):
        return f"At least {amounts} lost; some calls have no price."
    return f"{amounts} lost."


def _without_price(incident: Incident) -> bool:
    calls = incident.calls
    return bool(calls.count) and (calls.cost is None or any(where.cost is None for where in calls.destinations))


def _none(report: Report, what: str) -> tuple[str, str]:
    """Say what it means that nothing was found: for which days the silence counts, or that no log was there."""
    first, last = report.coverage.first_at, report.coverage.last_at
    days = list(dict.fromkeys(words.day(at) for at in (first, last) if at))
    if not days:
        return "?", "No log of calls or logins was in the evidence, so nobody can say."
    said = f"The logs of {' to '.join(days)} show no {what}. What is older is not in the evidence."
    return _value(report, 0), said
