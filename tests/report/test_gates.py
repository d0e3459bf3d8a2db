"""Limits that a report is held to."""

from __future__ import annotations

import datetime as dt

from support import report_frames as build
from support.report_frames import report

from reports.data import report_data
from reports.gates import Limits, gates


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
