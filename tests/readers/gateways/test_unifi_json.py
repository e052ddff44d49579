import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.gateways.unifi_json import BadJsonError, Value, parse


def plain(value: Value) -> object:
    if value.members is not None:
        return {name: plain(below) for name, below in value.members.items()}
    if value.items is not None:
        return [plain(item) for item in value.items]
    return value.scalar


def test_every_value_knows_its_line() -> None:
    (value,) = parse('{\n "a": [\n  1,\n  {"b": "c"}\n ]\n}')
    found = value.get("a")
    assert value.line == 1
    assert found is not None
    assert found.items is not None
    assert [item.line for item in found.items] == [3, 4]


def test_members_are_read_by_kind() -> None:
    (value,) = parse('{"n": 5, "s": " x ", "t": true, "f": "false", "z": null, "l": ["a", 1, null], "o": {}}')
    assert value.text("n") == "5"
    assert value.text("s") == "x"
    assert value.text("t") == value.text("z") == value.text("l") == value.text("gone") == ""
    assert value.flag("t") is True
    assert value.flag("f") is False
    assert value.flag("n") is None
    assert value.flag("gone") is None
    assert value.texts("l") == ("a", "1")
    assert value.texts("n") == ("5",)
    assert value.texts("gone") == ()
    assert parse("5")[0].get("n") is None


def test_several_values_may_follow_each_other() -> None:
    assert [plain(value) for value in parse('{"a": 1}\n[2]\n\n"x"')] == [{"a": 1}, [2], "x"]
    assert parse(" \n") == ()


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[",
        "[1",
        '{"a"',
        '{"a":',
        '{"a":1',
        '{"a" 1}',
        "{1: 2}",
        "[1 2]",
        "nope",
        "[00.20]",
        '"\\x"',
        '"a\nb"',
        "[1,]",
    ],
)
def test_what_is_not_json_is_refused_with_its_line(text: str) -> None:
    with pytest.raises(BadJsonError) as caught:
        parse("\n" + text)
    assert caught.value.line >= 2


def test_depth_is_bounded() -> None:
    with pytest.raises(BadJsonError):
        parse("[" * 100_000)


def test_control_characters_do_not_get_through() -> None:
    assert plain(parse('"\\u001b[31m\\ud800"')[0]) == "�[31m�"


@settings(max_examples=1000, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(st.characters(categories=["L", "N", "P"])),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", max_size=3), inner, max_size=4),
        max_leaves=20,
    ),
    st.sampled_from([None, 1]),
)
def test_it_reads_what_the_standard_library_writes(value: object, indent: int | None) -> None:
    assert [plain(one) for one in parse(json.dumps(value, indent=indent))] == [value]


@settings(max_examples=1000, deadline=None)
@given(st.text(alphabet='{}[]",:0123.eE-ntrufals \\"\n', max_size=40))
def test_it_refuses_what_the_standard_library_refuses(text: str) -> None:
    try:
        json.loads(text)
    except ValueError:
        is_json = False
    else:
        is_json = True
    try:
        count = len(parse(text))
    except BadJsonError:
        count = 0
    if is_json:
        assert count == 1
