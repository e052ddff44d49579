from ringfence.readers.catalogue import WANTS
from ringfence.readers.wants import Command, Glob


def test_what_the_story_needs_is_wanted() -> None:
    patterns = {want.pattern for want in WANTS if isinstance(want, Glob)}
    commands = {want.name for want in WANTS if isinstance(want, Command)}
    assert {"/etc/asterisk/*.conf", "/tftpboot/**", "/var/log/asterisk/full*", "/var/log/messages*"} <= patterns
    assert {"ss", "ip-addr", "ip-route", "iptables-save", "sip-show-peers", "pjsip-show-contacts"} <= commands
