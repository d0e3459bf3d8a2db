"""Rows of CSV that are split many at a time are those that are read one by one, with the same places and warnings."""

from __future__ import annotations

import io
import random
from dataclasses import dataclass
from typing import Any

import polars as pl
import pytest

from pipeline.faults import Refused
from pipeline.sources import chunks, csv_records
from pipeline.sources.csv_records import read_csv
from pipeline.sources.layout import Layout
from pipeline.sources.plain_rows import plain_rows
from queries.model.rules import MAX_TEXT

# Fields of odd rows. A plain row is `1,Ana,yes`; ends of lines are mixed in by themselves.
ODD = [
    '2,"An, a",no', '3,"An""a",no', '4,"two\nlines",no', '5,"two\r\nlines",', "6,short", "7,one,field,more", "",
    " , ,\u00a0", ",,", "\t", "Total: 3,,", "Total,1,2", "8,\u00e4\u0301\U0001f600,\u2028x",
    "9,a\x0bb\x0cc\x1cd\x85e,f", "10,;,|", '11,a"b,c', "12, padded ,\t", f"13,{'x' * (MAX_TEXT + 1)},",
    f"14,{'x' * (MAX_TEXT - 4)},", "15,,", "\ufeff16,a,b", "17,NUL\0,x", '18,"open,', "Title alone", "19,a,b,",
]  # fmt: skip
LAYOUTS = (Layout(), Layout(header="id"), Layout(end="Total"))


@dataclass(frozen=True)
class Read:
    """The content of a file: rows by column, texts with their places, faults, warnings, and why it was refused."""

    rows: list[tuple[Any, ...]]
    raws: list[tuple[int, bytes, int | None]]
    faults: list[tuple[int, str]]
    warnings: list[str]
    refused: str


def read(text: str, layout: Layout) -> Read:
    warnings: list[str] = []
    refused = ""
    try:
        found = list(read_csv(io.BytesIO(text.encode()), warnings.append, layout=layout))
    except Refused as error:
        # Of a file that is refused nothing is kept, however much of it was read.
        found, refused = [], error.message
    return Read(
        [row for chunk in found if chunk.flat is not None for row in chunk.flat.rows()],
        [place for chunk in found for place in zip(chunk.records, chunk.raws, chunk.lines, strict=True)],
        [(fault.record, fault.rule) for chunk in found for fault in chunk.faults],
        warnings,
        refused,
    )


@pytest.mark.parametrize("seed", range(3))
def test_rows_read_many_at_a_time_are_those_read_one_by_one(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (csv_records, chunks):
        monkeypatch.setattr(module, "RECORDS_PER_CHUNK", 4)
    draw = random.Random(seed)
    asked: list[object] = []
    for _ in range(60):
        end = draw.choice(["\n", "\n", "\r\n", "\r"])
        odd = draw.choice([0, 0.05, 0.3])
        rows = [draw.choice(ODD) if draw.random() < odd else f"{n},Ana,{draw.choice(['yes', ''])}" for n in range(30)]
        ends = [draw.choice(["\n", "\r\n", "\r"]) if draw.random() < odd / 5 else end for _ in rows]
        text = f"id,name,came{end}" + "".join(map(str.__add__, rows, ends))
        text = text.rstrip("\r\n") if draw.random() < 0.3 else text
        layout = draw.choice(LAYOUTS)
        with monkeypatch.context() as fast:
            fast.setattr(csv_records, "plain_rows", lambda *given: asked.append(plain_rows(*given)) or asked[-1])
            ours = read(text, layout)
        with monkeypatch.context() as slow:
            slow.setattr(csv_records, "plain_rows", lambda *_: None)
            theirs = read(text, layout)
        assert ours == theirs, text
    assert sum(found is not None for found in asked) > 100


@pytest.mark.parametrize("row", ['"a",b\n', "a\n", "a,b,c\n", " ,\t\n", "a,b\r", "a,b\r\n", f"a,{'b' * MAX_TEXT}\n"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_one_doubtful_row_is_enough(row: str, at: int) -> None:
    rows = ["c,d\n", "e,\n"]
    assert plain_rows(rows, ",", 2) is not None
    assert plain_rows([*rows[:at], row, *rows[at:]], ",", 2) is None


def test_the_last_line_may_have_no_end() -> None:
    found = plain_rows(["a;b\r\n", "c;d"], ";", 2)
    assert found is not None
    assert pl.DataFrame(found.fields).rows() == [("a", "b"), ("c", "d")]
    assert found.raws == [b"a;b", b"c;d"]
