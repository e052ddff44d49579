from datetime import timedelta
from ipaddress import ip_address

from ringfence.events.schema import FileOutcome, Outcome
from ringfence.incidents.profiles import (
    Profile,
    failures_before,
    files_read,
    find_homes,
    hostile_signs,
    profile_sources,
)
from ringfence.incidents.scene import Scene, set_scene
from ringfence.model.site import Address
from tests.incidents.scenes import OFFICE, SECOND, START, THIEF, WORKER, Day, file_of, phone_of, school


def signs(day: Day, address: Address) -> tuple[str, ...]:
    scene, profiles = profiled(day)
    return hostile_signs(scene, profiles[address], find_homes(scene, profiles))


def profiled(day: Day) -> tuple[Scene, dict[Address, Profile]]:
    scene = set_scene(school(), day.events(), ())
    return scene, profile_sources(scene)


def test_no_phone_of_a_clean_day_shows_a_sign() -> None:
    scene, profiles = profiled(Day().morning())
    homes = find_homes(scene, profiles)
    assert {address: hostile_signs(scene, source, homes) for address, source in profiles.items()} == {
        phone_of(str(number)): () for number in range(2001, 2011)
    }


def test_each_phone_is_at_home_where_it_reads_its_file_and_registers() -> None:
    scene, profiles = profiled(Day().morning().register("2001", OFFICE).register("2002", THIEF))
    homes = find_homes(scene, profiles)
    assert homes["2001"] == {phone_of("2001")}
    assert homes["2002"] == {phone_of("2002")}


def test_reading_two_other_peoples_files_is_a_sign_and_one_own_file_is_not() -> None:
    day = Day().morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002"))
    assert signs(day, THIEF) == ("read two configuration files of other people's phones",)
    assert signs(Day().fetch(WORKER, file_of("2001")).register("2001", WORKER), WORKER) == ()


def test_one_file_and_many_misses_are_a_sign() -> None:
    day = Day().morning().fetch(THIEF, file_of("2001"))
    assert signs(day, THIEF) == ()
    for name in ("001565aa9999.cfg", "SEPDefault.cnf"):
        day.fetch(THIEF, name, FileOutcome.NOT_FOUND)
    assert "asked for 2 that do not exist" in signs(day, THIEF)[0]


def test_trying_many_names_is_a_sign_and_one_wrong_password_is_not() -> None:
    assert signs(Day().morning().wrong("2001", SECOND), SECOND) == ()
    day = Day().morning().wrong("2001", SECOND).wrong("2002", SECOND).proof("9999", SECOND, Outcome.UNKNOWN_ACCOUNT)
    assert signs(day, SECOND) == ("tried three account names",)


def test_using_phones_that_stand_elsewhere_is_a_sign() -> None:
    day = Day().morning().register("2001", THIEF)
    assert signs(day, THIEF) == ()
    assert signs(day.register("2002", THIEF), THIEF) == ("used two accounts whose phones stand elsewhere",)


def test_a_remote_office_with_phones_of_its_own_shows_no_sign() -> None:
    day = Day()
    for account in ("2001", "2002", "2003", "2004"):
        day.register(account, WORKER)
    assert signs(day, WORKER) == ()


def test_an_attempt_that_two_logs_report_counts_once() -> None:
    _, profiles = profiled(Day().morning().wrong("2001", THIEF, times=7))
    assert len(failures_before(profiles[THIEF], "2001", None)) == 7
    assert failures_before(profiles[THIEF], "2001", START) == ()
    assert len(failures_before(profiles[THIEF], "2001", START + timedelta(days=1))) == 7


def test_own_and_provider_addresses_have_no_profile() -> None:
    day = Day().register("2001", ip_address("127.0.0.1")).register("2002", ip_address("203.0.113.20"))
    assert profiled(day)[1] == {}


def test_files_that_do_not_exist_are_misses() -> None:
    scene, profiles = profiled(Day().fetch(THIEF, "001565aa9999.cfg").fetch(THIEF, file_of("2001").upper()))
    assert profiles[THIEF].misses == 1
    assert files_read(scene, profiles[THIEF]) == {file_of("2001")}


def test_a_burst_of_wrong_passwords_that_ends_in_the_right_one_is_a_sign() -> None:
    tool = Day().morning().wrong("2001", THIEF, times=6, pause_seconds=0.5).register("2001", THIEF)
    assert signs(tool, THIEF) == ("tried wrong passwords on 2001 faster than any phone, then used it",)
    stale = Day().morning().wrong("2001", WORKER, times=20, pause_seconds=30).register("2001", WORKER)
    assert signs(stale, WORKER) == ()
