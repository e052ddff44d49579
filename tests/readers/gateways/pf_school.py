"""Small configurations of pfSense and OPNsense for the tests: an edge with wan, lan (the PBX) and opt1 (voice)."""

from ringfence.model.exposure import Exposure
from ringfence.model.packetfilter import Rule
from ringfence.readers.gateways import opnsense, pfsense
from tests.readers.gateways import asking

PBX = "10.20.0.10"
WAN = "<if>em0</if><ipaddr>203.0.113.1</ipaddr><subnet>24</subnet><gateway>UP</gateway>"
DHCP = "<if>em0</if><ipaddr>dhcp</ipaddr>"
INNER = """
    <lan><enable/><if>em1</if><descr>LAN</descr><ipaddr>10.20.0.1</ipaddr><subnet>24</subnet></lan>
    <opt1><enable>1</enable><if>em2</if><descr>VOICE</descr><ipaddr>10.20.8.1</ipaddr><subnet>24</subnet>{opt1}</opt1>
"""
TO_PBX = f"<address>{PBX}</address>"


def pfsense_xml(  # noqa: PLR0913 - one section each
    *, nat: str = "", rules: str = "", more: str = "", wan: str = WAN, opt1: str = "", system: str = "<ipv6allow/>"
) -> str:
    """Give a configuration of pfSense."""
    return f"""<?xml version="1.0"?>
<pfsense>
  <version>23.3</version>
  <system>{system}</system>
  <interfaces>
    <wan><enable/>{wan}</wan>{INNER.format(opt1=opt1)}
  </interfaces>
  <gateways><gateway_item><interface>wan</interface><gateway>203.0.113.254</gateway><name>UP</name></gateway_item></gateways>
  <nat>{nat}</nat> <filter>{rules}</filter> {more}
</pfsense>
"""


def opnsense_xml(  # noqa: PLR0913 - one section each
    *,
    nat: str = "",
    rules: str = "",
    today: str = "",
    more: str = "",
    wan: str = WAN,
    model: str = "",
    system: str = "",
) -> str:
    """Give a configuration of OPNsense; ``rules`` are of the older generation, ``today`` of today's model."""
    return f"""<?xml version="1.0"?>
<opnsense>
  <system>{system}</system>
  <interfaces>
    <wan><enable>1</enable>{wan}</wan>{INNER.format(opt1="")}
  </interfaces>
  <nat>{nat}</nat>
  <filter>{rules}</filter>
  <OPNsense>
    <Interfaces><settings><disableipv6>0</disableipv6></settings></Interfaces>
    <Firewall><Filter version="1.0.5"><rules>{today}</rules></Filter>{model}</Firewall>
  </OPNsense>
  {more}
</opnsense>
"""


def rdr(more: str = "", *, port: str = "5060", target: str = PBX, local: str = "5060", to: str = "wanip") -> str:
    """Give a port forward for UDP on wan, as all generations write it."""
    return (
        f"<rule><interface>wan</interface><protocol>udp</protocol><source><any/></source>"
        f"<destination><network>{to}</network><port>{port}</port></destination>"
        f"<target>{target}</target><local-port>{local}</local-port>{more}</rule>"
    )


def rule(
    more: str = "", *, kind: str = "pass", interface: str = "wan", source: str = "<any/>", to: str = TO_PBX
) -> str:
    """Give a filter rule of the older generation, for UDP."""
    return (
        f"<rule><type>{kind}</type><interface>{interface}</interface><protocol>udp</protocol>"
        f"<source>{source}</source><destination>{to}</destination>{more}</rule>"
    )


def alias(name: str, kind: str, content: str, *, tag: str = "address") -> str:
    """Give one alias."""
    return f"<alias><name>{name}</name><type>{kind}</type><{tag}>{content}</{tag}></alias>"


def pf(text: str, service: str = "udp/5060", *, at: str = "internet", pbx: str = PBX) -> str:
    """Give the verdict about a PBX behind this pfSense."""
    return asking.verdict(pfsense.read, text, service, at=at, pbx=pbx)


def opn(text: str, service: str = "udp/5060", *, at: str = "internet") -> str:
    """Give the verdict about a PBX behind this OPNsense."""
    return asking.verdict(opnsense.read, text, service, at=at)


def exposure(text: str, service: str = "udp/5060", *, at: str = "internet") -> Exposure:
    """Give the whole answer."""
    read = opnsense.read if "<opnsense>" in text else pfsense.read
    return asking.exposure(read, text, service, at=at)


def problems(text: str | bytes) -> list[str]:
    """Give the problems of reading a configuration, without their place."""
    raw = text.encode() if isinstance(text, str) else text
    read = opnsense.read if b"<opnsense>" in raw else pfsense.read
    return [problem.message for problem in asking.reading(read, raw).problems]


def loaded(text: str) -> list[Rule]:
    """Give all rules of all chains."""
    read = opnsense.read if "<opnsense>" in text else pfsense.read
    return [one for chain in asking.gateway(read, text).ruleset.chains for one in chain.rules]
