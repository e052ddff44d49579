from ringfence.checks.rules import quoted, rules_of
from ringfence.model.site import Host, Site
from tests.checks.sites import KNOWN_PHONE, ZONE_EXTERNAL, clean_site


def test_rules_are_found_by_the_name_of_their_chain() -> None:
    assert list(rules_of(clean_site(), "fpbxinterfaces")) == [ZONE_EXTERNAL]
    assert list(rules_of(clean_site(), "fpbxregistrations")) == [KNOWN_PHONE]
    assert list(rules_of(clean_site(), "nowhere")) == []


def test_without_a_packet_filter_there_are_no_rules() -> None:
    assert list(rules_of(Site(), "fpbxinterfaces")) == []
    assert list(rules_of(Site(hosts=(Host(name="pbx"),)), "fpbxinterfaces")) == []


def test_a_rule_is_quoted_as_written() -> None:
    line = quoted(ZONE_EXTERNAL)
    assert (line.text, line.citation.line) == ("-A fpbxinterfaces -i eth0 -j zone-external", 90)
