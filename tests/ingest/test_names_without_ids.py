"""Services, locations and staff that a source names without an id are groups of their own, each under an id."""

from __future__ import annotations

import csv
import json
import uuid
from pathlib import Path

import duckdb
import polars as pl
import pytest
from support.records import Make
from support.samples import few

import pipeline
import queries
from pipeline.store.migrations import migration_sql
from pipeline.typing.made_ids import NAMESPACE, name_id

AS_OF = "2026-06-01T00:00:00Z"
FAMILIES = ("service", "location", "staff")
# Of each booking: service, location, member of staff, and whether it was missed.
VISITS = [
    ("Yoga", "North", "Ana", False),
    ("Pilates", "North", "Ben", True),
    ("Spin", "South", "Ben", True),
    ("Yoga", "South", "Ana", True),
    ("yoga", "North", "Ana", False),
]


def by_mapping(folder: Path) -> list[Path]:
    rows = [
        {"visit": n, "class": service, "room": room, "who": staff, "state": "no" if missed else "yes"}
        for n, (service, room, staff, missed) in enumerate(VISITS)
    ]
    path = folder / "visits.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    (folder / "m.toml").write_text(
        """
        namespace = "studio"
        [booking]
        id = "visit"
        status = "'CONFIRMED'"
        eventId = "visit"
        startDate = "'2026-03-02 18:00'"
        timezone = "'Europe/Dublin'"
        service_name = '"class"'
        location_name = "room"
        staff_name = "who"
        [attendance]
        bookingId = "visit"
        eventId = "visit"
        status = "case state when 'yes' then 'ATTENDED' else 'NOT_ATTENDED' end"
        """,
        "utf-8",
    )
    return [path]


def by_api(folder: Path, make: type[Make]) -> list[Path]:
    """Bookings whose slots name things without ids."""
    records = []
    for n, (service, room, staff, missed) in enumerate(VISITS):
        booking = make.booking(n)
        slot = booking["bookedEntity"]["slot"]
        slot.pop("serviceId")
        slot |= {"location": {"name": room}, "resource": {"name": staff}}
        booking["bookedEntity"]["title"] = service
        records += [booking, make.attendance(n, "NOT_ATTENDED" if missed else "ATTENDED")]
    path = folder / "api.ndjson"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    return [path]


@pytest.fixture(params=["mapping", "api"])
def con(request: pytest.FixtureRequest, tmp_path: Path, make: type[Make]) -> duckdb.DuckDBPyConnection:
    paths = by_mapping(tmp_path) if request.param == "mapping" else by_api(tmp_path, make)
    mapping = tmp_path / "m.toml" if request.param == "mapping" else None
    with pipeline.open_store(tmp_path / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        (outcome,) = pipeline.ingest(store, paths, mapping=mapping)
        assert (outcome.refused, outcome.quarantined) == (None, 0)
        yield store.connection


@pytest.mark.parametrize("family", few(FAMILIES, 1))
def test_there_are_as_many_groups_as_names_and_a_filter_gives_the_groups_row(
    con: duckdb.DuckDBPyConnection, family: str
) -> None:
    labels = [visit[FAMILIES.index(family)] for visit in VISITS]
    groups = queries.no_show_rates(con, family, as_of=AS_OF)
    assert sorted(groups[family]) == sorted(set(labels))
    assert groups[f"{family}_id"].null_count() == 0
    assert groups[f"{family}_id"].n_unique() == groups.height
    for row in groups.to_dicts():
        assert row["bookings"] == labels.count(row[family])
        missed = sum(visit[3] for visit in VISITS if visit[FAMILIES.index(family)] == row[family])
        assert row["no_shows"] == missed
        for column in (family, f"{family}_id"):
            (filtered,) = queries.no_show_rates(con, (), {column: str(row[column])}, AS_OF).to_dicts()
            assert (filtered["bookings"], filtered["no_shows"]) == (row["bookings"], row["no_shows"]), column


@pytest.mark.long
@pytest.mark.parametrize("family", FAMILIES)
def test_the_id_is_made_of_the_name_as_in_sql(con: duckdb.DuckDBPyConnection, family: str) -> None:
    rows = con.execute(
        f"select distinct {family}_id::varchar, {family}_name, id_of_name('{family}', {family}_name) from booking"
    ).fetchall()
    assert rows
    for found, name, in_sql in rows:
        assert found == in_sql == name_id(family, name) == str(uuid.uuid5(NAMESPACE, f"{family}/{name}"))


def test_an_id_that_is_known_counts_before_one_made_of_a_name(tmp_path: Path, make: type[Make]) -> None:
    """The calendar names the service and the room, the booking knows their ids."""
    booking = make.booking(1)
    service, event_id = (booking["bookedEntity"]["slot"][name] for name in ("serviceId", "eventId"))
    booking["bookedEntity"]["slot"] |= {"location": {"id": "loc-1", "name": "North"}}
    event = {
        "id": event_id,
        "title": "Yoga",
        "start": {"timestamp": "2026-03-02T18:00:00Z"},
        "end": {"timestamp": "2026-03-02T19:00:00Z"},
        "location": {"name": "North"},
    }
    path = tmp_path / "both.ndjson"
    path.write_text("\n".join(map(json.dumps, [event, booking])), encoding="utf-8")
    with pipeline.open_store(tmp_path / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [path])
        found = store.connection.execute("select service_id::varchar, location_id from session_roster").fetchall()
        (of_session,) = store.connection.execute("select service_id::varchar, location_id from session").fetchall()
    assert found == [(service, "loc-1")]
    assert of_session == (name_id("service", "Yoga"), name_id("location", "North"))


def test_old_databases_get_the_same_ids(tmp_path: Path) -> None:
    """The macro of the views, the migration and the pipeline make one id."""
    names = ["Yoga", "Müller's", "  two  spaces", "日本", "a/b", "x" * 500]
    made = migration_sql(5)
    macro = made[made.index("create or replace temp macro made_id") : made.index("update booking")]
    with duckdb.connect() as con:
        con.execute(macro)
        con.register("names", pl.DataFrame({"name": names}).to_arrow())
        found = con.execute("select name, made_id('service', name) from names").fetchall()
    assert sorted(found) == sorted((name, name_id("service", name)) for name in names)
