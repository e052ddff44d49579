from ringfence.readers.linux.nftables_statements import statements
from ringfence.readers.linux.nftables_text import tokens


def read(text: str) -> list[object]:
    return statements(list(tokens(text)))


def test_a_rule_is_taken_apart_as_nft_itself_does_in_json() -> None:
    assert read('iifname "wan" udp dport { 69, 5060 } counter packets 1 bytes 2 dnat to 10.20.0.10') == [
        {"match": {"op": "==", "left": {"meta": {"key": "iifname"}}, "right": "wan"}},
        {
            "match": {
                "op": "==",
                "left": {"payload": {"protocol": "udp", "field": "dport"}},
                "right": {"set": [69, 5060]},
            }
        },
        {"counter": None},
        {"dnat": {"addr": "10.20.0.10"}},
    ]


def test_a_quoted_word_is_never_a_keyword() -> None:
    assert read('iifname "accept" drop')[1] == {"drop": None}
    assert read('comment "drop" accept') == [{"comment": None}, {"accept": None}]


def test_from_the_first_unknown_word_on_the_rest_is_one_unknown_statement() -> None:
    assert read("udp dport 69 frobnicate accept")[1:] == [{"not understood": "frobnicate accept"}]


def test_elements_keep_only_their_value() -> None:
    (found,) = read("ip saddr { 10.0.0.1 timeout 1h expires 59m, 10.0.0.2 counter packets 0 bytes 0 }")
    assert found["match"]["right"] == {"set": ["10.0.0.1", "10.0.0.2"]}  # type: ignore[index]


def test_a_set_statement_with_a_limit_is_a_condition() -> None:
    (plain,) = read("update @seen { ip saddr timeout 1m }")
    (limited,) = read("add @seen { ip saddr limit rate over 5/minute }")
    assert "stmt" not in plain["set"]  # type: ignore[index]
    assert limited["set"]["stmt"] is True  # type: ignore[index]


def test_a_mark_may_come_from_a_map() -> None:
    key = {"payload": {"protocol": "udp", "field": "dport"}}
    for text, data in (("@marks", "@marks"), ("{ 69 : 0x1 }", {"set": [[69, "0x1"]]})):
        assert read(f"meta mark set udp dport map {text} accept") == [
            {"mangle": {"key": {"meta": {"key": "mark"}}, "value": {"map": {"key": key, "data": data}}}},
            {"accept": None},
        ]
