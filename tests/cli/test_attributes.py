"""Attributes of bookings in the commands: as groups, in filters, in every format and over a lake."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.fixtures import Run, Write
from support.records import Make
from support.report_frames import counts, rates
from support.samples import few

from pipeline.cli.rates import print_table
from queries.model.groupings import groupings_named

AS_OF = ("--as-of", "2026-06-01")
BY_CHANNEL = {"MOBILE_APP": (4, 20), "WEB": (2, 10)}


@pytest.fixture
def published_db(write: Write, make: type[Make], run: Run, db: Path) -> Path:
    """Thirty bookings, every fifth missed: ten made on the web and twenty in the app."""
    records = []
    for number in range(1, 31):
        source = {"platform": "WEB" if number > 20 else "MOBILE_APP", "actor": "CUSTOMER"}
        records += [make.booking(number, bookingSource=source)]
        records += [make.attendance(number, "ATTENDED" if number % 5 else "NOT_ATTENDED")]
    assert run("ingest", write(*records), "--db", db).returncode == 0
    return db


def of_channels(rows: list[dict[str, Any]]) -> dict[str, tuple[int, int]]:
    return {row["attributes.channel"]: (int(row["missed_bookings"]), int(row["rated_bookings"])) for row in rows}


@pytest.mark.long
def test_an_attribute_groups_and_filters_in_every_format(published_db: Path, run: Run, tmp_path: Path) -> None:
    asked = ("rates", "--by", "attributes.channel", *AS_OF, "--db", published_db)
    table = run(*asked)
    assert table.returncode == 0, table.stderr
    assert "attributes.channel" in table.stdout
    assert "4 of 20" in table.stdout
    text = run(*asked, "--format", "csv").stdout
    assert of_channels(list(csv.DictReader(io.StringIO(text)))) == BY_CHANNEL
    assert of_channels(json.loads(run(*asked, "--format", "json").stdout)) == BY_CHANNEL
    run(*asked, "--format", "parquet", "--out", tmp_path / "rates.parquet")
    assert of_channels(pl.read_parquet(tmp_path / "rates.parquet").to_dicts()) == BY_CHANNEL
    web = run(*asked, "--where", '{"attributes.channel": "WEB"}', "--format", "json").stdout
    assert of_channels(json.loads(web)) == {"WEB": (2, 10)}


@pytest.mark.long
@pytest.mark.parametrize("engine", few(["polars", "duckdb"], 1))
def test_a_lake_has_attributes_under_the_same_name(published_db: Path, run: Run, tmp_path: Path, engine: str) -> None:
    assert run("export-lake", tmp_path / "lake", "--db", published_db).returncode == 0
    lake = (*AS_OF, "--lake", tmp_path / "lake", "--engine", engine)
    found = run("rates", "--by", "attributes.channel", "--format", "json", *lake)
    assert of_channels(json.loads(found.stdout)) == BY_CHANNEL
    refused = run("report", "--attribute", "deposit", *lake)
    assert refused.returncode == 2
    assert "no booking of the lake has attributes.deposit" in refused.stderr
    out = tmp_path / "report.json"
    made = run("report", "--attribute", "channel", "--format", "json", "--out", out, *lake)
    assert made.returncode == 0, made.stderr
    (channel,) = json.loads(out.read_text(encoding="utf-8"))["attributes"]
    assert {row["name"]: (row["no_shows"], row["marked"]) for row in channel["values"]} == BY_CHANNEL


@pytest.mark.long
def test_the_setting_asks_for_attributes_and_the_option_for_others(
    published_db: Path, run: Run, tmp_path: Path
) -> None:
    asked = ("report", "--format", "json", "--out", tmp_path / "r.json", "--db", published_db)
    for options, names in (
        ((), ["channel"]),
        (("--attribute", "booked_by", "--attribute", "deposit"), ["booked_by", "deposit"]),
    ):
        assert run(*asked, *options, NOSHOW_ATTRIBUTES='["channel"]').returncode == 0
        data = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
        assert [each["name"] for each in data["attributes"]] == names
    wrong = run("report", "--attribute", "Deposit paid", "--db", published_db)
    assert wrong.returncode == 2
    assert wrong.stderr.count("\n") == 1
    assert run("settings", NOSHOW_ATTRIBUTES='["channel", "deposit"]').returncode == 0
    assert run("report", "--db", published_db, NOSHOW_ATTRIBUTES='["A b"]').returncode != 0


def test_a_name_that_looks_like_an_id_or_has_underscores_is_shown_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    frame = rates([({"attributes.member_id": "gold"}, counts(18, 2))], {"attributes.member_id": pl.String})
    print_table(frame, groupings_named("attributes.member_id"))
    shown = capsys.readouterr().out
    assert "attributes.member_id" in shown
    assert "gold" in shown


def test_presumed_bookings_are_in_the_table_and_in_no_column_of_marks(capsys: pytest.CaptureFixture[str]) -> None:
    presumed = counts(0, 40, bookings=400, rated_bookings=400, presumed_attended=360, register_marked=0)
    excused = counts(6, 2, bookings=10, excused=2, register_marked=10, register_excused=2)
    frame = rates(
        [({"service_id": "a", "service": "Talk"}, presumed), ({"service_id": "b", "service": "Yoga"}, excused)],
        {"service_id": pl.String, "service": pl.String},
        min_bookings=5,
    )
    print_table(frame, groupings_named("service"))
    talk, yoga = (line for line in capsys.readouterr().out.splitlines() if "Talk" in line or "Yoga" in line)
    assert "40 of 400" in talk
    assert "–" in talk
    assert "2 of 8" in yoga
    assert "10 of 10" in yoga
