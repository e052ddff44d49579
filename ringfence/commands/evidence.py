"""Opens what the user named and reads the site from it, the same way for every verb that judges a site."""

from dataclasses import dataclass, replace
from pathlib import Path

from ringfence.drivers import astdb
from ringfence.drivers.beside import BesideArtifacts
from ringfence.drivers.sources import Source, open_source
from ringfence.model.evidence import Reading
from ringfence.model.exposure import Exposure, Verdict
from ringfence.model.site import Site
from ringfence.reach.phones import phone_exposures
from ringfence.reach.predict import predict
from ringfence.reach.whereabouts import INTERNET, expected_callers
from ringfence.readers.artifacts import content
from ringfence.readers.asterisk_state.contacts import ASTDB
from ringfence.readers.catalogue import WANTS
from ringfence.readers.site import read_site


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """An opened source, the site that it describes, and Asterisk's own database where it is part of it."""

    source: Source
    site: Reading[Site]
    database: Reading[astdb.Rows] | None


def read_evidence(named: str, edge: tuple[Path, ...] = ()) -> Evidence:
    """Read the site; ``edge`` are exports of the edge firewall that lie beside the evidence.

    Raises DriverError or UsageError when there is nothing to read.
    """
    source: Source = open_source(named, WANTS)
    if edge:
        source = BesideArtifacts(source, edge, "edge")
    database = astdb.read(content(source, ASTDB)) if ASTDB in source.names() else None
    site = read_site(source, database.facts if database is not None else None)
    return Evidence(source=source, site=site, database=database)


def predicted(site: Site) -> tuple[Exposure, ...]:
    """Predict all exposures, those of the phones last, and mark the doors that only those pass whom the site needs."""
    needed = expected_callers(site)
    return tuple(
        replace(exposure, expected=True)
        if exposure.vantage == INTERNET and exposure.verdict is Verdict.REACHABLE and exposure.sources <= needed
        else exposure
        for exposure in (*predict(site), *phone_exposures(site))
    )
