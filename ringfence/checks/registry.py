"""All checks, and the one way to run them."""

from ringfence.checks import (
    accounts,
    allowances,
    evidence_kept,
    exposure,
    firewall,
    management,
    phones,
    platform,
    provisioning,
    secrets,
    sip,
    trunks,
)
from ringfence.checks.check import MOST_EXCERPTS, Check
from ringfence.events.schema import Events
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding
from ringfence.model.site import Site

ALL: tuple[Check, ...] = (
    *exposure.CHECKS,
    *provisioning.CHECKS,
    *secrets.CHECKS,
    *sip.CHECKS,
    *trunks.CHECKS,
    *accounts.CHECKS,
    *firewall.CHECKS,
    *allowances.CHECKS,
    *management.CHECKS,
    *phones.CHECKS,
    *evidence_kept.CHECKS,
    *platform.CHECKS,
)


def run_all(site: Site, exposures: tuple[Exposure, ...], events: Events) -> tuple[Finding, ...]:
    """Run every check and give its findings, worst first, then by check and subject; each id once."""
    found: dict[str, Finding] = {}
    for rule in ALL:
        for finding in rule.run(site, exposures, events):
            other = found.get(finding.id)
            found[finding.id] = finding if other is None else _merged(other, finding)
    return tuple(sorted(found.values(), key=lambda finding: (finding.severity.rank, finding.check, finding.subject)))


def _merged(left: Finding, right: Finding) -> Finding:
    """Join two findings of one check about one subject: what the worse one claims, with the evidence of both."""
    worse, other = (left, right) if left.severity.rank <= right.severity.rank else (right, left)
    return Finding(
        id=worse.id,
        check=worse.check,
        severity=worse.severity,
        subject=worse.subject,
        claim=worse.claim,
        evidence=tuple(dict.fromkeys((*worse.evidence, *other.evidence)))[:MOST_EXCERPTS],
        remedies=tuple(dict.fromkeys((*worse.remedies, *other.remedies))),
    )
