import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.readers.clock import CENTOS, DEBIAN, read_timezone
from tests.memory import MemoryArtifacts


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({DEBIAN: "America/Chicago\n"}, "America/Chicago"),
        ({DEBIAN: "Etc/UTC\n"}, "Etc/UTC"),
        ({CENTOS: 'UTC=true\nZONE="America/New_York"\n'}, "America/New_York"),
        ({CENTOS: "ZONE=Europe/Paris"}, "Europe/Paris"),
        ({DEBIAN: "../../etc/passwd\n"}, ""),
        ({CENTOS: '#ZONE="America/New_York"\n'}, ""),
        ({}, ""),
    ],
)
def test_the_zone_is_what_the_machine_says(files: dict[str, str], expected: str) -> None:
    assert read_timezone(MemoryArtifacts(files)) == expected


@given(st.binary(max_size=200))
def test_arbitrary_bytes_give_a_name_or_nothing(raw: bytes) -> None:
    zone = read_timezone(MemoryArtifacts({DEBIAN: raw, CENTOS: raw}))
    assert zone == "" or ".." not in zone
