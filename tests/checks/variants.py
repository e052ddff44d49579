"""The PBX of a real FreePBX 14 with the packet filter that its own firewall made for one setting."""

from dataclasses import replace
from ipaddress import ip_address, ip_interface

from ringfence.model.packetfilter import Family
from ringfence.model.site import Host, Interface, Provider, Site
from ringfence.readers.linux import ipset, iptables
from tests.checks.sites import at
from tests.memory import MemoryArtifacts
from tests.shared_data import shared

#: The addresses of this run's two SIP providers (its truth.json).
PROVIDERS = ("203.0.113.20", "198.51.100.23")


def variant(number: int, *providers: str) -> Site:
    """Read firewall variant ``number`` (1 to 7) and the edge that forwards to it; ``providers`` are declared."""
    (folder,) = shared("data/freepbx14/firewall-variants").glob(f"{number}-*")
    edge_export = shared("data/freepbx14/evidence/edge/iptables-save.txt")
    artifacts = MemoryArtifacts(
        {
            "commands/iptables-save.txt": (folder / "iptables-save.txt").read_bytes(),
            "edge/iptables-save.txt": edge_export.read_bytes(),
        }
    )
    sets = ipset.read(artifacts).facts
    inner, outer = (
        iptables.read(artifacts, f"{place}/iptables-save.txt", family=Family.IPV4, sets=sets).facts
        for place in ("commands", "edge")
    )
    eth0 = Interface(name="eth0", addresses=(ip_interface("10.30.0.10/24"),), citation=at(1, "commands/ip-addr.txt"))
    site = Site(
        hosts=(
            Host(name="pbx", interfaces=(eth0,), packet_filter=inner),
            Host(name="edge", packet_filter=outer),
        )
    )
    declared = Provider(name="itsp", addresses=tuple(map(ip_address, providers)))
    return replace(site, providers=(declared,)) if providers else site
