"""Put the HTML of a page together from a report's content and its charts.

The only files read are the package's own templates and assets.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from queries.packaged import packaged_text
from reports.drawing import words
from reports.drawing.terms import odds_of, term
from reports.page.brand import brand_css
from reports.page.statements import statements_of
from reports.report import Report, Written
from reports.scope.circumstances import Circumstances
from reports.sections.section import Section

_STYLES = ("report.css", "tables.css")
# In this order: a table's rows are labelled before those of its other pages are taken out.
_SCRIPTS = ("cards.js", "report.js")


def page(report: Report, charts: Mapping[str, Sequence[str]], colour: str | None = None) -> str:
    """The whole page. `charts` are SVG texts by name; a chart with too little to draw is not among them."""
    drawn = {name: [Markup(svg) for svg in sizes] for name, sizes in charts.items()}
    sections = [(section, _template_of(section)) for section in report.on_page]
    statements = statements_of(report)
    return _rendered(
        "page/templates/report.html.j2", colour, report=report, charts=drawn, sections=sections, statements=statements
    )


def index_page(written: Sequence[Written], by: str, about: Circumstances) -> str:
    """The page that leads to the reports of the parts, the highest rate first."""
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
        basis="bookings" if any(each.headline.is_presumed for each in written) else "marked",
        counted="booking" if any(each.headline.is_presumed for each in written) else "marked booking",
    )


def _rendered(template: str, colour: str | None, **values: object) -> str:
    css = "".join(_asset(name) for name in _STYLES) + (brand_css(colour) if colour else "")
    js = "".join(_asset(name) for name in _SCRIPTS)
    policy = content_security_policy(css, js)
    text = _environment().get_template(template).render(css=Markup(css), js=Markup(js), policy=policy, **values)
    return _without_indentation(text)


def _template_of(section: Section) -> Template:
    if section.template is not None:
        return _environment().from_string(section.template)
    return _environment().get_template(f"sections/{section.name}/section.html.j2")


def _without_indentation(text: str) -> str:
    """Leave out the templates' own indentation and empty lines, a tenth of a page; statements in `pre` keep theirs."""
    # Split at whole elements in a group, so that every second piece is one of them: text, <pre>…</pre>, text, ….
    pieces = re.split(r"(<(?:pre|style|script)[ >].*?</(?:pre|style|script)>)", text, flags=re.DOTALL)
    return "".join(piece if at % 2 else re.sub(r"\n\s*", "\n", piece) for at, piece in enumerate(pieces))


def content_security_policy(css: str, js: str) -> str:
    """A policy that lets the page apply this style, run this script, and load nothing from anywhere."""
    return (
        f"default-src 'none'; style-src '{_hash(css)}'; script-src '{_hash(js)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _asset(name: str) -> str:
    return packaged_text("reports", "page", "assets", name)


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
        plural=words.plural,
        breakable=_breakable,
        term=term,
        value=words.value,
    )
    environment.globals.update(
        of=words.of,
        interval=words.interval,
        money=words.money,
        cents=words.cents,
        odds_of=odds_of,
        against=words.percent_against,
    )
    return environment


def _breakable(kinds: str) -> Markup:
    """Kinds of records joined by + that may break at a + only, not within a word."""
    return Markup("+<wbr>").join(kinds.split("+"))
