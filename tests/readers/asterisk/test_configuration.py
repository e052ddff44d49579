import pytest
from hypothesis import given, settings

from ringfence.model.evidence import Citation
from ringfence.readers.asterisk import configuration
from ringfence.readers.asterisk.configuration import Section, bundle_path, exists, load, parse
from tests.memory import MemoryArtifacts
from tests.readers.asterisk.material import HOSTILE, REAL, etc, evidence


def sections(**files: bytes | str) -> tuple[Section, ...]:
    return load(etc(**files), f"etc/asterisk/{next(iter(files))}.conf").facts


def pairs(section: Section) -> list[tuple[str, str]]:
    return [(entry.key, entry.value) for entry in section.entries]


def test_keys_keep_their_order_and_their_lines() -> None:
    (section,) = sections(sip="; comment\n[1001]\ndeny=0.0.0.0/0\npermit => 10.0.0.0/8\ndeny = 10.1.0.0/16\n")
    assert pairs(section) == [("deny", "0.0.0.0/0"), ("permit", "10.0.0.0/8"), ("deny", "10.1.0.0/16")]
    assert [entry.object_syntax for entry in section.entries] == [False, True, False]
    assert section.entries[1].citation == Citation(file="etc/asterisk/sip.conf", line=4)
    assert section.citation.line == 2


def test_templates_give_their_entries_first_with_their_own_lines() -> None:
    text = "[base](!)\nsecret=FAKE-base\nnat=no\n[more](!)\nqualify=yes\n[1001](base,more)\nnat=yes\n"
    base, _, phone = sections(sip=text)
    assert base.is_template
    assert not phone.is_template
    assert pairs(phone) == [("secret", "FAKE-base"), ("nat", "no"), ("qualify", "yes"), ("nat", "yes")]
    assert phone.entries[0].citation.line == 2
    assert phone.text("nat") == "yes"


def test_what_is_added_to_a_template_later_is_not_inherited() -> None:
    _, phone = sections(sip="[base](!)\na=1\n[1001](base)\n[base](+)\na=2\n")
    assert pairs(phone) == [("a", "1")]


def test_an_addition_goes_to_the_first_section_of_that_name() -> None:
    text = "[1001]\ntype=endpoint\n[1001]\ntype=aor\n[1001](+)\ndeny=0.0.0.0/0\n[1001](+type=aor)\nmax_contacts=1\n"
    endpoint, aor = sections(pjsip=text)
    assert pairs(endpoint) == [("type", "endpoint"), ("deny", "0.0.0.0/0")]
    assert pairs(aor) == [("type", "aor"), ("max_contacts", "1")]


def test_sections_of_one_name_stay_apart() -> None:
    assert [section.text("type") for section in sections(pjsip="[a]\ntype=endpoint\n[a]\ntype=auth\n")] == [
        "endpoint",
        "auth",
    ]


def test_appending_changes_the_last_value_of_that_key() -> None:
    (section,) = sections(sip="[a]\nx=1\nx=2\nx+=,3\ny+=4\n")
    assert pairs(section) == [("x", "1"), ("x", "2,3"), ("y", "4")]
    assert section.entries[1].citation.line == 4


def test_a_value_may_hold_an_equals_sign_a_semicolon_and_latin_1() -> None:
    (section,) = sections(sip=b"[a]\r\nsecret=FAKE=\\;=x ; note\r\ncallerid=Caf\xe9 <1001>\r\n\\[k=v\r\n")
    assert pairs(section) == [("secret", "FAKE=;=x"), ("callerid", "Caf\\xe9 <1001>"), ("[k", "v")]


def test_a_secret_is_not_in_the_repr() -> None:
    (section,) = sections(sip="[a]\nsecret=FAKE-hidden\n")
    assert "FAKE-hidden" not in repr(section)


def test_an_included_file_starts_in_the_section_of_its_include() -> None:
    first, second = sections(sip="[general]\n#include more.conf\nb=2\n", more="a=1\n[other]\nc=3\n")
    assert pairs(first) == [("a", "1"), ("b", "2")]  # the includer stays in its own section afterwards
    assert pairs(second) == [("c", "3")]
    assert first.entries[0].citation == Citation(file="etc/asterisk/more.conf", line=1)


def test_a_second_include_starts_in_the_last_section_of_the_first() -> None:
    general, other = sections(sip="[general]\n#include one.conf\n#include two.conf\n", one="[other]\n", two="a=1\n")
    assert pairs(general) == []
    assert pairs(other) == [("a", "1")]


@pytest.mark.parametrize(
    "directive",
    [
        "#include x.d/a.conf",
        '#include "x.d/a.conf"',
        "#include <x.d/a.conf>",
        "#tryinclude x.d/*.conf",
        "#INCLUDE /etc/asterisk/x.d/[a].conf",
        "#include ../asterisk/x.d/./a.conf ; note",
    ],
)
def test_includes_with_and_without_quotes_and_globs(directive: str) -> None:
    artifacts = MemoryArtifacts({"etc/asterisk/sip.conf": f"{directive}\n", "etc/asterisk/x.d/a.conf": "[a]\n"})
    reading = load(artifacts, "etc/asterisk/sip.conf")
    assert [section.name for section in reading.facts] == ["a"]
    assert reading.problems == ()


def test_a_glob_stays_in_its_folder_and_leaves_hidden_files_out() -> None:
    names = ["x.conf", ".x.conf", "deep/x.conf"]
    files = {f"opt/{name}": f"[{name}]\n" for name in names}
    artifacts = MemoryArtifacts({"etc/asterisk/sip.conf": "#include /opt/*.conf\n", **files})
    assert [section.name for section in load(artifacts, "etc/asterisk/sip.conf").facts] == ["x.conf"]


def test_a_missing_include_is_a_problem_and_a_missing_tryinclude_is_none() -> None:
    parsed = parse(etc(sip="[a]\n#tryinclude no.conf\n#include gone.conf\nb=1\n"), "etc/asterisk/sip.conf")
    assert parsed.missing == ("etc/asterisk/gone.conf",)
    (problem,) = parsed.problems
    assert problem.citation.line == 3
    assert pairs(parsed.sections[0]) == [("b", "1")]


def test_exec_is_named_and_never_run() -> None:
    parsed = parse(etc(sip="[a]\n#exec /usr/bin/gen\n"), "etc/asterisk/sip.conf")
    assert parsed.missing == ("#exec",)
    assert "not run" in parsed.problems[0].message


def test_a_loop_of_includes_ends() -> None:
    parsed = parse(
        etc(sip="[a]\n#include b.conf\n", b="x=1\n#include sip.conf\n#include b.conf\n"), "etc/asterisk/sip.conf"
    )
    assert pairs(parsed.sections[0]) == [("x", "1")]
    assert len(parsed.problems) == 2


def test_includes_that_multiply_are_bounded() -> None:
    files = {f"f{level}": f"[s{level}]\n" + f"#include f{level + 1}.conf\n" * 50 for level in range(12)}
    parsed = parse(etc(sip="#include f0.conf\n", **files), "etc/asterisk/sip.conf")
    assert len(parsed.sections) <= configuration.MAX_FILES + 1
    assert len(parsed.problems) <= configuration.MAX_PROBLEMS + 1


def test_templates_that_double_are_bounded() -> None:
    text = "[t0](!)\na=1\n" + "".join(f"[t{i}](!,t{i - 1},t{i - 1})\n" for i in range(1, 60))
    parsed = parse(etc(sip=text), "etc/asterisk/sip.conf")
    assert sum(len(section.entries) for section in parsed.sections) <= configuration.MAX_ENTRIES


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a=1\n", 1),
        ("[a\n", 1),
        ("[a]\nno equals\n", 2),
        ("[a](gone)\n", 1),
        ("[a](+)\n", 1),
        ("[a]\n#frobnicate x\n", 2),
        ("[a]\nx=" + "y" * 9000 + "\n", 2),
        ("[a]\n=5\n", 2),
    ],
)
def test_what_asterisk_would_not_take_is_a_problem_with_its_line(text: str, line: int) -> None:
    (problem,) = load(etc(sip=text), "etc/asterisk/sip.conf").problems
    assert problem.citation.line == line


def test_an_open_block_comment_is_told() -> None:
    reading = load(etc(sip="[a]\nx=1\n;-- forgotten\ny=2\n"), "etc/asterisk/sip.conf")
    assert pairs(reading.facts[0]) == [("x", "1")]
    assert "not closed" in reading.problems[0].message


def test_an_empty_file_exists_and_an_absent_one_does_not() -> None:
    assert exists(etc(sip=""), "etc/asterisk/sip.conf")
    assert not exists(etc(sip=""), "etc/asterisk/pjsip.conf")
    assert load(etc(), "etc/asterisk/sip.conf").facts == ()


@pytest.mark.parametrize(
    ("target", "name"),
    [("a.conf", "etc/asterisk/a.conf"), ("/opt//x/../a.conf", "opt/a.conf"), ("../../../../etc/passwd", "etc/passwd")],
)
def test_paths_become_bundle_names(target: str, name: str) -> None:
    assert bundle_path(target) == name


def test_a_real_freepbx_is_read_without_a_problem() -> None:
    artifacts = evidence(REAL, "etc/asterisk")
    for name in ("sip", "pjsip", "iax", "manager", "http", "ari", "logger", "extensions", "voicemail", "rtp", "cdr"):
        assert load(artifacts, f"etc/asterisk/{name}.conf").problems == ()


@settings(max_examples=1000)
@given(HOSTILE, HOSTILE)
def test_no_content_is_too_odd(content: bytes, included: bytes) -> None:
    artifacts = etc(sip=b"#include a.conf\n" + content, a=included)
    for section in load(artifacts, "etc/asterisk/sip.conf").facts:
        assert section.citation.line is not None
        assert all(entry.key for entry in section.entries)
