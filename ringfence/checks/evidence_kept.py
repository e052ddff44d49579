"""Checks of whether the next attack would leave a trace, and whether traces of the last one can be believed."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.events.schema import Anomaly, AnomalyKind, Events
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import counted
from ringfence.model.site import ServiceName, Site

FALSE_KINDS = frozenset({AnomalyKind.FORGED_LINE, AnomalyKind.UNREADABLE_SOURCE})
LOST_KINDS = frozenset({AnomalyKind.SUPPRESSED_EVENT, AnomalyKind.DISCARDED})


@check(severity=Severity.HIGH)
def security_log_missing(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """No log file of Asterisk receives SECURITY events.

    ## How it is exploited

    A call that is placed with a stolen secret and without a registration leaves no address in the ordinary log, in
    the call records or in the event records: only the SECURITY events name where it came from. Without them nobody
    can say afterwards who it was, and Fail2Ban sees fewer of the failed logins.

    ## How to fix it

    Settings, Asterisk Logfile Settings, Log Files: switch on Security for `full`, and keep a file `fail2ban` with
    Security and Notice. Then reload the logger, and look whether lines with SECURITY arrive.

    ## When it is acceptable

    When the events go to another machine by another way (AMI, CEL with a collector) and are kept there.

    ## Severity

    High: it costs nothing, and its lack makes the next theft impossible to explain.
    """
    if site.log_files is None or any("security" in file.levels for file in site.log_files):
        return
    kept = site.log_files
    yield finding(
        security_log_missing,
        subject="logger.conf",
        claim=f"None of the {counted(len(kept), 'log file')} receives SECURITY events: calls with a stolen password "
        "leave no address."
        if kept
        else "Asterisk keeps no log file at all: attacks leave no trace.",
        evidence=(excerpt(file.citation, f"{file.name} => {','.join(sorted(file.levels))}") for file in kept),
        remedies=(
            Remedy(
                text="In Settings, Asterisk Logfile Settings, Log Files, switch on Security for full and for fail2ban "
                "(in the files: full => …,verbose(5),security).",
                command="asterisk -rx 'logger reload'",
            ),
        ),
    )


@check(severity=Severity.MEDIUM)
def tftp_reads_not_logged(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The phones' files are served over TFTP, and no log says who read them.

    ## How it is exploited

    Reading the files is how secrets are stolen without a trace. If nobody writes down who read which file, then after a
    theft every secret in every served file has to be treated as stolen.

    ## How to fix it

    Start the server with verbose logging: for tftpd-hpa add `--verbose` to TFTP_OPTIONS in `/etc/default/tftpd-hpa`, or
    `-v` to `server_args` in `/etc/xinetd.d/tftp`, and keep the syslog for some months.

    ## When it is acceptable

    Where the served files hold no secrets.

    ## Severity

    Medium: it opens nothing, but it decides how much has to be replaced after an incident. Low where no served file
    holds a known secret.
    """
    pbx = site.host("pbx")
    listeners = [
        listener
        for listener in (pbx.listeners if pbx and pbx.listeners else ())
        if listener.service is ServiceName.TFTP
    ]
    logged = any(request.protocol == "tftp" for request in events.files)
    if not listeners or logged or any(source.kind == "tftp" for source in events.sources):
        return
    harmless = site.served_files is not None and not any(file.secrets for file in site.served_files)
    yield finding(
        tftp_reads_not_logged,
        severity=Severity.LOW if harmless else None,
        subject="tftp",
        claim="TFTP serves files, but the evidence holds no record of a read: "
        + ("the files hold no known secret." if harmless else "who fetched which secret cannot be told."),
        evidence=(
            excerpt(item.citation, f"{item.process or 'a TFTP server'} listens on {item.transport}/{item.port}")
            for item in listeners
        ),
        remedies=(
            Remedy(
                text="Add --verbose to TFTP_OPTIONS in /etc/default/tftpd-hpa (or -v to server_args in "
                "/etc/xinetd.d/tftp) and restart the server.",
                command="systemctl restart tftpd-hpa",
            ),
            Remedy(
                text="If reads are logged elsewhere, add that log (var/log/messages, var/log/syslog) to the evidence."
            ),
        ),
    )


@check(severity=Severity.HIGH)
def log_lines_forged(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Somebody wrote false lines or addresses into the logs.

    ## How it is exploited

    Asterisk writes text that strangers send (names, Call-IDs, dialled numbers) into its logs as it is. With the
    right bytes one packet forges a complete line, or puts another's address beside the attacker's. Fail2Ban then
    bans an innocent – the SIP provider, for example – and a reader of the log accuses the wrong one.

    ## How to fix it

    Do not ban or accuse on the lines that are cited here. Lift bans of addresses that they name. Update Asterisk,
    and ban only by SECURITY events that are read from the right end of the line.

    ## When it is acceptable

    Never; a test of one's own with such bytes looks the same.

    ## Severity

    High: who forges lines is attacking now, and knows how the defence works.
    """
    yield from _anomalies(
        events,
        log_lines_forged,
        FALSE_KINDS,
        "{} in the logs hold forged or ambiguous text: the addresses in them prove nothing.",
        Remedy(
            text="Do not ban or accuse on these lines; look whether Fail2Ban banned an innocent because of them.",
            command="fail2ban-client status asterisk-iptables",
        ),
    )


@check(severity=Severity.MEDIUM)
def evidence_lost(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Asterisk or the system threw away log lines, or failed to write an event.

    ## How it is exploited

    A flood of packets makes the logger discard lines, and some bytes in a request make Asterisk fail to write its
    SECURITY event at all. What a stranger does in that time leaves no trace, and the log looks quiet.

    ## How to fix it

    Look at the registrations as they are now (`pjsip show contacts`, `sip show peers`), not only at the log. Raise
    the limits that were met (journald's RateLimitBurst, Asterisk's logger queue), and update Asterisk.

    ## When it is acceptable

    When the loss was caused by debugging that somebody switched on.

    ## Severity

    Medium: nothing is opened by it, but silence in that time proves nothing.
    """
    yield from _anomalies(
        events,
        evidence_lost,
        LOST_KINDS,
        "{} in the logs tell that evidence was lost: silence at those times proves nothing.",
        Remedy(
            text="Compare the log with where the accounts are registered now.",
            command="asterisk -rx 'pjsip show contacts'; asterisk -rx 'sip show peers'",
        ),
    )


def _anomalies(
    events: Events, rule: Check, kinds: frozenset[AnomalyKind], claim: str, remedy: Remedy
) -> Iterator[Finding]:
    by_file: dict[str, list[Anomaly]] = {}
    for anomaly in events.anomalies:
        if anomaly.kind in kinds:
            by_file.setdefault(anomaly.citation.file, []).append(anomaly)
    for file, anomalies in sorted(by_file.items()):
        yield finding(
            rule,
            subject=file,
            claim=claim.format(counted(len(anomalies), "line").capitalize()),
            evidence=(excerpt(anomaly.citation, anomaly.text) for anomaly in anomalies),
            remedies=(remedy,),
        )


CHECKS: tuple[Check, ...] = (evidence_lost, log_lines_forged, security_log_missing, tftp_reads_not_logged)
