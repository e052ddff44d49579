from ipaddress import ip_address
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.drivers import astdb
from ringfence.model.site import Driver
from ringfence.readers.asterisk_state import contacts
from ringfence.readers.asterisk_state.contacts import ASTDB, NOT_LISTED
from tests.memory import MemoryArtifacts
from tests.shared_data import shared

HIDDEN = "sip:a-very-long-user-name@203.0.113.158:5062"
PEERS = (
    f"{'Name/username':<26}{'Host':<40}Dyn Forcerport Comedia    ACL Port     Status      Description\n"
    f"{'2001/2001':<26}{'10.30.0.101':<40} D  No         No          A  5060     OK (1 ms)\n"
    "1 sip peers [Monitored: 1 online, 0 offline Unmonitored: 0 online, 0 offline]\n"
)
CONTACTS = (
    "\n  Contact:  <Aor/ContactUri..............................> <Hash....> <Status> <RTT(ms)..>\n"
    f"{'=' * 90}\n\n"
    "  Contact:  3001/sip:3001@10.30.0.106:5060                 6a7b4c0735 Avail         0.795\n"
    f"  Contact:  {f'3002/{HIDDEN}'[:46]} 795e9e9124 Avail         0.992\n"
    "\nObjects found: 2\n"
)
ROWS = [
    ("/SIP/Registry/2001", "10.30.0.101:5060:3600:2001:sip:2001@10.30.0.101:5060"),
    ("/SIP/Registry/2002", "203.0.113.66:5071:3600:2002:sip:2002@203.0.113.66:5071"),
    ("/registrar/contact/3001;@6a7b", '{"uri":"sip:3001@10.30.0.106:5060","user_agent":"Yealink SIP-T28P 2.73.0.50"}'),
    ("/registrar/contact/3002;@795e", f'{{"uri":"{HIDDEN}","user_agent":"pplsip"}}'),
]


def read(
    files: dict[str, str], rows: list[tuple[str, str]] | None = None
) -> list[tuple[str, str, int | None, str, str]]:
    found = contacts.read(MemoryArtifacts(files), rows).facts or ()
    return [(one.account, str(one.address), one.port, one.user_agent, one.status) for one in found]


def test_without_a_source_nothing_is_known() -> None:
    assert contacts.read(MemoryArtifacts({})).facts is None
    assert (
        contacts.read(MemoryArtifacts({"commands/sip-show-peers.txt": "Unable to connect to remote asterisk\n"})).facts
        is None
    )


def test_nobody_registered_is_an_answer() -> None:
    assert contacts.read(MemoryArtifacts({}), []).facts == ()
    assert contacts.read(MemoryArtifacts({"commands/pjsip-show-contacts.txt": "No objects found.\n\n"})).facts == ()


def test_the_sources_complete_each_other() -> None:
    files = {"commands/sip-show-peers.txt": PEERS, "commands/pjsip-show-contacts.txt": CONTACTS}
    assert read(files, ROWS) == [
        ("2001", "10.30.0.101", 5060, "", "OK (1 ms)"),
        ("2002", "203.0.113.66", 5071, "", NOT_LISTED),
        ("3001", "10.30.0.106", 5060, "Yealink SIP-T28P 2.73.0.50", "Avail"),
        ("3002", "203.0.113.158", 5062, "pplsip", "Avail"),
    ]


def test_a_cut_line_is_a_problem_unless_the_database_has_the_whole() -> None:
    files = {"commands/pjsip-show-contacts.txt": CONTACTS}
    reading = contacts.read(MemoryArtifacts(files))
    assert [one.account for one in reading.facts or ()] == ["3001"]
    assert [str(problem.citation) for problem in reading.problems] == ["commands/pjsip-show-contacts.txt:6"]
    assert "its address is not sure" in reading.problems[0].message
    assert contacts.read(MemoryArtifacts(files), ROWS).problems == ()


def test_other_files_of_the_same_beginning_are_not_read() -> None:
    files = {"commands/sip-show-peers-hijacked.txt": PEERS, "commands/pjsip-show-contacts-hijacked.txt": CONTACTS}
    assert contacts.read(MemoryArtifacts(files)).facts is None


def test_the_output_of_database_show_serves_where_the_file_is_absent() -> None:
    shown = "".join(f"{key:<50}: {value:<25}\n" for key, value in ROWS) + "4 results found.\n"
    reading = contacts.read(MemoryArtifacts({"commands/database-show.txt": shown}))
    assert [(one.account, str(one.citation)) for one in reading.facts or ()] == [
        (account, f"commands/database-show.txt:{line}")
        for line, account in enumerate(("2001", "2002", "3001", "3002"), 1)
    ]


def test_the_real_machine() -> None:
    evidence = Path(shared("data/freepbx14/evidence"))
    files = {f"commands/{path.name}": path.read_bytes() for path in (evidence / "commands").iterdir()}
    reading = contacts.read(MemoryArtifacts(files), astdb.rows((evidence / ASTDB).read_bytes()))
    outside = [
        (one.account, one.driver, one.address, one.port, one.user_agent)
        for one in reading.facts or ()
        if one.address.is_global or str(one.address).startswith("203.")
    ]
    assert outside == [
        ("1006", Driver.CHAN_SIP, ip_address("203.0.113.66"), 5071, ""),
        ("2006", Driver.PJSIP, ip_address("203.0.113.67"), 5064, "pplsip"),
    ]
    assert reading.problems == ()
    assert {one.status for one in reading.facts or ()} >= {"OK (1 ms)", "Avail"}


def test_the_incident_in_which_strangers_are_registered() -> None:
    evidence = Path(shared("data/incidents/tftp-leak-114/evidence"))
    files = {f"commands/{path.name}": path.read_bytes() for path in (evidence / "commands").iterdir()}
    reading = contacts.read(MemoryArtifacts(files))
    hijacked = {one.account for one in reading.facts or () if one.address == ip_address("203.0.113.158")}
    assert hijacked == {"2001", "2009", "2010", "2013", "2018", "2023"}
    assert reading.problems == ()


LINES = st.sampled_from(
    [*PEERS.splitlines(), *CONTACTS.splitlines(), "/SIP/Registry/2 : 1.1.1.1:5:6:", "9 results found."]
)
CONTENT = st.one_of(st.binary(max_size=300), st.lists(LINES, max_size=12).map(lambda lines: "\n".join(lines).encode()))
FILES = st.dictionaries(
    st.sampled_from(["commands/sip-show-peers.txt", "commands/pjsip-show-contacts.txt", "commands/database-show.txt"]),
    CONTENT,
)


@settings(max_examples=1000)
@given(FILES, st.one_of(st.none(), st.lists(st.tuples(st.text(max_size=60), st.text(max_size=60)))))
def test_any_bytes_are_read(files: dict[str, bytes | str], rows: list[tuple[str, str]] | None) -> None:
    contacts.read(MemoryArtifacts(files), rows)
