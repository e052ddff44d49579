"""Asterisk's own templates, filled in by the tests, and readers run on them."""

from collections.abc import Mapping

from ringfence.events.schema import Events
from ringfence.readers.logs.every import read_events
from tests.memory import MemoryArtifacts

DATE = "2026-11-23 18:40:31"
TRUE = "203.0.113.66"
FORGED = "198.51.100.10"
FULL = "var/log/asterisk/full"


def line(message: str, source: str = "chan_sip.c", level: str = "NOTICE", thread: int = 7185, date: str = DATE) -> str:
    """Write a line as Asterisk's default formatter does."""
    return f"[{date}] {level}[{thread}] {source}: {message}\n"


def registration_failed(to: str, address: str = f"{TRUE}:5060", reason: str = "Wrong password") -> str:
    """Write chan_sip's NOTICE about a REGISTER."""
    return line(f"Registration from '{to}' failed for '{address}' - {reason}")


def extension_not_found(dialled: str, address: str = f"{TRUE}:5060") -> str:
    """Write chan_sip's NOTICE about a guest's INVITE; the number is decoded."""
    message = f"Call from '' ({address}) to extension '{dialled}' rejected because extension not found in context 'c'."
    return line(message)


def request_failed(sender: str, call_id: str, reason: str = "No matching endpoint found") -> str:
    """Write PJSIP's NOTICE."""
    message = f"Request 'REGISTER' from '{sender}' failed for '{TRUE}:5060' (callid: {call_id}) - {reason}"
    return line(message, "res_pjsip/pjsip_distributor.c", thread=7170)


def security(  # noqa: PLR0913 - the fields of the event
    event: str,
    account: str = "1001",
    session: str = "cid1",
    service: str = "PJSIP",
    *,
    remote: str = TRUE,
    tail: str = "",
    date: str = DATE,
) -> str:
    """Write a SECURITY event."""
    message = (
        f'SecurityEvent="{event}",EventTV="{date.replace(" ", "T")}.387+0000",Severity="Error",Service="{service}",'
        f'EventVersion="1",AccountID="{account}",SessionID="{session}",LocalAddress="IPV4/UDP/127.0.0.1/5060",'
        f'RemoteAddress="IPV4/UDP/{remote}/5060"{tail}'
    )
    return line(message, "res_security_log.c", "SECURITY", 7193, date)


def step(dialled: str, context: str = "from-internal", priority: int = 1, application: str = "Macro") -> str:
    """Write a step of the dialplan."""
    message = (
        f'Executing [{dialled}@{context}:{priority}] {application}("SIP/2001-00000001", "x,{dialled}") in new stack'
    )
    return line(message, "pbx.c", "VERBOSE", 6323).replace("] pbx.c", "][C-00000001] pbx.c")


def read(files: Mapping[str, str | bytes], timezone: str = "UTC") -> Events:
    """Read a machine that has these files."""
    return read_events(MemoryArtifacts(files), timezone)


def read_full(text: str | bytes) -> Events:
    """Read a machine that has only a full log."""
    return read({FULL: text})


def addresses(events: Events) -> set[str]:
    """Give every address that any row names."""
    tables = (events.authentications, events.registrations, events.logins, events.files, events.anomalies)
    return {str(row.address) for table in tables for row in table if row.address is not None}
