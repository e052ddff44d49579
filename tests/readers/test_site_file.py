from datetime import datetime
from ipaddress import ip_address, ip_network

from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.readers import site_file
from ringfence.readers.site_file import SiteFile
from tests.memory import MemoryArtifacts

WHOLE = """\
[site]
name = "Lincoln School"
timezone = "America/New_York"   # of the logs

[networks]
voice = ["10.30.0.0/24", "2001:db8:30::/64"]
office = "10.40.0.0/22"

[[remote]]
name = "Ann at home"
address = "203.0.113.130"
accounts = ["2007", "2009"]

[[remote]]
name = "Ben"
hostname = "ben.example.net"

[[provider]]
name = "Lakeside"
addresses = ["203.0.113.20", "198.51.100.24/30"]
hostnames = ["sip.example.net"]

[hours]
open = ["Mon-Fri 07:00-18:00", "Sat 8:00-12:00"]
"""


def read(text: str | bytes) -> tuple[SiteFile, list[str]]:
    reading = site_file.read(MemoryArtifacts({"ringfence.toml": text}))
    return reading.facts, [str(problem) for problem in reading.problems]


def test_everything_is_read_with_its_line() -> None:
    facts, problems = read(WHOLE)
    assert problems == []
    assert (facts.name, facts.timezone) == ("Lincoln School", "America/New_York")
    voice, office = facts.networks
    assert voice.prefixes == (ip_network("10.30.0.0/24"), ip_network("2001:db8:30::/64"))
    assert voice.declared
    assert str(voice.citation) == "ringfence.toml:6"
    assert office.prefixes == (ip_network("10.40.0.0/22"),)
    ann, ben = facts.remotes
    assert (ann.name, ann.prefixes, ann.accounts) == ("Ann at home", (ip_network("203.0.113.130"),), ("2007", "2009"))
    assert (ben.prefixes, ben.hostname) == ((), "ben.example.net")
    (provider,) = facts.providers
    assert provider.addresses[:2] == (ip_address("203.0.113.20"), ip_address("198.51.100.24"))
    assert len(provider.addresses) == 5
    assert provider.hostnames == ("sip.example.net",)
    assert str(provider.citation) == "ringfence.toml:18"
    assert facts.hours is not None
    assert facts.hours.is_open(datetime(2026, 11, 23, 7, 0))  # noqa: DTZ001 - a local time of the site


def test_no_file_declares_nothing() -> None:
    reading = site_file.read(MemoryArtifacts({}))
    assert (reading.facts, reading.problems) == (SiteFile(), ())


def test_a_broken_line_is_named_and_the_rest_still_counts() -> None:
    facts, problems = read(WHOLE.replace('address = "203.0.113.130"', "address = 203.0.113.130"))
    assert len(problems) == 2
    assert problems[0].startswith("ringfence.toml:9: [[remote]] names no usable address")
    assert problems[1].startswith("ringfence.toml:11: is no TOML here")
    assert [remote.name for remote in facts.remotes] == ["Ben"]
    assert len(facts.networks) == 2
    assert facts.hours is not None


def test_what_is_never_closed_does_not_hide_what_came_before() -> None:
    facts, problems = read('[site]\nname = "Lincoln School"\n[networks]\nvoice = ["10.30.0.0/24",\n')
    assert facts.name == "Lincoln School"
    assert problems != []


def test_wrong_types_are_named_with_what_is_expected() -> None:
    facts, problems = read(
        '[site]\nname = 5\ntimezone = "over there"\n[networks]\nvoice = [1, "10.30.0.0/24"]\n[remote]\nname="x"\n'
    )
    assert facts.name == ""
    assert facts.timezone == ""
    assert facts.networks[0].prefixes == (ip_network("10.30.0.0/24"),)
    assert problems == [
        "ringfence.toml:2: name is expected to be a text in quotes, or a list of them",
        "ringfence.toml:3: timezone is expected to be like America/New_York or +01:00",
        "ringfence.toml:5: voice is expected to be a text in quotes, or a list of them",
        "ringfence.toml:6: [[remote]] names no usable address or hostname: it allows nobody",
    ]


def test_a_network_that_is_the_internet_is_refused() -> None:
    facts, problems = read('[networks]\nvoice = ["0.0.0.0/0", "::/0", "128.0.0.0/1", "10.0.0.0/8"]\n')
    assert facts.networks[0].prefixes == (ip_network("10.0.0.0/8"),)
    assert len(problems) == 3
    assert "the Internet would count as inside" in problems[0]


def test_what_is_no_address_or_name_is_refused() -> None:
    facts, problems = read('[[provider]]\naddresses = ["sip.example.net"]\nhostname = "no name"\n')
    assert facts.providers == ()
    assert "'sip.example.net' is no address" in problems[1]
    assert "'no name' is no host name" in problems[2]


def test_a_typing_error_is_not_silent() -> None:
    _, problems = read('[[remote]]\nadress = "203.0.113.130"\n[netwroks]\nvoice = "10.0.0.0/8"\n')
    assert problems == [
        "ringfence.toml:1: [[remote]] names no usable address or hostname: it allows nobody",
        "ringfence.toml:2: 'adress' is not known; expected accounts, address, addresses, hostname and name",
        "ringfence.toml:3: 'netwroks' is not known; expected site, networks, remote, provider or hours",
    ]


def test_hours_that_are_not_understood_are_told() -> None:
    facts, problems = read('[hours]\nopen = "in the morning"\n')
    assert facts.hours is None
    assert problems == [
        "ringfence.toml:2: the opening hours are not understood: 'in the morning' is not like Mon-Fri 07:00-18:00"
    ]


def test_a_windows_editor_may_have_written_it() -> None:
    facts, problems = read(b"\xef\xbb\xbf" + WHOLE.replace("\n", "\r\n").encode())
    assert problems == []
    assert facts.name == "Lincoln School"


LINES = st.sampled_from(
    [*WHOLE.splitlines(), "[site", "networks = 3", "x = [[[", 'name = "', "[[networks]]", "[[hours]]"]
)


@settings(max_examples=1000)
@given(st.one_of(st.binary(max_size=300), st.lists(LINES, max_size=25).map(lambda lines: "\n".join(lines).encode())))
def test_any_bytes_are_read(raw: bytes) -> None:
    read(raw)


def test_on_the_pbx_itself_it_stands_in_etc() -> None:
    reading = site_file.read(MemoryArtifacts({"etc/ringfence.toml": '[site]\nname = "School"\nsurprise = 1\n'}))
    assert reading.facts.name == "School"
    assert {problem.citation.file for problem in reading.problems} == {"etc/ringfence.toml"}
