"""Answers about reach to render, from a made-up school; one site carries hostile names."""

from dataclasses import replace
from ipaddress import ip_address

from ringfence.model.evidence import Citation, Problem
from ringfence.model.finding import Remedy
from ringfence.model.site import Driver, LiveContact, NamedNetwork, Provider, ServiceName, Site
from ringfence.reach.answer import Answer, Difference, Flows, Needs, Overview, ReachResult, SourcesOf
from ringfence.reach.asking import open_inquiry
from ringfence.reach.dead import dead_rules
from ringfence.reach.difference import differences
from ringfence.reach.names import from_vantage
from ringfence.reach.narrow import narrowings
from ringfence.reach.needed import needs
from ringfence.reach.predict import predict
from ringfence.reach.sources import sources
from ringfence.reach.trace import trace
from tests.reach.school import OPEN_EDGE, PLACE, PROVIDER, edge, listener, nft, pbx, save, site
from tests.render.sample import HOSTILE

#: The edge hides all sources, lets the voice network pass alone, and forwards a port that nobody listens on.
EDGE = (
    OPEN_EDGE.replace('oifname "wan" masquerade', "ip saddr != 10.0.0.0/8 masquerade")
    .replace('"lan", "voice", "office"', '"voice"')
    .replace("{ 69, 5060 }", "{ 69, 5060, 5160 }")
)
RULES = """-A INPUT -s 10.20.8.0/25 -p udp -m udp --dport 5060 -j DROP
-A INPUT -p tcp -m geoip --src-cc XX -j DROP
-A INPUT -p udp -m udp --dport 69 -j ACCEPT
-A INPUT -s 198.51.100.20 -p udp -m udp --dport 69 -j ACCEPT"""
RUNNING = Remedy(text="End what still runs.", command="conntrack -D -p udp --orig-port-dst 69")


def school(text: str = EDGE, rules: str = RULES) -> Site:
    """Give a school with TFTP, SIP and a web server, and a stranger who is registered."""
    listeners = (
        listener(),
        listener(ServiceName.PJSIP, 5060, process="asterisk"),
        listener(ServiceName.HTTP, 80, transport="tcp", process="apache2"),
    )
    stranger = ip_address("192.0.2.66")
    live = LiveContact(account="2001", driver=Driver.PJSIP, address=stranger, port=5060, citation=PLACE)
    made = site(pbx(save(rules), *listeners), edge(nft(text)))
    return replace(made, name="Lakeside School", contacts=(live,))


def hostile() -> Site:
    """Give a school whose names an attacker chose."""
    made = school()
    network = NamedNetwork(name=HOSTILE, prefixes=made.networks[1].prefixes, declared=True)
    provider = Provider(name=HOSTILE, addresses=(ip_address(PROVIDER),))
    live = replace((made.contacts or ())[0], account=HOSTILE)
    return replace(made, name=HOSTILE, networks=(network,), providers=(provider,), contacts=(live,))


def answers(judged: Site) -> dict[str, Answer]:
    """Give every kind of answer about a site."""
    inquiry = open_inquiry(judged)
    narrow = school(EDGE.replace('iifname "wan" udp', f'iifname "wan" ip saddr {PROVIDER} udp'))
    found = needs(inquiry)
    places = [from_vantage(vantage) for vantage in inquiry.vantages]
    return {
        "overview": Overview(exposures=predict(judged), vantages=inquiry.vantages),
        "flows": Flows(
            flows=tuple(flow for to in inquiry.listeners for place in places for flow in trace(inquiry, place, to))
        ),
        "sources": SourcesOf(sources=tuple(one for to in inquiry.listeners for one in sources(inquiry, to))),
        "needed": Needs(needs=found, narrowings=narrowings(judged, found), running=(RUNNING,)),
        "difference": Difference(
            old="old.tar.gz", changes=differences(inquiry, open_inquiry(narrow)), running=(RUNNING,)
        ),
        "dead": dead_rules(inquiry),
    }


def result(question: str, judged: Site | None = None, *, missing: tuple[str, ...] = ()) -> ReachResult:
    """Give one answer with what stands around it."""
    about = judged or school()
    return ReachResult(
        source="evidence.tar.gz",
        version="1.0",
        site=about,
        answer=answers(about)[question],
        problems=(Problem(citation=Citation(file="edge/x.txt", line=3), message="not understood"),),
        missing=missing,
    )
