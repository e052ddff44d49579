"""Builds sites for the tests of this folder: an edge, a PBX and four networks, with rules given as text."""

from ipaddress import ip_address, ip_interface, ip_network

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Exposure
from ringfence.model.packetfilter import Family, Ruleset
from ringfence.model.site import (
    Driver,
    Host,
    Interface,
    Listener,
    NamedNetwork,
    Provider,
    ServiceName,
    SipSettings,
    Site,
)
from ringfence.reach.predict import predict
from ringfence.readers.linux import iptables, nftables
from tests.memory import MemoryArtifacts

PLACE = Citation(file="commands/ss.txt", line=2)
PBX, WAN = "10.20.0.10", "203.0.113.1"
NETWORKS = {"pbx": "10.20.0.0/24", "voice": "10.20.8.0/24", "office": "10.20.30.0/24"}
STRANGER, PROVIDER = "192.0.2.66", "198.51.100.20"

#: The edge of the shared evidence: forwards for everyone, and VLANs that may talk to each other.
OPEN_EDGE = """table ip nat {
	chain pre {
		type nat hook prerouting priority dstnat; policy accept;
		iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10
	}
	chain post {
		type nat hook postrouting priority srcnat; policy accept;
		oifname "wan" masquerade
	}
}
table ip filter {
	chain forward {
		type filter hook forward priority filter; policy drop;
		ct state established,related accept
		ct status dnat accept
		iifname { "lan", "voice", "office" } accept
	}
}
"""


def listener(service: ServiceName = ServiceName.TFTP, port: int = 69, **more: object) -> Listener:
    """Give a UDP listener on every address."""
    address = more.get("address")
    return Listener(
        service=service,
        transport=str(more.get("transport", "udp")),
        address=ip_address(str(address)) if address else None,
        port=port,
        process=str(more.get("process", "in.tftpd")),
        versions=frozenset({4, 6}),
        citation=PLACE,
    )


def save(text: str, *, name: str = "commands/iptables-save.txt", family: Family = Family.IPV4) -> Ruleset:
    """Read the text of iptables-save; bare rules are put into a filter table that accepts by default."""
    if text and not text.lstrip().startswith(("*", "#")):
        heads = [f":{chain} ACCEPT [0:0]" for chain in ("INPUT", "FORWARD")]
        text = "\n".join(["*filter", *heads, ":mine - [0:0]", ":other - [0:0]", text, "COMMIT", ""])
    return iptables.read(MemoryArtifacts({name: text}), name, family=family, sets={}).facts


def nft(text: str, *, name: str = "edge/nft-ruleset.txt") -> Ruleset:
    """Read the text of `nft list ruleset`."""
    return nftables.read(MemoryArtifacts({name: text}), name).facts


def interface(name: str, *addresses: str) -> Interface:
    """Give an interface with addresses."""
    found = tuple(ip_interface(address) for address in addresses)
    return Interface(name=name, addresses=found, citation=Citation(file="edge/ip-addr.txt"))


def edge(rules: Ruleset | None, *, attached: bool = True) -> Host:
    """Give the edge; without ``attached`` nothing but its rules is known."""
    inner = [interface("lan" if name == "pbx" else name, net.replace(".0/", ".1/")) for name, net in NETWORKS.items()]
    interfaces = (interface("wan", f"{WAN}/24"), *inner) if attached else ()
    return Host(name="edge", interfaces=interfaces, packet_filter=rules)


def pbx(rules: Ruleset | None, *listeners: Listener, addresses: tuple[str, ...] = (f"{PBX}/24",)) -> Host:
    """Give the PBX with its one interface."""
    interfaces = (interface("eth0", *addresses),) if addresses else ()
    return Host(name="pbx", interfaces=interfaces, listeners=listeners or (listener(),), packet_filter=rules)


def site(*hosts: Host, external: str = "") -> Site:
    """Give a site with its three networks and a provider."""
    networks = tuple(
        NamedNetwork(name=name, prefixes=(ip_network(prefix),), declared=True) for name, prefix in NETWORKS.items()
    )
    settings = SipSettings(driver=Driver.CHAN_SIP, external_address=external, citation=PLACE)
    provider = Provider(name="trunk", addresses=(ip_address(PROVIDER),))
    return Site(hosts=hosts, networks=networks, providers=(provider,), sip=(settings,))


def exposures(*hosts: Host, external: str = "") -> dict[str, Exposure]:
    """Predict, and give the exposures by their id."""
    found = predict(site(*hosts, external=external))
    assert len({one.id for one in found}) == len(found)
    return {one.id: one for one in found}


def addresses(*texts: str) -> AddressSet:
    """Give a set of addresses."""
    return AddressSet.of(*texts)
