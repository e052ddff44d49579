"""Follows single packets from where they come from to one listener, hop by hop, each group of sources with its fate."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Basis, Exposure, Hop, Outside, Vantage, Verdict
from ringfence.model.packetfilter import Hook
from ringfence.model.phrasing import listed
from ringfence.model.site import Listener, Site
from ringfence.reach import zones
from ringfence.reach.admission import with_admissions
from ringfence.reach.asking import Inquiry, Reply, fates
from ringfence.reach.explain import BOXES, service
from ringfence.reach.flow import EPHEMERAL_PORT
from ringfence.reach.names import Origin, phrase, tidied
from ringfence.reach.proof import Case, Passage, Turn, hops, passages

#: Groups of sources that are told apart; the rest is told together.
MOST_GROUPS = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Some sources that meet the same rules on their way to a listener.

    ``who`` says them in words. ``seen_as`` are the addresses that the PBX sees in their
    place, None where it sees the true ones. ``source_port`` is the port that they have to send from, None for any.
    ``reason`` is the firewall's setting in its own words, ``stopped_by`` the step that ends the way, ``doubts`` say why
    it cannot be told, ``admits`` what the listener itself still asks of those who arrive.
    """

    who: str
    vantage: str
    sources: AddressSet
    listener: Listener
    outside: Outside | None
    verdict: Verdict
    claim: str
    hops: tuple[Hop, ...]
    reason: str = ""
    stopped_by: Hop | None = None
    seen_as: AddressSet | None = None
    source_port: int | None = None
    doubts: tuple[str, ...] = ()
    admits: str = ""


def trace(inquiry: Inquiry, origin: Origin, listener: Listener) -> tuple[Flow, ...]:
    """Tell what happens to packets from ``origin`` to a listener: those that arrive first, then in doubt, then not."""
    replies = inquiry.ask(listener, origin.vantage)
    surely, perhaps, never = fates(replies)
    asked = surely | perhaps | never
    found: list[Flow] = []
    for reply in replies:
        found += _flows(inquiry, origin, reply, Verdict.REACHABLE, (reply.surely, asked))
    for reply in replies:
        found += _flows(inquiry, origin, reply, Verdict.UNKNOWN, (reply.perhaps & perhaps, asked))
    found += _flows(inquiry, origin, replies[0], Verdict.BLOCKED, (never, asked))
    return tuple(found)


def _flows(
    inquiry: Inquiry, origin: Origin, reply: Reply, verdict: Verdict, shared: tuple[AddressSet, AddressSet]
) -> Iterator[Flow]:
    """Split sources of one fate, out of all that were asked about, into groups that meet the same rules."""
    (left, asked), groups = shared, 0
    while left:
        alone = _asked_again(inquiry, reply, left)
        told = passages(inquiry.case(alone, verdict, left), 1) if groups < MOST_GROUPS else ()
        covered = told[0].sources & left if told else AddressSet()
        group = covered or left
        yield _flow(inquiry, origin, _asked_again(inquiry, reply, group), verdict, (group, asked))
        left -= group
        groups += 1


def _asked_again(inquiry: Inquiry, reply: Reply, sources: AddressSet) -> Reply:
    """Ask about some of the sources alone, at the same door."""
    narrowed = Vantage(name=reply.vantage.name, sources=sources)
    replies = inquiry.ask(reply.listener, narrowed)
    return next((again for again in replies if again.outside == reply.outside), replies[0])


def _flow(
    inquiry: Inquiry, origin: Origin, reply: Reply, verdict: Verdict, shared: tuple[AddressSet, AddressSet]
) -> Flow:
    sources, asked = shared
    case = inquiry.case(reply, verdict, sources)
    told = passages(case, 1)
    turns = told[0].turns if told else ()
    # where a rule may lead two ways, the same rules are met on both
    steps = tuple(dict.fromkeys(hops(case, turns)))
    flow = Flow(
        who=_who(inquiry.site, origin, sources, asked),
        vantage=reply.vantage.name,
        sources=sources,
        listener=reply.listener,
        outside=reply.outside,
        verdict=verdict,
        claim="",
        hops=steps,
        reason=_reason(turns),
        stopped_by=_stopped_by(case, turns) if verdict is Verdict.BLOCKED else None,
        seen_as=reply.seen_as if verdict is not Verdict.BLOCKED else None,
        source_port=_source_port(told),
        doubts=_doubts(reply, told) if verdict is Verdict.UNKNOWN else (),
    )
    return _admitted(inquiry.site, replace(flow, claim=_claim(flow, case, turns)))


def _admitted(site: Site, flow: Flow) -> Flow:
    """Add what the listener itself grants and refuses, with the lines that make it so."""
    arrived = Exposure(
        id=flow.who,
        vantage=flow.vantage,
        listener=flow.listener,
        outside=flow.outside,
        verdict=flow.verdict,
        basis=Basis.PREDICTED,
        sources=flow.sources,
        claim=flow.claim,
        proof=flow.hops,
        seen_as=flow.seen_as,
    )
    (completed,) = with_admissions(site, (arrived,))
    return replace(flow, hops=completed.proof, admits=completed.admits)


def _who(site: Site, origin: Origin, sources: AddressSet, asked: AddressSet) -> str:
    if sources == asked:
        return origin.label
    if sources.count * 2 > asked.count:
        return f"{origin.label} except {phrase(tidied(site, asked - sources))}"
    return phrase(tidied(site, sources))


def _source_port(told: tuple[Passage, ...]) -> int | None:
    port = told[0].approach.header.source_port if told else None
    return None if port == EPHEMERAL_PORT else port


def _reason(turns: tuple[Turn, ...]) -> str:
    """Give what FreePBX's firewall calls the setting that decided; empty where it is not FreePBX's firewall."""
    here = (turn for turn in turns if turn.stage.box == "pbx" and turn.stage.hook == Hook.INPUT)
    return next((said for turn in here if (said := zones.reason(turn.decision.path))), "")


def _stopped_by(case: Case, turns: tuple[Turn, ...]) -> Hop | None:
    stopping = next((turn for turn in turns if turn.decision.stopped), None)
    if stopping is None:
        return None
    return hops(case, (stopping,))[-2]


def _doubts(reply: Reply, told: tuple[Passage, ...]) -> tuple[str, ...]:
    """Name what leaves the answer open: evidence that is absent, and rules that are not interpreted."""
    found = dict.fromkeys(reply.missing)
    for _, delivery in reply.ways:
        found.update(dict.fromkeys(delivery.missing))
    for turn in told[0].turns if told else ():
        for step in turn.decision.path:
            if step.rule is not None:
                found.update(dict.fromkeys(f"{text} ({step.rule.citation})" for text in step.doubts))
        last = turn.last.rule
        if turn.decision.passed and turn.decision.stopped and last is not None:
            found[f"“{last.text}” is not interpreted ({last.citation})"] = None
    return tuple(found) or ("rules that are not interpreted decide",)


def _claim(flow: Flow, case: Case, turns: tuple[Turn, ...]) -> str:
    who, verb = flow.who, "reach" if " and " in flow.who and flow.who[:1].isdigit() else "reaches"
    what = f"{service(case)}{_at(flow.outside)}"
    port = f" when it sends from port {flow.source_port}" if flow.source_port is not None else ""
    because = f", because {flow.reason}" if flow.reason else ""
    match flow.verdict:
        case Verdict.REACHABLE:
            return f"Yes: {who} {verb} {what}{port}{because}."
        case Verdict.UNKNOWN:
            return f"Unknown: it cannot be told whether {who} {verb} {what}: {listed(flow.doubts, 3)}."
        case Verdict.BLOCKED:
            anyone, _, rest = who.partition("anyone ")
            nobody = f"nobody {rest} reaches" if rest and not anyone else f"{who} cannot reach"
            return f"No: {nobody} {what}: {_stop(flow, case, turns)}{because}."


def _stop(flow: Flow, case: Case, turns: tuple[Turn, ...]) -> str:
    if case.loopback:
        return f"it listens on {flow.listener.address} only"
    stopping = next((turn for turn in turns if turn.decision.stopped), None)
    if stopping is not None:
        return f"{BOXES.get(stopping.stage.box, stopping.stage.box)} stops it"
    if not case.found:
        return "it has no address that can be reached from there"
    return "no rule of the edge forwards anything to it"


def _at(outside: Outside | None) -> str:
    if outside is None:
        return ""
    if outside.address is None:
        return f" at port {outside.port} of the edge's public address"
    shown = f"[{outside.address}]" if outside.address.version == 6 else str(outside.address)
    return f" at {shown}:{outside.port}"
