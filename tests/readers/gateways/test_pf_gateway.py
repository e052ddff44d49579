from ringfence.model.packetfilter import Family, Hook
from ringfence.readers.gateways import pfsense
from ringfence.readers.gateways.pf_gateway import COMMON
from tests.readers.gateways import asking
from tests.readers.gateways.pf_school import pfsense_xml, rdr, rule


def test_the_chains_and_the_families_that_they_cover() -> None:
    found = asking.gateway(pfsense.read, pfsense_xml(nat=rdr(), rules=rule())).ruleset
    assert found.families == {Family.IPV4, Family.IPV6}
    assert [(chain.hook, chain.priority) for chain in found.chains] == [
        (Hook.PREROUTING, -100),
        (Hook.POSTROUTING, 100),
        (Hook.FORWARD, 0),
    ]


def test_no_place_of_a_secret_is_read() -> None:
    secret = "FAKE-secret-of-an-export"
    more = f"""<ppps><ppp><password>{secret}</password></ppp></ppps><openvpn><openvpn-server><tls>{secret}</tls>
    </openvpn-server></openvpn><ipsec><phase1><pre-shared-key>{secret}</pre-shared-key></phase1></ipsec>
    <virtualip><vip><interface>lan</interface><password>{secret}</password></vip></virtualip>
    <installedpackages><miniupnpd><config><enable/><stun>{secret}</stun></config></miniupnpd></installedpackages>
    <aliases><alias><name>a</name><type>url</type><url>https://u:{secret}@h/</url></alias></aliases>"""
    text = pfsense_xml(more=more, system=f"<user><bcrypt-hash>{secret}</bcrypt-hash></user><ipv6allow/>")
    assert secret not in repr(asking.reading(pfsense.read, text))
    assert not any(path.split("/")[0] in {"ppps", "openvpn", "ipsec", "cert", "system"} for path in COMMON)
