"""What is counted once, what comes first, and what is left unsaid by nobody."""

from dataclasses import replace
from ipaddress import ip_address

from ringfence.model.addresses import AddressSet
from ringfence.model.exposure import Basis, Verdict
from ringfence.model.incident import Step
from ringfence.model.site import ServiceName
from ringfence.render import outline
from ringfence.render.outline import State
from tests.render import sample


def test_each_listener_is_one_door_with_its_worst_state() -> None:
    found = outline.outer_doors(sample.hijacked())
    assert [(door.listener.port, door.state) for door in found] == [
        (69, State.USED),
        (5160, State.USED),
        (80, State.OPEN),
        (5060, State.OPEN),
        (4569, State.UNKNOWN),
        (22, State.BLOCKED),
        (5038, State.BLOCKED),
    ]
    assert len(outline.open_doors(sample.hijacked())) == 4


def test_a_socket_and_its_twin_on_ipv6_are_one_door_but_two_addresses_are_two() -> None:
    report = sample.clean()
    twin = replace(sample.HTTP, address=ip_address("::"))
    other = replace(sample.HTTP, address=ip_address("10.20.0.11"))
    exposures = [sample.exposure("internet", socket, Verdict.REACHABLE) for socket in (sample.HTTP, twin, other)]
    assert len(outline.open_doors(replace(report, exposures=tuple(exposures[:2])))) == 1
    assert len(outline.open_doors(replace(report, exposures=tuple(exposures)))) == 2


def test_observed_open_outweighs_predicted_closed() -> None:
    predicted = sample.exposure("internet", sample.SSH, Verdict.BLOCKED)
    observed = sample.exposure("internet", sample.SSH, Verdict.REACHABLE, basis=Basis.OBSERVED)
    (door,) = outline.doors(replace(sample.clean(), exposures=(predicted, observed)))
    assert door.state is State.OPEN
    assert len(door.exposures) == 2


def test_a_few_sources_are_named_and_many_are_not() -> None:
    few = sample.exposure("internet", sample.SSH, Verdict.REACHABLE, sources=AddressSet.of("203.0.113.20"))
    many = sample.exposure("internet", sample.HTTP, Verdict.REACHABLE, sources=AddressSet.of("203.0.0.0/16"))
    wide = sample.exposure("internet", sample.TFTP, Verdict.REACHABLE, sources=AddressSet.of("2001:db8::/32"))
    named = [door.only_from for door in outline.doors(replace(sample.clean(), exposures=(few, many, wide)))]
    assert named == ["203.0.113.20", "", ""]


def test_the_rule_is_the_first_step_with_a_line_of_evidence() -> None:
    door = outline.open_doors(sample.hijacked())[0]
    assert door.rule is not None
    assert str(door.rule.citation) == "edge/iptables-save.txt:7"


def test_inner_networks_come_in_the_order_of_the_site() -> None:
    assert [inside.name for inside in outline.insides(sample.hijacked())] == ["voice", "office", "guest-wifi"]
    assert outline.insides(sample.hijacked())[1].prefixes == "10.40.0.0/16 and 10.41.0.0/16"


def test_one_line_of_time_for_each_account_first_taken_first() -> None:
    lanes = outline.lanes(sample.incident())
    assert [lane.account for lane in lanes] == ["", *sample.TAKEN]
    assert [stretch.step for stretch in outline.stretches(lanes[1])] == [
        Step.FILE_FETCHED,
        Step.CONTACT,
        Step.REGISTERED,
        Step.CALLED,
    ]
    assert outline.stretches(lanes[1])[-1].told() == "2 calls 19:07:53 to 19:38:23"


def test_an_account_without_a_moment_still_has_its_line() -> None:
    silent = replace(sample.incident(), accounts=("2001", "2999"))
    assert [lane.account for lane in outline.lanes(silent)] == ["", "2001", "2999"]


def test_a_moment_of_no_known_time_comes_last() -> None:
    timeless = replace(sample.incident().moments[5], at=None)
    incident = replace(sample.incident(), moments=(timeless, *sample.incident().moments))
    assert outline.in_time(incident.moments)[-1] is timeless


def test_days_are_shown_only_where_a_story_spans_several() -> None:
    incident = sample.incident()
    assert not outline.spans_days(incident)
    late = replace(incident.moments[-1], at=sample.at(86_400))
    assert outline.spans_days(replace(incident, moments=(*incident.moments, late)))


def test_findings_are_grouped_worst_first_and_none_is_lost() -> None:
    findings = sample.findings()
    grouped = outline.groups(reversed(findings))
    assert [group.severity for group in grouped] == sorted(
        (group.severity for group in grouped), key=lambda severity: severity.rank
    )
    assert sum(len(group.findings) for group in grouped) == len(findings)
    assert [len(group.findings) for group in grouped if group.check == "secret-weak"] == [9]


def test_an_unknown_door_that_no_entry_speaks_about_is_added() -> None:
    report = sample.undecided()
    assert [unknown.subject for unknown in outline.undecided(report)] == [
        "TFTP, the phones' file server (udp/69)",
        "SIP (PJSIP), phones log in and call here (udp/5060)",
    ]


def test_a_door_whose_claim_is_already_an_entry_is_not_told_twice() -> None:
    report = sample.undecided()
    told = replace(report.unknowns[0], subject="pjsip from the Internet", why=report.exposures[1].claim)
    assert len(outline.undecided(replace(report, unknowns=(*report.unknowns, told)))) == 2


def test_a_longer_port_does_not_hide_a_shorter_one() -> None:
    report = sample.undecided()
    spoken = replace(report.unknowns[0], subject="udp/6999", why="")
    assert len(outline.undecided(replace(report, unknowns=(spoken,)))) == 3


def test_an_empty_list_of_steps_is_explained() -> None:
    assert outline.nothing_to_do(sample.clean()) == "Nothing is urgent."
    assert outline.nothing_to_do(sample.hijacked()) == "See the findings below."
    assert outline.nothing_to_do(sample.incomplete()) == "Collect what is missing, then check again."


def test_every_service_of_the_model_can_be_a_door() -> None:
    sockets = [sample.listener(service, "tcp", 1000 + n, 1) for n, service in enumerate(ServiceName)]
    exposures = tuple(sample.exposure("internet", socket, Verdict.REACHABLE) for socket in sockets)
    assert len(outline.open_doors(replace(sample.clean(), exposures=exposures))) == len(ServiceName)


def test_a_door_for_the_provider_alone_is_limited_and_counts_as_no_open_door() -> None:
    report = sample.hijacked()
    doors = tuple(
        replace(exposure, expected=True, basis=Basis.PREDICTED)
        for exposure in report.exposures
        if exposure.verdict is Verdict.REACHABLE
    )
    limited = replace(report, exposures=doors)
    assert outline.open_doors(limited) == ()
    assert {door.state for door in outline.outer_doors(limited)} == {outline.State.LIMITED}
