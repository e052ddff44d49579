from ringfence.incidents.investigate import investigate
from tests.incidents.scenes import SOMALIA, THIEF, TOWN, WORKER, Day, school


def test_a_question_says_what_to_declare_and_cites_its_first_line() -> None:
    day = Day().morning().register("2005", WORKER).wait(5).call("2005", TOWN)
    (unknown,) = investigate(school(), day.events(), ()).unknowns
    assert 'accounts = ["2005"]' in unknown.decide_by
    assert unknown.citation is not None


def test_missing_logs_are_questions_of_their_own() -> None:
    found = investigate(school(), Day(security_log=False, tftp_log=False).morning().events(), ())
    assert [unknown.subject for unknown in found.unknowns] == [
        "calls without registration",
        "reads of the phones' files",
    ]


def test_an_account_that_strangers_used_too_is_said() -> None:
    day = Day().morning().register("2005", WORKER).wait(5).call("2005", TOWN)
    day.register("2005", THIEF).wait(5).call("2005", SOMALIA)
    unknowns = investigate(school(), day.events(), ()).unknowns
    assert "also used by strangers" in unknowns[0].why
