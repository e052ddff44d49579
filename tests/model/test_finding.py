from ringfence.model.finding import Severity


def test_severities_rank_worst_first() -> None:
    ranked = sorted(Severity, key=lambda severity: severity.rank)
    assert [severity.value for severity in ranked] == ["critical", "high", "medium", "low", "info"]
