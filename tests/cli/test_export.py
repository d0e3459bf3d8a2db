"""`noshow export`: the views for other tools, whole or not at all, and without any name if asked so."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from support.fixtures import Run
from support.records import Make

import pipeline
import queries
from pipeline.export import export as exporting
from pipeline.export import views as exported
from pipeline.export.names_free import LEFT_OUT, contacts_of, free_of_names
from queries.errors import DataRefused, UsageError

AS_OF = "2026-06-01T00:00:00Z"
# Contacts, and places where their names and addresses are written again.
PEOPLE = {"c-7741": ("Zoë", "Quist"), "c-7742": ("Bram", "O'Hara"), "c-7743": ("Łukasz", "Żak")}
EMAIL, PHONE = "zoe.quist@example.com", "+353 1 555 0100"
SERVICES = ["Lesson with ZOË QUIST", "Yoga", f"Call {PHONE}", "=1+1"]
TEXTS = [*PEOPLE, *(part for name in PEOPLE.values() for part in name), EMAIL, PHONE, "555 0100"]
# Enough to see how files are written; the bytes of all views are searched below.
FEW = frozenset({"booked_session", "no_show_by_week", "repeat_no_shows"})
DAMAGED: list[tuple[str, Callable[[Path], Any]]] = [
    ("csv", lambda out: (out.mkdir(), (out / "letters.txt").write_text("kept"))),
    ("parquet", lambda out: out.write_text("kept")),
    ("sqlite", lambda out: out.write_text("kept")),
    ("duckdb", lambda out: out.write_text("kept")),
]


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Bookings of three people, whose details also stand in services, staff and attributes."""
    folder = tmp_path_factory.mktemp("people")
    records: list[dict[str, Any]] = []
    for n in range(12):
        contact, (first, last) = list(PEOPLE.items())[n % 3]
        details = {"contactId": contact, "firstName": first, "lastName": last, "email": EMAIL, "phone": PHONE}
        start = f"2026-03-{n + 1:02d}T18:00:00Z"
        booking = Make.booking(n, contactDetails=details, start=start)
        slot = booking["bookedEntity"]["slot"]
        booking["bookedEntity"]["title"] = SERVICES[n % 4]
        slot["serviceId"] = Make.guid(n % 4, 3)
        slot["resource"] = {"id": "staff-1", "name": "Bram O'Hara"}
        booking["attributes"] = {"note": f"ask {EMAIL}", "phone": PHONE, "reminder": n % 2 == 0}
        records += [booking, Make.attendance(n, "NOT_ATTENDED")]
    (folder / "records.ndjson").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    with pipeline.open_store(folder / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        (outcome,) = pipeline.ingest(store, [folder / "records.ndjson"])
        assert outcome.loaded == 24
        note = json.dumps({"note": f"ask {EMAIL}", "phone": PHONE, "reminder": True}, ensure_ascii=False)
        with store.transaction(), pipeline.store.content_state.tracked(store.connection, "booking"):
            store.connection.execute("update booking set attributes = $note", {"note": note})
    return folder / "a.duckdb"


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "view_names", lambda: FEW)


@pytest.fixture
def one_view(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "view_names", lambda: frozenset({"booked_session"}))


def everything_in(folder: Path) -> bytes:
    """The bytes of all files, and the values of those that are compressed."""
    found: list[bytes] = []
    for file in sorted(path for path in folder.rglob("*") if path.is_file()):
        found.append(file.read_bytes())
        if file.suffix == ".parquet":
            found.append(pl.read_parquet(file).write_json().encode())
        if file.suffix == ".duckdb":
            with duckdb.connect(file, read_only=True) as con:
                tables = con.execute("select table_name from duckdb_tables()").fetchall()
                found += [con.sql(f"from {name}").pl().write_json().encode() for (name,) in tables]
    return b"\n".join(found)


def spellings(text: str) -> set[bytes]:
    return {form.encode(code).lower() for form in (text, json.dumps(text)[1:-1]) for code in ("utf-8", "utf-16-le")}


def texts_in(folder: Path) -> set[str]:
    found = everything_in(folder).decode("utf-8", "replace").lower().encode()
    return {text for text in TEXTS if any(form in found for form in spellings(text.lower()))}


def test_no_byte_without_names_holds_a_name_an_id_an_address_or_a_number(
    database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named, free = tmp_path / "named", tmp_path / "free"
    with monkeypatch.context() as patch:
        patch.setattr(exported, "view_names", lambda: FEW)
        pipeline.export_views(database, named / "few.sqlite", format="sqlite", as_of=AS_OF)
    assert texts_in(named) == {*TEXTS}, "the search finds texts that are there"
    done = pipeline.export_views(database, free / "all.sqlite", format="sqlite", as_of=AS_OF, names_free=True)
    assert len(done.rows) > 25
    assert "no_show_by_participant" not in done.rows
    assert texts_in(free) == set()
    with closing(sqlite3.connect(free / "all.sqlite")) as con:
        services = {name for (name,) in con.execute("select service from no_show_by_service")}
        assert services == {LEFT_OUT, "Yoga", "=1+1"}
        (attributes,) = con.execute("select distinct attributes from booking_session").fetchone()
        assert json.loads(attributes) == {"reminder": True}
        assert con.execute("select sum(no_shows) from no_show_by_week").fetchall() == [(12,)]


@pytest.mark.long
@pytest.mark.parametrize("format", ["parquet", "csv", "duckdb"])
def test_no_view_of_the_other_formats_has_names(database: Path, tmp_path: Path, format: str) -> None:
    done = pipeline.export_views(database, tmp_path / f"out.{format}", format=format, as_of=AS_OF, names_free=True)
    assert len(done.rows) > 25
    assert texts_in(tmp_path) == set()


def test_a_copy_for_duckdb_has_the_comments_and_no_names(database: Path, few: None, tmp_path: Path) -> None:
    copy = tmp_path / "copy.duckdb"
    pipeline.export_views(database, copy, format="duckdb", as_of=AS_OF)
    assert texts_in(tmp_path) != set()
    pipeline.export_views(database, copy, format="duckdb", as_of=AS_OF, names_free=True)
    assert texts_in(tmp_path) == set()
    with duckdb.connect(copy, read_only=True) as con:
        said = con.execute(
            "select comment from duckdb_columns() where not internal and table_name <> 'column_meanings'"
        )
        assert all(comment for (comment,) in said.fetchall())
        assert con.execute("select sum(no_shows) from no_show_by_week").fetchall() == [(12,)]
    with pytest.raises(DataRefused, match="other than an export"):
        pipeline.export_views(database, database, format="duckdb")


@pytest.mark.parametrize("format", ["parquet", "csv"])
def test_the_other_formats_are_without_names_too(database: Path, few: None, tmp_path: Path, format: str) -> None:
    pipeline.export_views(database, tmp_path / "out", format=format, as_of=AS_OF)
    assert texts_in(tmp_path) - {EMAIL, PHONE, "555 0100"} == {*TEXTS} - {EMAIL, PHONE, "555 0100"}
    # Into the same folder: no file of the export with names is left.
    pipeline.export_views(database, tmp_path / "out", format=format, as_of=AS_OF, names_free=True)
    assert texts_in(tmp_path) == set()
    assert {path.stem for path in (tmp_path / "out").glob(f"*.{format}")} == {
        "booked_session", "no_show_by_week", "column_meanings"
    }  # fmt: skip
    assert json.loads((tmp_path / "out" / "_noshow_export.json").read_bytes())["names_free"] is True


def test_a_name_counts_as_a_word_and_an_attribute_by_itself() -> None:
    contacts = contacts_of(["Ana", "Ana Berg", "c-1", "5f0c2a4e-0000-4000-8000-000000000001"])
    free = ["Banana class", "c-10", "Mon 2026-03-02 18:00", "5f0c2a4e-0000-4000-8000-000000000002", "Room 12"]
    named = ["with ana", "ANA  BERG", "C-1", "5f0c2a4e-0000-4000-8000-000000000001", "a@b.ie", "call (01) 555-0100"]
    assert [text for text in free + named if free_of_names(text, "service", contacts) != text] == named
    assert free_of_names("202603021800", "session_id", contacts) == "202603021800"
    assert free_of_names('{"a":"Ana","b":1}', "attributes", contacts) == '{"b":1}'
    assert free_of_names('{"a":"Ana"}', "attributes", contacts) is None


@pytest.mark.parametrize("format", ["parquet", "csv", "sqlite", "duckdb", "datasette", "dbt"])
def test_the_same_export_has_the_same_bytes_for_its_owner_only(
    database: Path, one_view: None, tmp_path: Path, format: str
) -> None:
    for name in ("one", "other"):
        pipeline.export_views(database, tmp_path / name, format=format, as_of=AS_OF)
    one, other = (
        sorted(p for p in [tmp_path / name, *(tmp_path / name).rglob("*")] if p.is_file()) for name in ("one", "other")
    )
    assert [path.read_bytes() for path in one if path.suffix != ".lock"] == [
        path.read_bytes() for path in other if path.suffix != ".lock"
    ]
    assert {path.stat().st_mode & 0o777 for path in one} == {0o600}
    assert {path.name for path in tmp_path.iterdir()} == {"one", "other"}


def test_the_rows_and_values_are_those_of_the_views(database: Path, few: None, tmp_path: Path) -> None:
    for format, place in (("parquet", "parquet"), ("csv", "csv"), ("sqlite", "a.sqlite")):
        pipeline.export_views(database, tmp_path / place, format=format, as_of=AS_OF)
    with closing(queries.connect(database)) as con:
        con.execute("set variable as_of = timestamp '2026-06-01'")
        ours = con.sql("from no_show_by_week").pl()
    assert pl.read_parquet(tmp_path / "parquet" / "no_show_by_week.parquet").equals(ours)
    with closing(sqlite3.connect(tmp_path / "a.sqlite")) as con:
        rows = con.execute("select week, no_shows, no_show_rate, no_show_rate_low from no_show_by_week").fetchall()
        meanings = con.execute("select count(*) from column_meanings where meaning = ''").fetchall()
    columns = ours.select(pl.col("week").cast(pl.String), "no_shows", "no_show_rate", "no_show_rate_low")
    assert rows == columns.rows()
    assert meanings == [(0,)]
    services = pl.read_csv(tmp_path / "csv" / "booked_session.csv")["service"]
    assert "'=1+1" in services.to_list(), "a spreadsheet must not run it"


@pytest.mark.parametrize(("format", "spoil"), DAMAGED, ids=[format for format, _ in DAMAGED])
def test_nothing_but_an_export_is_replaced(
    database: Path, one_view: None, tmp_path: Path, format: str, spoil: Callable[[Path], Any]
) -> None:
    spoil(tmp_path / "out")
    with pytest.raises(DataRefused, match="something other than an export"):
        pipeline.export_views(database, tmp_path / "out", format=format)
    assert [path.read_text() for path in tmp_path.rglob("*") if path.is_file()] == ["kept"]


def test_a_failure_in_the_middle_leaves_the_earlier_export(
    database: Path, one_view: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pipeline.export_views(database, tmp_path / "out", as_of=AS_OF)
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    monkeypatch.setattr(exporting, "_meanings", lambda views: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        pipeline.export_views(database, tmp_path / "out", names_free=True)
    after = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert {name: data for name, data in after.items() if "lock" not in name} == {
        name: data for name, data in before.items() if "lock" not in name
    }


def test_an_unknown_format_and_a_folder_for_a_file_are_refused(database: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no export has the format 'xml'"):
        pipeline.export_views(database, tmp_path / "out", format="xml")
    with pytest.raises(UsageError, match="this format is one file"):
        pipeline.export_views(database, tmp_path, format="sqlite")


def test_views_of_another_noshow_are_named(database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exported, "view_names", lambda: frozenset({"of_tomorrow"}))
    with pytest.raises(DataRefused, match="lacks the view of_tomorrow"):
        pipeline.export_views(database, tmp_path / "out")


def test_the_command_says_what_it_wrote(run: Run, database: Path, tmp_path: Path) -> None:
    done = run("export", "about.yml", "--format", "dbt", "--db", database)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "the views described in about.yml\n")
    missing = run("export", "out", "--db", tmp_path / "none.duckdb")
    assert missing.returncode == 66
    assert missing.stderr.count("\n") == 1
