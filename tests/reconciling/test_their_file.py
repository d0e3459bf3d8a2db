"""Lists and sums of other systems are recognised by their columns, whatever their format, language and dates."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import polars as pl
import pytest
from support.workbooks import workbook

from pipeline.mapping.identity import guids
from pipeline.reconciling.their_columns import ListColumns, SumColumns, columns_of
from pipeline.reconciling.their_file import Theirs, read_theirs
from pipeline.reconciling.their_states import Words
from queries.errors import DataRefused, InputNotFound

ONE, TWO = "460758b7-b9da-592c-82f3-7987eb8e6564", "46cfc301-7152-575b-8810-7bb32fa60802"
DAY = dt.date(2026, 3, 25)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Booking ID", "Date", "Status"], ListColumns("Booking ID", "Date", "Status")),
        (["booking_id", "local_date", "state"], ListColumns("booking_id", "local_date", "state")),
        (
            ["Visit ID", "Client", "Class date", "No-show"],
            ListColumns("Visit ID", "Class date", None, "No-show", "no_show"),
        ),
        (["Buchungsnummer", "Datum", "Anwesenheit"], ListColumns("Buchungsnummer", "Datum", "Anwesenheit")),
        (["Numéro de réservation", "Statut"], ListColumns("Numéro de réservation", None, "Statut")),
        (["reference"], ListColumns("reference", None, None)),
        (["Week of", "Bookings", "No-shows"], SumColumns("Week of", True, "No-shows", "Bookings")),
        (["Month", "No shows"], SumColumns("Month", True, "No shows", None)),
        (["Service", "No shows", "Total"], SumColumns("Service", False, "No shows", "Total")),
        (["Datum", "Nicht erschienen", "Buchungen"], SumColumns("Datum", True, "Nicht erschienen", "Buchungen")),
        (["Semaine", "Absences", "Réservations"], SumColumns("Semaine", True, "Absences", "Réservations")),
        (["Client", "Price"], None),
        ([], None),
    ],
    ids=lambda value: "-".join(value)[:24] if isinstance(value, list) else "",
)
def test_columns_are_recognised_by_their_names(names: list[str], expected: object) -> None:
    assert columns_of(names) == expected


def read(path: Path, text: str, **options: object) -> Theirs:
    path.write_text(text, encoding="utf-8")
    return read_theirs(path, lambda: [ONE, TWO], **options)  # type: ignore[arg-type]


def rows(theirs: Theirs) -> list[tuple[object, ...]]:
    assert theirs.bookings is not None
    return theirs.bookings.rows()


def test_a_list_has_ids_days_and_what_became_of_each(tmp_path: Path) -> None:
    text = f"Booking ID;Date;Status\n{ONE.upper()};25/03/2026 18:00;No Show\n{TWO};26/03/2026;Attended\n"
    assert rows(read(tmp_path / "a.csv", text)) == [(ONE, DAY, 2), (TWO, DAY + dt.timedelta(days=1), 1)]


def test_any_format_that_can_be_loaded_is_read(tmp_path: Path) -> None:
    records = [{"id": ONE, "date": "2026-03-25", "status": "no-show"}]
    (tmp_path / "a.json").write_text(json.dumps(records))
    pl.DataFrame(records).write_parquet(tmp_path / "a.parquet")
    (tmp_path / "a.xlsx").write_bytes(workbook({"Visits": [["id", "date", "status"], [ONE, "2026-03-25", "no-show"]]}))
    for name in ("a.json", "a.parquet", "a.xlsx"):
        assert rows(read_theirs(tmp_path / name, list)) == [(ONE, DAY, 2)], name


def test_statuses_that_are_neither_are_not_counted(tmp_path: Path) -> None:
    words = ("Late Cancel", "Cancelled", "Excused", "", "Checked in")
    text = "id,status\n" + "".join(f"{ONE},{word}\n" for word in words)
    assert [state for *_, state in rows(read(tmp_path / "a.csv", text))] == [0, 0, 0, 0, 1]


def test_a_word_that_is_not_known_has_to_be_explained(tmp_path: Path) -> None:
    text = f"id,status\n{ONE},Absent\n{TWO},Here\n"
    with pytest.raises(DataRefused, match="unknown status 'Absent', 'Here'"):
        read(tmp_path / "a.csv", text)
    theirs = read(tmp_path / "a.csv", text, words=Words(["absent"], ["HERE"]))
    assert [state for *_, state in rows(theirs)] == [2, 1]


@pytest.mark.parametrize(
    ("column", "values", "expected"),
    [
        ("No-show", ("yes", "no"), [2, 1]),
        ("No-show", ("x", ""), [2, 1]),
        ("No-show", ("", ""), [1, 1]),
        ("Attended", ("✓", "-"), [1, 2]),
        ("Attended", ("2026-03-25 18:02", ""), [1, 2]),
        ("Attended", ("yes", "no", ""), [1, 2, 0]),
        ("Attended", ("yes", "cancelled"), [1, 0]),
    ],
)
def test_a_flag_says_yes_or_no_or_nothing(
    tmp_path: Path, column: str, values: tuple[str, ...], expected: list[int]
) -> None:
    text = f"id,{column}\n" + "".join(f"{ONE},{value}\n" for value in values)
    assert [state for *_, state in rows(read(tmp_path / "a.csv", text))] == expected


def test_a_flag_of_another_word_has_to_be_explained(tmp_path: Path) -> None:
    text = f"id,Attended\n{ONE},here\n{TWO},absent\n"
    with pytest.raises(DataRefused, match="unknown value 'absent', 'here'"):
        read(tmp_path / "a.csv", text)
    assert [state for *_, state in rows(read(tmp_path / "a.csv", text, words=Words(["absent"], ["here"])))] == [1, 2]


def test_ids_are_the_same_in_any_form_of_a_guid_and_a_line_of_totals_has_none(tmp_path: Path) -> None:
    text = f"id,status\n{{{ONE.upper()}}},no-show\n{TWO.replace('-', '')},no-show\nTotal,2\n,\n"
    assert [booking for booking, *_ in rows(read(tmp_path / "a.csv", text))] == [ONE, TWO]


def test_a_list_without_a_status_is_one_of_no_shows(tmp_path: Path) -> None:
    theirs = read(tmp_path / "a.csv", f"id\n{ONE}\n")
    assert rows(theirs) == [(ONE, None, 2)]
    (remark,) = theirs.remarks
    assert remark.endswith("a.csv has no column of a status: each row is taken as a no-show")


def test_ids_that_are_not_guids_become_those_that_a_load_made_of_them(tmp_path: Path) -> None:
    (loaded,) = guids(pl.Series(["1017"]), "booking", "mindbody", None)
    (tmp_path / "a.csv").write_text("id,status\n1017,attended\n")
    assert rows(read_theirs(tmp_path / "a.csv", lambda: [loaded])) == [(loaded, None, 1)]
    (own,) = guids(pl.Series(["1017"]), "booking", "studio", None)
    mapping = tmp_path / "studio.toml"
    mapping.write_text('[booking]\nid = "id"\nstatus = "\'CONFIRMED\'"\nevent_id = "id"\n')
    assert rows(read_theirs(tmp_path / "a.csv", list, mapping=mapping)) == [(own, None, 1)]


def test_sums_are_of_days_weeks_months_or_services(tmp_path: Path) -> None:
    def sums(text: str) -> list[tuple[object, ...]]:
        theirs = read(tmp_path / "a.csv", text)
        assert theirs.sums is not None
        return theirs.sums.rows()

    assert sums('Month,No-shows,Bookings\n2026-03,3,"1,200"\nTotal,3,1200\n') == [(dt.date(2026, 3, 1), 3, 1_200)]
    assert sums("Week,No-shows\n2026-W10,3\n") == [(dt.date(2026, 3, 2), 3, None)]
    assert sums("Day,No-shows,Bookings\n25/03/2026,1,4\n25/03/2026,2,5\n") == [(DAY, 3, 9)]
    assert sums("Service,No-shows,Bookings\nYoga,1,4\n") == [("Yoga", 1, 4)]
    # A sum that is not given is not 0.
    assert sums("Week,No-shows,Bookings\n2026-W10,3,\n") == [(dt.date(2026, 3, 2), 3, None)]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.csv", "Client,Price\nAna,3\n", "neither a list of bookings nor sums, by its columns Client, Price"),
        ("a.csv", "", "the file is empty"),
        ("a.csv", "Day,No-shows\nsoon,3\n", "a group in the column Day is not a date"),
        ("a.csv", "Day,No-shows\n2026-03-25,few\n", "'few' in the column No-shows is not a count"),
        ("a.csv", "Day,No-shows\n2026-03-25,-1\n", "'-1' in the column No-shows is not a count"),
        ("a.csv", f"Day,No-shows\n2026-03-25,{10**25}\n", "in the column No-shows is not a count"),
        ("a.csv", f"id,date\n{ONE},soon\n", "'soon' in the column date is not a date"),
        ("a.csv", f"id,date\n{ONE},03/04/2026\n", "may be"),
        ("a.json", '{"id": ', "a.json"),
        ("a.pdf", "%PDF-1.4", "a.pdf"),
    ],
)
def test_a_file_that_cannot_be_compared_is_refused_in_a_line(tmp_path: Path, name: str, text: str, words: str) -> None:
    with pytest.raises((DataRefused, InputNotFound)) as caught:
        read(tmp_path / name, text)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(InputNotFound):
        read_theirs(tmp_path / "none.csv", list)


def test_a_folder_of_several_files_is_refused(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        (tmp_path / name).write_text(f"id\n{ONE}\n")
    with pytest.raises(DataRefused, match="it holds 2 files"):
        read_theirs(tmp_path, list)
