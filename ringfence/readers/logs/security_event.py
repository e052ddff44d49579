"""Asterisk's SECURITY events: who tried to prove to be which account, and from where.

The field lists are the same from Asterisk 11 to 22 (ast:main/security_events.c, res/res_security_log.c). Values are not
escaped, so an AccountID or a Call-ID can hold ``",RemoteAddress="…``. What follows the last pair of addresses cannot
hold a bare quote, so the last pair is the one that Asterisk wrote.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ringfence.events.schema import Authentication, Outcome
from ringfence.model.evidence import Citation
from ringfence.model.site import Address
from ringfence.readers.logs.endpoint import address
from ringfence.readers.logs.grammar import MOST_PARSED_BYTES
from ringfence.readers.logs.stamps import Stamp, dated

# SecurityEvent="InvalidPassword",EventTV="2026-11-23T18:54:26.387+0000",Severity="Error",Service="SIP",
# EventVersion="2",AccountID="100",SessionID="0x7f9d280122f0",LocalAddress="IPV4/UDP/192.0.2.10/5160",
# RemoteAddress="IPV4/UDP/203.0.113.77/5072",Challenge="49996cf2",…
_PREFIX = re.compile(
    r'SecurityEvent="(?P<event>\w{1,40})",EventTV="(?P<time>[^"]{0,40})",Severity="\w{1,20}",'
    r'Service="(?P<service>\w{1,20})",EventVersion="\d{1,4}"',
    re.ASCII,
)
_PLACE = r"IPV[46]/(?:(?:UDP|TCP|TLS|WS|WSS)/)?[0-9A-Fa-f:.]{2,45}/\d{1,5}"
_PAIR = re.compile(rf'",LocalAddress="(?P<local>{_PLACE})",RemoteAddress="(?P<remote>{_PLACE})"', re.ASCII)
_TAIL = re.compile(r'(?:,[A-Z]\w{0,40}="(?:\\.|[^"\\])*")*', re.ASCII | re.DOTALL)
_ACL_NAME = re.compile(r',ACLName="([\w-]{1,80})"', re.ASCII)
_OLD_TIME = re.compile(r"(\d{9,11})-(\d{1,6})", re.ASCII)
_PAIR_START = '",LocalAddress="'

_SERVICES = {"SIP": "chan_sip", "PJSIP": "pjsip", "AMI": "ami", "IAX2": "iax2"}
_OUTCOMES = {
    "SuccessfulAuth": Outcome.SUCCEEDED,
    "ChallengeSent": Outcome.CHALLENGED,
    "InvalidPassword": Outcome.WRONG_SECRET,
    "ChallengeResponseFailed": Outcome.WRONG_SECRET,
    "InvalidAccountID": Outcome.UNKNOWN_ACCOUNT,
}
UNKNOWN_ENDPOINT = "<unknown>"


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityEvent:
    """One event; ``remote`` is None where the bytes no longer tell the address.

    ``forged`` says in words how a sender tampered with the line, or is empty.
    """

    event: str
    time: datetime | None
    service: str
    account: str
    session: str
    local_address: str
    remote: Address | None
    port: int | None
    acl: str
    forged: str = ""


def event_time(text: str) -> datetime | None:
    """Read EventTV: ISO 8601 with an offset (12 and newer) or ``seconds-microseconds`` (11 and older)."""
    stamp = dated(text)
    if stamp is not None:
        return stamp.at
    match = _OLD_TIME.fullmatch(text)
    return None if match is None else datetime.fromtimestamp(int(match[1]), UTC) + timedelta(microseconds=int(match[2]))


def read_security_event(message: str) -> SecurityEvent | None:
    """Read a SECURITY message, joined where an account name held a line break; None where it is none.

    Linear: the pairs of addresses are looked for from the right, and only the last one counts.
    """
    prefix = _PREFIX.match(message)
    if prefix is None or len(message) > MOST_PARSED_BYTES:
        return None
    pair = _last_pair(message, prefix.end())
    middle = message[prefix.end() : pair.start()] if pair else message[prefix.end() :]
    account, session = _names(middle)
    remote = _place(pair["remote"]) if pair else None
    return SecurityEvent(
        event=prefix["event"],
        time=event_time(prefix["time"]),
        service=_SERVICES.get(prefix["service"], prefix["service"].lower()),
        account=account,
        session=session,
        local_address=str(local[0]) if pair and (local := _place(pair["local"])) else "",
        remote=remote[0] if remote else None,
        port=remote[1] if remote else None,
        acl=acl[1] if pair and (acl := _ACL_NAME.search(message, pair.end())) else "",
        forged=_tampering(account, middle, whole=remote is not None),
    )


def _last_pair(message: str, start: int) -> re.Match[str] | None:
    """Find the last pair of addresses; it counts only if nothing but well-formed fields follows it."""
    end = len(message)
    while (found := message.rfind(_PAIR_START, start, end)) >= 0:
        pair = _PAIR.match(message, found)
        if pair is not None:
            return pair if _TAIL.fullmatch(message, pair.end()) else None
        end = found + len(_PAIR_START) - 1
    return None


def _names(middle: str) -> tuple[str, str]:
    account, mark, session = middle.partition('SessionID="')
    if not mark:
        return account.removeprefix(',AccountID="'), ""
    return account.removesuffix(",").removeprefix(',AccountID="').removesuffix('"'), session


def _place(text: str) -> tuple[Address, int] | None:
    parts = text.split("/")
    found = address(parts[-2])
    port = int(parts[-1])
    return None if found is None or port > 65535 else (found, port)


def _tampering(account: str, middle: str, *, whole: bool) -> str:
    if not whole:
        return "the sender's text erased or broke the address fields of this security event"
    if "\n" in account or "\r" in account:
        return "the account name that the sender gave holds a line break"
    if 'Address="' in middle:
        return "the sender's text holds address fields of its own; the last ones are Asterisk's"
    return ""


def authentication(event: SecurityEvent, stamp: Stamp, citation: Citation) -> Authentication:
    """Make the row; the account of a chan_sip INVITE's challenge is the From address, here without its host."""
    account, method = event.account, ""
    if event.service == "chan_sip" and account.startswith("sip:"):
        account, method = account[4:].partition("@")[0], "INVITE"
    outcome = _OUTCOMES.get(event.event, Outcome.REFUSED)
    if outcome is Outcome.WRONG_SECRET and account == UNKNOWN_ENDPOINT:
        outcome = Outcome.UNKNOWN_ACCOUNT
    return Authentication(
        at=stamp.at,
        service=event.service,
        account=account,
        outcome=outcome,
        address=event.remote,
        port=event.port,
        method=method,
        reason=f"{event.event} {event.acl}".rstrip(),
        session=event.session,
        local_address=event.local_address,
        via_security=True,
        trusted=event.remote is not None,
        citation=citation,
    )
