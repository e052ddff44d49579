from ringfence.incidents.attribution import place_calls
from ringfence.incidents.profiles import find_homes, profile_sources
from ringfence.incidents.scene import set_scene
from ringfence.incidents.takeovers import Question, Takeover, find_takeovers, fraud_signs, leaves
from tests.incidents.scenes import LATVIA, SOMALIA, THIEF, TOWN, WORKER, Day, phone_of, school


def found(day: Day) -> tuple[tuple[Takeover, ...], tuple[Question, ...]]:
    scene = set_scene(school(driver=day.driver), day.events(), ())
    profiles = profile_sources(scene)
    return find_takeovers(scene, profiles, find_homes(scene, profiles), place_calls(scene))


def test_two_calls_abroad_from_outside_make_a_takeover_and_one_makes_a_question() -> None:
    day = Day().morning().register("2005", WORKER).wait(5).call("2005", LATVIA)
    takeovers, questions = found(day)
    assert (takeovers, [question.account for question in questions]) == ((), ["2005"])
    takeovers, questions = found(day.wait().call("2005", LATVIA))
    assert ([takeover.account for takeover in takeovers], questions) == (["2005"], ())
    assert takeovers[0].registered


def test_one_call_to_where_fraud_goes_is_enough() -> None:
    takeovers, _ = found(Day().morning().register("2005", WORKER).wait(5).call("2005", SOMALIA))
    assert takeovers[0].signs == ((WORKER, ("called Somalia, where toll fraud goes",)),)


def test_calls_abroad_that_the_phone_itself_proved_are_nobodys() -> None:
    day = Day().morning()
    for _ in range(5):
        day.wait().proof("2001", phone_of("2001")).call("2001", SOMALIA)
    assert found(day) == ((), ())


def test_a_burst_abroad_without_any_proof_of_its_source_is_a_takeover_without_address() -> None:
    day = Day(security_log=False).morning()
    for _ in range(4):
        day.wait().call("2001", LATVIA)
    (takeover,), questions = found(day)
    assert (takeover.account, takeover.addresses, takeover.registered, questions) == ("2001", (), False, ())


def test_calls_abroad_spread_over_the_week_are_no_burst() -> None:
    day = Day(security_log=False).morning()
    for _ in range(4):
        day.wait(86_400).call("2001", LATVIA)
    assert found(day) == ((), ())


def test_loose_calls_abroad_of_an_account_in_strangers_hands_are_theirs_too() -> None:
    day = Day(security_log=False).morning().register("2001", THIEF).wait(5).call("2001", SOMALIA)
    day.wait().register("2001", phone_of("2001")).wait(5).call("2001", SOMALIA)
    (takeover,), _ = found(day)
    assert [placed.address for placed in takeover.calls] == [THIEF, phone_of("2001")]
    assert takeover.addresses == (THIEF,), "the phone itself is not accused"


def test_only_calls_that_leave_cost_anything() -> None:
    scene = set_scene(school(), Day().morning().call("2001", "2002").call("2001", TOWN).events(), ())
    inside, outside = place_calls(scene)
    assert not leaves(scene, inside)
    assert leaves(scene, outside)
    assert fraud_signs(scene, [inside, outside], {}) == ()


def test_somebody_who_works_abroad_is_a_question_until_the_calls_come_in_a_burst() -> None:
    day = Day().register("2005", WORKER)
    for _ in range(3):
        day.wait(1800).call("2005", LATVIA)
    takeovers, questions = found(day)
    assert (takeovers, [question.account for question in questions]) == ((), ["2005"])
    for _ in range(4):
        day.wait(60).call("2005", LATVIA)
    assert [takeover.account for takeover in found(day)[0]] == ["2005"]
