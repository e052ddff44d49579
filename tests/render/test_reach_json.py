import json

import pytest

from ringfence.model.addresses import AddressSet
from ringfence.render import reach_json
from ringfence.render.reach_json import to_json
from tests.render.reach_sample import hostile, result
from tests.render.sample import forbidden

QUESTIONS = ("overview", "flows", "sources", "needed", "difference", "dead")
HEAD = ["schema", "version", "source", "complete", "missing", "question", "problems", "answer"]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_object_is_the_documented_one_in_one_order(question: str) -> None:
    found = json.loads(to_json(result(question)))
    assert list(found)[: len(HEAD)] == HEAD
    assert found["schema"] == "ringfence.reach/1"
    assert found["question"] == question
    assert found["answer"]
    keys = {key for entry in found["answer"] for key in entry} | set(found)
    undocumented = [key for key in keys if key not in (reach_json.__doc__ or "")]
    assert undocumented == []
    assert to_json(result(question)) == to_json(result(question))


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_text_is_inert(question: str) -> None:
    assert not forbidden(to_json(result(question, hostile())))


def test_the_sets_are_exact() -> None:
    groups = json.loads(to_json(result("sources")))["answer"]
    tftp = next(group for group in groups if group["service"] == "tftp" and group["vantage"] == "internet")
    sources = AddressSet.of(*tftp["surely"])
    assert "192.0.2.66" in sources
    assert "10.20.8.7" not in sources
    assert AddressSet.union(AddressSet.of(*part["networks"]) for part in tftp["named"]) == sources
    assert tftp["seen_as"] == ["10.20.0.1/32"]


def test_the_needed_answer_carries_the_rules_to_write() -> None:
    found = json.loads(to_json(result("needed")))
    (narrowing,) = found["narrowings"]
    assert narrowing["dialect"] == "nftables"
    assert narrowing["line"] == 4
    assert any("ip saddr 198.51.100.20" in line for line in narrowing["lines"])
    assert found["running"][0]["command"].startswith("conntrack")


def test_an_answer_that_was_not_completed_says_so() -> None:
    found = json.loads(to_json(result("dead", missing=("the edge",))))
    assert (found["complete"], found["missing"]) == (False, ["the edge"])
