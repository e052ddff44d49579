from ringfence.incidents.investigate import investigate
from tests.incidents.scenes import SOMALIA, THIEF, Day, file_of, phone_of, school


def test_the_story_runs_from_the_file_to_the_call_with_the_phone_in_the_background() -> None:
    day = (
        Day()
        .morning()
        .wrong("2001", THIEF, times=5, pause_seconds=0.5)
        .fetch(THIEF, file_of("2001"))
        .fetch(THIEF, file_of("2002"))
    )
    day.wait().register("2001", THIEF).wait(5).call("2001", SOMALIA).wait().register("2001", phone_of("2001"))
    (incident,) = investigate(school(), day.events(), ()).incidents
    told = [moment.what for moment in incident.moments]
    assert told == [
        "the phone of 2001 registered at 10.20.8.11",
        "203.0.113.66 tried five wrong passwords on 2001 in 2 seconds",
        "203.0.113.66 fetched 001565aa2001.cfg over TFTP",
        "2001 was registered from 203.0.113.66",
        f"2001 called {SOMALIA} (Somalia), 60 seconds, from 203.0.113.66 (registered there)",
        "the phone of 2001 registered at 10.20.8.11",
    ]
    assert all(moment.citation is not None for moment in incident.moments)
    times = [moment.at for moment in incident.moments if moment.at is not None]
    assert times == sorted(times)
