import pytest

from ringfence.incidents.attribution import place_calls
from ringfence.incidents.causes import Explanation, explain, is_unguessable, is_weak
from ringfence.incidents.profiles import find_homes, profile_sources
from ringfence.incidents.scene import set_scene
from ringfence.incidents.takeovers import find_takeovers
from ringfence.model.incident import Cause, Rival
from ringfence.model.secret import Secret
from ringfence.model.site import Account, Driver
from tests.incidents.scenes import SOMALIA, THIEF, Day, file_of, here, school


def explained(day: Day, *weak: str) -> Explanation:
    scene = set_scene(school(weak=weak), day.events(), ())
    profiles = profile_sources(scene)
    (takeover,), _ = find_takeovers(scene, profiles, find_homes(scene, profiles), place_calls(scene))
    return explain(scene, (), profiles, takeover)


def rival(explanation: Explanation, cause: Cause) -> Rival:
    return next(found for found in explanation.rivals if found.cause is cause)


def account(secret: str) -> Account:
    return Account(name="2001", driver=Driver.PJSIP, secret=Secret(secret), caller_name="Front Desk", citation=here(1))


@pytest.mark.parametrize("secret", ["2001", "front desk", "1234", "password", "pass2001"])
def test_secrets_that_tools_try_first_are_weak(secret: str) -> None:
    assert is_weak(account(secret))
    assert not is_unguessable(account(secret))


def test_a_long_mixed_secret_is_unguessable_and_an_unknown_one_is_neither() -> None:
    assert is_unguessable(account("FAKE0d33abadb96b8b85"))
    assert not is_weak(account("FAKE0d33abadb96b8b85"))
    assert not is_weak(None)
    assert not is_unguessable(None)


def test_the_chosen_cause_stands_first_and_every_rival_is_weighed() -> None:
    day = Day().morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait(8)
    explanation = explained(day.register("2001", THIEF).wait(5).call("2001", SOMALIA))
    assert explanation.rivals[0].cause is explanation.cause is Cause.PROVISIONING_LEAK
    assert {found.cause for found in explanation.rivals} == {
        Cause.PROVISIONING_LEAK,
        Cause.GUESSED,
        Cause.SECRET_KNOWN,
        Cause.PHONE_TAKEOVER,
        Cause.ADMIN_BREAK_IN,
    }
    assert "8 seconds before the account was first used" in rival(explanation, Cause.PROVISIONING_LEAK).supporting[0]
    assert rival(explanation, Cause.PROVISIONING_LEAK).missing, "a request is not proof of what was sent"
    assert rival(explanation, Cause.GUESSED).opposing


def test_a_read_after_the_first_use_explains_nothing() -> None:
    day = Day().morning().register("2001", THIEF).wait(5).call("2001", SOMALIA).wait()
    day.fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002"))
    assert explained(day).cause is Cause.SECRET_KNOWN


def test_failures_after_the_first_use_explain_nothing() -> None:
    day = Day().morning().register("2001", THIEF).wait(5).call("2001", SOMALIA).wait().wrong("2001", THIEF, times=50)
    assert explained(day).cause is Cause.SECRET_KNOWN


def test_two_wrong_passwords_are_a_mistake_not_a_guess() -> None:
    day = Day().morning().wrong("2001", THIEF, times=2).register("2001", THIEF).wait(5).call("2001", SOMALIA)
    assert explained(day).cause is Cause.SECRET_KNOWN


def test_of_a_weak_secret_read_and_guessed_the_later_way_counts() -> None:
    read_first = Day().morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait()
    read_first.wrong("2001", THIEF, times=9).register("2001", THIEF).wait(5).call("2001", SOMALIA)
    assert explained(read_first, "2001").cause is Cause.GUESSED
    guessed_first = Day().morning().wrong("2001", THIEF, times=9).wait()
    guessed_first.fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait()
    guessed_first.register("2001", THIEF).wait(5).call("2001", SOMALIA)
    assert explained(guessed_first, "2001").cause is Cause.PROVISIONING_LEAK


def test_tries_that_end_in_the_right_password_are_a_guess_however_good_it_was() -> None:
    day = Day().morning().wrong("2001", THIEF, times=6).register("2001", THIEF).wait(5).call("2001", SOMALIA)
    assert explained(day).cause is Cause.GUESSED
    later = (
        Day().morning().wrong("2001", THIEF, times=6).wait(3600).register("2001", THIEF).wait(5).call("2001", SOMALIA)
    )
    assert explained(later).cause is Cause.SECRET_KNOWN, "an hour of silence, then right at once: not by those tries"
