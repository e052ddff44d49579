import pytest

from ringfence.readers.gateways.vyatta_text import MAX_DEPTH, read
from tests.memory import MemoryArtifacts
from tests.readers.gateways.vyatta_school import NAME, block, tree

SNMP = """interfaces {
    ethernet eth0 {
        address 203.0.113.1/24
    }
}
service {
    snmp {
        community REDACTED
            authorization ro
        }
        location here
    }
    nat {
        rule 5000 {
            type masquerade
        }
    }
}
system {
    host-name edge
}
"""


def test_braces_and_set_commands_give_the_same_tree() -> None:
    braces = tree(block("nat destination rule/10", 'description "a b"', "log"))
    commands = tree("set nat destination rule 10 description 'a b'\nset nat destination rule 10 log\n")
    for export in (braces, commands):
        assert export.root.value("nat", "destination", "rule", "10", "description") == "a b"
        assert export.root.has("nat", "destination", "rule", "10", "log")
        assert not export.problems
        assert not export.damaged


def test_comments_prompts_and_version_lines_are_no_problem() -> None:
    text = (
        "ubnt@edge:~$ show configuration\n/* one\n two { */\nfirewall {\n    /* three */\n    all-ping enable\n}\n"
        "// vyos-config-version: x\n/* Release version: v2 */\n[edit]\n"
    )
    export = tree(text)
    assert export.problems == []
    assert export.root.value("firewall", "all-ping") == "enable"


def test_carriage_returns_tabs_and_odd_indentation_do_not_matter() -> None:
    export = tree("firewall {\r\n\tname A {\r\n  default-action drop\r\n   }\r\n}\r\n")
    assert export.root.value("firewall", "name", "A", "default-action") == "drop"
    assert not export.damaged


def test_sections_that_do_not_matter_and_secrets_are_not_kept() -> None:
    export = tree(
        block("interfaces pppoe/pppoe0 authentication", "password FAKE-one")
        + block("interfaces wireguard/wg0", "private-key FAKE-two")
        + block("interfaces wireguard/wg0 peer/x", "preshared-key FAKE-three")
        + block("vpn ipsec", "pre-shared-secret FAKE-four")
        + block("service snmp community/FAKE-five", "authorization ro")
        + block("system login user/a authentication", "plaintext-password FAKE-six"),
    )
    assert "FAKE" not in repr(export.root)
    assert not export.damaged
    commands = tree(
        "set system login user a authentication plaintext-password 'FAKE-seven'\nset vpn ipsec x FAKE-eight\n"
    )
    assert "FAKE" not in repr(commands.root)


@pytest.mark.parametrize(
    "text",
    [
        "firewall {\n    name A {\n",
        "firewall {\n}\n}\n",
        "firewall {\n    name A {\n        rule 1 { action drop }\n    }\n}\n",
        'firewall {\n    name A {\n        description "never ends\n    }\n}\n',
        "firewall {\n" + "x {\n" * (MAX_DEPTH + 5) + "}\n" * (MAX_DEPTH + 6),
        "firewall {\n{\n}\n}\n",
        "delete firewall name A\n",
    ],
)
def test_damage_is_told(text: str) -> None:
    export = tree(text)
    assert export.damaged
    assert export.problems


def test_a_gap_in_a_part_that_does_not_matter_does_no_harm() -> None:
    export = tree(SNMP)
    assert not export.damaged
    assert [problem.citation.line for problem in export.problems] == [10]
    assert export.root.value("service", "nat", "rule", "5000", "type") == "masquerade"
    assert export.root.value("system", "host-name") == "edge"


def test_a_gap_where_rules_stand_is_damage() -> None:
    assert tree(SNMP.replace("        rule 5000 {\n", "        rule REDACTED\n")).damaged
    assert tree(SNMP.replace("    }\n}\nservice", "}\nservice")).damaged


def test_control_characters_do_not_get_through() -> None:
    export = tree('firewall {\n    name A {\n        description "\x1b[31mred"\n    }\n}\n')
    assert export.root.value("firewall", "name", "A", "description") == "�[31mred"


def test_input_is_bounded() -> None:
    export = read(MemoryArtifacts({NAME: "firewall {\n" + "a " * 40_000 + "\n}\n"}), NAME)
    assert export.damaged
    long_line = read(MemoryArtifacts({NAME: "firewall {\n    x " + "y" * 70_000 + "\n}\n"}), NAME)
    assert long_line.damaged
