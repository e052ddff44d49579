from pathlib import Path

import pytest

from ringfence.readers.gateways.dialects import DIALECTS
from ringfence.readers.gateways.recognise import SNIFFED_BYTES
from tests.shared_data import shared

#: The folder of sample exports, and the products that may lie in it.
FOLDERS = {
    "pfsense": {"pfSense"},
    "opnsense": {"OPNsense"},
    "mikrotik": {"MikroTik RouterOS"},
    "edgeos": {"EdgeOS"},
    "vyos": {"VyOS"},
    "unifi": {"UniFi"},
    "cisco": {"Cisco ASA", "Cisco IOS"},
    "fortigate": {"FortiGate"},
    "upnp": {"UPnP leases"},
}


def recognised(head: bytes) -> set[str]:
    return {dialect.product for dialect in DIALECTS if dialect.recognises(head)}


@pytest.mark.parametrize("folder", FOLDERS)
def test_an_export_is_taken_by_its_own_product_and_by_no_other(folder: str) -> None:
    files = [path for path in sorted(shared(f"data/firewalls/{folder}").rglob("*")) if path.is_file()]
    taken = {path.name: recognised(_head(path)) for path in files if path.name != "SOURCES.md"}
    assert any(taken.values())
    for name, products in taken.items():
        assert len(products) <= 1, f"{name} is taken by {products}"
        assert products <= FOLDERS[folder], name


@pytest.mark.parametrize("head", [b"", b"hello\n", b"\x00" * 100, b"*filter\n:INPUT ACCEPT [0:0]\nCOMMIT\n", b"{}"])
def test_what_is_no_export_is_taken_by_nobody(head: bytes) -> None:
    assert recognised(head) == set()


def test_products_are_named_once() -> None:
    names = [dialect.product for dialect in DIALECTS]
    assert len(set(names)) == len(names)


def _head(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(SNIFFED_BYTES)
