"""Checks of what callers without an account may do and learn."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.checks.doors import is_shut
from ringfence.events.schema import Events
from ringfence.model.evidence import Excerpt
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.phrasing import listed
from ringfence.model.site import Driver, ServiceName, SipSettings, Site
from ringfence.readers.asterisk.reachability import reachable_trunks

SIP = frozenset({ServiceName.CHAN_SIP, ServiceName.PJSIP})
#: Where chan_sip puts callers when its file names no context (ast:channels/chan_sip.c, DEFAULT_CONTEXT).
DEFAULT_CONTEXT = "default"
NO_GUESTS = Remedy(
    text="Settings, Asterisk SIP Settings: Allow SIP Guests No, Allow Anonymous Inbound SIP Calls No; then apply.",
    command="fwconsole reload",
)


@check(severity=Severity.CRITICAL)
def guests_reach_trunk(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Callers without an account can place calls through a trunk.

    ## How it is exploited

    Asterisk accepts calls from anybody ("guests") and puts them into a context. If that context, or one that it
    includes, dials out, then a stranger needs no secret at all: one INVITE with the number is a call at the house's
    expense.

    ## How to fix it

    Settings, Asterisk SIP Settings: set Allow SIP Guests and Allow Anonymous Inbound SIP Calls to No. Calls from the
    provider are matched by its address and need no guests. Then look for what made the context dial out.

    ## When it is acceptable

    Never.

    ## Severity

    Critical: it needs neither a leak nor a guess.
    """
    for settings, context in _guests(site):
        reached = reachable_trunks(site.dialplan, context)
        if reached.verdict is Verdict.REACHABLE:
            trunks = listed(dict.fromkeys(way.trunk for way in reached.ways_out), 3)
            yield finding(
                guests_reach_trunk,
                subject=settings.driver.value,
                claim=f"Callers without an account enter context {context} of {settings.driver} and reach "
                f"{trunks} from there.",
                evidence=(*_guest_lines(settings, context), *(step for way in reached.ways_out for step in way.steps)),
                remedies=(NO_GUESTS,),
            )


@check(severity=Severity.MEDIUM)
def guests_allowed(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Callers without an account are let into the dialplan, though not to a trunk.

    ## How it is exploited

    Strangers ring the house's phones at night, leave machine voices in mailboxes, try voicemail passwords, and fill
    the logs. A later change of the dialplan can open the way to a trunk without anybody noticing.

    ## How to fix it

    Settings, Asterisk SIP Settings: set Allow SIP Guests and Allow Anonymous Inbound SIP Calls to No.

    ## When it is acceptable

    Where one is to be called under SIP addresses by everybody, with a context that holds just these numbers.

    ## Severity

    Medium. High where it cannot be decided whether the guests' context reaches a trunk. Low where they reach none
    and no stranger on the Internet reaches SIP.
    """
    for settings, context in _guests(site):
        reached = reachable_trunks(site.dialplan, context)
        if reached.verdict is Verdict.REACHABLE:
            continue
        unclear = reached.verdict is Verdict.UNKNOWN
        shut = not unclear and is_shut(site, exposures, SIP)
        default = " by default" if settings.allow_guest is None else ""
        yield finding(
            guests_allowed,
            severity=Severity.HIGH if unclear else Severity.LOW if shut else None,
            subject=settings.driver.value,
            claim=f"{settings.driver} lets callers without an account{default} into context {context}"
            + ("; whether they reach a trunk from there could not be decided" if unclear else "; it reaches no trunk")
            + (", and the Internet does not reach SIP." if shut else "."),
            evidence=(*_guest_lines(settings, context), *reached.unknowns),
            remedies=(NO_GUESTS,),
        )


@check(severity=Severity.LOW)
def extension_names_revealed(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Asterisk tells strangers which extensions exist.

    ## How it is exploited

    With `alwaysauthreject=no`, a login to an unknown extension is answered otherwise than one with a wrong
    password. Scanners list all extensions in a minute and then guess secrets for these only.

    ## How to fix it

    Settings, Asterisk SIP Settings, chan_sip: add `alwaysauthreject=yes` under Other SIP Settings, or remove the
    line that says no: yes is Asterisk's default.

    ## When it is acceptable

    While a phone that does not log in is being examined.

    ## Severity

    Low: extensions are mostly guessed anyway, but the guessing gets cheaper.
    """
    for settings in site.sip:
        if settings.always_auth_reject is False and _runs(site, settings.driver):
            yield finding(
                extension_names_revealed,
                subject=settings.driver.value,
                claim=f"{settings.driver} answers unknown extensions and wrong passwords differently.",
                evidence=(excerpt(settings.citation, "alwaysauthreject=no"),),
                remedies=(
                    Remedy(
                        text="Set alwaysauthreject=yes (Settings, Asterisk SIP Settings, chan_sip, Other SIP Settings)",
                        command="fwconsole reload",
                    ),
                ),
            )


def _guests(site: Site) -> Iterator[tuple[SipSettings, str]]:
    """Go through the drivers that take calls without an account, with the context that these enter.

    chan_sip does so unless it is told not to; PJSIP only where there is an endpoint for them.
    """
    for settings in site.sip:
        allowed = settings.driver is Driver.CHAN_SIP if settings.allow_guest is None else settings.allow_guest
        if allowed and _runs(site, settings.driver):
            yield settings, settings.guest_context or DEFAULT_CONTEXT


def _runs(site: Site, driver: Driver) -> bool:
    """Tell whether the driver may be running: False only where the open ports are known and none is its."""
    pbx = site.host("pbx")
    if pbx is None or pbx.listeners is None:
        return True
    return any(listener.service is ServiceName(driver.value) for listener in pbx.listeners)


def _guest_lines(settings: SipSettings, context: str) -> tuple[Excerpt, ...]:
    said = "allowguest is not set: yes is the default" if settings.allow_guest is None else "guests are allowed"
    place = settings.guest_citation or settings.citation
    return (excerpt(place, said), excerpt(settings.citation, f"guests enter context {context}"))


CHECKS: tuple[Check, ...] = (
    extension_names_revealed,
    guests_allowed,
    guests_reach_trunk,
)
