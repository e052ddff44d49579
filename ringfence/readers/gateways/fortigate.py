"""Reads a FortiGate's configuration backup: interfaces, virtual IPs, policies (FortiOS 5 to 7).

Evaluated: virtual IPs, then routing, then the policies in file order, then the rewriting of the source that a policy
asks for (`set nat enable` inwards hides every caller behind the box). Unknown stays what the file cannot tell: FQDN,
geography and dynamic addresses, internet services, users, schedules, several VDOMs, policy-based NGFW mode.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from ipaddress import ip_interface, ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Accept,
    Chain,
    ChainKind,
    Family,
    Hook,
    Match,
    Rule,
    Ruleset,
    SourceAddress,
    TranslateSource,
    Unsupported,
)
from ringfence.model.site import Interface, InterfaceAddress, Route
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import fortigate_objects, fortigate_policy, fortigate_text, fortigate_vip
from ringfence.readers.gateways.fortigate_policy import Surroundings
from ringfence.readers.gateways.fortigate_text import Entry, Tree
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.linux import notation
from ringfence.readers.linux.unread import unread_chains

PRODUCT = "FortiGate"
TABLE = "fortigate"
WANTED = frozenset({
    "firewall vip", "firewall vip6", "firewall vipgrp", "firewall vipgrp6", "firewall policy", "firewall policy6",
    "firewall address", "firewall address6", "firewall addrgrp", "firewall addrgrp6", "firewall service custom",
    "firewall service group", "firewall schedule recurring", "firewall ippool", "firewall central-snat-map",
    "system interface", "system zone", "system settings", "system sdwan", "system virtual-wan-link", "router static",
    "router static6",
})  # fmt: skip

_HEADER = re.compile(rb"^#config-version=[A-Z0-9]", re.MULTILINE)
_TABLE = re.compile(
    rb"^\s*config (firewall (policy6?|vip6?|address6?|service custom)|system interface)\s*$", re.MULTILINE
)
_ENTRY = re.compile(rb"^\s*edit .*\n\s*(set|next|config|unset)\b", re.MULTILINE)
_RELEASE = re.compile(r"^#config-version=[^:-]+-(\d+)\.(\d+)\.(\d+)")


def recognises(head: bytes) -> bool:
    """Tell by the header of a backup, or by a table of FortiOS with an entry."""
    if b"\0" in head:
        return False
    return bool(_HEADER.search(head)) or bool(_TABLE.search(head) and _ENTRY.search(head))


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read a whole configuration."""
    tree = fortigate_text.read(artifacts, name, WANTED)
    place = Citation(file=name)
    if not any(tree.tables.values()):
        problem = Problem(citation=place, message="no table of a FortiGate's firewall is in this file")
        return Reading(facts=None, problems=(tree.cut or problem,))
    problems: list[Problem] = []
    chains = [*_whole(tree, place, problems)]
    doubtful = bool(chains)
    for version in (4, 6):
        # nothing is surely denied by policies that may not be all
        chains += (one for one in _chains(tree, version, place, problems) if not doubtful or one.hook != Hook.FORWARD)
    ruleset = Ruleset(
        chains=tuple(chains), product=PRODUCT, citation=place, families=frozenset({Family.IPV4, Family.IPV6})
    )
    gateway = Gateway(
        product=PRODUCT,
        interfaces=tuple(_interfaces(tree)),
        routes=tuple(_routes(tree)),
        outside=frozenset(entry.name for entry in tree.table("system interface") if entry.get("role") == "wan"),
        ruleset=ruleset,
    )
    return Reading(facts=gateway, problems=tuple(problems))


def _whole(tree: Tree, place: Citation, problems: list[Problem]) -> Iterator[Chain]:
    """Make everything unknown where the file is not whole, or works in a way that is not interpreted."""
    reasons: list[Problem] = [tree.cut] if tree.cut is not None else []
    if not {"firewall policy", "firewall policy6"} & set(tree.tables):  # a backup has it, with no entry where none is
        reasons.append(Problem(citation=place, message="no `config firewall policy` is in the file"))
    vdoms = {entry.vdom for path in ("firewall policy", "firewall policy6") for entry in tree.table(path)}
    if len(vdoms) > 1:
        reasons.append(Problem(citation=place, message="several VDOMs have policies; how they are joined is not read"))
    for entry in tree.table("system settings"):
        for key, usual in (("opmode", "nat"), ("ngfw-mode", "profile-based")):
            if entry.get(key, usual) != usual:
                message = f"{key} {entry.get(key)} is not interpreted"
                reasons.append(Problem(citation=entry.place, message=message))
    for reason in reasons:
        problems.append(reason)
        for family in (Family.IPV4, Family.IPV6):
            yield from unread_chains(reason.citation, family, reason.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Layer:
    """What all base chains of one IP version share."""

    family: Family
    place: Citation

    def chain(self, name: str, hook: Hook, rules: Iterable[Rule], priority: int, *, nat: bool = False) -> Chain:
        """Give one of them; what no policy accepts is denied."""
        return Chain(
            table=TABLE,
            name=name,
            family=self.family,
            rules=tuple(rules),
            hook=hook,
            kind=ChainKind.NAT if nat else ChainKind.FILTER,
            priority=priority,
            policy_accepts=hook != Hook.FORWARD,
            citation=self.place,
        )


def _chains(tree: Tree, version: int, place: Citation, problems: list[Problem]) -> Iterator[Chain]:
    objects = fortigate_objects.objects(tree, version)
    virtual = tree.table("firewall vip6" if version == 6 else "firewall vip")
    numbers = {entry.name: number for number, entry in enumerate(virtual[: fortigate_vip.MASK], start=1)}
    known = [entry for entry in virtual if entry.name in numbers]
    around = Surroundings(
        objects=objects,
        zones=_zones(tree),
        interfaces=frozenset(entry.name for entry in tree.table("system interface")),
        numbers=numbers,
        central_nat=any(entry.is_on("central-nat") for entry in tree.table("system settings")),
        release=_release(tree),
        pools=_pools(tree),
    )
    layer = _Layer(family=Family.IPV4 if version == 4 else Family.IPV6, place=place)
    deciding, rewriting = fortigate_policy.rules(_policies(tree, version), around, problems)
    if around.central_nat:
        rewriting = list(_central(tree, around))
    translating = fortigate_vip.rules(known, numbers, objects, problems)
    yield layer.chain("virtual IPs", Hook.PREROUTING, translating, -100, nat=True)
    yield layer.chain("policies, and the implicit deny after them", Hook.FORWARD, deciding, 0)
    yield layer.chain("rewriting of sources", Hook.POSTROUTING, rewriting, 100, nat=True)


def _release(tree: Tree) -> tuple[int, ...]:
    found = _RELEASE.match(tree.header)
    return tuple(int(number[:4]) for number in found.groups()) if found else ()


def _policies(tree: Tree, version: int) -> list[Entry]:
    """Give the policies of an IP version: since FortiOS 6.4 one table holds both, with `srcaddr6` and `dstaddr6`."""
    merged = tree.table("firewall policy")
    if version == 4:
        return [entry for entry in merged if entry.all("srcaddr") or not entry.all("srcaddr6")]
    six: list[Entry] = []
    for entry in merged:
        if entry.all("srcaddr6") or entry.all("dstaddr6"):
            values = dict(entry.values)
            for key in ("srcaddr", "dstaddr"):
                values[key] = entry.all(f"{key}6")
                values[f"{key}-negate"] = entry.all(f"{key}6-negate") or entry.all(f"{key}-negate")
            six.append(Entry(name=entry.name, place=entry.place, vdom=entry.vdom, values=values))
    return [*six, *tree.table("firewall policy6")]


def _zones(tree: Tree) -> dict[str, frozenset[str]]:
    """Give the interfaces of every zone, SD-WAN's among them."""
    zones = {entry.name: frozenset(entry.all("interface")) for entry in tree.table("system zone")}
    for entry in (*tree.table("system sdwan"), *tree.table("system virtual-wan-link")):
        for member in entry.inside.get("members", []):
            zone = member.get("zone", "virtual-wan-link")
            zones[zone] = zones.get(zone, frozenset()) | {member.get("interface")}
    return zones


def _pools(tree: Tree) -> dict[str, AddressSet]:
    pools: dict[str, AddressSet] = {}
    for entry in tree.table("firewall ippool"):
        try:
            pools[entry.name] = notation.addresses(f"{entry.get('startip')}-{entry.get('endip')}")
        except ValueError:
            continue
    return pools


def _central(tree: Tree, around: Surroundings) -> Iterator[Rule]:
    """Read `config firewall central-snat-map`; which sources it concerns is uncertain where it names a translation."""
    for entry in tree.table("firewall central-snat-map"):
        if entry.get("status") == "disable":
            continue
        hosts = around.objects.hosts(entry.all("orig-addr"))
        matches: list[Match] = list(fortigate_policy.ways(entry, around))
        if not hosts.unread:
            matches.append(SourceAddress(addresses=hosts.addresses))
        everywhere = around.objects.everything <= around.objects.hosts(entry.all("dst-addr")).addresses
        if hosts.unread or not everywhere or entry.get("protocol", "0") != "0":
            matches.append(Unsupported(text=f"central-snat-map {entry.name}"))
        parts = [around.pools.get(name, AddressSet.everything()) for name in entry.all("nat-ippool")]
        rewrite = TranslateSource(addresses=AddressSet.union(parts) if parts else None)
        action = Accept() if entry.get("nat") == "disable" else rewrite
        text = notation.shortened(f"config firewall central-snat-map / edit {entry.name}")
        yield Rule(matches=tuple(matches), action=action, text=text, citation=entry.place)


def _interfaces(tree: Tree) -> Iterator[Interface]:
    for entry in tree.table("system interface"):
        if entry.get("status") == "down":
            continue
        holders = [entry, *entry.inside.get("secondaryip", [])]
        texts = ["/".join(holder.all("ip")[:2]) for holder in holders]
        texts += [part.get("ip6-address") for part in entry.inside.get("ipv6", [])]
        addresses: list[InterfaceAddress] = []
        for text in texts:
            try:
                own = ip_interface(text)
            except ValueError:
                continue
            if int(own.ip):  # `set ip 0.0.0.0 0.0.0.0` is none
                addresses.append(own)
        yield Interface(name=entry.name, addresses=tuple(addresses), citation=entry.place)


def _routes(tree: Tree) -> Iterator[Route]:
    for path, anywhere in (("router static", "0.0.0.0/0"), ("router static6", "::/0")):
        for entry in tree.table(path):
            device = entry.get("device")
            if not device or entry.get("status") == "disable" or entry.is_on("blackhole") or "dstaddr" in entry.values:
                continue
            try:
                network = ip_network("/".join(entry.all("dst")[:2]) or anywhere, strict=False)
                via = ip_interface(entry.get("gateway")).ip if entry.get("gateway") else None
            except ValueError:
                continue
            yield Route(network=network, via=via, interface=device, citation=entry.place)
