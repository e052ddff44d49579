from phonenumbers import SUPPORTED_REGIONS

from ringfence.incidents.countries import country_name


def test_countries_have_their_names() -> None:
    assert country_name("SO") == "Somalia"
    assert country_name("SL") == "Sierra Leone"
    assert country_name("CI") == "Côte d'Ivoire"


def test_every_region_that_numbers_lead_to_has_a_name() -> None:
    assert sorted(code for code in SUPPORTED_REGIONS if country_name(code) == code) == []


def test_a_code_without_a_name_stays_a_code() -> None:
    assert country_name("QQ") == "QQ"
    assert country_name("") == ""
