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
CHANNEL = FactColumn("channel", "text", "where the booking was made", "channel", carried="channel", in_lake=True)
BY_CHANNEL = Grouping("channel", "where it was booked")

FACT_WITH_CHANNEL = (*FACT, CHANNEL)
GROUPINGS_WITH_CHANNEL = (*GROUPINGS.values(), BY_CHANNEL)
VIEWS = ("known_roster", "session_roster", "booking_session", "booked_session")


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """The sample with a channel for each booking (a migration's work), and the views over it."""
    path = tmp_path_factory.mktemp("channel") / "a.duckdb"
    with pipeline.open_store(path, settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [Path(__file__).parents[2] / "data" / "sample"])
    con = duckdb.connect(str(path))
    con.execute("alter table booking add column channel varchar")
    con.execute("update booking set channel = case when participants > 1 then 'desk' else 'web' end")
    for name in VIEW_FILES[: VIEW_FILES.index("no_show_measures") + 1]:
        con.execute(view_sql(name, FACT_WITH_CHANNEL))
    con.execute("set variable as_of = timestamp '2026-08-01'")
    return con


@pytest.fixture(scope="module")
def resource() -> Resource:
    fields = booked_session_fields(FACT_WITH_CHANNEL, GROUPINGS_WITH_CHANNEL)
    return Resource("booked session", "booked_session", fields, ("booking_id", "session_id"))


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_it_last(con: duckdb.DuckDBPyConnection, view: str) -> None:
    columns = [name for name, *_ in con.execute(f"describe {view}").fetchall()]
    assert columns[-1] == "channel"
    (count,) = con.execute(f"select count(channel) from {view}").fetchall()[0]
    assert count > 0


def test_its_comment_says_what_it_means() -> None:
    assert meanings(FACT_WITH_CHANNEL)["channel"] == "where the booking was made"


def test_it_can_be_filtered_and_sorted(con: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    node = read_filter(resource, {"channel": {"$startsWith": "de"}})
    assert in_english(node) == "channel starts with de"
    text, parameters = page_sql(
        resource.relation, resource.columns, node, read_sort(resource, [{"fieldName": "channel"}]), None, None
    )
    found = con.sql(text, params=parameters).pl()
    assert found.height > 0
    assert set(found["channel"]) == {"desk"}


def test_it_can_be_grouped_by_and_a_group_filtered(con: duckdb.DuckDBPyConnection, resource: Resource) -> None:
    text, _ = counts_sql([BY_CHANNEL], relation="counted_at(as_of_now())")
    groups = {row["channel"]: row["bookings"] for row in con.sql(text).pl().to_dicts()}
    assert groups.keys() == {"desk", "web"}
    for channel, bookings in groups.items():
        text, parameters = counts_sql([], read_filter(resource, {"channel": channel}), "counted_at(as_of_now())")
        assert con.sql(text, params=parameters).pl()["bookings"].to_list() == [bookings]
    con.execute(grouping_view_sql(BY_CHANNEL))
    assert con.execute("select count(*) from no_show_by_channel").fetchall() == [(2,)]


def test_a_lake_holds_it(con: duckdb.DuckDBPyConnection) -> None:
    columns = lake_columns(FACT_WITH_CHANNEL, GROUPINGS_WITH_CHANNEL)
    assert columns["channel"] == "p.channel"
    assert key_column(BY_CHANNEL, FACT_WITH_CHANNEL) == "channel"
    assert "channel" in con.sql(lake_rows_sql(columns)).columns


def test_a_column_that_is_not_let_out_stays_out_of_a_lake() -> None:
    quiet = FactColumn("channel", "text", "where the booking was made", "channel", carried="channel")
    assert lake_columns((*FACT, quiet), GROUPINGS_WITH_CHANNEL) == lake_columns()


def test_what_it_means_is_a_text_that_a_comment_can_hold() -> None:
    assert all(literal(column.meaning).startswith("'") for column in FACT_WITH_CHANNEL)
