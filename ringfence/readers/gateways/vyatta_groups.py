"""The groups of a Vyatta firewall (`firewall group address-group PROVIDER address 198.51.100.20`)."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways.vyatta_interfaces import Attached
from ringfence.readers.gateways.vyatta_tree import Export, Node
from ringfence.readers.linux import notation

#: The kind of a group, and the word before its members.
ADDRESS_KINDS = {
    "address-group": "address",
    "network-group": "network",
    "ipv6-address-group": "address",
    "ipv6-network-group": "network",
}

Member = TypeVar("Member")

#: EdgeOS keeps sets of the addresses and the networks of each interface.
_OF_INTERFACE = re.compile(r"^(ADDR|NET)(v4|v6)_(.+)$")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAddresses:
    """A set that holds the addresses of an interface which gets them from DHCP or PPPoE."""

    interface: str


def ports(text: str) -> PortSet:
    """Read ``5060``, ``sip-tls``, ``10000-20000``; raises ValueError."""
    return PortSet.of(notation.SERVICES[text]) if text in notation.SERVICES else notation.ports(text, "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """All groups of an export; what a lookup cannot tell is None."""

    export: Export
    attached: Mapping[str, Attached]
    _known: dict[tuple[str, str], AddressSet | OwnAddresses | None] = field(default_factory=dict)

    def addresses(self, kind: str, name: str) -> AddressSet | OwnAddresses | None:
        """Give the members of an address or network group."""
        if (kind, name) not in self._known:
            self._known[kind, name] = self._addresses(kind, name)
        return self._known[kind, name]

    def _addresses(self, kind: str, name: str) -> AddressSet | OwnAddresses | None:
        if self._node(kind, name) is None or not self._members(kind, name, ADDRESS_KINDS.get(kind, "")):
            known = self._of_interface(name)
            if known is not None:
                return known
        parts = self._read(kind, name, ADDRESS_KINDS.get(kind, ""), notation.addresses)
        return AddressSet.union(parts) if parts is not None else None

    def ports(self, name: str) -> PortSet | None:
        """Give the members of a port group."""
        parts = self._read("port-group", name, "port", ports)
        if parts is None:
            return None
        found = PortSet()
        for part in parts:
            found |= part
        return found

    def interfaces(self, name: str) -> frozenset[str] | None:
        """Give the members of an interface group."""
        parts = self._read("interface-group", name, "interface", str)
        return frozenset(parts) if parts is not None else None

    def _node(self, kind: str, name: str) -> Node | None:
        return self.export.root.at("firewall", "group", kind, name)

    def _members(self, kind: str, name: str, word: str) -> tuple[str, ...] | None:
        """Give the members of a group and of those that it includes; None when one of them is not there."""
        found: dict[str, None] = {}
        waiting, seen = [name], {name}
        while waiting:
            node = self._node(kind, waiting.pop())
            if node is None:
                return None
            found.update(dict.fromkeys(node.values(word)))
            more = [one for one in node.values("include") if one not in seen]
            waiting += more
            seen.update(more)
        return tuple(found)

    def _read(self, kind: str, name: str, word: str, read: Callable[[str], Member]) -> tuple[Member, ...] | None:
        members = self._members(kind, name, word)
        if members is None:
            return None
        try:
            return tuple(read(member) for member in members)
        except ValueError:
            return None

    def _of_interface(self, name: str) -> AddressSet | OwnAddresses | None:
        match = _OF_INTERFACE.match(name)
        attached = self.attached.get(match[3]) if match is not None else None
        if match is None or attached is None:
            return None
        version = int(match[2][1])
        held = [one for one in attached.addresses if one.version == version]
        if match[1] == "NET":
            return AddressSet.of(*(one.network for one in held)) if held else None
        return AddressSet.of(*(one.ip for one in held)) if held else OwnAddresses(interface=match[3])
