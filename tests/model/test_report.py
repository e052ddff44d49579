from ringfence.model.report import Coverage


def test_coverage_starts_with_nothing_read_rather_than_all_is_well() -> None:
    assert (Coverage().files_read, Coverage().lines_read, Coverage().problems) == (0, 0, ())
