import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.site import FileKind
from ringfence.readers.phones.names import identify

NAMES = [
    ("001565a1b2c3.cfg", FileKind.PHONE, "001565a1b2c3", "yealink"),
    ("001565A1B2C3.cfg", FileKind.PHONE, "001565a1b2c3", "yealink"),
    ("001565a1b2c3-local.cfg", FileKind.PHONE, "001565a1b2c3", "yealink"),
    ("001565a1b2c3.boot", FileKind.PHONE, "001565a1b2c3", "yealink"),
    ("001565a1b2c3_Security.enc", FileKind.PHONE, "001565a1b2c3", "yealink"),
    ("001565a1b2c3-contact.xml", FileKind.PHONE, "001565a1b2c3", "yealink"),
    ("phones/001565a1b2c3.cfg", FileKind.PHONE, "001565a1b2c3", "yealink"),
    ("0004f2aabbcc.cfg", FileKind.PHONE, "0004f2aabbcc", "polycom"),
    ("cfg000b82aabbcc.xml", FileKind.PHONE, "000b82aabbcc", "grandstream"),
    ("cfg001fc1aabbcc.xml", FileKind.PHONE, "001fc1aabbcc", "htek"),
    ("SEP001122AABBCC.cnf.xml", FileKind.PHONE, "001122aabbcc", "cisco"),
    ("spa000E08AABBCC.xml", FileKind.PHONE, "000e08aabbcc", "cisco-spa"),
    ("00085DAABBCC.cfg", FileKind.PHONE, "00085daabbcc", "mitel"),
    ("Config0080F0AABBCC.cfg", FileKind.PHONE, "0080f0aabbcc", "panasonic"),
    ("525400aabbcc.cfg", FileKind.PHONE, "525400aabbcc", ""),
    ("y000000000005.cfg", FileKind.COMMON, None, "yealink"),
    ("y000000000000.boot", FileKind.COMMON, None, "yealink"),
    ("000000000000.cfg", FileKind.COMMON, None, "polycom"),
    ("aastra.cfg", FileKind.COMMON, None, "mitel"),
    ("snom300.htm", FileKind.COMMON, None, "snom"),
    ("001565a1b2c3.cfg.bak", FileKind.BACKUP, "001565a1b2c3", "yealink"),
    ("001565a1b2c3.cfg~", FileKind.BACKUP, "001565a1b2c3", "yealink"),
    ("001565a1b2c3.cfg.20260801", FileKind.BACKUP, "001565a1b2c3", "yealink"),
    ("config_bkup/001565a1b2c3.cfg", FileKind.BACKUP, "001565a1b2c3", "yealink"),
    ("site.tar.gz", FileKind.BACKUP, None, ""),
    ("site.tgz", FileKind.BACKUP, None, ""),
    ("asterisk.sql.gz", FileKind.BACKUP, None, ""),
    ("y000000000000.cfg.old", FileKind.BACKUP, None, ""),
    ("phones-backup.zip", FileKind.BACKUP, None, ""),
    ("T28-2.73.0.50.rom", FileKind.OTHER, None, ""),
    ("T28-2.73.0.50", FileKind.OTHER, None, ""),
    ("lang.zip", FileKind.OTHER, None, ""),
    ("phonebook.xml", FileKind.OTHER, None, ""),
    ("", FileKind.OTHER, None, ""),
]


@pytest.mark.parametrize(("name", "kind", "mac", "vendor"), NAMES)
def test_a_name_says_what_a_file_is_for(name: str, kind: FileKind, mac: str | None, vendor: str) -> None:
    meaning = identify(name)
    assert (meaning.kind, meaning.mac, meaning.vendor) == (kind, mac, vendor)


@settings(max_examples=1000)
@given(st.text(max_size=2000))
def test_any_name_gets_an_answer(name: str) -> None:
    identify(name)
