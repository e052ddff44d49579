import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.defences import FirewallSettings, ZoneOf
from ringfence.model.evidence import Reading
from ringfence.readers.freepbx import firewall
from tests.memory import MemoryArtifacts
from tests.shared_data import shared

VARIANTS = "data/freepbx14/firewall-variants"
NAME = "db/kvstore_FreePBX_modules_Firewall.tsv"
HEAD = "key\tval\ttype\tid\n"
ON = HEAD + "status\t1\tNULL\tnoid\n"


def read(text: str, **more: str) -> Reading[FirewallSettings | None]:
    return firewall.read(MemoryArtifacts({NAME: text, **more}))


def facts(text: str, **more: str) -> FirewallSettings:
    found = read(text, **more).facts
    assert found is not None
    return found


def variant(number: int) -> FirewallSettings:
    (folder,) = shared(VARIANTS).glob(f"{number}-*")
    files = {
        NAME: (folder / "kvstore_FreePBX_modules_Firewall.tsv").read_bytes(),
        "etc/sysconfig/network-scripts/ifcfg-eth0": (folder / "ifcfg-eth0").read_bytes(),
    }
    found = firewall.read(MemoryArtifacts(files))
    assert found.facts is not None
    assert found.problems == ()
    return found.facts


def test_the_settings_of_the_usual_mistake() -> None:
    found = variant(1)
    assert (found.enabled, found.safe_mode, found.custom_rules) == (True, True, False)
    assert [(one.subject, one.zone) for one in found.networks] == [("10.30.0.0/24", "internal")]
    assert [(one.subject, one.zone, str(one.citation)) for one in found.interfaces or ()] == [
        ("eth0", "internal", "etc/sysconfig/network-scripts/ifcfg-eth0:7")
    ]
    assert dict(found.services)["tftp"] == {"internal"}
    assert dict(found.services)["pjsip"] == {"internal", "other"}
    assert found.responsive == frozenset()


def test_responsive_firewall_is_told_by_service() -> None:
    assert variant(2).responsive == {"pjsip", "chansip", "iax"}
    off = HEAD + "responsivefw\t0\tNULL\tnoid\npjsip\t1\tNULL\trfw\n"
    assert facts(off).responsive == frozenset()
    one = HEAD + "responsivefw\t1\tNULL\tnoid\npjsip\t1\tNULL\trfw\niax\t0\tNULL\trfw\n"
    assert facts(one).responsive == {"pjsip"}


def test_an_empty_map_of_php_is_a_list() -> None:
    assert variant(4).networks == ()
    assert [one.zone for one in variant(4).interfaces or ()] == ["trusted"]


def test_a_dump_of_the_database_says_the_same() -> None:
    raw = (shared("data/freepbx14/evidence/db") / "asterisk.sql").read_bytes()
    found = firewall.read(MemoryArtifacts({"db/asterisk.sql": raw}))
    assert found.problems == ()
    assert found.facts is not None
    assert found.facts.enabled
    assert [(one.subject, one.zone) for one in found.facts.networks] == [("10.30.0.0/24", "internal")]
    assert dict(found.facts.services)["http"] == {"internal"}
    assert found.facts.citation.file == "db/asterisk.sql"
    assert found.facts.interfaces is None


def test_freepbx_13_keeps_all_modules_in_one_table() -> None:
    dump = (
        "CREATE TABLE `kvstore` (\n  `module` char(64),\n  `key` char(255),\n  `val` varchar(4096),\n"
        "  `type` char(16),\n  `id` char(255)\n);\n"
        "INSERT INTO `kvstore` VALUES ('FreePBX\\\\modules\\\\Firewall','status','1',NULL,'noid'),"
        "('FreePBX\\\\modules\\\\Sipsettings','status','0',NULL,'noid');\n"
    )
    found = firewall.read(MemoryArtifacts({"db/asterisk.sql": dump})).facts
    assert found is not None
    assert found.enabled is True


@pytest.mark.parametrize(
    ("text", "zone"),
    [
        ("ZONE=external\n", "external"),
        ('ZONE="other"\n', "other"),
        ("ZONE=internal\nZONE=external\n", "external"),
        ("DEVICE=eth0\n", "trusted"),
        ("ZONE=\n", "trusted"),
        ("ZONE=public\n", "trusted"),
        ("#ZONE=external\n", "trusted"),
    ],
)
@pytest.mark.parametrize("folder", ["etc/sysconfig/network-scripts", "etc/network/interfaces.d"])
def test_an_interface_without_a_zone_that_exists_is_trusted(folder: str, text: str, zone: str) -> None:
    found = facts(ON, **{f"{folder}/ifcfg-eth0": text, f"{folder}/ifcfg-lo": text})
    assert [(one.subject, one.zone) for one in found.interfaces or ()] == [("eth0", zone)]


def test_without_settings_nothing_is_known() -> None:
    assert firewall.read(MemoryArtifacts({"etc/sysconfig/network-scripts/ifcfg-eth0": "ZONE=x\n"})).facts is None
    assert firewall.read(MemoryArtifacts({"db/other.tsv": ON})).facts is None
    assert firewall.read(MemoryArtifacts({NAME: "a\tb\n1\t2\n"})).facts is None


def test_what_is_no_json_and_no_zone_is_a_problem_with_its_line() -> None:
    text = (
        ON + 'networkmaps\t{"10.0.0.0/8":"friends","x":"internal"}\tjson-arr\tnoid\nhostmaps\t{oops\tjson-arr\tnoid\n'
    )
    found = read(text)
    assert [str(problem.citation) for problem in found.problems] == [f"{NAME}:3", f"{NAME}:3", f"{NAME}:4"]
    assert found.facts is not None
    assert found.facts.networks == ()


def test_hosts_are_names_and_networks_are_networks() -> None:
    text = ON + (
        'networkmaps\t{"10.30.0.5":"trusted","2001:db8::\\\\/32":"other"}\tjson-arr\tnoid\n'
        'hostmaps\t{"home.example.net":"internal"}\tjson-arr\tnoid\n'
    )
    found = facts(text)
    assert [(one.subject, one.zone) for one in found.networks] == [("10.30.0.5", "trusted"), ("2001:db8::/32", "other")]
    assert [ZoneOf(subject=one.subject, zone=one.zone, citation=one.citation) for one in found.hosts] == list(
        found.hosts
    )
    assert found.hosts[0].subject == "home.example.net"


@settings(max_examples=1_000, deadline=None)
@given(st.binary(max_size=300) | st.text(alphabet='{}[]":,\\/\t\nabc0.NULL', max_size=200).map(lambda text: ON + text))
def test_whatever_the_settings_hold_nothing_is_raised(text: str | bytes) -> None:
    files = {NAME: text, "db/asterisk.sql": text, "etc/network/interfaces.d/ifcfg-eth0": text}
    firewall.read(MemoryArtifacts(files))
