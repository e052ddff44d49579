"""Checks of the software itself: whether anybody still repairs it."""

import re
from collections.abc import Iterator
from datetime import date
from types import MappingProxyType

from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.events.schema import Events
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import listed
from ringfence.model.site import Driver, Site

#: The last day of security fixes by major version (github asterisk/documentation, Asterisk-Versions.md).
END_OF_LIFE = MappingProxyType(
    {
        11: date(2017, 10, 25),
        13: date(2021, 10, 24),
        16: date(2023, 10, 9),
        18: date(2025, 10, 20),
        20: date(2027, 10, 19),
        21: date(2026, 10, 18),
        22: date(2029, 10, 16),
        23: date(2027, 10, 15),
    }
)
#: The day the table was read. No check has a clock: what had ended by then has ended, whenever the evidence is from.
TABLE_READ = date(2026, 8, 1)
#: ``16.28.0~dfsg-0+deb11u4``; a certified branch (``certified/18.9-cert4``) has dates of its own, a snapshot has none.
_MAJOR = re.compile(r"\s*(?:Asterisk\s+)?(\d{1,3})\.\d")


@check(severity=Severity.MEDIUM)
def asterisk_end_of_life(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """This version of Asterisk no longer gets security fixes.

    ## How it is exploited

    Faults that are found in newer versions are often in the old ones too, and stay there: in the handling of SIP,
    of RTP, and of what is written into the logs. Their descriptions are public.

    ## How to fix it

    Move to a version with long support (FreePBX 17 runs Asterisk 22). Asterisk 21 and later have no chan_sip: its
    extensions have to become PJSIP ones first (`fwconsole convert2pjsip`).

    ## When it is acceptable

    For a while, when strangers reach none of its ports, or when the distribution still repairs the package itself.

    ## Severity

    Medium: it makes everything else worse, but by itself it lets nobody in.
    """
    match = _MAJOR.match(site.versions.asterisk)
    if match is None:
        return
    major = int(match[1])
    # A version between two of the table is a short-lived one: it ended before the next long-lived one did.
    listed_major = min((known for known in END_OF_LIFE if known >= major), default=None)
    if listed_major is None:
        return
    ended = END_OF_LIFE[listed_major]
    if ended >= newest_day(events):
        return
    citation = site.versions.asterisk_citation
    said = f"ended on {ended}" if listed_major == major else f"ended before {ended}, when that of {listed_major} did"
    old = sorted({account.name for account in site.accounts if account.driver is Driver.CHAN_SIP})
    remedies = [Remedy(text="Move to FreePBX 17 with Asterisk 22.")]
    if old:
        remedies.append(
            Remedy(
                text=f"Asterisk 22 has no chan_sip: convert its extensions first ({listed(old)}).",
                command="fwconsole convert2pjsip",
            )
        )
    yield finding(
        asterisk_end_of_life,
        subject=f"Asterisk {major}",
        claim=f"Asterisk {major} no longer gets security fixes: its support {said}.",
        evidence=() if citation is None else (excerpt(citation, f"Asterisk {site.versions.asterisk}"),),
        remedies=remedies,
    )


def newest_day(events: Events) -> date:
    """Give the newest day that is certain to have come: of the log sources, or the day the table was read."""
    days = [source.last_at.date() for source in events.sources if source.last_at is not None]
    return max([TABLE_READ, *days])


CHECKS: tuple[Check, ...] = (asterisk_end_of_life,)
