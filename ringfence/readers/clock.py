"""Which time zone the machine keeps: its logs are written in local time without saying so."""

import re

from ringfence.readers.artifacts import Artifacts, content, decoded
from ringfence.readers.wants import Glob

#: Debian writes the zone's name; CentOS 6 and the FreePBX distributions built on it keep ZONE="America/Chicago".
DEBIAN = "etc/timezone"
CENTOS = "etc/sysconfig/clock"
WANTS = (Glob(pattern=f"/{DEBIAN}"), Glob(pattern=f"/{CENTOS}"))

_ZONE = re.compile(r"[A-Za-z]+(?:/[A-Za-z0-9_+-]+){0,2}")


def read_timezone(artifacts: Artifacts) -> str:
    """Give the IANA name of the machine's zone, or an empty text where no file tells it."""
    stated = decoded(content(artifacts, DEBIAN, 1024)).strip()
    if _ZONE.fullmatch(stated):
        return stated
    match = re.search(r'^ZONE="?([^"\n]+)"?\s*$', decoded(content(artifacts, CENTOS, 4096)), re.MULTILINE)
    return match[1] if match and _ZONE.fullmatch(match[1]) else ""
