import re

import pytest

from ringfence.render.reach import to_text
from tests.render.reach_sample import hostile, result
from tests.render.sample import forbidden

QUESTIONS = ("overview", "flows", "sources", "needed", "difference", "dead")


def said(question: str) -> str:
    """Give the text without its line breaks."""
    return " ".join(to_text(result(question)).split())


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_answer_is_plain_and_fits_80_columns(question: str) -> None:
    text = to_text(result(question))
    assert all(len(line) <= 80 for line in text.splitlines())
    assert "\x1b" not in text
    assert text.startswith("Ringfence reach: Lakeside School\n")
    assert "1 place of the evidence could not be read" in " ".join(text.split())


@pytest.mark.parametrize("question", QUESTIONS)
def test_colour_changes_no_word(question: str) -> None:
    coloured = to_text(result(question), colour=True)
    assert re.sub(r"\x1b\[[0-9;]*m", "", coloured).split() == to_text(result(question)).split()


@pytest.mark.parametrize("question", QUESTIONS)
def test_names_that_an_attacker_chose_are_shown_inertly(question: str) -> None:
    assert not forbidden(to_text(result(question, hostile())))


def test_the_internet_comes_first_and_the_worst_door_before_the_others() -> None:
    text = to_text(result("overview"))
    assert text.index("FROM THE INTERNET") < text.index("FROM THE SITE'S OWN NETWORKS")
    assert text.index("OPEN    ") < text.index("CLOSED  ")
    assert "Open to the Internet: TFTP (udp/69) and SIP (PJSIP) (udp/5060)." in said("overview")


def test_a_hidden_source_is_said_where_it_matters() -> None:
    overview = said("overview")
    assert overview.index("The PBX sees 10.20.0.1 instead of the true source") < overview.index("FROM THE INTERNET")
    assert "The PBX sees 10.20.0.1 instead of the true source" in said("flows")
    assert "The PBX sees the true source." in said("flows")
    assert "whatever is allowed to that address is allowed to all of them" in said("sources")


def test_a_flow_is_told_hop_by_hop() -> None:
    text = said("flows")
    assert "1. edge, prerouting:" in text
    assert "[edge/nft-ruleset.txt:4]" in text
    assert "No: 10.20.8.0/25 cannot reach SIP (PJSIP)" in text
    assert "Unknown: it cannot be told whether anyone in network pbx reaches HTTP" in text


def test_the_sources_name_their_networks_and_the_rule_that_refuses() -> None:
    text = said("sources")
    assert "TFTP (udp/69) from the Internet: all of the Internet (3.7 thousand million addresses)." in text
    assert "- not 10.20.8.0/25: pbx, input: -A INPUT -s 10.20.8.0/25" in text
    assert "- provider trunk: 198.51.100.20" in text
    assert "Of 10.20.0.0/24 it cannot be told: “-m geoip" in text
    assert "(PJSIP) (udp/5060) from network office: nobody." in text


def test_opened_and_closed_are_told_apart_and_running_flows_are_not_forgotten() -> None:
    text = said("difference")
    assert "Compared with old.tar.gz CLOSES" in text
    assert "3.7 thousand million addresses (the Internet)" in text
    assert "OPENS" not in text
    assert "Closing a door does not stop who is already inside" in text
    assert "conntrack -D -p udp --orig-port-dst 69" in text


def test_what_is_dead_stands_with_its_rule_and_its_proof() -> None:
    text = said("dead")
    assert "Edge, forward to nobody: edge/nft-ruleset.txt:4" in text
    assert "5160/udp to the PBX, and nothing listens there" in text
    assert "Pbx, rule that never matches" in text


def test_what_is_missing_is_the_first_thing_said() -> None:
    text = to_text(result("overview", missing=("the sockets are not in the evidence",)))
    assert text.splitlines()[1] == "INCOMPLETE: the sockets are not in the evidence."
