from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import DestinationPort, Protocol, SourcePort, Unsupported
from ringfence.readers.gateways import fortigate, fortigate_objects, fortigate_text
from ringfence.readers.gateways.fortigate_objects import Hosts, Objects
from ringfence.readers.gateways.fortigate_text import Entry
from tests.memory import MemoryArtifacts

TEXT = """config firewall address
    edit "all"
    next
    edit "net"
        set subnet 192.0.2.0 255.255.255.0
    next
    edit "some"
        set type iprange
        set start-ip 192.0.2.10
        set end-ip 192.0.2.12
    next
    edit "name"
        set type fqdn
        set fqdn "sip.provider.example"
    next
    edit "wild"
        set type wildcard
        set wildcard 10.0.0.1 255.255.0.255
    next
end
config firewall address6
    edit "net"
        set ip6 2001:db8::/32
    next
end
config firewall addrgrp
    edit "group"
        set member "net" "name" "inner"
    next
    edit "inner"
        set member "group" "some"
    next
    edit "but"
        set member "net"
        set exclude enable
        set exclude-member "some"
    next
end
config firewall service custom
    edit "RTP"
        set udp-portrange 10000-20000 5060
    next
    edit "high"
        set tcp-portrange 80:1024-65535
    next
    edit "ALL"
        set protocol IP
    next
    edit "GRE2"
        set protocol IP
        set protocol-number 47
    next
    edit "ping"
        set protocol ICMP
    next
    edit "to-host"
        set iprange 10.0.0.1
        set tcp-portrange 80
    next
end
config firewall service group
    edit "voice"
        set member "RTP" "SIP" "voice"
    next
end
"""


def objects(version: int = 4) -> Objects:
    tree = fortigate_text.read(MemoryArtifacts({"x": TEXT}), "x", fortigate.WANTED)
    return fortigate_objects.objects(tree, version)


def test_addresses_of_each_kind() -> None:
    found = objects()
    assert found.hosts(("all",)).addresses == AddressSet.all_ipv4()
    assert found.hosts(("some",)).addresses == AddressSet.of("192.0.2.10/31", "192.0.2.12")
    assert found.hosts(("wild",)).addresses.count == 256
    assert AddressSet.of("10.0.88.1") <= found.hosts(("wild",)).addresses
    assert found.hosts(("name", "absent")) == Hosts(unread=("name", "absent"))
    assert found.hosts(("none",)) == Hosts()
    assert objects(6).hosts(("net",)).addresses == AddressSet.of("2001:db8::/32")


def test_groups_are_followed_and_loops_end() -> None:
    found = objects().hosts(("group",))
    assert found.addresses == AddressSet.of("192.0.2.0/24")
    assert "name" in found.unread
    assert objects().hosts(("but",)).addresses == AddressSet.of("192.0.2.0/24") - AddressSet.of(
        "192.0.2.10/31", "192.0.2.12"
    )


def test_groups_nested_without_end_are_given_up() -> None:
    found = objects()
    for i in range(3000):
        group = Entry(name=f"g{i}", place=Citation(file="x"), values={"member": (f"g{i + 1}", f"g{i + 1}")})
        found.groups[group.name] = found.service_groups[group.name] = group
    assert found.hosts(("g0",)).unread
    assert isinstance(found.service_alternatives(("g0",))[0][0], Unsupported)


def test_services_of_each_kind() -> None:
    found = objects()
    udp, tcp = Protocol(names=frozenset({"udp"})), Protocol(names=frozenset({"tcp"}))
    assert found.service_alternatives(("RTP",)) == [(udp, DestinationPort(ports=PortSet.of(5060, (10000, 20000))))]
    high = (tcp, DestinationPort(ports=PortSet.of(80)), SourcePort(ports=PortSet.of((1024, 65535))))
    assert found.service_alternatives(("high",)) == [high]
    assert found.service_alternatives(("ALL",)) == [()]
    assert found.service_alternatives(("GRE2",)) == [(Protocol(names=frozenset({"gre"})),)]
    assert found.service_alternatives(("to-host",))[0][-1] == Unsupported(text="service to-host")
    assert found.service_alternatives(("absent",)) == [(Unsupported(text="service absent"),)]


def test_service_groups_unite_the_ports_of_a_protocol() -> None:
    found = objects().service_alternatives(("voice", "TFTP"))
    assert (Protocol(names=frozenset({"udp"})), DestinationPort(ports=PortSet.of(69, 5060, (10000, 20000)))) in found
    assert (Protocol(names=frozenset({"tcp"})), DestinationPort(ports=PortSet.of(5060))) in found
