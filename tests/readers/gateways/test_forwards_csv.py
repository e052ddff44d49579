from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.readers.gateways import forwards_csv
from tests.reach.school import NETWORKS
from tests.readers.gateways.asking import exposure, reading, verdict

HEADER = "protocol,outside_port,inside_address,inside_port,sources,comment\n"
LISTED = (
    HEADER
    + "# by hand, from the box's web page\n"
    + "udp,5060,10.20.0.10,5060,198.51.100.0/24 192.0.2.7,SIP of the provider\n"
    + "udp,69,10.20.0.10,69,,\n"
    + "tcp+udp,10000-10010,10.20.0.10,,any,RTP\n"
    + "tcp,8022,10.20.0.10,22,,\n"
)


def test_the_header_tells_it() -> None:
    assert forwards_csv.recognises(LISTED.encode())
    assert forwards_csv.recognises(b"\xef\xbb\xbfProtocol, Outside_port, Inside_address, Inside_port\r\n")
    assert not forwards_csv.recognises(b"protocol,port\nudp,5060\n")
    assert not forwards_csv.recognises(b"")


def test_a_line_without_sources_is_open_to_everybody() -> None:
    assert verdict(forwards_csv.read, LISTED, "udp/69") == "reachable"
    assert "the edge forwards it" in exposure(forwards_csv.read, LISTED, "udp/69").claim


def test_a_line_with_sources_is_open_to_them_alone() -> None:
    found = exposure(forwards_csv.read, LISTED, "udp/5060")
    assert found.verdict == "reachable"
    assert found.sources == AddressSet.of("198.51.100.0/24", "192.0.2.7")


def test_ranges_protocols_and_other_ports_inside() -> None:
    assert verdict(forwards_csv.read, LISTED, "udp/10010") == "reachable"
    assert verdict(forwards_csv.read, LISTED, "tcp/10000") == "reachable"
    assert verdict(forwards_csv.read, LISTED, "udp/10011") == "blocked"
    found = exposure(forwards_csv.read, LISTED, "tcp/22")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port) == ("reachable", 8022)


def test_what_is_not_listed_is_not_forwarded() -> None:
    assert verdict(forwards_csv.read, LISTED, "tcp/5060") == "blocked"
    assert verdict(forwards_csv.read, HEADER, "udp/69") == "blocked"


def test_traffic_between_the_inside_networks_is_not_part_of_the_list() -> None:
    assert "office" in NETWORKS
    assert verdict(forwards_csv.read, LISTED, "udp/5060", at="office") == "unknown"


def test_sources_by_name_may_be_anyone() -> None:
    text = HEADER + "udp,5060,10.20.0.10,5060,sip.provider.example,\n"
    assert verdict(forwards_csv.read, text, "udp/5060") == "unknown"
    (problem,) = reading(forwards_csv.read, text).problems
    assert problem.citation.line == 2
    assert "sip.provider.example" in problem.message


def test_a_line_that_cannot_be_read_may_forward_anything() -> None:
    for line in (
        "udp,sixty-nine,10.20.0.10,69",
        "udp,69,phones,69",
        "foo,69,10.20.0.10,69",
        "udp,69",
        "udp,,10.20.0.10,",
    ):
        text = HEADER + line + "\n"
        assert verdict(forwards_csv.read, text, "udp/69") == "unknown", line
        assert len(reading(forwards_csv.read, text).problems) == 1


def test_a_file_without_its_header_is_nothing() -> None:
    assert reading(forwards_csv.read, "udp,69,10.20.0.10,69\n").facts is None
    assert reading(forwards_csv.read, "").facts is None


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    forwards_csv.recognises(raw)
    reading(forwards_csv.read, raw)
    reading(forwards_csv.read, HEADER.encode() + raw)


@settings(max_examples=1000)
@given(
    st.lists(
        st.sampled_from(["udp", "any", "69", "1-2", "10.0.0.1", "", "-", '"', "x", "::1", " ", "99999"]), max_size=7
    )
)
def test_arbitrary_cells_never_raise(cells: list[str]) -> None:
    reading(forwards_csv.read, HEADER + ",".join(cells) + "\n")
