import pytest

from ringfence.checks.acl import admits_strangers, looks_closed, written
from tests.checks.sites import acl


@pytest.mark.parametrize(
    ("lines", "open_"),
    [
        ((), True),
        (("deny=0.0.0.0/0", "permit=0.0.0.0/0"), True),
        (("deny=0.0.0.0/0", "permit=0.0.0.0/0", "permit=10.40.0.0/16"), True),
        (("deny=0.0.0.0/0", "permit=0.0.0.0/1"), True),
        (("permit=10.40.0.0/16",), True),
        (("deny=0.0.0.0/0", "permit=10.40.0.0/16"), False),
        (("permit=0.0.0.0/0", "deny=0.0.0.0/0", "permit=203.0.113.0/24"), False),
        (("deny=0.0.0.0/0", "permit=10.0.0.0/8"), False),
        (("deny=0.0.0.0/0",), False),
    ],
)
def test_the_last_line_that_matches_decides(lines: tuple[str, ...], *, open_: bool) -> None:
    assert admits_strangers(acl(*lines)) is open_


def test_a_line_that_denies_everybody_makes_a_list_look_closed() -> None:
    assert looks_closed(acl("permit=0.0.0.0/0", "deny=0.0.0.0/0"))
    assert not looks_closed(acl("deny=10.50.0.0/16", "permit=0.0.0.0/0"))


def test_entries_are_written_as_the_configuration_writes_them() -> None:
    assert [written(entry) for entry in acl("deny=0.0.0.0/0", "permit=10.40.0.0/16", "permit=2001:db8::/32")] == [
        "deny=0.0.0.0/0.0.0.0",
        "permit=10.40.0.0/255.255.0.0",
        "permit=2001:db8::/32",
    ]
