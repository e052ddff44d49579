"""All products whose exports are read, in the order in which they are tried."""

from ringfence.readers.gateways import (
    cisco_asa,
    cisco_ios,
    edgeos,
    fortigate,
    forwards_csv,
    mikrotik,
    openwrt,
    opnsense,
    pfsense,
    unifi,
    upnp,
    vyos,
)
from ringfence.readers.gateways.recognise import Dialect

DIALECTS = (
    Dialect(product="pfSense", recognises=pfsense.recognises, read=pfsense.read),
    Dialect(product="OPNsense", recognises=opnsense.recognises, read=opnsense.read),
    Dialect(product="MikroTik RouterOS", recognises=mikrotik.recognises, read=mikrotik.read),
    Dialect(product="OpenWrt", recognises=openwrt.recognises, read=openwrt.read),
    Dialect(product="OpenWrt network", recognises=openwrt.recognises_network, read=openwrt.read_network),
    Dialect(product="EdgeOS", recognises=edgeos.recognises, read=edgeos.read),
    Dialect(product="VyOS", recognises=vyos.recognises, read=vyos.read),
    Dialect(product="UniFi", recognises=unifi.recognises, read=unifi.read),
    Dialect(product="Cisco ASA", recognises=cisco_asa.recognises, read=cisco_asa.read),
    Dialect(product="Cisco IOS", recognises=cisco_ios.recognises, read=cisco_ios.read),
    Dialect(product="FortiGate", recognises=fortigate.recognises, read=fortigate.read),
    Dialect(product="UPnP leases", recognises=upnp.recognises, read=upnp.read, join=upnp.in_front_of),
    Dialect(product="forwards.csv", recognises=forwards_csv.recognises, read=forwards_csv.read),
)
