"""The whole way on real evidence: the bundled school, and a real hijacked FreePBX 14 where it is at hand."""

import json
import shutil
from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ringfence.commands.check import CheckRequest, check_site
from ringfence.model.errors import DriverError, UsageError
from ringfence.model.exposure import Basis, Verdict
from ringfence.model.incident import Cause
from ringfence.model.report import Report
from tests.shared_data import shared


def causes(report: Report) -> dict[str, Cause]:
    return {account: incident.cause for incident in report.incidents for account in incident.accounts}


def doors(report: Report) -> dict[str, Verdict]:
    return {
        str(exposure.listener.service): exposure.verdict
        for exposure in report.exposures
        if exposure.vantage == "internet" and exposure.basis is Basis.PREDICTED
    }


def test_the_hijacked_freepbx_14_is_judged_as_its_truth_says() -> None:
    folder = shared("data/freepbx14")
    truth = json.loads((folder / "truth.json").read_text())
    report = check_site(CheckRequest(source=str(folder / "evidence")))
    assert causes(report) == {name: Cause(theft["cause"]) for name, theft in truth["compromised"].items()}
    assert {str(address) for incident in report.incidents for address in incident.addresses} == set(
        truth["hostile_addresses"]
    )
    for incident in report.incidents:
        wanted = {address for name in incident.accounts for address in truth["compromised"][name]["addresses"]}
        assert wanted <= {str(address) for address in incident.addresses}
    assert [leak.account for leak in report.leaked] == truth["leaked_not_used"]
    found = doors(report)
    for service, is_open in truth["exposed_to_internet"].items():
        if service != "why":
            assert (found[service] is Verdict.REACHABLE) is is_open, service
    assert not any("1005" in incident.accounts for incident in report.incidents), "a stale password is no break-in"


@pytest.mark.parametrize("run", ["tftp-leak-114", "clean-107"])
def test_the_two_days_in_a_school_are_judged_as_their_truth_says(run: str) -> None:
    folder = shared(f"data/incidents/{run}")
    truth = json.loads((folder / "truth.json").read_text())
    report = check_site(CheckRequest(source=str(folder / "evidence")))
    assert causes(report) == {name: Cause(theft["cause"]) for name, theft in truth["compromised"].items()}
    accused = {str(address) for incident in report.incidents for address in incident.addresses}
    assert accused <= set(truth["hostile"])
    assert {theft["ip"] for theft in truth["compromised"].values()} <= accused


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled evidence as a directory that a test may damage."""
    import tarfile

    root = tmp_path_factory.mktemp("school")
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle, tarfile.open(bundle) as archive:
        archive.extractall(root, filter="data")
    return root


def damaged(school: Path, tmp_path: Path) -> Path:
    copy = tmp_path / "copy"
    shutil.copytree(school, copy)
    return copy


def test_a_bundle_gives_the_same_answer_as_directory_and_as_archive(school: Path) -> None:
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle:
        packed = check_site(CheckRequest(source=str(bundle)))
    unpacked = check_site(CheckRequest(source=str(school)))
    assert replace(packed, source="", coverage=unpacked.coverage) == replace(unpacked, source="")


def test_without_the_edge_the_doors_are_unknown_and_never_closed(school: Path, tmp_path: Path) -> None:
    copy = damaged(school, tmp_path)
    shutil.rmtree(copy / "edge")
    report = check_site(CheckRequest(source=str(copy)))
    assert set(doors(report).values()) == {Verdict.UNKNOWN}
    assert any(unknown.subject == "edge firewall" for unknown in report.unknowns)
    assert report.incidents, "what the logs show does not depend on the edge"


def test_without_logs_nobody_is_cleared(school: Path, tmp_path: Path) -> None:
    copy = damaged(school, tmp_path)
    shutil.rmtree(copy / "var/log")
    report = check_site(CheckRequest(source=str(copy)))
    assert report.incidents == ()
    assert "cannot be told" in report.verdict
    assert report.complete


def test_damage_is_named_and_the_rest_is_still_read(school: Path, tmp_path: Path) -> None:
    copy = damaged(school, tmp_path)
    full = copy / "var/log/asterisk/full"
    full.write_bytes(b"\xff\xfe\x1b[31m" + b"A" * (1 << 20) + b"\n" + full.read_bytes())
    (copy / "etc/asterisk/http.conf").write_bytes(b"[general\nenabled=\x00")
    (copy / "commands/ip-route.txt").write_text("default via nonsense dev eth0\n")
    report = check_site(CheckRequest(source=str(copy)))
    assert set(causes(report).values()) == {Cause.PROVISIONING_LEAK}
    assert any(problem.citation.file == "etc/asterisk/http.conf" for problem in report.coverage.problems)


def test_an_empty_asterisk_folder_is_no_answer(tmp_path: Path) -> None:
    (tmp_path / "etc/asterisk").mkdir(parents=True)
    (tmp_path / "etc/asterisk/notes.txt").write_text("nothing")
    report = check_site(CheckRequest(source=str(tmp_path)))
    assert not report.complete


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="no such file"):
        check_site(CheckRequest(source=str(tmp_path / "none")))
    with pytest.raises(UsageError, match="tariff cannot be read"):
        check_site(CheckRequest(source=str(tmp_path), tariff=tmp_path / "none.csv"))


def test_the_tariff_prices_the_loss(school: Path, tmp_path: Path) -> None:
    tariff = tmp_path / "prices.csv"
    tariff.write_text("prefix,name,price_per_minute,currency\n252,Somalia,1.00,EUR\n")
    report = check_site(CheckRequest(source=str(school), tariff=tariff))
    loss = report.incidents[0].calls
    assert loss.currency == "EUR"
    assert loss.cost is not None
    assert loss.cost > 0


def test_the_edges_rules_may_come_from_elsewhere(school: Path, tmp_path: Path) -> None:
    copy = damaged(school, tmp_path)
    rules = shutil.copy(copy / "edge/nft-ruleset.txt", tmp_path / "router.txt")
    addresses = shutil.copy(copy / "edge/ip-addr.txt", tmp_path / "ip-addr.txt")
    shutil.rmtree(copy / "edge")
    report = check_site(CheckRequest(source=str(copy), edge=(Path(rules), Path(addresses))))
    assert doors(report)["tftp"] is Verdict.REACHABLE


def test_a_door_for_the_provider_alone_is_expected_and_no_alarm(school: Path, tmp_path: Path) -> None:
    copy = damaged(school, tmp_path)
    shutil.rmtree(copy / "var/log")
    rules = (copy / "edge/nft-ruleset.txt").read_text().replace('iifname "wan"', 'iifname "wan" ip saddr 198.51.100.20')
    shutil.rmtree(copy / "edge")
    (copy / "edge").mkdir()
    (copy / "edge/nft-ruleset.txt").write_text(rules)
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle:
        import tarfile

        with tarfile.open(bundle) as archive:
            archive.extract("./edge/ip-addr.txt", copy, filter="data")
    report = check_site(CheckRequest(source=str(copy)))
    opened = [one for one in report.exposures if one.vantage == "internet" and one.verdict is Verdict.REACHABLE]
    assert opened
    assert all(exposure.expected for exposure in opened)
    assert "only your provider and declared remote places get in" in report.verdict
