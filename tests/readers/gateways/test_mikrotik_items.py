from ringfence.readers.gateways.mikrotik_items import Configuration, carry_out
from ringfence.readers.gateways.mikrotik_text import parse
from tests.memory import MemoryArtifacts

FILTER = "ip firewall filter"
THREE = "/ip firewall filter\nadd chain=input comment=a\nadd chain=forward comment=b\nadd chain=forward comment=c\n"


def configuration(text: str) -> Configuration:
    return carry_out(parse(MemoryArtifacts({"x": text}), "x"), "x")


def comments(text: str) -> list[str]:
    return [item.properties["comment"] for item in configuration(text).enabled(FILTER)]


def test_items_stay_in_order_without_those_that_are_disabled() -> None:
    assert comments(THREE) == ["a", "b", "c"]
    assert comments(f"{THREE}add chain=input comment=d disabled=yes\n") == ["a", "b", "c"]


def test_items_are_changed_by_what_they_say_or_by_number() -> None:
    assert comments(f"{THREE}set [ find comment=b ] disabled=yes\n") == ["a", "c"]
    assert comments(f"{THREE}set 0,2 disabled=yes\n") == ["b"]
    assert comments(f"{THREE}disable [find chain=forward]\n") == ["a"]
    assert comments(f"{THREE}remove [find]\nadd chain=input comment=d\n") == ["d"]
    assert configuration(f"{THREE}set [ find comment=b ] !chain\n").items[FILTER][1].properties == {"comment": "b"}


def test_what_cannot_be_applied_makes_the_menu_unsure() -> None:
    for line in (
        "move 2 destination=0",
        "remove [find dynamic]",
        "set x disabled=yes",
        "add chain=input place-before=0",
    ):
        found = configuration(f"{THREE}{line}\n")
        assert found.unsure == {FILTER}, line
        assert found.problems[0].citation.line == 5


def test_settings_of_menus_without_items() -> None:
    assert configuration("/ip upnp\nset enabled=yes\n").settings == {"ip upnp": {"enabled": "yes"}}
    assert configuration("/interface list\nset [ find name=all ] comment=x\n").unsure == set()
