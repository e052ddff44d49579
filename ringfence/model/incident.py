"""What happened: who used which accounts from where, how they most likely got in, and what else could explain it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ringfence.model.evidence import Citation
from ringfence.model.site import Address


class Cause(StrEnum):
    """How strangers came to use the phone system."""

    PROVISIONING_LEAK = "provisioning-leak"
    GUESSED = "guessed"
    SECRET_KNOWN = "secret-known"  # noqa: S105 - the word for a cause, not a password
    GUEST_CALLS = "guest-calls"
    PHONE_TAKEOVER = "phone-takeover"
    ADMIN_BREAK_IN = "admin-break-in"
    VOICEMAIL_OR_DISA = "voicemail-or-disa"


class Confidence(StrEnum):
    """How far the evidence carries the cause: ``proven`` only where rows prove every step."""

    PROVEN = "proven"
    PROBABLE = "probable"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rival:
    """A possible cause with what speaks for it, against it, and what evidence is missing to tell."""

    cause: Cause
    supporting: tuple[str, ...] = ()
    opposing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


class Step(StrEnum):
    """What kind of moment it is, so that a line of time can be drawn; ``phone`` is the phone's own, innocent life."""

    FILE_FETCHED = "file-fetched"
    TRIED = "tried"
    CONTACT = "contact"
    REGISTERED = "registered"
    CALLED = "called"
    PHONE = "phone"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One step of the story; ``what`` is a past-tense sentence, ``at`` is UTC or None where the log has no time."""

    at: datetime | None
    what: str
    account: str = ""
    address: Address | None = None
    citation: Citation | None = None
    step: Step = Step.OTHER


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Calls to one country or kind of number; ``cost`` in the tariff's currency, None without a tariff."""

    name: str
    calls: int
    seconds: int
    cost: float | None = None
    premium: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLoss:
    """The calls that strangers placed."""

    count: int = 0
    seconds: int = 0
    destinations: tuple[Destination, ...] = ()
    cost: float | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One break-in: accounts taken the same way by the same source.

    ``addresses`` are the hostile sources that the evidence names; empty where it does not tell. ``address_note`` says
    why.
    """

    id: str
    cause: Cause
    confidence: Confidence
    claim: str
    rivals: tuple[Rival, ...]
    accounts: tuple[str, ...]
    addresses: tuple[Address, ...]
    address_note: str = ""
    first_at: datetime | None = None
    last_at: datetime | None = None
    calls: CallLoss = CallLoss()
    moments: tuple[Moment, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakedSecret:
    """An account whose secret was read by a stranger or lay open to one, though it was not used: treat it as stolen."""

    account: str
    file: str
    address: Address | None
    at: datetime | None
    citation: Citation
    certain: bool
