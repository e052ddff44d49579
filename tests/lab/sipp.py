"""SIPp scenarios, put together from message blocks; every value that differs comes from the injection file.

Fields of a line: 0 account, 1 own address, 2 SIPp's authentication keyword, 3 user agent, then three for each call:
milliseconds to wait before it (0: no call), the number, milliseconds to talk.
"""

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.shell import LabError, run
from tests.lab.topology import Topology

_FIRST_CALL_FIELD = 4
_FIELDS_OF_A_CALL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call that a client will make."""

    wait_ms: int
    number: str
    talk_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One line of the injection file: who calls from where with which secret."""

    account: str
    address: str
    secret: str
    user_agent: str
    calls: tuple[Call, ...] = ()

    def line(self, call_slots: int) -> str:
        """Return the injection line, with empty slots for calls that this client does not make."""
        auth = f"[authentication username={self.account} password={self.secret}]"
        fields = [self.account, self.address, auth, self.user_agent]
        for slot in range(call_slots):
            call = self.calls[slot] if slot < len(self.calls) else Call(wait_ms=0, number="", talk_ms=0)
            fields += [str(call.wait_ms), call.number, str(call.talk_ms)]
        return ";".join(fields)


def _message(start_line: str, headers: str, body: str = "") -> str:
    length = "[len]" if body else "0"
    lines = [start_line, *headers.strip().splitlines(), "Max-Forwards: 70", "User-Agent: [field3]"]
    text = "\n".join([*(line.strip() for line in lines), f"Content-Length: {length}", "", body])
    return f"<send retrans='500'><![CDATA[\n{text}\n]]></send>\n"


_SDP = """v=0
o=- 20 20 IN IP4 [field1]
s=-
c=IN IP4 [field1]
t=0 0
m=audio 11780 RTP/AVP 0 101
a=rtpmap:0 PCMU/8000
a=rtpmap:101 telephone-event/8000"""


def _register(*, tag: str, authenticated: bool) -> str:
    number = 2 if authenticated else 1
    return _message(
        "REGISTER sip:[remote_ip]:[remote_port] SIP/2.0",
        f"""Via: SIP/2.0/UDP [field1]:[local_port];branch=[branch];rport
        From: <sip:[field0]@[remote_ip]:[remote_port]>;tag={tag}[call_number]
        To: <sip:[field0]@[remote_ip]:[remote_port]>
        Call-ID: {tag}///[call_id]
        CSeq: {number} REGISTER
        Contact: <sip:[field0]@[field1]:[local_port]>
        Expires: 3600
        {"[field2]" if authenticated else ""}""".strip(),
    )


def register() -> str:
    """Register with the digest challenge answered."""
    return (
        _register(tag="r", authenticated=False)
        + "<recv response='100' optional='true'/><recv response='401' auth='true'/>\n"
        + _register(tag="r", authenticated=True)
        + "<recv response='100' optional='true'/><recv response='200'/>\n"
    )


def refused_registration(attempt: int) -> str:
    """Register with a wrong secret, take the refusal, and wait for the next attempt."""
    refused = 200 + attempt
    return (
        _register(tag=f"s{attempt}", authenticated=False)
        + "<recv response='100' optional='true'/><recv response='401' auth='true'/>\n"
        + _register(tag=f"s{attempt}", authenticated=True)
        + f"<recv response='100' optional='true'/><recv response='403' optional='true' next='{refused}'/>"
        + f"<recv response='401'/>\n<label id='{refused}'/>\n<pause milliseconds='1500'/>\n"
    )


def _invite(slot: int, *, method: str, cseq: int, extra: str = "", body: str = "") -> str:
    """Return a request of the call in ``slot``; within the dialogue it carries the peer's tag."""
    number = f"[field{_FIRST_CALL_FIELD + slot * _FIELDS_OF_A_CALL + 1}]"
    return _message(
        f"{method} sip:{number}@[remote_ip]:[remote_port] SIP/2.0",
        f"""Via: SIP/2.0/UDP [field1]:[local_port];branch=[branch];rport
        From: <sip:[field0]@[remote_ip]:[remote_port]>;tag=c{slot}[call_number]
        To: <sip:{number}@[remote_ip]:[remote_port]>{"" if method == "INVITE" else "[peer_tag_param]"}
        Call-ID: c{slot}///[call_id]
        CSeq: {cseq} {method}
        Contact: <sip:[field0]@[field1]:[local_port]>
        {extra}""".strip()
        + ("\nContent-Type: application/sdp" if body else ""),
        body,
    )


def call(slot: int, *, authenticates: bool = True) -> str:
    """Make the call of one slot, if the client has one: wait, dial, talk, hang up."""
    first = _FIRST_CALL_FIELD + slot * _FIELDS_OF_A_CALL
    end = 100 + slot
    challenge = (
        "<recv response='100' optional='true'/><recv response='401' auth='true'/>\n"
        + _ack(slot, cseq=10)
        + _invite(slot, method="INVITE", cseq=11, extra="[field2]", body=_SDP)
    )
    talk = (
        "<recv response='100' optional='true'/><recv response='180' optional='true'/>"
        "<recv response='183' optional='true'/><recv response='200'/>\n"
        + _ack(slot, cseq=11 if authenticates else 10)
        + f"<pause variable='talk{slot}'/>\n"
        + _invite(slot, method="BYE", cseq=12)
        + "<recv response='200'/>\n"
    )
    return (
        f"<nop><action><assignstr assign_to='w{slot}' value='[field{first}]'/>"
        f"<todouble assign_to='wait{slot}' variable='w{slot}'/>"
        f"<assignstr assign_to='t{slot}' value='[field{first + 2}]'/>"
        f"<todouble assign_to='talk{slot}' variable='t{slot}'/>"
        f"<test assign_to='none{slot}' variable='wait{slot}' compare='equal' value='0'/></action></nop>\n"
        f"<nop next='{end}' test='none{slot}'/>\n<pause variable='wait{slot}'/>\n"
        + _invite(slot, method="INVITE", cseq=10, body=_SDP)
        + (challenge if authenticates else "")
        + talk
        + f"<label id='{end}'/>\n"
    )


def _ack(slot: int, *, cseq: int) -> str:
    text = _invite(slot, method="ACK", cseq=cseq)
    return text.replace(" retrans='500'", "")


def stay(refresh_ms: int) -> str:
    """Stay registered for good: refresh the registration at an interval."""
    return f"<label id='90'/>\n<pause milliseconds='{refresh_ms}'/>\n{register()}<nop next='90'/>\n"


def scenario(name: str, *blocks: str) -> str:
    """Return a whole scenario file."""
    # SIPp's own XML reader knows only double quotes.
    body = re.sub(r"='([^']*)'", r'="\1"', "".join(blocks))
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="{name}">\n{body}</scenario>\n'


ANSWERING = scenario(
    "answers calls and keep-alives",
    """<recv request='OPTIONS' optional='true' next='1'/>
<recv request='NOTIFY' optional='true' next='1'/>
<recv request='INVITE'><action>
<ereg regexp='sip:[^ ]*' search_in='msg' assign_to='contact'/>
<ereg regexp='[0-9]+[.][0-9]+[.][0-9]+[.][0-9]+' search_in='msg' assign_to='ip'/>
</action></recv>
<send><![CDATA[
SIP/2.0 180 Ringing
[last_Via:]
[last_From:]
[last_To:];tag=a[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <[$contact]>
Content-Length: 0

]]></send>
<pause milliseconds='600'/>
<send retrans='500'><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:];tag=a[call_number]
[last_Call-ID:]
[last_CSeq:]
Contact: <[$contact]>
Content-Type: application/sdp
Content-Length: [len]

v=0
o=- 20 20 IN IP4 [$ip]
s=-
c=IN IP4 [$ip]
t=0 0
m=audio 11782 RTP/AVP 0
a=rtpmap:0 PCMU/8000
]]></send>
<recv request='ACK'/>
<recv request='BYE'/>
<label id='1'/>
<send><![CDATA[
SIP/2.0 200 OK
[last_Via:]
[last_From:]
[last_To:]
[last_Call-ID:]
[last_CSeq:]
Content-Length: 0

]]></send>
""",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A SIPp process to be: which clients play which scenario against which server, from which namespace."""

    namespace: str
    folder: Path
    server: str
    port: int
    scenario_text: str
    clients: Sequence[Client]
    local_port: int = 5060
    rate_per_second: int = 10

    def prepare(self) -> list[str | Path]:
        """Write the scenario and injection files, and return SIPp's command line."""
        self.folder.mkdir(parents=True, exist_ok=True)
        # SIPp itself says port 0 in the first message of a socket.
        text = self.scenario_text.replace("[local_port]", str(self.local_port))
        (self.folder / "scenario.xml").write_text(text)
        (self.folder / "answering.xml").write_text(ANSWERING)
        slots = max(len(client.calls) for client in self.clients)
        lines = "".join(f"{client.line(max(slots, 2))}\n" for client in self.clients)
        (self.folder / "clients.csv").write_text(f"SEQUENTIAL\n{lines}")
        count = str(len(self.clients))
        return [
            "sipp",
            f"{self.server}:{self.port}",
            *("-sf", self.folder / "scenario.xml", "-oocsf", self.folder / "answering.xml"),
            *("-inf", self.folder / "clients.csv", "-t", "ui", "-ip_field", "1"),
            *("-i", self.clients[0].address, "-p", str(self.local_port)),
            *("-m", count, "-l", count, "-r", str(self.rate_per_second)),
            *("-max_socket", "1000", "-nostdin", "-trace_err", "-error_file", self.folder / "errors.log"),
        ]


def play(net: Topology, session: Session, *, timeout_seconds: int = 60) -> None:
    """Run a session to its end; raise LabError unless every client succeeded."""
    argv = [*session.prepare(), "-timeout", f"{timeout_seconds}s", "-timeout_error"]
    try:
        run(net.inside(session.namespace, *argv), timeout_seconds=timeout_seconds + 10)
    except LabError as error:
        log = session.folder / "errors.log"
        said = log.read_text(errors="replace")[:2000] if log.exists() else error
        message = f"SIPp session in {session.folder}: {said}"
        raise LabError(message) from error


@contextlib.contextmanager
def running(net: Topology, session: Session) -> Iterator[None]:
    """Keep a session running for the length of the block."""
    with net.process(session.namespace, session.prepare(), session.folder / "screen.log"):
        yield


@contextlib.contextmanager
def answering(net: Topology, namespace: str, folder: Path, *, address: str) -> Iterator[None]:
    """Keep a party running that answers every call: the provider at the other end of the trunk."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "answering.xml").write_text(ANSWERING)
    argv: list[str | Path] = [
        "sipp",
        "-sf",
        folder / "answering.xml",
        "-i",
        address,
        "-p",
        "5060",
        "-max_socket",
        "1000",
        "-nostdin",
    ]
    with net.process(namespace, argv, folder / "screen.log"):
        yield
