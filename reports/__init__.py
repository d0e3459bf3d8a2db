"""The report: what `queries` measures goes in, one self-contained HTML file comes out.

>>> import queries, reports
>>> con = queries.connect()  # doctest: +SKIP
>>> print(reports.build_report(con, "report.html").text)  # doctest: +SKIP
"""

from reports.build import build_report
from reports.headline import Headline

__all__ = ["Headline", "build_report"]
