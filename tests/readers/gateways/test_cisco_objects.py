from ringfence.model.addresses import AddressSet, PortSet
from ringfence.readers.gateways import cisco_lines
from ringfence.readers.gateways.cisco_objects import Objects
from ringfence.readers.gateways.cisco_terms import Service
from tests.memory import MemoryArtifacts

ASA = """name 10.20.0.10 pbx
object network PROVIDER
 subnet 198.51.100.0 255.255.255.0
object network BYNAME
 fqdn v4 sip.provider.example
object-group network OUTER
 network-object host pbx
 network-object object PROVIDER
 group-object INNER
object-group network INNER
 network-object 192.0.2.0 255.255.255.192
 group-object OUTER
object-group network LOST
 group-object NOWHERE
object-group service VOICE udp
 port-object eq sip
 port-object range 10000 20000
object-group service MIXED
 service-object tcp destination eq 5061
 service-object udp source gt 1023 destination eq tftp
 service-object icmp echo
 group-object VOICE
object service SIPS
 service tcp destination eq 5061
object-group protocol BOTH
 protocol-object tcp
 protocol-object udp
"""


def objects(text: str, *, wildcards: bool = False) -> Objects:
    found = Objects(wildcards=wildcards)
    for statement in cisco_lines.read(MemoryArtifacts({"x": text}), "x").statements:
        found.declare(statement)
    return found


def test_nested_groups_and_aliases_are_followed_and_loops_end() -> None:
    found = objects(ASA)
    assert found.hosts("INNER").addresses >= AddressSet.of("192.0.2.0/26", "10.20.0.10", "198.51.100.0/24")
    assert objects(ASA.replace(" group-object OUTER\n", "")).hosts("OUTER").unread == ()


def test_groups_nested_without_end_are_given_up() -> None:
    network = "".join(
        f"object-group network N{i}\n group-object N{i + 1}\n group-object N{i + 1}\n" for i in range(3000)
    )
    service = "".join(f"object-group service S{i}\n group-object S{i + 1}\n" for i in range(3000))
    found = objects(network + service)
    assert found.hosts("N0").unread
    assert found.service("S0")[0].unread


def test_names_that_nobody_can_resolve_are_kept_as_such() -> None:
    assert objects(ASA).hosts("BYNAME").unread == ("fqdn v4 sip.provider.example",)
    assert objects(ASA).hosts("LOST").unread == ("object NOWHERE",)
    assert objects(ASA).hosts("ABSENT").unread == ("object ABSENT",)


def test_services_with_protocols_and_both_ports() -> None:
    udp = frozenset({"udp"})
    voice = Service(protocols=udp, ports=PortSet.of(5060, (10000, 20000)))
    found = objects(ASA)
    assert found.service("VOICE") == (voice,)
    assert set(found.service("MIXED")) == {
        voice,
        Service(protocols=frozenset({"tcp"}), ports=PortSet.of(5061)),
        Service(protocols=udp, source_ports=PortSet.of((1024, 65535)), ports=PortSet.of(69)),
        Service(protocols=frozenset({"icmp"})),
    }
    assert found.service("SIPS") == (Service(protocols=frozenset({"tcp"}), ports=PortSet.of(5061)),)
    assert {one.protocols for one in found.service("BOTH")} == {udp, frozenset({"tcp"})}
    assert found.service("ABSENT")[0].unread


def test_groups_of_ios() -> None:
    found = objects(
        "object-group network N\n host 192.0.2.7\n 198.51.100.0 255.255.255.0\n range 10.0.0.1 10.0.0.3\n"
        "object-group service S\n udp eq 5060\n tcp range 80 81\n tcp source eq 20 gt 1023\n",
        wildcards=True,
    )
    assert found.hosts("N").addresses == AddressSet.of("192.0.2.7", "198.51.100.0/24", "10.0.0.1", "10.0.0.2/31")
    assert found.service("S") == (
        Service(protocols=frozenset({"udp"}), ports=PortSet.of(5060)),
        Service(protocols=frozenset({"tcp"}), ports=PortSet.of(80, 81)),
        Service(protocols=frozenset({"tcp"}), source_ports=PortSet.of(20), ports=PortSet.of((1024, 65535))),
    )
