from ringfence.model.site import ServiceName
from tests.reach.school import OPEN_EDGE, WAN, edge, exposures, listener, nft, pbx, save

TFTP = "internet/tftp/udp/69"


def claim(rules: str, edge_rules: str = OPEN_EDGE, name: str = TFTP) -> str:
    return exposures(pbx(save(rules)), edge(nft(edge_rules)))[name].claim


def test_an_open_door_is_one_sentence_with_both_addresses() -> None:
    assert claim("-A INPUT -p udp -j ACCEPT") == (
        f"Anyone on the Internet reaches TFTP (10.20.0.10:69/udp) at {WAN}:69: the edge forwards it and the PBX's "
        "firewall lets it in (rule “-A INPUT -p udp -j ACCEPT”)."
    )


def test_a_closed_door_says_which_rule_closes_it() -> None:
    assert claim("-A INPUT -p udp -j DROP") == (
        f"Nobody on the Internet reaches TFTP (10.20.0.10:69/udp) at {WAN}:69: the edge forwards it, but the PBX's "
        "firewall stops it (rule “-A INPUT -p udp -j DROP”)."
    )
    assert claim("", OPEN_EDGE.replace("69, ", "")) == (
        "Nobody on the Internet reaches TFTP (10.20.0.10:69/udp): no rule of the edge forwards anything to it."
    )


def test_groups_that_get_in_for_different_reasons_are_told_apart() -> None:
    rules = "-A INPUT -s 192.0.2.0/24 -j ACCEPT\n-A INPUT -s 198.51.100.1/32 -j ACCEPT\n-A INPUT -j DROP"
    said = claim(rules)
    assert said.startswith("On the Internet only 192.0.2.0/24 and 198.51.100.1 reach TFTP")
    assert "192.0.2.0/24: rule “-A INPUT -s 192.0.2.0/24 -j ACCEPT”; 198.51.100.1: rule" in said


def test_long_lists_of_networks_are_cut_short() -> None:
    rules = "\n".join(f"-A INPUT -s 192.0.2.{number} -j ACCEPT" for number in range(0, 40, 2)) + "\n-A INPUT -j DROP"
    assert "192.0.2.10 and further networks reach TFTP" in claim(rules)


def test_who_gets_in_for_sure_and_who_only_perhaps_are_told_apart() -> None:
    said = claim(
        "-A INPUT -s 192.0.2.0/24 -j ACCEPT\n-A INPUT -s 198.51.100.0/24 -m geoip --x -j ACCEPT\n-A INPUT -j DROP"
    )
    assert said.startswith("On the Internet only 192.0.2.0/24 reach TFTP")
    assert "of 198.51.100.0/24 it cannot be told" in said


def test_inside_nothing_is_forwarded() -> None:
    assert "the edge lets it pass and" in claim("", name="voice/tftp/udp/69")
    assert "it is on the same network as the PBX and" in claim("", name="pbx/tftp/udp/69")


def test_an_unnamed_service_is_called_by_its_program() -> None:
    other = listener(ServiceName.OTHER, 123, process="chronyd")
    found = exposures(pbx(save(""), other), edge(nft(OPEN_EDGE)))
    assert "chronyd (10.20.0.10:123/udp)" in found["internet/other/udp/123"].claim


def test_a_listener_without_an_address_to_be_reached_at() -> None:
    six = listener(address="2001:db8::5")
    assert "[2001:db8::5]:69/udp" in exposures(pbx(save(""), six), edge(nft(OPEN_EDGE)))["voice/tftp/udp/69"].claim
