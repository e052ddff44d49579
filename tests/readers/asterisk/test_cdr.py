from hypothesis import given, settings

from ringfence.readers.asterisk import cdr
from tests.readers.asterisk.material import HOSTILE, INCIDENT, REAL, etc, evidence


def read(cdr_conf: bytes | str, **others: bytes | str) -> cdr.CdrSettings:
    facts = cdr.read(etc(cdr=cdr_conf, **others)).facts
    assert facts is not None
    return facts


def test_master_csv_needs_its_section() -> None:
    assert read("[general]\n[csv]\n").csv
    assert not read("[general]\n;[csv]\n").csv
    assert not read("[csv]\n", modules="[modules]\nautoload=yes\nnoload=cdr_csv.so\n").csv


def test_databases() -> None:
    assert read("", cdr_mysql="[global]\ntable=cdr\n").database
    assert read("", cdr_adaptive_odbc="[anything]\ntable=cdr\n").database
    assert not read("", cdr_mysql="[columns]\n").database
    assert not read("", cdr_mysql="[global]\n", modules="[modules]\nautoload=yes\nnoload=cdr_mysql.so\n").database


def test_it_is_on_unless_switched_off() -> None:
    assert read("").enabled
    assert not read("[general]\nenable=no\n").enabled


def test_no_file_is_unknown() -> None:
    assert cdr.read(etc()).facts is None


def test_real_systems() -> None:
    freepbx = cdr.read(evidence(REAL, "etc/asterisk")).facts
    incident = cdr.read(evidence(INCIDENT, "etc/asterisk")).facts
    assert freepbx is not None
    assert incident is not None
    assert (freepbx.enabled, freepbx.csv, freepbx.database) == (True, False, True)  # as `cdr show status` said
    assert (incident.enabled, incident.csv, incident.database) == (True, True, False)


@settings(max_examples=1000)
@given(HOSTILE, HOSTILE)
def test_no_content_is_too_odd(content: bytes, mysql: bytes) -> None:
    read(content, cdr_mysql=mysql)
