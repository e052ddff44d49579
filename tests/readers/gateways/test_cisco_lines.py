from ringfence.readers.gateways import cisco_lines
from ringfence.readers.gateways.cisco_lines import Configuration
from tests.memory import MemoryArtifacts

WHOLE = """version 15.1
! a comment
interface GigabitEthernet0/0
 ip address 203.0.113.1 255.255.255.0
 ip nat outside
!
banner motd ^C
access-list 1 permit any
^C
ip nat inside source static 10.20.0.10 203.0.113.9
end
"""


def read(text: str) -> Configuration:
    return cisco_lines.read(MemoryArtifacts({"x": text}), "x")


def headers(text: str) -> list[str]:
    return [statement.text for statement in read(text).statements]


def test_sections_hold_their_lines_and_know_where_they_stand() -> None:
    found = read(WHOLE)
    interface = found.statements[1]
    assert [below.text for below in interface.below] == ["ip address 203.0.113.1 255.255.255.0", "ip nat outside"]
    assert interface.below[1].place.line == 5
    assert found.cut is None


def test_what_a_banner_says_is_no_configuration() -> None:
    assert "access-list 1 permit any" not in headers(WHOLE)
    assert headers("banner motd #Keep out#\nip nat pool p 1.1.1.1 1.1.1.1\nend\n") == ["ip nat pool p 1.1.1.1 1.1.1.1"]
    assert headers("banner motd Keep out\nhostname fw\n: end\n") == ["hostname fw"]


def test_lost_indentation_is_made_up_for() -> None:
    pasted = "\n".join(line.strip() for line in WHOLE.splitlines())
    assert headers(pasted) == headers(WHOLE)


def test_pix_writes_addresses_at_the_top() -> None:
    text = "interface ethernet0 auto\nip address outside 203.0.113.1 255.255.255.0\nend\n"
    assert headers(text)[1].startswith("ip address outside")


def test_what_is_cut_off_is_said() -> None:
    assert read(WHOLE.removesuffix("end\n")).cut is not None
    unending = read("hostname r\nbanner motd ^C\nip nat pool\nend\n")
    assert unending.cut is not None
    assert unending.cut.citation.line == 2
