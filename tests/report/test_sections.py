"""The sections as content: what each says of small frames, what it leaves out, and what sharing takes away."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

import polars as pl
import pytest

from queries.errors import UsageError
from queries.gathered import Period
from reports.data import report_data, report_json
from reports.gates import Limits, gates
from reports.page.brand import brand_css, contrast
from reports.report import Report, report_content, scope_of
from reports.scope.options import Options, pseudonym
from reports.scope.period import comparison, period_before, period_between
from reports.sections.participants.content import caller
from reports.sections.quality.since import changes_since
from reports.sharing.withholding import rounded, told

START = dt.datetime(2026, 2, 16, 18)  # noqa: DTZ001 local times have no zone
Make = Callable[..., Report]


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_registers_stand_by_keeper_the_oldest_first(report: Make, build: Any) -> None:
    days = [dt.timedelta(days=n) for n in range(3)]
    rows = [
        {
            "session_id": f"s{n}",
            "service": "Yoga",
            "staff": staff,
            "location": "Harbour",
            "local_start": START + days[n],
        }
        | {"bookings": 4, "unmarked_bookings": n + 1}
        for n, staff in enumerate(("Tom", "Ana", "Tom"))
    ]
    made = report(registers=build.rows("registers", *rows)).registers
    assert made is not None
    assert [(keeper.staff, keeper.sessions, keeper.unmarked) for keeper in made.keepers] == [
        ("Tom", 2, 4),
        ("Ana", 1, 2),
    ]
    assert made.registers[0].start == "2026-02-16 Mon 18:00"
    assert [register.id for register in made.registers] == [None, None, None]


def test_a_register_links_to_its_session(report: Make, build: Any) -> None:
    row = {"session_id": "s1", "service": "Yoga", "local_start": START, "bookings": 4}
    made = report(
        registers=build.rows("registers", row | {"unmarked_bookings": 1}), sessions=build.rows("sessions", row)
    )
    assert made.registers is not None
    assert made.sessions is not None
    assert made.registers.registers[0].id == made.sessions.sessions[0].id


def test_more_sessions_than_fit_are_capped_and_it_says_so(report: Make, build: Any) -> None:
    rows = [
        {"session_id": f"s{n}", "local_start": START + dt.timedelta(hours=n), "bookings": 1, "all_sessions": 5003}
        for n in range(3)
    ]
    made = report(sessions=build.rows("sessions", *rows)).sessions
    assert made is not None
    assert (len(made.sessions), made.total) == (3, 5003)
    assert made.cap == "The newest 3 of 5,003 sessions; all of them are in the view no_show_by_session"
    assert made.sessions[0].start > made.sessions[-1].start
    assert len({session.id for session in made.sessions}) == 3


def test_where_all_sessions_are_shown_nothing_says_so(report: Make, build: Any) -> None:
    made = report(
        sessions=build.rows("sessions", {"session_id": "s", "local_start": START, "all_sessions": 1})
    ).sessions
    assert made is not None
    assert (made.total, made.cap) == (1, None)


def test_the_grid_mutes_small_cells_and_keeps_their_numbers(report: Make, build: Any) -> None:
    grid = build.grid((1, 18, build.counts(15, 5)), (3, 18, build.counts(28, 2)), (1, 9, build.counts(3, 1)))
    made = report(grid=grid).when.grid
    assert made.weekdays == ("Mon", "Wed")
    (nine, early), (_, late) = made.rows
    assert nine == "09:00"
    assert early[1] is None
    assert early[0] is not None
    assert (early[0].rate, early[0].shade, early[0].no_shows, early[0].marked) == (None, 0, 1, 4)
    assert [cell and cell.shade for cell in late] == [5, 2]
    assert "The highest rate is at Mon 18:00, 25.0 % (5 of 20)" in plain(made.summary)


def test_the_lead_time_curve_says_what_lies_beyond_each_horizon(report: Make, build: Any) -> None:
    lead = build.lead(
        ("same day", build.counts(18, 2)), ("2-7 days", build.counts(14, 6)), ("over 28 days", build.counts(8, 12))
    )
    made = report(lead_time=lead).when
    assert [(band.name, band.beyond) for band in made.lead] == [
        ("same day", 0.9),
        ("2-7 days", 0.6),
        ("over 28 days", 0.0),
    ]
    assert plain(made.lead_summary).startswith("Of bookings made “same day” ahead 10.0 % do not come (2 of 20)")


def test_who_is_a_pseudonym_unless_names_are_asked_for(report: Make, build: Any) -> None:
    row = {"participant_id": "c-1", "participant_name": "Pat Doe", "no_shows_in_a_year": 2, "no_shows": 3}
    frame = build.rows("repeat_no_shows", row | {"last_no_show": START.date(), "marked_bookings": 8})
    hidden = report({"pseudonym_key": "k1"}, repeat_no_shows=frame)
    assert hidden.participants is not None
    assert hidden.participants.repeats[0].who == pseudonym("k1", "c-1")
    assert "Pat" not in report_json(hidden)
    assert "c-1" not in report_json(replace(hidden, sql={}))
    named = report({"pseudonym_key": "k1", "options": Options(names=True)}, repeat_no_shows=frame)
    assert named.participants is not None
    assert named.participants.repeats[0].who == "Pat Doe"
    assert named.participants.share == 3 / 8


def test_pseudonyms_hold_under_one_key_and_say_nothing() -> None:
    called = caller(False, "k1")
    assert called("c-1", "Pat") == called("c-1", None) == pseudonym("k1", "c-1")
    assert called("c-1", "Pat") != caller(False, "k2")("c-1", "Pat")
    assert re.fullmatch(r"guest [0-9a-f]{8}", called("c-1", "Pat"))
    assert caller(True, "k1")(None, None) == "nobody known"


def test_empty_seats_have_a_list_value_as_a_range(report: Make, build: Any) -> None:
    priced = {"currency": "EUR", "absent": 4, "absent_priced": 4}
    priced |= {"value_absent": Decimal("50.00"), "value_unmarked": Decimal("25.00")}
    frame = build.rows("empty_seats", priced, {"currency": "", "absent": 2})
    worth = report(empty_seats=frame).worth
    assert worth is not None
    (value,) = worth.values
    assert (value.currency, float(value.low), float(value.high), value.absent, value.priced) == ("EUR", 50, 75, 6, 4)


def test_seats_are_offered_where_sessions_fill_up(report: Make, build: Any) -> None:
    full = {"service": "Yoga", "service_type": "CLASS", "capacity": 10, "sessions": 20, "full_sessions": 12}
    full |= {"seats": 200, "booked": 180, "attended_bookings": 600, "no_shows": 400, "seats_marked": 100}
    seldom = full | {"service": "Talk", "full_sessions": 1}
    appointment = full | {"service": "Massage", "service_type": "APPOINTMENT", "capacity": 1}
    worth = report(occupancy=build.rows("occupancy", full, seldom, appointment)).worth
    assert worth is not None
    yoga, talk = worth.offers
    assert yoga.seats > 0
    assert plain(yoga.advice) == f"Offer {yoga.seats} seats more than there are."
    assert yoga.risk is not None
    assert yoga.risk <= 0.05
    assert talk.advice.startswith("Seldom full (1 of 20 sessions)")
    assert (yoga.fill_rate, yoga.attendance_fill_rate) == (0.9, 0.0)


def test_periods_do_not_overlap() -> None:
    settled = dt.date(2026, 3, 1)
    assert period_between(None, None, settled) is None
    assert period_between(dt.date(2026, 2, 1), None, settled) == Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    month = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28))
    assert period_before(month, "previous") == Period(dt.date(2026, 1, 4), dt.date(2026, 1, 31))
    year = period_before(month, "year")
    assert (year.first, year.last, year.first.weekday()) == (dt.date(2025, 2, 2), dt.date(2025, 3, 1), 6)
    with pytest.raises(UsageError, match="overlap"):
        period_before(Period(dt.date(2025, 1, 1), dt.date(2026, 1, 1)), "year")
    with pytest.raises(UsageError, match="ends before"):
        period_between(dt.date(2026, 3, 1), dt.date(2026, 2, 1), settled)
    with pytest.raises(UsageError, match="no comparison"):
        period_before(month, "fortnight")


def test_a_change_comes_with_newcombes_interval() -> None:
    now, before = Period(dt.date(2026, 2, 1), dt.date(2026, 2, 28)), Period(dt.date(2026, 1, 4), dt.date(2026, 1, 31))
    made = comparison(now, (200, 30), before, (210, 24))
    assert plain(made.verdict).startswith("+3.6 points (95 % interval −3.0 to +10.2 points): no clear change")
    clear = comparison(now, (2000, 300), before, (2000, 100))
    assert "more than chance would explain" in clear.verdict
    assert "no comparison" in comparison(now, (0, 0), before, (10, 1)).verdict


def test_in_short_says_only_what_there_is(report: Make, build: Any) -> None:
    some = report()
    assert [plain(sentence) for sentence in some.in_short] == [
        "25.0 % of the bookings are no-shows (8 of 32 marked bookings; 95 % interval 13.3 % to 42.1 %).",
        "No service, session series, place or person loses more bookings than chance would explain.",
        "It is too early to say whether the rate changes: there are too few weeks.",
    ]
    nothing = report(overall=build.rates([({}, build.counts(0, 0, 12))], {}))
    assert [plain(sentence) for sentence in nothing.in_short] == [
        "None of 12 due bookings is marked as attended or not attended."
    ]
    tiny = report(overall=build.rates([({}, build.counts(3, 1, 2))], {}))
    assert tiny.in_short == ("1 of 4 marked bookings are no-shows: too few to say more.",)
    few = report(overall=build.rates([({}, build.counts(24, 8, 40))], {}))
    assert plain(few.in_short[0]).startswith("Between 11.1 % and 66.7 % of the bookings are no-shows: only 44.4 %")


def test_sharing_blanks_small_counts_and_rounds_the_rest() -> None:
    assert [told(n) for n in (0, 1, 7, 8, 12, 13, 100)] == [0, None, None, 10, 10, 15, 100]
    frame = pl.DataFrame({"local_hour": [3], "bookings": [3], "no_shows": [13], "rate": [0.5]})
    assert rounded(frame).row(0) == (3, None, 15, 0.5)


def test_a_shared_report_names_nobody_and_has_no_small_count(report: Make, draw: Any, build: Any) -> None:
    shared = report({"share": True, "title": "Studio"}, staff=build.named("staff", ("Ana Reyes", build.counts(24, 8))))
    assert (shared.registers, shared.sessions, shared.participants, shared.courses, shared.worth) == (None,) * 5
    assert [ranking.kind.grouping for ranking in shared.rankings] == ["service", "location"]
    page = draw(shared)
    assert "Ana Reyes" not in page
    assert "counts of 1 to 7 are left blank" in page


def test_counts_too_small_to_share_leave_no_rate(report: Make, draw: Any, build: Any) -> None:
    small = rounded(build.rates([({}, build.counts(40, 3))], {}).select(pl.exclude("no_show_rate")))
    frame = small.with_columns(no_show_rate=pl.lit(None, pl.Float64), lost_seat_rate=pl.lit(None, pl.Float64))
    shared = report({"share": True}, overall=frame)
    assert shared.headline.figure == "withheld"
    assert shared.in_short == ("The counts are too small to be shared.",)
    assert "0 of 4" not in draw(shared)


def test_the_json_is_the_whole_content(report: Make) -> None:
    made = report()
    data = json.loads(report_json(made))
    assert (data["format"], data["version"]) == ("noshow-report", 1)
    assert {"in_short", "headline", "registers", "rankings", "over_time", "quality", "sessions", "sql"} <= set(data)
    assert data["headline"]["no_show_rate"] == made.headline.no_show_rate
    assert data["over_time"]["points"][0]["start"] == "2026-02-16"
    assert report_json(made) == report_json(report())


def test_what_changed_since_an_earlier_report_and_why(frames: Any, about: Any, report: Make, build: Any) -> None:
    earlier = json.loads(report_json(report()))
    later = frames(
        week=build.dated(
            "week", (dt.date(2026, 2, 16), build.counts(15, 5)), (dt.date(2026, 2, 23), build.counts(10, 4, 2))
        )
    )
    made = report_content(later, about(earlier=earlier))
    assert made.since is not None
    (changed,) = made.since.changed
    assert (changed.label, changed.was, changed.now) == (
        "2026-W08",
        "4 of 18 marked, of 18\u00a0bookings",
        "5 of 20 marked, of 20\u00a0bookings",
    )
    assert plain(changed.why) == "2 bookings came in late or became due, 2 bookings marked since"
    assert (made.since.unchanged, made.since.new) == (1, 0)
    same = report_content(frames(), about(earlier=earlier))
    assert same.since is not None
    assert same.since.changed == ()


@pytest.mark.parametrize(
    ("earlier", "code"),
    [({}, "since.not_a_report"), ({"scope": {}, "over_time": None}, "since.not_a_report"), ("other", "since.scope")],
)
def test_an_earlier_report_of_another_kind_is_refused(report: Make, about: Any, earlier: Any, code: str) -> None:
    if earlier == "other":
        earlier = report_data(report({"filter": "service is Yoga"}))
    with pytest.raises(UsageError) as caught:
        changes_since(earlier, scope_of(about()), "week", ())
    assert caught.value.code == code


def test_gates_keep_or_fail_each_limit(report: Make) -> None:
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


def test_what_is_unknown_keeps_no_gate(report: Make, build: Any) -> None:
    made = report(overall=build.rates([({}, build.counts(0, 0))], {}))
    assert [gate.passed for gate in gates(made, Limits(min_coverage=0.0, max_rate=1.0))] == [False, False]


def test_a_new_signal_fails_its_gate_and_an_old_one_does_not(report: Make, build: Any) -> None:
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


@pytest.mark.parametrize("colour", ["#ffb300", "#000000", "#ffffff", "#0b6b74", "#7f7f7f"])
def test_a_brand_can_be_read_in_light_and_dark(colour: str) -> None:
    css = brand_css(colour)
    light, dark = re.findall(r"--accent:#(\w{6})", css)
    for found, paper in ((light, (255, 255, 255)), (dark, (17, 23, 28))):
        red, green, blue = (int(found[at : at + 2], 16) for at in (0, 2, 4))
        assert contrast((red, green, blue), paper) >= 4.5
    with pytest.raises(UsageError):
        brand_css("red; } body { display: none")
