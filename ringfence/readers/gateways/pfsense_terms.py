"""How rules of pfSense name interfaces, addresses, ports and protocols (filter.inc, filter_generate_address and _port).

A switch is on where its element exists, whatever it holds: ``<disabled>0</disabled>`` is disabled.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Match, Unsupported
from ringfence.readers.gateways.pf_interfaces import Interfaces
from ringfence.readers.gateways.pf_match import NotLoadedError, On, Place
from ringfence.readers.gateways.pf_options import limits, tcp_flags
from ringfence.readers.gateways.pf_rules import Tags
from ringfence.readers.gateways.pf_tables import BOGONS, Addresses, Alias, Aliases, Ports, port_range
from ringfence.readers.gateways.pf_words import Notes
from ringfence.readers.gateways.pf_xml import Node
from ringfence.readers.linux import notation

OWN_FILE = "its content is not in config.xml"
#: Tables that pfSense brings along (globals.inc, reserved_table_names); those not listed change while it runs.
SYSTEM: Mapping[str, Addresses] = {
    "bogons": Addresses(known=AddressSet(ipv4=BOGONS.ipv4), complete=False, why="table bogons: " + OWN_FILE),
    "bogonsv6": Addresses(known=AddressSet(ipv6=BOGONS.ipv6), complete=False, why="table bogonsv6: " + OWN_FILE),
    "_loopback4_": Addresses(known=AddressSet.of("127.0.0.0/8")),
    "_loopback6_": Addresses(known=AddressSet.of("::1")),
    "_loopback46_": Addresses(known=AddressSet.of("127.0.0.0/8", "::1")),
    "_linklocal4_": Addresses(known=AddressSet.of("169.254.0.0/16")),
    "_linklocal6_": Addresses(known=AddressSet.of("fe80::/10")),
    "_linklocal46_": Addresses(known=AddressSet.of("169.254.0.0/16", "fe80::/10")),
    "_private4_": Addresses(known=AddressSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")),
    "_private6_": Addresses(known=AddressSet.of("fc00::/7")),
    "_private46_": Addresses(known=AddressSet.of("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")),
    "_multicast4_": Addresses(known=AddressSet.of("224.0.0.0/4")),
    "_multicast6_": Addresses(known=AddressSet.of("ff00::/8")),
    "_multicast46_": Addresses(known=AddressSet.of("224.0.0.0/4", "ff00::/8")),
    **{
        name: Addresses(complete=False, why=f"table {name}: it changes while the firewall runs")
        for name in ("sshguard", "snort2c", "virusprot", "vpn_networks", "negate_networks", "tonatsubnets")
    },
    **{
        name: Addresses(complete=False, why=f"table {name} depends on the version")
        for name in ("_reserved4_", "_reserved6_", "_reserved46_", "_nat64reserved_")
    },
}


def is_set(node: Node, tag: str) -> bool:
    """Tell whether a switch is on."""
    return node.has(tag)


def aliases(root: Node, file: str) -> Aliases:
    """Read the aliases: names and addresses by blanks, fetched lists by their address."""
    section = root.child("aliases")
    written: dict[str, Alias] = {}
    for node in section.every("alias") if section is not None else ():
        name, kind = node.value("name"), node.value("type").lower()
        if not name or name.isdigit() or name in written:
            continue  # names that are numbers are never loaded
        written[name] = Alias(
            name=name,
            is_ports="port" in kind,
            entries=tuple(node.value("address").split()),
            elsewhere=f"it is fetched ({kind}), {OWN_FILE}" if kind.startswith("url") else "",
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

    def on(self, names: str) -> On:
        """Read the interfaces of a rule; those that do not exist are left out, and a rule without any is not loaded."""
        wanted = [name.strip() for name in names.split(",") if name.strip()]
        if not wanted or wanted == ["any"]:
            return On()
        members = [found for name in wanted if (found := self.interfaces.members(name)) is not None]
        if not members:
            raise NotLoadedError(f"its interface {names} does not exist or is switched off")
        return On(names=frozenset().union(*members), text=", ".join(wanted))

    def place(self, node: Node | None, version: int) -> Place:
        """Read ``source`` or ``destination`` for one IP version."""
        if node is None:
            raise NotLoadedError("it names no source or no destination")
        negated = node.has("not")
        if node.has("any"):
            return Place()
        network, address = node.value("network"), node.value("address")
        if network:
            return self.special(network, version, negated=negated)
        if address:
            return self.named(address, negated=negated)
        raise NotLoadedError("it names no source or no destination")

    def special(self, name: str, version: int, *, negated: bool = False) -> Place:
        """Read what stands for the firewall or its networks: ``lan``, ``wanip``, ``(self)``, a group."""
        if name == "any":
            return Place()
        if name == "(self)":
            return Place(is_own=True, negated=negated, text=name)
        if self.interfaces.members(name) is not None:
            network = self.interfaces.network(name, version)
            if network is None and name not in self.interfaces.attached:
                network = Addresses(complete=False, why=f"the network of {name} is not in the file")
            if network is None:
                raise NotLoadedError(f"{name} has no IPv{version} address")
            return Place(addresses=network, negated=negated, text=name)
        base = name.removesuffix("ip")
        if name.endswith("ip") and base in self.interfaces.attached:
            address = self.interfaces.address(base, version)
            if address is None:
                raise NotLoadedError(f"{base} has no IPv{version} address")
            if not address.complete:
                return Place(is_own=True, negated=negated, text=name)
            return Place(addresses=address, negated=negated, text=name)
        return Place(
            addresses=Addresses(complete=False, why=f"network {name} is not known"), negated=negated, text=name
        )

    def named(self, name: str, *, negated: bool = False) -> Place:
        """Read an address, a network or an alias; what is neither keeps the whole rule from being loaded."""
        found = self.aliases.addresses(name)
        if found is None:
            try:
                found = Addresses(known=notation.addresses(name))
            except ValueError:
                raise NotLoadedError(f"alias {name} cannot be resolved") from None
        return Place(addresses=found, negated=negated, text=name)

    def ports(self, text: str) -> Ports:
        """Read a port, a range or an alias; what is neither, or empty, keeps the whole rule from being loaded."""
        found = self.aliases.ports(text)
        if found is None:
            known = port_range(text)
            if known is None:
                raise NotLoadedError(f"port alias {text} cannot be resolved")
            return Ports(known=known)
        if found.complete and not found.known:
            raise NotLoadedError(f"port alias {text} is empty")
        return found

    def further(self, rule: Node) -> tuple[Match, ...]:
        """Read what else a filter rule asks for."""
        found: list[Match] = []
        protocol = rule.value("protocol").lower()
        schedule = rule.value("sched")
        if schedule in self.schedules:
            found.append(Unsupported(text=f"schedule {schedule}: the rule is loaded at its times only"))
        if protocol == "tcp":
            found += [Unsupported(text=f"os {rule.value('os')}")] if rule.value("os") else []
            found += tcp_flags(rule)
        found += [
            Unsupported(text=f"{word} {rule.value(tag)}")
            for tag, word in (("dscp", "tos"), ("vlanprio", "prio"))
            if rule.value(tag) not in {"", "none"}
        ]
        if protocol == "icmp" and rule.value("icmptype") not in {"", "any"}:
            found.append(Unsupported(text=f"icmp-type {rule.value('icmptype')}"))
        if rule.value("tagged"):
            found.append(self.tags.carries(rule.value("tagged"), negated=rule.has("nottagged")))
        nat = rule.child("nat")
        if nat is not None and nat.has("enable"):
            found.append(Unsupported(text="NAT64 (af-to)"))
        return (*found, *limits(rule))
