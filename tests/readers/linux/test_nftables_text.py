from ringfence.readers.linux import nftables_text


def objects(text: str) -> list[tuple[str, dict[str, object]]]:
    return [next(iter(one.items())) for one in nftables_text.parse(text, "x").objects]


def test_tables_chains_sets_and_rules_come_in_order_with_their_lines() -> None:
    text = """table inet f {
	set friends {
		type ipv4_addr
		elements = { 10.0.0.1,
			10.0.0.2 }
	}
	ct helper tftp-std {
		type "tftp" protocol udp
		l3proto ip
	}
	chain input {
		type filter hook input priority filter + 10; policy drop;
		comment "the front door"
		ip saddr @friends accept # a note
	}
}
"""
    found = objects(text)
    assert [(kind, body["line"]) for kind, body in found] == [("table", 1), ("set", 2), ("chain", 11), ("rule", 14)]
    assert found[1][1]["elem"] == ["10.0.0.1", "10.0.0.2"]
    assert found[2][1]["prio"] == "filter + 10"
    assert found[2][1]["policy"] == "drop"


def test_a_table_without_a_family_is_ip() -> None:
    assert objects("table filter {\n}\n")[0][1]["family"] == "ip"


def test_a_module_that_nft_shows_only_in_a_comment_is_kept_as_unread() -> None:
    text = "table ip f {\nchain c {\nudp dport 5060 # xt_recent\n}\n}\n"
    assert objects(text)[-1][1]["expr"][-1] == {"unread": "xt_recent"}  # type: ignore[index]


def test_lines_that_are_no_list_of_rules_are_named() -> None:
    document = nftables_text.parse('include "/etc/nftables.d/*.nft"\nhello world\nflush ruleset\n', "x")
    assert [str(problem) for problem in document.problems] == [
        "x:1: an included file is not in the evidence; its rules are missing",
        "x:2: not a line of `nft list ruleset`; it was left out",
    ]
