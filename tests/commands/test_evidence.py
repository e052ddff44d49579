from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ringfence.commands.evidence import predicted, read_evidence
from ringfence.model.errors import DriverError, UsageError
from ringfence.model.exposure import Verdict
from tests.reach.school import OPEN_EDGE, PROVIDER, edge, nft, pbx, save, site


def test_the_site_is_read_from_a_bundle_with_its_database() -> None:
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle:
        evidence = read_evidence(str(bundle))
    assert evidence.site.facts.host("edge") is not None
    assert (evidence.database is not None) is ("var/lib/asterisk/astdb.sqlite3" in evidence.source.names())


def test_exports_beside_the_evidence_are_read_as_the_edges(tmp_path: Path) -> None:
    (tmp_path / "bundle/commands").mkdir(parents=True)
    (tmp_path / "bundle/commands/ss.txt").write_text("")
    rules = tmp_path / "rules.txt"
    rules.write_text(OPEN_EDGE)
    found = read_evidence(str(tmp_path / "bundle"), (rules,)).site.facts.host("edge")
    assert found is not None
    assert found.packet_filter is not None
    assert str(found.packet_filter.citation.file) == "edge/rules.txt"


def test_what_cannot_be_opened_is_said(tmp_path: Path) -> None:
    with pytest.raises(DriverError, match="no such file"):
        read_evidence(str(tmp_path / "none"))
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands/ss.txt").write_text("")
    with pytest.raises(UsageError, match="no such file"):
        read_evidence(str(tmp_path), (tmp_path / "none.txt",))


def test_only_a_door_to_the_internet_for_the_needed_alone_is_expected() -> None:
    narrow = OPEN_EDGE.replace('iifname "wan" udp', f'iifname "wan" ip saddr {PROVIDER} udp')
    found = predicted(site(pbx(save("")), edge(nft(narrow))))
    assert {one.vantage for one in found if one.expected} == {"internet"}
    assert not any(one.expected for one in predicted(site(pbx(save("")), edge(nft(OPEN_EDGE)))))
    assert not any(one.expected for one in found if one.verdict is not Verdict.REACHABLE)
