"""What a change opens and closes: the sources of each listener before and after, compared exactly."""

from dataclasses import dataclass

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Outside, Vantage
from ringfence.model.site import Address, Listener
from ringfence.reach.asking import Inquiry, fates, open_inquiry
from ringfence.reach.listeners import are_all
from ringfence.reach.names import Part, parts
from ringfence.reach.whereabouts import INTERNET

#: What a listener is recognised by in both states: service, transport, port, and its own address where it has one.
Door = tuple[str, str, int, Address | None]


NOT_LISTED = "whether it listened in both states is not in the evidence (commands/ss.txt)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What becomes of a listener from one vantage.

    ``opened`` surely were kept out and surely get in now, ``closed`` the other way round. Of ``undecided`` it cannot be
    told, before or after. ``outsides`` are the ports that a closed door had: connections to them may still be running.
    """

    listener: Listener
    vantage: str
    opened: AddressSet
    closed: AddressSet
    undecided: AddressSet
    opened_parts: tuple[Part, ...]
    closed_parts: tuple[Part, ...]
    outsides: tuple[Outside, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def is_none(self) -> bool:
        """Tell whether nothing changes, as far as can be told, and all of it can be told."""
        return not (self.opened or self.closed or self.undecided)


@dataclass(frozen=True, slots=True, kw_only=True)
class _State:
    surely: AddressSet
    perhaps: AddressSet
    outsides: tuple[Outside, ...] = ()
    doubts: tuple[str, ...] = ()


def differences(before: Inquiry, after: Inquiry) -> tuple[Change, ...]:
    """Give every listener and vantage whose sources change, or of which that cannot be told; the Internet first."""
    shared = _vantages(before, after)
    old, new = open_inquiry(before.site, shared), open_inquiry(after.site, shared)
    doors = {**{_door(one): one for one in old.listeners}, **{_door(one): one for one in new.listeners}}
    found = []
    for vantage in shared:
        for door, listener in doors.items():
            change = _change(listener, vantage, (old, new), door)
            if not change.is_none:
                found.append(change)
    return tuple(sorted(found, key=_worst_first))


def _worst_first(change: Change) -> tuple[bool, int, int, int]:
    return change.vantage != INTERNET, -change.opened.count, -change.closed.count, -change.undecided.count


def _vantages(before: Inquiry, after: Inquiry) -> tuple[Vantage, ...]:
    """Give the places to compare: the Internet of both, and each network with all the addresses it has in either."""
    old = {vantage.name: vantage.sources for vantage in before.vantages}
    new = {vantage.name: vantage.sources for vantage in after.vantages}
    internet = Vantage(name=INTERNET, sources=old[INTERNET] & new[INTERNET])
    names = [name for name in {**old, **new} if name != INTERNET]
    nothing = AddressSet()
    return (
        internet,
        *(Vantage(name=name, sources=old.get(name, nothing) | new.get(name, nothing)) for name in names),
    )


def _door(listener: Listener) -> Door:
    address = None if listener.address is None or listener.address.is_unspecified else listener.address
    return listener.service.value, listener.transport, listener.port, address


def _change(listener: Listener, vantage: Vantage, inquiries: tuple[Inquiry, Inquiry], door: Door) -> Change:
    before, after = (_state(inquiry, vantage, door) for inquiry in inquiries)
    opened = after.surely - before.surely - before.perhaps
    closed = before.surely - after.surely - after.perhaps
    site = inquiries[1].site
    return Change(
        listener=listener,
        vantage=vantage.name,
        opened=opened,
        closed=closed,
        undecided=before.perhaps | after.perhaps,
        opened_parts=parts(site, opened),
        closed_parts=parts(site, closed),
        outsides=before.outsides if closed else (),
        doubts=tuple(dict.fromkeys((*before.doubts, *after.doubts))),
    )


def _state(inquiry: Inquiry, vantage: Vantage, door: Door) -> _State:
    listener = next((one for one in inquiry.listeners if _door(one) == door), None)
    if listener is None:
        known = are_all(inquiry.listeners)
        return _State(
            surely=AddressSet(),
            perhaps=AddressSet() if known else vantage.sources,
            doubts=() if known else (NOT_LISTED,),
        )
    replies = inquiry.ask(listener, vantage)
    surely, perhaps, _ = fates(replies)
    missing = [text for reply in replies for text in reply.missing]
    missing += [text for reply in replies for _, delivery in reply.ways for text in delivery.missing]
    return _State(
        surely=surely,
        perhaps=perhaps,
        outsides=tuple(dict.fromkeys(reply.outside for reply in replies if reply.outside is not None)),
        doubts=tuple(dict.fromkeys(missing)) if perhaps else (),
    )
