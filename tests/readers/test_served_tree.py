import base64
import gzip
import hashlib
import io
import re
import tarfile
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.evidence import Citation, Reading
from ringfence.model.secret import Secret
from ringfence.model.site import Account, Driver, FileKind, ServedFile
from ringfence.readers import served_tree
from ringfence.readers.served_tree import ServedTree
from tests.memory import MemoryArtifacts
from tests.shared_data import shared

LONG = "FAKE-0d33abadb96b8b85abf5"


def account(name: str, secret: str | None, driver: Driver = Driver.CHAN_SIP, username: str = "") -> Account:
    return Account(
        name=name,
        driver=driver,
        username=username,
        secret=None if secret is None else Secret(secret),
        citation=Citation(file="sip.conf"),
    )


ACCOUNTS = (account("2001", LONG), account("1006", "1006"), account("3001", "FAKE-pjsip-3001", Driver.PJSIP))


def read(files: dict[str, bytes | str], accounts: tuple[Account, ...] = ACCOUNTS) -> Reading[ServedTree]:
    return served_tree.read(MemoryArtifacts(files), accounts)


def only(files: dict[str, bytes | str], accounts: tuple[Account, ...] = ACCOUNTS) -> ServedFile:
    found = read(files, accounts).facts.files
    assert found is not None
    (file,) = found
    return file


def places(file: ServedFile) -> list[tuple[str, str, str]]:
    return [(place.account, place.form, str(place.citation)) for place in file.secrets]


def yealink(name: str, secret: str) -> str:
    names = f"account.1.user_name = {name}\naccount.1.auth_name = {name}\n"
    return f"#!version:1.0.0.1\n{names}account.1.password = {secret}\n"


def test_without_a_served_root_nothing_is_known() -> None:
    assert read({"etc/asterisk/sip.conf": f"secret={LONG}", "tftpbootx/a": "b"}).facts.files is None


def test_a_phones_file_and_its_phone() -> None:
    reading = read({"tftpboot/0015657a54b1.cfg": yealink("2001", LONG)})
    (file,) = reading.facts.files or ()
    assert (file.name, file.root, file.kind, file.mac) == (
        "0015657a54b1.cfg",
        "/tftpboot",
        FileKind.PHONE,
        "0015657a54b1",
    )
    assert file.accounts == ("2001",)
    assert places(file) == [("2001", "raw", "tftpboot/0015657a54b1.cfg:4")]
    assert file.stale == ()
    (phone,) = reading.facts.phones
    assert (phone.mac, phone.vendor, phone.accounts) == ("0015657a54b1", "yealink", ("2001",))
    assert [configuration.mac for configuration in reading.facts.configurations] == ["0015657a54b1"]
    assert reading.problems == ()


@pytest.mark.parametrize(
    ("name", "root"),
    [
        ("tftpboot/a/0015657a54b1.cfg", "/tftpboot"),
        ("var/lib/tftpboot/0015657a54b1.cfg", "/var/lib/tftpboot"),
        ("srv/tftp/0015657a54b1.cfg", "/srv/tftp"),
        ("var/www/html/provisioning/0015657a54b1.cfg", "/var/www/html/provisioning"),
    ],
)
def test_all_served_roots(name: str, root: str) -> None:
    file = only({name: yealink("2001", LONG)})
    assert file.root == root
    assert file.secrets != ()


def test_a_short_secret_counts_only_in_a_password_field() -> None:
    assert places(only({"tftpboot/0015657a54b1.cfg": yealink("1006", "1006")})) == [
        ("1006", "raw", "tftpboot/0015657a54b1.cfg:4")
    ]
    assert only({"tftpboot/0015657a54b1.cfg": yealink("1006", "FAKE-other")}).secrets == ()
    assert only({"tftpboot/notes.txt": "extension 1006 is in room 1006\n"}).secrets == ()
    grandstream = "<gs_provision><config><P35>1006</P35><P34>1006</P34></config></gs_provision>"
    assert places(only({"tftpboot/cfg000b82aabbcc.xml": grandstream})) == [
        ("1006", "raw", "tftpboot/cfg000b82aabbcc.xml:1")
    ]


def test_a_short_secret_needs_the_account_beside_it() -> None:
    accounts = (account("1007", "1234"),)
    assert only({"tftpboot/a.cfg": "account.1.user_name = 1008\naccount.1.password = 1234\n"}, accounts).secrets == ()


def test_an_old_password_is_stale_and_no_secret() -> None:
    file = only({"tftpboot/0015657a54b1.cfg": yealink("2001", "FAKE-last-years")})
    assert file.secrets == ()
    assert [(place.account, str(place.citation)) for place in file.stale] == [("2001", "tftpboot/0015657a54b1.cfg:4")]


def test_what_cannot_be_compared_is_not_stale() -> None:
    """No secret of the PBX known, or an extension that is not there: an old password cannot be told."""
    assert only({"tftpboot/a.cfg": yealink("2001", "FAKE-x")}, (account("2001", None),)).stale == ()
    assert only({"tftpboot/a.cfg": yealink("2099", "FAKE-x")}).stale == ()


def test_one_name_on_both_drivers() -> None:
    accounts = (account("2001", "FAKE-sip-secret"), account("2001", "FAKE-pjsip-secret", Driver.PJSIP))
    file = only({"tftpboot/a.cfg": yealink("2001", "FAKE-pjsip-secret")}, accounts)
    assert [place.driver for place in file.secrets] == [Driver.PJSIP]
    assert file.stale == ()


def test_a_user_name_that_differs_from_the_account() -> None:
    accounts = (account("2001-home", "1234", username="ann"),)
    assert len(only({"tftpboot/a.cfg": yealink("ann", "1234")}, accounts).secrets) == 1


def test_secrets_in_backups_and_archives_have_their_place() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in {
            "etc/asterisk/sip.conf": f"[2001]\nsecret={LONG}\n[1006]\nsecret=1006\n".encode(),
            "mysql.sql.gz": gzip.compress(b"x\n" * 7 + base64.b64encode(b"ab" + LONG.encode())),
        }.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    file = only({"tftpboot/backup.tgz": out.getvalue()})
    assert file.kind == FileKind.BACKUP
    assert places(file) == [
        ("2001", "raw", "tftpboot/backup.tgz!etc/asterisk/sip.conf:2"),
        ("1006", "raw", "tftpboot/backup.tgz!etc/asterisk/sip.conf:4"),
        ("2001", "base64", "tftpboot/backup.tgz!mysql.sql.gz:8"),
    ]


def test_the_hash_of_a_secret_is_as_good_as_it() -> None:
    ha1 = hashlib.md5(f"2001:asterisk:{LONG}".encode(), usedforsecurity=False).hexdigest()
    assert places(only({"tftpboot/users.txt": f"2001 {ha1}\n"})) == [("2001", "ha1", "tftpboot/users.txt:1")]


def test_each_secret_is_told_once_for_a_file_where_it_first_stands() -> None:
    assert places(only({"tftpboot/a.sql": f"a\n{LONG}\n{LONG}\n" * 5000})) == [("2001", "raw", "tftpboot/a.sql:2")]


def test_several_files_make_one_phone() -> None:
    reading = read(
        {
            "tftpboot/0015657a54b1.boot": "#!version:1.0.0.1\ninclude:config <sip.cfg>\n",
            "tftpboot/0015657a54b1.cfg": yealink("2001", LONG),
            "tftpboot/0015657a54b1-local.cfg": "#!version:1.0.0.1\naccount.2.user_name = 2002\n",
        }
    )
    (phone,) = reading.facts.phones
    assert set(phone.accounts) == {"2001", "2002"}


def test_phones_of_other_vendors_are_known_by_their_secrets() -> None:
    reading = read({"tftpboot/0004f2aabbcc.cfg": f'<ALL reg.1.auth.password="{LONG}"/>'})
    (phone,) = reading.facts.phones
    assert (phone.vendor, phone.accounts) == ("polycom", ("2001",))
    assert reading.facts.configurations == ()


def test_an_encrypted_file_is_unknown_and_says_so() -> None:
    raw = Path(shared("data/phones/vectors/yealink_legacy/test.cfg")).read_bytes()
    key = Path(shared("data/phones/vectors/yealink_legacy/test_Security.enc")).read_bytes()
    reading = read({"tftpboot/0015657a54b1.cfg": raw, "tftpboot/0015657a54b1_Security.enc": key})
    assert [file.kind for file in reading.facts.files or ()] == [FileKind.PHONE, FileKind.PHONE]
    assert [configuration.encrypted for configuration in reading.facts.configurations] == [True]
    assert "is encrypted" in reading.problems[0].message
    assert "CVE-2024-24681" in reading.problems[1].message


def test_no_secret_shows() -> None:
    assert LONG not in repr(read({"tftpboot/0015657a54b1.cfg": yealink("2001", LONG)}))


def configured(evidence: Path) -> tuple[Account, ...]:
    """Read the accounts the plain way, for these tests only."""
    found = []
    for path, driver in (
        ("sip_additional.conf", Driver.CHAN_SIP),
        ("sip.conf", Driver.CHAN_SIP),
        ("pjsip.auth.conf", Driver.PJSIP),
        ("pjsip.conf", Driver.PJSIP),
    ):
        file = evidence / "etc/asterisk" / path
        section = ""
        for line in file.read_text().splitlines() if file.exists() else ():
            if match := re.match(r"\[([^\]]+)\]", line):
                section = match[1].removesuffix("-auth")
            elif match := re.match(r"\s*(?:secret|password)\s*=>?\s*(\S+)", line):
                found.append(account(section, match[1], driver))
    return tuple(found)


def served(evidence: Path) -> dict[str, bytes | str]:
    return {str(path.relative_to(evidence)): path.read_bytes() for path in (evidence / "tftpboot").iterdir()}


def test_the_tree_of_the_real_machine() -> None:
    evidence = shared("data/freepbx14/evidence")
    reading = read(served(evidence), configured(evidence))
    files = {file.name: [place.account for place in file.secrets] for file in reading.facts.files or ()}
    assert files == {
        "001565a10101.cfg": ["1001"],
        "001565a10102.cfg": ["1002"],
        "001565a10103.cfg": ["1003"],
        "001565b20104.cfg": ["1004"],
        "001565b20105.cfg": ["1006"],
        "805ec0c30106.cfg": ["2001"],
        "y000000000000.cfg": [],
        "y000000000005.cfg": [],
    }
    assert reading.problems == ()


def test_every_phone_of_the_incident_leaks_its_own_secret() -> None:
    evidence = shared("data/incidents/tftp-leak-114/evidence")
    reading = read(served(evidence), configured(evidence))
    phones = [file for file in reading.facts.files or () if file.kind == FileKind.PHONE]
    assert len(phones) == 24
    assert [file.name for file in phones if tuple(place.account for place in file.secrets) != file.accounts] == []


def test_a_school_and_a_large_backup_are_read_fast() -> None:
    accounts = tuple(account(str(2000 + number), f"FAKE{number:028x}") for number in range(130))
    files: dict[str, bytes | str] = {
        f"tftpboot/001565{number:06x}.cfg": yealink(str(2000 + number), f"FAKE{number:028x}") + "# filler\n" * 3600
        for number in range(130)
    }
    files["tftpboot/backup.sql"] = b"INSERT INTO cdr VALUES ('2026-11-23', 5551234567);\n" * 1_000_000
    started = time.process_time()
    found = read(files, accounts).facts.files or ()
    assert time.process_time() - started < 15  # about 2 s on the machine that this was written on
    assert sum(len(file.secrets) for file in found) == 130


NAMES = st.sampled_from(["tftpboot/0015657a54b1.cfg", "tftpboot/a.tgz", "srv/tftp/y000000000000.boot", "tftpboot/"])


@settings(max_examples=1000)
@given(st.dictionaries(NAMES, st.one_of(st.binary(max_size=300), st.just(yealink("2001", LONG).encode()))))
def test_any_bytes_are_read(files: dict[str, bytes | str]) -> None:
    read(files)
