from ringfence.model.evidence import Citation, Problem


def test_a_citation_reads_as_editors_show_places() -> None:
    assert str(Citation(file="etc/asterisk/sip.conf", line=7)) == "etc/asterisk/sip.conf:7"
    assert str(Citation(file="commands/ss.txt")) == "commands/ss.txt"


def test_problems_sort_by_place_and_say_it_first() -> None:
    later = Problem(citation=Citation(file="a", line=10), message="no value")
    earlier = Problem(citation=Citation(file="a", line=9), message="no section")
    assert sorted([later, earlier]) == [earlier, later]
    assert str(earlier) == "a:9: no section"
