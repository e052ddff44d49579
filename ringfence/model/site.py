"""The phone system as its evidence describes it: hosts, listeners, accounts, phones, files."""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

from ringfence.model.defences import FirewallSettings, TftpSettings
from ringfence.model.evidence import Citation, Excerpt
from ringfence.model.packetfilter import Ruleset
from ringfence.model.secret import Secret

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
InterfaceAddress = IPv4Interface | IPv6Interface


class Driver(StrEnum):
    """The channel driver of Asterisk that an account belongs to."""

    CHAN_SIP = "chan_sip"
    PJSIP = "pjsip"
    IAX2 = "iax2"


class ServiceName(StrEnum):
    """What answers on a port."""

    CHAN_SIP = "chan_sip"
    PJSIP = "pjsip"
    IAX2 = "iax2"
    TFTP = "tftp"
    HTTP = "http"
    HTTPS = "https"
    ASTERISK_HTTP = "asterisk-http"
    AMI = "ami"
    SSH = "ssh"
    DATABASE = "database"
    PROVISIONING = "provisioning"
    PHONE_WEB = "phone-web"
    PHONE_SIP = "phone-sip"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Listener:
    """A socket that waits for strangers; ``address`` None means every address of the host.

    ``transport`` is ``udp`` or ``tcp``; ``process`` is the program's name, or empty where ``ss`` could not say.
    ``versions`` are the IP versions that it answers (4, 6); two sockets of one program on one port are one listener.
    """

    service: ServiceName
    transport: str
    address: Address | None
    port: int
    process: str = ""
    versions: frozenset[int] = frozenset({4, 6})
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Interface:
    """A network interface with its addresses and prefix lengths."""

    name: str
    addresses: tuple[InterfaceAddress, ...]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route: ``network`` is reached through ``interface``, by way of ``via`` where it is not on the link."""

    network: Network
    via: Address | None
    interface: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A machine of the site: ``name`` is ``pbx`` or ``edge``.

    ``packet_filter`` None means that no rules were in the evidence (unknown), not that there are none. ``outside`` are
    the interfaces towards the Internet, where the machine's own configuration calls them so.
    """

    name: str
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    listeners: tuple[Listener, ...] | None = None
    packet_filter: Ruleset | None = None
    outside: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedNetwork:
    """A network of the site; ``declared`` tells whether the admin named it or it was inferred from the evidence."""

    name: str
    prefixes: tuple[Network, ...]
    declared: bool
    why: str = ""
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A SIP provider: addresses that calls legitimately come from and go to."""

    name: str
    addresses: tuple[Address, ...] = ()
    hostnames: tuple[str, ...] = ()
    declared: bool = True
    citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteWorker:
    """A person or place outside that the admin declared to use some accounts."""

    name: str
    prefixes: tuple[Network, ...] = ()
    hostname: str | None = None
    accounts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AclEntry:
    """One ``permit`` or ``deny`` line; entries apply in file order and the last match wins (ast:main/acl.c)."""

    permit: bool
    network: Network
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An extension that can log in to the PBX.

    ``host`` is ``dynamic`` or the fixed address. ``acl_unread`` names ACL lines that could not be interpreted.
    ``secret_citations`` are all places of the configuration that set the secret. ``secret`` None means that no password
    is asked for, unless ``secret_unknown``: then there is one, but the evidence holds its hash only, or not even that.
    """

    name: str
    driver: Driver
    secret: Secret | None
    username: str = ""
    context: str = ""
    host: str = "dynamic"
    acl: tuple[AclEntry, ...] = ()
    acl_unread: tuple[str, ...] = ()
    max_contacts: int | None = None
    remove_existing: bool | None = None
    caller_name: str = ""
    call_limit: int | None = None
    citation: Citation
    secret_citations: tuple[Citation, ...] = ()
    secret_unknown: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """A line to a provider; ``matched`` are the addresses whose calls are accepted without a password.

    ``by_name`` tells that PJSIP takes anyone for the trunk who puts its name into From, and asks for no password
    (``identify_by`` names ``username``, as it does by default, and the endpoint has no ``auth``).
    """

    name: str
    driver: Driver
    hosts: tuple[str, ...] = ()
    matched: tuple[Network, ...] = ()
    by_name: bool = False
    context: str = ""
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class SipSettings:
    """What a SIP driver does with strangers; None means that the file does not say and the default applies.

    ``binds`` are ``(transport, address or None for all, port)`` with the transport of the socket, ``udp`` or ``tcp``
    (TLS is ``tcp``). ``acl`` holds for all callers of the driver, before anything else (PJSIP's ``type=acl``).
    """

    driver: Driver
    allow_guest: bool | None = None
    guest_context: str = ""
    always_auth_reject: bool | None = None
    binds: tuple[tuple[str, Address | None, int], ...] = ()
    local_networks: tuple[Network, ...] = ()
    external_address: str = ""
    acl: tuple[AclEntry, ...] = ()
    citation: Citation
    guest_citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerUser:
    """A user of the manager interface (AMI), with its ACL and the classes that it may write."""

    name: str
    secret: Secret | None
    acl: tuple[AclEntry, ...] = ()
    acl_unread: tuple[str, ...] = ()
    write: tuple[str, ...] = ()
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class ManagerSettings:
    """The manager interface: whether it runs and where it listens."""

    enabled: bool
    address: Address | None
    port: int
    users: tuple[ManagerUser, ...] = ()
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """Asterisk's own web server (ARI, WebSocket): whether it runs, where, and which ARI users there are."""

    enabled: bool
    address: Address | None
    port: int
    ari_users: tuple[str, ...] = ()
    ari_enabled: bool | None = None
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class LogFile:
    """A file that Asterisk logs to, with the levels it receives in lower case (``security``, ``notice`` …)."""

    name: str
    levels: frozenset[str]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Extension:
    """One dialplan pattern with the applications it runs, e.g. ``_9011.`` running ``Dial(SIP/trunk/…)``.

    ``steps`` are ``(application, arguments with passwords masked, citation)`` in the order of their ``priorities``;
    ``labels`` name priorities.
    """

    pattern: str
    steps: tuple[tuple[str, str, Citation], ...]
    priorities: tuple[int, ...] = ()
    labels: tuple[tuple[str, int], ...] = ()
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """A dialplan context; ``includes`` are the contexts it falls through to, ``switches`` dialplans kept elsewhere."""

    name: str
    extensions: tuple[Extension, ...] = ()
    includes: tuple[str, ...] = ()
    switches: tuple[str, ...] = ()
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialplan:
    """All contexts by name, the global variables (passwords masked), and the included files that are ``missing``."""

    contexts: tuple[Context, ...] = ()
    variables: tuple[tuple[str, str, Citation], ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SecretPlace:
    """An account's secret found inside a served file.

    ``form`` is ``raw`` (in clear), ``base64``, ``hex``, ``url``, ``escaped`` (in XML or quotes), or ``ha1`` (its hash
    for the realm ``asterisk``, which opens the account as well). In an archive the citation is ``file!member``.
    """

    account: str
    driver: Driver
    form: str
    citation: Citation


class FileKind(StrEnum):
    """What a served file is for."""

    PHONE = "phone"
    COMMON = "common"
    BACKUP = "backup"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class ServedFile:
    """A file that a provisioning service hands out to whoever asks.

    ``name`` is what a client asks for, relative to the served root; ``mac`` is 12 lower-case hex digits;
    ``accounts`` are the account names that the file itself configures; ``stale`` are passwords for an account of the
    PBX that differ from its present one.
    """

    name: str
    root: str
    kind: FileKind
    size_bytes: int
    mac: str | None = None
    accounts: tuple[str, ...] = ()
    secrets: tuple[SecretPlace, ...] = ()
    stale: tuple[SecretPlace, ...] = ()
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Phone:
    """A desk phone, known from its configuration file."""

    mac: str
    vendor: str
    accounts: tuple[str, ...]
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveContact:
    """Where an account is registered at the moment of collection."""

    account: str
    driver: Driver
    address: Address
    port: int | None
    user_agent: str = ""
    status: str = ""
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class Versions:
    """Which software runs; empty where the evidence does not say."""

    asterisk: str = ""
    asterisk_citation: Citation | None = None
    freepbx: str = ""
    freepbx_citation: Citation | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One phone system with everything around it that the evidence shows."""

    name: str = ""
    timezone: str = ""
    hosts: tuple[Host, ...] = ()
    networks: tuple[NamedNetwork, ...] = ()
    providers: tuple[Provider, ...] = ()
    remotes: tuple[RemoteWorker, ...] = ()
    accounts: tuple[Account, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    sip: tuple[SipSettings, ...] = ()
    manager: ManagerSettings | None = None
    http: HttpSettings | None = None
    tftp: TftpSettings | None = None
    firewall: FirewallSettings | None = None
    log_files: tuple[LogFile, ...] | None = None
    dialplan: Dialplan = field(default_factory=Dialplan)
    served_files: tuple[ServedFile, ...] | None = None
    phones: tuple[Phone, ...] = ()
    contacts: tuple[LiveContact, ...] | None = None
    versions: Versions = field(default_factory=Versions)
    config_markers: tuple[Excerpt, ...] = ()

    def host(self, name: str) -> Host | None:
        """Find a host by its name (``pbx``, ``edge``)."""
        return next((host for host in self.hosts if host.name == name), None)

    def account(self, name: str) -> Account | None:
        """Find an account by its name; where both drivers have one, the first of the configuration."""
        return next((account for account in self.accounts if account.name == name), None)
