"""What translations do: which addresses and ports outside lead to a listener, and which source it sees."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import (
    DestinationAddress,
    DestinationPort,
    Hook,
    Protocol,
    Rule,
    Ruleset,
    TranslateDestination,
    TranslateSource,
)
from ringfence.model.site import Address
from ringfence.reach.atoms import intervals_of
from ringfence.reach.flow import Goal, Header, Link

#: Ports of one translation that are followed one by one.
MOST_PORTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Own:
    """The addresses of the box that translates: all of them, and by interface."""

    addresses: frozenset[Address] = frozenset()
    by_interface: Mapping[str, tuple[Address, ...]] = field(default_factory=dict)

    def on(self, link: Link, version: int) -> tuple[Address, ...]:
        """Give the box's addresses on an interface; empty when they are not known."""
        found = self.by_interface.get(link.name, ()) if link.name else ()
        return tuple(address for address in found if address.version == version)


def translated(action: TranslateDestination, header: Header, goal: Goal, own: Own) -> tuple[Header, ...]:
    """Give the headers that a destination translation may make: the goal among them, where it can be chosen."""
    if action.redirect:
        mine = list(own.on(header.incoming, header.version) or own.addresses)
        chosen = next((one for one in mine if one in goal.addresses), None) or next(iter(mine), None)
        addresses: list[Address | None] = [chosen]
    elif action.addresses is None:
        addresses = [header.destination]
    elif action.host_bits and header.destination is not None:
        addresses = [_moved(header.destination, action.addresses, action.host_bits)]
    else:
        addresses = _choices(action.addresses, goal.addresses)
    ports = [header.port] if action.ports is None else _ports(action.ports, goal.port)
    return tuple(
        _sent_to(header, address, port, local=True if action.redirect else None)
        for address in addresses
        for port in ports
    )


def _moved(address: Address, network: AddressSet, host_bits: int) -> Address | None:
    """Give the address at the same place of another network; None when that is of another IP version."""
    intervals = intervals_of(network, address.version)
    host = int(address) & (1 << host_bits) - 1
    return type(address)(intervals[0][0] | host) if intervals else None


def _choices(targets: AddressSet, wanted: frozenset[Address]) -> list[Address | None]:
    found: list[Address | None] = [address for address in sorted(wanted, key=int) if address in targets]
    if len(found) < targets.count:
        rest = targets - AddressSet.of(*wanted)
        found.append(rest.example())
    return found


def _ports(targets: PortSet, wanted: int) -> list[int]:
    if len(targets) == 1:
        return list(targets)
    return [*([wanted] if wanted in targets else []), next(port for port in targets if port != wanted)]


def _sent_to(header: Header, address: Address | None, port: int, *, local: bool | None) -> Header:
    changed = address is None or (address, port) != (header.destination, header.port)
    return replace(
        header,
        destination=address,
        port=port,
        local=local if local is not None else header.local if not changed else None,
        original=header.original or (header.destination, header.port),
        # a translation that changes nothing leaves `ct status dnat` unset (seen in the kernel)
        translated=header.translated or changed,
    )


def with_source(action: TranslateSource, header: Header, own: Own) -> Header:
    """Give the header with the source that the next machine sees; an address that is not known is any."""
    if action.addresses is not None:
        return replace(header, seen_as=action.addresses)
    mine = own.on(header.outgoing, header.version)
    return replace(header, seen_as=AddressSet.of(*mine) if mine else anything(header.version))


def anything(version: int) -> AddressSet:
    """Give all addresses of one IP version."""
    return AddressSet.all_ipv4() if version == 4 else AddressSet.all_ipv6()


def unknown_translation(hook: Hook, header: Header, goal: Goal) -> Iterable[Header]:
    """Give what an uninterpreted translation may do that matters: lead to the goal, or hide the source."""
    if hook == Hook.PREROUTING:
        for address in goal.addresses:
            yield _sent_to(header, address, goal.port, local=None)
    else:
        yield replace(header, seen_as=anything(header.version))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An address and port that may lead to the goal through a translation; ``address`` None is not known."""

    address: Address | None
    port: int
    rule: Rule | None = None


def entries(ruleset: Ruleset, goal: Goal, protocol: str, public: tuple[Address, ...]) -> tuple[Entry, ...]:
    """Give what outside may lead to the goal, through destination translations of any chain; candidates to be walked.

    ``public`` are the box's known outside addresses. The goal's own port at the outside address comes first: whatever
    a rule that is not understood does, it is asked there.
    """
    found: dict[tuple[Address | None, int], Entry] = {}
    default = public or (None,)
    for rule in (rule for chain in ruleset.chains for rule in chain.rules):
        action = rule.action
        if not isinstance(action, TranslateDestination) or action.redirect or not _may_choose(action, goal):
            continue
        if any(isinstance(match, Protocol) and (protocol in match.names) is match.negated for match in rule.matches):
            continue
        ports = [match.ports for match in rule.matches if isinstance(match, DestinationPort)]
        sets = [match.addresses for match in rule.matches if isinstance(match, DestinationAddress)]
        for port in _asked(action, ports, goal.port):
            for address in _asked_at(action, sets, default, goal):
                found.setdefault((address, port), Entry(address=address, port=port, rule=rule))
    for address in default:
        found.setdefault((address, goal.port), Entry(address=address, port=goal.port))
    return tuple(sorted(found.values(), key=lambda entry: (entry.port != goal.port, entry.port)))


def _asked_at(
    action: TranslateDestination, sets: list[AddressSet], default: tuple[Address | None, ...], goal: Goal
) -> list[Address | None]:
    """Give the outside addresses to ask at: of a network that is moved as a whole, the goal's counterparts."""
    if not action.host_bits:
        return _named(sets, default)
    if not sets:
        whole = (1 << action.host_bits) - 1
        networks = ((type(one)(int(one) & ~whole), type(one)(int(one) | whole)) for one in default if one is not None)
        sets = [AddressSet.between(first, last) for first, last in networks]
    found: dict[Address | None, None] = dict.fromkeys([None] if None in default else [])
    for address in goal.addresses:
        for low, high in (pair for outside in sets for pair in intervals_of(outside, address.version)):
            for end in (low, high):
                counterpart = end >> action.host_bits << action.host_bits | int(address) & (1 << action.host_bits) - 1
                if low <= counterpart <= high:
                    found[type(address)(counterpart)] = None
    return list(found) or _named(sets, default)


def _may_choose(action: TranslateDestination, goal: Goal) -> bool:
    to = action.addresses
    return (to is not None and any(address in to for address in goal.addresses)) and (
        action.ports is None or goal.port in action.ports
    )


def _asked(action: TranslateDestination, matched: list[PortSet], wanted: int) -> list[int]:
    """Give the outside ports: the listener's own where the rule keeps it, else the first of each range it matches."""
    allowed = PortSet.everything()
    for ports in matched:
        allowed &= ports
    if action.ports is None:
        return [wanted] if wanted in allowed else []
    if wanted in allowed:
        return [wanted]
    return [low for low, _ in allowed.intervals[:MOST_PORTS]]


def _named(sets: list[AddressSet], default: tuple[Address | None, ...]) -> list[Address | None]:
    """Give the outside addresses that a rule names, the known ones of the box where it names none."""
    if not sets:
        return list(default)
    narrowed = sets[0]
    for more in sets[1:]:
        narrowed &= more
    own = [address for address in default if address is not None and address in narrowed]
    if own or not narrowed:
        return [*own]
    # A forward of a whole network is asked by one of its addresses; which is the box's own is only guessed where a rule
    # names nearly all addresses and the box's are not known.
    return [None] if None in default and narrowed.count > 2**24 else [narrowed.example()]
