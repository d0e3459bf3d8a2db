"""The partitions that an export writes, keeps and removes, whatever stops it; nobody who booked is named in them."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.records import Make
from support.samples import few

import pipeline
import pipeline.lake.export
import queries
from pipeline.lake.export import Exported
from pipeline.store.opening import Store
from queries.database import Site
from queries.errors import DataRefused, InputNotFound, StoreBusy
from queries.lake.manifest import FILE, MANIFEST, VERSION, Lake, read_manifest
from queries.lake.rates import lake_rates
from queries.sealed import unsealed
from queries.secret import secret_file

AS_OF = "2026-06-01T00:00:00Z"
MARCH, APRIL, NO_DATE = (
    f"local_year={year}/local_month={month}"
    for year, month in ((2026, 3), (2026, 4), ("__HIVE_DEFAULT_PARTITION__", "__HIVE_DEFAULT_PARTITION__"))
)
Export = Callable[[], Exported]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    return tmp_path / "lake"


@pytest.fixture
def filled(db: Path, load: Callable[..., Any], make: type[Make]) -> None:
    """Bookings of March and April, one of a course whose sessions are not known."""
    load(
        make.booking(1, 2),
        make.booking(2, start="2026-04-02T18:00:00+00:00"),
        make.booking(3, start="2026-04-30T23:30:00+00:00", slot={"timezone": "Asia/Tokyo"}),
        make.booking(4, bookedEntity={"schedule": {"scheduleId": "course-1"}, "title": "Course", "tags": ["COURSE"]}),
        make.attendance(1),
    )


@pytest.fixture
def export(filled: None, store: Store, db: Path, lake: Path) -> Export:
    """Publish the content of the store and export it."""

    def run() -> Exported:
        from pipeline.store.publication import publish_rewritten

        publish_rewritten(store.connection, store.files)
        return pipeline.export_lake(db, lake)

    return run


def rates_agree(db: Path, lake: Path) -> bool:
    by = ("month",)
    with queries.connect(db) as con, queries.open_lake(lake) as opened:
        return lake_rates(opened, by, None, AS_OF).equals(queries.no_show_rates(con, by, None, AS_OF))


def inodes(lake: Path) -> dict[str, int]:
    return {str(path.relative_to(lake)): path.stat().st_ino for path in lake.rglob(FILE)}


def test_a_partition_is_a_local_month_and_one_more_holds_what_has_no_date(export: Export, db: Path, lake: Path) -> None:
    done = export()
    assert done.written == (MARCH, APRIL, "local_year=2026/local_month=5", NO_DATE)
    assert sorted(inodes(lake)) == sorted(f"{name}/{FILE}" for name in done.written)
    assert done.rows == done.rows_written == 4
    assert rates_agree(db, lake)


def test_the_lake_is_plain_hive_partitioned_parquet(export: Export, lake: Path) -> None:
    export()
    read = duckdb.read_parquet(f"{lake}/*/*/*.parquet", hive_partitioning=True)
    kept = read.select("local_year, local_month, local_date::varchar, local_weekday, local_hour, booked, outcome")
    assert sorted(kept.fetchall(), key=repr) == [
        (2026, 3, "2026-03-02", 1, 18, 2, "attended"),
        (2026, 4, "2026-04-02", 4, 19, 1, "unmarked"),
        (2026, 5, "2026-05-01", 5, 8, 1, "unmarked"),
        (None, None, None, None, None, 1, None),
    ]


def test_nothing_is_rewritten_where_nothing_changed(export: Export, lake: Path) -> None:
    first = export()
    before = inodes(lake)
    again = export()
    assert (again.written, again.kept, again.removed) == ((), first.written, ())
    assert inodes(lake) == before


def test_one_changed_booking_rewrites_its_month_alone(
    export: Export, load: Callable[..., Any], make: type[Make], db: Path, lake: Path
) -> None:
    export()
    load(make.attendance(2, "NOT_ATTENDED"))
    assert export().written == (APRIL,)
    assert rates_agree(db, lake)


def test_a_month_that_a_booking_leaves_empty_is_removed(
    export: Export, load: Callable[..., Any], make: type[Make], db: Path, lake: Path
) -> None:
    export()
    moved = make.booking(1, 2, start="2026-04-09T18:00:00+00:00", revision="9", updatedDate="2026-05-01T00:00:00Z")
    load(moved)
    done = export()
    assert (done.written, done.removed) == ((APRIL,), (MARCH,))
    assert not (lake / MARCH).exists()
    assert rates_agree(db, lake)


KILLED = [("_stage", 1), ("sync", 1), ("sync", 2), ("_put", 2), ("_remove", 1), ("_write_manifest", 1)]


@pytest.mark.parametrize(("step", "call"), few(KILLED, 1))
def test_an_export_that_is_killed_is_finished_by_the_next(
    step: str,
    call: int,
    export: Export,
    load: Callable[..., Any],
    make: type[Make],
    db: Path,
    lake: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    export()
    load(
        make.booking(1, 2, start="2026-04-09T18:00:00+00:00", revision="9", updatedDate="2026-05-01T00:00:00Z"),
        make.booking(5, start="2026-06-02T18:00:00+00:00"),
    )
    calls = iter(range(1, 100))
    real = getattr(pipeline.lake.export, step)

    def killed(*args: Any) -> Any:
        if next(calls) == call:
            raise KeyboardInterrupt
        return real(*args)

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.lake.export, step, killed)
        with pytest.raises(KeyboardInterrupt):
            export()
    export()
    kept = [MANIFEST, "_noshow.lock", "local_year=2026", "local_year=__HIVE_DEFAULT_PARTITION__"]
    assert sorted(path.name for path in lake.iterdir()) == kept
    assert not (lake / MARCH).exists()
    assert rates_agree(db, lake)
    assert export().written == ()


def test_a_first_export_that_is_killed_leaves_what_the_next_takes_for_a_lake(
    export: Export, db: Path, lake: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(pipeline.lake.export, "_put", killed)
        with pytest.raises(KeyboardInterrupt):
            export()
    with pytest.raises(InputNotFound, match="has no rows"), queries.open_lake(lake):
        pass
    export()
    assert rates_agree(db, lake)


@pytest.fixture
def texts(lake: Path) -> Callable[[], Iterator[str]]:
    """Every text of every row, and of the manifest."""

    def read() -> Iterator[str]:
        yield (lake / MANIFEST).read_text(encoding="utf-8")
        for row in duckdb.read_parquet(f"{lake}/*/*/*.parquet").fetchall():
            yield from (value for value in row if isinstance(value, str))

    return read


def test_nobody_who_booked_is_in_the_lake_before_or_after_an_erase(
    export: Export, texts: Callable[[], Iterator[str]], make: type[Make], lake: Path
) -> None:
    export()
    exported = "\n".join(texts())
    assert make.guid(1, 1) in exported
    for person in (make.guid(1, 4), "Doe", "Pat "):
        assert person not in exported
    columns = duckdb.read_parquet(f"{lake}/*/*/*.parquet").columns
    assert not [column for column in columns if "participant" in column or "contact" in column]


def test_after_an_erase_only_visits_are_rewritten(export: Export, db: Path, lake: Path, make: type[Make]) -> None:
    """A lake does not say who booked; that a booking was someone's first visit is no longer known."""
    export()
    copy = db.with_name("copy") / db.name
    copy.parent.mkdir()
    for file in (db, secret_file(db)):
        shutil.copy(file, copy.parent)
    assert pipeline.erase(copy, make.guid(1, 4)).bookings == 1
    assert pipeline.export_lake(copy, lake).written == (MARCH,)
    assert pipeline.export_lake(copy, lake).written == ()


@pytest.mark.parametrize("damage", few(["cut", "manifest", "missing", "newer"], 2))
def test_a_damaged_lake_is_refused_and_mended_by_the_next_export(
    damage: str, export: Export, db: Path, lake: Path
) -> None:
    export()
    file, manifest = lake / MARCH / FILE, lake / MANIFEST
    if damage == "missing":
        file.unlink()
    elif damage == "cut":
        os.truncate(file, 100)
    elif damage == "manifest":
        manifest.write_text("{}")
    else:
        manifest.write_text(manifest.read_text().replace(f'"version": {VERSION},', '"version": 99,'))
    with pytest.raises(DataRefused), queries.open_lake(lake):
        pass
    if damage in ("missing", "cut"):
        assert export().written == (MARCH,)
        assert rates_agree(db, lake)
    else:
        with pytest.raises(DataRefused):
            export()


@pytest.mark.parametrize("engine", ["duckdb", "polars"])
def test_a_file_that_no_engine_can_read_is_told_in_one_line(engine: str, export: Export, lake: Path) -> None:
    export()
    file = lake / APRIL / FILE
    file.write_bytes(b"\0" * file.stat().st_size)
    with pytest.raises(DataRefused, match="cannot read the lake") as caught, queries.open_lake(lake, engine) as opened:
        lake_rates(opened, ("month",), None, AS_OF)
    assert "\n" not in str(caught.value)


def test_a_manifest_that_was_half_written_is_removed(export: Export, db: Path, tmp_path: Path) -> None:
    export()
    folder = tmp_path / "killed"
    folder.mkdir()
    draft = folder / f".{MANIFEST}.4711.new"
    draft.write_text("{")
    pipeline.export_lake(db, folder)
    assert not draft.exists()


def test_a_folder_of_something_else_and_another_databases_lake_are_left_alone(
    export: Export, db: Path, lake: Path, sample: Path, tmp_path: Path
) -> None:
    export()
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    (theirs / "letter.txt").write_text("dear")
    with pytest.raises(DataRefused, match="something other than a lake"):
        pipeline.export_lake(db, theirs)
    assert [path.name for path in theirs.iterdir()] == ["letter.txt"]
    before = inodes(sample / "lake")
    with pytest.raises(DataRefused, match="another database"):
        pipeline.export_lake(db, sample / "lake")
    assert inodes(sample / "lake") == before


def test_two_exports_at_once_are_told(export: Export, db: Path, lake: Path) -> None:
    from pipeline.store.lock import only_writer

    export()
    with only_writer(lake / "_noshow.lock", lake), pytest.raises(StoreBusy):
        pipeline.export_lake(db, lake)


@pytest.mark.parametrize(
    "changes",
    [
        {"partitions": {"../../elsewhere": {"rows": 1, "content": "x", "bytes": 1}}},
        {"partitions": {"local_year=2026/local_month=3": {"rows": "1", "content": "x", "bytes": 1}}},
        {"partitions": {"local_year=2026/local_month=3": {"rows": True, "content": "x", "bytes": 1}}},
        {"partitions": []},
        {"site": {"time_zone": 1}},
        {"database": None},
        {"version": "4"},
        {"attributes": [1]},
        {"attributes": 1},
    ],
    ids=str,
)
def test_a_manifest_with_values_of_other_types_or_other_paths_is_refused(
    tmp_path: Path, changes: dict[str, object]
) -> None:
    site = Site("UTC", 1, 24, None, 7, "1")
    whole = json.loads(unsealed(Lake(tmp_path, "x", site).to_json().encode()))
    (tmp_path / MANIFEST).write_text(json.dumps(whole), encoding="utf-8")
    assert read_manifest(tmp_path) == Lake(tmp_path, "x", site)
    (tmp_path / MANIFEST).write_text(json.dumps(whole | changes), encoding="utf-8")
    with pytest.raises(DataRefused, match="manifest"):
        read_manifest(tmp_path)
