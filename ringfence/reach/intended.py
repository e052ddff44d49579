"""What FreePBX's firewall is set to do with a packet, in words, where the rules that it loaded are not in the evidence.

Settings decide nothing here: between them and the kernel stand safe mode, a stopped service and rules of one's own. An
exposure that is unknown stays so, but its sentence names the zone that would decide.
"""

from collections.abc import Iterable
from dataclasses import replace
from ipaddress import ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.defences import FirewallSettings, ZoneOf
from ringfence.model.exposure import Exposure, Hop, Vantage, Verdict
from ringfence.model.phrasing import listed
from ringfence.model.site import Listener, ServiceName, Site
from ringfence.reach.vantages import vantages

#: The name that FreePBX gives to a service, and the zones that it opens it to unless told otherwise (13 to 17).
SERVICES = {
    ServiceName.TFTP: ("tftp", frozenset({"internal"})),
    ServiceName.CHAN_SIP: ("chansip", frozenset({"internal"})),
    ServiceName.PJSIP: ("pjsip", frozenset({"internal", "other"})),
    ServiceName.IAX2: ("iax", frozenset({"internal"})),
    ServiceName.HTTP: ("http", frozenset({"internal"})),
    ServiceName.HTTPS: ("https", frozenset({"internal"})),
    ServiceName.SSH: ("ssh", frozenset({"internal"})),
    ServiceName.PROVISIONING: ("provis", frozenset({"internal", "other"})),
}
#: Names of the zones as the web pages show them.
ZONES = {"internal": "Local", "external": "Internet", "other": "Other", "trusted": "Trusted", "reject": "Reject"}


def with_intentions(site: Site, exposures: Iterable[Exposure]) -> tuple[Exposure, ...]:
    """Add what the settings would do to every exposure that is unknown for want of the PBX's rules."""
    pbx, settings = site.host("pbx"), site.firewall
    if settings is None or (pbx is not None and pbx.packet_filter is not None):
        return tuple(exposures)
    standing = {vantage.name: vantage for vantage in vantages(site)}
    return tuple(
        _told(exposure, site, settings, standing[exposure.vantage])
        if exposure.verdict is Verdict.UNKNOWN and exposure.vantage in standing
        else exposure
        for exposure in exposures
    )


def _told(exposure: Exposure, site: Site, settings: FirewallSettings, vantage: Vantage) -> Exposure:
    zones = _zones_of(site, settings, vantage)
    words = intention(settings, exposure.listener, zones)
    hops = tuple(Hop(text=f"{zone.subject} is in zone {zone.zone}", citation=zone.citation) for zone in zones[:4])
    return replace(exposure, claim=f"{exposure.claim} {words}", proof=(*exposure.proof, *hops))


def _zones_of(site: Site, settings: FirewallSettings, vantage: Vantage) -> tuple[ZoneOf, ...]:
    """Give the settings that a source at the vantage falls under: what it may do is the sum of what each grants."""
    networks = (
        one for one in settings.networks if vantage.sources & AddressSet.of(ip_network(one.subject, strict=False))
    )
    pbx = site.host("pbx")
    own = {interface.name for interface in pbx.interfaces} if pbx is not None else set()
    interfaces = (one for one in settings.interfaces or () if not own or one.subject in own)
    return (*networks, *interfaces)


def intention(settings: FirewallSettings, listener: Listener, zones: tuple[ZoneOf, ...]) -> str:
    """Say what the settings would do with a packet whose source falls under these zones."""
    if settings.enabled is False:
        return "By its settings FreePBX's firewall is off."
    name, default = SERVICES.get(listener.service, ("", frozenset()))
    allowed = dict(settings.services).get(name, default)
    granting = [one for one in zones if one.zone == "trusted" or one.zone in allowed]
    if granting:
        return f"By its settings FreePBX's firewall would let it in: {_why(granting)}."
    if name in settings.responsive:
        return "By its settings FreePBX's firewall would let it in: Responsive Firewall is on for this service."
    if settings.interfaces is None:
        return "Which zone FreePBX's firewall gives to the PBX's interface is not in the evidence (ZONE= in ifcfg-…)."
    if not zones:
        return "Which zone FreePBX's firewall would put it into is not in the evidence."
    return f"By its settings FreePBX's firewall would stop it: {_why(zones)}, which may not use this service."


def _why(zones: Iterable[ZoneOf]) -> str:
    return listed((f"{one.subject} is in zone {one.zone} ({ZONES.get(one.zone, one.zone)})" for one in zones), 3)
