from ipaddress import ip_address

from ringfence.events.schema import Outcome, Registration, RegistrationAction
from ringfence.incidents.attribution import Basis, place_calls
from ringfence.incidents.scene import set_scene
from ringfence.model.site import Address, Driver
from tests.incidents.scenes import SOMALIA, THIEF, TOWN, Day, here, phone_of, school


def placed(day: Day) -> list[tuple[str, Address | None, Basis]]:
    scene = set_scene(school(driver=day.driver), day.events(), ())
    return [(found.account, found.address, found.basis) for found in place_calls(scene)]


def test_a_call_comes_from_where_its_secret_was_proved() -> None:
    day = Day(driver=Driver.PJSIP).morning().proof("2001", THIEF).wait(1).call("2001", SOMALIA)
    assert placed(day) == [("2001", THIEF, Basis.AUTHENTICATION)]


def test_without_a_proof_it_comes_from_where_the_account_is_registered() -> None:
    day = Day().morning().register("2001", THIEF).wait(300).call("2001", SOMALIA)
    assert placed(day) == [("2001", THIEF, Basis.REGISTRATION)]


def test_a_proof_of_another_minute_is_no_proof_of_this_call() -> None:
    day = Day(driver=Driver.PJSIP).morning().proof("2001", THIEF).wait(30).call("2001", TOWN)
    assert placed(day) == [("2001", phone_of("2001"), Basis.REGISTRATION)]


def test_of_two_calls_in_one_moment_the_one_abroad_is_the_strangers() -> None:
    day = Day().morning().register("2001", THIEF).wait(300)
    day.proof("2001", THIEF).proof("2001", phone_of("2001"), Outcome.CHALLENGED).call("2001", SOMALIA).call(
        "2001", TOWN
    )
    assert [address for _, address, _ in placed(day)] == [THIEF, phone_of("2001")]


def test_the_outside_source_explains_a_call_better_than_a_keep_alive() -> None:
    day = Day(driver=Driver.PJSIP).morning().proof("2001", THIEF).proof("2001", phone_of("2001")).call("2001", SOMALIA)
    assert placed(day)[0][1] == THIEF


def test_a_challenge_counts_only_where_nobody_proved_anything() -> None:
    day = Day().morning().proof("2001", THIEF, Outcome.CHALLENGED).proof("2001", phone_of("2001")).call("2001", TOWN)
    assert placed(day)[0][1] == phone_of("2001")


def removed(day: Day, account: str, address: Address | None, why: str = "") -> None:
    day.registrations.append(
        Registration(
            at=day.now,
            account=account,
            driver=day.driver,
            action=RegistrationAction.REMOVED,
            address=address,
            why=why,
            citation=here(1),
        )
    )


def test_after_leaving_the_account_is_nowhere() -> None:
    day = Day(security_log=False).morning()
    removed(day, "2001", None)
    assert placed(day.wait().call("2001", TOWN)) == [("2001", None, Basis.NOTHING)]


def test_an_older_contact_that_goes_changes_nothing() -> None:
    day = Day(security_log=False, driver=Driver.PJSIP).morning().register("2001", THIEF)
    removed(day, "2001", phone_of("2001"), "remove existing")
    assert placed(day.wait().call("2001", SOMALIA)) == [("2001", THIEF, Basis.REGISTRATION)]


def test_calls_of_unknown_peers_are_left_to_others() -> None:
    day = Day().morning().call("", SOMALIA, peer="203.0.113.1")
    assert placed(day.call("9999", SOMALIA)) == []
    assert ip_address("203.0.113.1") != THIEF


def test_the_phones_call_a_few_seconds_earlier_does_not_claim_the_strangers() -> None:
    day = Day().morning().proof("2001", phone_of("2001")).call("2001", TOWN).wait(4)
    day.proof("2001", THIEF, Outcome.CHALLENGED).call("2001", SOMALIA)
    assert [address for _, address, _ in placed(day)] == [phone_of("2001"), THIEF]
