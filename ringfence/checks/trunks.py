"""Checks of whom the phone system takes for its provider, and how far the provider's calls get."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.checks.doors import is_shut
from ringfence.events.schema import Events
from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.exposure import Exposure
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.site import ServiceName, Site

#: FreePBX's context for its own extensions: from there every outgoing route is open.
INTERNAL_CONTEXT = "from-internal"
#: More addresses than a /20 holds are not one provider's.
MOST_TRUNK_ADDRESSES = 2**12


@check(severity=Severity.HIGH)
def trunk_matches_strangers(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """A trunk takes a wide range of addresses for the provider's, without a password.

    ## How it is exploited

    Calls from an address that a trunk matches are accepted without a login and enter the trunk's context. Whoever
    has an address in the range – a neighbour at the same data centre, for example – is the provider.

    ## How to fix it

    Ask the provider for its addresses and match these only (Connectivity, Trunks, the trunk, pjsip Settings, Advanced,
    Match).

    ## When it is acceptable

    When the whole range is the provider's own and the edge lets in nothing else.

    ## Severity

    High: it is a login for everybody in the range.
    """
    for trunk in site.trunks:
        strangers = AddressSet.of(*trunk.matched) - PRIVATE
        if (strangers & AddressSet.all_ipv4()).count > MOST_TRUNK_ADDRESSES:
            wide = max(trunk.matched, key=lambda network: network.num_addresses if network.version == 4 else 0)
            yield finding(
                trunk_matches_strangers,
                subject=trunk.name,
                claim=f"Trunk {trunk.name} takes every sender in {wide} for the provider, without a password.",
                evidence=(excerpt(trunk.citation, f"[{trunk.name}] match={wide}"),),
                remedies=(
                    Remedy(
                        text=f"Match the provider's own addresses only (Connectivity, Trunks, {trunk.name}, Match)."
                    ),
                ),
            )


@check(severity=Severity.MEDIUM)
def trunk_taken_by_name(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """PJSIP takes anyone for a trunk who writes the trunk's name into the sender's address.

    ## How it is exploited

    An endpoint without `auth` is also found by the user name in From, unless `identify_by` says otherwise. A
    stranger who guesses the trunk's name calls in as the provider, without a password and without being a guest.

    ## How to fix it

    Give the trunk `identify_by=ip` (in `pjsip.endpoint_custom_post.conf`: `[name](+)`), and match the provider's
    addresses.

    ## When it is acceptable

    Where nothing but the provider's addresses gets through to the SIP port.

    ## Severity

    Medium: the caller reaches what the provider's calls reach. High where that is the context of the house's
    extensions, low where no stranger on the Internet reaches PJSIP.
    """
    shut = is_shut(site, exposures, frozenset({ServiceName.PJSIP}))
    for trunk in site.trunks:
        if trunk.by_name:
            internal = trunk.context == INTERNAL_CONTEXT
            yield finding(
                trunk_taken_by_name,
                severity=Severity.HIGH if internal else Severity.LOW if shut else None,
                subject=trunk.name,
                claim=f"Whoever calls as {trunk.name} is taken for that trunk, without a password, and enters context "
                f"{trunk.context}"
                + (", from where every route out is open" if internal else "")
                + ("; the Internet does not reach it." if shut else "."),
                evidence=(excerpt(trunk.citation, f"[{trunk.name}] has no auth and no identify_by=ip"),),
                remedies=(
                    Remedy(
                        text=f"Add [{trunk.name}](+) with identify_by=ip to pjsip.endpoint_custom_post.conf.",
                        command="fwconsole reload",
                    ),
                ),
            )


@check(severity=Severity.HIGH)
def trunk_counts_as_internal(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """Calls from a trunk enter the context of the house's own extensions.

    ## How it is exploited

    From `from-internal` every outgoing route is open. Whoever can send calls as the provider – from its addresses,
    or with a forged sender – places calls at the house's expense.

    ## How to fix it

    Set the trunk's context to `from-pstn` or `from-trunk` (Connectivity, Trunks, the trunk), where only the inbound
    routes are.

    ## When it is acceptable

    For a line between two of one's own systems, which are meant to use each other's trunks.

    ## Severity

    High: the trunk is matched by its address, without a password.
    """
    for trunk in site.trunks:
        if trunk.context == INTERNAL_CONTEXT:
            yield finding(
                trunk_counts_as_internal,
                subject=trunk.name,
                claim=f"Calls from trunk {trunk.name} enter {INTERNAL_CONTEXT}, from where they can dial out again.",
                evidence=(excerpt(trunk.citation, f"[{trunk.name}] context={trunk.context}"),),
                remedies=(
                    Remedy(
                        text=f"Set the context of trunk {trunk.name} to from-pstn (Connectivity, Trunks).",
                        command="fwconsole reload",
                    ),
                ),
            )


CHECKS: tuple[Check, ...] = (trunk_counts_as_internal, trunk_matches_strangers, trunk_taken_by_name)
