"""OpenWrt's `config include`: rules that files or scripts add, which are mostly not in the evidence."""

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import Rule, TranslateDestination, Unsupported, UnsupportedAction
from ringfence.readers.artifacts import Artifacts, decoded, lines
from ringfence.readers.gateways.openwrt_draft import Draft
from ringfence.readers.gateways.openwrt_match import flag
from ringfence.readers.gateways.openwrt_uci import Section

#: The script that fw3 ran; firewall4 does so only where the section says that it is made for it.
USER_SCRIPT = "/etc/firewall.user"
FILTERS = ("input", "forward")


def includes(draft: Draft, section: Section, artifacts: Artifacts, folder: str) -> None:
    """Take account of one include: nothing where it is empty or left out, else what it may do is unknown."""
    path = section.first("path")
    nftables = section.first("type", "script").startswith("n")
    compatible = flag(section, "fw4_compatible", default=path != USER_SCRIPT)
    if not flag(section, "enabled", default=True) or not path or (not nftables and not compatible):
        return
    if _is_empty(artifacts, path, folder):
        return
    if "upnp" in path:
        draft.complain(section, "what UPnP opened is not in the configuration (its leases file shows it)")
        _may_open(draft, section)
        return
    draft.complain(section, f"what {path} adds is not in the evidence; what depends on it is unknown")
    position, chain = section.first("position", "table-append"), section.first("chain")
    if nftables and position.startswith("chain-") and chain:
        _into(draft, section, (chain,), first=position.startswith("chain-pre"))
    else:
        _into(draft, section, (*FILTERS, "dstnat"), first=True)


def _is_empty(artifacts: Artifacts, path: str, folder: str) -> bool:
    """Tell whether the file is in the evidence and holds comments only."""
    name = next(
        (one for one in artifacts.names() if one.startswith(folder.partition("/")[0]) and one.endswith(path)), None
    )
    if name is None:
        return False
    return all(not (line := decoded(raw).strip()) or line.startswith("#") for _, raw in lines(artifacts, name))


def _into(draft: Draft, section: Section, chains: tuple[str, ...], *, first: bool) -> None:
    """Put a rule that may do anything at the start or the end of chains."""
    action = UnsupportedAction(text=section.text())
    rule = Rule(matches=(), action=action, text=section.text(), citation=draft.place(section))
    for chain in chains:
        held = draft.rules.setdefault(chain, [])
        held.insert(0 if first else len(held), rule)


def _may_open(draft: Draft, section: Section) -> None:
    """Let anything be forwarded that no redirect forwards: UPnP's chain stands behind all others."""
    for zone in draft.zones.values():
        if zone.name.startswith("wan"):
            zone.marked.add("dnat")
            held = draft.rules.setdefault(f"dstnat_{zone.name}", [])
            held.append(
                Rule(
                    matches=(Unsupported(text="what UPnP opened is not in the configuration"),),
                    action=TranslateDestination(addresses=AddressSet.all_ipv4(), ports=PortSet.everything()),
                    text=section.text(),
                    citation=draft.place(section),
                )
            )
