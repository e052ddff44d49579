"""What an edge firewall's export tells, free of its vendor's words."""

from dataclasses import dataclass

from ringfence.model.packetfilter import Ruleset
from ringfence.model.site import Interface, Route


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """An edge firewall: what it is, how it is attached, what it forwards and lets pass.

    ``outside`` are the names of the interfaces towards the Internet, as the export itself calls them so; empty where it
    does not tell. ``interfaces`` have no addresses where the export leaves them to DHCP or PPPoE.
    """

    product: str
    interfaces: tuple[Interface, ...] = ()
    routes: tuple[Route, ...] = ()
    outside: frozenset[str] = frozenset()
    ruleset: Ruleset
