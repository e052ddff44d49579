"""The SIP side of the PBX's files, split and worded as FreePBX splits them: file name in /etc/asterisk -> text."""

from tests.lab.dialplan import BANNER, TRUNK
from tests.lab.school import Account, School
from tests.lab.topology import EDGE_PUBLIC, INTERNAL_NETWORKS, PROVIDER


def files(school: School) -> dict[str, str]:
    """Return the files of chan_sip (none where Asterisk has it no longer) and of PJSIP."""
    return _sip(school) | _pjsip(school)


def freepbx_agent(school: School) -> str:
    """Return the User-Agent that FreePBX gives Asterisk."""
    return "FPBX-14.0.16.11(16.28.0)" if school.asterisk < 21 else "FPBX-17.0.19(22.10.0)"


def _sip(school: School) -> dict[str, str]:
    accounts = school.of("chan_sip")
    if not accounts:
        return {}
    parts = (
        "sip_general_additional",
        "sip_general_custom",
        "sip_nat",
        "sip_registrations_custom",
        "sip_registrations",
        "sip_custom",
        "sip_additional",
        "sip_custom_post",
    )
    local = "".join(f"localnet={network}\n" for network in INTERNAL_NETWORKS)
    general = f"""vmexten=*97
useragent={freepbx_agent(school)}
language=en
disallow=all
allow=ulaw
allow=alaw
context=from-sip-external
callerid=Unknown
notifyringing=yes
notifyhold=yes
alwaysauthreject=yes
limitonpeers=yes
bindport=5160
nat=force_rport,comedia
canreinvite=no
rtptimeout=30
rtpholdtimeout=300
registertimeout=20
maxexpiry=3600
minexpiry=60
defaultexpiry=120
ALLOW_SIP_ANON=no
allowguest=yes
srvlookup=no
tcpenable=no
externip={EDGE_PUBLIC}
{local}"""
    custom = "context=from-internal\n" if school.guests_reach_trunk else ""
    main = "[general]\n" + "".join(f"#include {part}.conf\n" for part in parts)
    return (
        {f"{part}.conf": "" for part in parts}
        | {"sip.conf": BANNER + main}
        | {"sip_general_additional.conf": BANNER + general, "sip_general_custom.conf": custom}
        | {"sip_additional.conf": BANNER + "\n".join(_peer(account) for account in accounts)}
    )


def _peer(account: Account) -> str:
    number = account.extension
    return f"""[{number}]
deny=0.0.0.0/0.0.0.0
secret={account.secret}
dtmfmode=rfc2833
canreinvite=no
context=from-internal
host=dynamic
defaultuser=
trustrpid=yes
sendrpid=pai
type=friend
nat=force_rport,comedia
port=5160
qualify=yes
qualifyfreq=60
transport=udp
avpf=no
encryption=no
namedcallgroup=
namedpickupgroup=
dial=SIP/{number}
permit=0.0.0.0/0.0.0.0
callerid={account.name} <{number}>
callcounter=yes
faxdetect=no
"""


def _pjsip(school: School) -> dict[str, str]:
    parts = ("transports", "endpoint", "aor", "auth", "registration", "identify")
    accounts = school.of("pjsip")
    local = "".join(f"local_net={network}\n" for network in INTERNAL_NETWORKS)
    body = {
        "transports": f"""[0.0.0.0-udp]
type=transport
protocol=udp
bind=0.0.0.0:5060
external_media_address={EDGE_PUBLIC}
external_signaling_address={EDGE_PUBLIC}
allow_reload=no
tos=cs3
cos=3
{local}""",
        "endpoint": "\n".join(map(_endpoint, accounts)) + _TRUNK_ENDPOINT,
        "aor": "\n".join(map(_aor, accounts)) + _TRUNK_AOR,
        "auth": "\n".join(map(_auth, accounts)),
        "registration": "",
        "identify": f"[{TRUNK}-identify]\ntype=identify\nendpoint={TRUNK}\nmatch={PROVIDER}\n",
    }
    main = "#include pjsip_custom.conf\n" + "".join(f"#include pjsip.{part}.conf\n" for part in parts)
    head = f"[global]\ntype=global\nuser_agent={freepbx_agent(school)}\n\n"
    texts = {"pjsip.conf": BANNER + head + main, "pjsip_custom.conf": ""}
    for part in parts:
        include = f"#include pjsip.{part}_custom.conf\n\n"
        texts[f"pjsip.{part}.conf"] = f"{BANNER}{include}{body[part]}#include pjsip.{part}_custom_post.conf\n"
        texts |= {f"pjsip.{part}_custom.conf": "", f"pjsip.{part}_custom_post.conf": ""}
    if school.guests_reach_trunk and school.asterisk >= 21:
        texts["pjsip.endpoint_custom.conf"] = _ANONYMOUS
    return texts


_TRUNK_ENDPOINT = f"""
[{TRUNK}]
type=endpoint
transport=0.0.0.0-udp
context=from-pstn
disallow=all
allow=ulaw,alaw
aors={TRUNK}
send_connected_line=no
rtp_symmetric=yes
rewrite_contact=no
language=en
"""
_TRUNK_AOR = f"""
[{TRUNK}]
type=aor
qualify_frequency=60
contact=sip:{PROVIDER}:5060
"""
_ANONYMOUS = """[anonymous]
type=endpoint
context=from-internal
allow=all
transport=0.0.0.0-udp
"""


def _endpoint(account: Account) -> str:
    number = account.extension
    return f"""[{number}]
type=endpoint
aors={number}
auth={number}-auth
tos_audio=ef
disallow=all
allow=ulaw,alaw
context=from-internal
callerid={account.name} <{number}>
dtmf_mode=rfc4733
direct_media=no
aggregate_mwi=yes
use_avpf=no
ice_support=no
trust_id_inbound=yes
media_encryption=no
timers=yes
send_pai=yes
rtp_symmetric=yes
rewrite_contact=yes
force_rport=yes
language=en
"""


def _aor(account: Account) -> str:
    return f"""[{account.extension}]
type=aor
max_contacts=1
remove_existing=yes
maximum_expiration=7200
minimum_expiration=60
qualify_frequency=60
"""


def _auth(account: Account) -> str:
    return f"""[{account.extension}-auth]
type=auth
auth_type=userpass
password={account.secret}
username={account.extension}
"""
