from ringfence.model.site import Driver, ServiceName
from ringfence.readers.site import read_site
from tests.memory import MemoryArtifacts
from tests.shared_data import shared

SIP = """[general]
udpbindaddr=0.0.0.0:5160
[2001]
type=friend
host=dynamic
secret=FAKE-2001-secret
context=from-internal
"""
FILES: dict[str, bytes | str] = {
    "etc/asterisk/sip.conf": SIP,
    "etc/timezone": "America/Chicago\n",
    "tftpboot/001565aabb01.cfg": "account.1.user_name = 2001\naccount.1.password = FAKE-2001-secret\n",
    "commands/sip-show-peers.txt": (
        "Name/username             Host            Dyn Forcerport Comedia    ACL Port     Status\n"
        "2001/2001                 10.20.8.11       D  Yes        Yes         A  5060     OK (1 ms)\n"
        "1 sip peers [Monitored: 1 online, 0 offline Unmonitored: 0 online, 0 offline]\n"
    ),
    "ringfence.toml": '[site]\nname = "School"\n[networks]\nvoice = ["10.20.8.0/24"]\n',
}


def test_all_parts_come_together() -> None:
    site = read_site(MemoryArtifacts(FILES)).facts
    assert (site.name, site.timezone) == ("School", "America/Chicago")
    assert [(account.name, account.driver) for account in site.accounts] == [("2001", Driver.CHAN_SIP)]
    assert [file.accounts for file in site.served_files or ()] == [("2001",)]
    assert [place.account for file in site.served_files or () for place in file.secrets] == ["2001"]
    assert [network.name for network in site.networks] == ["voice"]
    assert [str(contact.address) for contact in site.contacts or ()] == ["10.20.8.11"]


def test_nothing_in_the_evidence_is_unknown_everywhere() -> None:
    site = read_site(MemoryArtifacts({})).facts
    assert (site.served_files, site.contacts, site.manager, site.http, site.log_files) == (None, None, None, None, None)


def test_a_real_freepbx_14_comes_out_whole() -> None:
    from ringfence.drivers.directory import DirectoryArtifacts

    reading = read_site(DirectoryArtifacts(shared("data/freepbx14/evidence")))
    site = reading.facts
    assert len(site.accounts) == 20
    assert {trunk.name for trunk in site.trunks} == {"lakeside", "sipgw"}
    assert site.versions.freepbx == "14.0.13.4"
    pbx = site.host("pbx")
    assert pbx is not None
    found = {(listener.service, listener.port) for listener in pbx.listeners or ()}
    assert {(ServiceName.TFTP, 69), (ServiceName.CHAN_SIP, 5160), (ServiceName.PJSIP, 5060)} <= found
    assert all(port < 32768 for _, port in found), "Asterisk's ephemeral sockets are no services"
    assert reading.problems == ()
