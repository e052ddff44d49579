import pytest
from hypothesis import given
from hypothesis import strategies as st

from ringfence.model.evidence import Citation
from ringfence.model.site import Account, Driver
from ringfence.readers.freepbx.limits import with_call_limits

ACCOUNT = Account(name="1001", driver=Driver.PJSIP, secret=None, citation=Citation(file="x", line=1))


@pytest.mark.parametrize(
    ("key", "value", "limit"),
    [
        ("/AMPUSER/1001/concurrency_limit", "3", 3),
        ("/AMPUSER/1001/concurrency_limit", "", 0),
        ("/AMPUSER/1001/concurrency_limit", "0", 0),
        ("/AMPUSER/1001/concurrency_limit", "many", None),
        ("/AMPUSER/1002/concurrency_limit", "3", None),
        ("/DEVICE/1001/concurrency_limit", "3", None),
    ],
)
def test_the_database_tells_the_limit_of_its_own_extension(key: str, value: str, limit: int | None) -> None:
    assert with_call_limits((ACCOUNT,), [(key, value)])[0].call_limit == limit


@given(st.lists(st.tuples(st.text(max_size=60), st.text(max_size=30)), max_size=20))
def test_any_rows_leave_the_accounts_whole(rows: list[tuple[str, str]]) -> None:
    assert [account.name for account in with_call_limits((ACCOUNT,), rows)] == ["1001"]
