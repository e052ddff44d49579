import pytest

from ringfence.incidents.guests import find_guest_calls
from ringfence.incidents.scene import set_scene
from tests.incidents.scenes import SOMALIA, Day, school


@pytest.mark.parametrize(
    ("peer", "context", "dialled", "guests"),
    [
        ("203.0.113.1", "from-sip-external", SOMALIA, 1),
        ("anonymous", "from-internal", SOMALIA, 1),
        ("evil.example", "from-trunk", SOMALIA, 1),
        ("203.0.113.1", "from-sip-external", "s", 0),
        ("2001", "from-internal", SOMALIA, 0),
        ("provider", "from-trunk", SOMALIA, 0),
        ("somepeer", "from-internal", SOMALIA, 0),
    ],
)
def test_guests_are_told_from_accounts_and_trunks(peer: str, context: str, dialled: str, guests: int) -> None:
    day = Day().call("", dialled, peer=peer, context=context)
    found = find_guest_calls(set_scene(school(), day.events(), ()), None)
    assert sum(incident.calls.count for incident in found) == guests
