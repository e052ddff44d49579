from hypothesis import given, settings

from ringfence.model.site import LogFile
from ringfence.readers.asterisk import logger
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, etc, evidence


def read(text: bytes | str, **others: str) -> dict[str, LogFile]:
    facts = logger.read(etc(logger=text, **others)).facts
    assert facts is not None
    return {file.name: file for file in facts}


def test_levels_and_names() -> None:
    files = read(
        "[general]\ndateformat=%F %T\n[logfiles]\nconsole => notice\nfull => DEBUG, error,verbose(5)\n"
        "/srv/log/sec.log => security\nmessages.log => [json]notice,warning\nsyslog.local0 => *\n;gone => security\n"
    )
    assert set(files) == {
        "/var/log/asterisk/full",
        "/srv/log/sec.log",
        "/var/log/asterisk/messages.log",
        "syslog.local0",
    }
    assert files["/var/log/asterisk/full"].levels == {"debug", "error", "verbose"}
    assert files["/srv/log/sec.log"].citation.line == 6
    assert files["/var/log/asterisk/messages.log"].levels == {"notice", "warning"}
    assert "security" in files["syslog.local0"].levels


def test_the_folder_is_that_of_asterisk_conf() -> None:
    assert set(read("[logfiles]\nfull=notice\n", asterisk="[directories](!)\nastlogdir => /srv/log\n")) == {
        "/var/log/asterisk/full"
    }
    assert set(read("[logfiles]\nfull=notice\n", asterisk="[directories]\nastlogdir => /srv/log/\n")) == {
        "/srv/log/full"
    }


def test_no_file_is_unknown_and_an_empty_one_logs_nothing() -> None:
    assert logger.read(etc()).facts is None
    assert logger.read(etc(logger="")).facts == ()


def test_real_systems_keep_security_events_in_one_file_only() -> None:
    for bundle, name in ((REAL, "fail2ban"), (INCIDENT, "security")):
        facts = logger.read(evidence(bundle, "etc/asterisk")).facts
        assert facts is not None
        assert [file.name for file in facts if "security" in file.levels] == [f"/var/log/asterisk/{name}"]


@settings(max_examples=1000)
@given(HOSTILE)
def test_no_content_is_too_odd(content: bytes) -> None:
    read(b"[logfiles]\n" + content)
