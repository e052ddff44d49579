"""What the investigation must know before it looks at anybody: where addresses stand and what the logs cover."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum, auto
from functools import lru_cache
from ipaddress import ip_network

from ringfence.events.schema import Events, Outcome, RegistrationAction
from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Exposure
from ringfence.model.site import Address, FileKind, ServedFile, Site
from ringfence.reach.whereabouts import (
    INTERNET,
    is_declared_remote,
    is_outside,
    network_of,
    own_addresses,
    provider_addresses,
)


class Place(Enum):
    """Where a source stands."""

    OUTSIDE = auto()
    #: The edge's own address: behind it stands whoever the edge lets in, because it hides the true source.
    HIDDEN = auto()
    INSIDE = auto()
    PROVIDER = auto()
    OWN = auto()


#: A log that falls silent for longer than this no longer speaks for that time.
_SLACK = timedelta(minutes=10)
SIP_SERVICES = frozenset({"chan_sip", "pjsip", "iax2"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """The site and its events, with the questions that every step of the investigation asks of them.

    ``account_names`` is empty where the configuration was not in the evidence: any name may then be an account.
    """

    site: Site
    events: Events
    account_names: frozenset[str]
    phone_networks: AddressSet
    hidden: AddressSet
    own: AddressSet
    providers: AddressSet
    files: dict[str, ServedFile]

    def place(self, address: Address) -> Place:
        """Say where the address stands."""
        if address in self.hidden:
            return Place.HIDDEN
        if address.is_loopback or address in self.own:
            return Place.OWN
        if address in self.providers:
            return Place.PROVIDER
        return Place.OUTSIDE if is_outside(self.site, address) else Place.INSIDE

    def is_account(self, name: str) -> bool:
        """Tell whether the name is an account of the PBX, as far as its configuration is known."""
        return bool(name) and (not self.account_names or name in self.account_names)

    def is_declared(self, address: Address, account: str) -> bool:
        """Tell whether the admin declared that this account is used from there."""
        return is_declared_remote(self.site, address, account)

    def file(self, asked_for: str) -> ServedFile | None:
        """Find the served file that a request names; TFTP servers fold ``/tftpboot/x``, ``/x`` and ``x`` into one."""
        return self.files.get(asked_for.rsplit("/", 1)[-1].lower())

    def covers(self, kind: str, at: datetime | None, level: str = "") -> bool:
        """Tell whether a log of that kind (and with that level) speaks for the time; False is "cannot tell"."""
        return at is not None and any(
            source.kind == kind
            and (not level or level in source.levels)
            and source.first_at is not None
            and source.last_at is not None
            and source.first_at - _SLACK <= at <= source.last_at + _SLACK
            for source in self.events.sources
        )


def set_scene(site: Site, events: Events, exposures: Iterable[Exposure]) -> Scene:
    """Work out everything that depends on the site as a whole."""
    hidden = AddressSet()
    for exposure in exposures:
        if exposure.vantage == INTERNET and exposure.seen_as is not None:
            hidden |= exposure.seen_as
    return Scene(
        site=site,
        events=events,
        account_names=frozenset(account.name for account in site.accounts),
        phone_networks=_phone_networks(site, events, hidden),
        hidden=hidden,
        own=own_addresses(site),
        providers=provider_addresses(site),
        files={file.name.rsplit("/", 1)[-1].lower(): file for file in site.served_files or ()},
    )


def _phone_networks(site: Site, events: Events, hidden: AddressSet) -> AddressSet:
    """Give the networks where phones live: those that hold at least a quarter of all accounts ever seen inside."""
    lives: set[tuple[str, AddressSet]] = set()

    @lru_cache(maxsize=4096)
    def home_network(address: Address) -> AddressSet:
        network = network_of(site, address)
        if network is not None:
            return AddressSet.of(*network.prefixes)
        width = 24 if address.version == 4 else 64
        return AddressSet.of(ip_network((address, width), strict=False))

    for account, address in _seen_accounts(site, events):
        if not is_outside(site, address) and address not in hidden and not address.is_loopback:
            lives.add((account, home_network(address)))
    population = Counter(network for _, network in lives)
    accounts = len({account for account, _ in lives})
    result = AddressSet()
    for network, inhabitants in population.items():
        if inhabitants * 4 >= accounts and (inhabitants > 1 or accounts < 4):
            result |= network
    return result


def _seen_accounts(site: Site, events: Events) -> Iterable[tuple[str, Address]]:
    for contact in site.contacts or ():
        yield contact.account, contact.address
    for registration in events.registrations:
        if registration.action is RegistrationAction.ADDED and registration.address is not None:
            yield registration.account, registration.address
    for row in events.authentications:
        if row.outcome is Outcome.SUCCEEDED and row.address is not None and row.service in SIP_SERVICES:
            yield row.account, row.address


def holds_phone_secrets(file: ServedFile) -> bool:
    """Tell whether reading the file means reading somebody's secret."""
    return bool(file.secrets) or (file.kind is FileKind.PHONE and file.mac is not None)


def accounts_in(file: ServedFile) -> frozenset[str]:
    """Give the accounts whose present secret stands in the file, or that the file configures where none was found."""
    held = frozenset(place.account for place in file.secrets)
    return held or frozenset(file.accounts)
