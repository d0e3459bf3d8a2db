"""Ids of a mapping: the same at each load, apart for rows of different files, and free of spelling without meaning."""

from __future__ import annotations

import gzip
import uuid
from pathlib import Path

import duckdb
import polars as pl
import pytest

import pipeline
from pipeline.mapping.identity import guids
from pipeline.mapping.model import Plan
from pipeline.store.opening import Store
from pipeline.typing.made_ids import NAMESPACE

MAPPING = """
namespace = "stays"
[let]
{let}
[booking]
id = "{id}"
status = "'CONFIRMED'"
eventId = "hotel || ' ' || arrival"
startDate = "arrival || ' 14:00'"
timezone = "'Europe/Lisbon'"
[attendance]
bookingId = "{id}"
eventId = "hotel || ' ' || arrival"
status = "case outcome when 'Check-Out' then 'ATTENDED' else 'NOT_ATTENDED' end"
"""
MAY = "hotel,arrival,outcome\nSol,2026-05-03,Check-Out\nSol,2026-05-04,No-Show\nMar,2026-05-09,Check-Out\n"
JUNE = """hotel,arrival,outcome
Sol,2026-06-01,Check-Out
Mar,2026-06-02,Check-Out
Mar,2026-06-02,No-Show
Sol,2026-06-07,No-Show
"""
# A row's number names a row of one file, however it comes into the id.
BOUND = [
    ("_row", ""),
    ("'row ' || _row", ""),
    ("number", 'number = "_row"'),
    ("again", 'number = "_row + 100"\nagain = "number || hotel"'),
    ("(select max(n) from (values (_row)) as v(n))", ""),
]


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, "utf-8")
    return path


def statuses(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return dict(con.execute("select status, count(*) from attendance group by all").fetchall())


@pytest.mark.parametrize(("id", "let"), BOUND)
def test_row_numbers_of_two_files_are_different_ids(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, id: str, let: str
) -> None:
    mapping = write(tmp_path, "m.toml", MAPPING.format(id=id, let=let))
    files = [write(tmp_path, "05.csv", MAY), write(tmp_path, "06.csv", JUNE)]
    first = pipeline.ingest(store, files, mapping=mapping)
    assert [outcome.loaded for outcome in first] == [3, 4]
    assert statuses(con) == {"ATTENDED": 4, "NOT_ATTENDED": 3}
    assert con.execute("select count(*) from booking semi join attendance on booking.id = booking_id").fetchall() == [
        (7,)
    ]


def test_the_same_file_again_changes_nothing(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    mapping = write(tmp_path, "m.toml", MAPPING.format(id="_row", let=""))
    pipeline.ingest(store, [write(tmp_path, "05.csv", MAY)], mapping=mapping)
    packed = tmp_path / "packed"
    packed.mkdir()
    (again,) = pipeline.ingest(store, [write(packed, "05.csv.gz", MAY)], mapping=mapping)
    assert (again.loaded, again.unchanged) == (0, 3)
    longer = MAY + "Sol,2026-05-30,No-Show\n"
    (longer_again,) = pipeline.ingest(store, [write(tmp_path, "05.csv", longer)], mapping=mapping)
    assert (longer_again.loaded, longer_again.unchanged) == (1, 3)
    assert statuses(con) == {"ATTENDED": 2, "NOT_ATTENDED": 2}


def test_quarantined_rows_keep_their_ids_when_they_are_retried(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = MAPPING.format(id="_row", let="")
    mapping = write(tmp_path, "m.toml", text.replace("arrival || ' 14:00'", "arrival::date || ' 14:00'"))
    bad = MAY.replace("2026-05-04", "4 May 2026")
    (first,) = pipeline.ingest(store, [write(tmp_path, "05.csv", bad)], mapping=mapping)
    assert (first.loaded, first.quarantined) == (2, 1)
    day = "case when arrival like '% May %' then '2026-05-04' else arrival end"
    write(tmp_path, "m.toml", text.replace("arrival || ' 14:00'", f"({day}) || ' 14:00'"))
    pipeline.retry_quarantined(store, every=True, mapping=mapping)
    (whole,) = pipeline.ingest(store, [write(tmp_path, "05.csv", MAY)], mapping=mapping)
    assert con.execute("select count(*) from booking").fetchall() == [(3,)]
    assert whole.read == 3


def test_an_id_with_the_name_of_the_file_is_as_the_mapping_says(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    mapping = write(tmp_path, "m.toml", MAPPING.format(id="_file || '/' || _row", let=""))
    pipeline.ingest(store, [write(tmp_path, "05.csv", MAY), write(tmp_path, "06.csv.gz", JUNE)], mapping=mapping)
    expected = {
        uuid.uuid5(NAMESPACE, f"stays/booking/{name}/{row}")
        for name, rows in (("05.csv", 3), ("06.csv", 4))
        for row in range(1, rows + 1)
    }
    assert {uuid.UUID(str(id)) for (id,) in con.execute("select id from booking").fetchall()} == expected


@pytest.mark.parametrize(
    "written",
    [
        "Yoga|7:15 am",
        "Yoga|7:15 AM",
        "YOGA|7:15 am",
        " Yoga|7:15 am ",
        "Yoga|7:15\u00a0am",
        "Yoga|7:15  am",
        "yoga|7:15\u202fAM",
    ],
)
def test_session_ids_do_not_depend_on_case_or_blanks(written: str) -> None:
    made = guids(pl.Series([written]), "session", "studio", None)
    assert made.to_list() == [str(uuid.uuid5(NAMESPACE, "studio/session/yoga|7:15 am"))]


def test_a_long_session_id_of_words_is_folded_too() -> None:
    long = "Vinyasa Flow|Rathmines|1/6/2026 7:15 am|Studio 1"
    assert len(set(guids(pl.Series([long, long.upper()]), "session", "studio", None))) == 1


def test_the_apis_own_ids_stay_as_they_are() -> None:
    given = ["0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0", "0F1E2D3C-4B5A-6978-8796-A5B4C3D2E1F0", "3vNhA_" + "x9Z-" * 10]
    assert guids(pl.Series(given), "session", "studio", None).to_list() == given
    assert guids(pl.Series(given[:2]), "booking", "studio", None).to_list() == given[:2]


@pytest.mark.parametrize("thing", ["booking", "attendance", "service"])
def test_other_ids_depend_on_case_but_not_on_blanks(thing: str) -> None:
    made = guids(pl.Series(["a7Xk", "A7xK", " a7Xk", "a7Xk\u00a0", "a 7Xk"]), thing, "studio", None).to_list()
    assert made[0] == made[2] == made[3] == str(uuid.uuid5(NAMESPACE, f"studio/{thing}/a7Xk"))
    assert len(set(made)) == 3


@pytest.mark.parametrize("thing", ["booking", "session"])
def test_a_blank_id_is_missing(thing: str) -> None:
    assert guids(pl.Series([" ", "\u00a0", None]), thing, "studio", None).to_list() == ["", "", None]


def test_contacts_made_of_row_numbers_are_those_of_one_file(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    toml = MAPPING.format(id="_row", let="").replace(
        "[attendance]", 'contactId = "_row"\nstaff_id = "hotel"\n[attendance]'
    )
    files = [write(tmp_path, "05.csv", MAY), write(tmp_path, "06.csv", JUNE)]
    pipeline.ingest(store, files, mapping=write(tmp_path, "m.toml", toml))
    assert con.execute("select count(distinct contact_id), count(distinct staff_id) from booking").fetchall() == [
        (7, 2)
    ]


def test_two_files_of_one_name_in_one_run(store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    """Whether the second is the first one grown or another month cannot be known, so it is refused and not merged."""
    mapping = write(tmp_path, "m.toml", MAPPING.format(id="_row", let=""))
    for month, text in (("05", MAY), ("06", JUNE)):
        (tmp_path / month).mkdir()
        write(tmp_path / month, "stays.csv", text)
    first, second = pipeline.ingest(store, [tmp_path / "05", tmp_path / "06"], mapping=mapping)
    assert (first.loaded, second.loaded) == (3, 0)
    assert second.refused is not None
    assert second.refused.code == "mapping.same_name"
    assert str(tmp_path / "05" / "stays.csv") in second.refused.message
    write(tmp_path, "m.toml", MAPPING.format(id="hotel || arrival || outcome", let=""))
    by_columns = pipeline.ingest(store, [tmp_path / "05", tmp_path / "06"], mapping=mapping)
    assert [outcome.refused for outcome in by_columns] == [None, None]


def test_blanks_in_ids_of_staff_and_places_do_not_count(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    toml = MAPPING.format(id="_row", let="").replace(
        "[attendance]", 'staff_id = "hotel"\nlocation_id = "hotel"\n[attendance]'
    )
    text = "hotel,arrival,outcome\nSol y Mar,2026-05-03,x\nSol\u00a0y Mar,2026-05-03,x\n Sol y  Mar ,2026-05-03,x\n"
    pipeline.ingest(store, [write(tmp_path, "05.csv", text)], mapping=write(tmp_path, "m.toml", toml))
    assert con.execute("select distinct staff_id, location_id from booking").fetchall() == [("Sol y Mar", "Sol y Mar")]


def test_rows_loaded_before_ids_were_bound_to_files_keep_their_ids(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    mapping = write(tmp_path, "m.toml", MAPPING.format(id="_row", let=""))
    with monkeypatch.context() as first_edition:
        first_edition.setattr(Plan, "binds", lambda *_: False)
        pipeline.ingest(store, [write(tmp_path, "05.csv", MAY)], mapping=mapping)
    before = con.execute("select id from booking order by id").fetchall()
    write(tmp_path, "m.toml", MAPPING.format(id="_row", let="") + "# read again\n")
    longer = MAY + "Sol,2026-05-30,No-Show\n"
    (again,) = pipeline.ingest(store, [write(tmp_path, "05.csv", longer)], mapping=mapping)
    assert (again.loaded, again.unchanged) == (1, 3)
    assert {*before} < {*con.execute("select id from booking").fetchall()}
    (june,) = pipeline.ingest(store, [write(tmp_path, "06.csv", JUNE)], mapping=mapping)
    assert june.loaded == 4
    assert con.execute("select count(*) from booking").fetchall() == [(8,)]
    (packed,) = pipeline.ingest(store, [write(tmp_path, "06.csv.gz", JUNE)], mapping=mapping)
    assert packed.unchanged == 4
