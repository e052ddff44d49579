"""The settings in which predictions are held against packets: what the edge and the PBX are told, as text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.campus import PBX6, Rules, iptables, nft
from tests.lab.edge_rules import (
    EDGE6_FILTER,
    EDGE6_FILTER_WITH_A_HOLE,
    EDGE_BY_FORWARD_CHAIN,
    EDGE_ONE_TO_ONE,
    EDGE_THAT_ISOLATES,
    EDGE_WITH_IPSET,
    EDGE_WITH_OTHER_PORTS,
    EDGE_WITH_SETS,
    MASQUERADING_EDGE,
    TRANSLATING_EDGE,
    WIDE_EDGE,
)
from tests.lab.pbx_rules import (
    FAIL2BAN,
    FAIL2BAN_NFT,
    NFT_NAMED_AS_IPTABLES,
    NFT_WITH_OTHER_NAMES,
    PBX6_FILTER,
    PBX_THAT_REDIRECTS,
    PBX_WITH_MAPS,
)
from tests.lab.probing import Door, Transport
from tests.lab.scenarios import PBX_FILTER
from tests.lab.topology import PBX, edge_ruleset

DOORS = (
    *(Door(transport="udp", port=port) for port in (69, 4569, 5060, 5160, 12_000)),
    *(Door(transport="tcp", port=port) for port in (22, 80, 84, 443)),
    Door(transport="tcp", port=5038, address="127.0.0.1"),
    Door(transport="udp", port=5061, address="0.0.0.0"),
    Door(transport="udp", port=1194, address=PBX),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One state of the edge and the PBX.

    ``ports`` are further ports to try. ``asterisk`` says that real programs listen on the PBX instead of plain sockets,
    ``partly_hidden`` that the edge rewrites the sources of some packets only.
    """

    name: str
    edge: tuple[Rules, ...]
    pbx: tuple[Rules, ...] = ()
    ipv6: bool = False
    doors: tuple[Door, ...] = DOORS
    ports: Mapping[Transport, tuple[int, ...]] = field(default_factory=dict)
    asterisk: bool = False
    partly_hidden: bool = False

    @property
    def legacy(self) -> bool:
        """Tell whether the PBX's ``iptables-save`` speaks of the older back end."""
        return any(rules.tool.endswith("legacy") for rules in self.pbx)

    @property
    def edge_is_nft(self) -> bool:
        """Tell whether the edge is exported with ``nft list ruleset``."""
        return any(rules.tool == "nft" for rules in self.edge)


_RESPONSIVE = "2-eth0-external_responsive-on_lan-internal"
_CORRECT = "3-eth0-external_responsive-off_correct"
_NEW_BACK_END = "6-as-2-but-nft-backend"
_VARIANTS = {
    "FreePBX, NIC in zone Local": "1-eth0-internal_sip-internal+other_seed-mistake",
    "FreePBX, zone Internet, responsive": _RESPONSIVE,
    "FreePBX, zone Internet, not responsive": _CORRECT,
    "FreePBX, NIC without a zone": "4-eth0-trusted_wizard-default-hole",
    "FreePBX, services open to zone Internet": "5-eth0-external_sip-tftp-http-external",
    "FreePBX, responsive, nft back end": _NEW_BACK_END,
    "FreePBX, with registered thieves": "7-as-1-but-live-with-hijacked-phones-registered",
}
_MASQUERADED = "FreePBX, zone Internet, masqueraded"
_BOTH_BACK_ENDS = "FreePBX on legacy, fail2ban on nft"
_REAL_PROGRAMS = "FreePBX, responsive, real programs"
_IPTABLES_EDGE = "open forwards, iptables on the edge"
#: Names of the settings that read the shared evidence.
SHARED = (*_VARIANTS, _MASQUERADED, _BOTH_BACK_ENDS, _REAL_PROGRAMS, _IPTABLES_EDGE)


def shared_setting(name: str, folder: Path) -> Setting:
    """Give a setting of the shared evidence: FreePBX's own firewall, as its own code wrote it, or the edge's export."""
    if name == _IPTABLES_EDGE:
        exported = iptables(_moved((folder / "edge-router-iptables-save.txt").read_text()))
        return Setting(name=name, edge=(exported,), ports={"udp": (10_000, 12_000)})
    if name == _MASQUERADED:
        return Setting(name=name, edge=(nft(MASQUERADING_EDGE),), pbx=_firewall(folder / _CORRECT), ipv6=True)
    if name == _BOTH_BACK_ENDS:
        both = (*_firewall(folder / _CORRECT), nft(FAIL2BAN_NFT))
        return Setting(name=name, edge=(nft(WIDE_EDGE),), pbx=both, ipv6=True)
    if name == _REAL_PROGRAMS:
        edge = (nft(edge_ruleset("open")),)
        return Setting(name=name, edge=edge, pbx=_firewall(folder / _RESPONSIVE), doors=(), asterisk=True)
    return Setting(name=name, edge=(nft(WIDE_EDGE),), pbx=_firewall(folder / _VARIANTS[name]), ipv6=True)


def _moved(text: str) -> str:
    """Give an export of the shared evidence for this network, which has the same shape under other addresses."""
    return re.sub(r"\b10\.30\.0\.", "10.20.0.", text)


def _firewall(folder: Path) -> tuple[Rules, ...]:
    back_end = "" if folder.name == _NEW_BACK_END else "-legacy"
    four, six = ((folder / f"{name}-save.txt").read_text() for name in ("iptables", "ip6tables"))
    return (
        Rules(tool="iptables-legacy" if back_end else "iptables", text=_moved(four)),
        Rules(tool="ip6tables-legacy" if back_end else "ip6tables", text=six),
    )


SETTINGS = (
    Setting(name="open forwards, real programs", edge=(nft(edge_ruleset("open")),), doors=(), asterisk=True),
    Setting(name="open forwards", edge=(nft(WIDE_EDGE),)),
    Setting(name="forwards for the provider", edge=(nft(edge_ruleset("closed")),)),
    Setting(name="forwards by sets and maps", edge=(nft(EDGE_WITH_SETS),)),
    Setting(name="forwards by the forward chain", edge=(iptables(EDGE_BY_FORWARD_CHAIN),), ports={"tcp": (8022,)}),
    Setting(name="forwards by ipset", edge=EDGE_WITH_IPSET),
    Setting(name="masqueraded forwards", edge=(nft(edge_ruleset("masquerading")),)),
    Setting(name="some sources translated", edge=(nft(TRANSLATING_EDGE),), partly_hidden=True),
    Setting(
        name="other ports, redirected again",
        edge=(nft(EDGE_WITH_OTHER_PORTS),),
        pbx=(nft(PBX_THAT_REDIRECTS),),
        ports={"udp": (15_060, 6969, 5062), "tcp": (8080, 8022, 81)},
    ),
    Setting(name="one to one", edge=(nft(EDGE_ONE_TO_ONE),)),
    Setting(name="isolated networks", edge=(nft(EDGE_THAT_ISOLATES),), ipv6=True),
    Setting(name="the PBX's own filter", edge=(nft(WIDE_EDGE),), pbx=(iptables(PBX_FILTER),)),
    Setting(name="sets and maps on the PBX", edge=(nft(WIDE_EDGE),), pbx=(nft(PBX_WITH_MAPS),)),
    Setting(name="nft under iptables' names", edge=(nft(WIDE_EDGE),), pbx=(nft(NFT_NAMED_AS_IPTABLES),)),
    Setting(
        name="nft in iptables' tables",
        edge=(nft(WIDE_EDGE.replace("5060, 5061", "5060-5062")),),
        pbx=(nft(NFT_WITH_OTHER_NAMES),),
        ports={"udp": (5062,)},
    ),
    Setting(name="fail2ban on iptables", edge=(nft(WIDE_EDGE),), pbx=(iptables(FAIL2BAN),)),
    Setting(name="fail2ban on both", edge=(nft(MASQUERADING_EDGE),), pbx=(iptables(FAIL2BAN), nft(FAIL2BAN_NFT))),
    Setting(name="IPv6 without a filter", edge=(nft(edge_ruleset("closed")),), ipv6=True),
    Setting(name="IPv6 filtered by the edge", edge=(nft(edge_ruleset("closed")), nft(EDGE6_FILTER)), ipv6=True),
    Setting(
        name="IPv6 filtered, with a hole",
        edge=(nft(edge_ruleset("open")), nft(EDGE6_FILTER_WITH_A_HOLE)),
        ipv6=True,
        doors=(*DOORS, Door(transport="tcp", port=8443, address=PBX6)),
    ),
    Setting(
        name="IPv6 filtered by the PBX",
        edge=(nft(edge_ruleset("open")),),
        pbx=(Rules(tool="ip6tables", text=PBX6_FILTER),),
        ipv6=True,
    ),
)
