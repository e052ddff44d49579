from ringfence.model.site import Site
from ringfence.reach.answer import Flows, ReachResult


def test_an_answer_is_complete_unless_something_was_missing() -> None:
    result = ReachResult(source="x", version="1", site=Site(), answer=Flows(flows=()), problems=())
    assert result.complete
    missing = ReachResult(
        source="x", version="1", site=Site(), answer=Flows(flows=()), problems=(), missing=("the edge",)
    )
    assert not missing.complete
