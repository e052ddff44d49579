"""The event tables: one declaration per table, every row with its time in UTC and the line that it comes from."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import Address, Driver


class RegistrationAction(StrEnum):
    """What happened to a registration."""

    ADDED = "added"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """A contact of an account was added or removed; chan_sip logs only changes, so one line can stand for months.

    ``at`` is UTC. ``address`` is None where the line does not name it (``Unregistered SIP``). ``device_address`` is the
    phone's own address behind NAT where the contact reveals it (``x-ast-orig-host``): text of the sender, not proof.
    ``why`` is Asterisk's reason for a removal.
    """

    at: datetime
    account: str
    driver: Driver
    action: RegistrationAction
    address: Address | None
    port: int | None = None
    device_address: str = ""
    user_agent: str = ""
    why: str = ""
    citation: Citation


class Outcome(StrEnum):
    """How an attempt to authenticate ended."""

    CHALLENGED = "challenged"
    SUCCEEDED = "succeeded"
    WRONG_SECRET = "wrong-secret"  # noqa: S105 - the word for an outcome
    UNKNOWN_ACCOUNT = "unknown-account"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Authentication:
    """Somebody tried to prove to be an account; from SECURITY events and from NOTICE lines.

    ``account`` is what the sender claimed (for a failed chan_sip INVITE it is the *dialled number*: see ``method``).
    ``address`` is None where the bytes no longer tell it; ``trusted`` is False where the line's text is ambiguous
    because a sender forged parts of it. ``service`` is ``chan_sip``, ``pjsip``, ``iax2`` or ``ami``. ``via_security``
    tells SECURITY events from NOTICE lines, which often report the same attempt twice. ``local_address`` is the
    address it came in on.
    """

    at: datetime
    service: str
    account: str
    outcome: Outcome
    address: Address | None
    port: int | None = None
    method: str = ""
    reason: str = ""
    session: str = ""
    local_address: str = ""
    via_security: bool = True
    trusted: bool = True
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call through the PBX, from a CDR row or, where there is none, from the dialplan lines of the full log.

    ``account`` is the extension in the channel name (``SIP/2001-0000000c``), empty for guests and trunks;
    ``channel_peer`` is the raw middle part of the channel name (for guests: attacker text). ``dialled`` is the number
    asked for. ``trunk`` is the peer of the outgoing channel where the call left through one. ``driver`` is
    ``chan_sip``, ``pjsip`` … or another channel technology in lower case. Times are UTC, durations seconds.
    """

    at: datetime
    account: str
    driver: str
    channel: str
    channel_peer: str
    dialled: str
    context: str
    trunk: str = ""
    duration_seconds: int = 0
    billed_seconds: int = 0
    answered: bool = False
    unique_id: str = ""
    linked_id: str = ""
    from_cdr: bool = True
    citation: Citation


class FileOutcome(StrEnum):
    """What the server did with a request for a file."""

    REQUESTED = "requested"
    SERVED = "served"
    NOT_FOUND = "not-found"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRequest:
    """Somebody asked a provisioning service for a file; ``name`` as asked for, ``protocol`` is ``tftp`` or ``http``.

    ``REQUESTED`` is all that tftpd-hpa logs with one ``-v``: whether the file was sent is then inferred from its
    existence.
    """

    at: datetime
    protocol: str
    name: str
    address: Address
    outcome: FileOutcome
    user_agent: str = ""
    write: bool = False
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """Somebody logged in, or tried to, as an administrator: ``service`` is ``web``, ``ami`` or ``ssh``."""

    at: datetime
    service: str
    user: str
    address: Address
    succeeded: bool
    citation: Citation


class AnomalyKind(StrEnum):
    """How evidence can be lost or false."""

    FORGED_LINE = "forged-line"
    UNREADABLE_SOURCE = "unreadable-source"
    SUPPRESSED_EVENT = "suppressed-event"
    DISCARDED = "discarded"
    CLOCK_JUMP = "clock-jump"


@dataclass(frozen=True, slots=True, kw_only=True)
class Anomaly:
    """A mark that evidence was forged, lost or suppressed; ``text`` says in words what the line shows."""

    at: datetime | None
    kind: AnomalyKind
    text: str
    address: Address | None = None
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSource:
    """One log that was read: how many lines, how many understood, and the time it covers (UTC).

    ``kind`` is ``asterisk``, ``cdr``, ``tftp``, ``web``, ``freepbx-security``. ``levels`` are the Asterisk levels
    that occur.
    """

    file: str
    kind: str
    lines: int
    understood: int
    first_at: datetime | None = None
    last_at: datetime | None = None
    levels: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Events:
    """All tables of one site, each sorted by time."""

    registrations: tuple[Registration, ...] = ()
    authentications: tuple[Authentication, ...] = ()
    calls: tuple[Call, ...] = ()
    files: tuple[FileRequest, ...] = ()
    logins: tuple[Login, ...] = ()
    anomalies: tuple[Anomaly, ...] = ()
    sources: tuple[LogSource, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    inferred: tuple[str, ...] = ()
