"""What a channel's name tells."""

import pytest

from ringfence.readers.logs.channel import read_channel, read_trunk


@pytest.mark.parametrize(
    ("name", "context", "driver", "account", "peer"),
    [
        ("SIP/2001-0000000c", "from-internal", "chan_sip", "2001", "2001"),
        ("PJSIP/ITSP-00000000", "from-trunk", "pjsip", "ITSP", "ITSP"),
        ("PJSIP/big-office-0000000a", "from-internal", "pjsip", "big-office", "big-office"),
        ("IAX2/branch-1234", "from-internal", "iax2", "branch", "branch"),
        ("SIP/203.0.113.1-00000009", "from-sip-external", "chan_sip", "", "203.0.113.1"),
        ("PJSIP/anonymous-00000001", "from-sip-external", "pjsip", "", "anonymous"),
        ("Local/901125@from-internal-0000000a;2", "from-internal", "local", "", "901125@from-internal"),
        ("DAHDI/1-1", "from-pstn", "dahdi", "", "1"),
        ("Console/dsp", "default", "console", "", "dsp"),
    ],
)
def test_channels(name: str, context: str, driver: str, account: str, peer: str) -> None:
    found = read_channel(name, context)
    assert (found.driver, found.account, found.peer) == (driver, account, peer)


@pytest.mark.parametrize(
    ("dial", "outgoing", "trunk"),
    [
        ("SIP/lakeside/5551239,300,Tb(func-apply-sipheaders^s^1,(1))", "SIP/lakeside-00000004", "lakeside"),
        ("PJSIP/011252907000123@ITSP,300,Tb(x)", "PJSIP/ITSP-00000000", "ITSP"),
        ("PJSIP/*7777777@ITSP,300", "", "ITSP"),
        ("SIP/1002,,HhTtr", "SIP/1002-00000001", ""),
        ("PJSIP/2001/sip:2001@10.30.0.106:5060,15", "PJSIP/2001-00000004", ""),
        ("SIP/1001&SIP/lakeside/5551234,20", "SIP/1001-00000001", ""),
        ("ss-noservice", "", ""),
    ],
)
def test_trunks(dial: str, outgoing: str, trunk: str) -> None:
    assert read_trunk(dial, outgoing) == trunk
