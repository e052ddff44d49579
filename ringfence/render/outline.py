"""The report as a reader meets it, free of any format: doors, three figures, lines of time, findings in groups.

It counts and puts in order; what is open, used or stolen was decided before.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Basis, Exposure, Hop, Outside, Verdict
from ringfence.model.finding import Finding, Severity
from ringfence.model.incident import Incident, Moment, Step
from ringfence.model.report import Report, Unknown
from ringfence.model.site import Listener, ServiceName
from ringfence.render import words

INTERNET = "internet"
#: Doors of the phones, which are many; where none of them can be judged, one line in words says so.
PHONES = frozenset({ServiceName.PHONE_WEB, ServiceName.PHONE_SIP})
#: The name of the line of time for what is tied to no single account.
NO_ACCOUNT = "In general"
LAST = datetime.max.replace(tzinfo=UTC)


class State(StrEnum):
    """How a door stands, worst first; ``limited`` is open to those alone whom the site needs to let in."""

    USED = "used"
    OPEN = "open"
    UNKNOWN = "unknown"
    LIMITED = "limited"
    BLOCKED = "closed"

    @property
    def rank(self) -> int:
        """0 is the worst."""
        return list(State).index(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """One listener as seen from one vantage; ``exposures`` are all answers about it, the one that counts first.

    ``only_from`` names the sources where just a few addresses pass; empty where the door stands open to many.
    """

    vantage: str
    listener: Listener
    state: State
    exposures: tuple[Exposure, ...]
    outsides: tuple[Outside, ...]
    only_from: str = ""

    @property
    def claim(self) -> str:
        """The sentence that says it all."""
        return self.exposures[0].claim

    @property
    def admits(self) -> str:
        """What the listener itself still asks of those whose packets arrive; empty where nothing is known of it."""
        return self.exposures[0].admits

    @property
    def proof(self) -> tuple[Hop, ...]:
        """The steps of the answer that counts."""
        return self.exposures[0].proof

    @property
    def rule(self) -> Hop | None:
        """The first step that a line of the evidence stands for: the rule that lets packets pass."""
        return next((hop for hop in self.proof if hop.citation), None)


def _state(exposure: Exposure) -> State:
    match exposure.verdict:
        case Verdict.REACHABLE:
            if exposure.basis is Basis.USED:
                return State.USED
            return State.LIMITED if exposure.expected else State.OPEN
        case Verdict.UNKNOWN:
            return State.UNKNOWN
        case Verdict.BLOCKED:
            return State.BLOCKED


def _door_key(exposure: Exposure) -> tuple[str, str, str, int, str]:
    """Tell doors apart; a socket on 0.0.0.0 and its twin on [::] are one."""
    listener = exposure.listener
    address = "" if listener.address is None or listener.address.is_unspecified else str(listener.address)
    return exposure.vantage, listener.service.value, listener.transport, listener.port, address


def _only_from(exposures: Iterable[Exposure]) -> str:
    """Name the sources where they are few: at most 16 networks, 1,024 IPv4 addresses, no IPv6 network above a /64."""
    passing = AddressSet()
    for exposure in exposures:
        if exposure.verdict is Verdict.REACHABLE:
            passing |= exposure.sources
    networks = []
    for network in passing.networks():
        networks.append(network)
        if len(networks) > 16 or (network.version == 6 and network.prefixlen < 64):
            return ""
    few = networks and AddressSet(ipv4=passing.ipv4).count <= 1024
    return words.listed(str(AddressSet.of(network)) for network in networks) if few else ""


def doors(report: Report) -> tuple[Door, ...]:
    """Give each listener once for each vantage, worst state first, then by port."""
    grouped: dict[tuple[str, str, str, int, str], list[Exposure]] = {}
    for exposure in report.exposures:
        grouped.setdefault(_door_key(exposure), []).append(exposure)
    found = []
    for exposures in grouped.values():
        ordered = sorted(exposures, key=lambda exposure: _state(exposure).rank)
        outsides = dict.fromkeys(exposure.outside for exposure in ordered if exposure.outside)
        found.append(
            Door(
                vantage=ordered[0].vantage,
                listener=ordered[0].listener,
                state=_state(ordered[0]),
                exposures=tuple(ordered),
                outsides=tuple(outsides),
                only_from=_only_from(ordered),
            )
        )
    return tuple(sorted(found, key=lambda door: (door.state.rank, door.listener.port, door.listener.transport)))


def outer_doors(report: Report) -> tuple[Door, ...]:
    """Give the doors as seen from the Internet, whatever their state; those of the phones where they can be judged."""
    return tuple(
        door
        for door in doors(report)
        if door.vantage == INTERNET and not (door.listener.service in PHONES and door.state is State.UNKNOWN)
    )


def open_doors(report: Report) -> tuple[Door, ...]:
    """Give the doors through which packets from the Internet pass."""
    return tuple(door for door in outer_doors(report) if door.state in {State.USED, State.OPEN})


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """A network of the site and what it reaches; ``prefixes`` in words, empty where the evidence names none."""

    name: str
    prefixes: str
    doors: tuple[Door, ...]

    def having(self, *states: State) -> tuple[Door, ...]:
        """Give its doors in one of these states."""
        return tuple(door for door in self.doors if door.state in states)


def insides(report: Report) -> tuple[Inside, ...]:
    """Give the networks that exposures were judged from, in the order of the site."""
    by_vantage: dict[str, list[Door]] = {}
    for door in doors(report):
        if door.vantage != INTERNET:
            by_vantage.setdefault(door.vantage, []).append(door)
    known = {network.name: words.listed(map(str, network.prefixes), 3) for network in report.site.networks}
    names = [*(name for name in known if name in by_vantage), *sorted(by_vantage.keys() - known.keys())]
    return tuple(Inside(name=name, prefixes=known.get(name, ""), doors=tuple(by_vantage[name])) for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    """The line of time of one account; ``account`` is empty for what is tied to no single account."""

    account: str
    moments: tuple[Moment, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses that the moments name, without the phone's own."""
        return tuple(
            dict.fromkeys(str(item.address) for item in self.moments if item.address and item.step is not Step.PHONE)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Moments of one kind in a row, told as one."""

    step: Step
    moments: tuple[Moment, ...]

    def told(self, *, dated: bool = False) -> str:
        """Say it in a few words: ``3 calls 19:08:02 to 19:40:11``; an unclassified moment keeps its own words."""
        first, last = self.moments[0], self.moments[-1]
        size = len(self.moments)
        if self.step is Step.OTHER:
            return f"{first.what} {words.clock(first.at, dated=dated)}"
        name = {
            Step.CALLED: words.count(size, "call"),
            Step.TRIED: words.count(size, "try", "tries"),
        }.get(self.step, words.STEPS[self.step] + (f" {size} times" if size > 1 else ""))
        start, end = words.clock(first.at, dated=dated), words.clock(last.at, dated=dated)
        return f"{name} {start}" if start == end else f"{name} {start} to {end}"


def in_time(moments: Iterable[Moment]) -> tuple[Moment, ...]:
    """Put moments in order of time; those without one come last."""
    return tuple(sorted(moments, key=lambda moment: moment.at or LAST))


def lanes(incident: Incident) -> tuple[Lane, ...]:
    """Give one line for each account, first taken first; before them what belongs to no single account."""
    by_account: dict[str, list[Moment]] = {"": [], **{account: [] for account in incident.accounts}}
    for moment in in_time(incident.moments):
        by_account[moment.account if moment.account in incident.accounts else ""].append(moment)
    found = [Lane(account=account, moments=tuple(moments)) for account, moments in by_account.items()]
    return tuple(sorted((lane for lane in found if lane.account or lane.moments), key=_taken_at))


def _taken_at(lane: Lane) -> tuple[bool, datetime]:
    """Sort by the first moment that is a stranger's; the lane of no account stands before all others."""
    strange = (moment.at for moment in lane.moments if moment.at and moment.step is not Step.PHONE)
    return bool(lane.account), next(strange, LAST)


def spans_days(incident: Incident) -> bool:
    """Tell whether times of day alone would be ambiguous."""
    told = [moment.at for moment in incident.moments if moment.at and moment.step is not Step.PHONE]
    return len({words.day(at) for at in told}) > 1


def stretches(lane: Lane) -> tuple[Stretch, ...]:
    """Fold moments of one kind that follow each other; the phone's own life is left out."""
    folded: list[list[Moment]] = []
    for moment in lane.moments:
        if moment.step is Step.PHONE:
            continue
        if folded and folded[-1][0].step is moment.step is not Step.OTHER:
            folded[-1].append(moment)
        else:
            folded.append([moment])
    return tuple(Stretch(step=moments[0].step, moments=tuple(moments)) for moments in folded)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Findings of one check and one severity: one story told about several subjects."""

    severity: Severity
    check: str
    findings: tuple[Finding, ...]


def groups(findings: Iterable[Finding]) -> tuple[Group, ...]:
    """Put the findings in order, worst first, and those that one check found together."""
    grouped: dict[tuple[Severity, str], list[Finding]] = {}
    for finding in sorted(findings, key=lambda finding: finding.severity.rank):
        grouped.setdefault((finding.severity, finding.check), []).append(finding)
    return tuple(
        Group(severity=level, check=check, findings=tuple(members)) for (level, check), members in grouped.items()
    )


def nothing_to_do(report: Report) -> str:
    """Say why the list of urgent steps is empty."""
    if not report.complete:
        return "Collect what is missing, then check again."
    return "See the findings below." if report.findings or report.incidents else "Nothing is urgent."


def undecided(report: Report) -> tuple[Unknown, ...]:
    """Give what could not be decided, with the doors to the Internet that no entry speaks about."""
    spoken = "\n".join(f"{unknown.subject} {unknown.why}" for unknown in report.unknowns)
    claims = {unknown.why for unknown in report.unknowns}
    loose = [
        Unknown(
            subject=words.service(door.listener),
            why=door.claim,
            citation=door.rule.citation if door.rule else None,
        )
        for door in outer_doors(report)
        if door.state is State.UNKNOWN
        and claims.isdisjoint(exposure.claim for exposure in door.exposures)
        and not re.search(rf"{re.escape(words.port(door.listener))}\b", spoken)
    ]
    return (*report.unknowns, *loose)


def texts(report: Report) -> tuple[str, ...]:
    """Give the sentences of the report in which terms of the field may occur."""
    return (
        report.verdict,
        *(remedy.text for remedy in report.next_hour),
        *(exposure.claim for exposure in report.exposures),
        *(incident.claim for incident in report.incidents),
        *(finding.claim for finding in report.findings),
    )
