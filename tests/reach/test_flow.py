import pytest

from ringfence.model.packetfilter import Mark
from ringfence.reach.flow import EPHEMERAL_PORT, Marks, mark_after, mark_matches, rules_on_source_ports, source_ports
from tests.reach.school import save

UDP_69 = frozenset({69})


def classes(text: str, protocol: str = "udp") -> tuple[int | None, ...]:
    return source_ports(rules_on_source_ports((save(text), None)), protocol, UDP_69)


def test_one_source_port_is_enough_where_no_rule_looks_at_it() -> None:
    assert classes("-A INPUT -p udp -m udp --dport 69 -j ACCEPT") == (EPHEMERAL_PORT,)


def test_every_class_that_rules_tell_apart_is_tried() -> None:
    assert classes("-A INPUT -p udp -m udp --sport 53 -j ACCEPT") == (EPHEMERAL_PORT, 0, 53)
    assert classes("-A INPUT -p udp -m udp --sport 1024:65535 -j DROP") == (EPHEMERAL_PORT, 0)


def test_rules_about_other_ports_or_protocols_make_no_classes() -> None:
    assert classes("-A INPUT -p udp -m udp --sport 67:68 --dport 67:68 -j ACCEPT") == (EPHEMERAL_PORT,)
    assert classes("-A INPUT -p tcp -m tcp --sport 53 -j ACCEPT") == (EPHEMERAL_PORT,)


def test_too_many_classes_leave_the_port_open() -> None:
    rules = "\n".join(f"-A INPUT -p udp -m udp --sport {port} -j DROP" for port in range(100, 200, 2))
    assert classes(rules) == (None,)


@pytest.mark.parametrize(
    ("value", "mark", "mask", "after"),
    [(3, 0xFF, 0xFFFFFFFF, 3), (4, 0x3, 0x4, 7), (1, 1, 0, 0), (0, 0xFF, 0xF0, 0xF), (3, None, 0xFFFFFFFF, 3),
     (4, None, 0x4, None), (None, 1, 0xFFFFFFFF, None)],
)  # fmt: skip
def test_marks_are_set_as_the_kernel_does(value: int | None, mark: int | None, mask: int, after: int | None) -> None:
    assert mark_after(value, mark, mask) == after


def test_a_mark_matches_under_its_mask_and_an_unknown_mark_may() -> None:
    assert mark_matches(Mark(value=2, mask=2), Marks(packet=3)) is True
    assert mark_matches(Mark(value=2, mask=2, negated=True), Marks(packet=3)) is False
    assert mark_matches(Mark(value=2, connection=True), Marks(packet=2, connection=0)) is False
    assert mark_matches(Mark(value=2), Marks(packet=None)) is None
