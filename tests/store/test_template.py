"""A new database out of the template is the one that its statements make, and no bad template is ever used."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.structure import structure

import pipeline
import queries
from pipeline.store import opening, template
from pipeline.store.content_state import differing_tables
from queries.database import database_id


@pytest.fixture
def cache(empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of the test's own with the template that the other tests use."""
    assert empty.exists()
    found = template._find()
    assert found
    shutil.copytree(found.parent, tmp_path / "cache" / "noshow", ignore=lambda _, names: {*names} - {found.name})
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "noshow"


@pytest.fixture
def made(tmp_path: Path) -> Callable[[str], Path]:
    """Make a database of a name."""

    def make_database(name: str) -> Path:
        db = tmp_path / f"{name}.duckdb"
        with pipeline.open_store(db, settings=pipeline.Settings.model_validate({"currency": "EUR"})):
            pass
        return db

    return make_database


def templates(cache: Path) -> list[Path]:
    return sorted(cache.glob("*"))


def states(connection: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    """Hashes of every table but the one with the database's id."""
    sql = "select * from internal.table_state where table_name <> 'site' order by all"
    return connection.execute(sql).fetchall()


@pytest.mark.long
def test_a_copied_database_is_the_one_that_the_statements_make(
    cache: Path, made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    copied = made("copied")
    monkeypatch.setattr(template, "_attach", lambda connection: False)
    stated = made("stated")
    with queries.connect(copied) as one, queries.connect(stated) as other:
        assert structure(one) == structure(other)
        assert all(structure(one))
        assert states(one) == states(other) != []
        assert queries.site(one) == queries.site(other)
        assert database_id(one) != database_id(other)
        assert (differing_tables(one), differing_tables(other)) == ([], [])


def test_no_database_is_made_statement_by_statement_where_there_is_a_template(
    cache: Path, made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "make_schema", lambda connection: pytest.fail("made again"))
    with queries.connect(made("first")) as one, queries.connect(made("second")) as other:
        assert database_id(one) != database_id(other)
    assert len(templates(cache)) == 1


def test_the_template_has_no_rows(cache: Path) -> None:
    (file,) = templates(cache)
    with duckdb.connect(str(file), read_only=True) as connection:
        tables = [
            name
            for (name,) in connection.execute("select schema_name || '.' || table_name from duckdb_tables()").fetchall()
        ]
        assert "main.site" in tables
        for table in tables:
            assert connection.execute(f"select count(*) from {table}").fetchall() == [(0,)]


def flip_a_bit(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:5000])


def put_another_in_its_place(file: Path) -> None:
    file.unlink()
    with closing(duckdb.connect(str(file))) as connection:
        connection.execute("create table site (hostile integer)")


@pytest.mark.long
@pytest.mark.parametrize(
    "harm",
    [
        flip_a_bit,
        put_another_in_its_place,
        *(pytest.param(harm, marks=pytest.mark.long) for harm in (cut_short, Path.unlink)),
    ],
)
def test_a_damaged_or_foreign_template_is_made_again(
    cache: Path, made: Callable[[str], Path], harm: Callable[[Path], None]
) -> None:
    first = made("first")
    (file,) = templates(cache)
    harm(file)
    second = made("second")
    with queries.connect(first) as one, queries.connect(second) as other:
        assert structure(one) == structure(other)
    assert [template._is_sound(file) for file in templates(cache)] == [True]


@pytest.mark.long
def test_a_template_of_other_statements_is_not_used(
    cache: Path, made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(template, "STORAGE_VERSION", "v1.4.0")
    made("second")
    assert len(templates(cache)) == 2


@pytest.mark.long
def test_a_template_that_does_not_open_is_passed_over(
    cache: Path, made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made("first")
    (file,) = templates(cache)
    cut_short(file)
    monkeypatch.setattr(template, "_is_sound", lambda file: True)
    with queries.connect(first) as one, queries.connect(made("second")) as other:
        assert structure(one) == structure(other)


@pytest.mark.long
def test_without_a_folder_for_it_a_database_is_made_as_well(
    tmp_path: Path, made: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with queries.connect(made("first")) as connection:
        assert all(structure(connection))


@pytest.mark.parametrize("named", ["", "relative"])
def test_the_cache_is_in_the_home_unless_a_whole_path_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", named)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert template.cache_folder() == tmp_path / ".cache" / "noshow"


@pytest.mark.parametrize("name", ["noshow_template", "another_noshow_template"])
def test_a_database_may_be_called_as_the_template_is(cache: Path, made: Callable[[str], Path], name: str) -> None:
    with queries.connect(made(name)) as published:
        assert not differing_tables(published)


@pytest.mark.long
def test_many_at_once_make_one_sound_template_each_or_share_it(cache: Path, made: Callable[[str], Path]) -> None:
    shutil.rmtree(cache)
    threads = [threading.Thread(target=made, args=(f"database-{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert templates(cache)
    assert all(template._is_sound(file) for file in templates(cache))
    with queries.connect(made("database-0")) as one, queries.connect(made("database-1")) as other:
        assert structure(one) == structure(other)
        assert database_id(one) != database_id(other)


@pytest.mark.parametrize(
    "step", ["begin_with_schema", "_write_site", "write_settings", "take_states", "let_go_of_template"]
)
@pytest.mark.parametrize("is_after", [False, True])
def test_a_failure_while_a_database_is_made_is_shown_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, is_after: bool
) -> None:
    done = getattr(opening, step)

    def fail(*given: Any) -> None:
        if is_after:
            done(*given)
        raise ZeroDivisionError(step)

    monkeypatch.setattr(opening, step, fail)
    db = tmp_path / "new" / "attendance.duckdb"
    with pytest.raises(ZeroDivisionError, match=step), pipeline.open_store(db):
        pass
    assert [file.name for file in db.parent.iterdir()] == ["attendance.lock"]
