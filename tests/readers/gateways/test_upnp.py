from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.evidence import Reading
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways import fortigate, forwards_csv, upnp
from ringfence.readers.gateways.gateway import Gateway
from tests.memory import MemoryArtifacts
from tests.readers.gateways.asking import exposure, gateway, reading, verdict
from tests.readers.gateways.test_fortigate import backup, policy
from tests.shared_data import shared

LEASES = "UDP:5060:10.20.0.10:5060:1795430000:sip: phone\nTCP:8080:10.20.0.10:80:0:camera\nUDP:69:10.20.0.99:69:0:x\n"


def test_leases_are_known_by_their_form() -> None:
    assert upnp.recognises(LEASES.encode())
    assert upnp.recognises(LEASES.encode()[:-20])
    assert not upnp.recognises(b"")
    assert not upnp.recognises(b"root:x:0:0:root:/root:/bin/bash\n")
    assert not upnp.recognises(LEASES.encode() + b"something else\nUDP:")


def test_a_lease_is_open_to_everybody() -> None:
    found = exposure(upnp.read, LEASES, "udp/5060")
    assert found.verdict == "reachable"
    assert any("UDP:5060:10.20.0.10" in hop.text for hop in found.proof)
    found = exposure(upnp.read, LEASES, "tcp/80")
    assert found.outside is not None
    assert (found.verdict.value, found.outside.port) == ("reachable", 8080)


def test_what_is_not_leased_is_unknown_since_the_rules_are_elsewhere() -> None:
    assert verdict(upnp.read, LEASES, "tcp/22") == "unknown"
    assert verdict(upnp.read, LEASES, "udp/5060", at="office") == "unknown"


def behind(router: Gateway) -> Reading[Gateway | None]:
    return Reading(facts=upnp.in_front_of(gateway(upnp.read, LEASES), router))


def test_before_a_router_that_denies_everything_leases_are_open_all_the_same() -> None:
    closed = gateway(fortigate.read, backup(policy(1, action="deny")))

    def both(_: Artifacts, __: str) -> Reading[Gateway | None]:
        return behind(closed)

    assert verdict(both, "", "udp/5060") == "reachable"
    assert verdict(both, "", "udp/69") == "blocked"
    assert verdict(both, "", "tcp/22") == "blocked"
    assert verdict(both, "", "udp/5060", at="office") == "blocked"


def test_a_lease_takes_the_port_away_from_the_router_forward() -> None:
    listed = "protocol,outside_port,inside_address,inside_port\nudp,69,10.20.0.10,69\ntcp,22,10.20.0.10,22\n"
    router = gateway(forwards_csv.read, listed)

    def both(_: Artifacts, __: str) -> Reading[Gateway | None]:
        return behind(router)

    assert verdict(forwards_csv.read, listed, "udp/69") == "reachable"
    assert verdict(both, "", "udp/69") == "blocked"
    assert verdict(both, "", "tcp/22") == "reachable"


def test_a_line_that_is_no_lease_may_open_anything() -> None:
    for line in (
        "UDP:x:10.20.0.10:69:0:y",
        "SCTP:1:10.20.0.10:1:0:",
        "UDP:69:phone:69:0:",
        "UDP:69",
        "UDP:70000:1.1.1.1:1:0:",
    ):
        text = f"{line}\n"
        found = reading(upnp.read, text)
        assert len(found.problems) == 1, line
        assert verdict(upnp.read, text, "udp/69") == "unknown"


def test_an_empty_file_has_no_leases() -> None:
    assert reading(upnp.read, "\n").facts is None


def test_the_sample() -> None:
    raw = shared("data/firewalls/upnp/miniupnpd.leases.sample").read_bytes()
    assert upnp.recognises(raw)
    assert reading(upnp.read, raw).problems == ()
    assert verdict(upnp.read, raw, "udp/69", pbx="192.168.10.5") == "reachable"
    assert not upnp.recognises(shared("data/firewalls/upnp/miniupnpd.conf").read_bytes())


@settings(max_examples=1000)
@given(st.binary(max_size=200))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    upnp.recognises(raw)
    upnp.read(MemoryArtifacts({"x": raw}), "x")
    upnp.read(MemoryArtifacts({"x": LEASES.encode() + raw}), "x")
