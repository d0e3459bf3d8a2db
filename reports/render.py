"""A page's content and its charts go in; the HTML text comes out. No file but the package's own templates is read."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports import words
from reports.content import Report
from reports.headline import ENOUGH_COVERAGE
from reports.quality import FATES
from reports.ranking import WHISKER_WIDTH


def page(report: Report, charts: Mapping[str, str | None]) -> str:
    """The whole page. `charts` are SVG texts by name (`weekly_wide`, `weekly_narrow`), None where there is none."""
    css, js = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            charts={name: svg and Markup(svg) for name, svg in charts.items()},
            css=Markup(css),
            js=Markup(js),
            policy=content_security_policy(css, js),
        )
    )


def content_security_policy(css: str, js: str) -> str:
    """What the page may do: apply this style, run this script, and ask nobody for anything."""
    return (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return resources.files("reports").joinpath("assets", name).read_text(encoding="utf-8")


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        count=words.count, percent=words.percent, day=words.day, iso_week=words.iso_week, plural=words.plural
    )
    environment.globals.update(
        of=words.of,
        interval=words.interval,
        fates=FATES,
        whisker_width=WHISKER_WIDTH,
        enough_coverage=ENOUGH_COVERAGE,
    )
    return environment
