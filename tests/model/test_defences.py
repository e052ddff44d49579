from ringfence.model.defences import TftpSettings
from ringfence.model.site import Site


def test_no_word_of_the_server_is_not_the_same_as_no_limit() -> None:
    assert Site().tftp is None
    assert TftpSettings().admitted is None
