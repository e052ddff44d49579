"""What strangers' calls cost: how many, how long, where to, and how much by the tariff that the user gives."""

from collections import defaultdict
from collections.abc import Iterable

from ringfence.events.schema import Call
from ringfence.incidents.destinations import Number, classify
from ringfence.incidents.scene import Scene
from ringfence.incidents.takeovers import NOTORIOUS
from ringfence.model.incident import CallLoss, Destination
from ringfence.readers.tariff import Tariff


def measure_loss(scene: Scene, calls: Iterable[Call], tariff: Tariff | None) -> CallLoss:
    """Add up the calls by destination, the longest first.

    A price counts started minutes of billed time; a destination that the tariff does not name has no cost, and then the
    total is what is known at least.
    """
    grouped: dict[str, list[tuple[Call, Number]]] = defaultdict(list)
    for call in calls:
        number = classify(call.dialled, extensions=scene.account_names)
        grouped[number.name or "unknown number"].append((call, number))
    destinations = sorted(
        (_destination(name, members, tariff) for name, members in grouped.items()),
        key=lambda destination: (-destination.seconds, -destination.calls, destination.name),
    )
    costs = [destination.cost for destination in destinations if destination.cost is not None]
    return CallLoss(
        count=sum(destination.calls for destination in destinations),
        seconds=sum(destination.seconds for destination in destinations),
        destinations=tuple(destinations),
        cost=round(sum(costs), 2) if costs else None,
        currency=tariff.currency if tariff is not None and costs else "",
    )


def _destination(name: str, members: list[tuple[Call, Number]], tariff: Tariff | None) -> Destination:
    prices = [_price(call, number, tariff) for call, number in members]
    known = [price for price in prices if price is not None]
    return Destination(
        name=name,
        calls=len(members),
        seconds=sum(call.billed_seconds for call, _ in members),
        cost=round(sum(known), 2) if known else None,
        premium=any(number.kind in NOTORIOUS for _, number in members),
    )


def _price(call: Call, number: Number, tariff: Tariff | None) -> float | None:
    if tariff is None or number.e164 is None:
        return None
    entry = tariff.price(number.e164)
    if entry is None:
        return None
    _, per_minute = entry
    return per_minute * -(-call.billed_seconds // 60)
