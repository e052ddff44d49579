"""Whom tcp_wrappers lets ask a daemon: ``/etc/hosts.allow``, then ``/etc/hosts.deny`` (hosts_access(5), libwrap 7.6).

The first rule that matches decides, and whom no rule names is let in. Host names, netgroups and files of patterns are
not addresses: a rule with these may match anybody.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from ipaddress import ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation, Excerpt
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.asterisk.acl import parse_network
from ringfence.readers.wants import Glob, Want

ALLOW, DENY = "etc/hosts.allow", "etc/hosts.deny"
WANTS: tuple[Want, ...] = (Glob(pattern="/etc/hosts.allow"), Glob(pattern="/etc/hosts.deny"))
MAX_RULES = 1_000
MAX_CHARACTERS = 4_096

_NOBODY, _ANYBODY = AddressSet(), AddressSet.everything()
#: ``192.168.60.`` is all that begins so.
_PREFIX = re.compile(r"(?:\d{1,3}\.){1,3}", re.ASCII)
#: A colon ends a field, unless a backslash or the brackets of an IPv6 address protect it.
_FIELD = re.compile(r"(?:\\.|\[[^\]]*\]|[^:])+|(?<=:)(?=:)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """All clients that the rules may let ask; None where no rule is about the daemon.

    ``unread`` are parts of its rules that name no addresses, ``rules`` the lines that were applied.
    """

    clients: AddressSet | None = None
    unread: tuple[str, ...] = ()
    rules: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True)
class _Matched:
    """The clients that a list matches for certain, and all that it may match."""

    must: AddressSet
    may: AddressSet


def admitted(artifacts: Artifacts, daemon: str) -> Admitted:
    """Go through both files as libwrap does for this daemon, e.g. ``in.tftpd``."""
    left, passed = _ANYBODY, _NOBODY
    unread: dict[str, None] = {}
    rules: list[Excerpt] = []
    for name in (ALLOW, DENY):
        for place, text in _rules(artifacts, name):
            fields = [field.strip() for field in _FIELD.findall(text)]
            named = _daemons(fields[0], daemon) if len(fields) > 1 else _Matched(_NOBODY, _NOBODY)
            if not named.may:
                continue
            clients = _clients(fields[1], unread)
            permits = _permits(fields[2:], unread, default=name == ALLOW)
            rules.append(Excerpt(citation=place, text=text[:200]))
            if permits is not False:
                passed |= left & clients.may
            if named.must and permits is not None:
                left -= clients.must
    return Admitted(clients=passed | left if rules else None, unread=tuple(unread), rules=tuple(rules))


def _rules(artifacts: Artifacts, name: str) -> Iterator[tuple[Citation, str]]:
    """Go through the rules of a file; a backslash at the end of a line joins it with the next."""
    pending, start, count = "", 0, 0
    for number, raw in lines(artifacts, name):
        text = decoded(raw)
        start = start if pending else number
        if text.endswith("\\") and len(pending) < MAX_CHARACTERS:
            pending += text[:-1] + " "
            continue
        rule, pending = (pending + text)[:MAX_CHARACTERS], ""
        if not rule.strip() or rule.lstrip().startswith("#"):
            continue
        count += 1
        if count > MAX_RULES:
            return
        yield Citation(file=name, line=start), rule.strip()


def _daemons(field: str, daemon: str) -> _Matched:
    """Tell whether the field names the daemon; ``daemon@address`` holds at one address of the machine only."""

    def one(word: str) -> _Matched:
        name, at, _ = word.partition("@")
        matches = name.upper() == "ALL" or fnmatchcase(daemon.lower(), name.lower())
        return _Matched(_ANYBODY if matches and not at else _NOBODY, _ANYBODY if matches else _NOBODY)

    return _listed([[one(word) for word in words] for words in _parts(field)])


def _clients(field: str, unread: dict[str, None]) -> _Matched:
    return _listed([[_client(word, unread) for word in words] for words in _parts(field)])


def _parts(field: str) -> list[list[str]]:
    """Split a list at its EXCEPT words; between the items are commas and blanks."""
    parts: list[list[str]] = [[]]
    for word in re.split(r"[\s,]+", field):
        if word.upper() == "EXCEPT":
            parts.append([])
        elif word:
            parts[-1].append(word)
    return parts


def _listed(parts: list[list[_Matched]]) -> _Matched:
    """Join lists as ``a EXCEPT b EXCEPT c`` is read: a without what (b without c) matches."""
    must, may = _NOBODY, _NOBODY
    for part in reversed(parts):
        surely = AddressSet.union(one.must for one in part)
        perhaps = AddressSet.union(one.may for one in part)
        must, may = surely - may, perhaps - must
    return _Matched(must, may)


def _client(word: str, unread: dict[str, None]) -> _Matched:
    if word.upper() == "ALL":
        return _Matched(_ANYBODY, _ANYBODY)
    network = parse_network(_prefix(word) if _PREFIX.fullmatch(word) else word)
    if network is None:
        unread[word[:80]] = None
        return _Matched(_NOBODY, _ANYBODY)
    block = AddressSet.of(network)
    return _Matched(block, block)


def _prefix(word: str) -> str:
    parts = word.rstrip(".").split(".")
    try:
        return str(ip_network(f"{'.'.join((parts + ['0'] * 3)[:4])}/{8 * len(parts)}"))
    except ValueError:
        return word


def _permits(options: list[str], unread: dict[str, None], *, default: bool) -> bool | None:
    """Read the options after the clients (hosts_options(5)): ``DENY`` and ``ALLOW`` decide, None if that is not known.

    ``spawn``, ``severity`` and the like change nothing; ``twist`` puts another program in the daemon's place.
    """
    permits: bool | None = default
    for option in options:
        word = option.partition(" ")[0].lower()
        if word in {"allow", "deny"}:
            permits = word == "allow"
        elif word in {"twist", "banners", "rfc931", "user", "nice", "umask", "setenv", "keepalive", "linger"}:
            unread[option[:80]] = None
            permits = None if word == "twist" else permits
    return permits
