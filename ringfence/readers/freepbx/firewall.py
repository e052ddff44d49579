"""How FreePBX's firewall is set: zones of networks, hosts and interfaces, services, Responsive Firewall.

The settings stand in the table ``kvstore_FreePBX_modules_Firewall`` (module 13 to 17; FreePBX 13 has one table
``kvstore`` for all modules), as a dump (``db/*.sql``) or as the client ``mysql -B`` prints it. The zone of an interface
is ``ZONE=`` in its own file; without one the daemon puts it into ``trusted`` (``phar/src/firewall.php``).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from ringfence.model.defences import FirewallSettings, ZoneOf
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.readers.artifacts import Artifacts, decoded, lines, matching
from ringfence.readers.logs.cdr_dump import dumped_rows
from ringfence.readers.wants import Glob, Want

TABLE = "kvstore_FreePBX_modules_Firewall"
OLD_TABLE = "kvstore"
#: Red Hat's files up to FreePBX 16, Debian's since 17.
INTERFACES = ("etc/sysconfig/network-scripts/ifcfg-*", "etc/network/interfaces.d/ifcfg-*")
WANTS: tuple[Want, ...] = tuple(Glob(pattern=f"/{pattern}") for pattern in INTERFACES)
ZONES = frozenset({"internal", "external", "other", "trusted", "reject"})
MAX_ENTRIES = 4_096
MAX_JSON_CHARACTERS = 256 * 1024

#: What `mysql -B` prints: key	val	type	id
_HEADER = ("key", "val", "type", "id")
_ESCAPE = re.compile(r"\\(.)")
_MEANING = {"n": "\n", "t": "\t", "0": "\0"}
#: ZONE=internal
_ZONE = re.compile(r"^\s*ZONE\s*=\s*[\"']?([A-Za-z_]*)[\"']?\s*$")
_SUBJECT = re.compile(r"[A-Za-z0-9_.:/-]{1,253}")


@dataclass(frozen=True, slots=True)
class _Row:
    """One setting: its key, its value, the group that it belongs to (``noid`` for none), and where it stands."""

    key: str
    value: str
    group: str
    citation: Citation


def read(artifacts: Artifacts) -> Reading[FirewallSettings | None]:
    """Read the settings; None where the evidence holds none of them."""
    problems: list[Problem] = []
    rows = tuple(_rows(artifacts))
    if not rows:
        return Reading(facts=None)
    plain = {row.key: row for row in rows if row.group in {"noid", ""}}
    advanced = _object(plain.get("advancedsettings"), problems)
    facts = FirewallSettings(
        enabled=_switch(plain.get("status")),
        networks=tuple(_zones(plain.get("networkmaps"), problems, networks=True)),
        hosts=tuple(_zones(plain.get("hostmaps"), problems, networks=False)),
        interfaces=_interfaces(artifacts),
        services=tuple(_services(rows, problems)),
        responsive=_responsive(rows, plain),
        safe_mode=_is_enabled(advanced.get("safemode")),
        custom_rules=_is_enabled(advanced.get("customrules")),
        citation=plain["status"].citation if "status" in plain else rows[0].citation,
    )
    return Reading(facts=facts, problems=tuple(problems))


def _rows(artifacts: Artifacts) -> Iterator[_Row]:
    """Go through the rows of the first source that has any."""
    for name in matching(artifacts, "db/*", "commands/*kvstore*"):
        # the dump of the call records can be large, and holds no settings
        if "cdr" in name.lower():
            continue
        found = tuple(_dumped(artifacts, name) if ".sql" in name else _printed(artifacts, name))
        if found:
            yield from found[:MAX_ENTRIES]
            return


def _dumped(artifacts: Artifacts, name: str) -> Iterator[_Row]:
    for table in (TABLE, OLD_TABLE):
        for row in dumped_rows(artifacts, name, table):
            fields = row.fields or {}
            if "key" in fields and (table == TABLE or fields.get("module", "").lower().endswith("firewall")):
                place = Citation(file=name, line=row.line)
                yield _Row(fields["key"], fields.get("val", ""), fields.get("id", ""), place)


def _printed(artifacts: Artifacts, name: str) -> Iterator[_Row]:
    """Read tab-separated rows; only a file that begins with the table's own column names is one."""
    for number, raw in lines(artifacts, name):
        cells = decoded(raw).split("\t")
        if number == 1:
            if tuple(cells) != _HEADER or "firewall" not in name.lower():
                return
            continue
        if len(cells) == len(_HEADER):
            key, value, _, group = (_ESCAPE.sub(lambda found: _MEANING.get(found[1], found[1]), cell) for cell in cells)
            yield _Row(key, value, group, Citation(file=name, line=number))


def _switch(row: _Row | None) -> bool | None:
    return None if row is None else row.value.strip().lower() in {"1", "true", "yes"}


def _is_enabled(value: object) -> bool | None:
    return value == "enabled" if isinstance(value, str) else None


def _json(row: _Row | None, problems: list[Problem]) -> object:
    if row is None:
        return None
    try:
        return json.loads(row.value[:MAX_JSON_CHARACTERS])
    except (ValueError, RecursionError):
        problems.append(Problem(citation=row.citation, message=f"the setting {row.key[:40]!r} is no JSON"))
        return None


def _object(row: _Row | None, problems: list[Problem]) -> dict[str, object]:
    found = _json(row, problems)
    return found if isinstance(found, dict) else {}


def _zones(row: _Row | None, problems: list[Problem], *, networks: bool) -> Iterator[ZoneOf]:
    """Read ``{"10.30.0.0/24": "internal"}``; PHP writes an empty one as ``[]``."""
    for subject, zone in list(_object(row, problems).items())[:MAX_ENTRIES]:
        name = _network(subject) if networks else subject if _SUBJECT.fullmatch(subject) else None
        if row is not None and name is not None and zone in ZONES:
            yield ZoneOf(subject=name, zone=str(zone), citation=row.citation)
        elif row is not None:
            problems.append(Problem(citation=row.citation, message=f"a zone in {row.key[:40]!r} was not understood"))


def _network(text: str) -> str | None:
    try:
        return str(ip_network(text, strict=False)) if "/" in text else str(ip_address(text))
    except ValueError:
        return None


def _services(rows: tuple[_Row, ...], problems: list[Problem]) -> Iterator[tuple[str, frozenset[str]]]:
    for row in rows:
        if row.group != "servicesettings" or not _SUBJECT.fullmatch(row.key):
            continue
        zones = _json(row, problems)
        if isinstance(zones, list):
            yield row.key, frozenset(zone for zone in zones if isinstance(zone, str) and zone in ZONES)


def _responsive(rows: tuple[_Row, ...], plain: dict[str, _Row]) -> frozenset[str]:
    """Give the services that Responsive Firewall covers; none while it is off as a whole."""
    if not _switch(plain.get("responsivefw")):
        return frozenset()
    return frozenset(row.key for row in rows if row.group == "rfw" and _switch(row) and _SUBJECT.fullmatch(row.key))


def _interfaces(artifacts: Artifacts) -> tuple[ZoneOf, ...] | None:
    found: list[ZoneOf] = []
    for name in matching(artifacts, *INTERFACES):
        interface = name.rpartition("ifcfg-")[2]
        if interface == "lo" or not _SUBJECT.fullmatch(interface):
            continue
        zone, line = "", None
        for number, raw in lines(artifacts, name):
            if match := _ZONE.match(decoded(raw)):
                zone, line = match[1].lower(), number
        known = zone if zone in ZONES else "trusted"
        found.append(ZoneOf(subject=interface, zone=known, citation=Citation(file=name, line=line)))
    return tuple(found) or None
