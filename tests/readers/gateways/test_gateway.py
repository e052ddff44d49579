from ringfence.model.evidence import Citation
from ringfence.model.packetfilter import Ruleset
from ringfence.readers.gateways.gateway import Gateway


def test_what_an_export_does_not_tell_stays_empty() -> None:
    empty = Gateway(product="x", ruleset=Ruleset(chains=(), product="x", citation=Citation(file="edge/x")))
    assert (empty.interfaces, empty.routes, empty.outside) == ((), (), frozenset())
