from pathlib import Path

from ringfence.commands.check import CheckRequest, check_site
from ringfence.commands.collect import CollectRequest, collect_evidence
from ringfence.drivers.archive import ArchiveArtifacts


def test_what_is_collected_can_be_checked_elsewhere(tmp_path: Path) -> None:
    source = tmp_path / "machine"
    (source / "etc/asterisk").mkdir(parents=True)
    (source / "etc/asterisk/sip.conf").write_text(
        "[2001]\ntype=friend\nhost=dynamic\nsecret=2001\ncontext=from-internal\n"
    )
    (source / "var/log/asterisk").mkdir(parents=True)
    (source / "var/log/asterisk/link").symlink_to("/etc/passwd")
    target = tmp_path / "evidence.tar.gz"
    result = collect_evidence(CollectRequest(source=str(source), output=target))
    assert result.files == 1
    assert [problem.citation.file for problem in result.problems] == ["var/log/asterisk/link"]
    assert ArchiveArtifacts(target).names() == ("etc/asterisk/sip.conf",)
    report = check_site(CheckRequest(source=str(target)))
    assert "secret-equals-extension" in {finding.check for finding in report.findings}


def test_the_live_machine_is_collected_without_changing_it(tmp_path: Path) -> None:
    target = tmp_path / "evidence.tar.gz"
    result = collect_evidence(CollectRequest(source="local", output=target))
    assert result.files == len(ArchiveArtifacts(target).names())
