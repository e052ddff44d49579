"""What the TFTP server itself is told: where it listens, whom it answers, whether it takes uploads.

Debian and FreePBX 17 start tftpd-hpa from ``/etc/default/tftpd-hpa``, older systems from xinetd. Both servers are
``in.tftpd``, which asks tcp_wrappers for every request (tried with Debian's tftpd-hpa 5.2, which is linked to libwrap).
xinetd asks ``only_from`` just for the client whose packet starts the server: whoever comes while it runs (15 minutes
after the last request) is answered, wherever from.
"""

import re
import shlex
from collections.abc import Iterator

from ringfence.model.defences import TftpSettings
from ringfence.model.evidence import Citation, Excerpt, Problem, Reading
from ringfence.model.site import Address
from ringfence.readers.artifacts import Artifacts, decoded, lines, matching
from ringfence.readers.asterisk import values
from ringfence.readers.linux import hosts_access
from ringfence.readers.wants import Glob, Want

DEFAULTS = "etc/default/tftpd-hpa"
XINETD = "etc/xinetd.d/*"
WANTS: tuple[Want, ...] = (Glob(pattern=f"/{DEFAULTS}"), Glob(pattern=f"/{XINETD}"), *hosts_access.WANTS)
DAEMON = "in.tftpd"
PORT = 69
MAX_SETTINGS = 500
_SINGLE = frozenset({DEFAULTS, hosts_access.ALLOW, hosts_access.DENY})

#: TFTP_ADDRESS="10.30.0.10:69"
_ASSIGNED = re.compile(r"^\s*(?:export\s+)?(TFTP_[A-Z]+)=(.*)$")
_SERVICE = re.compile(r"^\s*service\s+(\S+)\s*(\{?)\s*$")
#: only_from += 10.30.0.0/24 10.31.0.0/16
_ATTRIBUTE = re.compile(r"^\s*([a-z_]+)\s*(=|\+=|-=)\s*(.*?)\s*$")
_SHOWN = re.compile(r"[^0-9A-Za-z_.:/{}, -]")


def read(artifacts: Artifacts) -> Reading[TftpSettings | None]:
    """Read what limits the server; None where the evidence holds none of these files."""
    names = (*matching(artifacts, XINETD), *(name for name in artifacts.names() if name in _SINGLE))
    if not names:
        return Reading(facts=None)
    wrapped = hosts_access.admitted(artifacts, DAEMON)
    settings = dict(_defaults(artifacts))
    started = tuple(_xinetd(artifacts))
    problems: list[Problem] = []
    binds = (*_own_binds(settings, problems), *_xinetd_binds(started, problems))
    options = [settings["TFTP_OPTIONS"][0] if "TFTP_OPTIONS" in settings else "", *_all(started, "server_args")]
    only_from = tuple((place, text) for key, text, place in started if key == "only_from" and text)
    quoted = (Excerpt(citation=place, text=f"only_from = {text[:200]}") for place, text in only_from)
    facts = TftpSettings(
        admitted=wrapped.clients,
        only_from=_SHOWN.sub("?", " ".join(text for _, text in only_from))[:200],
        uploads=any(_creates(text) for text in options),
        binds=binds,
        unread=wrapped.unread,
        rules=(*wrapped.rules, *quoted),
    )
    if wrapped.unread:
        shown = ", ".join(wrapped.unread[:4])
        message = f"names no addresses, so whom in.tftpd refuses is not wholly known: {shown}"
        problems.append(Problem(citation=wrapped.rules[0].citation, message=message))
    return Reading(facts=facts, problems=tuple(problems))


def _defaults(artifacts: Artifacts) -> Iterator[tuple[str, tuple[str, Citation]]]:
    """Go through the shell assignments; the last of a name counts."""
    for number, raw in lines(artifacts, DEFAULTS):
        if match := _ASSIGNED.match(decoded(raw)):
            yield match[1], (_unquoted(match[2]), Citation(file=DEFAULTS, line=number))


def _unquoted(text: str) -> str:
    try:
        return next(iter(shlex.split(text[:1_000], comments=True)), "")
    except ValueError:
        return text.strip().strip("\"'")[:1_000]


def _xinetd(artifacts: Artifacts) -> Iterator[tuple[str, str, Citation]]:
    """Go through the attributes of xinetd's TFTP services that are not disabled."""
    for name in matching(artifacts, XINETD):
        service: list[tuple[str, str, Citation]] = []
        inside = False
        for number, raw in lines(artifacts, name):
            text = decoded(raw).partition("#")[0]
            if _SERVICE.match(text):
                service = []
                inside = True
            elif inside and text.strip() == "}":
                yield from _if_tftp(service)
                inside = False
            elif inside and (match := _ATTRIBUTE.match(text)) and len(service) < MAX_SETTINGS:
                service.append((match[1], match[3], Citation(file=name, line=number)))


def _if_tftp(service: list[tuple[str, str, Citation]]) -> Iterator[tuple[str, str, Citation]]:
    if "yes" in _all(service, "disable"):
        return
    if any(text.rpartition("/")[2].startswith((DAEMON, "tftpd")) for text in _all(service, "server")):
        yield from service


def _all(attributes: tuple[tuple[str, str, Citation], ...] | list[tuple[str, str, Citation]], key: str) -> list[str]:
    return [text for name, text, _ in attributes if name == key]


def _own_binds(
    settings: dict[str, tuple[str, Citation]], problems: list[Problem]
) -> Iterator[tuple[Address | None, int]]:
    """Read ``TFTP_ADDRESS``: ``:69``, ``0.0.0.0:69``, ``[2001:db8::5]:69`` or an address alone."""
    text, place = settings.get("TFTP_ADDRESS", ("", Citation(file=DEFAULTS)))
    if not text:
        return
    host, colon, port = text.rpartition(":") if text.count(":") == 1 or "]:" in text else (text, "", "")
    number = values.port_number(port) if colon else PORT
    found = values.bind(host) if host else (None, None)
    if found is None or number is None:
        problems.append(Problem(citation=place, message="TFTP_ADDRESS is no address with a port"))
        return
    yield found[0], number


def _xinetd_binds(
    started: tuple[tuple[str, str, Citation], ...], problems: list[Problem]
) -> Iterator[tuple[Address | None, int]]:
    for key, text, place in started:
        if key not in {"bind", "interface"}:
            continue
        found = values.bind(text)
        if found is None:
            problems.append(Problem(citation=place, message=f"the {key} of the TFTP service is no address"))
        else:
            yield found[0], PORT


def _creates(options: str) -> bool:
    """Tell whether the options let a client create files: ``--create``, ``-c``, ``-lcs``."""
    words = options.split()
    return "--create" in words or any(re.fullmatch(r"-[a-zA-Z]*c[a-zA-Z]*", word) for word in words)
