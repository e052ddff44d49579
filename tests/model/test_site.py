import dataclasses

import pytest

from ringfence.model.evidence import Citation
from ringfence.model.secret import Secret
from ringfence.model.site import Account, Driver, Host, Site

HERE = Citation(file="etc/asterisk/sip.conf", line=1)


def test_hosts_and_accounts_are_found_by_name() -> None:
    both = [
        Account(name="2001", driver=driver, secret=None, citation=HERE) for driver in (Driver.PJSIP, Driver.CHAN_SIP)
    ]
    site = Site(hosts=(Host(name="pbx"), Host(name="edge")), accounts=tuple(both))
    assert site.host("edge") is site.hosts[1]
    assert site.host("phone") is None
    assert site.account("2001") is both[0], "the first of the configuration"
    assert site.account("2002") is None


def test_a_site_can_be_printed_without_giving_a_secret_away() -> None:
    account = Account(name="2001", driver=Driver.PJSIP, secret=Secret("FAKE-printed"), citation=HERE)
    assert "FAKE-printed" not in repr(Site(accounts=(account,)))


def test_nouns_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Site().name = "changed"  # type: ignore[misc]  # that it is refused is the point
