"""Quarantined records are exported as they were, repaired by hand, and loaded."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Load
from support.records import Make

import pipeline
import queries
from pipeline.store.opening import Store

HEADER = 'bookingId;eventId;status;"note; or more"\r\n'


def exported(con: duckdb.DuckDBPyConnection, path: Path, **choice: Any) -> Path:
    form, data = pipeline.export_quarantined(queries.quarantine(con, raw=True, **choice))
    path = path.with_suffix(f".{form}")
    path.write_bytes(data)
    return path


def test_csv_is_repaired_and_loaded(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], tmp_path: Path
) -> None:
    rows = [
        f'{make.guid(n, 1)};{make.event(n)};{status};"=1+1, caf\u00e9\r\n{n}"\r\n'
        for n, status in ((1, "ATTENDED"), (2, "CAME"), (3, "CAME"))
    ]
    (tmp_path / "marks.csv").write_bytes((HEADER + "".join(rows)).encode("latin-1"))
    pipeline.ingest(store, [tmp_path / "marks.csv"], encoding="latin-1")
    path = exported(con, tmp_path / "repair")
    assert path.read_bytes() == "".join(line.rstrip("\r\n") + "\n" for line in [HEADER, *rows[1:]]).encode()
    path.write_bytes(path.read_bytes().replace(b"CAME", b"ATTENDED"))
    (outcome,) = pipeline.ingest(store, [path])
    assert (outcome.read, outcome.loaded) == (2, 2)
    assert con.execute("select superseded from load_ledger where load_id = 1").fetchall() == [(2,)]
    assert queries.quarantine(con).is_empty()


def test_json_over_several_lines_becomes_a_line(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], tmp_path: Path
) -> None:
    records = [make.attendance(n, "CAME" if n > 1 else "ATTENDED", note="\u2028\n") for n in (1, 2, 3)]
    (tmp_path / "marks.json").write_text(json.dumps(records, indent=2).replace("\n", "\r\n"))
    pipeline.ingest(store, [tmp_path / "marks.json"])
    path = exported(con, tmp_path / "repair")
    assert [json.loads(line) for line in path.read_text().split("\n") if line] == records[1:]
    path.write_text(path.read_text().replace("CAME", "ATTENDED"))
    (outcome,) = pipeline.ingest(store, [path])
    assert outcome.loaded == 2


def test_flat_parquet_becomes_csv(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], tmp_path: Path
) -> None:
    records = [make.attendance(n, "CAME" if n > 1 else "ATTENDED", note='a "b", c') for n in (1, 2)]
    pl.DataFrame(records).write_parquet(tmp_path / "marks.parquet")
    pipeline.ingest(store, [tmp_path / "marks.parquet"])
    path = exported(con, tmp_path / "repair")
    assert pl.read_csv(path).to_dicts() == records[1:]


def test_what_cannot_stand_in_one_file_is_refused(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, tmp_path: Path
) -> None:
    load(make.attendance(1, "?"), make.attendance(2))
    good = f"{make.guid(3, 1)},{make.event(3)},ATTENDED"
    (tmp_path / "marks.csv").write_text(f"bookingId,eventId,status\nx,y,z\n{good}\n")
    pipeline.ingest(store, [tmp_path / "marks.csv"])
    with pytest.raises(queries.UsageError, match="different columns or formats"):
        exported(con, tmp_path / "repair")
    assert exported(con, tmp_path / "repair", load=2).read_text() == "bookingId,eventId,status\nx,y,z\n"
    with pytest.raises(queries.UsageError, match="none of the chosen records was kept whole"):
        exported(con, tmp_path / "repair", load=3)
