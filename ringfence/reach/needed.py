"""Compares who is let in from outside with who needs to be: the providers, and the remote places that are declared."""

from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.packetfilter import Chain, Hook, Rule, TranslateDestination
from ringfence.model.site import Driver, Listener, LiveContact, RemoteWorker, ServiceName, Site
from ringfence.reach.asking import Inquiry, Reply, fates
from ringfence.reach.whereabouts import INTERNET, expected_callers, is_outside, literal, provider_addresses

#: Services that nobody outside needs: phones' files, remote control and the database belong behind the edge.
NEVER_FROM_OUTSIDE = frozenset({ServiceName.TFTP, ServiceName.AMI, ServiceName.DATABASE})
DRIVERS = {
    ServiceName.CHAN_SIP: Driver.CHAN_SIP,
    ServiceName.PJSIP: Driver.PJSIP,
    ServiceName.IAX2: Driver.IAX2,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Forward:
    """A rule of the edge that sends an outside port on to the listener."""

    chain: Chain
    rule: Rule
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """One listener: who outside needs it, who is let in surely or perhaps, and through which forwards.

    ``undeclared`` tells that somebody must need it, but the site names neither a provider nor a remote place.
    ``by_name`` are providers and places known by host name only: their addresses are missing in ``needed``. ``cut_off``
    are registrations from outside addresses that are let in, and that ``needed`` does not hold.
    """

    listener: Listener
    needed: AddressSet
    surely: AddressSet
    perhaps: AddressSet
    missing: tuple[str, ...]
    undeclared: bool
    by_name: tuple[str, ...]
    cut_off: tuple[LiveContact, ...]
    forwards: tuple[Forward, ...]

    @property
    def strangers(self) -> AddressSet:
        """Those who are let in, or may be, and do not need it."""
        return (self.surely | self.perhaps) - self.needed

    @property
    def kept_out(self) -> AddressSet:
        """Those who need it and surely are not let in."""
        return self.needed - self.surely - self.perhaps


def needs(inquiry: Inquiry) -> tuple[Need, ...]:
    """Compare every listener; those that let in most strangers first, those that let in nobody left out."""
    internet = next(vantage for vantage in inquiry.vantages if vantage.name == INTERNET)
    found: list[Need] = []
    for listener in inquiry.listeners:
        replies = inquiry.ask(listener, internet)
        surely, perhaps, _ = fates(replies)
        needed = needed_by(inquiry.site, listener.service) & internet.sources
        if surely or perhaps:
            found.append(_need(inquiry.site, listener, replies, (needed, surely, perhaps)))
    return tuple(sorted(found, key=lambda need: (-(need.surely - need.needed).count, -need.strangers.count)))


def _need(
    site: Site, listener: Listener, replies: tuple[Reply, ...], sets: tuple[AddressSet, AddressSet, AddressSet]
) -> Need:
    needed, surely, perhaps = sets
    never = listener.service in NEVER_FROM_OUTSIDE
    calls = listener.service in DRIVERS
    return Need(
        listener=listener,
        needed=needed,
        surely=surely,
        perhaps=perhaps,
        missing=tuple(dict.fromkeys(text for reply in replies for text in reply.missing)),
        undeclared=calls and not needed and not expected_callers(site),
        by_name=() if never else _by_name(site, listener.service),
        cut_off=_cut_off(site, listener.service, (surely | perhaps) - needed),
        forwards=tuple(dict.fromkeys(forward for reply in replies for forward in _forwards(reply))),
    )


def needed_by(site: Site, service: ServiceName) -> AddressSet:
    """Give the outside addresses that need a service: for SIP and IAX2 providers too, for some services nobody."""
    if service in NEVER_FROM_OUTSIDE:
        return AddressSet()
    driver = DRIVERS.get(service)
    remotes = (remote for remote in site.remotes if driver is None or _may_use(site, remote, driver))
    needed = AddressSet.of(*(prefix for remote in remotes for prefix in remote.prefixes))
    return needed if driver is None else needed | _providers(site, driver)


def _providers(site: Site, driver: Driver) -> AddressSet:
    """Give the providers' addresses, without those that only trunks of another driver use."""
    known = provider_addresses(site)
    mine, others = AddressSet(), AddressSet()
    for trunk in site.trunks:
        hosts = (literal(host) for host in trunk.hosts)
        theirs = AddressSet.of(*trunk.matched, *(host for host in hosts if host is not None)) & known
        mine, others = (mine | theirs, others) if trunk.driver is driver else (mine, others | theirs)
    return known - (others - mine)


def _may_use(site: Site, remote: RemoteWorker, driver: Driver) -> bool:
    drivers = {account.name: account.driver for account in site.accounts}
    return not remote.accounts or any(drivers.get(name, driver) is driver for name in remote.accounts)


def _by_name(site: Site, service: ServiceName) -> tuple[str, ...]:
    """Name the hosts that need the service and whose addresses are not known, because names are not resolved."""
    driver = DRIVERS.get(service)
    remotes = (one for one in site.remotes if driver is None or _may_use(site, one, driver))
    found = [remote.hostname for remote in remotes if remote.hostname and not remote.prefixes]
    if driver is not None:
        found += [name for one in site.providers if not one.addresses for name in one.hostnames]
        found += [
            host for one in site.trunks if one.driver is driver for host in one.hosts if host and literal(host) is None
        ]
    return tuple(dict.fromkeys(found))


def _cut_off(site: Site, service: ServiceName, strangers: AddressSet) -> tuple[LiveContact, ...]:
    driver = DRIVERS.get(service)
    return tuple(
        contact
        for contact in site.contacts or ()
        if contact.driver is driver and contact.address in strangers and is_outside(site, contact.address)
    )


def _forwards(reply: Reply) -> tuple[Forward, ...]:
    """Give the destination translations of the edge that lead some of the sources to the listener."""
    found: dict[Forward, None] = {}
    for approach, delivery in reply.ways:
        entrances = (one for one in delivery.stages if one.box == "edge" and one.hook == Hook.PREROUTING)
        for decision in (one for stage in entrances for one in stage.decisions):
            chain, rule = decision.path[-1].chain, decision.path[-1].rule
            if rule is None or not isinstance(rule.action, TranslateDestination):
                continue
            if decision.sources & delivery.reached:
                found[Forward(chain=chain, rule=rule, port=approach.header.port)] = None
    return tuple(found)
