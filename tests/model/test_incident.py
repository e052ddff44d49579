from ringfence.model.incident import CallLoss, Cause


def test_the_causes_are_those_that_the_report_format_promises() -> None:
    assert {cause.value for cause in Cause} == {
        "provisioning-leak",
        "guessed",
        "secret-known",
        "guest-calls",
        "phone-takeover",
        "admin-break-in",
        "voicemail-or-disa",
    }


def test_an_incident_without_calls_has_lost_nothing() -> None:
    assert (CallLoss().count, CallLoss().seconds, CallLoss().cost) == (0, 0, None)
