import json

from ringfence.model.site import Driver
from ringfence.readers.asterisk_state import stored_contacts
from ringfence.readers.asterisk_state.listing import Listing
from tests.memory import MemoryArtifacts


def read(*rows: tuple[str, str]) -> Listing:
    return stored_contacts.read(MemoryArtifacts({}), rows)


def seen(listing: Listing) -> list[tuple[str, Driver, str, int | None]]:
    return [(one.account, one.driver, str(one.address), one.port) for one in listing.contacts]


def test_each_driver_has_its_rows() -> None:
    listing = read(
        ("/SIP/Registry/2001", "10.30.0.101:5060:3600:2001:sip:2001@10.30.0.101:5060"),
        ("/SIP/Registry/2002", "[2001:db8::7]:5060:3600:2002:sip:2002@[2001:db8::7]:5060"),
        ("/IAX/Registry/4001", "10.30.0.140:4569:60"),
        ("/registrar/contact/3001;@404680", json.dumps({"uri": "sip:3001@10.30.0.31:5062", "endpoint": "3001"})),
        ("/AMPUSER/2001/cidname", "10.9.9.9:5060:3600:"),
    )
    assert seen(listing) == [
        ("2001", Driver.CHAN_SIP, "10.30.0.101", 5060),
        ("2002", Driver.CHAN_SIP, "2001:db8::7", 5060),
        ("4001", Driver.IAX2, "10.30.0.140", 4569),
        ("3001", Driver.PJSIP, "10.30.0.31", 5062),
    ]
    assert listing.problems == []


def test_the_user_agent_is_bounded_and_plain() -> None:
    value = json.dumps({"uri": "sip:3001@10.30.0.31", "user_agent": "x\x1b\n" + "y" * 5000})
    (contact,) = read(("/registrar/contact/3001;@4", value)).contacts
    assert contact.user_agent.startswith("x??y")
    assert len(contact.user_agent) == 256


def test_the_aor_names_the_account_where_no_endpoint_does() -> None:
    (contact,) = read(("/registrar/contact/3001;@4", '{"uri":"sip:x@10.30.0.31","via_addr":"203.0.113.9"}')).contacts
    assert (contact.account, str(contact.address)) == ("3001", "10.30.0.31")


def test_what_has_no_address_is_a_problem_and_never_an_address() -> None:
    listing = read(
        ("/SIP/Registry/2001", "phone.example.net:5060:3600:2001:sip:2001@10.9.9.9"),
        ("/SIP/Registry/2002", "999.1.1.1:5060:3600:x"),
        ("/registrar/contact/3001;@4", '{"uri":"sip:3001@phone.example.net"}'),
        ("/registrar/contact/3002;@4", "[" * 10_000),
        ("/registrar/contact/3003;@4", '"sip:3003@10.9.9.9"'),
    )
    assert listing.contacts == []
    assert len(listing.problems) == 5


def test_what_is_no_output_of_database_show_is_a_problem() -> None:
    files = {"commands/database-show.txt": "Unable to connect to remote asterisk\n"}
    listing = stored_contacts.read(MemoryArtifacts(files), None)
    assert not listing.understood
    assert "registrations unknown" in listing.problems[0].message
    empty = stored_contacts.read(MemoryArtifacts({"commands/database-show.txt": "0 results found.\n"}), None)
    assert empty.understood
