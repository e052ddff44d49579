"""Checks of what the Internet reaches: SIP, IAX2, web pages, management ports, and doors that the rules call closed."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, finding
from ringfence.checks.doors import Door, closing, doors, proof, shown
from ringfence.events.schema import Events
from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import listed
from ringfence.model.site import Driver, ServiceName, Site
from ringfence.reach.phones import SERVICES as PHONES
from ringfence.reach.whereabouts import provider_addresses

SIP = frozenset({ServiceName.CHAN_SIP, ServiceName.PJSIP})
WEB = frozenset({ServiceName.HTTP, ServiceName.HTTPS, ServiceName.PROVISIONING})
MANAGEMENT = {
    ServiceName.AMI: Severity.CRITICAL,
    ServiceName.DATABASE: Severity.CRITICAL,
    ServiceName.ASTERISK_HTTP: Severity.HIGH,
    ServiceName.SSH: Severity.MEDIUM,
}
ONLY_SOME = "Only these addresses pass, not the whole Internet."


@check(severity=Severity.HIGH)
def sip_reachable_from_internet(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Anyone on the Internet can send SIP to the phone system.

    ## How it is exploited

    Scanners find an open SIP port within hours. They list the extensions, guess secrets, or use one that leaked,
    and then place calls to expensive numbers. A known secret needs one packet: no limit on failed logins ever
    counts.

    ## How to fix it

    At the edge, let SIP in from the addresses of the SIP provider and of declared remote places only. A PBX that
    registers with its provider usually needs no forward at all: the provider answers on the connection that the PBX
    opened. Remote workers come in through a VPN, or from addresses that are listed.

    ## When it is acceptable

    Where phones must register from anywhere: then over TLS, with random secrets, without guests, with a limit on calls
    and on destinations, and with somebody who reads the alarms.

    ## Severity

    High: it is the way by which stolen secrets are used. Medium where the rules let only some undeclared addresses
    pass.
    """
    for door in doors(site, exposures, SIP):
        yield finding(
            sip_reachable_from_internet,
            severity=None if door.anyone else Severity.MEDIUM,
            subject=door.subject,
            claim=door.claim if door.anyone else f"{door.claim} {ONLY_SOME}",
            evidence=door.evidence(),
            remedies=closing(site, door, first=_keeping(site, door)),
        )


@check(severity=Severity.HIGH)
def iax2_reachable_from_internet(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Anyone on the Internet can send IAX2 to the phone system.

    ## How it is exploited

    IAX2 is a second door to the same dialplan: accounts and guests can call through it. Asterisk raises no SECURITY
    event for it, so neither Fail2Ban nor an investigation sees much of what happens there.

    ## How to fix it

    Close udp/4569 at the edge. Where no trunk uses IAX2, stop Asterisk from loading it.

    ## When it is acceptable

    For a trunk between two of one's own sites, if the edge admits the other site's address only.

    ## Severity

    High: few sites use IAX2, and what nobody uses nobody watches. Medium where only some undeclared addresses pass.
    """
    for door in doors(site, exposures, frozenset({ServiceName.IAX2})):
        used = any(account.driver is Driver.IAX2 for account in site.accounts) or any(
            trunk.driver is Driver.IAX2 for trunk in site.trunks
        )
        instead = "" if used else "No account and no trunk uses IAX2: add noload = chan_iax2.so to modules.conf."
        yield _open_door(iax2_reachable_from_internet, site, door, instead)


@check(severity=Severity.HIGH)
def web_reachable_from_internet(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Anyone on the Internet can open the web pages of the phone system, or its provisioning over HTTP.

    ## How it is exploited

    The administration pages of FreePBX had several faults that let strangers in without a password (one of them,
    CVE-2025-57819, was used on thousands of systems in August 2025). Whoever is in reads every secret and the
    recordings. A provisioning port hands out the phones' files to whoever knows or guesses a phone's MAC address.

    ## How to fix it

    Close the ports at the edge and administer over a VPN. Where users need their control panel (UCP) from outside,
    forward its own port, not the administration's.

    ## When it is acceptable

    For a reverse proxy that asks for a login of its own before anything reaches FreePBX.

    ## Severity

    High: one fault of the pages gives the whole system away. Medium where only some undeclared addresses pass.
    """
    for door in doors(site, exposures, WEB):
        instead = "Administer over a VPN or an SSH tunnel; forward only the user control panel where people need it."
        yield _open_door(web_reachable_from_internet, site, door, instead)


@check(severity=Severity.CRITICAL)
def management_reachable_from_internet(
    site: Site, exposures: tuple[Exposure, ...], events: Events
) -> Iterator[Finding]:
    """Anyone on the Internet reaches a port that is made for administrators: AMI, ARI, the database, or SSH.

    ## How it is exploited

    The manager interface (AMI) and ARI place calls and change the dialplan for whoever has their password; the database
    holds every secret. Their passwords are often old, short, or the ones that manuals show, and AMI is not encrypted.

    ## How to fix it

    Close the port at the edge. Bind AMI, ARI and the database to 127.0.0.1; where another machine needs them, let that
    machine's address in and no other.

    ## When it is acceptable

    SSH, if it accepts keys only and is kept up to date; better from known addresses or through a VPN.

    ## Severity

    Critical for AMI and the database, high for Asterisk's web server (ARI), medium for SSH. Medium for all of them
    where only some undeclared addresses pass.
    """
    for door in doors(site, exposures, frozenset(MANAGEMENT)):
        instead = f"Let only the machines of administrators reach {door.service.value.upper()}."
        yield _open_door(management_reachable_from_internet, site, door, instead, MANAGEMENT[door.service])


@check(severity=Severity.HIGH)
def blocked_on_paper_but_reached(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """By its rules a port is closed, but packets or log rows show that strangers reached it.

    ## How it is exploited

    The rules that were read are not the whole story: there is a second way in (another gateway, IPv6, UPnP, a
    forward made by the device itself), or the rules were changed since. Who trusts the rules leaves that way open.

    ## How to fix it

    Follow the observed way: at which address did the packets arrive, and which device holds it? Add what it exports
    to the evidence and check again. When the log rows are old, find out when the rules were changed.

    ## When it is acceptable

    When the rules were tightened after the time of the log rows: then this is the proof of what was open before.

    ## Severity

    High: what really happened outweighs every prediction.
    """
    reached: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        if exposure.basis is not Basis.PREDICTED and exposure.verdict is Verdict.REACHABLE:
            reached.setdefault(_place(exposure), []).append(exposure)
    predicted: dict[str, list[Exposure]] = {}
    for exposure in exposures:
        if exposure.basis is Basis.PREDICTED:
            predicted.setdefault(_place(exposure), []).append(exposure)
    for place, seen in sorted(reached.items()):
        said = predicted.get(place, [])
        if not said or any(exposure.verdict is not Verdict.BLOCKED for exposure in said):
            continue
        listener = seen[0].listener
        how = listed(dict.fromkeys(exposure.basis.value for exposure in seen))
        yield finding(
            blocked_on_paper_but_reached,
            subject=place,
            claim=f"The rules say that {listener.transport}/{listener.port} is closed to {seen[0].vantage}, "
            f"but it was {how} from there.",
            evidence=proof((*seen, *said)),
            remedies=(
                Remedy(
                    text="Look for a second way in (another gateway, IPv6, UPnP), add that device's export to the "
                    "evidence and check again.",
                ),
            ),
        )


def _place(exposure: Exposure) -> str:
    whose = "phones " if exposure.listener.service in PHONES else ""
    return f"{exposure.vantage}:{whose}{exposure.listener.transport}/{exposure.listener.port}"


def _keeping(site: Site, door: Door) -> str:
    """Say who must still get in when an open SIP port is closed."""
    friends = provider_addresses(site)
    friends |= AddressSet.of(*(prefix for remote in site.remotes for prefix in remote.prefixes))
    if not friends:
        return (
            "First find out the addresses of the SIP provider and of remote workers, and forward "
            f"{door.subject} for these only, so that nobody is cut off."
        )
    return f"First, so that nobody is cut off, forward {door.subject} for {shown(friends, 12)} only."


def _open_door(rule: Check, site: Site, door: Door, instead: str, severity: Severity | None = None) -> Finding:
    return finding(
        rule,
        severity=severity if door.anyone else Severity.MEDIUM,
        subject=door.subject,
        claim=door.claim if door.anyone else f"{door.claim} {ONLY_SOME}",
        evidence=door.evidence(),
        remedies=closing(site, door, instead=instead),
    )


CHECKS: tuple[Check, ...] = (
    blocked_on_paper_but_reached,
    iax2_reachable_from_internet,
    management_reachable_from_internet,
    sip_reachable_from_internet,
    web_reachable_from_internet,
)
