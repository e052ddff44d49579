"""Predicted exposures against real packets: every listener of the PBX, from every vantage, in many settings."""

import contextlib
import os
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ringfence.drivers.directory import DirectoryArtifacts
from ringfence.reach.predict import predict
from ringfence.readers.site import read_site
from tests.lab import evidence, foresight, rootfs, school
from tests.lab.campus import campus, collect
from tests.lab.foresight import Comparison
from tests.lab.pbx import pbx
from tests.lab.probing import Post, Probe, post
from tests.lab.settings import SETTINGS, SHARED, Setting, shared_setting
from tests.shared_data import shared

pytestmark = pytest.mark.lab

VARIANTS = "data/freepbx14/firewall-variants"
_TOOLS = ("nft", "iptables-nft-restore", "iptables-legacy-restore", "ipset")
#: What the PBX's programs answer to anybody, whoever asks.
_ANSWERED_PORTS = {69, 5060, 5160}


@pytest.fixture(scope="module", autouse=True)
def _able() -> None:
    """Skip where the lab cannot run, and fail there in CI."""
    reason = rootfs.why_not()
    if reason is None:
        rootfs.install_host_programs()
        missing = [tool for tool in _TOOLS if shutil.which(tool, path="/usr/sbin:/usr/bin:/sbin:/bin") is None]
        reason = f"the lab needs {', '.join(missing)}" if missing else None
    if reason and os.environ.get("CI") == "true":
        pytest.fail(f"{reason}; in CI the lab must run")
    if reason:
        pytest.skip(reason)


@pytest.fixture(scope="module")
def results(request: pytest.FixtureRequest) -> Iterator[dict[str, Comparison]]:
    """Keep what was compared, and show it as a table at the end."""
    found: dict[str, Comparison] = {}
    yield found
    with request.config.pluginmanager.getplugin("capturemanager").global_and_fixture_disabled():
        print(f"\n{'setting':42}{'pairs':>6}{'packets':>9}{'arrived':>9}{'wrong':>7}{'seconds':>9}")
        for name, one in found.items():
            counts = f"{one.pairs:6}{one.packets:9}{one.arrived:9}{len(one.disagreements):7}"
            print(f"{name:42}{counts}{one.seconds:9.1f}")


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_packets_find_what_was_predicted(setting: Setting, results: dict[str, Comparison], tmp_path: Path) -> None:
    judge(setting, results, tmp_path)


@pytest.mark.parametrize("name", SHARED)
def test_packets_find_what_was_predicted_of_freepbx(name: str, results: dict[str, Comparison], tmp_path: Path) -> None:
    judge(shared_setting(name, shared(VARIANTS)), results, tmp_path)


@pytest.mark.parametrize("line", ["@banned return", "@providers udp dport", "@ports"])
def test_a_rule_that_is_missing_from_the_evidence_is_found_out(line: str, tmp_path: Path) -> None:
    """The proof's own proof: with one rule hidden from the prediction, packets and prediction disagree."""
    setting = next(one for one in SETTINGS if one.name == "forwards by sets and maps")

    def hide(bundle: Path) -> None:
        (bundle / "edge/nft-ruleset.json").unlink()
        export = bundle / "edge/nft-ruleset.txt"
        lines = export.read_text().splitlines(keepends=True)
        kept = [one for one in lines if line not in one]
        assert len(kept) == len(lines) - 1
        export.write_text("".join(kept))

    assert play(setting, tmp_path, hide).disagreements


def judge(setting: Setting, results: dict[str, Comparison], folder: Path) -> None:
    """Hold the prediction against the packets, and fail where they disagree."""
    began = time.monotonic()
    compared = play(setting, folder)
    results[setting.name] = replace(compared, seconds=time.monotonic() - began)
    assert not compared.disagreements, "\n".join(compared.disagreements[:20])


def play(setting: Setting, folder: Path, tamper: Callable[[Path], None] | None = None) -> Comparison:
    """Set the network up, collect the evidence, predict, and send packets; ``tamper`` changes the evidence."""
    with contextlib.ExitStack() as stack:
        net = stack.enter_context(campus(ipv6=setting.ipv6))
        for rules in setting.edge:
            rules.load(net, "edge")
        for rules in setting.pbx:
            rules.load(net, "pbx")
        at = stack.enter_context(post(net, setting.doors))
        bundle = folder / "evidence"
        if setting.asterisk:
            box = stack.enter_context(pbx(net, school.found(asterisk=16, phones=2, seed=setting.name), folder))
            evidence.collect(net, box, bundle)
        collect(net, bundle, legacy=setting.legacy, edge_is_nft=setting.edge_is_nft)
        if tamper is not None:
            tamper(bundle)
        return _compared(setting, at, bundle)


def _compared(setting: Setting, at: Post, bundle: Path) -> Comparison:
    site = read_site(DirectoryArtifacts(bundle))
    unread = [one for one in site.problems if one.citation.file.startswith(("commands/", "edge/"))]
    assert unread == []
    exposures = predict(site.facts)
    rules = "\n".join(one.text for one in (*setting.edge, *setting.pbx))
    sources = [*foresight.people(), *foresight.bounds_in(rules)]
    sources += [bound for exposure in exposures for bound in foresight.bounds_of(exposure)]
    probes = foresight.probes(exposures, dict.fromkeys(sources), ipv6=setting.ipv6, ports=setting.ports)
    arrived = at.send(probes)
    if setting.asterisk:
        _programs_answer(at, probes, [probe for probe, one in arrived.items() if one.port in _ANSWERED_PORTS])
    return foresight.compare(exposures, probes, arrived, partly_hidden=setting.partly_hidden)


def _programs_answer(at: Post, sent: list[Probe], arrived: list[Probe]) -> None:
    """What passed the filters has arrived: Asterisk and in.tftpd answer it."""
    wanted = {probe for probe in arrived if probe.transport == "udp"}
    assert wanted
    silent = wanted - at.answered(sent, wanted, seconds=10)
    assert silent == set(), f"{len(silent)} of {len(wanted)} were not answered"
