"""Parquet values at the ends of their types, alone and beside nested columns, are read or refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.mutations import COLUMNS

from pipeline.faults import Refused
from pipeline.sources.parquet_records import read_parquet

Change = Callable[[bytes], bytes]
NESTED = pa.array([{"a": 1}], pa.struct({"a": pa.int8()}))
TEXT = pa.array(["-seen-"])
# As many years from 1970 as Python's dates reach, or fewer.
IN_REACH = [
    (1_800 * 366 * 86_400 * 10**6, pa.timestamp("us", "UTC")),
    (-1_800 * 366, pa.date32()),
    (1_800 * 366 * 86_400, pa.duration("s")),
]


def read(table: pa.Table, change: Change = bytes) -> int | str:
    """The number of records in a file of a table after a change of its bytes, or the code of its refusal."""
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="none")
    try:
        chunks = list(read_parquet(io.BytesIO(change(stream.getvalue())), lambda *_: None))
    except Refused as refused:
        return refused.code
    return sum(len(chunk.raws) for chunk in chunks)


EXTREMES = [(value, kind) for values, kind in COLUMNS for value in values]


@pytest.mark.parametrize("beside", [{}, {"slot": NESTED}], ids=["flat", "nested"])
@pytest.mark.parametrize(("value", "kind"), EXTREMES, ids=[f"{kind} {str(value)[:20]}" for value, kind in EXTREMES])
def test_a_value_is_read_or_refused(value: Any, kind: pa.DataType, beside: dict[str, Any]) -> None:
    assert read(pa.table({"startDate": pa.array([value], kind), **beside})) in (1, "file.parquet")


@pytest.mark.parametrize("beside", [{}, {"slot": NESTED}], ids=["flat", "nested"])
@pytest.mark.parametrize(("value", "kind"), IN_REACH, ids=lambda given: str(given))
def test_what_is_in_reach_is_read(value: int, kind: pa.DataType, beside: dict[str, Any]) -> None:
    assert read(pa.table({"startDate": pa.array([value], kind), **beside})) == 1


@pytest.mark.parametrize("bad", [b"\xd8", b"\xc0\x80", b"\xed\xa0\x80", b"\xff", b"\xf4\x90\x80\x80"])
@pytest.mark.parametrize(
    "column",
    [TEXT, TEXT.cast(pa.large_string()), TEXT.dictionary_encode(), pa.array([["-seen-"]]), pa.array([{"a": "-seen-"}])],
    ids=lambda column: str(column.type),
)
def test_text_that_is_not_utf_8_is_refused(column: pa.Array[Any], bad: bytes) -> None:
    table = pa.table({"status": column})
    assert read(table) == 1
    assert read(table, lambda data: data.replace(b"-seen-", bad.ljust(6, b"x"))) == "file.parquet"
