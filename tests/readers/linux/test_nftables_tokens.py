from ringfence.readers.linux.nftables_text import tokens
from ringfence.readers.linux.nftables_tokens import Cursor


def cursor(text: str) -> Cursor:
    return Cursor(tokens=list(tokens(text)))


def test_a_rule_ends_at_a_newline_outside_of_braces() -> None:
    place = cursor("udp dport { 69,\n 70 } accept\ndrop")
    assert [token.text for token in place.take_rule()] == ["udp", "dport", "{", "69", ",", "70", "}", "accept"]


def test_a_block_is_stepped_over_with_all_that_is_in_it() -> None:
    place = cursor("counter x { a { b } c } after")
    place.skip_block()
    assert place.take().text == "after"


def test_the_end_is_an_empty_word_however_often_it_is_asked_for() -> None:
    place = cursor("")
    assert place.take().text == place.peek() == ""
    assert place.ended


def test_quoted_words_are_not_seen_by_peek() -> None:
    assert cursor('"drop"').peek() == ""
