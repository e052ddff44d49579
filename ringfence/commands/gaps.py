"""What the evidence does not hold, what therefore stays undecided, and the file or command that would decide it."""

from collections.abc import Iterator

from ringfence.events.schema import Events
from ringfence.model.phrasing import listed
from ringfence.model.report import Unknown
from ringfence.model.site import Site


def missing_evidence(site: Site, events: Events) -> Iterator[Unknown]:
    """Name every part that was not in the evidence: a check that saw nothing has not found that all is well."""
    yield from _of_the_machines(site)
    yield from _of_the_configuration(site)
    kinds = {source.kind for source in events.sources}
    if "asterisk" not in kinds:
        yield Unknown(
            subject="what happened",
            why="No log of Asterisk is in the evidence: whether anybody misused the system cannot be told.",
            decide_by="Add var/log/asterisk/full* and var/log/asterisk/fail2ban* of the PBX.",
        )
    if "cdr" not in kinds:
        yield Unknown(
            subject="calls",
            why="No call records are in the evidence: calls are only known as far as the log of Asterisk shows them.",
            decide_by="Add var/log/asterisk/cdr-csv/Master.csv, or a dump of asteriskcdrdb as db/asteriskcdrdb.sql.",
        )


def _of_the_machines(site: Site) -> Iterator[Unknown]:
    pbx, edge = site.host("pbx"), site.host("edge")
    if pbx is None or pbx.listeners is None:
        yield Unknown(
            subject="services of the PBX",
            why="Which services listen on the PBX is not in the evidence.",
            decide_by="Add the output of `ss -lnptu` as commands/ss.txt.",
        )
    if pbx is None or pbx.packet_filter is None:
        yield Unknown(
            subject="firewall of the PBX",
            why="The rules of the PBX's own firewall are not in the evidence.",
            decide_by="Add the output of `iptables-save` as commands/iptables-save.txt.",
        )
    if edge is None or edge.packet_filter is None:
        yield Unknown(
            subject="edge firewall",
            why="The rules of the edge firewall are not in the evidence, or are not of a kind that is read yet.",
            decide_by="Add its `iptables-save` or `nft list ruleset`, and `ip addr`, in the folder edge/.",
        )


def _of_the_configuration(site: Site) -> Iterator[Unknown]:
    missing = [
        name
        for name, part in (
            ("extensions (sip.conf, pjsip.conf)", site.accounts or None),
            ("the manager interface (manager.conf)", site.manager),
            ("Asterisk's web server (http.conf)", site.http),
            ("the logs to keep (logger.conf)", site.log_files),
        )
        if part is None
    ]
    if missing:
        yield Unknown(
            subject="configuration",
            why=f"The configuration of {listed(missing)} is not in the evidence: nothing about it could be checked.",
            decide_by="Add the folder etc/asterisk of the PBX.",
        )
    if site.served_files is None:
        yield Unknown(
            subject="the phones' files",
            why="The folder that the phones' files are served from is not in the evidence.",
            decide_by="Add it, for instance tftpboot/. If phones are not provisioned by files, nothing is missing.",
        )
    if site.contacts is None:
        yield Unknown(
            subject="live registrations",
            why="Who is registered right now is not in the evidence.",
            decide_by="Add var/lib/asterisk/astdb.sqlite3, or what `sip show peers` and `pjsip show contacts` print.",
        )
