"""The grammar of Asterisk's log lines in its four forms: default, [plain], syslog and [json].

The same from Asterisk 11 to 22 (ast:main/logger.c)::

    [2026-11-23 18:54:23] NOTICE[7185][C-00000001] chan_sip.c: MESSAGE
    [2026-11-23 18:54:23] NOTICE[7185]: chan_sip.c:28468 handle_request_register: MESSAGE
    Mar  1 15:35:53 pbx asterisk[2350]: WARNING[1195][C-00000b43]: Ext. s:6 in @ from-sip-external: MESSAGE
    {"hostname":"pbx","timestamp":"…","identifiers":{"lwp":7185,"callid":""},"logmsg":{…,"message":"MESSAGE"}}
"""

import json
import re
from dataclasses import dataclass

from ringfence.readers.artifacts import decoded
from ringfence.readers.logs.syslog import read_syslog_line

#: Asterisk formats a message into at most this many bytes (LOGMSG_SIZE, ast:main/logger.c 16-22).
LONGEST_MESSAGE_BYTES = 8192
#: Longer messages are not parsed: their grammar would take too long, and Asterisk writes none.
MOST_PARSED_BYTES = 10 * 1024

_HEAD = re.compile(
    rb"(?:\[(?P<date>[^\]\n]{8,48})\] )?(?P<level>[A-Z_]{3,16}) ?\[(?P<thread>\d{1,10})\]"
    rb"(?:\[(?P<call>C-[0-9a-f]{8})\])?:? (?P<source>Ext\. [^:\s]{1,80}|[^\s:]{1,80})"
    rb"(?::\d{1,6}(?: in)? (?:@ )?[\w-]{1,80})?: "
)
# Old versions and consoles prefix verbose text: "    -- Executing", "  == Registered", "       > doing".
_VERBOSE_MARK = re.compile(rb" {2,7}(?:--|==|>) ")
# [2026-11-23 14:04:55] Asterisk 16.28.0~dfsg-0+deb11u4 built by nobody @ buildd.debian.org on a unknown …
_BANNER = re.compile(rb"\[(?P<date>[^\]\n]{8,48})\] Asterisk \S{1,64} built by ")

_DULL = rb"pbx_builtins|app_stack|app_macro|app_while|bridge_channel|bridge|netsock2|file|app_playback|app_verbose"
#: The lines that make up nearly all of a log and never tell where anybody came from: steps of the dialplan, except the
#: first step of an extension and Dial, and the chatter of modules about a call's inner life. Matched whole, line after
#: line, and possessively: linear, and faster than a loop over the lines.
NOISE = re.compile(
    rb"(?:\[[^\]\n]{8,48}+\] VERBOSE\[\d++\](?:\[C-[0-9a-f]{8}\])?+:? (?:"
    rb"pbx\.c(?::\d++ \w++)?+: (?:    -- )?+Executing \["
    rb"[^@\n]*+@(?:(?:macro|sub|func|app)-[^:\n]*+:\d++|[^:\n]*+:(?!1\])\d++)\] (?!Dial\()"
    rb"[^\n]*+\n(?<=\) in new stack\n)"
    rb"|(?:" + _DULL + rb")\.c(?::\d++ \w++)?+: (?=\S)[^\n]*+\n(?<!\) in new stack\n)(?<!'\.\n)"
    rb"))*+"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of the log.

    ``date`` is as written, or empty; ``call`` is ``C-0000001d`` or empty; ``source`` is the file of Asterisk's source
    that speaks, or ``Ext. NUMBER`` for the dialplan's own Log(). In ``message`` invalid bytes are shown as escapes;
    ``whole`` is True where no more lines can belong to it.
    """

    date: str
    level: str
    thread: str
    call: str
    source: str
    message: str
    whole: bool = False


def read_line(raw: bytes) -> Line | None:
    """Read one line; None where it does not begin a message (then it continues the one before)."""
    if raw.startswith(b"{"):
        return _read_json(raw)
    date = ""
    start = 0
    if not raw.startswith(b"["):
        head = read_syslog_line(raw)
        if head is not None and head.program.rpartition("/")[2] != "asterisk":
            return None
        if head is not None:
            date, start = head.date, head.message_start
    match = _HEAD.match(raw, start)
    if match is None:
        return None
    message = raw[match.end() : match.end() + MOST_PARSED_BYTES]
    mark = _VERBOSE_MARK.match(message)
    return Line(
        date=match["date"].decode("ascii", "replace") if match["date"] else date,
        level=match["level"].decode(),
        thread=match["thread"].decode(),
        call=(match["call"] or b"").decode(),
        source=decoded(match["source"]),
        message=decoded(message[mark.end() :] if mark else message),
    )


def read_banner(raw: bytes) -> str | None:
    """Give the time of the line that Asterisk begins a fresh file with; None for all other lines."""
    match = _BANNER.match(raw)
    return None if match is None else match["date"].decode("ascii", "replace")


def _read_json(raw: bytes) -> Line | None:
    if len(raw) > 2 * MOST_PARSED_BYTES:
        return None
    try:
        record = json.loads(decoded(raw))
        logged = record["logmsg"]
        fields = (
            record["timestamp"],
            logged["level"],
            str(record["identifiers"]["lwp"]),
            record["identifiers"].get("callid") or "",
            logged["location"]["filename"],
            logged["message"],
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not all(isinstance(part, str) for part in fields):
        return None
    date, level, thread, call, source, message = fields
    return Line(
        date=date,
        level=level,
        thread=thread,
        call=call.strip("[]"),
        source=source,
        message=message.removesuffix("\n"),
        whole=True,
    )
