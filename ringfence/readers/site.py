"""Put the whole site together from everything that was read; what was not in the evidence stays unknown."""

from collections.abc import Iterable
from itertools import chain

from ringfence.model.evidence import Reading
from ringfence.model.site import Site
from ringfence.readers import served_tree, site_file
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import pbx
from ringfence.readers.asterisk_state import contacts
from ringfence.readers.clock import read_timezone
from ringfence.readers.freepbx import firewall, version
from ringfence.readers.freepbx.limits import with_call_limits
from ringfence.readers.hosts import read_hosts
from ringfence.readers.linux import tftp_daemon
from ringfence.readers.networks import infer_networks


def read_site(artifacts: Artifacts, database_rows: Iterable[tuple[str, str]] | None = None) -> Reading[Site]:
    """Read the site; ``database_rows`` are those of Asterisk's own database, where it was in the evidence."""
    declared = site_file.read(artifacts)
    configuration = pbx.read(artifacts)
    software = version.read(artifacts)
    rows = None if database_rows is None else tuple(database_rows)
    accounts = with_call_limits(configuration.facts.accounts or (), rows or ())
    served = served_tree.read(artifacts, accounts)
    live = contacts.read(artifacts, rows)
    tftp, zones = tftp_daemon.read(artifacts), firewall.read(artifacts)
    hosts = read_hosts(artifacts, configuration.facts, served.facts.files, tftp.facts)
    facts = Site(
        name=declared.facts.name,
        timezone=declared.facts.timezone or read_timezone(artifacts),
        hosts=hosts.facts,
        networks=infer_networks(declared.facts.networks, hosts.facts, live.facts or ()),
        providers=declared.facts.providers,
        remotes=declared.facts.remotes,
        accounts=accounts,
        trunks=configuration.facts.trunks or (),
        sip=configuration.facts.sip,
        manager=configuration.facts.manager,
        http=configuration.facts.http,
        tftp=tftp.facts,
        firewall=zones.facts,
        log_files=configuration.facts.log_files,
        dialplan=configuration.facts.dialplan or Site().dialplan,
        served_files=served.facts.files,
        phones=served.facts.phones,
        contacts=live.facts,
        versions=software.facts,
    )
    readings = (declared, configuration, software, served, live, tftp, zones, hosts)
    problems = tuple(dict.fromkeys(chain.from_iterable(reading.problems for reading in readings)))
    return Reading(facts=facts, problems=problems)
