"""Access logs of web servers."""

from datetime import UTC, datetime
from time import perf_counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.events.schema import FileOutcome
from ringfence.readers.logs.web import read_web_log
from tests.memory import MemoryArtifacts
from tests.readers.logs.lines import FORGED, TRUE, read
from tests.shared_data import shared

LOG = "var/log/httpd/ssl_access_log.1"


def entry(
    target: str, status: int = 200, method: str = "GET", user: str = "-", agent: str = "Yealink SIP-T28P 2.73.0.50"
) -> str:
    date = "23/Nov/2026:14:09:18 -0500"
    return f'{TRUE} - {user} [{date}] "{method} {target} HTTP/1.1" {status} 10425 "-" "{agent}"\n'


def test_a_phone_fetches_its_file() -> None:
    (row,) = read({LOG: entry("/001565aabb01.cfg?x=1")}).files
    assert row.at == datetime(2026, 11, 23, 19, 9, 18, tzinfo=UTC)
    assert (row.protocol, row.name, str(row.address)) == ("http", "001565aabb01.cfg", TRUE)
    assert (row.outcome, row.user_agent) == (FileOutcome.SERVED, "Yealink SIP-T28P 2.73.0.50")


@pytest.mark.parametrize(
    ("status", "method", "outcome"),
    [
        (200, "GET", FileOutcome.SERVED),
        (206, "GET", FileOutcome.SERVED),
        (404, "GET", FileOutcome.NOT_FOUND),
        (401, "GET", FileOutcome.REFUSED),
        (403, "GET", FileOutcome.REFUSED),
        (500, "GET", FileOutcome.REQUESTED),
        (304, "GET", FileOutcome.REQUESTED),
        (200, "HEAD", FileOutcome.REQUESTED),
    ],
)
def test_outcomes(status: int, method: str, outcome: FileOutcome) -> None:
    assert [row.outcome for row in read({LOG: entry("/y000000000005.cfg", status, method)}).files] == [outcome]


@pytest.mark.parametrize(
    "name",
    [
        "y000000000005.cfg",
        "001565aabb01.boot",
        "cfg001565aabb01",
        "cfg001565aabb01.xml",
        "SEP001122334455.cnf.xml",
        "0004f2aabbcc-phone.cfg",
        "001565aabb01",
    ],
)
def test_names_that_phones_ask_for(name: str) -> None:
    assert [row.name for row in read({LOG: entry(f"/p/{name}")}).files] == [f"p/{name}"]


@pytest.mark.parametrize("target", ["/", "/admin/config.php", "/a/index.html", "/1234567890123456789.png", "*"])
def test_other_files_are_no_provisioning(target: str) -> None:
    assert read({LOG: entry(target)}).files == ()


def test_a_login_form_proves_no_login() -> None:
    events = read({LOG: entry("/admin/config.php", method="POST")})
    assert events.logins == ()
    assert events.sources[0].understood == 1


def test_http_authentication_proves_one_and_each_is_told_once() -> None:
    events = read(
        {LOG: entry("/admin/", user="bob") * 3 + entry("/admin/", 401, user="bob") * 2 + entry("/x", user="eve")}
    )
    assert [(row.user, row.succeeded) for row in events.logins] == [("bob", True), ("bob", False)]


def test_the_sender_cannot_leave_the_quotes() -> None:
    agent = rf"x\" 200 1 \"-\" \"y\n{FORGED} - - [23/Nov/2026:14:09:18 -0500] \"GET /a.cfg"
    (row,) = read({LOG: entry("/001565aabb01.cfg", agent=agent)}).files
    assert str(row.address) == TRUE


def test_names_hosts_and_garbage_are_passed_over() -> None:
    text = f"pbx:443 {entry('/a.cfg')}" + entry("/b.cfg").replace(TRUE, "host.example.com") + "garbage\n"
    events = read({LOG: text})
    assert [row.name for row in events.files] == ["a.cfg"]
    assert (events.sources[0].lines, events.sources[0].understood) == (3, 1)


def test_the_log_of_a_real_freepbx() -> None:
    events = read(
        {"var/log/apache2/access.log": shared("data/freepbx14/evidence/var/log/apache2/access.log").read_bytes()}
    )
    (source,) = events.sources
    assert (source.lines, source.understood, source.kind) == (10, 10, "web")
    assert source.last_at == datetime(2026, 11, 23, 19, 9, 18, tzinfo=UTC)
    assert events.logins == ()
    assert events.files == ()


def test_the_worst_text_takes_linear_time() -> None:
    started = perf_counter()
    read({LOG: entry("/" + "a.0123456789ab" * 4000) + entry("/x", agent='\\"" 200 1 "' * 5000)})
    assert perf_counter() - started < 0.5


@settings(max_examples=1000)
@given(st.binary())
def test_any_bytes_are_read_without_raising(raw: bytes) -> None:
    read_web_log(MemoryArtifacts({"f": raw + b"\n" + entry("/@").encode().replace(b"@", raw)}), "f")
