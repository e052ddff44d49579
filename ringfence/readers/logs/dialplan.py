"""Calls as the dialplan's lines tell them: for the time that no call detail records cover."""

import re
from dataclasses import dataclass, replace

from ringfence.events.schema import Call
from ringfence.model.evidence import Citation
from ringfence.readers.logs.channel import read_channel, read_trunk
from ringfence.readers.logs.grammar import Line
from ringfence.readers.logs.reading import Sighting
from ringfence.readers.logs.stamps import Stamp

# Executing [011252907000123@from-internal:1] Macro("SIP/2001-00000001", "user-callerid,LIMIT,EXTERNAL,") in new stack
_STEP = re.compile(
    r"Executing \[(?P<dialled>[^@]{0,80})@(?P<context>[^:\]\n]{1,80}):(?P<priority>\d{1,9})\] "
    r'(?P<application>\w{1,80})\("(?P<channel>[^"\n]{1,200})", "(?P<arguments>.*)"\) in new stack',
    re.DOTALL,
)
# PJSIP/ITSP-00000000 answered SIP/2001-00000001
_ANSWERED = re.compile(r"\S{1,200} answered (?P<channel>\S{1,200})")
_INNER_CONTEXT = re.compile(r"(?:macro|sub|func|app)-")
#: Calls that are under way at once; beyond it the oldest is taken as ended.
_MOST_OPEN = 4096


@dataclass(slots=True, kw_only=True)
class _Draft:
    call: Call
    stamp: Stamp
    last: Stamp
    answered: Stamp | None = None


class Dialplan:
    """Collects the calls of one file, line by line."""

    def __init__(self) -> None:
        """Start with no call under way."""
        self._open: dict[str, _Draft] = {}
        self._ended: list[_Draft] = []

    def restart(self) -> None:
        """Forget the calls under way: Asterisk began a fresh file, and may count calls from one again."""
        self._ended.extend(self._open.values())
        self._open.clear()

    def read(self, line: Line, stamp: Stamp, citation: Citation) -> None:
        """Take a line of a call: its first step, its Dial, its answer, or anything that shows that it still lives."""
        if not line.call:
            return
        draft = self._open.get(line.call)
        if draft is not None:
            draft.last = stamp
        step = _STEP.fullmatch(line.message) if line.source == "pbx.c" else None
        if step is not None and draft is None:
            self._begin(line.call, step, stamp, citation)
        elif step is not None and draft is not None and step["application"] == "Dial":
            trunk = read_trunk(step["arguments"])
            if trunk and step["channel"] == draft.call.channel:
                draft.call = replace(draft.call, trunk=trunk)
        elif draft is not None and draft.answered is None and line.source == "app_dial.c":
            answer = _ANSWERED.fullmatch(line.message)
            if answer is not None and answer["channel"] == draft.call.channel:
                draft.answered = stamp

    def _begin(self, call_id: str, step: re.Match[str], stamp: Stamp, citation: Citation) -> None:
        if step["priority"] != "1" or _INNER_CONTEXT.match(step["context"]):
            return
        channel = read_channel(step["channel"], step["context"])
        call = Call(
            at=stamp.at,
            account=channel.account,
            driver=channel.driver,
            channel=step["channel"],
            channel_peer=channel.peer,
            dialled=step["dialled"],
            context=step["context"],
            from_cdr=False,
            citation=citation,
        )
        if len(self._open) >= _MOST_OPEN:
            self._ended.append(self._open.pop(next(iter(self._open))))
        self._open[call_id] = _Draft(call=call, stamp=stamp, last=stamp)

    def driver_of(self, call_id: str) -> str:
        """Give the driver of the channel that began a call under way, or empty."""
        draft = self._open.get(call_id)
        return "" if draft is None else draft.call.driver

    def calls(self) -> list[Sighting]:
        """Give all calls seen; a call's length runs to its last line, its paid part from the answer."""
        self.restart()
        return [
            Sighting(
                row=replace(
                    draft.call,
                    duration_seconds=_seconds(draft.stamp, draft.last),
                    billed_seconds=_seconds(draft.answered, draft.last) if draft.answered else 0,
                    answered=draft.answered is not None,
                ),
                stamp=draft.stamp,
                thread=draft.call.channel,
                message=f"{draft.call.dialled}@{draft.call.context}",
            )
            for draft in self._ended
        ]


def _seconds(start: Stamp, end: Stamp) -> int:
    return max(0, int((end.at - start.at).total_seconds()))
