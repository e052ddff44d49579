from datetime import timedelta
from ipaddress import ip_address, ip_network

import pytest

from ringfence.incidents.scene import Place, accounts_in, holds_phone_secrets, set_scene
from ringfence.model.site import Address, FileKind, NamedNetwork, RemoteWorker, ServedFile, Site
from tests.incidents.scenes import GATEWAY, OFFICE, START, THIEF, WORKER, Day, file_of, here, phone_of, school
from tests.incidents.test_investigate import masqueraded


@pytest.mark.parametrize(
    ("address", "place"),
    [
        (THIEF, Place.OUTSIDE),
        (phone_of("2001"), Place.INSIDE),
        (OFFICE, Place.INSIDE),
        (ip_address("203.0.113.20"), Place.PROVIDER),
        (ip_address("127.0.0.1"), Place.OWN),
        (GATEWAY, Place.INSIDE),
    ],
)
def test_every_address_has_its_place(address: Address, place: Place) -> None:
    assert set_scene(school(), Day().morning().events(), ()).place(address) is place


def test_behind_an_edge_that_hides_sources_stands_anybody() -> None:
    assert set_scene(school(), Day().events(), (masqueraded(),)).place(GATEWAY) is Place.HIDDEN


def test_phones_live_where_most_accounts_are_seen() -> None:
    scene = set_scene(school(), Day().morning().register("2001", OFFICE).events(), ())
    assert phone_of("2005") in scene.phone_networks
    assert OFFICE not in scene.phone_networks


def test_a_site_without_known_networks_learns_where_phones_live() -> None:
    scene = set_scene(Site(), Day().morning().events(), ())
    assert phone_of("2005") in scene.phone_networks


def test_a_log_covers_only_the_time_that_it_spans() -> None:
    scene = set_scene(school(), Day(tftp_log=False).events(), ())
    assert scene.covers("asterisk", START, "SECURITY")
    assert not scene.covers("asterisk", START - timedelta(hours=1))
    assert not scene.covers("tftp", START)
    assert not scene.covers("asterisk", None)


def test_files_are_found_by_the_last_part_of_what_was_asked_for() -> None:
    scene = set_scene(school(), Day().events(), ())
    known = scene.file(f"/tftpboot/{file_of('2001').upper()}")
    assert known is not None
    assert accounts_in(known) == {"2001"}
    assert holds_phone_secrets(known)
    assert scene.file("y000000000000.cfg") is None


def test_a_common_file_holds_no_secret() -> None:
    common = ServedFile(name="y0.cfg", root="tftpboot", kind=FileKind.COMMON, size_bytes=1, citation=here(1))
    assert not holds_phone_secrets(common)


def test_a_declared_remote_covers_its_accounts_only() -> None:
    remote = RemoteWorker(name="Ann", prefixes=(ip_network("198.51.100.40/32"),), accounts=("2005",))
    scene = set_scene(school(remotes=(remote,)), Day().events(), ())
    assert scene.is_declared(WORKER, "2005")
    assert not scene.is_declared(WORKER, "2006")


def test_without_configuration_any_name_may_be_an_account() -> None:
    scene = set_scene(Site(networks=(NamedNetwork(name="x", prefixes=(), declared=True),)), Day().events(), ())
    assert scene.is_account("anything")
    assert not scene.is_account("")
