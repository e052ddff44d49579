from collections import defaultdict
from importlib.resources import as_file, files
from itertools import combinations

import pytest

from ringfence.commands.evidence import read_evidence
from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Verdict
from ringfence.model.site import Host, Listener, Site
from ringfence.reach.asking import Reply, fates, open_inquiry
from ringfence.reach.predict import predict
from tests.reach.school import OPEN_EDGE, PBX, STRANGER, addresses, edge, listener, nft, pbx, save, site
from tests.reach.variants import VARIANTS, variant


def assert_agrees(judged: Site) -> None:
    """Whatever is asked here is answered as the engine's own prediction answers it."""
    predicted: dict[tuple[str, Listener], list[tuple[Verdict, AddressSet]]] = defaultdict(list)
    for exposure in predict(judged):
        predicted[exposure.vantage, exposure.listener].append((exposure.verdict, exposure.sources))
    inquiry = open_inquiry(judged)
    assert inquiry.listeners
    for listening in inquiry.listeners:
        for vantage in inquiry.vantages:
            replies = inquiry.ask(listening, vantage)
            known = predicted[vantage.name, listening]
            assert [reply.verdict for reply in replies] == [verdict for verdict, _ in known]
            for reply, (verdict, sources) in zip(replies, known, strict=True):
                assert reply.surely == (sources if verdict is Verdict.REACHABLE else AddressSet())
                assert verdict is not Verdict.UNKNOWN or sources <= reply.perhaps
                assert verdict is not Verdict.BLOCKED or not reply.perhaps
            for reply in replies:
                assert_shared_out(reply)


def assert_shared_out(reply: Reply) -> None:
    for one, other in combinations((reply.surely, reply.perhaps, reply.never), 2):
        assert not one & other
    assert reply.surely | reply.perhaps | reply.never <= reply.vantage.sources


@pytest.mark.parametrize("number", VARIANTS)
def test_the_real_firewalls_are_answered_as_predicted(number: int) -> None:
    assert_agrees(variant(number))


def test_the_bundled_school_is_answered_as_predicted() -> None:
    with as_file(files("ringfence").joinpath("demo", "school.tar.gz")) as bundle:
        assert_agrees(read_evidence(str(bundle)).site.facts)


@pytest.mark.parametrize(
    "hosts",
    [
        (pbx(save("")),),
        (pbx(None), edge(nft(OPEN_EDGE))),
        (pbx(save("")), edge(None)),
        (pbx(save(""), addresses=()), edge(nft(OPEN_EDGE))),
        (pbx(save("-A INPUT -m geoip --src-cc XX -j DROP")), edge(nft(OPEN_EDGE))),
        (pbx(save(""), listener(address="127.0.0.1")), edge(nft(OPEN_EDGE))),
    ],
)
def test_what_is_not_known_is_answered_as_predicted(hosts: tuple[Host, ...]) -> None:
    assert_agrees(site(*hosts))


def test_without_the_edges_rules_nobody_is_called_kept_out() -> None:
    inquiry = open_inquiry(site(pbx(save("")), edge(None)))
    (reply,) = inquiry.ask(inquiry.listeners[0], inquiry.vantages[0])
    assert reply.verdict is Verdict.UNKNOWN
    assert STRANGER in reply.perhaps
    assert not reply.never
    assert reply.missing


def test_only_the_part_that_an_uninterpreted_rule_touches_is_in_doubt() -> None:
    text = """-A INPUT -s 192.0.2.0/24 -m geoip --src-cc XX -j DROP
-A INPUT -s 198.51.100.0/24 -j DROP"""
    inquiry = open_inquiry(site(pbx(save(text)), edge(nft(OPEN_EDGE))))
    surely, perhaps, never = fates(inquiry.ask(inquiry.listeners[0], inquiry.vantages[0]))
    assert perhaps == addresses("192.0.2.0/24")
    assert never == addresses("198.51.100.0/24")
    assert "203.0.113.99" in surely


def test_a_site_without_a_phone_system_has_no_listeners() -> None:
    assert open_inquiry(Site()).listeners == ()


def test_a_port_that_is_forwarded_from_another_one_has_a_reply_of_its_own() -> None:
    text = OPEN_EDGE.replace(
        'iifname "wan" udp dport { 69, 5060 } dnat to 10.20.0.10',
        f'iifname "wan" udp dport 69 dnat to {PBX}\n\t\tiifname "wan" udp dport 6969 dnat to {PBX}:69',
    )
    inquiry = open_inquiry(site(pbx(save("")), edge(nft(text))))
    replies = inquiry.ask(inquiry.listeners[0], inquiry.vantages[0])
    assert [reply.outside.port for reply in replies if reply.outside] == [69, 6969]
