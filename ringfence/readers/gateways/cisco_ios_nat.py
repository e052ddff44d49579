"""IOS's address translation: static forwards, whole hosts, networks and rotary pools, as rules of NAT chains.

From outside to inside the order is: access list of the incoming interface, translation, routing, access list of the
outgoing one. Entries with ports are more specific than whole hosts, and those than rotary pools.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import (
    InputInterface,
    Jump,
    Match,
    OutputInterface,
    PacketKind,
    Protocol,
    Return,
    Rule,
    TranslateDestination,
    TranslateSource,
    Unsupported,
)
from ringfence.readers.gateways import cisco_acl, cisco_terms, mapped
from ringfence.readers.gateways.cisco_acl import Entry
from ringfence.readers.gateways.cisco_lines import Statement

#: `ip nat …` lines that translate no packet by themselves.
SETTINGS = frozenset({"service", "translation", "log", "stateful", "settings", "create", "switchover", "inspect"})
#: Options of a static entry that do not narrow it, with the number of values that each takes.
HARMLESS = {
    "extendable": 0, "no-alias": 0, "no-payload": 0, "forced": 0, "add-route": 0, "redundancy": 1, "mapping-id": 1,
    "overload": 0, "oer": 0, "netmask": 1,
}  # fmt: skip
TRANSPORTS = frozenset({"tcp", "udp", "esp", "gre", "sctp"})
TCP_ONLY = "a rotary pool, which Cisco documents for TCP only"


@dataclass(slots=True, kw_only=True)
class Translations:
    """What was found, by how specific it is; ``rewrites`` are source translations, ``chosen`` the chains they use.

    ``seen_through`` says why it is not known what access lists see, or whether they are whole.
    """

    lists: Mapping[str, tuple[Entry, ...]]
    addresses: Mapping[str, AddressSet]
    inside: frozenset[str]
    outside: frozenset[str]
    both: frozenset[str]
    problems: list[Problem]
    with_ports: list[Rule] = field(default_factory=list)
    whole_hosts: list[Rule] = field(default_factory=list)
    rotary: list[Rule] = field(default_factory=list)
    unread: list[Rule] = field(default_factory=list)
    rewrites: list[Rule] = field(default_factory=list)
    chosen: dict[str, tuple[Rule, ...]] = field(default_factory=dict)
    pools: dict[str, AddressSet] = field(default_factory=dict)
    seen_through: str = ""

    @property
    def forwards(self) -> tuple[Rule, ...]:
        """All rules of the chain at PREROUTING, the most specific first; what was not understood may come anywhere."""
        return (*self.unread, *self.with_ports, *self.whole_hosts, *self.rotary)

    def declare_pool(self, statement: Statement) -> None:
        """Take in `ip nat pool NAME LOW HIGH netmask MASK`, or with `address LOW HIGH` lines below."""
        words = statement.words
        bounds = [words[4:6]] if len(words) > 5 and words[4] not in {"netmask", "prefix-length"} else []
        bounds += [below.words[1:3] for below in statement.below if below.words[0] == "address"]
        try:
            parts = [AddressSet.between(IPv4Address(low), IPv4Address(high)) for low, high in bounds]
        except ValueError:
            self._problem(statement, "the pool was not understood")
            return
        self.pools[words[3]] = AddressSet.union(parts)

    def add(self, statement: Statement) -> None:
        """Take in one `ip nat …` line."""
        words = statement.words[2:]
        try:
            match words:
                case ("inside", "source", "static", *rest):
                    self._static(tuple(rest), statement, self._from_outside())
                case ("source", "static", *rest):
                    arriving: tuple[Match, ...] = (InputInterface(names=self.both),) if self.both else ()
                    self._static(tuple(rest), statement, arriving)
                case ("inside", "destination", "list", name, "pool", pool, *_):
                    self._rotary(name, pool, statement)
                case ("inside", "source", *rest):
                    ways = (InputInterface(names=self.inside), OutputInterface(names=self.outside))
                    self._source(tuple(rest), statement, ways)
                case ("source", *rest):
                    ways = (InputInterface(names=self.both), OutputInterface(names=self.both))
                    self._source(tuple(rest), statement, ways)
                case ("outside", "source", *_):
                    # it rewrites sources from outside, and answers' destinations: what lists see then is not known
                    self.seen_through = self.seen_through or statement.text
                    self.rewrites.append(cisco_acl.unread(statement))
                    self._problem(statement, "translation of outside addresses is not interpreted")
                case ("pool", *_) | ():
                    pass
                case (kind, *_) if kind in SETTINGS:
                    pass
                case _:
                    self._not_understood(statement)
        except (ValueError, IndexError):
            self._not_understood(statement)

    def _not_understood(self, statement: Statement) -> None:
        self.unread.append(cisco_acl.unread(statement))
        self._problem(statement, "the translation was not understood; what it forwards is unknown")

    def _problem(self, statement: Statement, message: str) -> None:
        self.problems.append(Problem(citation=statement.place, message=message))

    def _from_outside(self) -> tuple[Match, ...]:
        if self.outside:
            return (InputInterface(names=self.outside),)
        return (Unsupported(text="no interface is marked `ip nat outside`"),)

    def _static(self, words: tuple[str, ...], statement: Statement, arriving: tuple[Match, ...]) -> None:
        """Read `udp 192.168.2.5 5060 interface Dialer0 5060 extendable`, `192.168.2.5 203.0.113.9`, `network …`."""
        matches = list(arriving)
        transport = words[0] if words[0] in TRANSPORTS else ""
        if transport:
            matches.append(Protocol(names=frozenset({transport})))
            words = words[1:]
        network = words[0] == "network"
        local, words = words[int(network)], words[1 + int(network) :]
        inside_port: PortSet | None = None
        if transport in {"tcp", "udp", "sctp"}:
            inside_port, words = PortSet.of(cisco_terms.port(words[0])), words[1:]
        outside: AddressSet | None
        if words[0] == "interface":
            outside = self._of_interface(words[1], matches)
            words = words[2:]
        else:
            outside, words = AddressSet.of(IPv4Address(words[0])), words[1:]
        outside_port: PortSet | None = None
        if inside_port is not None:
            outside_port, words = PortSet.of(cisco_terms.port(words[0])), words[1:]
        inside = AddressSet.of(IPv4Address(local))
        if network:
            mask, words = words[0], words[1:]
            given = mask.removeprefix("/") if mask.startswith("/") else mask
            inside = AddressSet.of(f"{local}/{given}")
            outside = AddressSet.of(f"{outside.example() if outside else ''}/{given}")
        matches += _options(words)
        forward = mapped.Forward(
            inside=inside,
            outside=outside,
            outside_ports=outside_port,
            inside_ports=inside_port,
            matches=tuple(matches),
            text=statement.text,
            citation=statement.place,
        )
        (self.with_ports if transport else self.whole_hosts).extend(mapped.rules(forward))

    def _of_interface(self, name: str, matches: list[Match]) -> AddressSet | None:
        """Give an interface's address; where somebody else gives it, the packet is one to the router itself."""
        known = self.addresses.get(name)
        if known:
            return known
        matches.append(PacketKind(kinds=frozenset({"local"})))
        if name in self.outside:
            matches.append(InputInterface(names=frozenset({name})))
        return None

    def _rotary(self, name: str, pool: str, statement: Statement) -> None:
        if pool not in self.pools or name not in self.lists:
            raise ValueError("its pool or its list is missing")
        chain = f"translated by list {name} to pool {pool}"
        translated = TranslateDestination(addresses=self.pools[pool])
        self.chosen[chain] = tuple(rule for entry in self.lists[name] for rule in entry.rules(translated, Return()))
        arriving = self._from_outside()
        text, place = statement.text, statement.place
        tcp = Protocol(names=frozenset({"tcp"}))
        # "Non-TCP traffic is passed untranslated" (IOS IP Configuration Guide), yet admins use it for RTP over UDP
        others = (Protocol(names=frozenset({"tcp"}), negated=True), Unsupported(text=TCP_ONLY))
        for narrowed in ((tcp,), others):
            rule = Rule(matches=(*arriving, *narrowed), action=Jump(chain=chain), text=text, citation=place)
            self.rotary.append(rule)

    def _source(self, words: tuple[str, ...], statement: Statement, ways: tuple[Match, ...]) -> None:
        """Read `list 1 interface Dialer0 overload`, `list NAT pool P overload`, `route-map M interface …`."""
        chain = f"translated from {words[1]} by line {statement.place.line}"
        addresses: AddressSet | None = None
        if words[2] == "pool":
            addresses = self.pools.get(words[3])
        elif words[2] == "interface":
            addresses = self.addresses.get(words[3])
        action = TranslateSource(addresses=addresses)
        if words[0] == "list" and words[1] in self.lists:
            entries = self.lists[words[1]]
            self.chosen[chain] = tuple(rule for entry in entries for rule in entry.rules(action, Return()))
            jump = Jump(chain=chain)
            self.rewrites.append(Rule(matches=ways, action=jump, text=statement.text, citation=statement.place))
        elif words[0] == "list" or words[0] == "route-map":
            doubt = Unsupported(text=f"{words[0]} {words[1]}")
            matches = (*ways, doubt)
            self.rewrites.append(Rule(matches=matches, action=action, text=statement.text, citation=statement.place))
        else:
            raise ValueError("no list")


def _options(words: tuple[str, ...]) -> Iterator[Match]:
    position = 0
    while position < len(words):
        word = words[position]
        position += 1
        if word in HARMLESS:
            position += HARMLESS[word]
        else:  # route-map NAME, vrf NAME …: for some sources, or in another routing table
            yield Unsupported(text=" ".join(words[position - 1 :]))
            return
