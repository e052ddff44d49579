"""Checks of what FreePBX's firewall grants by itself: to whoever registered, and to whoever tries."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.checks.doors import doors
from ringfence.checks.rules import quoted, rules_of
from ringfence.events.schema import Events
from ringfence.model.addresses import PRIVATE, AddressSet, PortSet
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.packetfilter import DestinationPort, Jump, SetMark, SourceAddress
from ringfence.model.phrasing import listed
from ringfence.model.site import ServiceName, Site
from ringfence.reach.whereabouts import (
    has_unresolved_provider,
    has_unresolved_remote,
    own_addresses,
    provider_addresses,
    site_networks,
)

SIGNALLING = frozenset({ServiceName.CHAN_SIP, ServiceName.PJSIP, ServiceName.IAX2})
#: The mark that sends a packet to the responsive firewall (fpbx:firewall/drivers/Iptables.class.php).
RESPONSIVE_MARK = 0x2
#: A rule of the allow-list names one address each; more than this is some other kind of rule.
MOST_STRANGERS = 256


@check(severity=Severity.HIGH)
def registered_strangers_allow_listed(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The firewall lets in an outside address because an account registered from it.

    ## How it is exploited

    FreePBX's firewall trusts every address that holds a registration: it opens SIP, the user control panel and
    provisioning for it, and lifts its limits. A thief who registers once with a stolen secret is thereby on the
    list of friends, and stays there as long as he registers.

    ## How to fix it

    Find out whether the address is a remote worker's. If it is, declare it. If not: change the secret of the
    account that registered from there, remove its registration, and restart the firewall so that the list is made
    anew.

    ## When it is acceptable

    For the address of a remote worker that you know. Declare it in `ringfence.toml`, and this check is silent.

    ## Severity

    High: being registered is not being trusted. Medium where a provider or a remote place is known by name only, whose
    address this may be.
    """
    known = provider_addresses(site) | site_networks(site) | own_addresses(site) | PRIVATE
    known |= AddressSet.of(*(prefix for remote in site.remotes for prefix in remote.prefixes))
    undecided = has_unresolved_provider(site) or has_unresolved_remote(site)
    for rule in rules_of(site, "fpbxregistrations"):
        listed_here = AddressSet()
        for match in rule.matches:
            if isinstance(match, SourceAddress):
                listed_here |= match.addresses
        strangers = listed_here - known
        if not strangers or strangers.count > MOST_STRANGERS:
            continue
        accounts = sorted({contact.account for contact in site.contacts or () if contact.address in strangers})
        yield finding(
            registered_strangers_allow_listed,
            severity=Severity.MEDIUM if undecided else None,
            subject=str(strangers),
            claim=f"The firewall lets in {strangers}, from outside, because "
            + (f"{listed(accounts)} registered" if accounts else "an account registered")
            + " from there"
            + (
                "; it may be a place that is declared by name only." if undecided else "; nobody declared that address."
            ),
            evidence=(
                quoted(rule),
                *(
                    excerpt(contact.citation, f"{contact.account} is registered at {contact.address}")
                    for contact in site.contacts or ()
                    if contact.address in strangers
                ),
            ),
            remedies=(
                Remedy(text=f"If {strangers} is a remote worker, declare it as [[remote]] in ringfence.toml."),
                Remedy(
                    text="If not: change the secret of the account that registered from there, then have the firewall "
                    "make its list anew.",
                    command="fwconsole reload && fwconsole firewall restart",
                ),
            ),
        )


@check(severity=Severity.MEDIUM)
def responsive_firewall_open_to_all(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The responsive firewall lets every address try SIP, whatever the zones say.

    ## How it is exploited

    With the responsive firewall on, unknown senders reach the signalling ports although the services are meant for
    Local and Other only. It slows down guessing (ten packets a minute, a hundred a day), but whoever knows a secret
    gets in with the first packet, and then counts as known.

    ## How to fix it

    Connectivity, Firewall, Responsive Firewall: switch it off for the protocols that no phone outside uses, and add the
    networks of remote places under Networks instead.

    ## When it is acceptable

    Where phones register from changing addresses and cannot use a VPN, with random secrets and a limit on calls.

    ## Severity

    Medium: a limit is not a wall. High where the edge lets the Internet through to these ports.
    """
    called = any(
        isinstance(rule.action, Jump) and rule.action.chain == "fpbxrfw" for rule in rules_of(site, "fpbxfirewall")
    )
    marked = [
        rule
        for rule in rules_of(site, "fpbxsignalling")
        if any(
            isinstance(step, SetMark) and (step.value or 0) & RESPONSIVE_MARK for step in (*rule.effects, rule.action)
        )
    ]
    if not called or not marked:
        return
    ports = PortSet()
    for rule in marked:
        for match in rule.matches:
            if isinstance(match, DestinationPort):
                ports |= match.ports
    open_now = any(door.port in ports for door in doors(site, exposures, SIGNALLING))
    yield finding(
        responsive_firewall_open_to_all,
        severity=Severity.HIGH if open_now else None,
        subject="pbx",
        claim=f"The responsive firewall lets every address send to the signalling ports {ports}"
        + (", and the Internet does reach them." if open_now else ", within limits that stop only the impatient."),
        evidence=(quoted(rule) for rule in marked),
        remedies=(
            Remedy(
                text="Connectivity, Firewall, Responsive Firewall: switch it off for the protocols that no phone "
                "outside uses; add the networks of remote places under Networks.",
            ),
        ),
    )


CHECKS: tuple[Check, ...] = (registered_strangers_allow_listed, responsive_firewall_open_to_all)
