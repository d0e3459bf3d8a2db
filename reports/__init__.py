# A package of the distribution noshow.
"""The no-show report: one self-contained HTML file, or JSON, made from the measures of `queries`.

>>> import queries, reports
>>> con = queries.connect()  # doctest: +SKIP
>>> print(reports.build_report(con, "report.html").text)  # doctest: +SKIP
"""

from queries.measures.seats import SeatCosts
from reports.build import build_report, build_reports, the_report
from reports.data import report_data
from reports.gates import Gate, Limits, gates, sections_for
from reports.load_gates import LoadLimits, Loads, load_gates
from reports.report import Written
from reports.scope.options import Options, Policy
from reports.sections.headline.figures import Headline

__all__ = [
    "Gate",
    "Headline",
    "Limits",
    "LoadLimits",
    "Loads",
    "Options",
    "Policy",
    "SeatCosts",
    "Written",
    "build_report",
    "build_reports",
    "gates",
    "load_gates",
    "report_data",
    "sections_for",
    "the_report",
]
