"""The sample: the same for a seed, of the size asked for, with the habits and flaws it is said to have."""

from __future__ import annotations

import datetime as dt
import json
import tracemalloc
from pathlib import Path

import pytest

import pipeline
import queries
from pipeline.sample import write_sample
from pipeline.sample.flaws import ATTENDANCE_FLAWS

UNTIL = dt.date(2026, 3, 1)
KEPT = Path(__file__).parents[2] / "data" / "sample"


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_sample(tmp_path / name, until=UNTIL, bookings=300, seed=seed)
    assert contents(tmp_path / "a") == contents(tmp_path / "b")
    assert contents(tmp_path / "a") != contents(tmp_path / "c")


def test_the_kept_excerpt_is_what_the_generator_makes(tmp_path: Path) -> None:
    write_sample(tmp_path, until=dt.date(2026, 6, 28), bookings=400, seed=7, days=28)
    assert contents(tmp_path) == {path.name: path.read_bytes() for path in KEPT.iterdir() if path.suffix != ".md"}


@pytest.mark.parametrize("wanted", [500, 5000])
def test_the_number_of_bookings(tmp_path: Path, wanted: int) -> None:
    files = {path.stem: n for path, n in write_sample(tmp_path, until=UNTIL, bookings=wanted).records.items()}
    assert files["bookings"] + files["extended-bookings"] == pytest.approx(wanted, rel=0.02)


@pytest.mark.long
def test_memory_does_not_grow_with_the_size(tmp_path: Path) -> None:
    def peak(bookings: int) -> int:
        tracemalloc.start()
        write_sample(tmp_path / str(bookings), until=UNTIL, bookings=bookings, days=60)
        _, highest = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return highest

    peak(100)
    assert peak(10_000) < 2 * peak(1_000)


@pytest.mark.long
def test_every_flaw_is_met_with_the_outcome_it_deserves(tmp_path: Path) -> None:
    write_sample(tmp_path / "in", until=UNTIL)
    with pipeline.open_store(tmp_path / "a.duckdb") as store:
        outcomes = {Path(o.file).stem: o for o in pipeline.ingest(store, [tmp_path / "in"])}
        rules = {rule for (rule,) in store.connection.execute("select distinct rule from quarantine").fetchall()}
        flags = dict(queries.flags(store.connection).select("flag", "rows").iter_rows())
    assert all(outcome.refused is None for outcome in outcomes.values())
    assert {"status_unknown", "id_format", "attendees_range", "attendees_type", "required", "json_syntax"} <= rules
    assert {"superseded", "duplicate_conflict", "control_char", "instant_no_zone"} <= rules
    assert outcomes["attendances"].duplicate >= 1
    assert flags["status_contradicts_number"] >= 2
    assert flags["unknown_booking"] >= 1
    assert flags["moved_away"] > 10
    assert len(ATTENDANCE_FLAWS) >= 12


@pytest.mark.long
def test_habits_show(tmp_path: Path) -> None:
    write_sample(tmp_path / "in", until=UNTIL)
    with pipeline.open_store(tmp_path / "a.duckdb") as store:
        pipeline.ingest(store, [tmp_path / "in"])
        con, as_of = store.connection, "2026-03-10T00:00:00Z"

        def rate(**where: object) -> float:
            return float(queries.no_show_rates(con, by=(), where=where, as_of=as_of)["no_show_rate"].item())

        assert 0.08 < rate() < 0.2
        evening = rate(location="Harbour", localHour={"$gte": 18})
        assert evening > 1.5 * rate(serviceType="CLASS", localHour={"$lt": 18})
        assert rate(leadDays={"$gt": 14}) > 1.5 * rate(leadDays={"$lte": 1})
        coverage = dict(queries.no_show_rates(con, by="staff", as_of=as_of).select("staff", "coverage").iter_rows())
        assert min(coverage, key=lambda name: coverage[name]) == "Tom Byrne"
        whole = queries.no_show_rates(con, by=(), as_of=as_of).row(0, named=True)
        assert whole["walk_ins"] > 0
        assert whole["late_cancelled"] > 0
        assert whole["partial_no_shows"] > 0
        zones = con.execute("select distinct time_zone from booked_session order by 1").fetchall()
        assert zones == [("Europe/Berlin",), ("Europe/Dublin",)]


def test_every_sound_line_is_json_of_its_own(tmp_path: Path) -> None:
    write_sample(tmp_path, until=UNTIL, bookings=500)
    for name in ("sessions", "extended-bookings"):
        for line in (tmp_path / f"{name}.ndjson").read_text(encoding="utf-8").splitlines():
            assert isinstance(json.loads(line), dict)


def test_nothing_is_known_of_the_days_after_the_last(tmp_path: Path) -> None:
    """Sessions ahead are booked, and no booking is made, cancelled or marked after the last day."""
    write_sample(tmp_path, until=UNTIL, bookings=600)
    ahead = 0
    for name in ("bookings", "extended-bookings", "attendances"):
        for line in (tmp_path / f"{name}.ndjson").read_bytes().splitlines():
            try:
                record = json.loads(line)
            except ValueError:
                continue  # one of the flaws
            booking = record.get("booking", record)
            times = [booking.get(each, "") for each in ("createdDate", "canceledDate", "updatedDate")]
            assert max(times)[:10] <= UNTIL.isoformat(), booking
            ahead += booking.get("startDate", "")[:10] > UNTIL.isoformat() and booking["status"] == "CONFIRMED"
    assert ahead > 15
