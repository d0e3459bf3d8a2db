"""One `unnest` in [let] makes several rows of one, as mappings written for the first edition have it."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest

import queries

MAPPING = """
namespace = "w"
null = [""]
[let]
first = "Student"
cell = '''unnest([{'day': '2026-06-01', 'mark': "S1"}, {'day': '2026-06-08', 'mark': "S2"},
    {'day': '2026-06-15', 'mark': "S3", 'n': Weight::int}])'''
mark = "cell.mark"
[booking]
id = "first || cell.day"
status = "'CONFIRMED'"
eventId = "cell.day"
startDate = "cell.day || ' 10:00'"
timezone = "'Europe/Dublin'"
contactId = "first"
[attendance]
bookingId = "first || cell.day"
eventId = "cell.day"
status = "case mark when 'P' then 'ATTENDED' when 'A' then 'NOT_ATTENDED' else 'NOT_SET' end"
"""
REGISTER = "Student,S1,S2,S3,Weight\nP1,P,A,P,1\nP2,P , p,E,1\nP3,A,A,,\n"


def test_one_unnest_of_structs_gives_a_row_for_each(load_mapped: Any, con: duckdb.DuckDBPyConnection) -> None:
    outcome = load_mapped(MAPPING, REGISTER)
    assert (outcome.read, outcome.loaded, outcome.duplicate, outcome.left_out) == (3, 3, 0, 0)
    row = queries.no_show_rates(con, by=[], as_of="2026-07-01T00:00:00Z").row(0, named=True)
    assert (row["bookings"], row["attended_bookings"], row["no_shows"], row["unmarked_bookings"]) == (9, 4, 3, 2)
    days = queries.no_show_rates(con, by=["day"], as_of="2026-07-01T00:00:00Z")
    assert sorted(days.select("no_shows", "marked_bookings").rows()) == [(0, 1), (1, 3), (2, 3)]


def test_a_row_on_which_it_fails_is_set_aside(load_mapped: Any, con: duckdb.DuckDBPyConnection) -> None:
    outcome = load_mapped(MAPPING, REGISTER.replace("P2,P , p,E,1", "P2,P , p,E,one"))
    assert (outcome.loaded, outcome.quarantined) == (2, 1)
    ((rule, message),) = con.execute("select rule, message from quarantine").fetchall()
    assert (rule, "[let] cell" in message) == ("mapping_expression", True)
    assert con.execute("select count(*) from booking").fetchall() == [(6,)]


def test_a_row_of_nothing_is_left_out(load_mapped: Any) -> None:
    some = MAPPING.replace("unnest([", "unnest(case when Student = 'P3' then [] else [").replace("])'''", "] end)'''")
    outcome = load_mapped(some, REGISTER)
    assert (outcome.loaded, outcome.left_out) == (2, 1)


@pytest.mark.parametrize(
    ("old", "new", "place"),
    [
        ('mark = "cell.mark"', "mark = '''unnest([\"S1\", \"S2\", \"S3\"])'''", "[let] mark"),
        ('contactId = "first"', "contactId = \"unnest([first, 'x'])\"", "[booking] contactId"),
        ('mark = "cell.mark"', 'mark = "cell.mark || unnest([1, 2])"', "[let] mark"),
    ],
)
def test_a_second_one_would_multiply_rows_and_is_refused(load_mapped: Any, old: str, new: str, place: str) -> None:
    with pytest.raises(queries.DataRefused) as caught:
        load_mapped(MAPPING.replace(old, new), REGISTER)
    assert place in str(caught.value)
    assert "one unnest in [let]" in str(caught.value)
