from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Problem
from ringfence.readers.gateways import pf_interfaces, pf_xml
from ringfence.readers.gateways.pf_gateway import COMMON
from ringfence.readers.gateways.pf_interfaces import Interfaces
from ringfence.readers.gateways.pf_xml import Node
from ringfence.readers.gateways.pfsense_terms import is_set
from tests.memory import MemoryArtifacts
from tests.readers.gateways.pf_school import pfsense_xml


def read(text: str) -> tuple[Node, Interfaces, list[Problem]]:
    root = pf_xml.parse(MemoryArtifacts({"c": text}), "c", "pfsense", COMMON).root
    assert root is not None
    problems: list[Problem] = []
    return root, pf_interfaces.read(root, "c", is_set, problems), problems


def with_interface(inner: str) -> str:
    return pfsense_xml().replace("</interfaces>", f"{inner}</interfaces>")


def test_interfaces_that_are_off_do_not_exist_and_wan_and_lan_always_do() -> None:
    _, found, _ = read(with_interface("<opt2><if>em3</if></opt2>").replace("<lan><enable/>", "<lan>"))
    assert list(found.attached) == ["wan", "lan", "opt1"]
    assert found.members("opt2") is None
    assert found.members("lan") == frozenset({"lan"})


def test_groups_and_tunnels_stand_for_their_members() -> None:
    more = "<ifgroups><ifgroupentry><ifname>INNER</ifname><members>lan,opt1 gone</members></ifgroupentry></ifgroups>"
    text = with_interface("<opt5><enable/><if>ovpns2</if></opt5>").replace("<filter>", more + "<filter>")
    _, found, _ = read(text)
    assert found.members("INNER") == frozenset({"lan", "opt1"})
    assert found.members("openvpn") == frozenset({"openvpn", "opt5"})
    assert found.members("enc0") == frozenset({"enc0"})
    network = found.network("INNER", 4)
    assert network is not None
    assert network.known == AddressSet.of("10.20.0.0/24", "10.20.8.0/24")


def test_addresses_that_the_file_does_not_give_are_incomplete_and_missing_ones_are_none() -> None:
    _, found, _ = read(with_interface("<opt2><enable/><if>em3</if><ipaddr>dhcp</ipaddr></opt2>"))
    dynamic, fixed = found.address("opt2", 4), found.address("lan", 4)
    assert dynamic is not None
    assert not dynamic.complete
    assert fixed is not None
    assert fixed.known == AddressSet.of("10.20.0.1")
    assert found.address("lan", 6) is None
    assert found.network("lan", 6) is None


def test_virtual_addresses_belong_to_their_interface() -> None:
    vip = "<mode>carp</mode><interface>lan</interface><subnet>10.20.0.7</subnet><subnet_bits>24</subnet_bits>"
    _, found, _ = read(pfsense_xml(more=f"<virtualip><vip>{vip}</vip></virtualip>"))
    lan = next(one for one in found.as_model() if one.name == "lan")
    assert [str(one) for one in lan.addresses] == ["10.20.0.1/24", "10.20.0.7/24"]


def test_outside_is_what_leads_to_a_provider() -> None:
    text = with_interface(
        "<opt2><enable/><if>em3</if><ipaddr>pppoe</ipaddr></opt2>"
        "<opt3><enable/><if>ovpnc1</if><ipaddr>dhcp</ipaddr></opt3>"
        "<opt4><enable/><if>em4</if><ipaddr>198.51.100.2</ipaddr><subnet>30</subnet><gateway>B</gateway></opt4>"
        "<opt5><enable/><if>em5</if><ipaddr>10.9.9.1</ipaddr><subnet>24</subnet><gateway>none</gateway></opt5>"
    )
    _, found, _ = read(text)
    assert found.outside() == {"wan", "opt2", "opt4"}


def test_an_address_that_is_none_is_a_problem_and_taken_as_unknown() -> None:
    _, found, problems = read(with_interface("<opt2><enable/><if>em3</if><ipaddr>10.0.0.300</ipaddr></opt2>"))
    assert found.attached["opt2"].dynamic == {4}
    assert len(problems) == 1


def test_static_routes_and_the_default_route() -> None:
    more = """<staticroutes><route><network>10.99.0.0/16</network><gateway>IN</gateway></route>
    <route><network>10.98.0.0/16</network><gateway>IN</gateway><disabled/></route>
    <route><network>10.97.0.0/16</network><gateway>GONE</gateway></route></staticroutes>"""
    inner = (
        "<gateway_item><interface>lan</interface><gateway>10.20.0.2</gateway><name>IN</name></gateway_item></gateways>"
    )
    text = pfsense_xml(more=more).replace("</gateways>", inner)
    root, found, _ = read(text)
    routes = pf_interfaces.routes(root, "c", found, is_set)
    assert [(str(one.network), str(one.via), one.interface) for one in routes] == [
        ("10.99.0.0/16", "10.20.0.2", "lan"),
        ("0.0.0.0/0", "203.0.113.254", "wan"),
    ]


def test_a_named_default_gateway_wins_and_a_provider_brings_its_own() -> None:
    second = "<opt2><enable/><if>em3</if><ipaddr>198.51.100.2</ipaddr><subnet>30</subnet><gateway>B</gateway></opt2>"
    item = "<interface>opt2</interface><gateway>198.51.100.1</gateway><name>B</name>"
    named = f"<gateway_item>{item}</gateway_item><defaultgw4>B</defaultgw4></gateways>"
    root, found, _ = read(with_interface(second).replace("</gateways>", named))
    assert pf_interfaces.routes(root, "c", found, is_set)[0].interface == "opt2"
    bare = pfsense_xml(wan="<if>pppoe0</if><ipaddr>pppoe</ipaddr>").replace("<interface>wan<", "<interface>x<")
    root, found, _ = read(bare)
    (default,) = pf_interfaces.routes(root, "c", found, is_set)
    assert (default.interface, default.via) == ("wan", None)
