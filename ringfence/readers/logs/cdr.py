"""Call detail records: Master.csv as Asterisk writes it, and FreePBX's table ``cdr`` as TSV or as a database dump."""

import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from ringfence.events.schema import Call
from ringfence.model.evidence import Citation
from ringfence.readers.artifacts import Artifacts, decoded
from ringfence.readers.logs.blocks import blocks, numbered
from ringfence.readers.logs.cdr_dump import dumped_rows
from ringfence.readers.logs.channel import read_channel, read_trunk
from ringfence.readers.logs.reading import ClockSample, LogReading, Sighting
from ringfence.readers.logs.stamps import Basis, Stamp, dated

#: ast:cdr/cdr_csv.c; the rest depends on loguniqueid, loguserfield and newcdrcolumns.
_COLUMNS = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags"),
)
_OPTIONAL_COLUMNS = {
    16: (),
    17: ("uniqueid",),
    18: ("uniqueid", "userfield"),
    19: ("peeraccount", "linkedid", "sequence"),
    20: ("uniqueid", "peeraccount", "linkedid", "sequence"),
    21: ("uniqueid", "userfield", "peeraccount", "linkedid", "sequence"),
}
# 1795460358.0, with systemname pbx-1795460358.0: the second in which the channel began, in UTC
_UNIQUE_ID = re.compile(r"(?:.*-)?(\d{9,11})\.\d{1,10}", re.ASCII)
_TSV_ESCAPE = re.compile(r"\\([ntr0\\])")
_TSV_MEANING = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\"}


def read_cdr_csv(artifacts: Artifacts, name: str) -> LogReading:
    """Read a Master.csv of 16 to 21 columns; it has no header."""
    reading = LogReading(file=name, kind="cdr")
    for block in blocks(artifacts, name):
        for number, raw in numbered(block):
            reading.lines += 1
            fields = _csv_fields(decoded(raw))
            optional = _OPTIONAL_COLUMNS.get(len(fields))
            if optional is None:
                if raw.strip():
                    reading.problem(number, f"a call record has 16 to 21 fields, this line has {len(fields)}")
                continue
            _add(reading, dict(zip((*_COLUMNS, *optional), fields, strict=True)), number)
    reading.close()
    return reading


def read_cdr_tsv(artifacts: Artifacts, name: str) -> LogReading:
    """Read what ``mysql --batch`` prints of the table ``cdr``; the first line names the columns."""
    reading = LogReading(file=name, kind="cdr")
    columns: Sequence[str] = ()
    for block in blocks(artifacts, name):
        for number, raw in numbered(block):
            reading.lines += 1
            fields = [_TSV_ESCAPE.sub(lambda found: _TSV_MEANING[found[1]], part) for part in decoded(raw).split("\t")]
            if not columns:
                columns = [field.lower() for field in fields]
                reading.understood += 1
            elif len(fields) == len(columns):
                _add(reading, dict(zip(columns, fields, strict=True)), number)
            elif raw.strip():
                reading.problem(number, f"this line has {len(fields)} fields, the header {len(columns)}")
    reading.close()
    return reading


def read_cdr_dump(artifacts: Artifacts, name: str) -> LogReading:
    """Read the rows of the table ``cdr`` from a mysqldump; other tables are passed over."""
    reading = LogReading(file=name, kind="cdr")
    for row in dumped_rows(artifacts, name, "cdr"):
        reading.lines += 1
        if row.fields is None:
            reading.problem(row.line, "a row of the table cdr could not be read")
        else:
            _add(reading, row.fields, row.line)
    reading.close()
    return reading


def _csv_fields(line: str) -> list[str]:
    try:
        return next(csv.reader([line.replace("\0", "")]), [])
    except csv.Error:
        return []


def _add(reading: LogReading, record: Mapping[str, str], line: int) -> None:
    start = dated(record.get("start") or record.get("calldate") or "")
    instant = _moment(record.get("uniqueid", ""))
    stamp = Stamp(instant, Basis.INSTANT) if instant else start
    channel_name = record.get("channel", "")
    if stamp is None or not channel_name:
        reading.problem(line, "the time or the channel of this call record is not understood")
        return
    reading.understood += 1
    reading.saw(stamp)
    if instant is not None and start is not None:
        reading.samples.append(ClockSample(stamp=start, instant=instant))
    context = record.get("dcontext", "")
    channel = read_channel(channel_name, context)
    call = Call(
        at=stamp.at,
        account=channel.account,
        driver=channel.driver,
        channel=channel_name,
        channel_peer=channel.peer,
        dialled=record.get("dst", ""),
        context=context,
        trunk=read_trunk(record.get("lastdata", ""), record.get("dstchannel", "")),
        duration_seconds=_seconds(record.get("duration", "")),
        billed_seconds=_seconds(record.get("billsec", "")),
        answered=record.get("disposition", "").upper() == "ANSWERED",
        unique_id=record.get("uniqueid", ""),
        linked_id=record.get("linkedid", ""),
        citation=Citation(file=reading.file, line=line),
    )
    reading.sightings.append(Sighting(row=call, stamp=stamp))


def _moment(unique_id: str) -> datetime | None:
    match = _UNIQUE_ID.fullmatch(unique_id)
    return datetime.fromtimestamp(int(match[1]), UTC) if match else None


def _seconds(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


def counted_once(calls: Iterable[Call]) -> tuple[Call, ...]:
    """Count a call once that stands in several files or in several records, in order of time.

    One record per attempt to reach somebody becomes one call with their seconds added up; a leg through ``Local/``
    counts only where no other leg of the same call dialled the same number; a call from the dialplan's lines counts
    only where no record covers it.
    """
    recorded = list(_merged(_distinct(call for call in calls if call.from_cdr)))
    real = {(call.linked_id, call.dialled) for call in recorded if call.driver != "local"}
    kept: list[Call] = []
    local: set[tuple[str, str]] = set()
    for call in recorded:
        leg = (call.linked_id, call.dialled)
        if call.driver == "local" and call.linked_id:
            if leg in real or leg in local:
                continue
            local.add(leg)
        kept.append(call)
    return tuple(sorted([*kept, *_uncovered(calls, recorded)], key=lambda call: (call.at, call.citation)))


def _distinct(calls: Iterable[Call]) -> Iterator[Call]:
    """Leave out rows that another file told already: the database knows more than Master.csv, so it goes first."""
    first_file: dict[tuple[str, str, str], str] = {}
    for call in sorted(calls, key=lambda call: (not call.citation.file.startswith("db/"), call.citation)):
        key = (call.unique_id or call.at.isoformat(), call.channel, call.dialled)
        if first_file.setdefault(key, call.citation.file) == call.citation.file:
            yield call


def _merged(calls: Iterable[Call]) -> Iterator[Call]:
    merged: dict[tuple[str, str, str], Call] = {}
    for call in calls:
        key = (call.unique_id or f"{call.citation}", call.channel, call.dialled)
        first = merged.get(key)
        if first is None:
            merged[key] = call
            continue
        merged[key] = replace(
            first,
            at=min(first.at, call.at),
            trunk=call.trunk if call.answered and call.trunk else first.trunk or call.trunk,
            duration_seconds=max(first.duration_seconds, call.duration_seconds),
            billed_seconds=first.billed_seconds + call.billed_seconds,
            answered=first.answered or call.answered,
        )
    return iter(merged.values())


def _uncovered(calls: Iterable[Call], recorded: Sequence[Call]) -> Iterator[Call]:
    """Give the dialplan's calls that have no record: none of the same channel within a minute of it."""
    by_channel: dict[str, list[datetime]] = {}
    for call in recorded:
        by_channel.setdefault(call.channel, []).append(call.at)
    for call in calls:
        if not call.from_cdr and not any(
            abs((call.at - at).total_seconds()) <= 60 for at in by_channel.get(call.channel, ())
        ):
            yield call
