from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.errors import UsageError
from ringfence.model.evidence import Citation
from ringfence.model.site import ServiceName
from ringfence.reach.listeners import are_all, named_listeners
from tests.reach.school import PBX, listener, pbx, save, site

LISTENERS = (
    listener(),
    listener(ServiceName.CHAN_SIP, 5160),
    listener(ServiceName.PJSIP, 5060),
    listener(ServiceName.PJSIP, 5060, transport="tcp"),
    listener(ServiceName.AMI, 5038, transport="tcp", address="127.0.0.1"),
)
SCHOOL = site(pbx(save(""), *LISTENERS))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("tftp", (0,)),
        ("TFTP", (0,)),
        ("chan_sip", (1,)),
        ("sip", (1, 2, 3)),
        ("5060", (2, 3)),
        ("5060/udp", (2,)),
        ("udp/5060", (2,)),
        (f"{PBX}:5060/udp", (2,)),
        (f"{PBX}:5060", (2, 3)),
        ("127.0.0.1:5038/tcp", (4,)),
    ],
)
def test_a_listener_is_found_by_service_by_port_and_by_address(text: str, found: tuple[int, ...]) -> None:
    assert named_listeners(SCHOOL, LISTENERS, text) == tuple(LISTENERS[number] for number in found)


@pytest.mark.parametrize(
    "text", ["5061", "5060/sctp", "udp/5060/tcp", "10.20.0.11:5060", "[2001:db8::5]:5060", "ssh", ""]
)
def test_a_near_miss_names_what_there_is(text: str) -> None:
    with pytest.raises(UsageError, match=r"no such listener; it has tftp 69/udp, chan_sip 5160/udp"):
        named_listeners(SCHOOL, LISTENERS, text)


def test_an_ipv6_listener_is_found_in_brackets() -> None:
    six = replace(SCHOOL, hosts=(pbx(save(""), *LISTENERS, addresses=("2001:db8::5/64",)),))
    assert named_listeners(six, LISTENERS, "[2001:db8::5]:5160/udp") == (LISTENERS[1],)


def test_only_the_kernels_list_is_known_to_be_whole() -> None:
    assert are_all(LISTENERS)
    assert not are_all(())
    assert not are_all((*LISTENERS, replace(LISTENERS[0], citation=Citation(file="etc/asterisk/sip.conf"))))


@given(st.text(max_size=40))
def test_any_text_is_found_or_refused(text: str) -> None:
    with suppress(UsageError):
        assert named_listeners(SCHOOL, LISTENERS, text)
