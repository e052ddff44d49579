from ringfence.readers.asterisk_state import sip_peers
from ringfence.readers.asterisk_state.listing import Listing
from tests.memory import MemoryArtifacts

HEADING = f"{'Name/username':<26}{'Host':<40}Dyn Forcerport Comedia    ACL Port     Status      Description\n"
OLD_HEADING = f"{'Name/username':<27}{'Host':<16}Dyn Nat ACL Port     Status\n"  # as wide as IPv4 only


def row(name: str, host: str, dynamic: str = " D ", port: str = "5060", status: str = "OK (1 ms)") -> str:
    return f"{name:<25.25} {host:<39.39} {dynamic:<3} {'No':<10} {'No':<10} {' A ':<3} {port:<8} {status:<11} \n"


def read(text: str) -> Listing:
    return sip_peers.read(MemoryArtifacts({"commands/sip-show-peers.txt": text}))


def seen(listing: Listing) -> list[tuple[str, str, int | None, str]]:
    return [(one.account, str(one.address), one.port, one.status) for one in listing.contacts]


def test_dynamic_peers_that_are_registered() -> None:
    listing = read(
        HEADING
        + row("2001/2001", "10.30.0.101")
        + row("2002", "(Unspecified)", port="0", status="UNKNOWN")
        + row("lakeside/lincolnk12", "203.0.113.20", dynamic="")
        + row("2003/x", "2001:db8:1111:2222:3333:4444:5555:6666", status="UNREACHABLE")
        + "4 sip peers [Monitored: 2 online, 1 offline Unmonitored: 0 online, 0 offline]\n"
    )
    assert seen(listing) == [
        ("2001", "10.30.0.101", 5060, "OK (1 ms)"),
        ("2003", "2001:db8:1111:2222:3333:4444:5555:6666", 5060, "UNREACHABLE"),
    ]
    assert (listing.understood, listing.problems) == (True, [])


def test_a_phones_user_name_cannot_shift_the_columns() -> None:
    """The user name is what the phone sent; it is cut to its column whatever it holds."""
    listing = read(HEADING + row("2001/x 10.9.9.9      D  No No", "203.0.113.9") + row("2002/ääääääääää", "10.0.0.2"))
    assert seen(listing)[0] == ("2001", "203.0.113.9", 5060, "OK (1 ms)")


def test_a_cut_address_is_a_problem() -> None:
    old = f"{'2001/2001':<27}{'2001:db8:1:2::1f':<15.15}  D   N   A  5060     OK (1 ms)\n"
    assert seen(read(OLD_HEADING + old)) == []
    assert "is cut or cannot be read" in read(OLD_HEADING + old).problems[0].message
    whole = f"{'2001/2001':<27}{'192.168.100.100':<15.15}  D   N   A  5060     OK (1 ms)\n"
    assert seen(read(OLD_HEADING + whole)) == [("2001", "192.168.100.100", 5060, "OK (1 ms)")]


def test_a_cut_name_is_a_problem() -> None:
    listing = read(HEADING + row("a-peer-with-a-very-long-name-indeed", "10.30.0.101"))
    assert listing.contacts == []
    assert "the name of the account is cut" in listing.problems[0].message


def test_a_server_without_the_driver_has_nobody() -> None:
    listing = read(
        "No such command 'sip show peers' (type 'core show help sip show peers' for other possible commands)\n"
    )
    assert (listing.understood, listing.contacts, listing.problems) == (True, [], [])


def test_other_output_is_unknown() -> None:
    listing = read("Unable to connect to remote asterisk (does /var/run/asterisk/asterisk.ctl exist?)\n")
    assert not listing.understood
    assert len(listing.problems) == 1
    assert not sip_peers.read(MemoryArtifacts({})).problems
