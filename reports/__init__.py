"""What `queries` gives goes in; one self-contained HTML page comes out."""

from reports.build import build_report
from reports.content import Headline

__all__ = ["Headline", "build_report"]
