"""Reads `/export` of a MikroTik router (RouterOS 6 and 7) into what it forwards and lets pass."""

import re
from collections.abc import Iterator

from ringfence.model.addresses import PRIVATE, AddressSet, PortSet
from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import (
    Chain,
    ChainKind,
    Drop,
    Family,
    Hook,
    Rule,
    Ruleset,
    TranslateDestination,
    Unsupported,
)
from ringfence.readers.artifacts import Artifacts, decoded
from ringfence.readers.gateways import mikrotik_links
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.mikrotik_items import Configuration, carry_out
from ringfence.readers.gateways.mikrotik_match import AddressList, Scope, number_marks
from ringfence.readers.gateways.mikrotik_rules import Draft, chains
from ringfence.readers.gateways.mikrotik_text import TABLES, VERSION, Script, parse
from ringfence.readers.linux import notation
from ringfence.readers.linux.unread import unread_chains

_FIREWALL = re.compile(r"^\s*/(?:ip|ipv6)[ /]firewall[ /](?:filter|nat|mangle|raw|address-list)\b", re.MULTILINE)
_ATTACHED = re.compile(r"^\s*/(?:ip|ipv6)[ /]address\s*\r?\n+\s*add [^\n]*\baddress=", re.MULTILINE)
#: Menus that every whole export has something of; one of the firewall alone says nothing about the rest.
PARTIAL = "only a part of the export is in the evidence (no /{}); give the output of /export without a menu"
UPNP = "what {} opened is not in the export (`/ip firewall nat print dynamic` shows it)"


def recognises(head: bytes) -> bool:
    """Tell whether this is RouterOS's `/export`, by its header or its menus."""
    text = decoded(head).removeprefix("\ufeff")
    return bool(VERSION.search(text) or _FIREWALL.search(text) or _ATTACHED.search(text))


def read(artifacts: Artifacts, name: str) -> Reading[Gateway | None]:
    """Read one export; None when it holds no command."""
    script = parse(artifacts, name)
    if not script.menus:
        message = "no command of RouterOS was found in it"
        problems = (*script.problems, Problem(citation=Citation(file=name), message=message))
        return Reading(facts=None, problems=problems)
    configuration = carry_out(script, name)
    problems_found = [*script.problems, *configuration.problems]
    lists = mikrotik_links.interface_lists(configuration)
    attached = mikrotik_links.interfaces(configuration, name, problems_found)
    known_routes = mikrotik_links.routes(configuration, attached, name, problems_found)
    families = _families(script)
    compiled: list[Chain] = []
    for version in (4, 6):
        if (Family.IPV4 if version == 4 else Family.IPV6) in families:
            scope = Scope(
                address_lists=_address_lists(configuration, version, name, problems_found),
                interface_lists=lists,
                tunnelled=_tunnelled(configuration),
                marks=number_marks(item.properties for items in configuration.items.values() for item in items),
            )
            draft = Draft(configuration=configuration, scope=scope, version=version, file=name)
            compiled += chains(draft)
            problems_found += draft.problems
    compiled += _missing(script, configuration, name, problems_found)
    product = f"RouterOS {script.version}".strip()
    ruleset = Ruleset(chains=tuple(compiled), product=product, citation=Citation(file=name), families=families)
    gateway = Gateway(
        product=product,
        interfaces=attached,
        routes=known_routes,
        outside=mikrotik_links.outside(configuration, lists, known_routes),
        ruleset=ruleset,
    )
    return Reading(facts=gateway, problems=tuple(dict.fromkeys(problems_found)))


def _families(script: Script) -> frozenset[Family]:
    """Tell which families the export covers; a RouterOS 6 without any /ipv6 menu may lack IPv6 or hide its rules."""
    seen = any(menu.startswith("ipv6 ") for menu in script.menus)
    always = script.version.startswith("7") and _is_whole(script)
    return frozenset({Family.IPV4, Family.IPV6}) if seen or always else frozenset({Family.IPV4})


def _is_whole(script: Script) -> bool:
    return any(not menu.startswith(("ip firewall", "ipv6 firewall")) for menu in script.menus if menu)


def _address_lists(
    configuration: Configuration, version: int, file: str, problems: list[Problem]
) -> dict[str, AddressList]:
    prefix = "ip firewall" if version == 4 else "ipv6 firewall"
    parts: dict[str, list[AddressSet]] = {}
    unknown: dict[str, str] = {}
    for item in configuration.enabled(f"{prefix} address-list"):
        name, text = item.properties.get("list", ""), item.properties.get("address", "")
        held = parts.setdefault(name, [])
        if item.odd:
            unknown[name] = f"a line of the address list {name} could not be read"
        try:
            held.append(notation.addresses(text))
        except ValueError:
            unknown[name] = f"the address list {name} holds names, and what they resolve to is not in the export"
            place = Citation(file=file, line=item.line)
            problems.append(Problem(citation=place, message=f"not an address of the list {name}: a name is unknown"))
    recorded, filled = (_filled(configuration, prefix, which) for which in ("src", "dst"))
    for name in dict.fromkeys((*recorded, *filled)):
        parts.setdefault(name, [])
        place = Citation(file=file, line=(recorded | filled)[name])
        message = f"rules add addresses to the list {name} while the router runs; those are not in the export"
        problems.append(Problem(citation=place, message=message))
    return {
        name: AddressList(
            addresses=AddressSet.union(held),
            unknown=unknown.get(name, ""),
            recorded=name in recorded,
            filled=name in filled,
        )
        for name, held in parts.items()
    }


def _filled(configuration: Configuration, prefix: str, which: str) -> dict[str, int]:
    """Give the lists that rules add addresses to, with the line of the first such rule."""
    found: dict[str, int] = {}
    for table in TABLES:
        for item in configuration.enabled(f"{prefix} {table}"):
            if item.properties.get("action") == f"add-{which}-to-address-list":
                found.setdefault(item.properties.get("address-list", ""), item.line)
    return found


def _tunnelled(configuration: Configuration) -> AddressSet:
    """Give the addresses that may travel through IPsec: none without a peer, else private ones and the policies'."""
    menus = ("ip ipsec peer", "ip ipsec identity", "ip ipsec policy")
    items = [item for menu in menus for item in configuration.enabled(menu)]
    if not items:
        return AddressSet()
    found = PRIVATE
    for item in items:
        text = item.properties.get("dst-address", "")
        try:
            network = notation.addresses(text) if text else AddressSet()
        except ValueError:
            continue
        if network.count < 2**24:  # ::/0 and 0.0.0.0/0 are the template's
            found |= network
    return found


def _missing(script: Script, configuration: Configuration, file: str, problems: list[Problem]) -> Iterator[Chain]:
    """Give chains for what the export does not show: parts that were left out, and doors that open by themselves."""
    place = Citation(file=file)
    tracking = configuration.settings.get("ip firewall connection tracking", {}).get("enabled", "auto")
    absent = [table for table in ("filter", "nat") if _is_missing(script, f"ip firewall {table}")]
    if script.damaged:
        yield from unread_chains(place, Family.BOTH, "the lines of the export that could not be read")
    if tracking == "no":
        problems.append(Problem(citation=place, message="connection tracking is off: NAT and states do not work"))
        yield from unread_chains(place, Family.BOTH, "a firewall without connection tracking")
    if absent:
        message = PARTIAL.format(f"ip firewall {' and no /ip firewall '.join(absent)}")
        problems.append(Problem(citation=place, message=message))
        for chain in unread_chains(place, Family.IPV4, f"/ip firewall {' and '.join(absent)}, which is missing"):
            if ("nat" if chain.kind == ChainKind.NAT else "filter") in absent:
                yield chain
    if configuration.settings.get("ipv6 settings", {}).get("disable-ipv6") == "yes":
        yield _switched_off(place)
    for menu, protocol in (("ip upnp", "UPnP"), ("ip nat-pmp", "NAT-PMP")):
        if configuration.settings.get(menu, {}).get("enabled") == "yes":
            message = UPNP.format(protocol)
            problems.append(Problem(citation=place, message=message))
            yield _opened(place, message)
    if configuration.enabled("ip hotspot"):
        message = "the rules that the hotspot adds are not in the export (`print dynamic` shows them)"
        problems.append(Problem(citation=place, message=message))


def _is_missing(script: Script, menu: str) -> bool:
    """Tell whether a menu may have had items: it is not there, and neither is any that /export prints after it."""
    return not any(other >= menu for other in script.menus) or (menu not in script.menus and not _is_whole(script))


def _switched_off(place: Citation) -> Chain:
    text = "/ipv6 settings set disable-ipv6=yes"
    rule = Rule(matches=(), action=Drop(), text=text, citation=place)
    return Chain(
        table="ipv6 settings",
        name="forward",
        family=Family.IPV6,
        rules=(rule,),
        hook=Hook.FORWARD,
        citation=place,
    )


def _opened(place: Citation, message: str) -> Chain:
    """Give a chain after all others that may forward anything, for what was not forwarded before."""
    rule = Rule(
        matches=(Unsupported(text=message),),
        action=TranslateDestination(addresses=AddressSet.all_ipv4(), ports=PortSet.everything()),
        text=message,
        citation=place,
    )
    return Chain(
        table="dynamic",
        name="dstnat",
        family=Family.IPV4,
        rules=(rule,),
        hook=Hook.PREROUTING,
        kind=ChainKind.NAT,
        priority=-99,
        citation=place,
    )
