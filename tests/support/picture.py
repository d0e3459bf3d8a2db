"""The page that `data/report.png` shows, and digests of it, which the picture carries as texts.

Pictures differ between machines, so the test compares their origins: `page`, the words and figures that are
seen on the first page, and `look`, the styles and templates that draw it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import zlib
from pathlib import Path

from support.seen import text_of

import pipeline
import queries
import reports
from pipeline.cli.demo import list_past_calls
from reports.registry import SECTIONS

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "data" / "report.png"
# The demo of this day: `noshow demo` ends with the day it is made on.
DAY = dt.date(2026, 11, 29)
_SIGNATURE, _CRC = 8, 4


def demo_page(folder: Path) -> Path:
    """Write the demo's report as of `DAY` into a folder."""
    pipeline.write_sample(folder / "source", until=DAY)
    with pipeline.open_store(folder / "demo.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [folder / "source"])
        list_past_calls(store, DAY)
    con = queries.connect(folder / "demo.duckdb")
    as_of = dt.datetime.combine(DAY, dt.time(12), dt.UTC)
    # The first page may name a guest: under the same pseudonym whenever it is drawn.
    options = reports.Options(title="Harbour Studios", pseudonym_key="of the picture")
    reports.build_report(con, folder / "report.html", as_of=as_of, options=options)
    con.close()
    return folder / "report.html"


def digest_of_page(page: str) -> str:
    """The digest of the words and figures on the first page."""
    first = page[page.index('<header class="top">') : page.index('<section class="hero"')]
    return _digest(text_of(first))


def digest_of_look() -> str:
    """The digest of the styles for a screen, and of the templates of the first page."""
    page = ROOT / "reports" / "page"
    styles = [(page / "assets" / name).read_text(encoding="utf-8") for name in ("report.css", "tables.css")]
    first = [section.name for section in SECTIONS if section.is_first_page]
    templates = [ROOT / "reports" / "sections" / name / "section.html.j2" for name in first]
    drawn = [re.sub(r"@media print \{.*", "", style, flags=re.DOTALL) for style in styles]
    return _digest("\n".join([*drawn, *(path.read_text(encoding="utf-8") for path in templates)]))


def texts_in(png: bytes) -> dict[str, str]:
    """The texts (tEXt chunks) of a PNG by keyword. Raises `ValueError` if it is damaged."""
    found, at = {}, _SIGNATURE
    while at < len(png):
        length, kind = int.from_bytes(png[at : at + 4]), png[at + 4 : at + 8]
        body = png[at + 8 : at + 8 + length]
        if zlib.crc32(kind + body) != int.from_bytes(png[at + 8 + length : at + 8 + length + _CRC]):
            raise ValueError(f"damaged at byte {at}")
        if kind == b"tEXt":
            keyword, _, text = body.partition(b"\0")
            found[keyword.decode()] = text.decode("latin-1")
        at += 8 + length + _CRC
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
