from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.addresses import AddressSet, normalise
from ringfence.reach.atoms import Atoms
from tests.reach.school import addresses, save

PAIRS = st.tuples(st.integers(0, 50), st.integers(0, 50)).map(lambda pair: (min(pair), max(pair)))
SETS = st.lists(PAIRS, max_size=8).map(lambda found: AddressSet(ipv4=normalise(found)))


@given(SETS, SETS)
def test_sets_come_back_as_they_were_and_bits_are_sets(left: AddressSet, right: AddressSet) -> None:
    atoms = Atoms(4, (), (left, right))
    one, other = atoms.bits(left), atoms.bits(right)
    assert atoms.addresses(one) == left
    assert atoms.addresses(one | other) == left | right
    assert atoms.addresses(one & other) == left & right
    assert atoms.addresses(one & ~other) == left - right
    assert atoms.addresses(atoms.everything) == AddressSet.all_ipv4()


def test_atoms_are_split_at_the_bounds_of_every_rule() -> None:
    rules = save("-A INPUT -s 10.0.0.0/8 -j DROP\n-A INPUT ! -s 10.1.0.0/16 -j DROP")
    atoms = Atoms(4, (rules, None))
    assert atoms.everything.bit_count() == 5
    assert atoms.addresses(atoms.bits(addresses("10.1.0.0/16"))) == addresses("10.1.0.0/16")


def test_the_largest_atom_speaks_for_a_set() -> None:
    atoms = Atoms(4, (), (addresses("10.0.0.1"), addresses("10.0.0.0/8")))
    bits = atoms.bits(addresses("10.0.0.0/8"))
    assert atoms.addresses(atoms.largest(bits)).count == 2**24 - 2
    assert atoms.largest(0) == 0


def test_each_ip_version_has_its_own_atoms() -> None:
    atoms = Atoms(6, (), (addresses("10.0.0.0/8", "2001:db8::/32"),))
    assert atoms.everything.bit_count() == 3
    assert atoms.addresses(atoms.bits(addresses("10.0.0.0/8", "2001:db8::/32"))) == addresses("2001:db8::/32")
