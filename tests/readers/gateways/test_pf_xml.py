from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from ringfence.readers.gateways import pf_xml
from ringfence.readers.gateways.pf_xml import Document
from tests.memory import MemoryArtifacts

SECRET = "FAKE-hash-of-an-admin"


def parse(text: str | bytes, *wanted: str) -> Document:
    return pf_xml.parse(MemoryArtifacts({"c": text}), "c", "pfsense", wanted)


def test_elements_know_their_line_and_their_text() -> None:
    root = parse(
        "<pfsense>\n<Filter>\n  <rule><descr><![CDATA[a  &\n b]]> c</descr></rule></Filter></pfsense>", "filter"
    ).root
    assert root is not None
    rule = root.at("filter/rule")
    assert rule is not None
    assert rule.line == 3
    assert rule.value("descr") == "a & b c"
    assert root.at("filter/nothing/below") is None


def test_switches_by_presence_and_by_value() -> None:
    root = parse("<pfsense><a></a><b>0</b><c>on</c></pfsense>", "a", "b", "c").root
    assert root is not None
    assert [root.has(tag) for tag in "abcd"] == [True, True, True, False]
    assert [root.truthy(tag) for tag in "abcd"] == [False, False, True, False]


def test_only_what_is_wanted_is_kept() -> None:
    text = f"""<pfsense><system><user><bcrypt-hash>{SECRET}</bcrypt-hash></user><ipv6allow/></system>
    <interfaces><wan><if>em0</if><wpa>{SECRET}</wpa></wan></interfaces>
    <aliases><alias><name>a</name><password>{SECRET}</password><url>https://x:{SECRET}@y/</url></alias></aliases></pfsense>"""
    found = parse(text, "system/ipv6allow", "interfaces/*/if", "aliases")
    assert SECRET not in repr(found).replace(f"https://x:{SECRET}@y/", "")
    assert SECRET not in repr(parse(text, "system/ipv6allow", "interfaces/*/if", "aliases/alias/name"))
    assert found.root is not None
    assert found.root.at("interfaces/wan/if") is not None


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE pfsense [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><pfsense><filter>&b;</filter></pfsense>',
        '<!DOCTYPE pfsense SYSTEM "file:///etc/passwd"><pfsense/>',
        "<!DOCTYPE pfsense><pfsense/>",
    ],
)
def test_a_document_type_is_refused(text: str) -> None:
    found = parse(text, "filter")
    assert found.root is None
    assert "document type" in found.problems[0].message


def test_nesting_is_bounded() -> None:
    assert parse("<pfsense>" + "<a>" * 255 + "</a>" * 255 + "</pfsense>", "a").whole
    found = parse("<pfsense>" + "<a>" * 300, "a")
    assert found.root is None
    assert "nested deeper" in found.problems[0].message


def test_size_is_bounded() -> None:
    class Endless:
        """A file that never ends."""

        def names(self) -> list[str]:
            return ["c"]

        def modified_at(self, name: str) -> datetime | None:
            return None if name else datetime.now(UTC)

        def chunks(self, name: str) -> Iterator[bytes]:
            yield b"<pfsense><filter/>" if name else b""
            while True:
                yield b" " * 2**20

    found = pf_xml.parse(Endless(), "c", "pfsense", ("filter",))
    assert found.root is not None
    assert not found.whole
    assert "larger than 64 MiB" in found.problems[0].message


def test_the_number_of_elements_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pf_xml, "MAX_NODES", 10)
    found = parse("<pfsense><filter>" + "<rule/>" * 20 + "</filter></pfsense>", "filter")
    assert not found.whole
    assert found.root is not None


def test_what_is_left_of_a_damaged_file_is_kept_and_the_damage_is_cited() -> None:
    found = parse("<pfsense>\n<filter><rule/>\n<rule></filter>", "filter")
    assert not found.whole
    assert found.root is not None
    assert str(found.problems[0]) == "c:3: not well-formed XML from here on, the file is damaged or cut off"


@pytest.mark.parametrize("text", [b"", b"<opnsense/>", b"\xff\xfe<\x00", b"<pfsense encoding=", b"no xml"])
def test_what_is_no_configuration_gives_no_root(text: bytes) -> None:
    found = parse(text, "filter")
    assert found.root is None
    assert not found.whole


def test_the_name_of_the_root_is_found_behind_comments_and_instructions() -> None:
    head = b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- <other> -- > -->\n<!DOCTYPE x [ <!ENTITY a 'b'> ]>\n<OPNsense>"
    assert pf_xml.root_name(head) == "opnsense"
    assert pf_xml.root_name(b"<!-- never closed <pfsense>") == ""
    assert pf_xml.root_name(b"text <pfsense>") == ""
    assert pf_xml.root_name(b"<!--" * 20_000) == ""
    assert pf_xml.root_name(b"<!DOCTYPE [" * 6_000) == ""
