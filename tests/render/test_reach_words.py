import pytest

from ringfence.model.addresses import AddressSet
from ringfence.render.reach_words import amount, is_few, running, short
from ringfence.render.sheet import Sheet
from tests.render.reach_sample import RUNNING, school


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (6, "6"),
        (65_536, "65,536"),
        (16_777_216, "16.8 million"),
        (3_702_390_783, "3.7 thousand million"),
        (2**64, "about 10^19"),
    ],
)
def test_numbers_are_said_as_people_do(number: int, text: str) -> None:
    assert amount(number) == text


def test_few_networks_are_listed_and_many_are_counted() -> None:
    assert short(school(), AddressSet.of("8.8.8.8")) == "8.8.8.8"
    many = AddressSet.union(AddressSet.of(f"8.8.{number}.0/25") for number in range(41))
    assert not is_few(many)
    assert short(school(), many) == "5,248 addresses"


def test_nothing_runs_where_nothing_closes() -> None:
    sheet = Sheet(80)
    running(sheet, ())
    assert sheet.plain() == ""
    running(sheet, (RUNNING,))
    assert "does not stop who is already inside" in " ".join(sheet.plain().split())
