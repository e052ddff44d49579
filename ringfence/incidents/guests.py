"""Find the calls that strangers placed without any account and that the PBX connected to the outside."""

from ringfence.events.schema import Call
from ringfence.incidents.destinations import classify
from ringfence.incidents.losses import measure_loss
from ringfence.incidents.scene import SIP_SERVICES, Scene
from ringfence.model.incident import Cause, Confidence, Incident, Moment, Rival, Step
from ringfence.model.phrasing import counted, day, sentence
from ringfence.readers.tariff import Tariff


def find_guest_calls(scene: Scene, tariff: Tariff | None) -> tuple[Incident, ...]:
    """Give one incident of all guest calls that left through a trunk.

    Calls that only heard an announcement are none.
    """
    guests = [call for call in scene.events.calls if _is_guest(scene, call) and _left(scene, call)]
    if not guests:
        return ()
    guests.sort(key=lambda call: call.at)
    first, last = guests[0].at, guests[-1].at
    loss = measure_loss(scene, guests, tariff)
    claim = sentence(
        f"{counted(len(guests), 'call')} left through a trunk without any account, on "
        f"{day(first, scene.site.timezone)}: "
        "the PBX took strangers for guests and let them dial out."
    )
    return (
        Incident(
            id="guest-calls",
            cause=Cause.GUEST_CALLS,
            confidence=Confidence.PROVEN,
            claim=claim,
            rivals=(
                Rival(
                    cause=Cause.GUEST_CALLS,
                    supporting=("the calls' channels belong to no account and their context is the guests'",),
                    missing=("the callers' addresses: Asterisk writes none for an accepted guest call",),
                ),
            ),
            accounts=(),
            addresses=(),
            address_note="Asterisk logs no address for a guest call that it accepts.",
            first_at=first,
            last_at=last,
            calls=loss,
            moments=tuple(_moment(scene, call) for call in guests),
        ),
    )


def _is_guest(scene: Scene, call: Call) -> bool:
    """Tell whether a call came in as a guest's.

    chan_sip names a guest's channel after the domain of his From header, PJSIP after the endpoint ``anonymous``. The
    context may have moved on by the time the row was written, so it only counts where it still is the guests'.
    """
    peer = call.channel_peer
    if call.driver not in SIP_SERVICES or peer in {trunk.name for trunk in scene.site.trunks}:
        return False
    if peer in scene.account_names:
        return False
    contexts = {settings.guest_context for settings in scene.site.sip} - {""} | {"from-sip-external"}
    return peer == "anonymous" or call.context in contexts or "." in peer or ":" in peer


def _left(scene: Scene, call: Call) -> bool:
    """Tell whether the call was connected to the outside, not to an announcement or a ringing phone."""
    number = classify(call.dialled, extensions=scene.account_names)
    return bool(call.trunk) and (number.kind.is_costly or call.trunk in {trunk.name for trunk in scene.site.trunks})


def _moment(scene: Scene, call: Call) -> Moment:
    number = classify(call.dialled, extensions=scene.account_names)
    where = f" ({number.name})" if number.name else ""
    return Moment(
        at=call.at,
        step=Step.CALLED,
        what=f"a guest called {call.dialled}{where} through {call.trunk}",
        citation=call.citation,
    )
