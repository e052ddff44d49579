"""Messages that do not end on their line: what follows may be text of a sender, made to look like log lines.

chan_sip decodes the dialled number, so ``9%0A[2026-11-23 18:00:00] NOTICE[1] chan_sip.c: …`` puts a complete line of
the caller's choice into the log. Such a message is known by its missing tail; the lines up to the tail are part of it.
"""

import re
from dataclasses import dataclass, field, replace
from enum import Enum

from ringfence.readers.artifacts import decoded
from ringfence.readers.logs.grammar import LONGEST_MESSAGE_BYTES, Line, read_line
from ringfence.readers.logs.security_event import read_security_event
from ringfence.readers.logs.stamps import Stamp

_STEP = re.compile(r'Executing \[.*@[^@:\]\n]{1,80}:\d{1,9}\] \w{1,80}\("[^"\n]*", ".*"\) in new stack', re.DOTALL)
_REJECTED_END = re.compile(r"' rejected because extension not found in context '[^'\n]{0,80}'\.$")
# <--- Received SIP request (812 bytes) from UDP:203.0.113.66:5060 --->  (ast:res/res_pjsip_logger.c)
_PJSIP_DUMP = re.compile(r"<--- Received SIP \w{1,16} \((\d{1,6}) bytes\) from ")
DUMP_START = b"<--- SIP read from "
DUMP_END = b"<------------->"


_MOST_TRIES = 8
_LARGEST_SIP_BYTES = 64 * 1024


class Kind(Enum):
    """What kind of message did not end on its line, said as a report says it."""

    NUMBER = "a dialled number"
    STEP = "a step of the dialplan"
    ACCOUNT = "an account name"
    DUMP = "a SIP message that was logged whole"


def unterminated(line: Line) -> Kind | None:
    """Tell whether the message needs more lines to be complete, and what holds the line break."""
    message = line.message
    if line.whole:
        return None
    match line.source:
        case "pbx.c":
            is_open = message.startswith("Executing [") and not message.endswith(") in new stack")
            return Kind.STEP if is_open else None
        case "chan_sip.c" | "res_pjsip_session.c":
            if message.startswith(DUMP_START.decode()):
                return Kind.DUMP
            names_number = "Call from '" in message[:12] or ": Call (" in message[:100]
            is_open = names_number and " to extension '" in message and not _REJECTED_END.search(message)
            return Kind.NUMBER if is_open else None
        case "res_security_log.c":
            is_open = message.startswith('SecurityEvent="') and 'SessionID="' not in message
            return Kind.ACCOUNT if is_open else None
        case "res_pjsip_logger.c":
            return Kind.DUMP if _PJSIP_DUMP.match(message) else None
        case _:
            return None


def is_rejection(line: Line) -> bool:
    """Tell whether chan_sip shows a number that was dialled in vain, decoded, line breaks included."""
    return line.source == "chan_sip.c" and line.message.startswith("Call from '") and ends_rejection(line.message)


def ends_rejection(text: str) -> bool:
    """Tell whether a line ends as chan_sip ends its message about a number that was dialled in vain."""
    return text.endswith("'.") and _REJECTED_END.search(text) is not None


def whole_line(raw: bytes) -> Line:
    """Make a line of chan_sip's that has no head of its own: its SIP messages begin on the line after it."""
    return Line(date="", level="VERBOSE", thread="", call="", source="chan_sip.c", message=decoded(raw))


@dataclass(slots=True, kw_only=True)
class Window:
    """A message that has not ended yet, with the lines that may belong to it."""

    kind: Kind
    line: Line
    number: int
    stamp: Stamp | None
    rest: list[tuple[int, bytes]] = field(default_factory=list)
    size_bytes: int = 0
    wanted_bytes: int = 0
    tries: int = 0

    @classmethod
    def opened(cls, kind: Kind, line: Line, number: int, stamp: Stamp | None) -> "Window":
        """Begin with the message's first line."""
        dump = _PJSIP_DUMP.match(line.message)
        return cls(
            kind=kind,
            line=line,
            number=number,
            stamp=stamp,
            size_bytes=0 if dump else len(line.message),
            wanted_bytes=min(int(dump[1]), _LARGEST_SIP_BYTES) if dump else 0,
        )

    def take(self, number: int, raw: bytes) -> bool:
        """Add a line; True when the message is complete with it."""
        self.rest.append((number, raw))
        self.size_bytes += len(raw) + 1
        raw = raw.removesuffix(b"\r")
        match self.kind:
            case Kind.DUMP:
                return self.size_bytes >= self.wanted_bytes if self.wanted_bytes else raw == DUMP_END
            case Kind.STEP:
                return raw.endswith(b") in new stack") and self._is_step()
            case Kind.NUMBER:
                return _REJECTED_END.search(decoded(raw)) is not None
            case Kind.ACCOUNT:
                event = read_security_event(self.joined()) if b'RemoteAddress="' in raw else None
                return event is not None and event.remote is not None

    def _is_step(self) -> bool:
        """Tell whether the lines make up one step; a sender who ends it early again and again gets no more tries."""
        self.tries += 1
        return self.tries > _MOST_TRIES or _STEP.fullmatch(self.joined()) is not None

    @property
    def is_over(self) -> bool:
        """Tell whether no message of Asterisk can be this long: then its tail is lost."""
        return self.size_bytes > max(LONGEST_MESSAGE_BYTES, self.wanted_bytes)

    def joined(self) -> str:
        """Give the whole message, its line breaks in place."""
        return "\n".join([self.line.message, *(decoded(raw) for _, raw in self.rest)])

    def whole(self) -> Line:
        """Give the line as it would be if its message had no line breaks."""
        return replace(self.line, message=self.joined(), whole=True)

    def suspects(self) -> list[tuple[int, bytes, Line]]:
        """Give the lines inside that look like log lines of their own."""
        found = ((number, raw, read_line(raw)) for number, raw in self.rest)
        return [(number, raw, line) for number, raw, line in found if line is not None]
