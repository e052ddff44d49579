from ringfence.incidents.losses import measure_loss
from ringfence.incidents.scene import set_scene
from ringfence.readers.tariff import parse_tariff
from tests.incidents.scenes import LATVIA, SOMALIA, Day, school

TARIFF = parse_tariff(b"prefix,name,price_per_minute,currency\n252,Somalia,0.50,USD\n", "tariff.csv").facts
DAY = Day().call("2001", SOMALIA, seconds=61).call("2001", SOMALIA, seconds=59).call("2001", LATVIA, seconds=600)
SCENE = set_scene(school(), DAY.events(), ())


def test_calls_add_up_by_destination_longest_first() -> None:
    loss = measure_loss(SCENE, DAY.calls, None)
    assert (loss.count, loss.seconds, loss.cost) == (3, 720, None)
    assert [(item.name, item.calls, item.seconds, item.premium) for item in loss.destinations] == [
        ("Latvia", 1, 600, False),
        ("Somalia", 2, 120, True),
    ]


def test_a_tariff_prices_started_minutes_and_leaves_open_what_it_does_not_know() -> None:
    loss = measure_loss(SCENE, DAY.calls, TARIFF)
    assert (loss.cost, loss.currency) == (1.5, "USD")
    assert [item.cost for item in loss.destinations] == [None, 1.5]


def test_no_calls_cost_nothing_known() -> None:
    assert measure_loss(SCENE, [], TARIFF).cost is None
