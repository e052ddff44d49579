"""Whether calls are recorded, and where (cdr.conf and the files of the database back ends)."""

from dataclasses import dataclass

from ringfence.model.evidence import Citation, Reading
from ringfence.readers.artifacts import Artifacts
from ringfence.readers.asterisk import configuration, modules, values

WANTS = configuration.WANTS
FILE = "etc/asterisk/cdr.conf"
#: File, module, and what its sections are called (None: any).
_DATABASES = (
    ("etc/asterisk/cdr_mysql.conf", "cdr_mysql.so", "global"),
    ("etc/asterisk/cdr_adaptive_odbc.conf", "cdr_adaptive_odbc.so", None),
    ("etc/asterisk/cdr_odbc.conf", "cdr_odbc.so", "global"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CdrSettings:
    """Where call records go: ``csv`` is Master.csv, ``database`` a table; ``enabled`` False means that there are none.

    ``database_citation`` is the file that names the table.
    """

    enabled: bool
    csv: bool
    database: bool
    citation: Citation
    database_citation: Citation | None = None


def read(artifacts: Artifacts) -> Reading[CdrSettings | None]:
    """Read the files; None where there is no cdr.conf.

    Master.csv is written only when cdr.conf has a ``[csv]`` section (ast:cdr/cdr_csv.c).
    """
    if not configuration.exists(artifacts, FILE):
        return Reading(facts=None)
    loaded = configuration.load(artifacts, FILE)
    problems = list(loaded.problems)
    general = configuration.named(loaded.facts, "general")
    csv = configuration.named(loaded.facts, "csv")
    database: Citation | None = None
    for name, module, wanted in _DATABASES:
        back_end = configuration.load(artifacts, name)
        problems += back_end.problems
        for section in configuration.plain(back_end.facts):
            if wanted in (None, section.name.lower()) and modules.is_loaded(artifacts, module) is not False:
                database = database or section.citation
    facts = CdrSettings(
        enabled=not values.is_false(general.text("enable")) if general else True,
        csv=csv is not None and modules.is_loaded(artifacts, "cdr_csv.so") is not False,
        database=database is not None,
        citation=general.citation if general else Citation(file=FILE),
        database_citation=database,
    )
    return Reading(facts=facts, problems=tuple(problems))
