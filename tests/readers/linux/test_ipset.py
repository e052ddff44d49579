from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet
from ringfence.readers.linux import ipset
from tests.memory import MemoryArtifacts

SAVED = """create friends hash:net family inet hashsize 1024 maxelem 65536
add friends 198.51.100.0/24 timeout 3600
add friends 198.51.100.9 nomatch
add friends 203.0.113.1-203.0.113.2
create pairs hash:ip,port family inet
add pairs 192.0.2.1,tcp:5060
create empty hash:ip family inet
"""


def test_sets_of_addresses_are_read_with_their_exceptions() -> None:
    sets = ipset.read(MemoryArtifacts({"x": SAVED}), "x").facts
    wanted = AddressSet.of("198.51.100.0/24", "203.0.113.1", "203.0.113.2") - AddressSet.of("198.51.100.9")
    assert sets["friends"].addresses == wanted
    assert sets["empty"].addresses == AddressSet()


def test_sets_of_anything_else_are_known_by_name_only() -> None:
    assert ipset.read(MemoryArtifacts({"x": SAVED}), "x").facts["pairs"].addresses is None


def test_a_member_that_is_not_understood_makes_the_whole_set_unknown() -> None:
    reading = ipset.read(MemoryArtifacts({"x": "create s hash:ip\nadd s 192.0.2.1\nadd s nonsense\n"}), "x")
    assert reading.facts["s"].addresses is None
    assert [problem.citation.line for problem in reading.problems] == [3]


@settings(max_examples=1000)
@given(st.binary(max_size=300))
def test_arbitrary_bytes_never_raise(raw: bytes) -> None:
    ipset.read(MemoryArtifacts({"x": b"create s hash:ip\n" + raw}), "x")
