"""Says in one sentence who reaches a listener and why, with the rules that prove it."""

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Hop, Verdict
from ringfence.model.packetfilter import Hook, TranslateDestination
from ringfence.model.phrasing import listed
from ringfence.model.site import ServiceName
from ringfence.reach import zones
from ringfence.reach.decisions import Step
from ringfence.reach.flow import EPHEMERAL_PORT
from ringfence.reach.proof import Case, Passage, Turn, hops, passages
from ringfence.reach.whereabouts import INTERNET, provider_addresses

SERVICES = {
    ServiceName.CHAN_SIP: "SIP (chan_sip)",
    ServiceName.PJSIP: "SIP (PJSIP)",
    ServiceName.IAX2: "IAX2",
    ServiceName.TFTP: "TFTP",
    ServiceName.HTTP: "HTTP",
    ServiceName.HTTPS: "HTTPS",
    ServiceName.ASTERISK_HTTP: "Asterisk's web server",
    ServiceName.AMI: "the manager interface (AMI)",
    ServiceName.SSH: "SSH",
    ServiceName.DATABASE: "the database",
    ServiceName.PROVISIONING: "the provisioning service",
    ServiceName.PHONE_WEB: "a phone's web page",
    ServiceName.PHONE_SIP: "a phone's SIP port",
    ServiceName.OTHER: "another service",
}
BOXES = {"edge2": "the second edge", "edge": "the edge", "pbx": "the PBX's firewall"}
#: Networks that a sentence lists before it counts.
MOST_LISTED = 6
#: Groups of sources whose reasons a sentence tells apart.
MOST_REASONS = 4


def explain(case: Case) -> tuple[str, tuple[Hop, ...]]:
    """Give the claim and its proof."""
    told = passages(case, MOST_REASONS)
    turns = told[0].turns if told else ()
    proof = hops(case, turns)
    if case.loopback:
        only = f"it listens on {case.listener.address} only"
        return f"Nobody reaches {service(case)} from another machine: {only}.", proof
    match case.verdict:
        case Verdict.REACHABLE:
            return _reachable(case, told), proof
        case Verdict.BLOCKED:
            return _blocked(case, turns), proof
        case Verdict.UNKNOWN:
            return _unknown(case, turns), proof


def service(case: Case) -> str:
    """Name the listener: ``TFTP (10.30.0.10:69/udp)``."""
    listener = case.listener
    address = case.address
    shown = "" if address is None else f"[{address}]:" if address.version == 6 else f"{address}:"
    name = (
        listener.process if listener.service == ServiceName.OTHER and listener.process else SERVICES[listener.service]
    )
    return f"{name} ({shown}{listener.port}/{listener.transport})"


def _at(case: Case) -> str:
    if case.outside is None:
        return ""
    address, port = case.outside.address, case.outside.port
    if address is None:
        return f" at port {port} of the edge's public address"
    return f" at [{address}]:{port}" if address.version == 6 else f" at {address}:{port}"


def _place(case: Case) -> str:
    return "the Internet" if case.vantage.name == INTERNET else f"network {case.vantage.name}"


def _on(case: Case) -> str:
    return "on" if case.vantage.name == INTERNET else "in"


def _few(case: Case) -> bool:
    """Tell whether less than half of those that stand there get through."""
    return case.sources.count * 2 < _everybody(case).count


def _everybody(case: Case) -> AddressSet:
    """Give all that stand at the vantage, of the IP versions that matter."""
    every, sources = case.vantage.sources, case.sources
    return AddressSet(ipv4=every.ipv4 if sources.ipv4 else (), ipv6=every.ipv6 if sources.ipv6 else ())


def _who(case: Case) -> str:
    """Name the sources that get through, as a part of those that stand at the vantage."""
    refused = _everybody(case) - case.sources
    if not refused:
        return f"Anyone {_on(case)} {_place(case)}"
    if not _few(case):
        return f"Anyone {_on(case)} {_place(case)} except {_named(refused)}"
    return f"{_on(case).capitalize()} {_place(case)} only {_named(case.sources)}"


def _named(addresses: AddressSet) -> str:
    texts: list[str] = []
    for network in addresses.networks():
        if len(texts) == MOST_LISTED:
            return f"{', '.join(texts)} and further networks"
        whole = network.prefixlen == network.max_prefixlen
        texts.append(str(network.network_address) if whole else str(network))
    return listed(texts, MOST_LISTED)


def _reachable(case: Case, told: tuple[Passage, ...]) -> str:
    few = _few(case)
    kind = " (the provider's addresses)" if few and case.sources <= provider_addresses(case.site) else ""
    verb = "reach" if few and case.sources.count > 1 else "reaches"
    doubt = f"; of {_named(case.doubtful)} it cannot be told" if case.doubtful else ""
    way = _way(case, told[0].turns if told else ())
    reasons = _reasons(told) if few else _pbx_words(told[0].turns if told else ())
    because = " and ".join(part for part in (way, reasons) if part)
    return f"{_hidden(case)}{_who(case)}{kind} {verb} {service(case)}{_at(case)}{_from_port(told)}: {because}{doubt}."


def _hidden(case: Case) -> str:
    if case.seen_as is None:
        return ""
    seen = "an address of the edge" if case.seen_as.count > 2**16 else str(case.seen_as)
    whom = "everyone on the Internet" if case.vantage.name == INTERNET else f"all of {_place(case)}"
    return (
        f"The PBX sees only {seen} instead of the true source, because the edge rewrites it: whatever is allowed to "
        f"that address is allowed to {whom}. "
    )


def _from_port(told: tuple[Passage, ...]) -> str:
    port = told[0].approach.header.source_port if told else EPHEMERAL_PORT
    return "" if port in {None, EPHEMERAL_PORT} else f" when it sends from port {port}"


def _way(case: Case, turns: tuple[Turn, ...]) -> str:
    """Say how the packet comes to the PBX."""
    edge = [turn for turn in turns if turn.stage.box in {"edge", "edge2"}]
    who = "both edges forward it" if any(turn.stage.box == "edge2" for turn in edge) else "the edge forwards it"
    if not edge:
        return "it is on the same network as the PBX" if case.vantage.name != INTERNET else ""
    forwarded = any(turn.last.rule and isinstance(turn.last.rule.action, TranslateDestination) for turn in edge)
    return who if forwarded else "the edge lets it pass"


def _reasons(told: tuple[Passage, ...]) -> str:
    """Say why each group of sources gets in, where only some do."""
    groups: dict[str, AddressSet] = {}
    for passage in told:
        words = _reason(passage.turns)
        groups[words] = groups.get(words, AddressSet()) | passage.sources
    if len(groups) == 1 and "" in groups:
        return _pbx_words(told[0].turns)
    # a reason that begins with the network that it is about needs no further subject
    parts = [words if words[:1].isdigit() else f"{_named(sources)}: {words}" for words, sources in groups.items()]
    return f"the PBX's firewall lets them in ({'; '.join(parts)})"


def _reason(turns: tuple[Turn, ...]) -> str:
    here = [turn for turn in turns if turn.stage.box == "pbx" and turn.stage.hook == Hook.INPUT]
    for turn in here:
        said = zones.reason(turn.decision.path)
        if said:
            return said
    ruled = next((turn for turn in here if turn.last.rule is not None), None)
    return _quoted(ruled.last) if ruled is not None else ""


def _pbx_words(turns: tuple[Turn, ...]) -> str:
    here = [turn for turn in turns if turn.stage.box == "pbx" and turn.stage.hook == Hook.INPUT]
    if not here:
        return "the PBX filters nothing (no rules are loaded)"
    for turn in here:
        said = zones.reason(turn.decision.path)
        if said:
            return f"the PBX's firewall lets it in because {said}"
    ruled = next((turn for turn in here if turn.last.rule is not None), None)
    if ruled is not None:
        return f"the PBX's firewall lets it in ({_quoted(ruled.last)})"
    return "no rule of the PBX's firewall stops it"


def _quoted(step: Step) -> str:
    return f"policy of chain {step.chain.name}" if step.rule is None else f"rule “{step.rule.text}”"


def _blocked(case: Case, turns: tuple[Turn, ...]) -> str:
    nobody = f"Nobody {_on(case)} {_place(case)} reaches {service(case)}"
    if not case.found:
        return f"{nobody}: it has no address that can be reached from there."
    stopping = next((turn for turn in turns if turn.decision.stopped), None)
    if stopping is None:
        return f"{nobody}: no rule of the edge forwards anything to it."
    forwarded = "the edge forwards it, but " if stopping.stage.box == "pbx" and case.outside is not None else ""
    said = zones.reason(stopping.decision.path)
    why = f" because {said}" if said else f" ({_quoted(stopping.last)})"
    return f"{nobody}{_at(case)}: {forwarded}{BOXES[stopping.stage.box]} stops it{why}."


def _unknown(case: Case, turns: tuple[Turn, ...]) -> str:
    reasons = dict.fromkeys(case.missing)
    for _, delivery in case.found:
        reasons.update(dict.fromkeys(delivery.missing))
    for turn in turns:
        for step in turn.decision.path:
            if step.rule is not None:
                reasons.update(dict.fromkeys(f"{text} ({step.rule.citation})" for text in step.doubts))
        if turn.decision.passed and turn.decision.stopped and turn.last.rule is not None:
            reasons[f"“{turn.last.rule.text}” is not interpreted ({turn.last.rule.citation})"] = None
    why = listed(reasons, 3) or "rules that are not interpreted decide"
    return f"It cannot be told whether {_place(case)} reaches {service(case)}{_at(case)}: {why}."
