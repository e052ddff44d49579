from dataclasses import replace

import pytest

from ringfence.incidents.investigate import investigate
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.site import Listener, ServiceName
from tests.incidents.scenes import OFFICE, SOMALIA, THIEF, Day, file_of, here, school
from tests.incidents.test_investigate import masqueraded


def predicted(service: ServiceName, port: int, verdict: Verdict = Verdict.REACHABLE) -> Exposure:
    listener = Listener(service=service, transport="udp", address=None, port=port, citation=here(1))
    return replace(masqueraded(), id=f"internet/{service}", listener=listener, seen_as=None, verdict=verdict)


DOORS = (predicted(ServiceName.TFTP, 69), predicted(ServiceName.CHAN_SIP, 5160), predicted(ServiceName.PJSIP, 5060))


def used(day: Day, doors: tuple[Exposure, ...] = DOORS) -> dict[ServiceName, Exposure]:
    return {door.listener.service: door for door in investigate(school(), day.events(), doors).used_doors}


def test_strangers_mark_the_doors_that_they_came_through_and_no_other() -> None:
    day = Day().morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait().register("2001", THIEF)
    found = used(day)
    assert set(found) == {ServiceName.TFTP, ServiceName.CHAN_SIP}
    assert all(door.basis is Basis.USED and door.id.startswith("used/") for door in found.values())
    assert str(found[ServiceName.TFTP].sources) == str(THIEF)
    assert all(hop.citation is not None for hop in found[ServiceName.TFTP].proof)


@pytest.mark.parametrize("verdict", [Verdict.BLOCKED, Verdict.UNKNOWN])
def test_a_door_that_was_used_was_open_whatever_was_predicted(verdict: Verdict) -> None:
    day = Day().morning().register("2001", THIEF).wait(5).call("2001", SOMALIA)
    door = used(day, (predicted(ServiceName.CHAN_SIP, 5160, verdict),))[ServiceName.CHAN_SIP]
    assert door.verdict is Verdict.REACHABLE


def test_an_insider_does_not_use_the_door_to_the_internet() -> None:
    day = Day().morning().fetch(OFFICE, file_of("2001")).wait().register("2001", OFFICE)
    assert used(day) == {}
