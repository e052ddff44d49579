"""Which versions of Asterisk and FreePBX run."""

import re
from collections.abc import Iterator

from ringfence.model.evidence import Citation, Reading
from ringfence.model.site import Versions
from ringfence.readers.artifacts import MAX_LINE_BYTES, Artifacts, decoded, lines
from ringfence.readers.asterisk import configuration
from ringfence.readers.wants import Command, Glob

WANTS = (
    *configuration.WANTS,
    Command(name="core-show-version", argv=("asterisk", "-rx", "core show version")),
    Command(name="fwconsole-ma-list", argv=("fwconsole", "ma", "list")),
    Glob(pattern="/var/log/asterisk/full"),
    Glob(pattern="/var/log/asterisk/messages"),
)
#: Each log starts with the version that opened it (ast:main/logger.c).
_LOGS = tuple(f"var/log/asterisk/{name}" for name in ("full", "full.log", "messages", "messages.log", "fail2ban"))
# Asterisk 16.28.0~dfsg-0+deb11u4 built by nobody @ buildd.debian.org on a unknown running Linux on 2024-01-04
_BUILT = re.compile(r"\AAsterisk (?:certified/)?([0-9][0-9A-Za-z.-]{0,40})\S{0,60} built by ")
_LOG_BUILT = re.compile(r"\A\[[^\]]{1,60}\] (Asterisk .*)")
# FPBX-14.0.13.4(16.28.0)
_AGENT = re.compile(r"\AFPBX-([0-9][0-9A-Za-z.]{0,40})(?:\(([0-9][0-9A-Za-z.-]{0,40})\))?")
# | framework        | 14.0.13.4  | Enabled                           | GPLv2+  |
_MODULE = re.compile(r"\A\| framework +\| ([0-9][0-9A-Za-z.]{0,40}) +\|")

Found = tuple[str, Citation]


def read(artifacts: Artifacts) -> Reading[Versions]:
    """Read the versions, from what the running system said before what its files say.

    FreePBX writes both into the user agents of chan_sip and PJSIP; an admin can change those, so they come last.
    """
    agents = tuple(_agents(artifacts))
    asterisk = (
        *_first_line(artifacts, "commands/core-show-version.txt"),
        *(found for name in _LOGS for found in _first_line(artifacts, name)),
        *((match[2], citation) for match, citation in agents if match[2]),
    )
    freepbx = (*_framework(artifacts), *((match[1], citation) for match, citation in agents))
    return Reading(
        facts=Versions(
            asterisk=asterisk[0][0] if asterisk else "",
            asterisk_citation=asterisk[0][1] if asterisk else None,
            freepbx=freepbx[0][0] if freepbx else "",
            freepbx_citation=freepbx[0][1] if freepbx else None,
        )
    )


def _first_line(artifacts: Artifacts, name: str) -> Iterator[Found]:
    for number, raw in lines(artifacts, name):
        text = decoded(raw)
        logged = _LOG_BUILT.match(text)
        built = _BUILT.match(logged[1] if logged else text)
        if built:
            yield built[1].rstrip(".-"), Citation(file=name, line=number)
        return


def _agents(artifacts: Artifacts) -> Iterator[tuple[re.Match[str], Citation]]:
    for file, section_name, key in (("sip.conf", "general", "useragent"), ("pjsip.conf", "global", "user_agent")):
        section = configuration.named(
            configuration.load(artifacts, f"{configuration.FOLDER}/{file}").facts, section_name
        )
        entry = section.last(key) if section else None
        match = _AGENT.match(entry.value) if entry else None
        if entry and match:
            yield match, entry.citation


def _framework(artifacts: Artifacts) -> Iterator[Found]:
    name = "commands/fwconsole-ma-list.txt"
    for number, raw in lines(artifacts, name):
        match = _MODULE.match(decoded(raw[:MAX_LINE_BYTES]))
        if match:
            yield match[1], Citation(file=name, line=number)
            return
