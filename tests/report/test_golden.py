"""The whole page of a tiny report, word for word, so that any change shows. `NOSHOW_GOLDEN=write` rewrites it."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
from support.records import Make

import reports

GOLDEN = Path(__file__).parent / "golden" / "tiny.html"
AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)
PARTIES = ((1, "ATTENDED", 1), (4, "ATTENDED", 3), (2, "NOT_ATTENDED", 1), (1, None, 0), (2, "ATTENDED", 3))
PRICE = {"rate": {"labeledPriceOptions": {"general": {"amount": "12.50", "currency": "EUR"}}}}


def without_what_varies(page: str) -> str:
    """The page without style, script, their hashes, versions, and the names and times of files."""
    page = re.sub(r"<(style|script)>.*?</\1>", r"<\1></\1>", page, flags=re.DOTALL)
    page = re.sub(r"sha256-[\w+/=]+", "sha256", page)
    page = re.sub(r"(noshow|duckdb|polars) \d[\w.]*", r"\1", page)
    page = re.sub(r"guest [0-9a-f]{8}|participant-[0-9a-f]{10}", "guest", page)
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "at some time", page)


def test_the_page_is_the_golden_one(
    load: Callable[..., Any], make: type[Make], con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    for number, (party, status, came) in enumerate(PARTIES, 1):
        booking = make.booking(number, party, f"2026-03-{number:02d}T18:00:00+00:00")
        booking["bookedEntity"] |= PRICE
        load(booking, *([make.attendance(number, status, came)] if status else []))
    options = reports.Options(title="Tiny & <small>", pseudonym_key="key")
    reports.build_report(con, tmp_path / "tiny.html", as_of=AS_OF, options=options)
    page = without_what_varies((tmp_path / "tiny.html").read_text(encoding="utf-8"))
    if os.environ.get("NOSHOW_GOLDEN") == "write":
        GOLDEN.write_text(page, encoding="utf-8")
    assert page == GOLDEN.read_text(encoding="utf-8")
