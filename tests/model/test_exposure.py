from ringfence.model.exposure import Basis, Verdict


def test_unknown_is_a_verdict_of_its_own() -> None:
    assert {verdict.value for verdict in Verdict} == {"reachable", "blocked", "unknown"}


def test_a_verdict_says_how_it_was_come_by() -> None:
    assert {basis.value for basis in Basis} == {"predicted", "observed", "used"}
