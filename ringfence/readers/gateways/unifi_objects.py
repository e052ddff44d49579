"""Sorts the objects of a UniFi controller's answers by what they are, whatever file or name they came under.

An answer is ``{"meta": {"rc": "ok"}, "data": […]}`` (``/api/s/SITE/rest/portforward``) or a bare array (``/v2/api/…``);
several may stand in one object under their names, or lie in files side by side.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from ipaddress import ip_interface

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation, Problem
from ringfence.model.site import InterfaceAddress
from ringfence.readers.gateways.unifi_json import Value
from ringfence.readers.linux import notation

FORWARD, RULE, GROUP, POLICY, ZONE = "portforward", "firewallrule", "firewallgroup", "firewallpolicy", "firewallzone"
NETWORK, NAT, SETTING = "networkconf", "nat", "setting"
#: Parts of names under which answers stand: `rest/portforward`, `firewall-policies`, `firewall/zone`.
NAMES = {
    "portforward": FORWARD,
    "firewallrule": RULE,
    "firewallgroup": GROUP,
    "firewallpolic": POLICY,
    "firewallzone": ZONE,
    "networkconf": NETWORK,
}
MAX_DEPTH = 4
MAX_OBJECTS = 200_000
MAX_PROBLEMS = 500
MAX_SHOWN = 40
#: What is shown of a rule, in this order; ids, keys and everything else are left out.
SHOWN = (
    "name", "enabled", "ruleset", "rule_index", "index", "action", "pfwd_interface", "src", "src_limiting_enabled",
    "src_limiting_type", "dst_port", "fwd", "fwd_port", "proto", "protocol", "src_address", "src_port", "dst_address",
    "ip_version", "type",
)  # fmt: skip

_LETTERS = re.compile(r"[^a-z]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """One object of an answer, with the file that it stands in."""

    file: str
    value: Value

    @property
    def place(self) -> Citation:
        """Where the object begins."""
        return Citation(file=self.file, line=self.value.line)

    @property
    def is_on(self) -> bool:
        """Whether it is in force: an object is unless it says that it is not."""
        return self.value.flag("enabled") is not False

    def shown(self, kind: str) -> str:
        """Show the object in the words of the export."""
        parts = [f"{name} {self.value.text(name)}" for name in SHOWN if self.value.text(name)]
        parts += [f"{name} {str(flag).lower()}" for name in SHOWN if (flag := self.value.flag(name)) is not None]
        for side in ("source", "destination"):
            below = self.value.get(side)
            target = below.text("matching_target") if below is not None else ""
            if below is not None and target and target != "ANY":
                parts.append(f"{side} {target} {' '.join(below.texts('ips')[:MAX_SHOWN])}".strip())
            if below is not None and below.text("port"):
                parts.append(f"{side} port {below.text('port')}")
        return notation.shortened(f"{kind}: {'; '.join(parts)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Network:
    """A network of the controller under the name that rules of the model use."""

    id: str
    name: str
    is_outside: bool
    is_guest: bool
    addresses: tuple[InterfaceAddress, ...]
    thing: Thing


@dataclass(slots=True, kw_only=True)
class Objects:
    """All objects by kind; ``present`` are the kinds that the evidence covers, with objects or without.

    Objects are added first; what is asked by id or as a network is kept from then on.
    """

    file: str
    things: dict[str, list[Thing]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    damaged: bool = False
    count: int = 0
    _ids: dict[str, dict[str, Thing]] = field(default_factory=dict)
    _members: dict[str, AddressSet | None] = field(default_factory=dict)
    _networks: tuple[Network, ...] | None = None

    @property
    def place(self) -> Citation:
        """The export as a whole."""
        return Citation(file=self.file)

    def of(self, kind: str) -> tuple[Thing, ...]:
        """Give the objects of a kind that are in force, in the order of the export."""
        return tuple(thing for thing in self.things.get(kind, ()) if thing.is_on)

    def by_id(self, kind: str) -> Mapping[str, Thing]:
        """Give the objects of a kind by their id."""
        if kind not in self._ids:
            self._ids[kind] = {thing.value.text("_id"): thing for thing in self.things.get(kind, ())}
        return self._ids[kind]

    def problem(self, place: Citation, message: str) -> None:
        """Keep something that could not be understood."""
        if len(self.problems) < MAX_PROBLEMS:
            self.problems.append(Problem(citation=place, message=message))

    def add(self, file: str, value: Value, named: str = "", depth: int = 0) -> None:
        """Sort in one answer; ``named`` is the kind that its name says."""
        if depth > MAX_DEPTH:
            return
        if value.items is not None:
            if named:
                self.present.add(named)
            for item in value.items:
                self._one(file, item, named)
        elif value.members is not None:
            data = value.get("data")
            if data is not None and data.items is not None:
                self.add(file, data, named, depth + 1)
            elif kind_of(value):
                self._one(file, value, named)
            else:
                for name, below in value.members.items():
                    if below.items is not None or below.members is not None:
                        self.add(file, below, kind_of_name(name) or named, depth + 1)

    def _one(self, file: str, value: Value, named: str) -> None:
        kind = kind_of(value)
        self.count += 1
        if self.count > MAX_OBJECTS:
            self.damaged = True
        elif kind:
            self.present.add(kind)
            self.things.setdefault(kind, []).append(Thing(file=file, value=value))
        elif named in {FORWARD, RULE, POLICY}:
            self.damaged = True
            self.problem(Citation(file=file, line=value.line), f"not a {named}; it may do anything")

    def networks(self) -> tuple[Network, ...]:
        """Give the networks that the evidence names."""
        if self._networks is None:
            self._networks = tuple(_networks(self))
        return self._networks

    def addresses(self, group: str) -> AddressSet | None:
        """Give the members of an address group; None when it is absent or not understood."""
        if group not in self._members:
            self._members[group] = self._addresses(group)
        return self._members[group]

    def _addresses(self, group: str) -> AddressSet | None:
        thing = self.by_id(GROUP).get(group)
        if thing is None or not thing.value.text("group_type").endswith("address-group"):
            return None
        try:
            return AddressSet.union(notation.addresses(text) for text in thing.value.texts("group_members"))
        except ValueError:
            return None

    def ports(self, group: str) -> PortSet | None:
        """Give the members of a port group; None when it is absent or not understood."""
        thing = self.by_id(GROUP).get(group)
        if thing is None or thing.value.text("group_type") != "port-group":
            return None
        try:
            return ports(",".join(thing.value.texts("group_members")))
        except ValueError:
            return None


def ports(text: str) -> PortSet:
    """Read ``5060,5160-5170``; nothing gives no port. Raises ValueError."""
    return notation.ports(text, "-") if text else PortSet()


def kind_of_name(name: str) -> str:
    """Tell the kind from a name; empty when it says none."""
    plain = _LETTERS.sub("", name.lower())
    return next((kind for part, kind in NAMES.items() if part in plain), "")


def kind_of(value: Value) -> str:
    """Tell what an object is from its fields; empty when it is nothing that is read."""
    fields = set(value.members or ())
    if "fwd" in fields and fields & {"dst_port", "fwd_port"}:
        return FORWARD
    if "ruleset" in fields and fields & {"rule_index", "action"}:
        return RULE
    if {"group_type", "group_members"} <= fields:
        return GROUP
    if {"action", "source", "destination"} <= fields and _has_zone(value, "source") and _has_zone(value, "destination"):
        return POLICY
    if "purpose" in fields:
        return NETWORK
    if "network_ids" in fields and "name" in fields:
        return ZONE
    if value.text("type") in {"DNAT", "SNAT", "MASQUERADE"}:
        return NAT
    return SETTING if value.text("key") == "usg" or "geo_ip_filtering_enabled" in fields else ""


def _has_zone(value: Value, side: str) -> bool:
    below = value.get(side)
    return below is not None and below.get("zone_id") is not None


def _networks(objects: Objects) -> Iterator[Network]:
    for thing in objects.of(NETWORK):
        value = thing.value
        purpose = value.text("purpose")
        group = value.text("wan_networkgroup").lower() or "wan"
        texts = [value.text("ip_subnet")] if purpose != "wan" else []
        if purpose == "wan" and value.text("wan_type") == "static" and value.text("wan_ip"):
            texts = [f"{value.text('wan_ip')}/{value.text('wan_netmask') or '32'}"]
        addresses: list[InterfaceAddress] = []
        for text in texts:
            try:
                addresses += [ip_interface(text)] if text else []
            except ValueError:
                objects.problem(thing.place, "not the address of a network; it was left out")
        name = group if purpose == "wan" else value.text("name") or value.text("_id")
        yield Network(
            id=value.text("_id"),
            name=notation.shortened(name),
            is_outside=purpose == "wan",
            is_guest=purpose == "guest",
            addresses=tuple(addresses),
            thing=thing,
        )
