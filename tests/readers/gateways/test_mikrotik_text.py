from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers.gateways.mikrotik_text import Command, Script, chosen, parse, unquoted
from tests.memory import MemoryArtifacts


def script(text: str | bytes) -> Script:
    return parse(MemoryArtifacts({"x": text}), "x")


def only(text: str) -> Command:
    found = script(text)
    assert found.problems == []
    (command,) = found.commands
    return command


def test_a_block_a_line_and_the_notation_of_version_7_say_the_same() -> None:
    for text in (
        "/ip firewall nat\nadd action=dst-nat chain=dstnat dst-port=5060\n",
        "/ip firewall nat add action=dst-nat chain=dstnat dst-port=5060\n",
        "/ip/firewall/nat\nadd action=dst-nat chain=dstnat dst-port=5060\n",
        "/ip/firewall/nat/add action=dst-nat chain=dstnat dst-port=5060\n",
        "/ip/firewall/nat add action=dst-nat chain=dstnat dst-port=5060\n",
        "  /ip firewall nat\r\n  add action=dst-nat chain=dstnat dst-port=5060\r\n",
    ):
        command = only(text)
        assert (command.menu, command.verb) == ("ip firewall nat", "add")
        assert command.properties == {"action": "dst-nat", "chain": "dstnat", "dst-port": "5060"}
        assert command.text == "/ip firewall nat add action=dst-nat chain=dstnat dst-port=5060"


def test_a_menu_whose_name_holds_a_verb_is_no_verb() -> None:
    assert only("/ip firewall address-list add address=192.0.2.1 list=a").menu == "ip firewall address-list"


def test_lines_go_on_after_a_backslash_wherever_it_stands() -> None:
    text = (
        "/ip firewall filter\n"
        'add action=drop chain=forward comment=\\\n    "defconf:  drop all from WAN not DSTN\\\n    ATed" \\\n'
        "    connection-nat-state=\\\n    !dstnat connection-state=new\n"
        "add action=accept chain=input\n"
    )
    first, second = script(text).commands
    assert first.line == 2
    assert first.properties["comment"] == "defconf:  drop all from WAN not DSTNATed"
    assert first.properties["connection-nat-state"] == "!dstnat"
    assert second.line == 7


def test_blank_lines_between_all_lines_do_not_end_a_command() -> None:
    assert only("/ip firewall nat \n\nadd chain=\\ \n\n    dstnat \n\n").properties == {"chain": "dstnat"}


def test_quotes_and_escapes() -> None:
    assert unquoted(r'"a \"b\" \\ c\_d\E4"') == 'a "b" \\ c dä'
    assert unquoted('!"LAN side"') == "!LAN side"
    assert (
        only('/ip firewall filter add chain=forward comment="a = [ b ] \\\\"').properties["comment"] == "a = [ b ] \\"
    )


def test_selectors() -> None:
    command = only('/ip firewall filter set [ find comment="a b" chain=input ] disabled=yes')
    assert chosen(command.selector) == {"comment": "a b", "chain": "input"}
    assert chosen("[find]") == {}
    assert chosen("[ find where dynamic ]") is None
    assert chosen('[ find comment~"x" ]') is None
    assert only("/ip firewall filter set 3 disabled=yes").selector == "3"


def test_properties_that_are_unset() -> None:
    command = only("/ip firewall filter add chain=forward !connection-bytes !limit action=drop")
    assert command.unset == {"connection-bytes", "limit"}
    assert command.properties == {"chain": "forward", "action": "drop"}


def test_passwords_are_not_kept() -> None:
    text = (
        "/interface pppoe-client\nadd interface=ether1 name=pppoe-out1 password=FAKE-pppoe user=u@isp\n"
        "/interface wireguard\nadd private-key=FAKE-key name=wg0\n"
        "/ip ipsec identity\nadd secret=FAKE-secret peer=x\n"
        "/ppp secret\nadd name=u password=FAKE-ppp\n"
    )
    found = script(text)
    assert "FAKE" not in repr(found)
    assert found.commands[0].properties == {"interface": "ether1", "name": "pppoe-out1"}


def test_what_is_no_line_of_an_export_is_named_without_quoting_it() -> None:
    found = script(
        "/ip firewall nat\nadd chain=dstnat\n(FAKE remark of a human)\n:if (1) do={\nadd chain=srcnat <-- why\n"
    )
    assert [command.properties["chain"] for command in found.commands] == ["dstnat", "srcnat"]
    assert [problem.citation.line for problem in found.problems] == [3, 4, 5]
    assert "FAKE" not in repr(found.problems)
    assert found.damaged  # the remark stands where a rule might
    assert found.commands[1].odd


def test_an_open_quote_and_an_end_inside_a_command_are_damage() -> None:
    assert script('/ip firewall nat\nadd chain=dstnat comment="open\n').damaged
    assert script("/ip firewall nat\nadd chain=dstnat \\\n").damaged


def test_the_header_names_the_version() -> None:
    assert script("# nov/24/2026 10:11:12 by RouterOS 6.49.10\n# software id = X\n").version == "6.49.10"
    assert script("# 2026-11-24 10:11:12 by RouterOS 7.14.2\n").version == "7.14.2"


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    script(b"/ip firewall nat\n" + raw)
