"""`--db` may name a file, also through a link, and nothing else; every command refuses the rest in one line."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
from support.every_command import COMMANDS, commands_of, write_inputs
from support.fixtures import Run, Write
from support.records import Make

import pipeline
import queries
from pipeline.cli.app import app
from queries.database import database_path

SETTINGS = pipeline.Settings.model_validate({})
NO_FILES = (":memory:", ":memory:x", "md:sales", "s3://bucket/a.duckdb", "folder", "/dev/null", "circle", "to_folder")
WITH_DATABASE = [name for name, function in commands_of(app) if "db" in inspect.signature(function).parameters]


def some_of_each(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "circle").symlink_to("circle")
    (tmp_path / "to_folder").symlink_to("folder")


@pytest.mark.parametrize("given", NO_FILES)
def test_only_a_file_is_a_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.chdir(tmp_path)
    some_of_each(tmp_path)
    for opened in (queries.connect, database_path, lambda path: pipeline.open_store(path).__enter__()):
        with pytest.raises(queries.UsageError, match=r": not a file\. Name a file, such as ") as caught:
            opened(given)
        assert caught.value.code == "database.path"


@pytest.mark.parametrize("given", ["a.duckdb", "copy-12:30.duckdb", "C:a.duckdb", "./x/md:y", "/no/md:y", "ä b.db"])
def test_what_may_be_a_file_is_one(given: str) -> None:
    assert database_path(given) == Path(given)


def refused(run: Run, tmp_path: Path, name: str, given: str) -> None:
    before = sorted(tmp_path.rglob("*"))
    arguments = [word for word in COMMANDS[name] if word not in ("--log", "log.ndjson")]
    finished = run(*name.split(), *arguments, "--db", given)
    assert (finished.returncode, finished.stdout) == (2, ""), (name, finished.stderr)
    assert finished.stderr.startswith("noshow: ")
    assert finished.stderr.count("\n") == 1
    assert sorted(tmp_path.rglob("*")) == before


def test_every_command_refuses_what_is_no_file_in_one_line(tmp_path: Path, run: Run) -> None:
    """Each command with one of them; the long test tries every pair."""
    write_inputs(tmp_path)
    some_of_each(tmp_path)
    assert len(WITH_DATABASE) > 15
    for number, name in enumerate(WITH_DATABASE):
        refused(run, tmp_path, name, NO_FILES[number % len(NO_FILES)])


@pytest.mark.long
@pytest.mark.parametrize("given", NO_FILES)
def test_every_command_refuses_every_one_of_them(tmp_path: Path, run: Run, given: str) -> None:
    write_inputs(tmp_path)
    some_of_each(tmp_path)
    for name in WITH_DATABASE:
        refused(run, tmp_path, name, given)


@pytest.fixture
def link(tmp_path: Path) -> Path:
    """A link to a link to a database that is not there yet."""
    for name in ("real", "between", "links"):
        (tmp_path / name).mkdir()
    (tmp_path / "between" / "b.duckdb").symlink_to("../real/attendance.duckdb")
    link = tmp_path / "links" / "a.duckdb"
    link.symlink_to(tmp_path / "between" / "b.duckdb")
    return link


def test_a_database_behind_a_link_is_one_database(link: Path, write: Write, make: type[Make]) -> None:
    real = link.parents[1] / "real" / "attendance.duckdb"
    contact = {"contactId": "c-1", "firstName": "Ana"}
    with pipeline.open_store(link, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(make.booking(1, contactDetails=contact))])
        with pytest.raises(queries.StoreBusy), pipeline.open_store(real, settings=SETTINGS):
            pass
    with pipeline.open_store(real, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(make.booking(2, contactDetails=contact))])
        with pytest.raises(queries.StoreBusy):
            pipeline.erase(link, "c-1")
    assert pipeline.erase(link, "c-1").bookings == 2
    with queries.connect(link) as con:
        assert con.execute("select count(*), count(contact_id) from booking").fetchall() == [(2, 0)]
    assert [len(list(folder.iterdir())) for folder in (link.parent, link.parents[1] / "between")] == [1, 1]
    assert real.is_file()
    assert not real.is_symlink()
    assert link.is_symlink()


@pytest.mark.long
def test_every_command_goes_through_a_link(link: Path, run: Run, tmp_path: Path) -> None:
    write_inputs(tmp_path)
    for name in COMMANDS:
        if name in WITH_DATABASE and name not in ("serve", "pull", "open", "nightly"):
            finished = run(*name.split(), *COMMANDS[name], "--db", link)
            assert finished.returncode in (0, 3), (name, finished.stderr)
            assert list(link.parent.iterdir()) == [link], name


def test_whoever_has_made_the_demo_is_shown_its_database(tmp_path: Path) -> None:
    with pytest.raises(queries.InputNotFound, match="Run `noshow ingest FILE` or `noshow demo` first"):
        queries.connect(tmp_path / "data" / "a.duckdb")
    demo = tmp_path / "data" / "demo" / "attendance.duckdb"
    demo.parent.mkdir(parents=True)
    demo.touch()
    with pytest.raises(queries.InputNotFound, match=f"or name that of the demo: --db {demo}"):
        queries.connect(tmp_path / "data" / "attendance.duckdb")
