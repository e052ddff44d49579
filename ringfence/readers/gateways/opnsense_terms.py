"""How rules of OPNsense name interfaces, addresses and ports, in all generations (Firewall/Rule.php, FilterRule.php).

A switch is on where its element holds anything but nothing and ``0``: ``1``, ``on`` and ``yes`` alike.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from re import compile as pattern

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Match, RateLimited, Unsupported
from ringfence.readers.gateways.pf_interfaces import Interfaces
from ringfence.readers.gateways.pf_match import NotLoadedError, On, Place
from ringfence.readers.gateways.pf_options import limits, tcp_flags
from ringfence.readers.gateways.pf_rules import Tags
from ringfence.readers.gateways.pf_tables import BOGONS, Addresses, Alias, Aliases, Ports, port_range
from ringfence.readers.gateways.pf_words import Notes
from ringfence.readers.gateways.pf_xml import Node
from ringfence.readers.linux import notation

#: Kinds of aliases whose content stands in the file.
LISTED = frozenset({"host", "network", "port", "networkgroup"})
NOT_HERE = "its content is not in config.xml"
SYSTEM: Mapping[str, Addresses] = {
    "bogons": Addresses(known=AddressSet(ipv4=BOGONS.ipv4), complete=False, why="table bogons: " + NOT_HERE),
    "bogonsv6": Addresses(known=AddressSet(ipv6=BOGONS.ipv6), complete=False, why="table bogonsv6: " + NOT_HERE),
    "virusprot": Addresses(complete=False, why="table virusprot: it changes while the firewall runs"),
    "sshlockout": Addresses(complete=False, why="table sshlockout: it changes while the firewall runs"),
}

#: Port names that OPNsense knows (PortField.php).
WELL_KNOWN = {
    "afs3-fileserver": 7000, "aol": 5190, "auth": 113, "avt-profile-1": 5004, "cvsup": 5999, "domain": 53,
    "domain-s": 853, "ftp": 21, "hbci": 3000, "http": 80, "https": 443, "igmpv3lite": 465, "imap": 143, "imaps": 993,
    "ipsec-msft": 10000, "ipsec-nat-t": 4500, "isakmp": 500, "l2f": 1701, "ldap": 389, "ldaps": 636,
    "microsoft-ds": 445, "ms-streaming": 1755, "ms-wbt-server": 3389, "msnp": 1863, "nat-stun-port": 3478,
    "netbios-dgm": 138, "netbios-ns": 137, "netbios-ssn": 139, "nntp": 119, "ntp": 123, "openvpn": 1194, "pop3": 110,
    "pop3s": 995, "pptp": 1723, "radius": 1812, "radius-acct": 1813, "rfb": 5900, "sip": 5060, "sip-tls": 5061,
    "smtp": 25, "snmp": 161, "snmptrap": 162, "ssh": 22, "submission": 587, "submissions": 465, "telnet": 23,
    "teredo": 3544, "tftp": 69, "urd": 465, "wins": 1512,
}  # fmt: skip

_ADDRESS_OF = pattern(r"^(wan|lan|opt[0-9]+)ip$")
_NETWORK_OF = pattern(r"^__(.+)_network$")


def is_on(node: Node, tag: str) -> bool:
    """Tell whether a switch is on."""
    return node.truthy(tag)


def aliases(root: Node, file: str) -> Aliases:
    """Read the aliases, those of today's model and those that older versions kept beside it."""
    written: dict[str, Alias] = {}
    today, before = root.at("opnsense/firewall/alias/aliases"), root.child("aliases")
    for section, tag in ((today, "content"), (before, "address")):
        for node in section.every("alias") if section is not None else ():
            name, kind = node.value("name"), node.value("type").lower()
            if not name or name in written:
                continue
            off = node.has("enabled") and not node.truthy("enabled")
            listed = kind in LISTED or not kind
            written[name] = Alias(
                name=name,
                is_ports="port" in kind,
                entries=() if off else tuple(node.value(tag).split()),
                elsewhere="" if off or listed else f"it is made elsewhere ({kind}), {NOT_HERE}",
                citation=Citation(file=file, line=node.line),
            )
    return Aliases(written=written, system=SYSTEM)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the words of rules mean in one configuration."""

    interfaces: Interfaces
    aliases: Aliases
    tags: Tags
    schedules: frozenset[str]
    notes: Notes

    def on(self, names: str, *, negated: bool = False) -> On:
        """Read the interfaces of a rule; for those that do not exist nothing is loaded.

        A negated list is loaded as one rule per interface, so that two of them match everything.
        """
        wanted = [name.strip() for name in names.split(",") if name.strip()]
        if not wanted:
            return On()
        members = [found for name in wanted if (found := self.interfaces.members(name)) is not None]
        if not members:
            raise NotLoadedError(f"its interface {names} does not exist or is switched off")
        if negated and len(members) > 1 and not frozenset.intersection(*members):
            return On(text=f"! {', ! '.join(wanted)}")
        every = frozenset.intersection(*members) if negated else frozenset().union(*members)
        return On(names=every, negated=negated, text=", ".join(wanted))

    def places(self, text: str, version: int, *, negated: bool = False) -> tuple[Place, ...]:
        """Read a source or destination, or a list of them: each is loaded as a rule of its own."""
        found: list[Place] = []
        failed: NotLoadedError | None = None
        for name in (part.strip() for part in text.split(",")):
            try:
                found.append(self.place(name, version, negated=negated))
            except NotLoadedError as reason:
                failed = reason
        if not found and failed is not None:
            raise failed
        return tuple(found) or (Place(),)

    def place(self, name: str, version: int, *, negated: bool = False) -> Place:
        """Read one source or destination for one IP version."""
        name = name.strip("<>")
        if name in {"", "any"}:
            return Place()
        if name == "(self)":
            return Place(is_own=True, negated=negated, text=name)
        found = self.aliases.addresses(name)
        if found is None:
            found = self._network(name, version)
        own = _ADDRESS_OF.match(name)
        if found is None and own is not None and own[1] in self.interfaces.attached:
            found = self.interfaces.address(own[1], version) or Addresses()
            if not found.complete:
                return Place(is_own=True, negated=negated, text=name)
        if found is None:
            try:
                found = Addresses(known=notation.addresses(name))
            except ValueError:
                raise NotLoadedError(f"{name} is no address and no alias") from None
        return Place(addresses=found, negated=negated, text=name)

    def _network(self, name: str, version: int) -> Addresses | None:
        """Give the network of an interface or group, also by the name of its own alias (``__lan_network``)."""
        named = _NETWORK_OF.match(name)
        interface = named[1] if named is not None else name
        if self.interfaces.members(interface) is None:
            return Addresses(complete=False, why=f"table {name}: {NOT_HERE}") if name.startswith("__") else None
        network = self.interfaces.network(interface, version)
        if network is None and interface not in self.interfaces.attached:
            return Addresses(complete=False, why=f"the network of {interface} is not in the file")
        return network or Addresses()

    def ports(self, text: str) -> Ports | None:
        """Read a port, a name, a range or an alias; None is any port."""
        if text == "any":
            return None
        found = self.aliases.ports(text)
        if found is not None:
            if not self.aliases.written[text].entries and found.complete:
                raise NotLoadedError(f"port alias {text} is empty")
            return found
        known = _bounded(text) or (PortSet.of(WELL_KNOWN[text.lower()]) if text.lower() in WELL_KNOWN else None)
        if known is None:
            raise NotLoadedError(f"{text} is no port and no alias")
        return Ports(known=known)

    def further(self, rule: Node) -> tuple[Match, ...]:
        """Read what else a filter rule asks for."""
        found: list[Match] = []
        protocol = rule.value("protocol").lower()
        schedule = rule.value("sched")
        if schedule in self.schedules:
            found.append(Unsupported(text=f"schedule {schedule}: the rule is loaded at its times only"))
        if protocol == "tcp":
            found += tcp_flags(rule)
        found += [
            Unsupported(text=f"{tag} {rule.value(tag)}")
            for tag in ("os", "tos", "prio", "divert-to")
            if rule.value(tag)
        ]
        if protocol in {"icmp", "ipv6-icmp"}:
            asked = [rule.value(tag) for tag in ("icmptype", "icmp6type") if rule.value(tag)]
            found += [Unsupported(text=f"icmp type {one}") for one in asked]
        if rule.value("tagged"):
            found.append(self.tags.carries(rule.value("tagged")))
        if rule.truthy("max-pkt-rate-number"):
            found.append(RateLimited(text=f"max-pkt-rate {rule.value('max-pkt-rate-number')}"))
        return (*found, *limits(rule))


def _bounded(text: str) -> PortSet | None:
    """Read a range that may end in ``any`` (``80:any``), or one port."""
    low, dash, high = text.replace("-", ":").partition(":")
    if dash and (low == "any") != (high == "any"):
        text = f"{'1' if low == 'any' else low}:{'65535' if high == 'any' else high}"
    return port_range(text)
