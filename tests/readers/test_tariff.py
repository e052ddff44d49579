from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.tariff import Tariff, parse_tariff

LIST = """\
prefix,name,price_per_minute,currency
252,Somalia,0.86,USD
+252 61,"Somalia, mobile",0.99,USD
00882,Satellite,9.40,usd
01153,Cuba,.75,USD
1,North America,0,USD
"""


def read(text: str | bytes) -> tuple[Tariff, list[str]]:
    reading = parse_tariff(text.encode() if isinstance(text, str) else text, "tariff.csv")
    return reading.facts, [str(problem) for problem in reading.problems]


def test_the_longest_prefix_wins() -> None:
    tariff, problems = read(LIST)
    assert problems == []
    assert tariff.currency == "USD"
    assert tariff.price("+252615551001") == ("Somalia, mobile", 0.99)
    assert tariff.price("252907000123") == ("Somalia", 0.86)
    assert tariff.price("+88213551003") == ("Satellite", 9.40)
    assert tariff.price("+53555104") == ("Cuba", 0.75)
    assert tariff.price("+15551234567") == ("North America", 0.0)


def test_a_number_without_a_prefix_has_no_price_and_is_not_free() -> None:
    tariff, _ = read(LIST)
    assert tariff.price("+442085551005") is None
    assert tariff.price("") is None
    assert Tariff().price("+252615551001") is None


def test_the_heading_may_be_absent() -> None:
    tariff, problems = read("252,Somalia,0.86\n")
    assert problems == []
    assert (tariff.currency, tariff.price("+2526")) == ("", ("Somalia", 0.86))


def test_semicolons_bring_decimal_commas() -> None:
    tariff, problems = read("Vorwahl;Ziel;Preis;W\n+252;Somalia;0,86;EUR\n")
    assert problems == []
    assert (tariff.currency, tariff.price("+2526")) == ("EUR", ("Somalia", 0.86))


def test_bad_rows_are_named_and_the_others_count() -> None:
    tariff, problems = read(
        "252,Somalia,0.86,USD\n"
        "253\n"
        "abc,Nowhere,1.00\n"
        "254,Kenya,free\n"
        "255,Tanzania,-1\n"
        "256,Uganda,NaN\n"
        "257,Burundi,0.5,EUR\n"
        "252,Somalia again,0.10,USD\n"
        '258,"Mozambique,0.5\n'
        "259,Zanzibar,0.5,dollars\n"
        "53,Cuba,0.75,USD\n"
    )
    assert tariff.price("+535") == ("Cuba", 0.75)
    assert tariff.price("+2526") == ("Somalia", 0.86)
    assert [problem.partition(": ")[0] for problem in problems] == [f"tariff.csv:{line}" for line in range(2, 11)]
    assert "first field" in problems[1]
    assert "third field" in problems[2]
    assert "one currency" in problems[5]
    assert "another price on line 1" in problems[6]


def test_a_bad_first_row_is_no_heading() -> None:
    _, problems = read("252,Somalia,free\n53,Cuba,0.75\n")
    assert problems == ["tariff.csv:1: has no price per minute, like 0.86, in its third field"]


def test_an_empty_list_says_what_is_expected() -> None:
    _, problems = read("")
    assert problems == ["tariff.csv: holds no rate; expected lines like 252,Somalia,0.86,USD"]


ROWS = st.sampled_from([*LIST.splitlines(), '1,"', "1,a,1e9", "99999999999999999999,x,1", ",,,", ";;;", "1,b,0.1\0"])


@settings(max_examples=1000)
@given(st.one_of(st.binary(max_size=300), st.lists(ROWS, max_size=20).map(lambda rows: "\n".join(rows).encode())))
def test_any_bytes_are_read(raw: bytes) -> None:
    tariff, _ = read(raw)
    tariff.price("+252615551001")
