import pytest

from ringfence.model.addresses import AddressSet, PortSet
from ringfence.model.packetfilter import DestinationAddress, DestinationPort, SourceAddress, Unsupported
from ringfence.readers.gateways.openwrt_sets import NamedSet, condition, read
from ringfence.readers.gateways.openwrt_uci import parse
from tests.memory import MemoryArtifacts


def named(text: str, **files: str) -> NamedSet | None:
    artifacts = MemoryArtifacts({"edge/firewall": f"config ipset\n\toption name 's'\n{text}", **files})
    (section,) = parse(artifacts, "edge/firewall").sections
    return read(section, artifacts, "edge/")


def sets(text: str) -> dict[str, NamedSet]:
    found = named(text)
    assert found is not None
    return {"s": found}


def test_a_set_of_sources() -> None:
    held = sets("\tlist match 'src_net'\n\tlist entry '192.0.2.0/24'\n\tlist entry '198.51.100.7'\n")
    addresses = AddressSet.of("192.0.2.0/24", "198.51.100.7")
    assert condition("s", held)[1] == ((SourceAddress(addresses=addresses),),)
    assert condition("!s", held)[1] == ((SourceAddress(addresses=~addresses),),)
    assert condition("s dest", held)[1] == ((DestinationAddress(addresses=addresses),),)


def test_a_set_of_pairs_is_taken_apart() -> None:
    held = sets("\toption match 'src_ip dest_port'\n\tlist entry '192.0.2.1 5060'\n\tlist entry '192.0.2.2 69'\n")
    assert condition("s", held)[1] == (
        (SourceAddress(addresses=AddressSet.of("192.0.2.1")), DestinationPort(ports=PortSet.of(5060))),
        (SourceAddress(addresses=AddressSet.of("192.0.2.2")), DestinationPort(ports=PortSet.of(69))),
    )
    assert condition("!s", held)[1] == ((Unsupported(text="ipset !s"),),)


def test_a_file_of_entries() -> None:
    text = "\tlist match 'src_ip'\n\toption loadfile '/etc/banned'\n"
    assert named(text, **{"edge/etc/banned": "# us\n192.0.2.1\n"}) == NamedSet(
        name="s", family=4, fields=(("src", "ip"),), entries=(("192.0.2.1",),)
    )
    missing = named(text)
    assert missing is not None
    assert missing.unknown


def test_a_set_that_is_filled_at_run_time_is_not_known() -> None:
    held = sets("\tlist match 'src_ip'\n")
    ((found,),) = condition("s", held)[1]
    assert isinstance(found, Unsupported)


def test_sets_that_firewall4_leaves_out() -> None:
    assert named("\toption enabled '0'\n\tlist match 'src_ip'\n") is None
    assert named("") is None
    assert named("\tlist match 'src_set'\n") is None
    assert named("\tlist match 'src_ip'\n\toption family 'any'\n") is None
    with pytest.raises(KeyError):
        condition("t", {})


def test_hardware_addresses_are_not_interpreted() -> None:
    held = sets("\tlist match 'src_mac'\n\tlist entry '00:00:5E:00:53:01'\n")
    assert condition("s", held)[1] == ((Unsupported(text="ipset s"),),)
