import pytest

from ringfence.drivers.layout import belongs, bundle_name, wrapping_folder


@pytest.mark.parametrize(
    ("member", "expected"),
    [
        ("etc/asterisk/sip.conf", "etc/asterisk/sip.conf"),
        ("./etc//asterisk/./sip.conf", "etc/asterisk/sip.conf"),
        ("/etc/passwd", "etc/passwd"),
        ("../etc/passwd", ""),
        ("etc/../../passwd", ""),
        ("", ""),
        ("a\0b", ""),
        ("x" * 2000, ""),
    ],
)
def test_names_from_outside_stay_inside(member: str, expected: str) -> None:
    assert bundle_name(member) == expected


def test_the_folder_around_a_bundle_is_found() -> None:
    assert wrapping_folder(["school/evidence/etc/asterisk/sip.conf", "school/truth.json"]) == "school/evidence/"
    assert wrapping_folder(["etc/asterisk/sip.conf", "school/etc/passwd"]) == ""
    assert wrapping_folder(["a/etc/x", "b/etc/x"]) == "", "two bundles: which one is not ours to choose"
    assert wrapping_folder(["notes.txt"]) == ""


def test_only_names_of_the_layout_belong() -> None:
    assert belongs("ringfence.toml")
    assert belongs("var/log/asterisk/full.1.gz")
    assert not belongs("truth.json")
