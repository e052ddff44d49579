"""The main job on the evidence that comes with the program."""

from importlib.resources import as_file, files

from ringfence.commands.check import CheckRequest, check_site
from ringfence.model.report import Report


def demo_report() -> Report:
    """Check the bundled school: made in the lab with a real Asterisk 16, real phones' files and real attack tools."""
    evidence = files("ringfence").joinpath("demo")
    with as_file(evidence.joinpath("school.tar.gz")) as bundle, as_file(evidence.joinpath("tariff.csv")) as tariff:
        return check_site(CheckRequest(source=str(bundle), tariff=tariff))
