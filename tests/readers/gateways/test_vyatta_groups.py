from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways.vyatta_groups import Groups, OwnAddresses
from ringfence.readers.gateways.vyatta_interfaces import attached
from tests.readers.gateways.vyatta_school import tree

TEXT = """set interfaces ethernet eth0 address dhcp
set interfaces ethernet eth1 address 10.20.0.1/24
set firewall group address-group PROVIDER address 198.51.100.20
set firewall group address-group PROVIDER address 198.51.100.30-198.51.100.39
set firewall group address-group ALL include PROVIDER
set firewall group address-group ALL address 192.0.2.1
set firewall group address-group LOOP include LOOP
set firewall group address-group BROKEN address pbx.example.org
set firewall group address-group GONE include NOWHERE
set firewall group address-group EMPTY
set firewall group network-group LAN network 10.0.0.0/8
set firewall group port-group VOIP port 5060
set firewall group port-group VOIP port sip-tls
set firewall group port-group VOIP port 10000-20000
set firewall group interface-group WAN interface eth0
"""


def groups() -> Groups:
    export = tree(TEXT)
    return Groups(export=export, attached=attached(export))


def test_groups_hold_their_members_and_those_that_they_include() -> None:
    found = groups()
    provider = AddressSet.of("198.51.100.20") | AddressSet.of("198.51.100.32/29", "198.51.100.30/31")
    assert found.addresses("address-group", "PROVIDER") == provider
    assert found.addresses("address-group", "ALL") == provider | AddressSet.of("192.0.2.1")
    assert found.addresses("network-group", "LAN") == AddressSet.of("10.0.0.0/8")
    assert found.ports("VOIP") == PortSet.of(5060, 5061, (10000, 20000))
    assert found.interfaces("WAN") == frozenset({"eth0"})


def test_an_empty_group_holds_nothing_and_a_loop_ends() -> None:
    assert groups().addresses("address-group", "EMPTY") == AddressSet()
    assert groups().addresses("address-group", "LOOP") == AddressSet()


def test_what_is_not_there_or_not_an_address_is_not_known() -> None:
    found = groups()
    assert found.addresses("address-group", "NOWHERE") is None
    assert found.addresses("address-group", "GONE") is None
    assert found.addresses("address-group", "BROKEN") is None
    assert found.addresses("network-group", "PROVIDER") is None
    assert found.ports("NOWHERE") is None
    assert found.interfaces("NOWHERE") is None


def test_edgeos_keeps_sets_of_each_interface() -> None:
    found = groups()
    assert found.addresses("address-group", "ADDRv4_eth1") == AddressSet.of("10.20.0.1")
    assert found.addresses("network-group", "NETv4_eth1") == AddressSet.of("10.20.0.0/24")
    assert found.addresses("address-group", "ADDRv4_eth0") == OwnAddresses(interface="eth0")
    assert found.addresses("network-group", "NETv4_eth0") is None
    assert found.addresses("address-group", "ADDRv4_eth7") is None
