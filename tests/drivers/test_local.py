from pathlib import Path

from ringfence.drivers.local import LocalArtifacts
from ringfence.readers.wants import Command, Glob

WANTS = (
    Glob(pattern="/etc/asterisk/*.conf"),
    Glob(pattern="/tftpboot/**"),
    Command(name="said", argv=("printf", "hello")),
    Command(name="missing", argv=("ringfence-no-such-program",)),
    Command(name="failing", argv=("false",)),
)


def machine(root: Path) -> Path:
    (root / "etc/asterisk").mkdir(parents=True)
    (root / "etc/asterisk/sip.conf").write_text("[general]\n")
    (root / "etc/asterisk/readme").write_text("not wanted")
    (root / "tftpboot/old").mkdir(parents=True)
    (root / "tftpboot/old/001565aabb01.cfg").write_text("x")
    return root


def test_what_the_readers_want_is_there_and_nothing_else(tmp_path: Path) -> None:
    source = LocalArtifacts(WANTS, machine(tmp_path))
    assert source.names() == ("commands/said.txt", "etc/asterisk/sip.conf", "tftpboot/old/001565aabb01.cfg")
    assert b"".join(source.chunks("commands/said.txt")) == b"hello"
    assert b"".join(source.chunks("etc/asterisk/sip.conf")) == b"[general]\n"
    assert source.modified_at("etc/asterisk/sip.conf") is not None


def test_a_command_that_is_missing_or_fails_is_unknown_not_empty(tmp_path: Path) -> None:
    source = LocalArtifacts(WANTS, machine(tmp_path))
    source.names()
    said = {problem.citation.file: problem.message for problem in source.problems()}
    assert said == {
        "commands/missing.txt": "`ringfence-no-such-program` is not on this machine",
        "commands/failing.txt": "`false` failed: 1",
    }


def test_every_input_has_its_digest(tmp_path: Path) -> None:
    source = LocalArtifacts(WANTS, machine(tmp_path))
    source.names()
    assert {digest.file: digest.size_bytes for digest in source.digests()} == {
        "commands/said.txt": 5,
        "etc/asterisk/sip.conf": 10,
        "tftpboot/old/001565aabb01.cfg": 1,
    }
