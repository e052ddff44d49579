from ringfence.readers.gateways import fortigate_text
from ringfence.readers.gateways.fortigate_text import Tree
from tests.memory import MemoryArtifacts

TEXT = """#config-version=FGT60F-7.2.4-FW-build1396-230131:opmode=0:vdom=0:user=admin
#conf_file_ver=1
config system admin
    edit "admin"
        set password ENC FAKE-HASH
    next
end
config vpn certificate local
    edit "x"
        set private-key "-----BEGIN FAKE KEY-----
next
config firewall policy
-----END FAKE KEY-----"
    next
end
config system sdwan
    set status enable
    config members
        edit 1
            set interface "wan1"
        next
    end
end
config firewall policy
    edit 7
        set name "say \\"hello\\" now"
        set srcintf "wan1" "wan 2"
        append srcintf "dmz"
    next
    edit 3
        set action accept
    next
end
"""
WANTED = frozenset({"firewall policy", "system sdwan"})


def read(text: str) -> Tree:
    return fortigate_text.read(MemoryArtifacts({"x": text}), "x", WANTED)


def test_entries_keep_the_order_of_the_file_and_their_lines() -> None:
    found = read(TEXT).table("firewall policy")
    assert [(entry.name, entry.place.line) for entry in found] == [("7", 25), ("3", 30)]
    assert found[0].all("srcintf") == ("wan1", "wan 2", "dmz")
    assert found[0].get("name") == 'say "hello" now'


def test_tables_without_entries_and_tables_inside() -> None:
    (sdwan,) = read(TEXT).table("system sdwan")
    assert sdwan.is_on("status")
    assert sdwan.inside["members"][0].get("interface") == "wan1"


def test_only_what_is_wanted_is_kept() -> None:
    assert "FAKE" not in repr(read(TEXT))
    assert read(TEXT).header.startswith("#config-version=FGT60F-7.2.4")


def test_vdoms_are_told_apart() -> None:
    text = "config vdom\nedit root\n{}next\nedit guests\n{}next\nend\n".replace("{}", TEXT.partition("\n")[2])
    assert [entry.vdom for entry in read(text).table("firewall policy")] == ["root", "root", "guests", "guests"]


def test_what_is_cut_off_is_said() -> None:
    assert read(TEXT).cut is None
    assert read(TEXT[:-5]).cut is not None
    unclosed = read('config firewall policy\nedit 1\nset name "open\nnext\nend\n').cut
    assert unclosed is not None
    assert unclosed.citation.line == 3
    assert read("config a\n" * 100).cut is not None
