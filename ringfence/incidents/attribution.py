"""From where was a call placed? The CDR holds no address, so it is joined with registrations and authentications."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from ringfence.events.schema import Call, Outcome, RegistrationAction
from ringfence.incidents.destinations import classify
from ringfence.incidents.scene import SIP_SERVICES, Place, Scene
from ringfence.model.evidence import Citation
from ringfence.model.site import Address

#: A CDR starts in the second in which the INVITE was authenticated, or the next; only a busy PBX takes longer.
WINDOWS = (
    (timedelta(seconds=1), timedelta(seconds=1)),
    (timedelta(seconds=4), timedelta(seconds=2)),
)


class Basis(StrEnum):
    """What ties a call to an address."""

    AUTHENTICATION = "authentication"
    REGISTRATION = "registration"
    NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedCall:
    """A call with the address that it came from, as far as the evidence tells.

    On ``REGISTRATION`` the account was registered from there, but a call needs no registration: without the security
    log somebody else may have placed it.
    """

    call: Call
    account: str
    address: Address | None
    basis: Basis
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Trace:
    """Somebody proved, or was asked to prove, to be the account."""

    at: datetime
    address: Address
    proved: bool
    citation: Citation


def place_calls(scene: Scene) -> tuple[PlacedCall, ...]:
    """Attribute every call of a known account."""
    traces = _traces(scene)
    registrations = _registrations(scene)
    placed: list[PlacedCall] = []
    for call in scene.events.calls:
        if not call.account or not scene.is_account(call.account):
            continue
        near = _near(traces.get(call.account, []), call.at)
        trace = _most_telling(scene, call, near)
        basis, address, citation = (
            (Basis.AUTHENTICATION, trace.address, trace.citation)
            if trace is not None
            else _registered_at(registrations.get(call.account, []), call.at)
        )
        placed.append(
            PlacedCall(call=call, account=call.account, address=address, basis=basis, citation=citation),
        )
    return tuple(placed)


def _traces(scene: Scene) -> dict[str, list[_Trace]]:
    found: dict[str, list[_Trace]] = defaultdict(list)
    for row in scene.events.authentications:
        if row.address is None or not row.trusted or row.service not in SIP_SERVICES:
            continue
        if row.outcome not in (Outcome.SUCCEEDED, Outcome.CHALLENGED) or row.method == "REGISTER":
            continue
        if scene.is_account(row.account):
            proved = row.outcome is Outcome.SUCCEEDED
            found[row.account].append(_Trace(at=row.at, address=row.address, proved=proved, citation=row.citation))
    for traces in found.values():
        traces.sort(key=lambda trace: trace.at)
    return found


def _near(traces: list[_Trace], at: datetime) -> list[_Trace]:
    """Give the traces of the narrowest window around the time that holds any."""
    for before, after in WINDOWS:
        first = bisect_left(traces, at - before, key=lambda trace: trace.at)
        last = bisect_right(traces, at + after, key=lambda trace: trace.at)
        if first < last:
            return traces[first:last]
    return []


def _most_telling(scene: Scene, call: Call, traces: list[_Trace]) -> _Trace | None:
    """Choose the trace that explains the call.

    Where the phone and a stranger both spoke up in the same moment, the number decides: thieves call abroad, and the
    phone is only taken for the source of such a call where nobody else is. Else a proof beats a challenge, which the
    asked one may never have answered.
    """
    abroad = classify(call.dialled, extensions=scene.account_names).kind.is_costly

    def weight(trace: _Trace) -> tuple[bool, bool, datetime]:
        strange = scene.place(trace.address) in (Place.OUTSIDE, Place.HIDDEN)
        return (trace.proved, strange, trace.at) if abroad else (not strange, trace.proved, trace.at)

    return max(traces, key=weight, default=None)


def _registrations(scene: Scene) -> dict[str, list[tuple[datetime, Address | None, Citation]]]:
    """Give per account where it was last registered from each moment on; None from where it was registered nowhere."""
    found: dict[str, list[tuple[datetime, Address | None, Citation]]] = defaultdict(list)
    for row in scene.events.registrations:
        history = found[row.account]
        if row.action is RegistrationAction.ADDED:
            history.append((row.at, row.address, row.citation))
        elif history and row.address in (None, history[-1][1]):
            # chan_sip does not say who left; PJSIP names the contact, and an older one that goes changes nothing.
            history.append((row.at, None, row.citation))
    return found


def _registered_at(
    history: list[tuple[datetime, Address | None, Citation]], at: datetime
) -> tuple[Basis, Address | None, Citation | None]:
    position = bisect_right(history, at, key=lambda row: row[0]) - 1
    if position < 0 or history[position][1] is None:
        return Basis.NOTHING, None, None
    _, address, citation = history[position]
    return Basis.REGISTRATION, address, citation
