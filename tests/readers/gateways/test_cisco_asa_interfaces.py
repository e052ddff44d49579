from ringfence.readers.gateways import cisco_asa_interfaces, cisco_lines
from ringfence.readers.gateways.cisco_asa_interfaces import Side
from tests.memory import MemoryArtifacts
from tests.readers.gateways.test_cisco_objects import objects


def sides(text: str) -> dict[str, Side]:
    statements = cisco_lines.read(MemoryArtifacts({"x": text}), "x").statements
    return cisco_asa_interfaces.sides(statements, objects(text))


def test_sections_with_their_usual_levels() -> None:
    found = sides(
        "interface Vlan1\n nameif inside\n ip address 10.20.0.1 255.255.255.0 standby 10.20.0.2\n"
        "interface Vlan2\n nameif outside\n ip address dhcp setroute\n"
        "interface Vlan3\n nameif guests\n security-level 20\n shutdown\n"
        "interface Vlan4\n no nameif\n security-level 20\n"
    )
    assert {name: side.level for name, side in found.items()} == {"inside": 100, "outside": 0}
    assert str(found["inside"].addresses[0]) == "10.20.0.1/24"
    assert found["outside"].addresses == []


def test_the_form_of_pix_6() -> None:
    names = "nameif ethernet0 outside security0\nnameif ethernet1 inside security100\n"
    found = sides(f"{names}ip address inside 10.20.0.1 255.255.255.0\n")
    assert (found["outside"].level, found["inside"].level) == (0, 100)
    assert str(found["inside"].addresses[0]) == "10.20.0.1/24"


def test_routes() -> None:
    text = "route outside 0 0 203.0.113.254 1\nroute inside 10.20.8.0 255.255.255.0 10.20.0.2\nroute inside nowhere\n"
    statements = cisco_lines.read(MemoryArtifacts({"x": text}), "x").statements
    found = list(cisco_asa_interfaces.routes(statements, objects("")))
    assert [(str(one.network), one.interface) for one in found] == [
        ("0.0.0.0/0", "outside"),
        ("10.20.8.0/24", "inside"),
    ]
