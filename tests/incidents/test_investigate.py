"""Every way in, judged from events: right accounts, right causes, right sources, and nobody innocent accused."""

from ipaddress import ip_address, ip_network

import pytest

from ringfence.events.schema import FileOutcome, Outcome
from ringfence.incidents.investigate import Investigation, investigate
from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Basis, Exposure, Verdict
from ringfence.model.incident import Cause, Confidence
from ringfence.model.site import Driver, Listener, RemoteWorker, ServiceName, Site
from tests.incidents.scenes import (
    GATEWAY,
    LATVIA,
    OFFICE,
    SECOND,
    SOMALIA,
    THIEF,
    TOWN,
    WORKER,
    Day,
    file_of,
    phone_of,
    school,
)


def judged(day: Day, site: Site | None = None, exposures: tuple[Exposure, ...] = ()) -> Investigation:
    return investigate(site or school(driver=day.driver), day.events(), exposures)


def causes(found: Investigation) -> dict[str, Cause]:
    return {account: incident.cause for incident in found.incidents for account in incident.accounts}


def accused(found: Investigation) -> set[object]:
    return {address for incident in found.incidents for address in incident.addresses}


def test_a_clean_day_has_no_incident() -> None:
    found = judged(Day().morning().call("2001", "2002").wait().call("2003", TOWN))
    assert (found.incidents, found.leaked, found.unknowns) == ((), (), ())


@pytest.mark.parametrize("security_log", [True, False])
def test_files_read_from_outside_then_used(security_log: bool) -> None:  # noqa: FBT001 - a parameter of the case
    day = Day(security_log=security_log).morning()
    for account in ("2001", "2002", "2005"):
        day.fetch(THIEF, file_of(account)).wait(1)
    for account in ("2001", "2002"):
        day.wait().register(account, THIEF).wait(5).call(account, SOMALIA)
    found = judged(day)
    (incident,) = found.incidents
    assert incident.cause is Cause.PROVISIONING_LEAK
    assert incident.confidence is Confidence.PROVEN
    assert incident.accounts == ("2001", "2002")
    assert incident.addresses == (THIEF,)
    assert (incident.calls.count, incident.calls.seconds) == (2, 120)
    assert [leak.account for leak in found.leaked] == ["2005"], "read, not used yet: treat it as stolen"
    assert incident.rivals[0].cause is Cause.PROVISIONING_LEAK
    assert any(file_of("2001") in text for text in incident.rivals[0].supporting)


def test_files_read_by_one_address_and_used_from_another() -> None:
    day = Day().morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait()
    day.register("2001", SECOND).wait(5).call("2001", SOMALIA)
    (incident,) = judged(day).incidents
    assert incident.cause is Cause.PROVISIONING_LEAK
    assert incident.confidence is Confidence.PROBABLE, "that both are one thief is likely, not shown"
    assert incident.addresses == (SECOND, THIEF)


def test_files_read_in_the_office_then_used_there() -> None:
    day = Day().morning()
    for account in ("2001", "2002", "2003"):
        day.fetch(OFFICE, file_of(account)).wait(1)
    day.register("2001", OFFICE).wait(5).call("2001", SOMALIA)
    (incident,) = judged(day).incidents
    assert (incident.cause, incident.addresses) == (Cause.PROVISIONING_LEAK, (OFFICE,))


def test_one_file_read_in_the_office_then_used_there() -> None:
    day = Day().morning().fetch(OFFICE, file_of("2001")).wait().register("2001", OFFICE)
    (incident,) = judged(day).incidents
    assert (incident.cause, incident.addresses) == (Cause.PROVISIONING_LEAK, (OFFICE,))


def test_fast_guessing() -> None:
    day = Day().morning().wrong("2004", THIEF, times=60).register("2004", THIEF).wait(5).call("2004", SOMALIA)
    (incident,) = judged(day, school(weak=("2004",))).incidents
    assert (incident.cause, incident.confidence) == (Cause.GUESSED, Confidence.PROVEN)
    assert "60 wrong tries" in incident.claim, "an attempt that two logs report is one attempt"


def test_slow_guessing_over_several_addresses() -> None:
    day = Day().morning()
    helpers = [ip_address(f"203.0.113.{host}") for host in (101, 102, 103)]
    for address in helpers:
        day.wrong("2004", address, times=4, pause_seconds=600)
    day.register("2004", THIEF).wait(5).call("2004", SOMALIA)
    (incident,) = judged(day, school(weak=("2004",))).incidents
    assert (incident.cause, incident.confidence) == (Cause.GUESSED, Confidence.PROBABLE)
    assert set(incident.addresses) == {THIEF, *helpers}


def test_a_secret_equal_to_the_extension_is_guessed_without_a_failure() -> None:
    day = Day().morning().register("2004", THIEF).wait(5).call("2004", SOMALIA)
    (incident,) = judged(day, school(weak=("2004",))).incidents
    assert (incident.cause, incident.confidence) == (Cause.GUESSED, Confidence.PROBABLE)


def test_a_secret_known_before_first_contact() -> None:
    day = Day().morning().register("2004", THIEF).wait(5).call("2004", LATVIA).wait().call("2004", LATVIA)
    (incident,) = judged(day).incidents
    assert (incident.cause, incident.confidence) == (Cause.SECRET_KNOWN, Confidence.PROBABLE)


def test_a_secret_known_is_only_possible_where_the_file_server_kept_no_log() -> None:
    day = Day(tftp_log=False).morning().register("2004", THIEF).wait(5).call("2004", SOMALIA)
    found = judged(day)
    (incident,) = found.incidents
    assert (incident.cause, incident.confidence) == (Cause.SECRET_KNOWN, Confidence.POSSIBLE)
    leak = next(rival for rival in incident.rivals if rival.cause is Cause.PROVISIONING_LEAK)
    assert leak.missing
    assert not leak.opposing
    assert any("file server keeps no log" in unknown.why for unknown in found.unknowns)


def test_a_long_mixed_secret_was_not_guessed_by_sixty_tries() -> None:
    day = Day().morning().wrong("2004", THIEF, times=60).wait()
    day.fetch(THIEF, file_of("2004")).fetch(THIEF, file_of("2005")).wait(8).register("2004", THIEF)
    assert causes(judged(day)) == {"2004": Cause.PROVISIONING_LEAK}


@pytest.mark.parametrize(
    ("driver", "outcome"), [(Driver.CHAN_SIP, Outcome.CHALLENGED), (Driver.PJSIP, Outcome.SUCCEEDED)]
)
def test_calls_with_a_stolen_secret_and_no_registration(driver: Driver, outcome: Outcome) -> None:
    day = Day(driver=driver).morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait()
    day.proof("2001", SECOND, outcome).wait(1).call("2001", SOMALIA)
    (incident,) = judged(day).incidents
    assert incident.accounts == ("2001",)
    assert set(incident.addresses) == {THIEF, SECOND}
    assert incident.calls.count == 1


def test_calls_without_registration_nor_security_log_name_no_address() -> None:
    day = Day(security_log=False).morning().call("2001", SOMALIA).wait().call("2001", SOMALIA)
    (incident,) = judged(day).incidents
    assert incident.accounts == ("2001",)
    assert incident.addresses == ()
    assert incident.confidence is Confidence.POSSIBLE
    assert phone_of("2001") not in accused(judged(day)), "its own phone is not a stranger"


def test_a_challenge_alone_proves_nothing() -> None:
    day = Day().morning().proof("2001", THIEF, Outcome.CHALLENGED).wait(120).call("2001", TOWN)
    assert judged(day).incidents == ()


def test_the_phones_own_call_beats_a_strangers_challenge_in_the_same_second() -> None:
    day = Day().morning().proof("2001", THIEF, Outcome.CHALLENGED)
    day.proof("2001", phone_of("2001")).call("2001", SOMALIA)
    assert judged(day).incidents == ()


def test_guest_calls_through_a_trunk() -> None:
    day = Day().morning().call("", SOMALIA, peer="203.0.113.1", context="from-sip-external")
    (incident,) = judged(day).incidents
    assert (incident.cause, incident.accounts, incident.addresses) == (Cause.GUEST_CALLS, (), ())
    assert incident.address_note


def test_guests_who_only_heard_an_announcement_are_no_incident() -> None:
    day = Day().morning().call("", "s", peer="203.0.113.1", context="from-sip-external")
    assert judged(day).incidents == ()


def test_a_remote_worker_is_a_question_not_an_incident() -> None:
    day = Day().morning().register("2005", WORKER).wait(5).call("2005", TOWN)
    found = judged(day)
    assert found.incidents == ()
    (unknown,) = found.unknowns
    assert "2005" in unknown.subject
    assert str(WORKER) in unknown.why
    assert "ringfence.toml" in unknown.decide_by


def test_a_declared_remote_worker_is_not_even_a_question() -> None:
    remote = RemoteWorker(name="Ann", prefixes=(ip_network("198.51.100.40/32"),), accounts=("2005",))
    day = Day().morning().register("2005", WORKER).wait(5).call("2005", TOWN)
    assert judged(day, school(remotes=(remote,))).unknowns == ()


def test_a_remote_phone_that_fetches_its_own_file_is_a_question() -> None:
    day = Day().fetch(WORKER, file_of("2005")).wait(5).register("2005", WORKER).wait(5).call("2005", TOWN)
    found = judged(day)
    assert (found.incidents, found.leaked) == ((), ())


def test_a_phone_with_a_stale_password_is_nobody() -> None:
    day = Day().morning().wrong("2006", phone_of("2006"), times=30, pause_seconds=60).register("2006", phone_of("2006"))
    found = judged(day)
    assert (found.incidents, found.unknowns) == ((), ())


def test_a_scanner_that_never_succeeds_is_not_in_an_incident() -> None:
    day = Day().morning()
    for name in ("100", "101", "102", "2001", "2002"):
        day.proof(name, SECOND, Outcome.UNKNOWN_ACCOUNT).wrong(name, SECOND)
    day.fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait().register("2001", THIEF)
    found = judged(day)
    assert accused(found) == {THIEF}


def test_an_edge_that_hides_the_source_names_no_address() -> None:
    day = Day().morning()
    for account in ("2001", "2002"):
        day.fetch(GATEWAY, file_of(account)).wait(1).register(account, GATEWAY).wait(5).call(account, SOMALIA)
    (incident,) = judged(day, exposures=(masqueraded(),)).incidents
    assert incident.cause is Cause.PROVISIONING_LEAK
    assert incident.confidence is Confidence.PROBABLE
    assert incident.addresses == ()
    assert str(GATEWAY) in incident.address_note


def masqueraded() -> Exposure:
    place = Citation(file="commands/ss.txt", line=2)
    return Exposure(
        id="internet/tftp/udp/69",
        vantage="internet",
        listener=Listener(service=ServiceName.TFTP, transport="udp", address=None, port=69, citation=place),
        outside=None,
        verdict=Verdict.REACHABLE,
        basis=Basis.PREDICTED,
        sources=AddressSet.everything(),
        claim="",
        proof=(),
        seen_as=AddressSet.of(GATEWAY),
    )


def test_two_break_ins_at_once_are_told_apart() -> None:
    day = Day().morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002")).wait()
    day.register("2001", THIEF).wait(5).call("2001", SOMALIA)
    day.wrong("2004", SECOND, times=20).register("2004", SECOND).wait(5).call("2004", SOMALIA)
    day.wait().register("2007", WORKER).wait(5).call("2007", TOWN)
    day.wrong("2008", phone_of("2008"), times=9, pause_seconds=60)
    found = judged(day, school(weak=("2004",)))
    assert causes(found) == {"2001": Cause.PROVISIONING_LEAK, "2004": Cause.GUESSED}
    assert accused(found) == {THIEF, SECOND}
    assert [unknown.subject for unknown in found.unknowns] == ["account 2007"]


def test_files_that_were_refused_are_not_read() -> None:
    day = Day().morning()
    for account in ("2001", "2002", "2003"):
        day.fetch(THIEF, file_of(account), FileOutcome.NOT_FOUND)
    assert judged(day).leaked == ()


def test_secrets_read_without_any_use_are_leaked() -> None:
    day = Day().morning().fetch(THIEF, file_of("2001")).fetch(THIEF, file_of("2002"), FileOutcome.SERVED)
    found = judged(day)
    assert found.incidents == ()
    assert [(leak.account, leak.certain) for leak in found.leaked] == [("2001", False), ("2002", True)]


def test_ids_are_stable_from_run_to_run() -> None:
    day = Day().morning().register("2004", THIEF).wait(5).call("2004", SOMALIA)
    assert judged(day).incidents[0].id == judged(day).incidents[0].id == "secret-known/2004"
