"""Who may call over PJSIP, and how it treats strangers (pjsip.conf; Asterisk 12 to 22)."""

from dataclasses import dataclass

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.secret import Secret
from ringfence.model.site import Account, Address, Driver, Network, SipSettings, Trunk
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import acl, configuration, modules, values
from ringfence.readers.asterisk.configuration import Section

WANTS = configuration.WANTS
FILE = "etc/asterisk/pjsip.conf"
#: The protocols of a transport, their sockets and default ports; ``ws`` and ``wss`` come in through the web server.
_PROTOCOLS = {"udp": ("udp", 5060), "tcp": ("tcp", 5060), "tls": ("tcp", 5061)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pjsip:
    """What pjsip.conf defines; without the module, nothing of it is in force and ``settings`` is None."""

    accounts: tuple[Account, ...] = ()
    trunks: tuple[Trunk, ...] = ()
    settings: SipSettings | None = None


def read(artifacts: Artifacts) -> Reading[Pjsip | None]:
    """Read pjsip.conf with all that it includes; None where there is no such file."""
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    if False in {modules.is_loaded(artifacts, name) for name in ("chan_pjsip.so", "res_pjsip.so")}:
        return Reading(facts=Pjsip())
    parsed = configuration.parse(artifacts, FILE)
    lists = acl.read(artifacts)
    site = _Objects(parsed.sections, lists.facts)
    accounts: list[Account] = []
    trunks: list[Trunk] = []
    for endpoint in site.of("endpoint"):
        if _is_anonymous(endpoint):
            continue
        if site.is_trunk(endpoint):
            trunks.append(site.trunk(endpoint))
        else:
            accounts.append(site.account(endpoint))
    trunks += site.registered(trunks)
    anonymous_known = not parsed.missing
    facts = Pjsip(accounts=tuple(accounts), trunks=tuple(trunks), settings=site.settings(complete=anonymous_known))
    return Reading(facts=facts, problems=(*parsed.problems, *lists.problems, *site.problems))


def _is_anonymous(endpoint: Section) -> bool:
    """Tell whether an endpoint is the one for strangers: ``anonymous``, or ``anonymous@domain``."""
    return endpoint.name.partition("@")[0] == "anonymous"


def _names(text: str) -> tuple[str, ...]:
    return tuple(filter(None, map(str.strip, text.split(","))))


class _Objects:
    """The objects of pjsip.conf: sections are told apart by ``type``, so that one name can stand for several."""

    def __init__(self, sections: tuple[Section, ...], lists: acl.NamedAcls | None) -> None:
        self.problems: list[Problem] = []
        self.lists = lists
        self.by_type: dict[str, dict[str, Section]] = {}
        for section in configuration.plain(sections):
            objects = self.by_type.setdefault(section.text("type").lower(), {})
            if section.name in objects:
                self.problem(
                    section, f"the {section.text('type')} {section.name!r} is defined twice; the last is taken"
                )
            objects[section.name] = section
        self.global_acls = tuple(acl.effective(section, lists) for section in self.of("acl"))
        for section, each in zip(self.of("acl"), self.global_acls, strict=True):
            for text in each.unread:
                self.problem(section, f"an access list for all callers was not understood: {text}")
        self.identifies: dict[str, list[Section]] = {}
        for section in self.of("identify"):
            self.identifies.setdefault(section.text("endpoint"), []).append(section)
        self.registrations = {section.text("endpoint") or section.name: section for section in self.of("registration")}

    def problem(self, section: Section, message: str) -> None:
        self.problems.append(Problem(citation=section.citation, message=message))

    def of(self, kind: str) -> tuple[Section, ...]:
        return tuple(self.by_type.get(kind, {}).values())

    def aors(self, endpoint: Section) -> tuple[Section, ...]:
        found = (self.by_type.get("aor", {}).get(name) for name in _names(endpoint.text("aors")))
        return tuple(aor for aor in found if aor)

    def contact_hosts(self, endpoint: Section) -> tuple[str, ...]:
        contacts = (contact for aor in self.aors(endpoint) for contact in aor.all("contact"))
        return tuple(filter(None, (values.host(uri) for contact in contacts for uri in _names(contact.value))))

    def is_trunk(self, endpoint: Section) -> bool:
        """Tell a provider's line from an extension.

        A line has a fixed contact, is recognised by its address, or is registered with by the PBX. FreePBX's ``match``
        makes an ``identify`` for an extension too: with a password and the context for extensions it stays one.
        """
        if self.contact_hosts(endpoint):
            return True
        if endpoint.text("auth") and endpoint.text("context").startswith("from-internal"):
            return False
        return endpoint.name in self.identifies or endpoint.name in self.registrations

    def trunk(self, endpoint: Section) -> Trunk:
        hosts = list(self.contact_hosts(endpoint))
        if registration := self.registrations.get(endpoint.name):
            hosts.append(values.host(registration.text("server_uri")))
        matched: list[Network] = []
        for identify in self.identifies.get(endpoint.name, []):
            if identify.text("match_header"):
                self.problem(
                    identify, "callers are also recognised by a header (match_header), which is not interpreted"
                )
            for text in (text for entry in identify.all("match") for text in _names(entry.value)):
                network = acl.parse_network(text)
                if network is None:
                    hosts.append(values.host(text))
                else:
                    matched.append(network)
        identified_by = _names(endpoint.text("identify_by").lower()) or ("username", "ip")
        authenticated = bool(endpoint.text("auth"))
        return Trunk(
            name=endpoint.name,
            driver=Driver.PJSIP,
            hosts=tuple(dict.fromkeys(filter(None, hosts))),
            matched=() if authenticated else tuple(matched),
            by_name=not authenticated and not {"username", "auth_username"}.isdisjoint(identified_by),
            context=endpoint.text("context") or "default",
            citation=endpoint.citation,
        )

    def registered(self, trunks: list[Trunk]) -> tuple[Trunk, ...]:
        """Give the providers that the PBX registers with and that no endpoint stands for."""
        known = {host for trunk in trunks for host in trunk.hosts}
        hosts = ((section, values.host(section.text("server_uri"))) for section in self.of("registration"))
        return tuple(
            Trunk(name=section.name, driver=Driver.PJSIP, hosts=(host,), citation=section.citation)
            for section, host in hosts
            if host and host not in known
        )

    def account(self, endpoint: Section) -> Account:
        secret, unknown, username, citations = self.secret(endpoint)
        access = acl.effective(endpoint, self.lists, self.global_acls)
        aor = next(iter(self.aors(endpoint)), None)
        remove_existing = aor.last("remove_existing") if aor else None
        return Account(
            name=endpoint.name,
            driver=Driver.PJSIP,
            secret=secret,
            secret_unknown=unknown,
            username=username,
            context=endpoint.text("context") or "default",
            acl=access.entries,
            acl_unread=access.unread,
            max_contacts=(values.number(aor.text("max_contacts")) or 0) if aor else None,
            remove_existing=values.is_true(remove_existing.value) if remove_existing else None,
            caller_name=values.caller_name(endpoint.text("callerid")),
            citation=endpoint.citation,
            secret_citations=citations,
        )

    def secret(self, endpoint: Section) -> tuple[Secret | None, bool, str, tuple[Citation, ...]]:
        """Give the password, whether there is one that is unknown, the user name, and the lines that set the password.

        No ``auth`` at all means that no password is asked for. An auth with an empty password still asks for one.
        """
        names = _names(endpoint.text("auth"))
        if not names:
            return None, False, "", ()
        found = [auth for name in names if (auth := self.by_type.get("auth", {}).get(name))]
        if not found:
            self.problem(endpoint, f"its auth {names[0]!r} is not in the evidence")
            return None, True, "", ()
        for auth in found:
            password = auth.last("password")
            hashed = auth.text("md5_cred", "password_digest", "oauth_clientid")
            kind = auth.text("auth_type").lower() or "userpass"
            if hashed and (kind != "userpass" or password is None):
                continue
            if password is None or not password.value:
                self.problem(auth, f"the password of {auth.name!r} is empty")
            citations = tuple(entry.citation for entry in auth.all("password"))
            return Secret(password.value if password else ""), False, auth.text("username"), citations
        return None, True, found[0].text("username"), ()

    def settings(self, *, complete: bool) -> SipSettings:
        """Say how PJSIP treats strangers; guests are known to be refused only where every file was read."""
        anonymous = next(filter(_is_anonymous, self.of("endpoint")), None)
        transports = self.of("transport")
        local = (text for each in transports for entry in each.all("local_net") for text in _names(entry.value))
        networks = (acl.parse_network(text) for text in local)
        external = (each.text("external_signaling_address", "external_media_address") for each in transports)
        listed = tuple(each for each in self.global_acls if each.entries)
        return SipSettings(
            driver=Driver.PJSIP,
            allow_guest=not anonymous.text("auth") if anonymous else False if complete else None,
            guest_context=(anonymous.text("context") or "default") if anonymous else "",
            binds=tuple(bind for each in transports if (bind := self.bind(each))),
            local_networks=tuple(dict.fromkeys(network for network in networks if network is not None)),
            external_address=next(filter(None, external), ""),
            acl=acl.joined(listed),
            citation=transports[0].citation if transports else Citation(file=FILE),
            guest_citation=anonymous.citation if anonymous else None,
        )

    def bind(self, transport: Section) -> tuple[str, Address | None, int] | None:
        protocol = _PROTOCOLS.get(transport.text("protocol").lower() or "udp")
        found = values.bind(transport.text("bind"))
        if protocol is None:
            return None
        if found is None:
            self.problem(transport, "the transport's bind is no address")
            return None
        return protocol[0], found[0], found[1] or protocol[1]
