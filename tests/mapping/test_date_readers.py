"""Dates are read by SQL for words, and by Python for `[dates]`: both give the same answer, or one of them none."""

from __future__ import annotations

import duckdb
import polars as pl

from pipeline.mapping.day_texts import date_of, parse_day
from pipeline.mapping.words.fields import field_sql

# Texts that both read, with the day first if that is open.
READ = {
    "1/6/2026": "2026-06-01T00:00:00",
    "1/6/26": "2026-06-01T00:00:00",
    "13/6/2026 7:15 PM": "2026-06-13T19:15:00",
    "1/6/2026 12:15 AM": "2026-06-01T00:15:00",
    "1/6/2026, 6:00 p.m.": "2026-06-01T18:00:00",
    "01.06.26 18:30": "2026-06-01T18:30:00",
    "01.06.2026, 18:30 Uhr": "2026-06-01T18:30:00",
    "1. 6. 2026": "2026-06-01T00:00:00",
    "lun. 1/6/2026 18h30": "2026-06-01T18:30:00",
    "Mon 1-6-2026 6 pm": "2026-06-01T18:00:00",
    "segunda-feira, 1/6/2026": "2026-06-01T00:00:00",
    "28/05/2026 à 09:12": "2026-05-28T09:12:00",
    "1/6/2026 18:30:15.5": "2026-06-01T18:30:15",
    "1/6/2026T18:30": "2026-06-01T18:30:00",
    "2026/6/1 18:30": "2026-06-01T18:30:00",
    "2026-06-01T18:00:00.123": "2026-06-01T18:00:00",
    "1 Juni 2026": "2026-06-01T00:00:00",
    "1er juin 2026 à 18h30": "2026-06-01T18:30:00",
    "1 de junio de 2026 18:30": "2026-06-01T18:30:00",
    "June 1, 2026 6:00 PM": "2026-06-01T18:00:00",
    "Sonntag, 1. März 2026 10:00": "2026-03-01T10:00:00",
    "5-Mar-2026": "2026-03-05T00:00:00",
    "5 févr. 2026": "2026-02-05T00:00:00",
    "mar 5 2026": "2026-03-05T00:00:00",
    "mar 5/6/2026": "2026-06-05T00:00:00",
}
REFUSED = (
    *("31/2/2026", "32/1/2026", "1/13/2026", "June 31, 2026", "10 Punkte 2026", "5 Foo 2026"),
    *("1/6/2026 25:00", "1/6/2026 7:61", "1/6/2026 13:00 pm", "1/6/2026 x"),
    *("soon", "1/6", "2026-06", "46174"),
)
# Words read these too. `[dates]` refuses the file, as it may hold something else.
OF_WORDS = ("20260601", "20260601 18:30", "1/6/2026 10", "1-6/2026", "2026年6月1日 18:30")


def read_by_words(texts: list[str]) -> dict[str, str | None]:
    """Each text by whichever order reads it, the day first if that does."""
    orders = ("day first", "month by name", "year first")
    read = ", ".join(f"try({field_sql({'column': 'd', 'format': order}, 'instant')})" for order in orders)
    with duckdb.connect() as con:
        con.register("texts", pl.DataFrame({"d": texts}).to_arrow())
        return dict(con.execute(f"select d, coalesce({read}) from texts").fetchall())


def read_by_python(text: str) -> str | None:
    parsed = parse_day(text)
    if parsed is None:
        return None
    day = parsed.day
    if parsed.parts:
        first, second, year = parsed.parts
        made = date_of(year, second, first)
        day = made.isoformat() if made else ""
    return f"{day}T{parsed.rest.strip() or '00:00:00'}" if day else None


def test_both_readers_give_the_same_answers() -> None:
    texts = [*READ, *REFUSED, *OF_WORDS]
    by_words = read_by_words(texts)
    by_python = {text: read_by_python(text) for text in texts}
    assert {text: by_words[text] for text in (*READ, *REFUSED)} == READ | dict.fromkeys(REFUSED)
    assert {text: by_python[text] for text in (*READ, *REFUSED)} == READ | dict.fromkeys(REFUSED)
    assert not [text for text in OF_WORDS if by_words[text] is None or by_python[text] is not None]
