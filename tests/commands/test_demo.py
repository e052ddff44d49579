from ringfence.commands.demo import demo_report
from ringfence.model.incident import Cause, Confidence


def test_the_bundled_school_tells_its_story() -> None:
    report = demo_report()
    (incident,) = report.incidents
    assert (incident.cause, incident.confidence) == (Cause.PROVISIONING_LEAK, Confidence.PROVEN)
    assert len(incident.accounts) == 6
    assert [str(address) for address in incident.addresses] == ["203.0.113.66"]
    assert len(report.leaked) == 3
    assert incident.calls.cost is not None
    assert report.next_hour
    assert report.complete
    assert report.coverage.problems == ()
