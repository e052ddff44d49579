"""Checks of packet filters that look closed: zones that trust too much, and an edge that hides who is calling."""

from collections.abc import Iterator

from ringfence.checks.check import Check, check, excerpt, finding
from ringfence.checks.doors import proof
from ringfence.checks.rules import quoted, rules_of
from ringfence.events.schema import Events
from ringfence.model.addresses import PRIVATE, AddressSet
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.finding import Finding, Remedy, Severity
from ringfence.model.packetfilter import InputInterface, Jump, Rule, SourceAddress, TranslateDestination
from ringfence.model.phrasing import listed
from ringfence.model.site import Site
from ringfence.reach.whereabouts import INTERNET


@check(severity=Severity.HIGH)
def interface_without_zone_trusted(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """An interface is in the firewall's zone Trusted: everything that comes in there is accepted.

    ## How it is exploited

    FreePBX's firewall puts every interface without a zone into Trusted, a new VLAN or VPN interface too. Trusted
    means that no service is filtered: TFTP, the database, AMI and SIP are open to whoever reaches that interface,
    and packets that the edge forwards from the Internet come in by it as well.

    ## How to fix it

    First give the networks of your phones and administrators the zone Local (Connectivity, Firewall, Networks), so that
    nobody is cut off. Then set the interface's default zone to Internet (Connectivity, Firewall, Interfaces).

    ## When it is acceptable

    For an interface that leads to machines of administrators only, and that no edge forwards to.

    ## Severity

    High: the firewall is on and filters nothing there.
    """
    for rule, name in _interfaces_in(site, "zone-trusted"):
        yield finding(
            interface_without_zone_trusted,
            subject=name,
            claim=f"Interface {name} is in zone Trusted, where everything is accepted; FreePBX puts every interface "
            "there that has no zone.",
            evidence=(quoted(rule),),
            remedies=_rezoning(site, name),
        )


@check(severity=Severity.HIGH)
def forwarded_traffic_counts_as_local(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The firewall takes everything from one interface for local, and the edge forwards the Internet to that interface.

    ## How it is exploited

    A packet from the Internet that the edge forwards comes in by the same interface as those of the phones. Where
    the interface's zone is Local, the firewall grants it what local phones may do: TFTP, SIP, the web pages. The
    settings look right ("only Local may use TFTP") and protect from nothing.

    ## How to fix it

    Say what is local by network, not by interface: give the networks of the phones the zone Local (Connectivity,
    Firewall, Networks), then set the interface's zone to Internet (Connectivity, Firewall, Interfaces). Remove the
    forwards that nobody needs.

    ## When it is acceptable

    Where the edge itself admits only the provider's addresses to each forward.

    ## Severity

    High: it is how a closed firewall is open, and it is the usual state of a PBX behind a router.
    """
    for rule, name in _interfaces_in(site, "zone-internal"):
        forwards = tuple(_forwards_to(site, name))
        if forwards:
            yield finding(
                forwarded_traffic_counts_as_local,
                subject=name,
                claim=f"What the edge forwards from the Internet comes in by {name}, and the PBX's firewall counts "
                f"all that comes in by {name} as Local.",
                evidence=(quoted(rule), *(quoted(forward) for forward in forwards)),
                remedies=_rezoning(site, name),
            )


@check(severity=Severity.HIGH)
def edge_hides_sources(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The edge replaces the addresses of those who come in from the Internet by its own.

    ## How it is exploited

    To the PBX every stranger looks like the gateway, which is an address of the house: the firewall's zone Local,
    the ACLs of extensions and `localnet` let them all pass. The logs name the gateway as the attacker, and a ban
    hits everybody at once, or nobody, because the gateway is exempt.

    ## How to fix it

    On the edge, restrict the masquerade (source NAT) to packets that leave for the Internet: `-o wan`, not the
    interface towards the PBX. Where it is there for hairpin access from inside, restrict it to sources inside.

    ## When it is acceptable

    Never for SIP and TFTP. For a web proxy that passes on the true address in a header.

    ## Severity

    High: it opens what is meant for the house, and it takes away the evidence.
    """
    hiding = [
        exposure
        for exposure in exposures
        if exposure.seen_as is not None and exposure.vantage == INTERNET and exposure.verdict is Verdict.REACHABLE
    ]
    if not hiding:
        return
    seen = AddressSet()
    for exposure in hiding:
        seen |= exposure.seen_as or AddressSet()
    ports = sorted({f"{exposure.listener.transport}/{exposure.listener.port}" for exposure in hiding})
    yield finding(
        edge_hides_sources,
        subject="edge",
        claim=f"Whoever comes in from the Internet to {listed(ports)} looks to the PBX like {seen or 'the edge'}: "
        "rules and logs that go by the sender's address are worthless.",
        evidence=proof(hiding),
        remedies=(
            Remedy(
                text="On the edge, masquerade only what leaves by the Internet interface, not what goes to the PBX."
            ),
            Remedy(text="Until then, do not ban or accuse by address, and take the gateway out of the zone Local."),
        ),
    )


@check(severity=Severity.MEDIUM)
def firewall_settings_not_in_force(site: Site, exposures: tuple[Exposure, ...], events: Events) -> Iterator[Finding]:
    """The settings of FreePBX's firewall say one thing, the rules that the kernel has loaded another.

    ## How it is exploited

    Who looks at the web page sees a closed firewall. What strangers meet is the loaded rules: those of before the last
    change, or none at all, because the service was stopped, failed, or waits in safe mode after two quick restarts.

    ## How to fix it

    Load the settings again (`fwconsole firewall restart`), then look whether the rules are there
    (`iptables -S fpbxinterfaces`). Where they are not, `/var/log/asterisk/firewall.log` says why.

    ## When it is acceptable

    For the minutes in which settings are being changed.

    ## Severity

    Medium. High where the firewall is switched on and none of its rules are loaded.
    """
    pbx, settings = site.host("pbx"), site.firewall
    if settings is None or settings.enabled is not True or pbx is None or pbx.packet_filter is None:
        return
    again = Remedy(
        text="Load the firewall's settings again, and compare: Connectivity, Firewall.",
        command="fwconsole firewall restart",
    )
    if not any(chain.name == "fpbxfirewall" for chain in pbx.packet_filter.chains):
        yield finding(
            firewall_settings_not_in_force,
            severity=Severity.HIGH,
            subject="fpbxfirewall",
            claim="FreePBX's firewall is switched on in its settings, but none of its rules are loaded: it was "
            "stopped, it failed, or it waits in safe mode.",
            evidence=(
                excerpt(settings.citation, "the firewall is switched on"),
                excerpt(pbx.packet_filter.citation, "the loaded rules have no chain fpbxfirewall"),
            ),
            remedies=(again,),
        )
        return
    for wanted in (*settings.networks, *(settings.interfaces or ())):
        loaded = tuple(_zones_in_force(site, wanted.subject))
        zones = sorted({zone for _, zone in loaded})
        if loaded and wanted.zone not in zones:
            yield finding(
                firewall_settings_not_in_force,
                subject=wanted.subject,
                claim=f"By its settings {wanted.subject} is in zone {wanted.zone}, but the loaded rules send it to "
                f"{listed(zones)}.",
                evidence=(
                    excerpt(wanted.citation, f"{wanted.subject}: zone {wanted.zone}"),
                    *(quoted(rule) for rule, _ in loaded),
                ),
                remedies=(again,),
            )


def _zones_in_force(site: Site, name: str) -> Iterator[tuple[Rule, str]]:
    """Find the rules that send just this interface or network to a zone, with the zone's name."""
    for rule in (*rules_of(site, "fpbxinterfaces"), *rules_of(site, "fpbxnets")):
        if not isinstance(rule.action, Jump) or not rule.action.chain.startswith("zone-"):
            continue
        named = {one for match in rule.matches if isinstance(match, InputInterface) for one in match.names}
        named |= {str(match.addresses) for match in rule.matches if isinstance(match, SourceAddress)}
        if name in named:
            yield rule, rule.action.chain.removeprefix("zone-")


def _interfaces_in(site: Site, zone: str) -> Iterator[tuple[Rule, str]]:
    """Go through the interfaces that FreePBX's firewall sends to ``zone``, each once."""
    seen: set[str] = set()
    for rule in rules_of(site, "fpbxinterfaces"):
        if not isinstance(rule.action, Jump) or rule.action.chain != zone:
            continue
        for match in rule.matches:
            if isinstance(match, InputInterface) and not match.negated:
                for name in sorted(match.names - seen):
                    seen.add(name)
                    yield rule, name


def _forwards_to(site: Site, interface: str) -> Iterator[Rule]:
    """Find the edge's rules that rewrite a destination to an address of the PBX's interface."""
    pbx, edge = site.host("pbx"), site.host("edge")
    if pbx is None or edge is None or edge.packet_filter is None:
        return
    own = AddressSet.of(
        *(address.ip for known in pbx.interfaces if known.name == interface for address in known.addresses)
    )
    for chain in edge.packet_filter.chains:
        for rule in chain.rules:
            action = rule.action
            if isinstance(action, TranslateDestination) and action.addresses is not None and action.addresses & own:
                yield rule


def _rezoning(site: Site, interface: str) -> Iterator[Remedy]:
    inside = [
        str(prefix) for network in site.networks for prefix in network.prefixes if AddressSet.of(prefix) <= PRIVATE
    ]
    yield Remedy(
        text="First, so that nobody is cut off: give the networks of phones and administrators the zone Local "
        "(Connectivity, Firewall, Networks). Leave out those of pupils and guests.",
        command=f"fwconsole firewall add internal {' '.join(inside)}" if inside else "",
    )
    yield Remedy(
        text=f"Then set the zone of {interface} to Internet (Connectivity, Firewall, Interfaces, Default Zone).",
        command="fwconsole firewall restart",
    )


CHECKS: tuple[Check, ...] = (
    edge_hides_sources,
    firewall_settings_not_in_force,
    forwarded_traffic_counts_as_local,
    interface_without_zone_trusted,
)
