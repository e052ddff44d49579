from dataclasses import replace

import pytest

from ringfence.model.defences import FirewallSettings, ZoneOf
from ringfence.model.evidence import Citation
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.site import Listener, ServiceName
from ringfence.reach.intended import intention
from ringfence.reach.predict import predict
from tests.reach.school import OPEN_EDGE, PLACE, edge, listener, nft, pbx, save, site

IFCFG = Citation(file="etc/sysconfig/network-scripts/ifcfg-eth0", line=7)
LAN = ZoneOf(subject="10.20.8.0/24", zone="internal", citation=PLACE)


def nic(zone: str) -> ZoneOf:
    return ZoneOf(subject="eth0", zone=zone, citation=IFCFG)


def settings(**more: object) -> FirewallSettings:
    made = FirewallSettings(enabled=True, interfaces=(nic("external"),), networks=(LAN,), citation=PLACE)
    return replace(made, **more)  # type: ignore[arg-type]


def told(found: FirewallSettings | None, *listeners: Listener, rules: bool = False) -> dict[str, Exposure]:
    hosts = (pbx(save("-A INPUT -j DROP") if rules else None, *listeners), edge(nft(OPEN_EDGE)))
    return {one.id: one for one in predict(replace(site(*hosts), firewall=found))}


def test_without_rules_the_settings_are_told_and_the_verdict_stays_unknown() -> None:
    local = told(settings(interfaces=(nic("internal"),)))["internet/tftp/udp/69"]
    assert local.verdict is Verdict.UNKNOWN
    assert local.claim.endswith("By its settings FreePBX's firewall would let it in: eth0 is in zone internal (Local).")
    assert [hop.citation for hop in local.proof][-1] == IFCFG
    closed = told(settings())["internet/tftp/udp/69"]
    assert closed.verdict is Verdict.UNKNOWN
    assert "would stop it: eth0 is in zone external (Internet)" in closed.claim


def test_a_network_has_the_rights_of_its_own_zone_and_of_the_interface() -> None:
    found = told(settings())
    assert "let it in: 10.20.8.0/24 is in zone internal (Local)" in found["voice/tftp/udp/69"].claim
    assert "would stop it" in found["office/tftp/udp/69"].claim


def test_with_the_rules_in_the_evidence_the_settings_say_nothing() -> None:
    found = told(settings(interfaces=(nic("trusted"),)), rules=True)["internet/tftp/udp/69"]
    assert found.verdict is Verdict.BLOCKED
    assert "By its settings" not in found.claim


def test_without_settings_nothing_is_added() -> None:
    assert "FreePBX" not in told(None)["internet/tftp/udp/69"].claim


@pytest.mark.parametrize(
    ("service", "more", "said"),
    [
        (ServiceName.TFTP, {"enabled": False}, "firewall is off"),
        (ServiceName.TFTP, {"services": (("tftp", frozenset({"external"})),)}, "would let it in"),
        (ServiceName.TFTP, {"responsive": frozenset({"pjsip"})}, "would stop it"),
        (ServiceName.PJSIP, {"responsive": frozenset({"pjsip"})}, "Responsive Firewall is on"),
        (ServiceName.DATABASE, {}, "would stop it"),
        (ServiceName.TFTP, {"interfaces": None}, "is not in the evidence (ZONE="),
    ],
)
def test_each_setting_has_its_words(service: ServiceName, more: dict[str, object], said: str) -> None:
    found = settings(**more)
    assert said in intention(found, listener(service), found.interfaces or ())


def test_trusted_is_everything() -> None:
    assert "would let it in: eth0 is in zone trusted (Trusted)" in intention(
        settings(), listener(ServiceName.DATABASE, 3306), (nic("trusted"),)
    )
    assert "is not in the evidence" in intention(settings(), listener(), ())
