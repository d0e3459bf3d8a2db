"""Limits that a report is held to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from support import report_frames as build
from support.report_frames import report

import queries
import reports
from reports import registry
from reports.data import report_data
from reports.gates import Limits, gates, sections_for
from reports.measured.frames import Frames
from reports.report import needs_of, report_content
from reports.sections.section import Section

ZERO: dict[str, Any] = {field.name: field.type == "bool" or 0 for field in fields(Limits)}


def test_gates_keep_or_fail_each_limit() -> None:
    made = report()
    limits = Limits(
        min_coverage=0.95, max_rate=0.25, max_registers=0, max_quarantined=0, no_new_signal=True, no_flags=True
    )
    found = {gate.check: gate.passed for gate in gates(made, limits)}
    assert found == {
        "min_coverage": False,
        "max_rate": True,
        "max_registers": True,
        "max_quarantined": True,
        "no_new_signal": True,
        "no_flags": True,
    }
    assert gates(made, Limits()) == ()
    (coverage,) = gates(made, Limits(min_coverage=0.95))
    assert coverage.message == "94.1 % of the due bookings are marked; at least 95.0 % asked for"


def test_what_is_unknown_keeps_no_gate() -> None:
    made = report(overall=build.rates([({}, build.counts(0, 0))], {}))
    assert [gate.passed for gate in gates(made, Limits(min_coverage=0.0, max_rate=1.0))] == [False, False]


def test_a_new_signal_fails_its_gate_and_an_old_one_does_not() -> None:
    monday = dt.date(2026, 1, 5)
    weeks = [(monday + dt.timedelta(weeks=n), build.counts(92 - 7 * (n % 2), 8 + 7 * (n % 2))) for n in range(15)]
    weeks.append((monday + dt.timedelta(weeks=15), build.counts(60, 40)))
    later = {"as_of": dt.datetime(2026, 6, 1, tzinfo=dt.UTC)}
    made = report(later, week=build.dated("week", *weeks), day=build.dated("day", *weeks))
    (gate,) = gates(made, Limits(no_new_signal=True))
    assert not gate.passed
    assert gate.message == "2026-W17 above the limits (40.0 %)"
    (known,) = gates(made, Limits(no_new_signal=True), report_data(made))
    assert known.passed


def test_coverage_does_not_apply_where_one_side_is_recorded_and_that_is_said() -> None:
    presumed = build.counts(0, 40, bookings=400, rated_bookings=400, register_marked=0, register_no_shows=0)
    regimes = build.rows("regimes", {"marks": "no_shows", "bookings": 400})
    made = report(overall=build.rates([({}, presumed | {"presumed_attended": 360})], {}), regimes=regimes)
    coverage, rate = gates(made, Limits(min_coverage=0.9, max_rate=0.05))
    assert (coverage.passed, coverage.found) == (True, None)
    assert coverage.note == coverage.message
    assert coverage.message.startswith("coverage does not apply: the source records only who stayed away")
    assert not rate.passed
    assert rate.message == "10.0 % of the bookings are no-shows; at most 5.0 % asked for"
    mixed = build.rows("regimes", {"marks": "no_shows", "bookings": 400}, {"marks": "both", "bookings": 4})
    unmarked = presumed | {"unmarked_bookings": 4, "bookings": 404}
    (applies,) = gates(report(overall=build.rates([({}, unmarked)], {}), regimes=mixed), Limits(min_coverage=0.9))
    assert (applies.passed, applies.found, applies.note) == (False, 0.0, None)


REGISTER = {
    "service": "Yoga",
    "staff": "Tom",
    "location": "Harbour",
    "local_start": dt.datetime(2026, 2, 16, 18),  # noqa: DTZ001 local times have no zone
    "bookings": 4,
    "unmarked_bookings": 1,
}


def only(frames: Frames, sections: Sequence[Section]) -> Frames:
    """The frames that some sections read: any other would be missing in a report that has only these."""
    needs = needs_of(sections, build.about())
    return replace(
        frames,
        by={name: frames.by[name] for name in needs.by},
        rows={name: frames.rows[name] for name in needs.rows},
        records={name: frames.records[name] for name in needs.records},
        counts={name: frames.counts[name] for name in needs.counts},
    )


@pytest.mark.parametrize("name", ZERO)
def test_a_check_finds_the_same_in_the_sections_that_it_needs(name: str) -> None:
    """A limit of 0 is a limit: 2 registers and 3 records are too many."""
    changed = {
        "registers": build.rows("registers", *(REGISTER | {"session_id": each} for each in "ab")),
        "quarantine_by_rule": build.quarantine(("attendance", "required", "is missing", 3)),
    }
    limits = Limits(**{name: ZERO[name]})
    chosen = sections_for(limits)
    asked = [section for section in registry.SECTIONS if chosen is None or section.name in chosen]
    frames = build.frames(**changed)
    (alone,) = gates(report_content(only(frames, asked), build.about(), asked), limits)
    (within,) = gates(report(**changed), limits)
    assert alone == within
    assert len(asked) < 4 or name == "no_flags"
    assert alone.found or name in ("no_new_signal", "no_flags")


@pytest.mark.long
def test_checks_of_a_database_find_what_its_whole_report_has(sample_db: Path) -> None:
    as_of = "2026-06-01T00:00:00Z"
    with queries.connect(sample_db) as con:
        whole = {gate.check: gate for gate in gates(reports.the_report(con, as_of=as_of), Limits(**ZERO))}
        for name, zero in ZERO.items():
            limits = Limits(**{name: zero})
            assert gates(reports.the_report(con, as_of=as_of, sections=sections_for(limits)), limits) == (whole[name],)
