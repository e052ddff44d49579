"""Asterisk's NOTICE and WARNING lines about attempts that failed.

Each template takes the address from a place that only Asterisk writes: before the sender's text where the line begins
with it, and after the sender's text, anchored at the end, where it does not.
"""

import re
from dataclasses import dataclass

from ringfence.events.schema import Authentication, Outcome
from ringfence.model.evidence import Citation
from ringfence.readers.logs.endpoint import ENDPOINT, endpoint
from ringfence.readers.logs.grammar import Line
from ringfence.readers.logs.stamps import Stamp

_WRONG = Outcome.WRONG_SECRET
_UNKNOWN = Outcome.UNKNOWN_ACCOUNT
_REASONS = {
    "Wrong password": _WRONG,
    "Username/auth name mismatch": _WRONG,
    "Failed to authenticate": _WRONG,
    "Error to authenticate": _WRONG,
    "No matching peer found": _UNKNOWN,
    "No matching endpoint found": _UNKNOWN,
}
_FORGED = "the sender's text holds the words with which Asterisk names an address"
_LINE_BREAK = "the number that the sender dialled holds line breaks: what follows in the log is the sender's text"
_DAMAGED = "the sender's text erased or broke part of this line"

#: A From header as pjsip prints it, whole: quotes inside the display name are escaped, so nothing can leave it.
_FROM = r'(?P<claim>(?:"(?:\\.|[^"\\])*" ?|[^"<>\']{0,200})<[^<>]*>(?:;tag=[^\s\']*)?|sips?:[^\s"<>\']+)'


@dataclass(frozen=True, slots=True, kw_only=True)
class _Template:
    """One kind of line: who writes it, how it begins, and what the whole of it looks like."""

    source: str
    begins: str
    pattern: re.Pattern[str]
    service: str
    outcome: Outcome = Outcome.REFUSED
    reason: str = ""
    method: str = ""


def _template(source: str, begins: str, rest: str, service: str, **more: str | Outcome) -> _Template:
    pattern = re.compile(re.escape(begins) + rest.replace("ENDPOINT", f"(?P<address>{ENDPOINT})"), re.DOTALL)
    return _Template(source=source, begins=begins, pattern=pattern, service=service, **more)  # type: ignore[arg-type]


_EXTENSION = r"extension '(?P<dialled>.*)' rejected because extension not found in context '[^'\n]{0,80}'\."
#: Sources and shapes: ast:channels/chan_sip.c, channels/chan_iax2.c, res/res_pjsip/*.c, main/manager.c, main/acl.c.
_TEMPLATES = (
    _template(
        "chan_sip.c",
        "Registration from '",
        r"(?P<claim>.*)' failed for 'ENDPOINT' - (?P<reason>[A-Za-z][\w /()-]{2,60})",
        "chan_sip",
        method="REGISTER",
    ),
    _template(
        "chan_sip.c",
        "Call from '",
        r"(?P<account>[^'\n]{0,80})' \(ENDPOINT\) to " + _EXTENSION,
        "chan_sip",
        method="INVITE",
        reason="extension not found",
    ),
    _template(
        "chan_sip.c",
        "Failed to authenticate device ",
        r"(?P<claim>[^\n]*?)(?: for (?P<method>[A-Z]+), code = -?\d+)?",
        "chan_sip",
        outcome=_WRONG,
        method="INVITE",
        reason="Failed to authenticate device",
    ),
    _template(
        "res_pjsip/pjsip_distributor.c",
        "Request ",
        rf"(?:'(?P<method>[A-Za-z]{{1,32}})' )?from '{_FROM}' failed for 'ENDPOINT' \(callid: (?P<call_id>[^\n]*)\)"
        r" - (?P<reason>[A-Z][a-zA-Z ]{2,60}?)(?: after \d+ tries in [\d.]+ ms)?",
        "pjsip",
    ),
    _template(
        "res_pjsip_session.c",
        "Call from '",
        r"(?P<account>[^'\n]{0,80})' \((?:[A-Z]{2,4}:)?ENDPOINT\) to " + _EXTENSION,
        "pjsip",
        method="INVITE",
        reason="extension not found",
    ),
    _template(
        "res_pjsip_session.c",
        "",
        r" {0,2}(?P<account>[^:\n]{0,80}): Call \((?:[A-Z]{2,4}:)?ENDPOINT\) to " + _EXTENSION,
        "pjsip",
        method="INVITE",
        reason="extension not found",
    ),
    _template(
        "res_pjsip_registrar.c",
        "Registration attempt from endpoint '",
        r"(?P<account>[^'\n]{1,80})' \(ENDPOINT\) to AOR '[^'\n]*' will exceed max contacts of \d+",
        "pjsip",
        method="REGISTER",
        reason="too many contacts",
    ),
    _template(
        "res_pjsip_registrar.c",
        "AOR '",
        r"[^'\n]*' not found for endpoint '(?P<account>[^'\n]{1,80})' \(ENDPOINT\)",
        "pjsip",
        method="REGISTER",
        reason="AOR not found",
    ),
    _template(
        "res_pjsip_acl.c",
        "Incoming SIP message from ",
        r"ENDPOINT did not pass ACL test",
        "pjsip",
        reason="ACL",
    ),
    _template(
        "acl.c",
        "SIP Peer ACL: Rejecting '",
        r"ENDPOINT' due to a failure to pass ACL '[^'\n]*'",
        "chan_sip",
        reason="SIP Peer ACL",
    ),
    _template(
        "acl.c", "SIP ACL: Rejecting '", r"ENDPOINT' due to a failure to pass ACL '[^'\n]*'", "pjsip", reason="SIP ACL"
    ),
    _template(
        "acl.c",
        "SIP contact ACL: Rejecting '",
        r"ENDPOINT' due to a failure to pass ACL '[^'\n]*'",
        "pjsip",
        reason="SIP contact ACL",
    ),
    _template(
        "acl.c",
        "Manager User ACL: Rejecting '",
        r"ENDPOINT' due to a failure to pass ACL '[^'\n]*'",
        "ami",
        reason="Manager User ACL",
    ),
    _template(
        "manager.c",
        "",
        r"ENDPOINT tried to authenticate with nonexistent user '(?P<account>[^\n]{0,80})'",
        "ami",
        outcome=_UNKNOWN,
        reason="nonexistent user",
    ),
    _template(
        "manager.c",
        "",
        r"ENDPOINT failed to authenticate as '(?P<account>[^\n]{0,80})'",
        "ami",
        outcome=_WRONG,
        reason="failed to authenticate",
    ),
    _template("manager.c", "", r"ENDPOINT failed to pass IP ACL as '(?P<account>[^\n]{0,80})'", "ami", reason="IP ACL"),
    _template(
        "chan_iax2.c",
        "Host ",
        r"ENDPOINT failed MD5 authentication for '(?P<account>[^\n]{0,80})' \([^\n]*\)",
        "iax2",
        outcome=_WRONG,
        reason="failed MD5 authentication",
    ),
    _template(
        "chan_iax2.c",
        "Host ",
        r"ENDPOINT failed to authenticate as '?(?P<account>[^\n]{0,80}?)'?",
        "iax2",
        outcome=_WRONG,
        reason="failed to authenticate",
    ),
    _template(
        "chan_iax2.c",
        "Host ",
        r"ENDPOINT denied access to register peer '(?P<account>[^\n]{0,80})'",
        "iax2",
        reason="denied access",
    ),
    _template(
        "chan_iax2.c",
        "No registration for peer '",
        r"(?P<account>[^\n]*)' \(from ENDPOINT\)",
        "iax2",
        outcome=_UNKNOWN,
        reason="no registration for this peer",
    ),
    _template(
        "chan_iax2.c",
        "Rejected connect attempt from ",
        r"ENDPOINT, who was trying to reach '(?P<dialled>.*)'",
        "iax2",
        method="NEW",
        reason="rejected connect attempt",
    ),
)
# WARNING[6756][C-0000001d] Ext. s: "Rejecting unknown SIP connection from 192.168.55.152" (FreePBX's from-sip-external)
_GUEST = re.compile(rf'"Rejecting unknown SIP connection from (?P<address>{ENDPOINT})"')
#: Lines whose end the sender broke and that name the address before it: after a well-formed From, or at the start.
_STARTS = {
    "Request ": re.compile(
        rf"Request (?:'(?P<method>[A-Za-z]{{1,32}})' )?from '{_FROM}' failed for '(?P<address>{ENDPOINT})' \(callid: "
    ),
    "Call from '": re.compile(
        rf"Call from '(?P<account>[^'\n]{{0,80}})' \((?:[A-Z]{{2,4}}:)?(?P<address>{ENDPOINT})\) to extension '"
    ),
}
_CLAIMED = re.compile(r"sips?:([^@<>;\s]{0,80})@")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """The row and, where a sender tampered with the line, how."""

    row: Authentication
    forged: str = ""


def read_notice(line: Line, stamp: Stamp, citation: Citation) -> Notice | None:
    """Read a line about a failed attempt; None where it is about something else.

    ``Notice.row.address`` is None and ``trusted`` False where the line begins like one of the templates but its bytes
    do not tell the address any more.
    """
    if line.source.startswith("Ext. "):
        return _read_guest(line, stamp, citation)
    begun = None
    for template in _TEMPLATES:
        if template.source != line.source or not line.message.startswith(template.begins):
            continue
        match = template.pattern.fullmatch(line.message)
        if match is not None:
            return _row(template, match, stamp, citation)
        begun = begun or (template if template.begins in ("Registration from '", "Request ", "Call from '") else None)
    return _read_damaged(begun, line, stamp, citation) if begun else None


def _row(template: _Template, match: re.Match[str], stamp: Stamp, citation: Citation) -> Notice | None:
    groups = match.groupdict()
    place = endpoint(groups["address"]) if "address" in groups else None
    if place is None and "address" in groups:
        return None
    claim = groups.get("claim")
    reason = groups.get("reason") or template.reason
    forged = _tampering(match)
    return Notice(
        row=Authentication(
            at=stamp.at,
            service=template.service,
            account=_claimed(claim) if claim is not None else (groups.get("account") or "").strip(),
            outcome=_REASONS.get(reason, template.outcome),
            address=place[0] if place else None,
            port=place[1] if place else None,
            method=groups.get("method") or template.method,
            reason=reason,
            session=groups.get("call_id") or "",
            via_security=False,
            trusted=forged != _FORGED,
            citation=citation,
        ),
        forged=forged,
    )


def _tampering(match: re.Match[str]) -> str:
    """Say how a sender tampered with a complete line; a dialled number stands behind the address and cannot move it."""
    if match.groupdict().get("dialled") is None:
        return _FORGED if match.string.count("' failed for '") > 1 else ""
    return _LINE_BREAK if "\n" in match.string else ""


def _claimed(header: str) -> str:
    """Give the user of the last SIP address in a header: text of the sender."""
    users = _CLAIMED.findall(header[:2048])
    return users[-1] if users else ""


def _read_guest(line: Line, stamp: Stamp, citation: Citation) -> Notice | None:
    match = _GUEST.fullmatch(line.message)
    place = endpoint(match["address"]) if match else None
    if place is None:
        return None
    row = Authentication(
        at=stamp.at,
        service="chan_sip",
        account="",
        outcome=Outcome.REFUSED,
        address=place[0],
        port=place[1],
        method="INVITE",
        reason="unknown SIP connection rejected",
        via_security=False,
        citation=citation,
    )
    return Notice(row=row)


def _read_damaged(template: _Template, line: Line, stamp: Stamp, citation: Citation) -> Notice:
    start = _STARTS.get(template.begins)
    match = start.match(line.message) if start else None
    groups = match.groupdict() if match else {}
    place = endpoint(groups["address"]) if groups else None
    row = Authentication(
        at=stamp.at,
        service=template.service,
        account=_claimed(groups["claim"]) if groups.get("claim") else groups.get("account", ""),
        outcome=template.outcome,
        address=place[0] if place else None,
        port=place[1] if place else None,
        method=groups.get("method") or template.method,
        reason="unreadable",
        via_security=False,
        trusted=False,
        citation=citation,
    )
    return Notice(row=row, forged=_DAMAGED)
