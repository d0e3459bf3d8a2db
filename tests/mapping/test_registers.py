"""[unpivot] turns columns into rows: a register with a row a student and a column a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest

import pipeline
import queries
from pipeline.load.outcomes import FileOutcome
from pipeline.store.opening import Store

Load = Callable[..., FileOutcome]
MAPPING = """
namespace = "school"
[unpivot]
columns = {columns}
[let]
held = "{held}"
[booking]
id = "Student || held"
status = "'CONFIRMED'"
eventId = "held"
startDate = "held || ' 10:00'"
timezone = "'Europe/Dublin'"
contactId = "Student"
[attendance]
bookingId = "Student || held"
eventId = "held"
status = "case _value when 'P' then 'ATTENDED' when 'A' then 'NOT_ATTENDED' else 'NOT_SET' end"
"""
NAMED = "Student,S1 01/06/2026,S2 08/06/2026,S3 15/06/2026\nP1,P,A,P\nP2,P,P,\nP3,A,A,\n"
DATES = (
    NAMED.replace("S1 01/06/2026", "2026-06-01")
    .replace("S2 08/06/2026", "2026-06-08")
    .replace("S3 15/06/2026", "2026-06-15")
)
DAY_OF_NAME = "strptime(split_part(_column, ' ', 2), '%d/%m/%Y')::date"
# S* fits the column Student as well, which the mapping reads by its name.
WAYS = [
    (NAMED, '"S*"', DAY_OF_NAME),
    (NAMED, '["S? *"]', DAY_OF_NAME),
    (NAMED, '["S1 01/06/2026", "S[23]*"]', DAY_OF_NAME),
    (DATES, '"2026-*"', "_column::date"),
    (DATES, '["2026-06-*"]', "_column::date"),
]


@pytest.mark.parametrize(("text", "columns", "held"), WAYS)
def test_a_register_is_read_cell_by_cell(
    load_mapped: Load, con: duckdb.DuckDBPyConnection, text: str, columns: str, held: str
) -> None:
    outcome = load_mapped(MAPPING.format(columns=columns, held=held), text)
    assert (outcome.read, outcome.loaded, outcome.refused) == (3, 3, None)
    found = con.execute("select status, count(*) from attendance group by all").fetchall()
    assert dict(found) == {"ATTENDED": 4, "NOT_ATTENDED": 3, "NOT_SET": 2}
    rates = queries.no_show_rates(con, by=["day"], as_of="2026-07-01T00:00:00Z")
    by_day = {str(row["day"]): (row["no_shows"], row["attended_bookings"]) for row in rates.iter_rows(named=True)}
    assert by_day == {"2026-06-01": (1, 2), "2026-06-08": (2, 1), "2026-06-15": (0, 1)}


def test_a_row_with_a_bad_cell_is_quarantined_whole_and_the_counts_add_up(
    load_mapped: Load, con: duckdb.DuckDBPyConnection
) -> None:
    toml = MAPPING.format(columns='"S*"', held=DAY_OF_NAME).replace(
        'contactId = "Student"', "totalParticipants = \"case _value when 'x' then 'none' else '1' end::int\""
    )
    outcome = load_mapped(toml, NAMED.replace("P2,P,P,", "P2,P,x,"))
    assert (outcome.read, outcome.loaded, outcome.quarantined) == (3, 2, 1)
    assert con.execute("select line, raw from quarantine").fetchall() == [(3, "P2,P,x,")]
    assert con.execute("select count(*) from booking").fetchall() == [(6,)]


def test_row_numbers_are_those_of_the_file(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    toml = MAPPING.format(columns='"S*"', held=DAY_OF_NAME).replace(
        'contactId = "Student"', "contactId = \"'row ' || _row\""
    )
    load_mapped(toml, NAMED)
    found = con.execute("select contact_id, count(*) from booking group by all order by all").fetchall()
    assert found == [("visits.csv/row 1", 3), ("visits.csv/row 2", 3), ("visits.csv/row 3", 3)]


@pytest.mark.long
def test_a_wide_and_long_register(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """More cells than are evaluated at once, in the order of rows and columns."""
    header = ",".join(
        ["Student", *(f"S{number} {number % 28 + 1:02}/{number // 28 + 1:02}/2026" for number in range(200))]
    )
    rows = "".join(f"P{number},{','.join(['P', 'A'] * 100)}\n" for number in range(600))
    (tmp_path / "m.toml").write_text(MAPPING.format(columns='"S*"', held=DAY_OF_NAME), "utf-8")
    (tmp_path / "register.csv").write_text(f"{header}\n{rows}", "utf-8")
    (outcome,) = pipeline.ingest(store, [tmp_path / "register.csv"], mapping=tmp_path / "m.toml")
    assert (outcome.read, outcome.loaded) == (600, 600)
    found = con.execute("select status, count(*) from attendance group by all").fetchall()
    assert dict(found) == {"ATTENDED": 60_000, "NOT_ATTENDED": 60_000}


def test_a_file_without_such_columns_is_refused_by_name(load_mapped: Load) -> None:
    refused = load_mapped(MAPPING.format(columns='"T*"', held="_column"), NAMED).refused
    assert refused is not None
    assert "[unpivot] columns: no column fits T*; the file has Student, S1 01/06/2026" in refused.message


@pytest.mark.parametrize("columns", ["5", "[]", "[5]", '""', "{ a = 1 }"])
def test_columns_must_be_names(load_mapped: Load, columns: str) -> None:
    with pytest.raises(queries.DataRefused, match=r"\[unpivot\] columns: names of columns are expected"):
        load_mapped(MAPPING.format(columns=columns, held="_column"), NAMED)


def test_without_unpivot_columns_called_like_dates_are_data(load_mapped: Load) -> None:
    toml = (
        MAPPING.format(columns='"2026*"', held="Student")
        .replace('[unpivot]\ncolumns = "2026*"\n', "")
        .replace("_value", "Student")
    )
    refused = load_mapped(toml, DATES).refused
    assert refused is not None
    assert "the first line holds data" in refused.message


def test_the_value_of_a_cell_that_is_right_is_not_named(load_mapped: Any, con: duckdb.DuckDBPyConnection) -> None:
    """A row of a register makes several bookings, and one of them is at fault: another's value would mislead."""
    toml = """
[unpivot]
columns = "20*"
[booking]
id = "student || _column"
status = "'CONFIRMED'"
eventId = "_column"
startDate = "_column || 'T10:00:00Z'"
when = "_value <> ''"
"""
    load_mapped(toml, "student,2026-06-01,2026-06-31\nP1,x,x\nP2,x,\n")
    ((rule, value, message),) = con.execute("select rule, value, message from quarantine").fetchall()
    assert (rule, value, "2026-06-01" in message) == ("instant_format", None, False)
