"""Lines that are not plain wait for those of later chunks, and have the outcome of lines that did not wait."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.records import Make

import pipeline
from pipeline.load import run
from pipeline.load.validating import Validating
from pipeline.sources import json_records

NOW = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
_SET_ASIDE = (
    "select record, line, index, rule, pointer, also_broken, raw, entity, row_key, value from quarantine order by all"
)


def _file(folder: Path, make: type[Make]) -> Path:
    """Marks of which every tenth line is odd: at fault, or valid and not plain."""
    plain = [make.attendance(number, "ATTENDED") for number in range(300)]
    lines = [json.dumps(record) for record in plain]
    odd = [
        lambda at: json.dumps({**plain[at], "status": "LATE"}),
        lambda at: json.dumps({**plain[at], "extra": 1}),
        lambda at: lines[at][:40],
        lambda at: json.dumps({**plain[at - 55], "status": "NOT_ATTENDED"}),
        lambda at: lines[at - 111],
        lambda at: json.dumps({**plain[at], "bookingId": 7}),
        lambda at: '{"nothing": "known"}',
    ]
    for place, at in enumerate(range(5, 300, 10)):
        lines[at] = odd[place % len(odd)](at) if at > 120 or place % len(odd) not in (3, 4) else lines[at]
    file = folder / "marks.ndjson"
    file.write_text("\n".join(lines) + "\n")
    return file


def _loaded(folder: Path, file: Path) -> tuple[Any, ...]:
    folder.mkdir()
    with pipeline.open_store(folder / "a.duckdb") as store:
        (outcome,) = pipeline.ingest(store, [file], now=NOW)
        con = store.connection
        return (
            {
                name: getattr(outcome, name)
                for name in ("read", "loaded", "unchanged", "duplicate", "stale", "quarantined")
            },
            con.execute("select ignored_fields, warnings, kind from load_ledger").fetchall(),
            con.execute(_SET_ASIDE).fetchall(),
            con.execute("from attendance order by all").fetchall(),
        )


def test_odd_lines_of_many_chunks_come_out_as_those_of_each(
    tmp_path: Path, make: type[Make], monkeypatch: pytest.MonkeyPatch
) -> None:
    file, rounds = _file(tmp_path, make), Counter[int]()
    monkeypatch.setattr(json_records, "_BLOCK", 10_000)
    validated = Validating.validated
    monkeypatch.setattr(Validating, "validated", lambda self: rounds.update([enough]) or validated(self))
    found = {}
    for enough in (-1, 2**23):
        monkeypatch.setattr(run, "_ENOUGH_TOGETHER", enough)
        found[enough] = _loaded(tmp_path / str(enough), file)
    assert found[-1] == found[2**23]
    counts, _, set_aside, rows = found[-1]
    assert counts["quarantined"] == len(set_aside) > 10
    assert len(rows) > 250
    assert rounds[-1] > rounds[2**23] > 1
