"""The PBX's files, split and worded as FreePBX splits them: path below the root -> text."""

from pathlib import Path

from tests.lab import dialplan, sip_config
from tests.lab.dialplan import BANNER
from tests.lab.school import Account, School
from tests.lab.topology import PBX

TIMEZONE = "America/Chicago"
# Modules that need a configuration of their own; without it each complains in `full` at every start.
_UNUSED_MODULES = Path(__file__).with_name("unused-modules.txt")


def files(school: School) -> dict[str, str]:
    """Return every file that the lab writes on the PBX."""
    etc = sip_config.files(school) | _logger(school) | _others() | dialplan.files(school)
    return {f"etc/asterisk/{name}": text for name, text in etc.items()} | _served(school) | _system()


def _logger(school: School) -> dict[str, str]:
    fail2ban = "notice,warning,security" if school.security_log else "notice,warning"
    return {
        "logger.conf": "[general]\n#include logger_general_additional.conf\n#include logger_general_custom.conf\n\n"
        "[logfiles]\n#include logger_logfiles_additional.conf\n#include logger_logfiles_custom.conf\n",
        "logger_general_additional.conf": BANNER
        + "dateformat=%F %T\nappendhostname=no\nqueue_log=yes\nrotatestrategy=rotate\n",
        "logger_general_custom.conf": "",
        "logger_logfiles_additional.conf": BANNER
        + f"fail2ban => {fail2ban}\nfull => debug,error,notice,verbose,warning\n",
        "logger_logfiles_custom.conf": "",
    }


def _others() -> dict[str, str]:
    unused = _UNUSED_MODULES.read_text().split()
    deny_all = "deny=0.0.0.0/0.0.0.0\npermit=127.0.0.1/255.255.255.0\n"
    return {
        "modules.conf": "[modules]\nautoload=yes\n" + "".join(f"noload => {name}.so\n" for name in unused),
        "manager.conf": "[general]\nenabled=yes\nport=5038\nbindaddr=0.0.0.0\ndisplayconnects=no\n\n"
        f"[admin]\nsecret=FAKE-3b1c0d6e8f\n{deny_all}read=system,call,log,verbose,command,agent,user\n"
        "write=system,call,log,verbose,command,agent,user\n#include manager_additional.conf\n"
        "#include manager_custom.conf\n",
        "manager_additional.conf": "",
        "manager_custom.conf": "",
        "cdr.conf": "[general]\nenable=yes\n\n[csv]\nusegmtime=no\nloguniqueid=yes\nloguserfield=yes\n",
        "rtp.conf": "[general]\nrtpstart=10000\nrtpend=20000\nstrictrtp=yes\n",
        "http.conf": "[general]\nenabled=no\n",
        "indications.conf": "[general]\ncountry=us\n\n[us]\ndescription=United States / North America\n"
        "ringcadence=2000,4000\ncongestion=480+620/250,0/250\nring=440+480/2000,0/4000\n",
        "voicemail.conf": "[general]\nformat=wav49|wav\nminpassword=0\n\n[default]\n",
        "features.conf": "[general]\n",
        "cel.conf": "[general]\nenable=no\n",
        "udptl.conf": "[general]\nudptlstart=4000\nudptlend=4999\n",
        "acl.conf": "",
        "ccss.conf": "[general]\n",
        "pjproject.conf": "",
        "iax.conf": "[general]\nbindport=4569\nbindaddr=0.0.0.0\ndisallow=all\nallow=ulaw\nrequirecalltoken=yes\n",
    }


def _served(school: School) -> dict[str, str]:
    """Return the phones' files: format M7 (``#!version``) of the Yealink T2x with firmware V73."""
    texts = {
        f"tftpboot/{account.common_file_name}": f"""#!version:1.0.0.1
auto_provision.mode = 1
auto_provision.server.url = tftp://{PBX}
local_time.time_zone = -6
security.user_password = admin:FAKE-chalk{account.model.lower()}
"""
        for account in school.accounts
    }
    return texts | {f"tftpboot/{account.file_name}": _phone_file(account) for account in school.accounts}


def _phone_file(account: Account) -> str:
    return f"""#!version:1.0.0.1
account.1.enable = 1
account.1.label = {account.extension}
account.1.display_name = {account.name}
account.1.user_name = {account.extension}
account.1.auth_name = {account.extension}
account.1.password = {account.secret}
account.1.sip_server.1.address = {PBX}
account.1.sip_server.1.port = {account.port}
account.1.sip_server.1.expires = 3600
account.1.sip_listen_port = 5060
account.1.transport = 0
"""


def _system() -> dict[str, str]:
    return {
        "etc/timezone": f"{TIMEZONE}\n",
        "etc/hostname": "pbx\n",
        "etc/hosts": f"127.0.0.1 localhost\n{PBX} pbx\n",
        "etc/default/tftpd-hpa": 'TFTP_USERNAME="tftp"\nTFTP_DIRECTORY="/tftpboot"\nTFTP_ADDRESS=":69"\n'
        'TFTP_OPTIONS="--secure -v"\n',
        "etc/rsyslog.conf": 'module(load="imuxsock")\n'
        'module(load="builtin:omfile" template="RSYSLOG_TraditionalFileFormat" fileCreateMode="0644")\n'
        "*.info /var/log/messages\n",
        "var/www/html/admin/index.html": "<!doctype html><title>FreePBX Administration</title>\n",
    }
