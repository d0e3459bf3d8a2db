"""[join] reads a second file with each: bookings in one export, no-shows in another."""

from __future__ import annotations

import io
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.samples import few
from support.workbooks import workbook

import pipeline
import queries
from pipeline.load.outcomes import FileOutcome
from pipeline.store.opening import Store

MAPPING = """
namespace = "salon"
marks = "no_shows"
[join]
file = "no-shows*.csv"
on = {"Booking" = "Reference"}
[visit]
date = {column = "Date", format = "day first"}
service = {column = "Service"}
client = {column = "Client"}
id = {column = "Booking"}
[[visit.status]]
column = "Status"
cancelled = ["Cancelled"]
unmarked = ["Booked"]
[[visit.status]]
column = "Reference"
no_show = ["*"]
unmarked = [""]
"""
HEAD = "Booking;Date;Service;Client;Status\n"
ROWS = [f"B{n};{n + 10}/06/2026 18:00;Cut;c{n};{'Cancelled' if n == 4 else 'Booked'}\n" for n in range(5)]
BOOKINGS = HEAD + "".join(ROWS)
NO_SHOWS = "Reference,Status,Fee\nB1,fee due,5\n b2 ,none,0\n"


@pytest.fixture
def pair(tmp_path: Path) -> Path:
    """A folder with the mapping and both files."""
    tmp_path = tmp_path / "exports"
    tmp_path.mkdir()
    (tmp_path / "pair.toml").write_text(MAPPING, "utf-8")
    write(tmp_path, NO_SHOWS)
    (tmp_path / "bookings.csv").write_text(BOOKINGS, "utf-8")
    return tmp_path


def write(folder: Path, no_shows: str, name: str = "no-shows.csv") -> None:
    (folder / name).write_text(no_shows, "utf-8")


def load(store: Store, folder: Path, *names: str) -> FileOutcome:
    (outcome,) = pipeline.ingest(store, [folder / name for name in names or ("",)], mapping=folder / "pair.toml")
    return outcome


def missed(con: duckdb.DuckDBPyConnection) -> list[str]:
    """The clients who are marked as not having come."""
    rows = con.execute(
        "select b.starts_at::date::varchar from booking as b join attendance as a on a.booking_id = b.id "
        "where a.status = 'NOT_ATTENDED' order by 1"
    ).fetchall()
    return [day for (day,) in rows]


@pytest.mark.long
@pytest.mark.parametrize("names", [("bookings.csv",), ("",), ("no-shows.csv", "bookings.csv")])
def test_a_no_show_report_marks_the_bookings_of_another_file(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path, names: tuple[str, ...]
) -> None:
    outcome = load(store, pair, *names)
    assert (outcome.read, outcome.loaded, outcome.quarantined, outcome.refused) == (5, 5, 0, None)
    assert missed(con) == ["2026-06-11", "2026-06-12"]
    assert outcome.warnings == ("file.joined: no-shows.csv: 2 of 2 rows",)
    assert not [finding for finding in outcome.findings if finding.finding == "unmet_value"]
    rates = queries.no_show_rates(con, as_of="2026-07-01T00:00:00Z")
    assert (rates["presumed_attended"][0], rates["no_shows"][0]) == (2, 2)


@pytest.mark.long
def test_the_pair_is_read_once_and_again_when_either_file_changes(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path
) -> None:
    load(store, pair)
    again = load(store, pair)
    assert (again.already_loaded, again.unchanged) == (True, 5)
    # Taken back in the system: the row is gone, and the mark with it.
    write(pair, "Reference,Status,Fee\nB1,fee due,5\n")
    changed = load(store, pair)
    assert (changed.already_loaded, changed.loaded, changed.unchanged, changed.earlier) == (False, 1, 4, ())
    assert missed(con) == ["2026-06-11"]
    (pair / "bookings.csv").write_text(BOOKINGS + "B9;19/06/2026 18:00;Cut;c9;Booked\n", "utf-8")
    assert (load(store, pair).loaded, missed(con)) == (1, ["2026-06-11"])
    # A second report of the series belongs to the pair, too.
    write(pair, "Reference,Status,Fee\nB9,none,0\n", "no-shows-2.csv")
    assert load(store, pair).loaded == 1
    assert missed(con) == ["2026-06-11", "2026-06-19"]


@pytest.mark.long
@pytest.mark.parametrize(
    ("no_shows", "warnings"),
    [
        (
            "Reference,Status\nB1,a\nB7,b\nB8,c\n",
            ["joined: no-shows.csv: 1 of 3 rows", "join_unmatched: 2 rows", "3, 4"],
        ),
        ("Reference,Status\nB1,a\n,b\n-,c\n", ["join_no_key: 1 rows", "join_unmatched: 1 rows", "line 4"]),
        ("Reference,Status\nB1,a\nB1,a\n", ["joined: no-shows.csv: 1 of 1 rows"]),
    ],
)
def test_rows_of_the_report_that_fit_nothing_are_told(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path, no_shows: str, warnings: list[str]
) -> None:
    write(pair, no_shows)
    outcome = load(store, pair)
    assert (outcome.loaded, missed(con)) == (5, ["2026-06-11"])
    assert all(one in "\n".join(outcome.warnings) for one in warnings), outcome.warnings


@pytest.mark.long
def test_a_row_that_fits_several_is_set_aside_until_the_report_is_right(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path
) -> None:
    write(pair, "Reference,Status,Fee\nB1,fee due,5\nB1,none,0\n")
    outcome = load(store, pair)
    assert (outcome.loaded, outcome.quarantined) == (4, 1)
    assert con.execute("select rule, value from quarantine").fetchall()[0][0] == "join_ambiguous"
    # Tried again by itself it must not become a booking without a no-show.
    (retried,) = pipeline.retry_quarantined(store, every=True, mapping=pair / "pair.toml")
    assert (retried.loaded, missed(con)) == (0, [])
    write(pair, NO_SHOWS)
    assert load(store, pair).loaded == 2
    assert missed(con) == ["2026-06-11", "2026-06-12"]
    assert con.execute("select count(*) from quarantine").fetchall() == [(0,)]


def test_a_report_row_that_fits_several_bookings_is_told(store: Store, pair: Path) -> None:
    mapping = (pair / "pair.toml").read_text("utf-8")
    (pair / "pair.toml").write_text(mapping.replace('{"Booking" = "Reference"}', '{"Service" = "Treatment"}'), "utf-8")
    write(pair, "Treatment,Reference\nCut,x\n")
    outcome = load(store, pair)
    assert "file.join_repeated: 1 rows of no-shows.csv, line 2" in outcome.warnings


@pytest.mark.long
def test_a_row_set_aside_keeps_the_values_that_were_joined(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path
) -> None:
    (pair / "bookings.csv").write_text(BOOKINGS.replace("11/06/2026", "2026-13-45"), "utf-8")
    assert load(store, pair).quarantined == 1
    mapping = (pair / "pair.toml").read_text("utf-8")
    (pair / "pair.toml").write_text(mapping.replace('format = "day first"', 'format = "%Y-13-45 %H:%M"'), "utf-8")
    (retried,) = pipeline.retry_quarantined(store, every=True, mapping=pair / "pair.toml")
    assert retried.loaded == 1
    assert len(missed(con)) == 2


def test_a_pair_in_an_archive_and_in_workbooks_beside_text(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path
) -> None:
    with zipfile.ZipFile(pair / "export.zip", "w") as archive:
        archive.writestr("out/bookings.csv", BOOKINGS)
        archive.writestr("out/no-shows.csv", NO_SHOWS)
    assert load(store, pair, "export.zip").loaded == 5
    assert len(missed(con)) == 2


Rows = list[dict[str, Any]]


def as_csv(rows: Rows) -> bytes:
    return pl.DataFrame(rows).write_csv().encode()


def as_parquet(rows: Rows) -> bytes:
    stream = io.BytesIO()
    pl.DataFrame(rows).write_parquet(stream)
    return stream.getvalue()


def as_xlsx(rows: Rows) -> bytes:
    return workbook({"Export": [[*rows[0]], *([*row.values()] for row in rows)]})


WRITERS = {
    "csv": as_csv,
    "parquet": as_parquet,
    "xlsx": as_xlsx,
    "json": lambda rows: json.dumps(rows).encode(),
    "ndjson": lambda rows: "".join(json.dumps(row) + "\n" for row in rows).encode(),
}
# Every way beside CSV, and CSV beside every way; a whole number is 12 in the one and 12.0 in the other.
PAIRS = [("csv", "parquet"), ("csv", "json"), ("parquet", "csv"), ("ndjson", "xlsx"), ("xlsx", "ndjson")]


@pytest.mark.parametrize(("first", "second"), few(PAIRS, 2))
def test_a_pair_may_be_in_any_two_formats_and_meets_by_value(
    con: duckdb.DuckDBPyConnection, store: Store, pair: Path, first: str, second: str
) -> None:
    (pair / "bookings.csv").unlink()
    (pair / "no-shows.csv").unlink()
    numbers = [8, 9, 10, 11, 12]
    rows: Rows = [
        {"Booking": at, "Date": f"{at}/06/2026 18:00", "Service": "Cut", "Client": f"c{at}", "Status": "Booked"}
        for at in numbers
    ]
    report: Rows = [{"Reference": float(at), "Status": "fee"} for at in (9, 12, 40)]
    (pair / f"bookings.{first}").write_bytes(WRITERS[first](rows))
    (pair / f"no-shows.{second}").write_bytes(WRITERS[second](report))
    mapping = (pair / "pair.toml").read_text("utf-8").replace("no-shows*.csv", "no-shows.*")
    (pair / "pair.toml").write_text(mapping, "utf-8")
    outcome = load(store, pair, f"bookings.{first}")
    assert (outcome.refused, outcome.loaded) == (None, len(numbers))
    expected = {row["Booking"] for row in rows} & {int(row["Reference"]) for row in report}
    assert missed(con) == [f"2026-06-{at:02d}" for at in sorted(expected)]
    assert f"file.joined: no-shows.{second}: 2 of 3 rows" in outcome.warnings


def test_texts_of_digits_meet_as_texts(con: duckdb.DuckDBPyConnection, store: Store, pair: Path) -> None:
    rows = ["007;1/06/2026", "7;2/06/2026", "1.0;3/06/2026", "1.1;4/06/2026", " a\u00a01 ;5/06/2026"]
    (pair / "bookings.csv").write_text(HEAD + "".join(f"{row} 18:00;Cut;c;Booked\n" for row in rows), "utf-8")
    write(pair, "Reference,Status\n7,x\n1,x\n1.1,x\nA 1,x\n")
    assert load(store, pair).loaded == len(rows)
    assert missed(con) == ["2026-06-02", "2026-06-04", "2026-06-05"]


def test_a_record_of_a_json_report_that_cannot_be_read_is_named(store: Store, pair: Path) -> None:
    (pair / "no-shows.csv").unlink()
    (pair / "no-shows.ndjson").write_text('{"Reference": "B1"}\n[1]\n', "utf-8")
    mapping = (pair / "pair.toml").read_text("utf-8").replace("no-shows*.csv", "no-shows.*")
    (pair / "pair.toml").write_text(mapping, "utf-8")
    refused = load(store, pair, "bookings.csv").refused
    assert refused
    assert "no-shows.ndjson, line 2: " in refused.message


@pytest.mark.parametrize(
    ("join", "no_shows", "reason"),
    [
        ('file = "gone.csv"\non = {"Booking" = "Reference"}', NO_SHOWS, r"\[join\] file: no file in .* is called gone"),
        ('file = "no-shows.csv"\non = {"Number" = "Reference"}', NO_SHOWS, "bookings.csv has no column Number"),
        (
            'file = "no-shows.csv"\non = {"Booking" = "Ref"}',
            NO_SHOWS,
            "no-shows.csv has no column Ref; it has Reference",
        ),
        (
            'file = "no-shows.csv"\non = {"Booking" = "Reference"}',
            "",
            "no-shows.csv, which is joined: the file is empty",
        ),
        ('file = "no-shows.csv"\non = {"Booking" = "Reference"}', "Reference,a\nB1,1,2\n", "line 2: more or fewer"),
    ],
)
def test_a_pair_that_cannot_be_joined_is_refused(
    store: Store, pair: Path, join: str, no_shows: str, reason: str
) -> None:
    text = MAPPING.replace('file = "no-shows*.csv"\non = {"Booking" = "Reference"}', join)
    (pair / "pair.toml").write_text(text, "utf-8")
    write(pair, no_shows)
    refused = load(store, pair, "bookings.csv").refused
    assert refused
    assert re.search(reason, refused.message)


@pytest.mark.parametrize(
    "join",
    [
        'file = "../secret.csv"\non = {"a" = "b"}',
        'file = "/etc/passwd"\non = {"a" = "b"}',
        'file = "a.csv"\non = "b"',
        'file = "a.csv"\non = {}',
        'on = {"a" = "b"}',
        'file = "a.csv"\non = {"a" = "b"}\nhow = "left"',
    ],
)
def test_a_wrong_section_is_refused_before_any_file_is_read(pair: Path, join: str) -> None:
    text = MAPPING.replace('file = "no-shows*.csv"\non = {"Booking" = "Reference"}', join)
    (pair / "pair.toml").write_text(text, "utf-8")
    with pytest.raises(queries.DataRefused, match=r"\[join\]"):
        pipeline.read_mapping(pair / "pair.toml")


def test_the_second_file_alone_is_refused(store: Store, pair: Path) -> None:
    with pytest.raises(queries.UsageError, match=r"no-shows.csv: \[join\] reads it with another file"):
        load(store, pair, "no-shows.csv")


@pytest.mark.long
def test_two_mappings_with_one_namespace_do_as_well_in_any_order(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    starts = {name: f'{{column = "When", format = "{form}"}}' for name, form in WAYS.items()}
    for name, form in starts.items():
        (tmp_path / f"{name}.toml").write_text(SECTIONS[name].format(starts=form), "utf-8")
    files = {
        "marks": "Client,Treatment,When\nAnn,Cut,06/12/2026\n",
        "bookings": "Client,Treatment,When\nAnn,Cut,12.6.2026\nBo,Cut,12.6.2026\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.csv").write_text(text, "utf-8")
        (outcome,) = pipeline.ingest(store, [tmp_path / f"{name}.csv"], mapping=tmp_path / f"{name}.toml")
        assert outcome.refused is None
    assert missed(con) == ["2026-06-12"]


WAYS = {"marks": "month first", "bookings": "day first"}
LET = """
namespace = "salon"
[let]
starts = {starts}
visit = "Client || '|' || starts"
class_at = "Treatment || '|' || starts"
"""
SECTIONS = {
    "bookings": LET
    + """
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "class_at"
startDate = "starts"
timezone = "'UTC'"
""",
    "marks": LET
    + """
[attendance]
bookingId = "visit"
eventId = "class_at"
status = "'NOT_ATTENDED'"
""",
}


@pytest.mark.long
def test_a_record_of_a_joined_json_file_is_retried_with_what_was_joined(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path
) -> None:
    (pair / "bookings.csv").unlink()
    rows = [
        {"Booking": f"B{at}", "Date": day, "Service": "Cut", "Client": f"c{at}", "Status": "Booked"}
        for at, day in ((1, "1/6/2026 18:00"), (2, "soon"))
    ]
    (pair / "bookings.json").write_text(json.dumps(rows), "utf-8")
    outcome = load(store, pair, "bookings.json")
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    mapping = (pair / "pair.toml").read_text("utf-8")
    soon = "case when \"Date\" = 'soon' then '2026-06-02T18:00:00' else '2026-06-01T18:00:00' end"
    mapping = mapping.replace('{column = "Date", format = "day first"}', f"'''{soon}'''")
    (pair / "pair.toml").write_text(mapping, "utf-8")
    (retried,) = pipeline.retry_quarantined(store, every=True, mapping=pair / "pair.toml")
    assert retried.loaded == 1
    assert missed(con) == ["2026-06-01", "2026-06-02"]


@pytest.mark.long
def test_a_record_of_a_joined_json_file_that_fits_several_stays_when_it_is_retried(
    store: Store, con: duckdb.DuckDBPyConnection, pair: Path
) -> None:
    (pair / "bookings.csv").unlink()
    row = {"Booking": "B1", "Date": "1/6/2026 18:00", "Service": "Cut", "Client": 7, "Status": "Booked"}
    (pair / "bookings.json").write_text(json.dumps([row, {**row, "Booking": "B2"}]), "utf-8")
    write(pair, "Reference,Status,Fee\nB1,fee due,5\nB1,none,0\n")
    outcome = load(store, pair, "bookings.json")
    assert (outcome.loaded, outcome.quarantined) == (1, 1)
    (retried,) = pipeline.retry_quarantined(store, every=True, mapping=pair / "pair.toml")
    assert (retried.loaded, retried.quarantined, missed(con)) == (0, 1, [])
