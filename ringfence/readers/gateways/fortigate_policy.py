"""FortiGate's policies as rules of a chain: in file order, the first match decides, the rest is denied.

They are asked after the virtual IPs, so they see the mapped address and port. A packet that a virtual IP took matches a
policy that names that virtual IP; one that names addresses only if `match-vip` is enabled (default since 7.2.4, for
`deny`). With central NAT policies do not name virtual IPs, and see the mapped address like any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Problem
from ringfence.model.packetfilter import (
    Accept,
    Action,
    DestinationAddress,
    Drop,
    InputInterface,
    Mark,
    Match,
    OutputInterface,
    Rule,
    SetMark,
    SourceAddress,
    TranslateSource,
    Unsupported,
    UnsupportedAction,
)
from ringfence.readers.gateways import fortigate_vip
from ringfence.readers.gateways.fortigate_objects import Hosts, Objects
from ringfence.readers.gateways.fortigate_text import Entry
from ringfence.readers.linux import notation
from ringfence.readers.linux.unread import missing_rule

#: The bits of the mark that hold the number of the policy that accepted a packet.
SHIFT, MASK = 16, 0xFFFF0000
MOST_POLICIES = 0xFFFF
#: Rules that one policy may come to.
MOST_RULES = 5000

#: Conditions that are not interpreted; each narrows the policy where it is set at all.
NARROWING = (
    "users", "groups", "fsso-groups", "custom-log-fields", "internet-service-name", "internet-service-src-name",
    "internet-service-custom", "internet-service-src-custom", "internet-service-group", "internet-service-src-group",
    "internet-service-id", "internet-service-src-id", "network-service-dynamic", "network-service-src-dynamic",
    "src-vendor-mac", "ztna-ems-tag", "ztna-geo-tag", "devices", "reputation-minimum", "sgt", "vlan-filter",
)  # fmt: skip
NARROWING_WHEN_ENABLED = (
    "internet-service", "internet-service-src", "internet-service6", "internet-service6-src", "sgt-check",
    "match-vip-only", "ztna-status", "rtp-nat", "identity-based",
)  # fmt: skip
SHOWN = (
    "name", "srcintf", "dstintf", "srcaddr", "dstaddr", "srcaddr6", "dstaddr6", "srcaddr-negate", "dstaddr-negate",
    "service", "service-negate", "schedule", "action", "match-vip", "nat", "status",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What policies are read with: names, zones, virtual IPs by number, and how the box is set up."""

    objects: Objects
    zones: Mapping[str, frozenset[str]]
    interfaces: frozenset[str]
    numbers: Mapping[str, int]
    central_nat: bool
    release: tuple[int, ...]
    pools: Mapping[str, AddressSet]

    def names(self, given: tuple[str, ...]) -> tuple[frozenset[str], tuple[str, ...]]:
        """Give the interfaces of a list of interfaces and zones, and the names that are neither."""
        found: set[str] = set()
        unread: list[str] = []
        for name in given:
            if name in self.zones:
                found |= self.zones[name]
            elif name in self.interfaces or not self.interfaces:
                found.add(name)
            else:
                unread.append(name)
        return frozenset(found), tuple(unread)


def matches_taken(policy: Entry, release: tuple[int, ...]) -> bool | None:
    """Tell whether a policy also matches what a virtual IP took; None where the version does not decide it."""
    explicit = policy.get("match-vip")
    if explicit:
        return explicit == "enable"
    if policy.get("action", "deny") == "accept":
        return False
    # Fortinet's tips name 7.2.3 and 7.2.4 for the new default
    if not release or release == (7, 2, 3):
        return None
    return release > (7, 2, 3)


def text(policy: Entry) -> str:
    """Give a policy in the words of the export."""
    parts = [f"set {key} {' '.join(policy.all(key))}" for key in SHOWN if key in policy.values]
    return notation.shortened(f"config firewall policy / edit {policy.name} / {' / '.join(parts)}")


def rules(policies: list[Entry], around: Surroundings, problems: list[Problem]) -> tuple[list[Rule], list[Rule]]:
    """Give the rules of the chain that decides, and those that rewrite the source of what it accepted."""
    deciding: list[Rule] = []
    rewriting: list[Rule] = []
    for number, policy in enumerate(policies[:MOST_POLICIES], start=1):
        if policy.get("status") == "disable":
            continue
        try:
            deciding += _policy(policy, number, around, problems)
        except ValueError:
            problems.append(Problem(citation=policy.place, message=f"policy {policy.name} was not understood"))
            shown = text(policy)
            action = UnsupportedAction(text=shown)
            deciding.append(Rule(matches=(), action=action, text=shown, citation=policy.place))
        if policy.is_on("nat") and policy.get("action") == "accept" and not around.central_nat:
            mark = Mark(value=number << SHIFT, mask=MASK)
            rewrite = TranslateSource(addresses=_pool(policy, around))
            rewriting.append(Rule(matches=(mark,), action=rewrite, text=text(policy), citation=policy.place))
    for policy in policies[MOST_POLICIES : MOST_POLICIES + 1]:
        problems.append(Problem(citation=policy.place, message=f"more than {MOST_POLICIES} policies"))
        deciding.append(missing_rule(policy.place, "the policies that are not read"))
    return deciding, rewriting


def _pool(policy: Entry, around: Surroundings) -> AddressSet | None:
    if not policy.is_on("ippool"):
        return None
    parts = [around.pools.get(name, AddressSet.everything()) for name in policy.all("poolname")]
    return AddressSet.union(parts) or AddressSet.everything()


def _policy(policy: Entry, number: int, around: Surroundings, problems: list[Problem]) -> Iterator[Rule]:
    objects = around.objects
    common = list(ways(policy, around))
    when = objects.schedule(policy.get("schedule"))
    if when is None:
        return
    common += when
    common += _narrowing(policy)
    unread: list[str] = [one.text for one in common if isinstance(one, Unsupported)]
    sources = _sides(_addresses(policy, "srcaddr", objects), SourceAddress, unread)
    destinations = list(_destinations(policy, around, unread))
    services = _services(policy, objects)
    unread += [one.text for matches in services for one in matches if isinstance(one, Unsupported)]
    problems += (
        Problem(citation=policy.place, message=f"policy {policy.name}: not interpreted: {doubt}")
        for doubt in dict.fromkeys(unread)
    )
    if len(sources) * len(destinations) * len(services) > MOST_RULES:
        raise ValueError("too much at once")
    action, effects = _action(policy, number)
    shown = text(policy)
    for source in sources:
        for destination in destinations:
            for service in services:
                matches = (*common, *source, *destination, *service)
                yield Rule(matches=matches, action=action, effects=effects, text=shown, citation=policy.place)


def _action(policy: Entry, number: int) -> tuple[Action, tuple[SetMark, ...]]:
    match policy.get("action", "deny"):
        case "accept":
            return Accept(), (SetMark(value=number << SHIFT, mask=MASK),)
        case "deny":
            return Drop(reject=policy.is_on("send-deny-packet")), ()
        case other:
            return UnsupportedAction(text=f"action {other}"), ()


def ways(policy: Entry, around: Surroundings) -> Iterator[Match]:
    """Give the interfaces that a policy is about."""
    for key, kind in (("srcintf", InputInterface), ("dstintf", OutputInterface)):
        given = policy.all(key)
        if not given or "any" in given:
            continue
        names, unread = around.names(given)
        if unread:
            yield Unsupported(text=f"{key} {' '.join(given)}")
        else:
            yield kind(names=names)


def _narrowing(policy: Entry) -> Iterator[Match]:
    for key in NARROWING:
        if policy.all(key):
            yield Unsupported(text=notation.shortened(f"{key} {' '.join(policy.all(key))}"))
    for key in NARROWING_WHEN_ENABLED:
        if policy.is_on(key):
            yield Unsupported(text=key)


def _addresses(policy: Entry, key: str, objects: Objects) -> Hosts:
    """Give what a side of a policy names, negation folded in where all of it is known."""
    if key not in policy.values:  # an internet service may stand in its place
        return Hosts(unread=(f"{key} that is not given",))
    hosts = objects.hosts(policy.all(key))
    if not policy.is_on(f"{key}-negate"):
        return hosts
    rest = objects.everything - hosts.addresses
    if not hosts.unread and not hosts.virtual:
        return Hosts(addresses=rest)
    return Hosts(unread=(*hosts.unread, *hosts.virtual))


def _sides(hosts: Hosts, kind: type[SourceAddress | DestinationAddress], unread: list[str]) -> list[tuple[Match, ...]]:
    found: list[tuple[Match, ...]] = [(kind(addresses=hosts.addresses),)] if hosts.addresses else []
    if hosts.unread:
        doubt = notation.shortened(f"address {', '.join(hosts.unread)}")
        unread.append(doubt)
        found.append((Unsupported(text=doubt),))
    return found


def _destinations(policy: Entry, around: Surroundings, unread: list[str]) -> Iterator[tuple[Match, ...]]:
    hosts = _addresses(policy, "dstaddr", around.objects)
    plain = _sides(hosts, DestinationAddress, unread)
    if around.central_nat:
        yield from plain
        return
    for name in hosts.virtual:
        number = around.numbers.get(name)
        yield (Unsupported(text=name) if number is None else Mark(value=number, mask=fortigate_vip.MASK),)
    also = matches_taken(policy, around.release)
    untouched = Mark(value=0, mask=fortigate_vip.MASK)
    for matches in plain:
        if also is True:
            yield matches
            continue
        yield (*matches, untouched)
        taken = Mark(value=0, mask=fortigate_vip.MASK, negated=True)
        if policy.get("action") == "accept":
            yield (*matches, taken, Unsupported(text="whether a policy without the virtual IP lets its packets pass"))
        elif also is None:
            yield (*matches, taken, Unsupported(text="match-vip, whose default depends on the version"))


def _services(policy: Entry, objects: Objects) -> list[tuple[Match, ...]]:
    names = policy.all("service")
    if policy.is_on("service-negate"):
        return [(Unsupported(text=notation.shortened(f"service-negate {' '.join(names)}")),)]
    return objects.service_alternatives(names) if names else [()]
