"""Who may call over chan_sip, and how it treats strangers (sip.conf; Asterisk 1.8 to 20)."""

from dataclasses import dataclass

from ringfence.model.evidence import Citation, Reading
from ringfence.model.site import Account, Address, Driver, Network, SipSettings, Trunk
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import acl, configuration, modules, peers, values
from ringfence.readers.asterisk.configuration import Section

WANTS = configuration.WANTS
FILE = "etc/asterisk/sip.conf"
PORT = 5060
TLS_PORT = 5061


@dataclass(frozen=True, slots=True, kw_only=True)
class ChanSip:
    """What sip.conf defines; without the module, nothing of it is in force and ``settings`` is None."""

    accounts: tuple[Account, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    settings: SipSettings | None = None


def read(artifacts: Artifacts) -> Reading[ChanSip | None]:
    """Read sip.conf with all that it includes; None where there is no such file."""
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    if modules.is_loaded(artifacts, "chan_sip.so") is False:
        return Reading(facts=ChanSip())
    loaded = configuration.load(artifacts, FILE)
    lists = acl.read(artifacts)
    general = configuration.named(loaded.facts, "general")
    default_context = (general.text("context") if general else "") or "default"
    accounts: list[Account] = []
    trunks: list[Trunk] = []
    for section in peers.peers(loaded.facts):
        context = section.text("context") or default_context
        if peers.is_account(section, context):
            accounts.append(peers.account(section, Driver.CHAN_SIP, context, lists.facts, ("md5secret",)))
        else:
            unauthenticated = _unauthenticated(section)
            trunks.append(peers.trunk(section, Driver.CHAN_SIP, context, unauthenticated=unauthenticated))
    trunks += peers.registered(general, Driver.CHAN_SIP, tuple(trunks), default_context)
    facts = ChanSip(accounts=tuple(accounts), trunks=tuple(trunks), settings=_settings(general))
    return Reading(facts=facts, problems=(*loaded.problems, *lists.problems))


def _unauthenticated(section: Section) -> bool:
    """Tell whether calls from the peer's address need no password: ``insecure=port,invite``, or no secret at all."""
    words = {word.strip() for word in section.text("insecure").lower().split(",")}
    return bool(words & {"invite", "very"}) or not (section.text("secret") or section.text("md5secret"))


def _settings(general: Section | None) -> SipSettings:
    """Read ``[general]``; without one chan_sip runs on its defaults (guests welcome, 0.0.0.0:5060/udp)."""
    if general is None:
        return SipSettings(
            driver=Driver.CHAN_SIP,
            guest_context="default",
            binds=(("udp", None, PORT),),
            citation=Citation(file=FILE),
        )
    guest = general.last("allowguest")
    reject = general.last("alwaysauthreject")
    external = general.text("externaddr", "externip", "externhost")
    return SipSettings(
        driver=Driver.CHAN_SIP,
        allow_guest=values.is_true(guest.value) if guest else None,
        guest_context=general.text("context") or "default",
        always_auth_reject=values.is_true(reject.value) if reject else None,
        binds=_binds(general),
        local_networks=_local_networks(general),
        external_address=external,
        citation=general.citation,
        guest_citation=guest.citation if guest else None,
    )


def _local_networks(general: Section) -> tuple[Network, ...]:
    networks = (acl.parse_network(entry.value) for entry in general.all("localnet"))
    return tuple(network for network in networks if network is not None)


def _binds(general: Section) -> tuple[tuple[str, Address | None, int], ...]:
    """Say where chan_sip listens: UDP always, TCP and TLS when enabled (ast:channels/chan_sip.c ``reload_config``).

    ``bindport`` wins over a port in ``bindaddr``; a TCP or TLS address that is not given is that of UDP.
    """
    udp = values.bind(general.text("bindaddr", "udpbindaddr")) or (None, None)
    udp_port = values.port_number(general.text("bindport")) or udp[1] or PORT
    binds: list[tuple[str, Address | None, int]] = [("udp", udp[0], udp_port)]
    if values.is_true(general.text("tcpenable")):
        tcp = values.bind(general.text("tcpbindaddr"))
        binds.append(("tcp", udp[0], udp_port) if tcp is None else ("tcp", tcp[0], tcp[1] or PORT))
    if values.is_true(general.text("tlsenable")):
        tls = values.bind(general.text("tlsbindaddr")) or (udp[0], None)
        binds.append(("tcp", tls[0], tls[1] or TLS_PORT))
    return tuple(binds)
