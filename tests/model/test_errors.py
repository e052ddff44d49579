import pytest

from ringfence.model.errors import DriverError, ProtocolError, RingfenceError, UsageError


@pytest.mark.parametrize("kind", [DriverError, ProtocolError, UsageError])
def test_all_errors_have_one_root_and_keep_their_message(kind: type[RingfenceError]) -> None:
    with pytest.raises(RingfenceError, match="what, where, what to do"):
        raise kind("what, where, what to do")
