"""A made-up column that a booking carries, added to the table in memory, is found wherever columns of the fact are."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

import pipeline
from queries.lake.columns import key_column, lake_columns
from queries.language.filters import in_english, read_filter
from queries.language.resources import Resource, booked_session_fields
from queries.language.sorting import read_sort
from queries.model.fact import FACT, FactColumn
from queries.model.groupings import GROUPINGS, Grouping
from queries.model.meanings import meanings
from queries.statements import counts_sql, grouping_view_sql, lake_rows_sql, literal, page_sql, view_sql
from queries.views import VIEW_FILES

# The rows that a person adds to `queries/model/fact.py` and `queries/model/groupings.py`, each a row.
MADE_UP = FactColumn("made_up", "text", "where the booking was made", "made_up", carried="made_up", in_lake=True)
BY_MADE_UP = Grouping("made_up", "where it was booked")

FACT_WITH_MADE_UP = (*FACT, MADE_UP)
GROUPINGS_WITH_MADE_UP = (*GROUPINGS.values(), BY_MADE_UP)
VIEWS = ("known_roster", "session_roster", "booking_session", "booked_session")


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The sample with a made_up for each booking (a migration's work), and the views over it."""
    path = tmp_path_factory.mktemp("made_up") / "a.duckdb"
    with pipeline.open_store(path, settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [Path(__file__).parents[2] / "data" / "sample"])
    con = duckdb.connect(str(path))
    con.execute("alter table booking add column made_up varchar")
    con.execute("update booking set made_up = case when participants > 1 then 'desk' else 'web' end")
    for name in VIEW_FILES[: VIEW_FILES.index("no_show_measures") + 1]:
        con.execute(view_sql(name, FACT_WITH_MADE_UP))
    con.execute("set variable as_of = timestamp '2026-08-01'")
    return con


@pytest.fixture(scope="module")
def resource() -> Resource:
    fields = booked_session_fields(FACT_WITH_MADE_UP, GROUPINGS_WITH_MADE_UP)
    return Resource("booked session", "booked_session", fields, ("booking_id", "session_id"))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_it_last(con: duckdb.DuckDBPyConnection, view: str) -> None:
    columns = [name for name, *_ in con.execute(f"describe {view}").fetchall()]
    assert columns[-1] == "made_up"
    (count,) = con.execute(f"select count(made_up) from {view}").fetchall()[0]
    assert count > 0


def test_its_comment_says_what_it_means() -> None:
    assert meanings(FACT_WITH_MADE_UP)["made_up"] == "where the booking was made"


def test_it_can_be_filtered_and_sorted(con: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    node = read_filter(resource, {"made_up": {"$startsWith": "de"}})
    assert in_english(node) == "made_up starts with de"
    text, parameters = page_sql(
        resource.relation, resource.columns, node, read_sort(resource, [{"fieldName": "made_up"}]), None, None
    )
    found = con.sql(text, params=parameters).pl()
    assert found.height > 0
    assert set(found["made_up"]) == {"desk"}


def test_it_can_be_grouped_by_and_a_group_filtered(con: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    text, _ = counts_sql([BY_MADE_UP], relation="counted_at(as_of_now())")
    groups = {row["made_up"]: row["bookings"] for row in con.sql(text).pl().to_dicts()}
    assert groups.keys() == {"desk", "web"}
    for made_up, bookings in groups.items():
        text, parameters = counts_sql([], read_filter(resource, {"made_up": made_up}), "counted_at(as_of_now())")
        assert con.sql(text, params=parameters).pl()["bookings"].to_list() == [bookings]
    con.execute(grouping_view_sql(BY_MADE_UP))
    assert con.execute("select count(*) from no_show_by_made_up").fetchall() == [(2,)]


def test_a_lake_holds_it(con: duckdb.DuckDBPyConnection) -> None:
    columns = lake_columns(FACT_WITH_MADE_UP, GROUPINGS_WITH_MADE_UP)
    assert columns["made_up"] == "p.made_up"
    assert key_column(BY_MADE_UP, FACT_WITH_MADE_UP) == "made_up"
    assert "made_up" in con.sql(lake_rows_sql(columns)).columns


def test_a_column_that_is_not_let_out_stays_out_of_a_lake() -> None:
    quiet = FactColumn("made_up", "text", "where the booking was made", "made_up", carried="made_up")
    assert lake_columns((*FACT, quiet), GROUPINGS_WITH_MADE_UP) == lake_columns()


def test_what_it_means_is_a_text_that_a_comment_can_hold() -> None:
    assert all(literal(column.meaning).startswith("'") for column in FACT_WITH_MADE_UP)
