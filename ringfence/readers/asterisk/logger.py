"""What Asterisk logs, and to which files (logger.conf)."""

import re

from ringfence.model.evidence import Reading
from ringfence.model.site import LogFile
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration

WANTS = configuration.WANTS
FILE = "etc/asterisk/logger.conf"
FOLDER = "/var/log/asterisk"
#: What ``*`` stands for (ast:main/logger.c, with the dynamic levels of res_security_log and res_fax).
ALL_LEVELS = frozenset({"debug", "trace", "notice", "warning", "error", "verbose", "dtmf", "security", "fax"})
_LEVEL = re.compile(r"\s*(\*|[A-Za-z][A-Za-z0-9_-]*)\s*(?:\([^()]*\))?\s*\Z")


def read(artifacts: Artifacts) -> Reading[tuple[LogFile, ...] | None]:
    """Read the log files with their absolute names; None where there is no logger.conf. The console is no file.

    A destination in syslog keeps its name (``syslog.local0``).
    """
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    loaded = configuration.load(artifacts, FILE)
    section = configuration.named(loaded.facts, "logfiles")
    folder = _folder(artifacts)
    files = tuple(
        LogFile(
            name=entry.key if entry.key.startswith(("/", "syslog")) else f"{folder}/{entry.key}",
            levels=_levels(entry.value),
            citation=entry.citation,
        )
        for entry in (section.entries if section else ())
        if entry.key.lower() != "console"
    )
    return Reading(facts=files, problems=loaded.problems)


def _levels(text: str) -> frozenset[str]:
    """Read ``debug,error,verbose(5)`` or, since Asterisk 16, ``[json]notice,security``."""
    words = re.sub(r"\A\s*\[[^\]]*\]", "", text).split(",")
    found = {match[1].lower() for word in words if (match := _LEVEL.match(word))}
    return ALL_LEVELS if "*" in found else frozenset(found)


def _folder(artifacts: Artifacts) -> str:
    """Give ``astlogdir`` of asterisk.conf."""
    directories = configuration.named(configuration.load(artifacts, "etc/asterisk/asterisk.conf").facts, "directories")
    text = directories.text("astlogdir") if directories else ""
    return text.rstrip("/") if text.startswith("/") else FOLDER
