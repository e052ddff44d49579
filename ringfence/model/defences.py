"""What programs of the PBX are told to refuse, beside the packet filter that the kernel has loaded."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation, Excerpt


@dataclass(frozen=True, slots=True, kw_only=True)
class TftpSettings:
    """What the TFTP server itself is told to refuse; TFTP has no login.

    ``admitted`` are all clients that ``hosts.allow`` and ``hosts.deny`` may let ask, None where these have no rule for
    the server; ``unread`` are parts of such rules that name no addresses. ``only_from`` is xinetd's list as it is
    written: it is asked for the client that starts the server, and for nobody who comes while the server runs.
    ``uploads`` tells that files may be created. ``binds`` are ``(address or None for all, port)``.
    """

    admitted: AddressSet | None = None
    only_from: str = ""
    uploads: bool = False
    binds: tuple[tuple[IPv4Address | IPv6Address | None, int], ...] = ()
    unread: tuple[str, ...] = ()
    rules: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneOf:
    """The zone that a network, a host or an interface is put into, by FreePBX's name (``internal``, ``external`` …)."""

    subject: str
    zone: str
    citation: Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class FirewallSettings:
    """What FreePBX's firewall is set to do; whether it does so, only the loaded rules tell.

    ``enabled`` None means that the settings do not say. ``services`` are the zones that stored settings open a service
    to; a service that is not among them has FreePBX's defaults. ``responsive`` are those that Responsive Firewall opens
    to strangers. An interface without a zone is in ``interfaces`` as ``trusted``, which is what FreePBX makes of it;
    ``interfaces`` is None where no file of an interface is in the evidence.
    """

    enabled: bool | None = None
    networks: tuple[ZoneOf, ...] = ()
    hosts: tuple[ZoneOf, ...] = ()
    interfaces: tuple[ZoneOf, ...] | None = None
    services: tuple[tuple[str, frozenset[str]], ...] = ()
    responsive: frozenset[str] = frozenset()
    safe_mode: bool | None = None
    custom_rules: bool | None = None
    citation: Citation
