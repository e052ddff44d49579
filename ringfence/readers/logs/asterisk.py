"""One log file of Asterisk (full, messages, security, fail2ban, or its lines in syslog) as event rows.

Nearly all lines are steps of the dialplan; they are skipped in runs without being looked at one by one. Addresses come
only from places that Asterisk writes, and no row from a line that may be text of a sender.
"""

from dataclasses import dataclass
from datetime import timedelta

from ringfence.events.schema import AnomalyKind
from ringfence.readers.artifacts import MAX_LINE_BYTES, Artifacts, decoded
from ringfence.readers.logs.blocks import Block, blocks
from ringfence.readers.logs.forgery import (
    DUMP_END,
    DUMP_START,
    Kind,
    Window,
    ends_rejection,
    is_rejection,
    unterminated,
    whole_line,
)
from ringfence.readers.logs.grammar import LONGEST_MESSAGE_BYTES, NOISE, Line, read_banner, read_line
from ringfence.readers.logs.messages import Messages, doubtful
from ringfence.readers.logs.reading import LogReading
from ringfence.readers.logs.stamps import FileDates, Stamp

#: The time may go back this much between lines: threads overtake each other.
_OVERTAKING = timedelta(seconds=5)
#: Going back by about an hour is the end of summer time.
_SUMMER_TIME = (timedelta(minutes=55), timedelta(minutes=65))
_MOST_JUMPS = 20
_SYSLOG_MARK = b"asterisk["


def read_asterisk_log(artifacts: Artifacts, name: str, *, in_syslog: bool = False) -> LogReading:
    """Read a log file of Asterisk; with ``in_syslog`` only the lines that Asterisk sent to syslog."""
    log = _AsteriskLog(name)
    for block in blocks(artifacts, name):
        if not in_syslog:
            log.read(block)
        elif _SYSLOG_MARK in block.text:
            log.read_syslog(block)
    return log.close()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Rejection:
    """The last line about a number dialled in vain: its place in the file, its thread, and the rows before its end."""

    number: int
    thread: str
    position: int
    sightings: int


class _AsteriskLog:
    """Reads one file from its first line to its last."""

    def __init__(self, name: str) -> None:
        self.reading = LogReading(file=name, kind="asterisk")
        self._dates = FileDates()
        self._messages = Messages(self.reading)
        self._window: Window | None = None
        self._threads: dict[str, int] = {}
        self._suspicious_bytes = 0
        self._position = 0
        self._rejection: _Rejection | None = None
        self._candidates: range | None = None
        self._dump: tuple[int, int] | None = None
        self._jumps = 0

    def read(self, block: Block) -> None:
        """Read whole lines, skipping runs of noise."""
        text, number, position = block.text, block.first_number, 0
        for cut in block.cut:
            self.reading.problem(cut, f"the line is longer than {MAX_LINE_BYTES} bytes; the rest of it was not read")
        while position < len(text):
            if self._window is None:
                end = NOISE.match(text, position).end()  # type: ignore[union-attr]
                if end > position:
                    number += self._skip(text.count(b"\n", position, end), end - position)
                    position = end
                    continue
            end = text.find(b"\n", position)
            raw = text[position : min(end, position + MAX_LINE_BYTES)]
            self.reading.lines += 1
            if block.complete or end + 1 < len(text):
                self._take(number, raw)
            elif raw.strip():
                self.reading.problem(number, "the last line is incomplete and was not read")
            position, number = end + 1, number + 1

    def read_syslog(self, block: Block) -> None:
        """Read the lines that Asterisk sent to syslog; all others belong to other programs."""
        for number, line in enumerate(block.text[:-1].split(b"\n"), block.first_number):
            if _SYSLOG_MARK in line[:200]:
                self.reading.lines += 1
                self._take(number, line[:MAX_LINE_BYTES])

    def close(self) -> LogReading:
        """End what is under way and give everything."""
        while self._window is not None:
            self._give_up(self._window)
        self.reading.sightings.extend(self._messages.dialplan.calls())
        self.reading.close()
        return self.reading

    def _skip(self, count: int, size: int) -> int:
        self.reading.lines += count
        self.reading.understood += count
        self.reading.levels.add("VERBOSE")
        self._candidates = None
        self._suspicious_bytes -= size
        self._position += size
        return count

    def _take(self, number: int, raw: bytes) -> None:
        if self._window is not None:
            self._take_within(self._window, number, raw)
            return
        self._suspicious_bytes -= len(raw) + 1
        self._position += len(raw) + 1
        raw = raw.removesuffix(b"\r")
        line = read_line(raw)
        if line is None:
            self._take_continuation(number, raw)
            return
        self._take_message(number, raw, line)

    def _take_message(self, number: int, raw: bytes, line: Line) -> None:
        self._candidates = None
        self.reading.understood += 1
        self.reading.levels.add(line.level)
        stamp = self._dates.read(line.date) if line.date else None
        self._notice_jump(stamp, number)
        self.reading.saw(stamp)
        kind = unterminated(line)
        if kind is not None:
            self._window = Window.opened(kind, line, number, stamp)
            if self._suspicious_bytes <= 0:
                self._meet(line.thread)
            if kind is Kind.DUMP:
                self._dump = (len(self.reading.sightings), number)
            return
        before = len(self.reading.sightings)
        self._messages.read(line, stamp, number, decoded(raw))
        self._candidates = range(before, len(self.reading.sightings))
        if ends_rejection(line.message):
            self._take_rejection(number, line)
        elif self._suspicious_bytes > 0 and not self._knows(line.thread):
            self._doubt(before, number, line)
        else:
            self._meet(line.thread)

    def _meet(self, thread: str) -> None:
        """Remember where a thread first wrote; right behind a dialled number it may be the sender's invention."""
        first = self._rejection
        is_near = first is not None and self._position - first.position < LONGEST_MESSAGE_BYTES
        self._threads.setdefault(thread, self._position if is_near else -LONGEST_MESSAGE_BYTES)

    def _knows(self, thread: str) -> bool:
        """Tell whether a thread wrote before, and not in the same message."""
        met = self._threads.get(thread)
        return met is not None and self._position - met >= LONGEST_MESSAGE_BYTES

    def _take_rejection(self, number: int, line: Line) -> None:
        """Notice the end of a number with line breaks, even where the sender made every line of it look complete.

        Such a number begins in one line of chan_sip's and ends in another; the sender can copy the words of the second,
        but cannot know the thread that writes them.
        """
        first = self._rejection
        is_known = self._knows(line.thread)
        if first is not None and first.position + LONGEST_MESSAGE_BYTES > self._position:
            orphaned = not is_rejection(line) and line.source != "res_pjsip_session.c"
            if orphaned or (not is_known and line.thread != first.thread):
                places = range(first.sightings, len(self.reading.sightings))
                self._unsay(places, f"is part of a dialled number in line {first.number}")
                return
        self._meet(line.thread)
        if is_rejection(line):
            self._rejection = _Rejection(
                number=number, thread=line.thread, position=self._position, sightings=len(self.reading.sightings)
            )

    def _take_within(self, window: Window, number: int, raw: bytes) -> None:
        line = read_line(raw)
        if line is not None and self._knows(line.thread) and unterminated(line) is window.kind:
            # Asterisk itself begins the next message of that kind: the tail of this one is lost.
            self._give_up(window)
            self._take(number, raw)
        elif window.take(number, raw):
            self._end(window)
        elif window.is_over:
            self._give_up(window)

    def _end(self, window: Window) -> None:
        """The tail came: all lines up to it are text of the message, whatever they look like."""
        self._window = None
        suspects = window.suspects()
        why = f"is part of {window.kind.value} in line {window.number}"
        for number, raw, line in suspects:
            self.reading.forged.add(decoded(raw))
            self._mark(number, line, window.stamp, why)
        if window.kind is Kind.NUMBER:
            # Only a number of any length has room for an end of its own making and more lines behind it.
            self._suspicious_bytes = LONGEST_MESSAGE_BYTES - window.size_bytes
        self._messages.read(window.whole(), window.stamp, window.number, "")

    def _give_up(self, window: Window) -> None:
        """The tail is lost (a sender can erase it): the lines are read again, with doubt in unknown threads."""
        self._window = None
        if window.kind in (Kind.NUMBER, Kind.ACCOUNT):
            self._messages.read(window.line, window.stamp, window.number, "")
        self._suspicious_bytes = LONGEST_MESSAGE_BYTES
        for number, raw in window.rest:
            self._take(number, raw)

    def _mark(self, number: int, line: Line, stamp: Stamp | None, why: str) -> None:
        self._threads.pop(line.thread, None)
        seen = stamp or self._dates.read(line.date) or self.reading.last
        if seen is not None:
            words = f"this line looks like one of Asterisk's but {why} of {self.reading.file}"
            self.reading.anomaly(seen, AnomalyKind.FORGED_LINE, words, number, message=line.message)

    def _doubt(self, before: int, number: int, line: Line) -> None:
        """A thread that never wrote before speaks right behind a sender's text; a sender cannot know the threads."""
        doubted = self.reading.sightings[before:]
        if not doubted:
            return
        self._candidates = None
        if line.level == "SECURITY":
            self.reading.sightings[before:] = [doubtful(sighting) for sighting in doubted]
        else:
            del self.reading.sightings[before:]
            self._mark(number, line, doubted[0].stamp, "stands behind the text of a sender in a line")

    def _take_continuation(self, number: int, raw: bytes) -> None:
        if (banner := read_banner(raw)) is not None:
            self.reading.understood += 1
            self.reading.saw(self._dates.read(banner))
            self._messages.dialplan.restart()
            self._candidates = None
        elif not raw.strip():
            self.reading.understood += 1
        elif raw.startswith(DUMP_START):
            self._window = Window.opened(Kind.DUMP, whole_line(raw), number, self.reading.last)
            self._dump = (len(self.reading.sightings), number)
        elif raw == DUMP_END and self._dump is not None:
            start, line = self._dump
            self._unsay(range(start, len(self.reading.sightings)), f"is part of the SIP message in line {line}")
        elif self._rejection is not None and ends_rejection(decoded(raw)):
            self._unsay(
                range(self._rejection.sightings, len(self.reading.sightings)),
                f"is part of a dialled number in line {self._rejection.number}",
            )
        elif self._candidates:
            # Asterisk's messages of these kinds have one line: the rest of a sender's text betrays the line before.
            self._unsay(self._candidates, f"is followed by the rest of a sender's text, in line {number}")

    def _unsay(self, places: range, why: str) -> None:
        doubted = self.reading.sightings[places.start : places.stop]
        self.reading.sightings[places.start : places.stop] = [row for row in doubted if not row.text]
        self._candidates = None
        for sighting in doubted:
            line = read_line(sighting.text.encode()) if sighting.text else None
            if line is not None:
                self.reading.forged.add(sighting.text)
                self._mark(sighting.row.citation.line or 0, line, sighting.stamp, why)

    def _notice_jump(self, stamp: Stamp | None, number: int) -> None:
        last = self.reading.last
        if stamp is None or last is None or stamp.basis is not last.basis:
            return
        back = last.at - stamp.at
        if back <= _OVERTAKING or _SUMMER_TIME[0] <= back <= _SUMMER_TIME[1] or self._jumps >= _MOST_JUMPS:
            return
        self._jumps += 1
        words = f"the time of the log goes back by {int(back.total_seconds())} seconds here"
        self.reading.anomaly(stamp, AnomalyKind.CLOCK_JUMP, words, number)
