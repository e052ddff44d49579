import csv

from hypothesis import given
from hypothesis import strategies as st

from ringfence.readers.phones.oui import normalised, vendor_of
from tests.shared_data import shared


def test_addresses_are_read_with_any_separators() -> None:
    for text in ("001565A1B2C3", "00:15:65:a1:b2:c3", "00-15-65-A1-B2-C3", "0015.65a1.b2c3"):
        assert normalised(text) == "001565a1b2c3"


def test_what_is_no_address_is_none() -> None:
    for text in ("", "001565a1b2c", "001565a1b2c3d", "y00000000000", "000000000000", "00:15:65:a1:b2:g3"):
        assert normalised(text) is None


def test_vendors_by_prefix() -> None:
    assert vendor_of("001565a1b2c3") == "yealink"
    assert vendor_of("80:5E:C0:01:02:03") == "yealink"
    assert vendor_of("000b82aabbcc") == "grandstream"
    assert vendor_of("0004f2aabbcc") == "polycom"
    assert vendor_of("001565") == ""


def test_an_unknown_prefix_has_no_vendor() -> None:
    assert vendor_of("525400aabbcc") == ""
    assert vendor_of("e434d7aabbcc") == ""  # looks like Yealink's 34:97:D7 mistyped; another maker's


def test_every_prefix_of_the_registry_table_is_known() -> None:
    with shared("data/phones/tables/oui.tsv").open(newline="") as table:
        prefixes = [row["oui"] for row in csv.DictReader(table, delimiter="\t")]
    assert [prefix for prefix in prefixes if not vendor_of(f"{prefix}000001")] == []


@given(st.text(max_size=30))
def test_any_text_gets_an_answer(text: str) -> None:
    vendor_of(text)
