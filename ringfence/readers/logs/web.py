"""Access logs of Apache and nginx: who fetched provisioning files over HTTP, and logins that the log proves."""

import re
from urllib.parse import unquote

from ringfence.events.schema import FileOutcome, FileRequest, Login
from ringfence.model.evidence import Citation
from ringfence.readers.artifacts import Artifacts, decoded
from ringfence.readers.logs.blocks import blocks
from ringfence.readers.logs.endpoint import address
from ringfence.readers.logs.reading import LogReading, Sighting
from ringfence.readers.logs.stamps import FileDates, Stamp, web_dated

# 203.0.113.66 - - [23/Nov/2026:14:09:18 -0500] "POST /admin/config.php HTTP/1.1" 200 10425 "-" "curl/7.74.0"
# the vhost form begins with "host:port "; inside quotes Apache writes \" and \xhh
_LINE = re.compile(
    r"(?:[\w.*-]{1,255}:\d{1,5} )?(?P<address>[0-9A-Fa-f:.]{2,45}) \S{1,64} (?P<user>\S{1,128}|\"\") "
    r"\[(?P<date>[^\]\n]{20,32})\] "
    r'"(?P<request>(?:\\.|[^"\\])*)" (?P<status>\d{3}) (?:\d{1,18}|-)'
    r'(?: "(?:\\.|[^"\\])*" "(?P<agent>(?:\\.|[^"\\])*)")?(?: .*)?'
)
_REQUEST = re.compile(r"(?P<method>[A-Z]{1,16}) (?P<target>\S{1,4096})(?: HTTP/\d(?:\.\d)?)?")
#: What phones ask for: their own file by MAC address, and files of the model. See facts of the vendors.
_PROVISIONING = re.compile(
    r"(?:.*\.(?:cfg|boot|cnf\.xml|xml)|(?:[^/]*[^0-9a-f])?[0-9a-f]{12}(?:[^0-9a-f/][^/]*)?|SEP[^/]*|cfg[0-9a-f]{12}[^/]*)",
    re.IGNORECASE,
)
_LOG_FILE_START = re.compile(rb'\[\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}\] "')
_MOST_LOGINS = 10_000


def read_web_log(artifacts: Artifacts, name: str) -> LogReading:
    """Read an access log in the common, combined or vhost form.

    Login forms answer success and failure alike, so no login is told from them; only a user of HTTP authentication is.
    """
    reading = LogReading(file=name, kind="web")
    dates = FileDates()
    logins: set[tuple[str, str, bool]] = set()
    for block in blocks(artifacts, name):
        for number, raw in enumerate(block.text[:-1].split(b"\n"), block.first_number):
            reading.lines += 1
            match = _LINE.fullmatch(decoded(raw[:16384]).removesuffix("\r"))
            stamp = web_dated(match["date"]) or dates.read(match["date"]) if match else None
            if match is None or stamp is None:
                continue
            reading.understood += 1
            reading.saw(stamp)
            _add(reading, match, stamp, number, logins)
    reading.close()
    return reading


def _add(
    reading: LogReading, match: re.Match[str], stamp: Stamp, number: int, logins: set[tuple[str, str, bool]]
) -> None:
    source = address(match["address"])
    request = _REQUEST.fullmatch(match["request"])
    if source is None or request is None:
        return
    citation = Citation(file=reading.file, line=number)
    status = int(match["status"])
    path = unquote(request["target"].partition("?")[0])
    if _PROVISIONING.fullmatch(path.rpartition("/")[2]):
        row = FileRequest(
            at=stamp.at,
            protocol="http",
            name=path.lstrip("/")[:1024],
            address=source,
            outcome=_outcome(status, request["method"]),
            user_agent=(match["agent"] or "").removeprefix("-")[:256],
            write=request["method"] in ("PUT", "POST"),
            citation=citation,
        )
        reading.sightings.append(Sighting(row=row, stamp=stamp))
    user = match["user"]
    succeeded = status not in (401, 403)
    key = (str(source), user, succeeded)
    if user not in ("-", '""') and path.startswith("/admin") and key not in logins and len(logins) < _MOST_LOGINS:
        logins.add(key)
        login = Login(at=stamp.at, service="web", user=user, address=source, succeeded=succeeded, citation=citation)
        reading.sightings.append(Sighting(row=login, stamp=stamp))


def _outcome(status: int, method: str) -> FileOutcome:
    match status:
        case 200 | 206 if method in ("GET", "PUT", "POST"):
            return FileOutcome.SERVED
        case 404 | 410:
            return FileOutcome.NOT_FOUND
        case 401 | 403:
            return FileOutcome.REFUSED
        case _:
            return FileOutcome.REQUESTED
