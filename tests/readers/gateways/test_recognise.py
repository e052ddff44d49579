from dataclasses import replace

from ringfence.model.evidence import Citation, Problem, Reading
from ringfence.model.packetfilter import Chain, Family, Ruleset
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.gateways.gateway import Gateway
from ringfence.readers.gateways.recognise import Dialect, passed_over, read_gateway
from tests.memory import MemoryArtifacts


def gateway(product: str, name: str) -> Gateway:
    place = Citation(file=name, line=1)
    chain = Chain(table=product, name="forward", family=Family.IPV4, citation=place)
    return Gateway(product=product, ruleset=Ruleset(chains=(chain,), product=product, citation=place))


def before(more: Gateway, box: Gateway) -> Gateway:
    return replace(box, ruleset=replace(box.ruleset, chains=(*more.ruleset.chains, *box.ruleset.chains)))


def dialect(product: str, *, adds: bool = False, readable: bool = True) -> Dialect:
    def read(_: Artifacts, name: str) -> Reading[Gateway | None]:
        if not readable:
            return Reading(facts=None, problems=(Problem(citation=Citation(file=name), message="is broken"),))
        return Reading(facts=gateway(product, name))

    return Dialect(
        product=product,
        recognises=lambda head: head.startswith(product.encode()),
        read=read,
        join=before if adds else None,
    )


DIALECTS = (dialect("alpha"), dialect("beta"), dialect("leases", adds=True))


def read(**files: str) -> Reading[Gateway | None]:
    named = {f"edge/{name.replace('_', '-')}.txt": text for name, text in files.items()}
    return read_gateway(MemoryArtifacts(named), DIALECTS)


def test_the_content_tells_the_product_whatever_the_name() -> None:
    reading = read(config="beta 1.0")
    assert reading.facts is not None
    assert (reading.facts.product, reading.problems) == ("beta", ())


def test_leases_come_before_the_boxs_own_forwards() -> None:
    reading = read(a_config="alpha", b_leases="leases")
    assert reading.facts is not None
    assert [chain.table for chain in reading.facts.ruleset.chains] == ["leases", "alpha"]
    assert read(leases="leases").facts is not None


def test_a_second_box_and_an_unknown_file_are_said() -> None:
    reading = read(a="alpha", b="beta", c="something else", ip_addr="1: lo")
    assert reading.facts is not None
    assert reading.facts.product == "alpha"
    said = {problem.citation.file: problem.message for problem in reading.problems}
    assert set(said) == {"edge/b.txt", "edge/c.txt"}
    assert "not an export that is read yet" in said["edge/c.txt"]


def test_a_broken_export_is_unknown_and_says_why() -> None:
    artifacts = MemoryArtifacts({"edge/a": "alpha"})
    reading = read_gateway(artifacts, (dialect("alpha", readable=False),))
    assert reading.facts is None
    assert reading.problems[0].message == "is broken"


def test_no_edge_is_no_problem() -> None:
    assert read_gateway(MemoryArtifacts({"commands/ss.txt": "alpha"}), DIALECTS) == Reading(facts=None)


def test_an_export_beside_a_linux_edges_rules_is_not_passed_over_in_silence() -> None:
    files = {"edge/nft-ruleset.txt": "table ip nat {}", "edge/router.txt": "beta 1.0", "edge/ip-addr.txt": "1: lo"}
    (problem,) = passed_over(MemoryArtifacts(files), DIALECTS)
    assert problem.citation.file == "edge/router.txt"
    assert "export of beta" in problem.message
