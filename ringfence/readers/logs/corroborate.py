"""Lines about one moment held against each other: what one writer says must not contradict what another says."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ringfence.events.schema import (
    Anomaly,
    AnomalyKind,
    Authentication,
    Outcome,
    Registration,
    RegistrationAction,
)
from ringfence.model.site import Address, Driver

#: Different files and threads write about one attempt within this time.
_TOGETHER = timedelta(seconds=3)
#: chan_sip keeps a dialogue this long (32 seconds and their like for late answers); then its id may be used again.
_DIALOGUE = timedelta(seconds=64)
_SIP = frozenset({"chan_sip", "pjsip"})
_DRIVERS = {Driver.CHAN_SIP: "chan_sip", Driver.PJSIP: "pjsip"}


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityLog:
    """The SIP security events in order of time, and the marks of events that could not be written."""

    events: tuple[Authentication, ...]
    times: tuple[datetime, ...]
    lost: tuple[datetime, ...]

    def around(self, at: datetime, within: timedelta = _TOGETHER) -> Sequence[Authentication]:
        """Give the events about that time."""
        return self.events[bisect_left(self.times, at - within) : bisect_right(self.times, at + within)]

    def covers(self, at: datetime) -> bool:
        """Tell whether the log speaks for the time: it has earlier and later events, and none was lost just then."""
        if not self.times or not self.times[0] <= at <= self.times[-1]:
            return False
        place = bisect_left(self.lost, at - _TOGETHER)
        return place == len(self.lost) or self.lost[place] > at + _TOGETHER


def security_log(authentications: Sequence[Authentication], anomalies: Sequence[Anomaly]) -> SecurityLog:
    """Gather the SIP security events; both tables are in order of time."""
    events = tuple(row for row in authentications if row.via_security and row.service in _SIP)
    lost = tuple(row.at for row in anomalies if row.kind is AnomalyKind.SUPPRESSED_EVENT and row.at is not None)
    return SecurityLog(events=events, times=tuple(row.at for row in events), lost=lost)


def name_methods(rows: Iterable[Authentication]) -> tuple[Authentication, ...]:
    """Tell chan_sip's INVITEs from its REGISTERs, and give INVITEs the account that they claimed.

    An INVITE's challenge names the From address, its end the *dialled number*; both have the same session id
    (ast:channels/sip/security_events.c, seen in the lab).
    """
    challenged: dict[str, Authentication] = {}
    named: list[Authentication] = []
    for row in rows:
        if row.service != "chan_sip" or not row.via_security or not row.session:
            named.append(row)
            continue
        if row.outcome is Outcome.CHALLENGED:
            challenged[row.session] = row
            named.append(row if row.method else replace(row, method="REGISTER"))
            continue
        first = challenged.get(row.session)
        if first is None or row.at - first.at > _DIALOGUE or first.address != row.address or row.method:
            named.append(row)
        elif first.method:
            dialled = "" if row.account == first.account else f", dialled {row.account}"
            named.append(replace(row, method="INVITE", account=first.account, reason=f"{row.reason}{dialled}"))
        else:
            named.append(replace(row, method="REGISTER"))
    return tuple(named)


def check_notices(
    rows: Iterable[Authentication], log: SecurityLog
) -> tuple[tuple[Authentication, ...], tuple[Anomaly, ...]]:
    """Take the address from a SIP NOTICE that no security event of its moment confirms, where there should be one.

    Every failed attempt that chan_sip and PJSIP put into a NOTICE also raises a security event, whose address a sender
    cannot move; with control characters or line breaks a sender can write a NOTICE that names somebody else.
    """
    checked: list[Authentication] = []
    contradictions: list[Anomaly] = []
    for row in rows:
        if row.via_security or row.service not in _SIP or row.address is None or not log.covers(row.at):
            checked.append(row)
            continue
        around = log.around(row.at)
        known = {event.address for event in around}
        if not row.trusted or not _is_about_security(row) or known & {row.address, None}:
            checked.append(row)
            continue
        words = "this line names an address that no security event of the same moment knows: it may be forged"
        contradictions.append(Anomaly(at=row.at, kind=AnomalyKind.FORGED_LINE, text=words, citation=row.citation))
        checked.append(replace(row, address=None, port=None, trusted=False))
    return tuple(checked), tuple(contradictions)


def _is_about_security(row: Authentication) -> bool:
    """Tell whether the line has a security event: guests that the dialplan turns away and bare ACL lines have none."""
    return row.reason not in ("unknown SIP connection rejected", "too many contacts", "ACL") and "ACL" not in row.reason


def true_sources(rows: Iterable[Registration], log: SecurityLog) -> tuple[Registration, ...]:
    """Put the packets' source for a contact's host where the two differ.

    Without rewrite_contact (or with ``nat=no``) the log line shows the host that the phone *says* it has. The security
    event of the same moment and account shows where the packets came from.
    """
    checked: list[Registration] = []
    for row in rows:
        service = _DRIVERS.get(row.driver)
        if row.action is not RegistrationAction.ADDED or service is None:
            checked.append(row)
            continue
        events = [
            event
            for event in log.around(row.at)
            if event.service == service
            and event.account == row.account
            and event.outcome is Outcome.SUCCEEDED
            and event.address is not None
        ]
        if not events or any(event.address == row.address for event in events):
            checked.append(row)
            continue
        event = min(events, key=lambda event: abs(event.at - row.at))
        said = row.device_address or _shown(row.address, row.port)
        checked.append(replace(row, address=event.address, port=event.port, device_address=said))
    return tuple(checked)


def _shown(address: Address | None, port: int | None) -> str:
    if address is None:
        return ""
    host = f"[{address}]" if address.version == 6 else str(address)
    return host if port is None else f"{host}:{port}"


def add_user_agents(
    rows: Iterable[Registration], names: Sequence[tuple[datetime, str, str]]
) -> tuple[Registration, ...]:
    """Give a registration the software that the phone named in the same moment."""
    by_account: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for at, account, name in names:
        by_account[account].append((at, name))
    return tuple(
        replace(row, user_agent=name)
        if row.action is RegistrationAction.ADDED and (name := _named_at(by_account.get(row.account, ()), row.at))
        else row
        for row in rows
    )


def _named_at(names: Sequence[tuple[datetime, str]], at: datetime) -> str:
    place = bisect_left(names, (at - _TOGETHER, ""))
    near = [(abs(moment - at), name) for moment, name in names[place : place + 8] if abs(moment - at) <= _TOGETHER]
    return min(near)[1] if near else ""
