"""Checks of the phones themselves: who reaches their web pages and their SIP ports."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, finding
from ringfence.checks.doors import closing, doors
from ringfence.events.schema import Events
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Severity
from ringfence.model.site import ServiceName, Site
from ringfence.reach.phones import SERVICES


@check(severity=Severity.HIGH)
def phones_reachable_from_internet(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Anyone on the Internet reaches desk phones: their web pages, or their SIP port.

    ## How it is exploited

    A phone's web page has a login that is often the maker's default. Who is in reads the account's secret from the
    exported configuration, turns on forwarding to an expensive number, or lets the phone dial by a link (action URI).
    Old phones have faults that need no login at all. Through the SIP port strangers make phones ring at night, and some
    phones take calls that do not come from their PBX.

    ## How to fix it

    Remove the forward at the edge, and switch off UPnP and NAT-PMP there, by which devices open ports for themselves.
    A phone needs no forward: it opens its connection to the PBX. Then set a password of your own on the web page, and
    replace the secret of every account that the phone has.

    ## When it is acceptable

    Never.

    ## Severity

    High: a phone that strangers configure is an account in their hands. Medium where only some undeclared addresses
    pass.
    """
    for door in doors(site, exposures, SERVICES):
        web = door.service is ServiceName.PHONE_WEB
        instead = "Set a new password on the phones' web pages and replace their accounts' secrets." if web else ""
        yield finding(
            phones_reachable_from_internet,
            severity=None if door.anyone else Severity.MEDIUM,
            subject=f"phones {door.subject}",
            claim=door.claim,
            evidence=door.evidence(),
            remedies=closing(site, door, instead=instead),
        )


CHECKS: tuple[Check, ...] = (phones_reachable_from_internet,)
