import pytest

from ringfence.model.packetfilter import RateLimited, TcpFlags
from ringfence.readers.gateways.pf_options import has_ports, limits, number, protocols, tcp_flags
from ringfence.readers.gateways.pf_xml import Node


def rule(**fields: str) -> Node:
    children = [Node(tag=tag.replace("_", "-"), line=1, text=text) for tag, text in fields.items()]
    return Node(tag="rule", line=1, children=children)


@pytest.mark.parametrize(
    ("text", "names", "ports"),
    [
        ("", None, False),
        ("any", None, False),
        ("TCP/UDP", {"tcp", "udp"}, True),
        ("UDP", {"udp"}, True),
        ("esp", {"esp"}, False),
    ],
)
def test_protocols_and_whether_ports_count(text: str, names: set[str] | None, ports: bool) -> None:  # noqa: FBT001
    assert protocols(text) == names
    assert has_ports(text) is ports


def test_flags_other_than_the_usual_ones_are_asked_for() -> None:
    assert tcp_flags(rule(tcpflags1="syn", tcpflags2="syn,ack")) == [
        TcpFlags(mask=frozenset({"syn", "ack"}), flags=frozenset({"syn"}))
    ]
    assert tcp_flags(rule()) == []
    anyhow = Node(tag="rule", line=1, children=[Node(tag="tcpflags_any", line=1), *rule(tcpflags2="ack").children])
    assert tcp_flags(anyhow) == []


def test_limits_count_for_rules_that_pass() -> None:
    assert limits(rule(max_src_conn="3", max="0")) == [RateLimited(text="max-src-conn 3")]
    assert limits(rule(type="block", max_src_conn="3")) == []
    assert limits(rule()) == []


def test_small_numbers() -> None:
    assert [number(text, 7) for text in ("12", "", "x", "9" * 5000, "\u0661", "-1")] == [12, 7, 7, 7, 7, 7]
