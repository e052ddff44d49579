import pytest

from ringfence.readers.asterisk_state import pjsip_contacts
from ringfence.readers.asterisk_state.listing import Listing
from tests.memory import MemoryArtifacts

HEADING = (
    "\n  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>\n" + "=" * 90 + "\n\n"
)


def row(aor: str, uri: str, status: str = "Avail") -> str:
    """Print as Asterisk does: the address is cut at the end of its column."""
    width = 46 - len(aor) - 1
    return f"  Contact:  {aor}/{uri:<{width}.{width}} 6a7b4c0735 {status:<7} {0.795:>11}\n"


def read(*rows: str) -> Listing:
    return pjsip_contacts.read(MemoryArtifacts({"commands/pjsip-show-contacts.txt": HEADING + "".join(rows)}))


def seen(listing: Listing) -> list[tuple[str, str, int | None, str]]:
    return [(one.account, str(one.address), one.port, one.status) for one in listing.contacts]


def test_contacts() -> None:
    listing = read(
        row("2001", "sip:2001@10.30.0.106:5060"),
        row("2002", "sips:2002@[2001:db8::7]:5061", "NonQual"),
        row("sipgw", "sip:198.51.100.23:5060", "Unavail"),
        "\nObjects found: 3\n",
    )
    assert seen(listing) == [
        ("2001", "10.30.0.106", 5060, "Avail"),
        ("2002", "2001:db8::7", 5061, "NonQual"),
        ("sipgw", "198.51.100.23", 5060, "Unavail"),
    ]
    assert (listing.problems, listing.cut) == ([], [])


@pytest.mark.parametrize(
    "uri",
    [
        "sip:a-user-name-that-is-long@203.0.113.158:5060",  # cut to 203.0.113.1
        "sip:10.20.8.11;aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa@203.0.113.9",  # cut before its host
        "sip:2001@203.0.113.9:50600000000000000000000000",
    ],
)
def test_a_cut_uri_gives_no_address(uri: str) -> None:
    listing = read(row("2001", uri))
    assert listing.contacts == []
    (cut,) = listing.cut
    assert cut.account == "2001"
    assert uri.startswith(cut.uri)


def test_a_cut_after_the_host_does_no_harm() -> None:
    listing = read(row("2001", "sip:2001@10.30.0.106:5060;transport=TCP;ob;x=y"))
    assert seen(listing) == [("2001", "10.30.0.106", 5060, "Avail")]


def test_a_name_is_no_address() -> None:
    listing = read(row("2001", "sip:2001@phone.example.net:5060"), row("2002", "tel:2002"))
    assert listing.contacts == []
    assert len(listing.problems) == 2


def test_the_heading_of_early_asterisk_13() -> None:
    heading = "  Contact:  <Aor/ContactUri.................................>  <Status....>  <RTT(ms)..>\n"
    text = heading + f"  Contact:  {'3001/sip:3001@10.30.0.31:5062':<49}  {'Avail':<12}  {0.2:>11}\n"
    listing = pjsip_contacts.read(MemoryArtifacts({"commands/pjsip-show-contacts.txt": text}))
    assert seen(listing) == [("3001", "10.30.0.31", 5062, "Avail")]


def test_nobody_and_no_driver_are_answers_and_other_output_is_not() -> None:
    for text, understood in (
        ("No objects found.\n\n", True),
        ("No such command 'pjsip show contacts'\n", True),
        ("Unable to connect to remote asterisk\n", False),
    ):
        listing = pjsip_contacts.read(MemoryArtifacts({"commands/pjsip-show-contacts.txt": text}))
        assert listing.understood is understood
        assert len(listing.problems) == (0 if understood else 1)
