"""Answers who can talk to the phone system: one question about one source of evidence, one typed answer."""

from dataclasses import dataclass, replace
from pathlib import Path

from ringfence import __version__
from ringfence.commands.evidence import predicted, read_evidence
from ringfence.model.errors import UsageError
from ringfence.model.finding import Remedy
from ringfence.model.site import Listener, Site
from ringfence.reach.answer import Answer, Difference, Flows, Needs, Overview, ReachResult, SourcesOf
from ringfence.reach.asking import Inquiry, open_inquiry
from ringfence.reach.dead import dead_rules
from ringfence.reach.difference import differences
from ringfence.reach.listeners import named_listeners
from ringfence.reach.names import Origin, from_vantage, origins
from ringfence.reach.narrow import narrowings
from ringfence.reach.needed import needs
from ringfence.reach.sources import sources
from ringfence.reach.trace import trace

NO_LISTENERS = "which services listen on the PBX is not in the evidence (the output of `ss -lnptu`, commands/ss.txt)"
#: Edges whose connections `conntrack` shows and ends.
LINUX = frozenset({"iptables", "ip6tables", "nftables"})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReachRequest:
    """What to ask about, and one question: a flow (``origin``, ``target``), the sources of a listener, or another.

    Without a question, every exposure is given. ``edge`` are exports of the edge firewall beside the evidence.
    """

    source: str
    edge: tuple[Path, ...] = ()
    origin: str = ""
    target: str = ""
    sources_of: str = ""
    needed: bool = False
    old: str = ""
    dead: bool = False


def answer_reach(request: ReachRequest) -> ReachResult:
    """Answer the request; raises UsageError for a question that makes no sense, DriverError for evidence not there."""
    _one_question(request)
    evidence = read_evidence(request.source, request.edge)
    site = evidence.site.facts
    result = ReachResult(
        source=request.source,
        version=__version__,
        site=site,
        answer=Flows(flows=()),
        problems=(*evidence.source.problems(), *evidence.site.problems),
    )
    inquiry = open_inquiry(site)
    if not inquiry.listeners and not request.dead:
        return replace(result, answer=_nothing(request), missing=(NO_LISTENERS,))
    if request.old:
        return _difference(request, result, inquiry)
    if request.needed:
        return _needs(result, inquiry)
    if request.dead:
        dead = dead_rules(inquiry)
        return replace(result, answer=dead, missing=dead.not_judged)
    if request.sources_of:
        listeners = named_listeners(site, inquiry.listeners, request.sources_of)
        return replace(result, answer=SourcesOf(sources=tuple(one for it in listeners for one in sources(inquiry, it))))
    if request.origin or request.target:
        return replace(result, answer=_flows(request, site, inquiry))
    return replace(result, answer=Overview(exposures=predicted(site), vantages=inquiry.vantages))


def _one_question(request: ReachRequest) -> None:
    asked = {
        "--from/--to": bool(request.origin or request.target),
        "--sources": bool(request.sources_of),
        "--needed": request.needed,
        "--diff": bool(request.old),
        "--dead": request.dead,
    }
    given = [name for name, is_given in asked.items() if is_given]
    if len(given) > 1:
        raise UsageError(f"{' and '.join(given)}: these are different questions; ask one at a time")


def _nothing(request: ReachRequest) -> Answer:
    """Give the empty answer of the kind that was asked for."""
    if request.old:
        return Difference(old=request.old, changes=(), running=())
    if request.needed:
        return Needs(needs=(), narrowings=(), running=())
    if request.sources_of:
        return SourcesOf(sources=())
    return Flows(flows=()) if request.origin or request.target else Overview(exposures=(), vantages=())


def _flows(request: ReachRequest, site: Site, inquiry: Inquiry) -> Flows:
    """Trace from one place, or from all, to one listener, or to all."""
    places = origins(site, request.origin) if request.origin else _everywhere(inquiry)
    listeners: tuple[Listener, ...] = inquiry.listeners
    if request.target:
        listeners = named_listeners(site, inquiry.listeners, request.target)
    narrowed = open_inquiry(site, (origin.vantage for origin in places))
    return Flows(flows=tuple(flow for to in listeners for origin in places for flow in trace(narrowed, origin, to)))


def _everywhere(inquiry: Inquiry) -> tuple[Origin, ...]:
    return tuple(from_vantage(vantage) for vantage in inquiry.vantages)


def _needs(result: ReachResult, inquiry: Inquiry) -> ReachResult:
    found = needs(inquiry)
    closing = dict.fromkeys(
        (forward_port, need.listener.transport)
        for need in found
        if need.strangers
        for forward_port in ([one.port for one in need.forwards] or [need.listener.port])
    )
    answer = Needs(
        needs=found,
        narrowings=narrowings(inquiry.site, found),
        running=_end_running(inquiry.site, tuple(closing)),
    )
    return replace(result, answer=answer, missing=tuple(dict.fromkeys(text for need in found for text in need.missing)))


def _difference(request: ReachRequest, result: ReachResult, inquiry: Inquiry) -> ReachResult:
    before = open_inquiry(read_evidence(request.old).site.facts)
    if not before.listeners:
        return replace(result, answer=_nothing(request), missing=(f"{request.old}: {NO_LISTENERS}",))
    changes = differences(before, inquiry)
    closed = [change for change in changes if change.closed]
    closing = dict.fromkeys(
        (port, change.listener.transport)
        for change in closed
        for port in ([outside.port for outside in change.outsides] or [change.listener.port])
    )
    answer = Difference(old=request.old, changes=changes, running=_end_running(inquiry.site, tuple(closing)))
    return replace(result, answer=answer)


def _end_running(site: Site, ports: tuple[tuple[int, str], ...]) -> tuple[Remedy, ...]:
    """Say how to end flows through doors that are closed: a firewall lets what already runs go on.

    ``conntrack`` keeps a flow under the port that it first came to, whatever rules say later (conntrack(8)).
    """
    edge = site.host("edge")
    product = edge.packet_filter.product if edge is not None and edge.packet_filter is not None else "iptables"
    if set(product.split(" and ")) <= LINUX:
        return tuple(
            Remedy(
                text=f"End what still runs through {port}/{transport}, on the edge, after the new rules are loaded.",
                command=f"conntrack -D -p {transport} --orig-port-dst {port}",
            )
            for port, transport in ports
        )
    return tuple(
        Remedy(text=f"On the edge, clear the states (connections) to port {port}/{transport} after the change.")
        for port, transport in ports
    )
