"""Reads the entries of Cisco access lists, of IOS and of ASA, into rules: first match decides, the rest is denied."""

from collections.abc import Iterator
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import (
    Accept,
    Action,
    ConnectionState,
    DestinationAddress,
    Drop,
    LaterFragment,
    Match,
    Protocol,
    Rule,
    SourceAddress,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways import cisco_terms
from ringfence.readers.gateways.cisco_lines import Statement
from ringfence.readers.gateways.cisco_objects import Hosts, Objects, merged
from ringfence.readers.gateways.cisco_terms import OPERATORS, Service

#: Words after the addresses that change nothing, with the number of values that each takes.
HARMLESS = {"log": 0, "log-input": 0, "interval": 1, "disable": 0, "default": 0, "timeout": 1, "reflect": 1}
LOG_LEVELS = frozenset({
    "emergencies", "alerts", "critical", "errors", "warnings", "notifications", "informational", "debugging",
})  # fmt: skip
EVERYTHING = AddressSet.all_ipv4().ipv4
#: Rules that one entry may come to (services of a group times addresses).
MOST_RULES = 5000


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of a list: alternatives of conditions, any of which makes it match; none for `inactive` lines."""

    permits: bool
    alternatives: tuple[tuple[Match, ...], ...]
    statement: Statement

    def rules(self, permitted: Action, denied: Action) -> Iterator[Rule]:
        """Give the rules of a chain for this line."""
        for matches in self.alternatives:
            action = permitted if self.permits else denied
            yield Rule(matches=matches, action=action, text=self.statement.text, citation=self.statement.place)


@dataclass(slots=True)
class _Words:
    """The words of one line, taken from the front."""

    left: tuple[str, ...]

    def peek(self) -> str:
        return self.left[0] if self.left else ""

    def take(self) -> str:
        if not self.left:
            raise ValueError("the line ends too early")
        word, self.left = self.left[0], self.left[1:]
        return word


def filtering(entries: tuple[Entry, ...]) -> tuple[Rule, ...]:
    """Give the rules of a list that filters packets, without what holds at its end."""
    return tuple(rule for entry in entries for rule in entry.rules(Accept(), Drop()))


def unread(statement: Statement) -> Rule:
    """Give a rule that may do anything, for a line that was not understood."""
    text = statement.text
    return Rule(matches=(), action=UnsupportedAction(text=text), text=text, citation=statement.place)


def entries(
    words: tuple[str, ...], statement: Statement, objects: Objects, problems: list[Problem], *, only_sources: bool
) -> Iterator[Entry]:
    """Read one line of a list; one that is not understood may permit or deny anything."""
    try:
        found = (plain if only_sources else extended)(words, statement, objects)
    except (ValueError, IndexError):
        message = "the entry was not understood; what depends on it is unknown"
        problems.append(Problem(citation=statement.place, message=message))
        doubt: tuple[Match, ...] = (Unsupported(text=statement.text),)
        for permits, verb in ((True, "permit"), (False, "deny")):
            if verb in words[:2] or not {"permit", "deny"} & set(words[:2]):
                yield Entry(permits=permits, alternatives=(doubt,), statement=statement)
        return
    if found is not None:
        yield found


def extended(words: tuple[str, ...], statement: Statement, objects: Objects) -> Entry | None:
    """Read `permit udp any host 203.0.113.1 eq 5060 log`; None for a remark. Raises ValueError."""
    line = _Words(words)
    if line.peek().isdecimal():
        line.take()
    verb = line.take()
    if verb in {"remark", "evaluate"}:  # a reflexive list admits answers only
        return None
    doubts: list[Match] = []
    if verb == "dynamic":  # lock-and-key: open for whoever logged in
        doubts.append(Unsupported(text=f"dynamic {line.take()}"))
        while line.peek() not in {"permit", "deny", ""}:
            line.take()
        verb = line.take()
    if verb not in {"permit", "deny"}:
        raise ValueError(f"neither permit nor deny: {verb[:40]}")
    services = _protocol(line, objects)
    sources = _address(line, objects)
    services = _ports(line, objects, services, source=True)
    destinations = _address(line, objects)
    services = _ports(line, objects, services, source=False)
    options = _options(line, with_ports=any(_has_ports(service) for service in services))
    if options is None:
        return Entry(permits=verb == "permit", alternatives=(), statement=statement)
    alternatives = _alternatives(services, sources, destinations, (*doubts, *options))
    return Entry(permits=verb == "permit", alternatives=alternatives, statement=statement)


def plain(words: tuple[str, ...], statement: Statement, objects: Objects) -> Entry | None:
    """Read `permit 192.168.2.0 0.0.0.255`, a list that looks at sources only. Raises ValueError."""
    line = _Words(words)
    if line.peek().isdecimal():
        line.take()
    verb = line.take()
    if verb == "remark":
        return None
    if verb not in {"permit", "deny"}:
        raise ValueError(f"neither permit nor deny: {verb[:40]}")
    if len(line.left) == 1 or (len(line.left) > 1 and line.left[1] in HARMLESS and line.peek() not in {"host", "any"}):
        line.left = line.left if line.peek() == "any" else ("host", *line.left)
    sources = _address(line, objects)
    options = _options(line, with_ports=False)
    alternatives = _alternatives((Service(),), sources, Hosts(addresses=AddressSet.everything()), options or ())
    return Entry(permits=verb == "permit", alternatives=alternatives, statement=statement)


def _has_ports(service: Service) -> bool:
    return service.protocols is None or bool(service.protocols & {"tcp", "udp"}) or bool(service.unread)


def _protocol(line: _Words, objects: Objects) -> tuple[Service, ...]:
    word = line.take()
    if word in {"object", "object-group"}:
        return objects.service(line.take())
    return (Service(protocols=cisco_terms.protocols(word)),)


def _address(line: _Words, objects: Objects) -> Hosts:  # noqa: PLR0911 - one arm per way to write it
    word = line.take()
    match word:
        case "any":
            return Hosts(addresses=AddressSet.everything())
        case "any4":
            return Hosts(addresses=AddressSet.all_ipv4())
        case "any6":
            return Hosts(addresses=AddressSet.all_ipv6())
        case "host":
            text = line.take()
            if ":" in text:
                return Hosts(addresses=AddressSet.of(text))
            return _named_host(text, objects)
        case "object" | "object-group" | "addrgroup":
            return objects.hosts(line.take())
        case "interface":
            name = line.take()
            found = objects.interfaces.get(name)
            return Hosts(addresses=found) if found else Hosts(unread=(f"interface {name}",))
        case "object-group-user" | "user" | "user-group" | "object-group-security" | "security-group":
            # a user's name stands before the address: it narrows the rule
            return Hosts(unread=(f"{word} {line.take()}",))
        case _:
            if "/" in word and ":" in word:
                return Hosts(addresses=AddressSet.of(word))
            if objects.wildcards:
                return Hosts(addresses=cisco_terms.wildcard(word, line.take()))
            return Hosts(addresses=objects.masked(word, line.take()))


def _named_host(text: str, objects: Objects) -> Hosts:
    try:
        number = int(objects.address(text))
        return Hosts(addresses=AddressSet(ipv4=((number, number),)))
    except ValueError:
        return Hosts(unread=(f"host {text}",))  # a name that the router resolved


def _ports(line: _Words, objects: Objects, services: tuple[Service, ...], *, source: bool) -> tuple[Service, ...]:
    word = line.peek()
    if word in OPERATORS:
        line.take()
        found, used = cisco_terms.ports(word, line.left)
        line.left = line.left[used:]
        given: tuple[Service, ...] = (Service(ports=found),)
    elif word == "object-group" and len(line.left) > 1 and line.left[1] in objects.services:
        line.take()
        given = objects.service(line.take())
    else:
        return services
    combined: list[Service] = []
    for service in services:
        for one in given:
            names = service.protocols
            if one.protocols is not None and names is not None and not one.protocols & names:
                continue
            combined.append(
                Service(
                    protocols=names if names is not None else one.protocols,
                    source_ports=one.ports if source else service.source_ports,
                    ports=service.ports if source else one.ports,
                    unread=" ".join(filter(None, (service.unread, one.unread))),
                )
            )
    return tuple(merged(combined))


def _options(line: _Words, *, with_ports: bool) -> tuple[Match, ...] | None:
    """Read what follows the addresses; None when the line is inactive."""
    found: list[Match] = []
    while line.left:
        word = line.take()
        if word == "inactive":
            return None
        if word == "established":  # an answer: never the first packet of a source
            found += [Protocol(names=frozenset({"tcp"})), ConnectionState(states=frozenset({"established"}))]
        elif word == "fragments":
            found.append(LaterFragment())
        elif word in HARMLESS:
            line.left = line.left[HARMLESS[word] :]
        elif word in LOG_LEVELS or word.isdecimal():
            continue
        elif word in {"time-range", "dscp", "precedence", "tos", "ttl", "option"}:
            found.append(Unsupported(text=" ".join((word, *line.left))))
            line.left = tuple(rest for rest in line.left if rest == "inactive")
        elif with_ports:
            found.append(Unsupported(text=word))
    return tuple(found)


def _alternatives(
    services: tuple[Service, ...], sources: Hosts, destinations: Hosts, options: tuple[Match, ...]
) -> tuple[tuple[Match, ...], ...]:
    found: list[tuple[Match, ...]] = []
    for source in _sides(sources, SourceAddress):
        for destination in _sides(destinations, DestinationAddress):
            for service in services:
                if len(found) >= MOST_RULES:
                    raise ValueError("too many services and addresses at once")
                found.append((*service.matches(), *source, *destination, *options))
    return tuple(found)


def _sides(hosts: Hosts, kind: type[SourceAddress | DestinationAddress]) -> list[tuple[Match, ...]]:
    """Give what is known as one condition, and what is not as another."""
    found: list[tuple[Match, ...]] = []
    if hosts.addresses.ipv4 == EVERYTHING:
        found.append(())
    elif hosts.addresses:
        found.append((kind(addresses=hosts.addresses),))
    if hosts.unread:
        found.append((Unsupported(text=", ".join(hosts.unread[:5])),))
    return found
