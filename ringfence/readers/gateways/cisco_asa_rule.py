"""One translation rule of ASA since 8.3, read into its parts: who is seen as whom, between which interfaces."""

from dataclasses import dataclass, field

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import Match, Unsupported
from ringfence.readers.gateways import cisco_terms
from ringfence.readers.gateways.cisco_lines import Statement
from ringfence.readers.gateways.cisco_objects import Objects
from ringfence.readers.gateways.cisco_terms import Service

#: Options that do not narrow a rule.
HARMLESS = frozenset({"dns", "no-proxy-arp", "route-lookup", "net-to-net", "interface", "unidirectional", "netmask"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Addresses of one side of a rule; ``interface`` is the interface's own address, maybe not known."""

    addresses: AddressSet | None = None
    interface: bool = False

    @property
    def everything(self) -> bool:
        """Whether it is `any`."""
        return self.addresses is not None and AddressSet.all_ipv4() <= self.addresses


@dataclass(slots=True, kw_only=True)
class Twice:
    """One rule: ``real`` on one side is ``mapped`` on the other; ``far`` addresses are those of the other end.

    An object's service is ``asked`` from outside and ``given`` inside; a manual rule has two ``services``.
    """

    statement: Statement
    static: bool
    manual: bool
    real_side: str = ""
    mapped_side: str = ""
    real: Target = field(default_factory=Target)
    mapped: Target = field(default_factory=Target)
    far_mapped: Target | None = None
    far_real: Target | None = None
    asked: Service = field(default_factory=Service)
    given: Service = field(default_factory=Service)
    services: tuple[Service, Service] | None = None
    one_way: bool = False
    doubts: tuple[Match, ...] = ()


def object_rule(statement: Statement, name: str, objects: Objects) -> Twice:
    """Read `nat (inside,outside) static 203.0.113.9 service udp 5060 15060` below its object."""
    words = statement.words
    rule = Twice(statement=statement, static=words[2] == "static", manual=False)
    rule.real_side, rule.mapped_side = _sides(words[1])
    rule.real = _target(name, objects)
    if not rule.static:
        _dynamic(rule, words[3:], objects)
        return rule
    rule.mapped = _target(words[3], objects)
    rest = words[4:]
    if rest[:1] == ("service",):
        protocols = cisco_terms.protocols(rest[1])
        rule.given = Service(protocols=protocols, ports=PortSet.of(cisco_terms.port(rest[2])))
        rule.asked = Service(protocols=protocols, ports=PortSet.of(cisco_terms.port(rest[3])))
        rest = rest[4:]
    rule.doubts = _unknown(rest)
    return rule


def manual_rule(statement: Statement, objects: Objects) -> Twice:
    """Read `nat (inside,outside) source static PBX interface destination static ANY ANY service SIP SIP`."""
    words = before_description(statement.words)
    sides = _sides(words[1])
    words = words[words.index("source") :]
    rule = Twice(statement=statement, static=words[1] == "static", manual=True)
    rule.real_side, rule.mapped_side = sides
    rule.real = _target(words[2], objects)
    if rule.static:
        rule.mapped, words = _target(words[3], objects), words[4:]
    else:
        _dynamic(rule, words[3:], objects)
        words = words[4:]
    rule.one_way = "unidirectional" in words or not rule.static
    if "destination" in words:
        at = words.index("destination")
        if words[at + 1] != "static":
            raise ValueError("a destination is static")
        rule.far_mapped, rule.far_real = _target(words[at + 2], objects), _target(words[at + 3], objects)
        words = (*words[:at], *words[at + 4 :])
    if "service" in words:
        at = words.index("service")
        (first,), (second,) = objects.service(words[at + 1]), objects.service(words[at + 2])
        if first.unread or second.unread or first.protocols != second.protocols:
            raise ValueError("service")
        rule.services = (first, second)
        words = (*words[:at], *words[at + 3 :])
    if rule.static:
        rule.doubts = _unknown(words)
    return rule


def _dynamic(rule: Twice, words: tuple[str, ...], objects: Objects) -> None:
    rule.one_way = True
    pool = words[1] if words[0] == "pat-pool" else words[0]
    rule.mapped = _target(pool, objects)
    own = words[: words.index("destination")] if "destination" in words else words
    if "interface" in own[1:]:  # the interface's address once the pool is used up
        rule.mapped = Target(addresses=AddressSet.all_ipv4())


def _target(text: str, objects: Objects) -> Target:
    """Read `any`, `interface`, an object's name or an address; raises ValueError where that is unknown."""
    if text == "interface":
        return Target(interface=True)
    if text in {"any", "any4"}:
        return Target(addresses=AddressSet.all_ipv4())
    if text in objects.networks:
        hosts = objects.hosts(text)
        if hosts.unread or not hosts.addresses:
            raise ValueError(f"object {text}")
        return Target(addresses=hosts.addresses)
    return Target(addresses=AddressSet.of(objects.address(text)))


def before_description(words: tuple[str, ...]) -> tuple[str, ...]:
    """Give the words of a rule without what an admin wrote about it."""
    return words[: words.index("description")] if "description" in words else words


def _sides(text: str) -> tuple[str, str]:
    real, comma, other = text.strip("()").partition(",")
    if not comma:
        raise ValueError("no pair of interfaces")
    return real, other


def _unknown(words: tuple[str, ...]) -> tuple[Match, ...]:
    unknown = [word for word in words if word not in HARMLESS]
    return (Unsupported(text=" ".join(unknown)),) if unknown else ()
