"""Attributes of bookings: from the API's own fields, grouped and filtered by, in a database and in a lake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.records import Make
from support.samples import few

import pipeline
import queries
from queries.lake.rates import lake_rates
from queries.model.attributes import MOST, attributes_text, is_attributes

AS_OF = "2026-06-01T00:00:00Z"
SOURCES: list[dict[str, Any]] = [
    {"bookingSource": {"platform": "WEB", "actor": "CUSTOMER"}},
    {"bookingSource": {"platform": "MOBILE_APP", "actor": "BUSINESS"}, "multiServiceBookingInfo": {"id": "m"}},
    {"bookingSource": {"platform": "WEB"}, "extendedFields": {"namespaces": {"noshow": {"attributes": {"age": 34}}}}},
    {"extendedFields": {"namespaces": {"someone-else": {"attributes": {"age": 7}}}}},
]


@pytest.fixture
def db(tmp_path: Path, make: type[Make]) -> Path:
    records = [make.booking(n) | source for n, source in enumerate(SOURCES, 1)]
    records += [make.attendance(n, "NOT_ATTENDED" if n == 2 else "ATTENDED") for n in range(1, 5)]
    path = tmp_path / "bookings.ndjson"
    path.write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(tmp_path / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        (outcome,) = pipeline.ingest(store, [path])
        assert (outcome.refused, outcome.quarantined) == (None, 0)
    return tmp_path / "a.duckdb"


@pytest.fixture
def con(db: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with queries.connect(db) as connection:
        yield connection


def test_the_apis_own_fields_become_attributes(con: duckdb.DuckDBPyConnection) -> None:
    assert [text for (text,) in con.execute("select attributes from booking order by id").fetchall()] == [
        '{"booked_by":"CUSTOMER","channel":"WEB"}',
        '{"booked_by":"BUSINESS","channel":"MOBILE_APP","multi_service":true}',
        '{"age":34,"channel":"WEB"}',
        None,
    ]


GROUPED = {
    "attributes.channel": {"WEB": (2, 0), "MOBILE_APP": (1, 1), None: (1, 0)},
    "attributes.booked_by": {"CUSTOMER": (1, 0), "BUSINESS": (1, 1), None: (2, 0)},
    "attributes.multi_service": {"true": (1, 1), None: (3, 0)},
    "attributes.age": {"34": (1, 0), None: (3, 1)},
}
# The value of a filter, as JSON has it -> the group that it keeps.
ASKED: list[tuple[str, Any, str | None]] = [
    ("attributes.channel", "WEB", "WEB"),
    ("attributes.multi_service", True, "true"),
    ("attributes.age", 34, "34"),
    ("attributes.channel", None, None),
]


@pytest.mark.parametrize("by", few(map(pytest.param, GROUPED), 1))
def test_bookings_are_grouped_alike_in_a_database_and_in_a_lake(
    by: str, db: Path, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    def counts(frame: Any) -> dict[str | None, tuple[int, int]]:
        return {row[by]: (row["bookings"], row["no_shows"]) for row in frame.to_dicts()}

    assert counts(queries.no_show_rates(con, by, as_of=AS_OF)) == GROUPED[by]
    pipeline.export_lake(db, tmp_path / "lake")
    for engine in ("duckdb", "polars"):
        with queries.open_lake(tmp_path / "lake", engine) as lake:
            assert counts(lake_rates(lake, by, as_of=AS_OF)) == GROUPED[by], engine
            for name, value, group in ASKED:
                (row,) = lake_rates(lake, (), {name: value}, AS_OF).to_dicts()
                assert (row["bookings"], row["no_shows"]) == GROUPED[name][group], (engine, name)


@pytest.mark.parametrize(("name", "value", "group"), ASKED)
def test_bookings_are_filtered_by_an_attribute(
    name: str, value: object, group: str | None, con: duckdb.DuckDBPyConnection
) -> None:
    (row,) = queries.no_show_rates(con, (), {name: value}, AS_OF).to_dicts()
    assert (row["bookings"], row["no_shows"]) == GROUPED[name][group]


def test_a_lake_refuses_an_attribute_that_it_does_not_have(db: Path, tmp_path: Path) -> None:
    pipeline.export_lake(db, tmp_path / "lake")
    with queries.open_lake(tmp_path / "lake") as lake:
        for asked in ({"by": "attributes.colour"}, {"by": (), "where": {"attributes.colour": "red"}}):
            with pytest.raises(queries.UsageError, match=r"no booking of the lake has attributes.colour"):
                lake_rates(lake, **asked)


@pytest.mark.long
@pytest.mark.parametrize(
    "name", ["attributes.", "attributes.Age", "attributes.a-b", "attributes.a') or ('1", "attribute"]
)
def test_other_names_are_not_attributes(name: str, con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(queries.UsageError, match="no grouping is called"):
        queries.no_show_rates(con, name, as_of=AS_OF)
    with pytest.raises(queries.QueryError, match="no field is called"):
        queries.no_show_rates(con, (), {name: "x"}, AS_OF)


BAD = ["[]", "{}", "{", '"x"', '{"Age": 1}', '{"a": null}', '{"a": {"b": 1}}', '{"a": [1]}', "[" * 5_000]


@pytest.mark.parametrize("text", [*BAD, str({f"a{n}": n for n in range(MOST + 1)}).replace("'", '"')])
def test_a_text_that_is_not_an_object_of_named_values_is_refused(text: str) -> None:
    assert not is_attributes(text)


def test_the_text_has_the_names_in_order_and_no_missing_values() -> None:
    assert attributes_text({"b": True, "a": "ä", "c": None, "d": 1.5}) == '{"a":"ä","b":true,"d":1.5}'
    assert attributes_text({"c": None}) is None
