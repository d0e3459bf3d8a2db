"""Local times in their zones: each becomes the right moment, or is refused with the rule it breaks; in every format."""

from __future__ import annotations

import csv
import datetime as dt
import json
from importlib.resources import files
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

import duckdb
import polars as pl
import pytest
from support.records import Make

import pipeline
from pipeline.store.opening import Store
from queries.model.zones import iana_zone

GAP, OVERLAP = "local_time_nonexistent", "local_time_ambiguous"
# Zone, local time, and the moment in UTC or the rule broken; by the tz database's own transitions.
LOCAL = [
    ("Europe/Berlin", "2026-06-01T10:00:00", "2026-06-01 08:00:00"),
    ("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29 00:59:59"),
    ("Europe/Berlin", "2026-03-29T02:00:00", GAP),
    ("Europe/Berlin", "2026-03-29T02:59:59", GAP),
    ("Europe/Berlin", "2026-03-29T03:00:00", "2026-03-29 01:00:00"),
    ("Europe/Berlin", "2026-10-25T01:59:59", "2026-10-24 23:59:59"),
    ("Europe/Berlin", "2026-10-25T02:00:00", OVERLAP),
    ("Europe/Berlin", "2026-10-25T02:59:59", OVERLAP),
    ("Europe/Berlin", "2026-10-25T03:00:00", "2026-10-25 02:00:00"),
    # Ireland's winter time is its saving time, an hour below standard.
    ("Europe/Dublin", "2026-06-01T10:00:00", "2026-06-01 09:00:00"),
    ("Europe/Dublin", "2026-01-15T10:00:00", "2026-01-15 10:00:00"),
    ("Europe/Dublin", "2026-03-29T01:30:00", GAP),
    ("Europe/Dublin", "2026-10-25T01:30:00", OVERLAP),
    ("Europe/Dublin", "2026-10-25T02:30:00", "2026-10-25 02:30:00"),
    ("America/New_York", "2026-03-08T02:30:00", GAP),
    ("America/New_York", "2026-11-01T01:30:00", OVERLAP),
    ("America/New_York", "2026-11-01T02:00:00", "2026-11-01 07:00:00"),
    # Half an hour.
    ("Australia/Lord_Howe", "2026-04-05T01:45:00", OVERLAP),
    ("Australia/Lord_Howe", "2026-04-05T02:00:00", "2026-04-04 15:30:00"),
    ("Australia/Lord_Howe", "2026-10-04T02:15:00", GAP),
    ("Australia/Lord_Howe", "2026-10-04T02:30:00", "2026-10-03 15:30:00"),
    # Back for Ramadan and forth again.
    ("Africa/Casablanca", "2026-02-15T02:30:00", OVERLAP),
    ("Africa/Casablanca", "2026-03-01T10:00:00", "2026-03-01 10:00:00"),
    ("Africa/Casablanca", "2026-03-22T02:30:00", GAP),
    ("Africa/Casablanca", "2026-06-01T10:00:00", "2026-06-01 09:00:00"),
    # A day that never was.
    ("Pacific/Apia", "2011-12-29T12:00:00", "2011-12-29 22:00:00"),
    ("Pacific/Apia", "2011-12-30T12:00:00", GAP),
    ("Pacific/Apia", "2011-12-31T12:00:00", "2011-12-30 22:00:00"),
    ("Asia/Kathmandu", "2026-03-29T02:30:00", "2026-03-28 20:45:00"),
    ("UTC", "2026-03-29T02:30:00", "2026-03-29 02:30:00"),
    # An offset decides, whatever the zone says.
    ("Europe/Berlin", "2026-10-25T02:30:00+01:00", "2026-10-25 01:30:00"),
    ("Europe/Berlin", "2026-03-29T02:30:00Z", "2026-03-29 02:30:00"),
    ("", "2026-03-29T02:30:00-03:30", "2026-03-29 06:00:00"),
    ("", "2026-06-01T10:00:00", "instant_no_zone"),
    ("Mars/Phobos", "2026-06-01T10:00:00", "timezone_unknown"),
    ("Mars Standard Time", "2026-06-01T10:00:00", "timezone_unknown"),
    ("UTC+5:30", "2026-06-01T10:00:00", "timezone_unknown"),
    ("(UTC+01:00)  Nowhere", "2026-06-01T10:00:00", "timezone_unknown"),
    # Names that are not IANA's.
    ("europe/berlin", "2026-06-01T10:01:00", "2026-06-01 08:01:00"),
    (" Europe / Berlin ", "2026-03-29T02:00:00", GAP),
    ("America/New York", "2026-06-01T10:01:01", "2026-06-01 14:01:01"),
    ("Central Time - US & Canada", "2026-03-03T11:00:00", "2026-03-03 17:00:00"),
    ("eastern time – us & canada", "2026-03-03T12:30:00", "2026-03-03 17:30:00"),
    ("Mountain Time - US & Canada", "2026-06-01T10:00:00", "2026-06-01 16:00:00"),
    ("(UTC-07:00) Arizona", "2026-06-01T10:00:01", "2026-06-01 17:00:01"),
    ("Arizona, Yukon Time", "2026-03-03T00:00:00", "2026-03-03 07:00:00"),
    ("UK, Ireland, Lisbon Time", "2026-06-01T10:02:00", "2026-06-01 09:02:00"),
    ("Central European Time", "2026-10-25T02:30:00", OVERLAP),
    ("W. Europe Standard Time", "2026-03-03T09:00:00", "2026-03-03 08:00:00"),
    ("GMT Standard Time", "2026-06-01T10:03:00", "2026-06-01 09:03:00"),
    ("Greenwich Standard Time", "2026-06-01T10:03:00", "2026-06-01 10:03:00"),
    ("(UTC-06:00) Central Time (US & Canada)", "2026-06-01T10:04:00", "2026-06-01 15:04:00"),
    ("India Standard Time", "2026-06-01T10:00:00", "2026-06-01 04:30:00"),
    ("GMT/UTC", "2026-06-01T10:05:00", "2026-06-01 10:05:00"),
    ("UTC+2", "2026-06-01T10:06:00", "2026-06-01 08:06:00"),
    ("GMT-03:00", "2026-06-01T10:06:00", "2026-06-01 13:06:00"),
    ("+02:00", "2026-06-01T10:00:00", "timezone_unknown"),
    ("localtime", "2026-06-01T10:00:00", "timezone_unknown"),
    ("Europe/Berlin", "1999-12-31T23:59:59", "instant_range"),
    ("Europe/Berlin", "9999-12-31T23:59:59", "instant_range"),
]
# A mapping reads the times of a spreadsheet: texts without an offset.
MAPPING = """
[booking]
id = "number"
status = "'CONFIRMED'"
startDate = "strptime(starts, '%d/%m/%Y %H:%M:%S')"
timezone = "zone"
"""


def records(make: type[Make]) -> list[dict[str, Any]]:
    return [
        make.attendance(number, startDate=local, timezone=zone or None)
        for number, (zone, local, _) in enumerate(LOCAL, 1)
    ]


def check(con: duckdb.DuckDBPyConnection, table: str, expected: dict[int, str]) -> None:
    quarantined = con.execute("select record, rule from quarantine").fetchall()
    right = con.execute(f"select strftime(starts_at, '%Y-%m-%d %H:%M:%S') from {table} order by 1").fetchall()
    assert dict(quarantined) == {n: what for n, what in expected.items() if not what[0].isdigit()}
    assert [moment for (moment,) in right] == sorted(what for what in expected.values() if what[0].isdigit())


@pytest.mark.parametrize("format", ["ndjson", "csv"])
def test_local_times_are_right_or_refused(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, make: type[Make], format: str
) -> None:
    path = tmp_path / f"local.{format}"
    rows = records(make)
    with path.open("w", newline="", encoding="utf-8") as stream:
        if format == "csv":
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
        else:
            stream.writelines(json.dumps(row) + "\n" for row in rows)
    (outcome,) = pipeline.ingest(store, [path])
    assert outcome.read == outcome.loaded + outcome.quarantined == len(LOCAL)
    check(con, "attendance", {number: what for number, (_, _, what) in enumerate(LOCAL)})


def test_local_times_are_right_or_refused_in_a_mapping(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    given = [(zone, local, what) for zone, local, what in LOCAL if len(local) == 19]
    days = ["/".join(reversed(local[:10].split("-"))) for _, local, _ in given]
    lines = [
        f'{n},{day} {local[11:]},"{zone}"' for n, (day, (zone, local, _)) in enumerate(zip(days, given, strict=True))
    ]
    (tmp_path / "visits.csv").write_text("\n".join(["number,starts,zone", *lines, ""]))
    (tmp_path / "visits.toml").write_text(MAPPING)
    (outcome,) = pipeline.ingest(store, [tmp_path / "visits.csv"], mapping=tmp_path / "visits.toml")
    assert outcome.read == outcome.loaded + outcome.quarantined == len(given)
    check(con, "booking", {number: what for number, (_, _, what) in enumerate(given)})


def test_every_zone_that_is_known_can_be_read_and_shown(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, make: type[Make]
) -> None:
    zones = sorted(available_timezones())
    path = tmp_path / "zones.ndjson"
    rows = [make.booking(n, start="2026-05-05T12:00:00", slot={"timezone": z}) for n, z in enumerate(zones, 1)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (outcome,) = pipeline.ingest(store, [path])
    assert outcome.quarantined == len({"Factory", "localtime"} & set(zones))
    shown = con.execute("select distinct local_hour from booked_session").fetchall()
    assert shown == [(12,)]


def test_names_of_zones_are_stored_as_those_of_iana(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, make: type[Make]
) -> None:
    path = tmp_path / "a.ndjson"
    named = ["Eastern Time - US & Canada", "EUROPE/BERLIN", "Tokyo Standard Time", "UTC-10"]
    rows = [make.attendance(n, timezone=zone) for n, zone in enumerate(named, 1)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pipeline.ingest(store, [path])
    stored = con.execute("select time_zone from attendance order by id").fetchall()
    assert [zone for (zone,) in stored] == ["America/New_York", "Europe/Berlin", "Asia/Tokyo", "Etc/GMT+10"]


def test_every_other_name_of_a_zone_means_one_that_the_database_knows(con: duckdb.DuckDBPyConnection) -> None:
    lines = files("queries.model").joinpath("zone_names.tsv").read_text("utf-8").splitlines()
    named = dict(line.split("\t") for line in lines if not line.startswith("#"))
    assert len(named) > 250
    known = {zone for (zone,) in con.execute("select name from pg_timezone_names()").fetchall()}
    assert set(named.values()) - known == set()
    assert {name: iana_zone(name.upper()) for name in named} == named
    for zone in set(named.values()):
        pl.Series([dt.datetime(2026, 6, 1)]).dt.replace_time_zone(zone)  # noqa: DTZ001
