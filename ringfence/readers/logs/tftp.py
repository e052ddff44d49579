"""What TFTP servers log: tftpd-hpa and its like (in.tftpd), atftpd, dnsmasq and xinetd, in syslog files.

tftpd-hpa names the address before the file name, the others after it: names are text of the sender, addresses are
taken from the side that the server writes last or first.
"""

import re
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from ringfence.events.schema import AnomalyKind, FileOutcome, FileRequest
from ringfence.model.evidence import Citation
from ringfence.readers.artifacts import Artifacts, decoded
from ringfence.readers.logs.blocks import blocks, numbered
from ringfence.readers.logs.endpoint import ENDPOINT, endpoint
from ringfence.readers.logs.reading import LogReading, Sighting
from ringfence.readers.logs.stamps import FileDates, Stamp
from ringfence.readers.logs.syslog import SyslogLine, read_syslog_line

_MARK = re.compile(rb"tftp", re.IGNORECASE)
# RRQ from 203.0.113.66 filename 001565a10101.cfg / sending NAK (1, File not found) to 203.0.113.66
_REQUEST = re.compile(rf"(?P<kind>[RW])RQ from (?P<address>{ENDPOINT}) filename (?P<name>.*)", re.DOTALL)
_REFUSAL = re.compile(rf"sending NAK \((?P<code>\d{{1,3}}), [^()\n]{{0,200}}\) to (?P<address>{ENDPOINT})")
# Serving 001565aabb01.cfg to 192.168.60.23:47401 / Fetching from 203.0.113.77 to evil.cfg
_SERVING = re.compile(rf"Serving (?P<name>.*) to (?P<address>{ENDPOINT})", re.DOTALL)
_FETCHING = re.compile(rf"Fetching from (?P<address>{ENDPOINT}) to (?P<name>.*)", re.DOTALL)
_MISSING = re.compile(r"File (?P<path>.*) not found", re.DOTALL)
_UNWRITABLE = re.compile(r"Can't open (?P<path>.*) for writing", re.DOTALL)
_DOTS = "File name with /../ are forbidden"
# sent /tftpboot/001565aabb01.cfg to 192.168.60.23 / file /tftpboot/001565aabb00.cfg not found for 203.0.113.77
_SENT = re.compile(rf"sent (?P<name>.*) to (?P<address>{ENDPOINT})", re.DOTALL)
_NOT_FOUND = re.compile(rf"file (?P<name>.*) not found for (?P<address>{ENDPOINT})", re.DOTALL)
_LOST = re.compile(r"overflow: (\d{1,9}) log entries lost")
#: dnsmasq names the whole path; what the client asked for stands below the served root.
_ROOT = re.compile(r"^/(?:tftpboot|var/lib/tftpboot|srv/tftp|private/tftpboot)/+")
#: A not-found line comes within so many requests of its own.
_MOST_PENDING = 64
#: rsyslog shows control characters as ``#`` and three octal digits.
_LINE_BREAK = re.compile(r"[\r\n]|#01[25]")


def read_tftp_log(artifacts: Artifacts, name: str) -> LogReading:
    """Read the lines of TFTP servers in a syslog file; the lines of other programs are not counted."""
    log = _TftpLog(name)
    for block in blocks(artifacts, name):
        if _MARK.search(block.text) is None and b"dnsmasq" not in block.text:
            continue
        for number, raw in numbered(block):
            if b"tftp" in raw or b"dnsmasq" in raw:
                log.take(number, raw)
    return log.close()


class _TftpLog:
    """Pairs requests with what became of them, from the first line of a file to its last."""

    def __init__(self, name: str) -> None:
        self.reading = LogReading(file=name, kind="tftp")
        self._dates = FileDates()
        self._by_process: dict[str, int] = {}
        self._pending: deque[int] = deque(maxlen=_MOST_PENDING)
        self._says_refusals: set[str] = set()
        self._program_of: dict[int, str] = {}

    def take(self, number: int, raw: bytes) -> None:
        """Read one line."""
        line = read_syslog_line(raw)
        program = "" if line is None else line.program.rpartition("/")[2]
        reader: Callable[[str, Stamp, SyslogLine, int], bool] | None
        match program:
            case "in.tftpd" | "tftpd" | "tftpd-hpa":
                reader = self._in_tftpd
            case "atftpd" | "in.atftpd":
                reader = self._atftpd
            case "dnsmasq-tftp" | "dnsmasq":
                reader = self._dnsmasq
            case "xinetd":
                reader = None
            case _:
                return
        if line is None:
            return
        self.reading.lines += 1
        stamp = self._dates.read(line.date)
        if stamp is None:
            self.reading.problem(number, "the time of this line is not understood")
            return
        self.reading.saw(stamp)
        if reader is None or reader(decoded(raw[line.message_start :]), stamp, line, number):
            self.reading.understood += 1

    def close(self) -> LogReading:
        """Where a server says refusals, a request without one was served; where it never does, nobody knows."""
        for place, program in self._program_of.items():
            row = self.reading.sightings[place].row
            if isinstance(row, FileRequest) and row.outcome is FileOutcome.REQUESTED and program in self._says_refusals:
                self._settle(place, FileOutcome.SERVED)
        self.reading.close()
        return self.reading

    def _in_tftpd(self, message: str, stamp: Stamp, line: SyslogLine, number: int) -> bool:
        request = _REQUEST.fullmatch(message)
        if request is not None:
            place = self._add(request, message, stamp, line, number, write=request["kind"] == "W")
            self._by_process[line.pid] = place
            return place >= 0
        refusal = _REFUSAL.fullmatch(message)
        if refusal is None:
            return False
        self._says_refusals.add(line.program)
        place = self._by_process.pop(line.pid, -1)
        if place >= 0:
            # Code 1 is "File not found"; 0 and 2 are what the daemon may not read or write (RFC 1350, appendix).
            self._settle(place, FileOutcome.NOT_FOUND if refusal["code"] == "1" else FileOutcome.REFUSED)
        return True

    def _atftpd(self, message: str, stamp: Stamp, line: SyslogLine, number: int) -> bool:
        serving = _SERVING.fullmatch(message)
        request = serving or _FETCHING.fullmatch(message)
        if request is not None:
            place = self._add(request, message, stamp, line, number, write=serving is None)
            if place >= 0:
                self._pending.append(place)
            return place >= 0
        missing = _MISSING.fullmatch(message)
        unwritable = _UNWRITABLE.fullmatch(message)
        if missing is not None:
            self._settle_named(missing["path"], FileOutcome.NOT_FOUND, write=False)
        elif unwritable is not None:
            self._settle_named(unwritable["path"], FileOutcome.REFUSED, write=True)
        elif message == _DOTS:
            self._settle_named("", FileOutcome.REFUSED)
        elif message.startswith("End of transfer"):
            self._says_refusals.add(line.program)
        return True

    def _settle_named(self, path: str, outcome: FileOutcome, *, write: bool | None = None) -> None:
        """Settle the latest request that the path ends with, or without path the latest that has dots."""
        for place in reversed(self._pending):
            row = self.reading.sightings[place].row
            if not isinstance(row, FileRequest) or (write is not None and row.write != write):
                continue
            if path.endswith(row.name) if path else ".." in row.name:
                self._pending.remove(place)
                self._settle(place, outcome)
                return

    def _dnsmasq(self, message: str, stamp: Stamp, line: SyslogLine, number: int) -> bool:
        lost = _LOST.fullmatch(message)
        if lost is not None:
            words = f"dnsmasq lost {lost[1]} log lines: requests for files may be missing"
            self.reading.anomaly(stamp, AnomalyKind.DISCARDED, words, number, message=message)
            return True
        for pattern, outcome in ((_SENT, FileOutcome.SERVED), (_NOT_FOUND, FileOutcome.NOT_FOUND)):
            match = pattern.fullmatch(message)
            if match is not None and line.program.endswith("dnsmasq-tftp"):
                place = self._add(match, message, stamp, line, number)
                self._settle(place, outcome)
                return place >= 0
        return True

    def _add(  # noqa: PLR0913 - a request and where it stands
        self, found: re.Match[str], message: str, stamp: Stamp, line: SyslogLine, number: int, *, write: bool = False
    ) -> int:
        """Keep a request and give its place, or -1 where its address is none."""
        source = endpoint(found["address"])
        if source is None:
            return -1
        name = _ROOT.sub("", found["name"], count=1)
        row = FileRequest(
            at=stamp.at,
            protocol="tftp",
            name=name[:1024],
            address=source[0],
            outcome=FileOutcome.REQUESTED,
            write=write,
            citation=Citation(file=self.reading.file, line=number),
        )
        place = len(self.reading.sightings)
        thread = f"{line.program}[{line.pid}]"
        self.reading.sightings.append(Sighting(row=row, stamp=stamp, thread=thread, message=message))
        self._program_of[place] = line.program
        if _LINE_BREAK.search(name):
            words = "the file name that was asked for holds a line break: lines behind it may be the sender's text"
            self.reading.anomaly(stamp, AnomalyKind.FORGED_LINE, words, number, address=source[0], message=message)
        return place

    def _settle(self, place: int, outcome: FileOutcome) -> None:
        if place < 0:
            return
        sighting = self.reading.sightings[place]
        if isinstance(sighting.row, FileRequest):
            self.reading.sightings[place] = replace(sighting, row=replace(sighting.row, outcome=outcome))
