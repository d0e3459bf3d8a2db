"""A page's content and its charts go in; the HTML text comes out. No file but the package's own templates is read."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from reports.page import words
from reports.page.brand import brand_css
from reports.report import Circumstances, Report
from reports.sections.method.glossary import FALSE_ALARMS
from reports.sections.where.rankings import WHISKER_WIDTH

if TYPE_CHECKING:
    from reports.build import Written

_STYLES = ("report.css", "tables.css")


def page(report: Report, charts: Mapping[str, Sequence[str]], colour: str | None = None) -> str:
    """The whole page. `charts` are SVG texts by name; one that is not there has too little to draw."""
    drawn = {name: [Markup(svg) for svg in sizes] for name, sizes in charts.items()}
    return _rendered("page/templates/report.html.j2", colour, report=report, charts=drawn)


def index_page(written: Sequence[Written], by: str, about: Circumstances) -> str:
    """The page that leads to the reports of the parts, those that lose most first."""
    ordered = sorted(written, key=lambda each: (-(each.headline.no_show_rate or -1.0), each.name))
    options = about.options
    return _rendered(
        "page/templates/index.html.j2",
        options.brand_colour,
        written=ordered,
        by=by,
        title=words.clean(options.title, "No-show reports"),
        shared=options.share,
        min_bookings=options.min_bookings,
    )


def _rendered(template: str, colour: str | None, **values: object) -> str:
    css = "".join(_asset(name) for name in _STYLES) + (brand_css(colour) if colour else "")
    js = _asset("report.js")
    policy = content_security_policy(css, js)
    text = _environment().get_template(template).render(css=Markup(css), js=Markup(js), policy=policy, **values)
    return _without_indentation(text)


def _without_indentation(text: str) -> str:
    """Leave out the templates' own indentation and empty lines, a tenth of a page; statements in `pre` keep theirs."""
    pieces = re.split(r"(<(?:pre|style|script)[ >].*?</(?:pre|style|script)>)", text, flags=re.DOTALL)
    return "".join(piece if at % 2 else re.sub(r"\n\s*", "\n", piece) for at, piece in enumerate(pieces))


def content_security_policy(css: str, js: str) -> str:
    """What the page may do: apply this style, run this script, and ask nobody for anything."""
    return (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _asset(name: str) -> str:
    return resources.files("reports.page").joinpath("assets", name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(
        count=words.count,
        percent=words.percent,
        day=words.day,
        iso_week=words.iso_week,
        plural=words.plural,
        value=words.value,
    )
    environment.globals.update(
        of=words.of,
        interval=words.interval,
        money=words.money,
        whisker_width=WHISKER_WIDTH,
        false_alarms=FALSE_ALARMS,
    )
    return environment
