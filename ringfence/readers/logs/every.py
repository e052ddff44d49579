"""All logs of a machine as one set of event tables."""

import re
from collections.abc import Iterator
from typing import TypeVar

from ringfence.events.schema import (
    Anomaly,
    Authentication,
    Call,
    Events,
    FileRequest,
    Login,
    Registration,
)
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.logs.asterisk import read_asterisk_log
from ringfence.readers.logs.cdr import counted_once, read_cdr_csv, read_cdr_dump, read_cdr_tsv
from ringfence.readers.logs.clock import set_clock
from ringfence.readers.logs.corroborate import (
    add_user_agents,
    check_notices,
    name_methods,
    security_log,
    true_sources,
)
from ringfence.readers.logs.freepbx_security import read_freepbx_security_log
from ringfence.readers.logs.merge import merge
from ringfence.readers.logs.reading import LogReading, Row
from ringfence.readers.logs.tftp import read_tftp_log
from ringfence.readers.logs.web import read_web_log
from ringfence.readers.wants import Glob

WANTS = (
    Glob(pattern="/var/log/asterisk/full*"),
    Glob(pattern="/var/log/asterisk/messages*"),
    Glob(pattern="/var/log/asterisk/security*"),
    Glob(pattern="/var/log/asterisk/fail2ban*"),
    Glob(pattern="/var/log/asterisk/notice*"),
    Glob(pattern="/var/log/asterisk/freepbx_security.log*"),
    Glob(pattern="/var/log/asterisk/cdr-csv/Master.csv*"),
    Glob(pattern="/var/log/messages*"),
    Glob(pattern="/var/log/syslog*"),
    Glob(pattern="/var/log/daemon.log*"),
    Glob(pattern="/var/log/httpd/*access*"),
    Glob(pattern="/var/log/apache2/*access*"),
    Glob(pattern="/var/log/nginx/*access*"),
)

# full, full.1, full.0.gz, full-20261118, full.log-20261118.xz, messages.pbx (appendhostname), fail2ban.1795460103
_ASTERISK = re.compile(r"var/log/asterisk/(?:full|messages|security|fail2ban|notice|notices|verbose)(?:[.-][\w.-]*)?")
_FREEPBX_SECURITY = re.compile(r"var/log/asterisk/freepbx_security\.log[\w.-]*")
_MASTER = re.compile(r"var/log/asterisk/cdr-csv/Master\.csv[\w.-]*")
_SYSLOG = re.compile(r"var/log/(?:messages|syslog|daemon\.log)(?:[.-][\w.-]*)?")
_WEB = re.compile(r"var/log/(?:httpd|apache2|nginx)/[^/]*access[^/]*")
_TSV = re.compile(r"db/(?:[^/]*[._-])?cdr(?:[._-][^/]*)?\.tsv")
_DUMP = re.compile(r"db/[^/]*cdr[^/]*\.sql(?:\.gz|\.xz|\.zst)?")


def read_events(artifacts: Artifacts, timezone: str = "") -> Events:
    """Read every log there is; ``timezone`` is the IANA name of the machine's zone where the admin knows it."""
    readings = tuple(_readings(artifacts))
    modified = {name: at for name in artifacts.names() if (at := artifacts.modified_at(name)) is not None}
    records = frozenset(reading.file for reading in readings if reading.kind == "cdr")
    clock = set_clock(readings, timezone, modified, records)
    merged = merge(readings, clock)
    anomalies = _of(Anomaly, merged.rows)
    authentications = name_methods(_of(Authentication, merged.rows))
    log = security_log(authentications, anomalies)
    authentications, contradictions = check_notices(authentications, log)
    registrations = true_sources(_of(Registration, merged.rows), log)
    return Events(
        registrations=add_user_agents(registrations, merged.user_agents),
        authentications=authentications,
        calls=counted_once(_of(Call, merged.rows)),
        files=_of(FileRequest, merged.rows),
        logins=_of(Login, merged.rows),
        anomalies=tuple(sorted((*anomalies, *contradictions), key=lambda row: (row.at is not None, row.at))),
        sources=merged.sources,
        problems=merged.problems,
        inferred=clock.inferred,
    )


RowKind = TypeVar("RowKind")


def _of(kind: type[RowKind], rows: tuple[Row, ...]) -> tuple[RowKind, ...]:
    return tuple(row for row in rows if isinstance(row, kind))


def _readings(artifacts: Artifacts) -> Iterator[LogReading]:
    """Give a reading for each log; a syslog file without lines of a program is no source of that program."""
    for name in artifacts.names():
        if _ASTERISK.fullmatch(name):
            yield read_asterisk_log(artifacts, name)
        elif _FREEPBX_SECURITY.fullmatch(name):
            yield read_freepbx_security_log(artifacts, name)
        elif _MASTER.fullmatch(name):
            yield read_cdr_csv(artifacts, name)
        elif _TSV.fullmatch(name):
            yield read_cdr_tsv(artifacts, name)
        elif _DUMP.fullmatch(name):
            yield read_cdr_dump(artifacts, name)
        elif _WEB.fullmatch(name):
            yield read_web_log(artifacts, name)
        elif _SYSLOG.fullmatch(name):
            for reading in (read_tftp_log(artifacts, name), read_asterisk_log(artifacts, name, in_syslog=True)):
                if reading.lines:
                    yield reading
