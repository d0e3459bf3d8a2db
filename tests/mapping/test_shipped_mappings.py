"""Every mapping that comes with noshow loads the excerpt beside it, whole and without unknown values."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import duckdb
import pytest
from support.samples import few
from typer.testing import CliRunner

import pipeline
import queries
from pipeline.cli.app import app
from pipeline.load.run import Run
from pipeline.load.validating import Reading
from pipeline.mapping.reading import shipped_mappings
from pipeline.sources import read_chunks, source_files
from pipeline.store.opening import Store

FOLDER = Path(__file__).parents[2] / "data" / "mappings"
NAMES = sorted(path.stem for path in FOLDER.glob("*.toml"))


def test_all_are_listed() -> None:
    assert shipped_mappings() == NAMES
    assert {"hotel", "studio"} <= {*NAMES}


def test_the_help_of_ingest_names_them() -> None:
    help_text = CliRunner().invoke(app, ["ingest", "--help"], env={"COLUMNS": "300", "TERM": "dumb"}).output
    assert "--mapping" in help_text
    assert ", ".join(NAMES) in " ".join(help_text.replace("│", " ").split())


@pytest.mark.parametrize("name", NAMES)
def test_each_loads_its_excerpt(store: Store, name: str) -> None:
    (excerpt,) = (path for path in FOLDER.glob(f"{name}_*") if path.suffix != ".toml")
    mapping = pipeline.read_mapping(Path(name))
    source = source_files([excerpt], None)[0][0]
    run = Run(
        store,
        excerpt,
        lambda warn: read_chunks(source, warn, layout=mapping.layout),
        Reading(mapping=mapping),
        dt.datetime(2026, 6, 1),  # noqa: DTZ001
        lambda _, __: None,
    )
    with store.transaction():
        counts = run.load(lambda: "0" * 64, "test", 1).counts
    assert counts["read"] == counts["loaded"] > 0
    assert run.unmet == {}


@pytest.mark.parametrize("typed", ["motel", "hotle", "studio2"])
def test_a_name_that_is_not_there_lists_those_that_are(typed: str) -> None:
    with pytest.raises(queries.InputNotFound) as caught:
        pipeline.read_mapping(Path(typed))
    message = str(caught.value)
    assert message.startswith(f"{typed}: no such mapping file")
    assert all(name in message for name in NAMES)
    assert "Did you mean" in message


def test_a_path_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(queries.InputNotFound, match=r"none\.toml: no such mapping file"):
        pipeline.read_mapping(tmp_path / "none.toml")


HEADER = (
    "Visit;Class;Teacher;Room;Class start;Minutes;Places;Client;Spots;Price;Booked on;Cancelled on;Late cancelled;"
    "Signed in;No show;Came"
)
VISIT = (
    "V{number};Yoga;Ana;Blue;02/03/2026 18:30;60;14;C{number};1;14.00;27/02/2026 09:12;{cancelled};No;{came};{missed};"
)


def studio(folder: Path, name: str, *visits: tuple[str, str, str]) -> Path:
    """An export of the studio: of each visit when it was cancelled, whether signed in, whether a no-show."""
    lines = [
        VISIT.format(number=number, cancelled=cancelled, came=came, missed=missed)
        for number, (cancelled, came, missed) in enumerate(visits)
    ]
    path = folder / name
    path.write_text("\n".join([HEADER, *lines]) + "\n", "utf-8")
    return path


# Monday's export has a mark by mistake; in Tuesday's it is gone. Each: when cancelled, signed in, no-show.
MARKED = ("-", "No", "Yes")
TAKEN_BACK = [
    (MARKED, ("-", "", "")),
    (MARKED, ("-", " ", "\u00a0")),
    (MARKED, ("01/03/2026 10:00", "", "")),
    (("-", "no", ""), ("-", "-", "No")),
    (("-", "", "yes"), ("-", "", "")),
    (("-", "Yes", "No"), ("-", "", "")),
]


@pytest.mark.parametrize(("first", "second"), few(TAKEN_BACK, 1))
def test_a_mark_taken_back_at_the_source_is_taken_back(
    store: Store,
    con: duckdb.DuckDBPyConnection,
    tmp_path: Path,
    first: tuple[str, str, str],
    second: tuple[str, str, str],
) -> None:
    kept = ("-", "Yes", "No")
    monday, tuesday = studio(tmp_path, "monday.csv", first, kept), studio(tmp_path, "tuesday.csv", second, kept)
    pipeline.ingest(store, [monday], mapping="studio")
    assert con.execute("select count(*) from attendance where status <> 'NOT_SET'").fetchall() == [(2,)]
    (again,) = pipeline.ingest(store, [tuesday], mapping="studio")
    assert (again.loaded, again.unchanged) == (1, 1)
    found = con.execute("select status, count(*) from attendance group by all order by all").fetchall()
    assert found == [("ATTENDED", 1), ("NOT_SET", 1)]
    rates = queries.no_show_rates(con, as_of="2026-06-01T00:00:00Z")
    (row,) = rates.iter_rows(named=True)
    assert (row["attended_bookings"], row["no_shows"]) == (1, 0)


def test_the_two_halves_of_the_hotels_file_are_all_of_it(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    header, *rows = (FOLDER / "hotel_excerpt.csv").read_text("utf-8").splitlines()
    for name, part in (("stays-1.csv", rows[:51]), ("stays-2.csv", rows[51:])):
        (tmp_path / name).write_text("\n".join([header, *part]) + "\n", "utf-8")
    outcomes = pipeline.ingest(store, [tmp_path / "stays-1.csv", tmp_path / "stays-2.csv"], mapping="hotel")
    assert [outcome.loaded for outcome in outcomes] == [51, 53]
    assert con.execute("select count(*) from booking").fetchall() == [(104,)]
