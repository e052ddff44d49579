"""An OpenWrt router in front of a school: its network configuration, its zones, and the questions about it."""

from ringfence.model.evidence import Reading
from ringfence.model.exposure import Exposure
from ringfence.model.packetfilter import Rule
from ringfence.readers.gateways import openwrt
from ringfence.readers.gateways.gateway import Gateway
from tests.memory import MemoryArtifacts
from tests.readers.gateways import routers

NETWORK = """config interface 'loopback'
	option device 'lo'
	option proto 'static'
	option ipaddr '127.0.0.1'
	option netmask '255.0.0.0'

config interface 'lan'
	option device 'br-lan'
	option proto 'static'
	option ipaddr '10.20.0.1'
	option netmask '255.255.255.0'
	list ip6addr '2001:db8:20::1/64'

config interface 'voice'
	option device 'br-lan.8'
	option proto 'static'
	list ipaddr '10.20.8.1/24'

config interface 'office'
	option device 'br-lan.30'
	option proto 'static'
	list ipaddr '10.20.30.1/24'

config interface 'wan'
	option device 'eth1'
	option proto 'static'
	option ipaddr '203.0.113.1'
	option netmask '255.255.255.0'
	option gateway '203.0.113.254'

config interface 'wan6'
	option device '@wan'
	option proto 'dhcpv6'
"""
ZONES = """config defaults
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'

config zone
	option name 'lan'
	list network 'lan'
	option input 'ACCEPT'
	option output 'ACCEPT'
	option forward 'ACCEPT'

config zone
	option name 'voice'
	list network 'voice'
	option input 'REJECT'
	option forward 'REJECT'

config zone
	option name 'office'
	list network 'office'
	option input 'ACCEPT'
	option forward 'REJECT'

config zone
	option name 'wan'
	list network 'wan'
	list network 'wan6'
	option input 'REJECT'
	option output 'ACCEPT'
	option forward 'REJECT'
	option masq '1'
	option mtu_fix '1'

config forwarding
	option src 'lan'
	option dest 'wan'

"""
FORWARD = """config redirect
	option name 'PBX'
	option src 'wan'
	option dest 'lan'
	option src_dport '5060'
	option dest_ip '10.20.0.10'
	option proto 'udp'
	option target 'DNAT'

"""


def section(kind: str, **options: str) -> str:
    """Write one section; a value with commas is a list."""
    lines = [f"config {kind}"]
    for key, value in options.items():
        parts = value.split(",")
        lines += [f"\t{'option' if len(parts) == 1 else 'list'} {key} '{part}'" for part in parts]
    return "\n".join(lines) + "\n\n"


def read(text: str | bytes, network: str | None = NETWORK, **more: str) -> Reading[Gateway | None]:
    """Read a firewall configuration with the network configuration beside it."""
    files: dict[str, bytes | str] = {"edge/firewall": text, **more}
    if network is not None:
        files["edge/network"] = network
    return openwrt.read(MemoryArtifacts(files), "edge/firewall")


def rules(text: str, chain: str, network: str | None = NETWORK) -> tuple[Rule, ...]:
    """Give the rules of one chain."""
    found = read(text, network).facts
    assert found is not None
    return next(one.rules for one in found.ruleset.chains if one.name == chain)


def ask(text: str, port: int = 5060, *, at: str = "internet", version: int = 4) -> Exposure:
    """Predict who reaches a UDP port of the PBX."""
    return routers.ask(read(text).facts, port, at=at, version=version)


def verdict(text: str, port: int = 5060, *, at: str = "internet", version: int = 4) -> str:
    """Give `reachable`, `blocked` or `unknown`."""
    return ask(text, port, at=at, version=version).verdict.value
