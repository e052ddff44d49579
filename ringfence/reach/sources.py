"""The exact set of addresses that reach a listener, place by place, each part with its name and its rule."""

from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Hop, Verdict
from ringfence.model.site import Listener
from ringfence.reach.asking import Inquiry, fates
from ringfence.reach.names import Part, from_vantage, parts
from ringfence.reach.trace import Flow, trace


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """Addresses that one step keeps out; None where nothing leads to the listener at all."""

    addresses: AddressSet
    by: Hop | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourcesFrom:
    """Who of one vantage reaches the listener: ``surely``, ``perhaps`` (it cannot be told), and who is refused.

    ``named`` shares out those that surely or perhaps arrive by name. ``rules`` are the first and the last rules on
    their ways.
    """

    vantage: str
    listener: Listener
    everybody: AddressSet
    surely: AddressSet
    perhaps: AddressSet
    named: tuple[Part, ...]
    rules: tuple[Citation, ...]
    refused: tuple[Refusal, ...]
    doubts: tuple[str, ...]
    seen_as: AddressSet | None


def sources(inquiry: Inquiry, listener: Listener) -> tuple[SourcesFrom, ...]:
    """Give the sources of a listener from the Internet and from each network of the site."""
    return tuple(_from_vantage(inquiry, listener, number) for number in range(len(inquiry.vantages)))


def _from_vantage(inquiry: Inquiry, listener: Listener, number: int) -> SourcesFrom:
    vantage = inquiry.vantages[number]
    replies = inquiry.ask(listener, vantage)
    surely, perhaps, never = fates(replies)
    flows = trace(inquiry, from_vantage(vantage), listener)
    seen = [reply.seen_as for reply in replies if reply.seen_as is not None]
    return SourcesFrom(
        vantage=vantage.name,
        listener=listener,
        everybody=surely | perhaps | never,
        surely=surely,
        perhaps=perhaps,
        named=parts(inquiry.site, surely | perhaps),
        rules=tuple(dict.fromkeys(place for flow in flows for place in _deciding(flow))),
        refused=tuple(
            Refusal(addresses=flow.sources, by=flow.stopped_by) for flow in flows if flow.verdict is Verdict.BLOCKED
        ),
        doubts=tuple(dict.fromkeys(doubt for flow in flows for doubt in flow.doubts)),
        seen_as=AddressSet.union(seen) if seen else None,
    )


def _deciding(flow: Flow) -> tuple[Citation, ...]:
    """Give the first rule of the way and the last one before the listener itself."""
    if flow.verdict is Verdict.BLOCKED:
        return ()
    places = [hop.citation for hop in flow.hops if hop.citation is not None]
    before = places[: places.index(flow.listener.citation)] if flow.listener.citation in places else places
    return (before[0], before[-1]) if before else ()
