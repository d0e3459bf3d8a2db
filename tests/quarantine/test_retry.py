"""A quarantined record passes once its cause is gone, whatever its file was; the ledger accounts for every record."""

from __future__ import annotations

import csv
import datetime as dt
import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Load, Write
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
STRICT = pipeline.Settings.model_validate({"contradictions": "quarantine", "more_than_booked": "quarantine"})
LENIENT = pipeline.Settings.model_validate({})
COUNTS = ("loaded", "unchanged", "duplicate", "stale", "quarantined")
MAPPING = """
[attendance]
bookingId = "visit"
eventId = "class || ' in row ' || _row"
status = "case came when 'yes' then 'ATTENDED' else upper(came) end"
"""
VISITS = 'visit;class;came\r\n1;yoga;yes\r\n2;yo\u00e9ga;no\r\n3;spin;"n\r\no"\r\n4;spin;?\r\n'


def counts(outcome: Any) -> tuple[int, ...]:
    assert outcome.read == sum(getattr(outcome, name) for name in COUNTS)
    return tuple(getattr(outcome, name) for name in COUNTS)


def names(con: duckdb.DuckDBPyConnection, **choice: Any) -> list[str]:
    found: list[str] = queries.quarantine(con, **choice)["id"].to_list()
    return found


def accounted(con: duckdb.DuckDBPyConnection) -> None:
    """For every load: each record it quarantined is there, was retried or was discarded."""
    wrong = con.execute(
        "select load_id from load_ledger as l where read <> loaded + unchanged + duplicate + stale + quarantined "
        "or quarantined <> retried + discarded + superseded "
        "+ (select count(*) from quarantine as q where q.load_id = l.load_id)"
    ).fetchall()
    assert wrong == []
    loads = queries.loads(con)
    assert (loads["read"] == loads.select(pl.sum_horizontal(*COUNTS, "discarded", "superseded")).to_series()).all()
    assert loads["quarantined"].sum() == con.execute("select count(*) from quarantine").fetchall()[0][0]


def as_ndjson(path: Path, records: list[dict[str, Any]]) -> Path:
    path = path.with_suffix(".ndjson")
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    return path


def as_page(path: Path, records: list[dict[str, Any]]) -> Path:
    path = path.with_suffix(".json")
    path.write_text(json.dumps({"attendances": records}, indent=2))
    return path


def as_csv(path: Path, records: list[dict[str, Any]]) -> Path:
    path = path.with_suffix(".csv")
    with path.open("w", newline="", encoding="latin-1") as stream:
        writer = csv.DictWriter(stream, list(records[0]), delimiter=";", lineterminator="\r\n")
        writer.writeheader()
        writer.writerows(records)
    return path


def as_parquet(path: Path, records: list[dict[str, Any]]) -> Path:
    path = path.with_suffix(".parquet")
    pl.DataFrame(records).write_parquet(path)
    return path


def as_nested_parquet(path: Path, records: list[dict[str, Any]]) -> Path:
    return as_parquet(path, [record | {"extra": {"deep": 1}} for record in records])


FORMS = [as_ndjson, as_page, as_csv, as_parquet, as_nested_parquet]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("per_chunk", few([2, 20_000], 1))
def test_after_a_setting_is_changed(
    store: Store,
    con: duckdb.DuckDBPyConnection,
    make: type[Make],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    form: Any,
    per_chunk: int,
) -> None:
    monkeypatch.setattr("pipeline.quarantine.retry.RECORDS_PER_CHUNK", per_chunk)
    records = [make.attendance(n, attendees=n % 2, note="caf\u00e9") for n in range(1, 10)]
    records[7]["status"] = "?"
    path = form(tmp_path / "marks", records)
    store.settings = STRICT
    (first,) = pipeline.ingest(store, [path], now=NOW, encoding="latin-1")
    assert counts(first) == (5, 0, 0, 0, 4)
    before = con.execute("select record, line, index, raw_sha256 from quarantine where rule = 'status_unknown'")
    place = before.fetchall()
    store.settings = LENIENT
    (outcome,) = pipeline.retry_quarantined(store, load=1, now=NOW)
    assert (outcome.file, outcome.kind, counts(outcome)) == (str(path), "attendance", (3, 0, 0, 0, 1))
    assert con.execute("select count(*) from attendance").fetchall() == [(8,)]
    assert names(con) == ["2:7"]
    again = con.execute("select record, line, index, raw_sha256 from quarantine").fetchall()
    assert again == place
    accounted(con)
    (stays,) = pipeline.retry_quarantined(store, ["2:7"], now=NOW)
    assert (counts(stays), names(con)) == ((0, 0, 0, 0, 1), ["2:7"])
    assert queries.loads(con).height == 2
    assert queries.loads(con)["read"].sum() == 9


def test_after_a_later_booking(store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load) -> None:
    store.settings = STRICT
    load(make.booking(1, 1), make.booking(2, 1))
    load(make.attendance(1, attendees=3), make.attendance(2, attendees=3))
    assert names(con, rule="more_than_booked") == ["2:0", "2:1"]
    load(make.booking(1, 3, updatedDate="2026-03-01T10:00:00Z"))
    (outcome,) = pipeline.retry_quarantined(store, rule="more_than_booked", now=NOW)
    assert counts(outcome) == (1, 0, 0, 0, 1)
    assert con.execute("select load_id, record, line, rule from quarantine").fetchall() == [
        (4, 1, 2, "more_than_booked")
    ]
    accounted(con)


@pytest.mark.parametrize("parquet", [False, True])
def test_after_a_mapping_is_corrected(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, parquet: bool
) -> None:
    path, mapping = tmp_path / "visits.csv", tmp_path / "system.toml"
    path.write_bytes(VISITS.encode("latin-1"))
    if parquet:
        path = as_parquet(path, list(csv.DictReader(VISITS.splitlines(keepends=True), delimiter=";")))
    mapping.write_text(MAPPING)
    (first,) = pipeline.ingest(store, [path], mapping=mapping, encoding="latin-1", now=NOW)
    assert counts(first) == (1, 0, 0, 0, 3)
    (refused,) = pipeline.retry_quarantined(store, every=True, now=NOW)
    assert refused.refused.code == "quarantine.mapping_needed"
    assert str(mapping) in refused.refused.message
    mapping.write_text(MAPPING.replace("upper(came)", "case when came[1] = 'n' then 'NOT_ATTENDED' end"))
    (outcome,) = pipeline.retry_quarantined(store, every=True, mapping=mapping, now=NOW)
    assert counts(outcome) == (2, 0, 0, 0, 1)
    with pipeline.open_store(tmp_path / "fresh.duckdb", settings=LENIENT) as fresh:
        pipeline.ingest(fresh, [path], mapping=mapping, encoding="latin-1", now=NOW)
        rows = "select * exclude load_id from attendance order by id"
        assert con.execute(rows).fetchall() == fresh.connection.execute(rows).fetchall()
        raws = "select record, line, index, raw, rule from quarantine"
        assert con.execute(raws).fetchall() == fresh.connection.execute(raws).fetchall()
    accounted(con)


def test_a_wrong_mapping_changes_nothing(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, tmp_path: Path
) -> None:
    path, mapping = tmp_path / "visits.csv", tmp_path / "system.toml"
    path.write_text(VISITS)
    mapping.write_text(MAPPING)
    pipeline.ingest(store, [path], mapping=mapping, now=NOW)
    mapping.write_text(MAPPING.replace("visit", "vist"))
    (outcome,) = pipeline.retry_quarantined(store, load=1, mapping=mapping, now=NOW)
    assert outcome.refused.code == "mapping.wrong"
    load(make.attendance(1, "?"), make.attendance(2))
    with pytest.raises(queries.UsageError, match="nothing chosen was read with a mapping"):
        pipeline.retry_quarantined(store, load=2, mapping=mapping)
    assert len(names(con)) == 4
    accounted(con)


def test_one_of_two_that_contradict_is_chosen(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    load(make.attendance(1), make.attendance(1, "NOT_ATTENDED"))
    (both,) = pipeline.retry_quarantined(store, every=True, now=NOW)
    assert (counts(both), both.warnings) == ((0, 0, 0, 0, 2), ("none passes: nothing was changed",))
    (one,) = pipeline.retry_quarantined(store, ["1:1"], now=NOW)
    assert counts(one) == (1, 0, 0, 0, 0)
    assert pipeline.discard_quarantined(store, ["1:0"]) == 1
    assert con.execute("select status from attendance").fetchall() == [("NOT_ATTENDED",)]
    accounted(con)


def test_a_record_that_fits_no_kind_is_read_as_its_file(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    load({"id": make.guid(1, 3), "name": "Yoga"}, {"id": make.guid(2, 3), "name": "Spin", "type": "CLASS"})
    assert names(con, rule="kind_unknown") == ["1:0"]
    pipeline.retry_quarantined(store, every=True, now=NOW)
    assert con.execute("select name from service order by name").fetchall() == [("Spin",), ("Yoga",)]
    accounted(con)


def test_what_was_kept_in_part_is_left_out(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    store.settings = STRICT
    load(make.attendance(1, attendees=0), make.attendance(2, attendees=0, note="x" * 70_000), make.attendance(3))
    store.settings = LENIENT
    left_out: list[list[str]] = []
    (outcome,) = pipeline.retry_quarantined(store, every=True, now=NOW, left_out=left_out.append)
    assert (outcome.read, left_out, names(con)) == (1, [["1:1"]], ["1:1"])
    assert pipeline.retry_quarantined(store, every=True, now=NOW) == []
    accounted(con)


def test_csv_of_a_noshow_that_kept_no_header_is_not_guessed_at(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], tmp_path: Path
) -> None:
    store.settings = STRICT
    pipeline.ingest(store, [as_csv(tmp_path / "marks", [make.attendance(n, attendees=n) for n in (0, 1)])], now=NOW)
    with tracked(con, "load_ledger"):
        con.execute("update load_ledger set header = null")
    store.settings = LENIENT
    (outcome,) = pipeline.retry_quarantined(store, every=True, now=NOW)
    assert outcome.refused.code == "quarantine.header_unknown"
    with pytest.raises(queries.DataRefused, match="did not keep the header"):
        pipeline.export_quarantined(queries.quarantine(con, raw=True))
    accounted(con)


def test_a_retry_is_not_taken_for_the_file(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], write: Write
) -> None:
    store.settings = STRICT
    path = write(make.attendance(1, attendees=0), make.attendance(2))
    pipeline.ingest(store, [path], now=NOW)
    store.settings = LENIENT
    pipeline.retry_quarantined(store, every=True, now=NOW)
    (anew,) = pipeline.ingest(store, [path], now=NOW)
    assert (anew.already_loaded, counts(anew)) == (False, (0, 2, 0, 0, 0))


def test_a_retry_that_breaks_off_leaves_everything(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.settings = STRICT
    load(make.attendance(1, attendees=0), make.attendance(2))
    store.settings = LENIENT
    tables = ("attendance", "quarantine", "load_ledger", "site")
    before = [con.execute(f"from {table}").fetchall() for table in tables]

    def broken(_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.store.opening._count_change", broken)
        for act in (pipeline.retry_quarantined, pipeline.discard_quarantined):
            with pytest.raises(KeyboardInterrupt):
                act(store, every=True)
    assert before == [con.execute(f"from {table}").fetchall() for table in tables]
    assert counts(pipeline.retry_quarantined(store, every=True, now=NOW)[0]) == (1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("choice", "found"),
    [
        ({"load": 1}, ["1:0", "1:1"]),
        ({"rule": "status_unknown"}, ["1:0", "2:0"]),
        ({"rule": "status_unknown", "load": 2}, ["2:0"]),
        ({"kind": "session"}, ["2:1"]),
        ({"file": "001_"}, ["2:0", "2:1"]),
        ({"file": "none"}, []),
    ],
)
def test_what_is_chosen(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, choice: dict[str, Any], found: list[str]
) -> None:
    load(make.attendance(1, "?"), '{"id": "', make.attendance(2))
    load(make.attendance(3, "?"), make.attendance(4))
    with tracked(con, "quarantine"):
        con.execute(
            "insert into quarantine by name select * replace (1 as record, 'booking+session' as kind, 'x' as rule) "
            "from quarantine where load_id = 2"
        )
    assert names(con, **choice) == found
    assert queries.quarantine(con, ["1:0"], load=1)["id"].to_list() == ["1:0"]
    assert pipeline.discard_quarantined(store, **choice) == len(found)
    assert not set(found) & set(names(con))


def test_nothing_is_chosen_by_default(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load
) -> None:
    load(make.attendance(1, "?"), make.attendance(2))
    for act in (pipeline.retry_quarantined, pipeline.discard_quarantined):
        with pytest.raises(queries.UsageError, match="--all"):
            act(store)
        with pytest.raises(queries.InputNotFound, match="not in quarantine: 1:7"):
            act(store, ["1:0", "1:7"])
        with pytest.raises(queries.UsageError, match="LOAD:RECORD"):
            act(store, ["1:\u0660"])
    assert names(con) == ["1:0"]


@pytest.mark.long
@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in (1, 2, 3))])
def test_every_record_is_accounted_for_whatever_is_done(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], tmp_path: Path, seed: int
) -> None:
    draw, read = random.Random(seed), 0

    def bring() -> int:
        records = [
            make.attendance(draw.randrange(8), draw.choice(["ATTENDED", "NOT_ATTENDED", "?"]), draw.randrange(4))
            for _ in range(draw.randint(1, 8))
        ]
        records.append(make.attendance(8))
        path = draw.choice(FORMS)(tmp_path / f"{draw.randrange(10**9)}", records)
        (outcome,) = pipeline.ingest(store, [path], now=NOW)
        assert outcome.refused is None
        return outcome.read

    def some() -> list[str]:
        there = names(con)
        return draw.sample(there, draw.randint(1, len(there))) if there else []

    def again() -> int:
        if chosen := some():
            pipeline.retry_quarantined(store, chosen, now=NOW)
        return 0

    def away() -> int:
        if chosen := some()[:2]:
            assert pipeline.discard_quarantined(store, chosen) == len(chosen)
        return 0

    acts: list[Callable[[], int]] = [bring, bring, again, again, away]
    for _ in range(25):
        store.settings = draw.choice([STRICT, LENIENT])
        read += draw.choice(acts)()
        accounted(con)
        assert queries.loads(con)["read"].sum() == read
    assert con.execute("select sum(retried) > 0 and sum(discarded) > 0 from load_ledger").fetchall() == [(True,)]
