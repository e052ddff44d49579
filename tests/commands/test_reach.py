"""Each question on real evidence: the bundled school, and a real FreePBX 14 where it is at hand."""

import random
import shutil
import tarfile
from importlib.resources import as_file, files
from pathlib import Path

import pytest

from ringfence.commands.reach import ReachRequest, answer_reach
from ringfence.model.errors import RingfenceError, UsageError
from ringfence.model.exposure import Verdict
from ringfence.reach.answer import Difference, Flows, Needs, Overview, SourcesOf
from ringfence.reach.dead import DeadRules
from ringfence.render.reach import to_text
from ringfence.render.reach_json import to_json
from tests.commands.test_hostile import damage
from tests.render.sample import forbidden
from tests.shared_data import shared

STRANGER = "192.0.2.66"


@pytest.fixture(scope="module")
def school(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The bundled evidence as a directory."""
    root = tmp_path_factory.mktemp("school")
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle, tarfile.open(bundle) as archive:
        archive.extractall(root, filter="data")
    return root


@pytest.fixture
def copy(school: Path, tmp_path: Path) -> Path:
    target = tmp_path / "copy"
    shutil.copytree(school, target)
    return target


def test_without_a_question_every_exposure_is_given(school: Path) -> None:
    result = answer_reach(ReachRequest(source=str(school)))
    assert isinstance(result.answer, Overview)
    assert result.complete
    opened = {one.listener.service.value for one in result.answer.exposures if one.verdict is Verdict.REACHABLE}
    assert {"tftp", "pjsip", "chan_sip"} <= opened
    assert {one.vantage for one in result.answer.exposures} == {one.name for one in result.answer.vantages}


@pytest.mark.parametrize(("origin", "vantage"), [(STRANGER, "internet"), ("voice", "voice"), ("internet", "internet")])
def test_a_single_flow_is_traced(school: Path, origin: str, vantage: str) -> None:
    answer = answer_reach(ReachRequest(source=str(school), origin=origin, target="69/udp")).answer
    assert isinstance(answer, Flows)
    (flow,) = answer.flows
    assert (flow.vantage, flow.verdict) == (vantage, Verdict.REACHABLE)
    assert flow.hops


def test_left_out_ends_of_a_flow_are_all(school: Path) -> None:
    to_all = answer_reach(ReachRequest(source=str(school), origin=STRANGER)).answer
    from_all = answer_reach(ReachRequest(source=str(school), target="tftp")).answer
    assert isinstance(to_all, Flows)
    assert isinstance(from_all, Flows)
    assert len({flow.listener for flow in to_all.flows}) > 4
    assert {"internet", "voice"} <= {flow.vantage for flow in from_all.flows}


def test_the_sources_of_a_listener_are_exact(school: Path) -> None:
    answer = answer_reach(ReachRequest(source=str(school), sources_of="tftp")).answer
    assert isinstance(answer, SourcesOf)
    internet = next(group for group in answer.sources if group.vantage == "internet")
    assert internet.surely == internet.everybody
    assert STRANGER in internet.surely


def test_what_is_needed_ends_with_rules_and_with_what_already_runs(school: Path) -> None:
    answer = answer_reach(ReachRequest(source=str(school), needed=True)).answer
    assert isinstance(answer, Needs)
    assert all(need.strangers for need in answer.needs)
    assert any("ip saddr" in line for narrowing in answer.narrowings for line in narrowing.lines)
    assert "conntrack -D -p udp --orig-port-dst 69" in [remedy.command for remedy in answer.running]


def narrowed(folder: Path) -> Path:
    for path in (folder / "edge").glob("nft-ruleset.*"):
        if path.suffix == ".json":
            path.unlink()
        else:
            path.write_text(path.read_text().replace('iifname "wan"', 'iifname "wan" ip saddr 198.51.100.20'))
    return folder


def test_a_change_says_what_it_closes_and_that_running_flows_go_on(school: Path, copy: Path) -> None:
    result = answer_reach(ReachRequest(source=str(narrowed(copy)), old=str(school)))
    assert isinstance(result.answer, Difference)
    tftp = next(one for one in result.answer.changes if one.listener.port == 69)
    assert tftp.vantage == "internet"
    assert STRANGER in tftp.closed
    assert not tftp.opened
    assert "198.51.100.20" not in tftp.closed
    assert any(remedy.command.startswith("conntrack -D") for remedy in result.answer.running)
    back = answer_reach(ReachRequest(source=str(school), old=str(copy))).answer
    assert isinstance(back, Difference)
    assert back.running == (), "what opens leaves nothing running behind a closed door"


def test_a_dead_forward_is_found(copy: Path) -> None:
    for path in (copy / "edge").glob("nft-ruleset.*"):
        if path.suffix == ".json":
            path.unlink()
        else:
            path.write_text(path.read_text().replace("tcp dport 80 dnat", "tcp dport { 80, 4343 } dnat"))
    result = answer_reach(ReachRequest(source=str(copy), dead=True))
    assert isinstance(result.answer, DeadRules)
    assert ["4343/tcp" in dead.claim for dead in result.answer.found] == [True]


def test_other_edges_are_told_to_clear_their_states(school: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ringfence.commands import reach

    monkeypatch.setattr(reach, "LINUX", frozenset({"nothing"}))
    answer = answer_reach(ReachRequest(source=str(school), needed=True)).answer
    assert isinstance(answer, Needs)
    assert all(remedy.command == "" for remedy in answer.running)
    assert "clear the states" in answer.running[0].text


def test_two_questions_at_once_are_refused(school: Path) -> None:
    with pytest.raises(UsageError, match="--needed and --dead"):
        answer_reach(ReachRequest(source=str(school), needed=True, dead=True))


QUESTIONS = (
    ReachRequest(source=""),
    ReachRequest(source="", origin=STRANGER, target="tftp"),
    ReachRequest(source="", origin="voice"),
    ReachRequest(source="", sources_of="sip"),
    ReachRequest(source="", needed=True),
    ReachRequest(source="", dead=True),
)


def ask(question: ReachRequest, folder: Path) -> ReachRequest:
    return ReachRequest(
        source=str(folder),
        origin=question.origin,
        target=question.target,
        sources_of=question.sources_of,
        needed=question.needed,
        dead=question.dead,
    )


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_the_edge_nothing_is_called_closed_to_the_internet(question: ReachRequest, copy: Path) -> None:
    shutil.rmtree(copy / "edge")
    try:
        result = answer_reach(ask(question, copy))
    except UsageError as error:
        # without the edge's interfaces the school's other networks have no names
        assert "neither an address nor a network" in str(error)  # noqa: PT017 - some questions are answered, some refused
        return
    match result.answer:
        case Overview(exposures=exposures):
            assert {one.verdict for one in exposures if one.vantage == "internet"} == {Verdict.UNKNOWN}
        case Flows(flows=flows):
            assert {flow.verdict for flow in flows} == {Verdict.UNKNOWN}
        case SourcesOf(sources=sources):
            assert all(one.perhaps == one.everybody for one in sources if one.vantage == "internet")
        case Needs() | DeadRules():
            assert not result.complete
        case Difference():
            pytest.fail("not asked")


@pytest.mark.parametrize("question", QUESTIONS)
def test_without_the_sockets_the_answer_is_not_completed(question: ReachRequest, tmp_path: Path) -> None:
    (tmp_path / "commands").mkdir()
    (tmp_path / "commands/iptables-save.txt").write_text("")
    result = answer_reach(ask(question, tmp_path))
    assert not result.complete
    assert "commands/ss.txt" in " ".join(result.missing)


@pytest.mark.parametrize("seed", range(12))
def test_damaged_evidence_is_answered_inertly_or_refused(seed: int, copy: Path, school: Path) -> None:
    chance = random.Random(seed)
    names = [path for folder in ("commands", "edge", "etc/asterisk") for path in (copy / folder).iterdir()]
    for path in chance.sample(names, chance.randrange(1, 12)):
        changed = damage(path.read_bytes(), chance)
        if changed is None:
            path.unlink()
        else:
            path.write_bytes(changed)
    requests = [ask(question, copy) for question in QUESTIONS]
    for request in (*requests, ReachRequest(source=str(copy), old=str(school))):
        try:
            result = answer_reach(request)
        except RingfenceError:
            continue
        assert not forbidden(to_text(result))
        assert not forbidden(to_json(result))


def test_a_real_freepbx_14_names_the_zone_that_lets_everybody_in() -> None:
    folder = shared("data/freepbx14/evidence")
    answer = answer_reach(ReachRequest(source=str(folder), origin="192.0.2.66", target="tftp")).answer
    assert isinstance(answer, Flows)
    assert answer.flows[0].reason == "eth0 is in zone internal (Local)"
    needs = answer_reach(ReachRequest(source=str(folder), needed=True)).answer
    assert isinstance(needs, Needs)
    assert any(need.cut_off for need in needs.needs), (
        "the hijackers are registered, and that makes them needed by nobody"
    )
