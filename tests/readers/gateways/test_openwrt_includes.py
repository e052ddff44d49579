from ringfence.model.packetfilter import TranslateDestination, UnsupportedAction
from tests.readers.gateways.openwrt_school import FORWARD, ZONES, read, rules, section, verdict


def test_a_script_of_fw3_is_not_run_any_more() -> None:
    text = ZONES + section("include", path="/etc/firewall.user")
    assert read(text).problems == ()
    assert verdict(text) == "blocked"


def test_what_a_script_adds_is_not_known() -> None:
    for more in ({"path": "/etc/mine.sh"}, {"path": "/etc/firewall.user", "fw4_compatible": "1"}):
        text = ZONES + FORWARD + section("include", **more)
        assert verdict(text) == "unknown"
        assert verdict(text, 69) == "unknown"
        assert "not in the evidence" in read(text).problems[0].message


def test_a_script_of_notes_adds_nothing() -> None:
    text = ZONES + section("include", path="/etc/mine.sh")
    assert read(text, **{"edge/etc/mine.sh": "# nothing yet\n\n"}).problems == ()


def test_rules_included_into_one_chain() -> None:
    options = {"type": "nftables", "path": "/etc/x.nft", "position": "chain-pre", "chain": "forward_wan"}
    first, *_ = rules(ZONES + FORWARD + section("include", **options), "forward_wan")
    assert isinstance(first.action, UnsupportedAction)
    *_, accepted, last, policy = rules(
        ZONES + FORWARD + section("include", **{**options, "position": "chain-append"}), "forward_wan"
    )
    assert isinstance(accepted.action, UnsupportedAction) or isinstance(last.action, UnsupportedAction)
    assert not isinstance(policy.action, UnsupportedAction)


def test_what_upnp_opens_comes_behind_the_redirects() -> None:
    upnp = section("include", type="script", path="/usr/share/miniupnpd/firewall.include")
    *_, last = rules(ZONES + FORWARD + upnp, "dstnat_wan")
    assert isinstance(last.action, TranslateDestination)
    assert verdict(ZONES + FORWARD + upnp) == "reachable"
    assert verdict(ZONES + upnp) == "unknown"


def test_an_include_that_is_switched_off() -> None:
    assert read(ZONES + section("include", path="/etc/mine.sh", enabled="0")).problems == ()
