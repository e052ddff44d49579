"""FreePBX's freepbx_security.log: logins to the administration and to the user portal."""

import re

from ringfence.events.schema import AnomalyKind, Login
from ringfence.model.evidence import Citation
from ringfence.readers.artifacts import Artifacts, decoded
from ringfence.readers.logs.blocks import blocks, numbered
from ringfence.readers.logs.endpoint import ENDPOINT, endpoint
from ringfence.readers.logs.reading import LogReading, Sighting
from ringfence.readers.logs.stamps import FileDates

# [2026-11-23 14:09:18] Authentication failure for admin from 203.0.113.66                       (FreePBX 14)
# [2026-11-23 14:09:18] [freepbx_security.NOTICE]: Authentication failure for admin from 203.0.113.66 [] []
_HEAD = re.compile(r"\[(?P<date>[\d:.TZ+ -]{19,32})\] (?:\[freepbx_security\.(?P<level>[A-Z]{3,9})\]: )?")
_LOGIN = re.compile(rf"Authentication (?P<end>failure|successful) for (?P<user>.*) from (?P<address>{ENDPOINT})")
_MONOLOG_END = " [] []"


def read_freepbx_security_log(artifacts: Artifacts, name: str) -> LogReading:
    """Read both forms; the user name is text of the sender, so the address is the last word of the message."""
    reading = LogReading(file=name, kind="freepbx-security")
    dates = FileDates()
    for block in blocks(artifacts, name):
        for number, raw in numbered(block):
            reading.lines += 1
            line = decoded(raw[:8192])
            head = _HEAD.match(line)
            stamp = dates.read(head["date"]) if head else None
            if head is None or stamp is None:
                continue
            reading.understood += 1
            reading.saw(stamp)
            if head["level"]:
                reading.levels.add(head["level"])
            login = _LOGIN.fullmatch(line.removesuffix(_MONOLOG_END), head.end())
            place = endpoint(login["address"]) if login else None
            if login is None or place is None:
                continue
            row = Login(
                at=stamp.at,
                service="web",
                user=login["user"][:256],
                address=place[0],
                succeeded=login["end"] == "successful",
                citation=Citation(file=name, line=number),
            )
            reading.sightings.append(Sighting(row=row, stamp=stamp))
            if " from " in login["user"]:
                words = "the user name that was tried holds the words that name an address; the last one counts"
                reading.anomaly(stamp, AnomalyKind.FORGED_LINE, words, number, address=place[0])
    reading.close()
    return reading
