"""Another system's list or sums, compared row by row: missing rows, differing rows, and the rule that explains them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import duckdb
import polars as pl
import pytest
from support.cases import Case, guid
from support.in_memory import in_memory_case

import queries
from queries.language.filters import EVERYTHING, read_filter
from queries.language.resources import BOOKED_SESSION
from queries.moments import as_of_instant
from queries.reconciling import of_list
from queries.reconciling.asking import prepared
from queries.reconciling.cells import Plan, Scope, plan_of, read_rows
from queries.reconciling.explanations import shipped_explanations
from queries.reconciling.said import read_said

AS_OF = "2026-06-01T00:00:00Z"
FIRST = dt.date(2026, 3, 2)
LIST = {"booking_id": pl.String, "date": pl.Date, "state": pl.Int8}


@dataclass(frozen=True)
class Studio:
    """A database, and its rows as every list is compared with them."""

    con: duckdb.DuckDBPyConnection
    plan: Plan
    rows: pl.DataFrame


def day(at: int) -> dt.date:
    return FIRST + dt.timedelta(days=at // 3)


def state(at: int) -> int:
    return 2 if at % 7 == 0 else 1


@pytest.fixture(scope="module")
def studio() -> Iterator[Studio]:
    """90 bookings over 30 days at two places, by 14 contacts; every seventh missed, every eighth cancelled late."""
    bookings, marks = [], []
    for at in range(90):
        gone = f"CANCELED | {day(at)} 15:00" if at % 8 == 3 else "CONFIRMED |"
        place = "Harbour" if at % 3 else "Old Town"
        bookings.append(f"b{at} | s{at} | {day(at)} 23:30 | Europe/Berlin | {place} | c{at % 14} | {gone}")
        marks += [f"b{at} | s{at} | {'NOT_ATTENDED' if state(at) == 2 else 'ATTENDED'}"] if at % 8 != 3 else []
    heads = "booking | session | starts_at | zone | location | contact | status | canceled_at"
    with in_memory_case() as case:
        case.given(
            booking="\n".join([heads, *bookings]),
            attendance="\n".join(["booking | session | status", *marks]),
        )
        scope = Scope(EVERYTHING, as_of_instant(AS_OF))
        plan = plan_of(case.con, shipped_explanations(), scope)
        yield Studio(case.con, plan, read_rows(case.con, plan, scope))


def listed(*rows: tuple[str, dt.date | None, int]) -> pl.DataFrame:
    return pl.DataFrame([(str(guid(name)), *rest) for name, *rest in rows], schema=LIST, orient="row")


def own() -> list[tuple[str, dt.date | None, int]]:
    return [(f"b{at}", day(at), state(at)) for at in range(90) if at % 8 != 3]


def ask(studio: Studio, rows: list[tuple[str, dt.date | None, int]], says: str | None = None) -> queries.Reconciliation:
    """The answer of `queries.reconcile`; the rows of the studio are read once for all tests."""
    said = read_said(says) if says else None
    return of_list.answer(studio.rows, studio.plan, listed(*rows), said, is_bounded=False)


def names(found: queries.Reconciliation) -> list[str]:
    return found.fits["explanation"].to_list()


def test_the_same_list_is_no_difference(studio: Studio) -> None:
    found = ask(studio, own())
    assert (found.verdict, found.rows.height) == ("explained", 0)
    assert found.sentence == "No difference: the list has the same bookings with the same outcomes."


def test_every_row_that_a_rule_adds_is_named_with_it(studio: Studio) -> None:
    late = [(f"b{at}", day(at), 2) for at in range(90) if at % 8 == 3]
    found = ask(studio, own() + late)
    assert (found.verdict, found.explained_rows, found.unexplained_rows) == ("explained", 11, 0)
    assert "late_cancelled" in names(found)
    assert set(found.rows.select("here", "there").rows()) == {("not counted", "no-show")}
    assert {str(guid(name)) for name, *_ in late} == set(found.rows["booking_id"])


def test_rows_that_no_rule_explains_stay_unexplained(studio: Studio) -> None:
    rows = [(name, date, 3 - each if name in ("b1", "b16", "b30") else each) for name, date, each in own()]
    found = ask(studio, [row for row in rows if row[0] not in ("b5", "b41")])
    assert (found.verdict, found.explained_rows, found.unexplained_rows) == ("none", 0, 5)
    assert sorted(found.rows["there"]) == ["no-show", "no-show", "no-show", "not counted", "not counted"]


def test_a_rule_is_named_beside_errors_of_single_rows(studio: Studio) -> None:
    rows = [row for row in own() if int(row[0][1:]) % 3 and row[0] != "b5"]
    found = ask(studio, rows)
    assert found.verdict == "explained"
    assert names(found) == ["location_out: Old Town"]
    assert found.unexplained_rows == 1
    assert found.rows.filter(pl.col("explained_by").is_null())["booking_id"].to_list() == [str(guid("b5"))]
    assert found.sentence.endswith("that explains 26; 1 row stays unexplained.")


def test_a_run_of_missing_days_is_found(studio: Studio) -> None:
    found = ask(studio, [row for row in own() if not 30 <= int(row[0][1:]) < 48])
    assert (found.verdict, names(found), found.unexplained_rows) == ("explained", ["days_gone"], 0)
    assert "2026-03-13 to 2026-03-18" in found.sentence


def test_contacts_that_they_do_not_know_are_found(studio: Studio) -> None:
    found = ask(studio, [row for row in own() if int(row[0][1:]) % 14 not in (4, 9)])
    assert (found.verdict, names(found), found.unexplained_rows) == ("explained", ["contacts_gone"], 0)
    assert "2 contacts" in found.sentence


def test_bookings_that_noshow_does_not_have_are_listed_with_their_days(studio: Studio) -> None:
    more = [(f"x{at}", dt.date(2026, 5, 1 + at), 1) for at in range(4)]
    found = ask(studio, own() + more)
    assert (found.verdict, found.rows["here"].to_list()) == ("none", ["no such booking"] * 4)
    assert "4 bookings, of 2026-05-01 to 2026-05-04, that noshow does not have" in found.sentence
    assert "on days of which noshow has no booking: a file was probably not loaded" in found.sentence
    elsewhere = [("x0", FIRST + dt.timedelta(days=3), 1)]
    assert "not loaded" not in ask(studio, own() + elsewhere).sentence


def test_a_list_without_any_known_booking_is_refused(studio: Studio) -> None:
    for rows, words in (([], "the list is empty"), ([("x0", FIRST, 1)], "no booking of the list is known, of 1")):
        with pytest.raises(queries.DataRefused, match=words):
            ask(studio, rows)
    with pytest.raises(queries.DataRefused, match="no sums"):
        queries.reconcile(studio.con, sums=sums(own(), "day").clear(), as_of=AS_OF)


def test_a_booking_that_is_twice_in_the_list_is_said(studio: Studio) -> None:
    found = ask(studio, [*own(), own()[0]])
    assert (found.verdict, found.rows["here"].to_list()) == ("none", ["twice in the list"])
    assert "1 row of the list repeats another one" in found.sentence


def test_a_list_of_no_shows_alone_is_compared_with_the_no_shows(studio: Studio) -> None:
    missed = [row for row in own() if row[2] == 2]
    assert ask(studio, missed).sentence.startswith("No difference")
    found = ask(studio, [row for row in missed if int(row[0][1:]) % 3])
    assert names(found) == ["location_out: Old Town"]
    assert set(found.rows["there"]) == {"not counted"}


def test_a_list_of_some_days_is_compared_within_them(studio: Studio) -> None:
    some = [row for row in own() if 30 <= int(row[0][1:]) < 60]
    found = ask(studio, some)
    assert (found.sentence, found.denominator) == (
        "No difference: the list has the same bookings with the same outcomes.",
        len(some),
    )
    bounds = {"first": FIRST, "last": FIRST + dt.timedelta(days=20)}
    found = queries.reconcile(studio.con, bookings=listed(*some), as_of=AS_OF, **bounds)
    assert names(found) == ["days_gone"]
    assert found.unexplained_rows == 0


def test_a_list_without_dates_is_matched_by_its_bookings(studio: Studio) -> None:
    assert ask(studio, [(name, None, each) for name, _, each in own()]).sentence.startswith("No difference")


def test_the_same_list_with_another_number_is_a_matter_of_counting(studio: Studio) -> None:
    rows = own()
    missed = sum(each == 2 for _, _, each in rows)
    found = ask(studio, rows, f"{missed}/90")
    assert (found.verdict, names(found)) == ("none", [])
    found = ask(studio, rows, f"{missed}/{len(rows)}")
    assert found.sentence.startswith("No difference: the list has the same bookings")


def test_a_session_of_a_course_is_matched_by_the_nearest_date(case: Case) -> None:
    days = [FIRST + dt.timedelta(weeks=week) for week in range(4)]
    case.given(
        session="\n".join(
            ["session | starts_at | course", *(f"s{week} | {day} 23:30 | pottery" for week, day in enumerate(days))]
        ),
        booking="""
            booking | course
            b1      | pottery
        """,
        attendance="""
            booking | session | status
            b1      | s0      | ATTENDED
            b1      | s1      | NOT_ATTENDED
            b1      | s2      | ATTENDED
            b1      | s3      | ATTENDED
        """,
    )
    # Their days are one later than ours, as in a zone to the east.
    theirs = [("b1", day + dt.timedelta(days=1), 2 if week == 1 else 1) for week, day in enumerate(days)]
    found = queries.reconcile(case.con, bookings=listed(*theirs), as_of=AS_OF)
    assert found.sentence.startswith("No difference")


def course(case: Case) -> None:
    """60 bookings of a course whose first session of five was cancelled; each misses one session."""
    days = [FIRST + dt.timedelta(weeks=week) for week in range(5)]
    state = {True: "NOT_ATTENDED", False: "ATTENDED"}
    marks = [f"b{at} | s{week} | {state[at % 4 + 1 == week]}" for at in range(60) for week in range(1, 5)]
    case.given(
        session="\n".join(
            [
                "session | starts_at | course | status",
                *(
                    f"s{week} | {day} 18:00 | c | {'CONFIRMED' if week else 'CANCELLED'}"
                    for week, day in enumerate(days)
                ),
            ]
        ),
        booking="\n".join(["booking | course", *(f"b{at} | c" for at in range(60))]),
        attendance="\n".join(["booking | session | status", *marks]),
    )


def test_entries_that_do_not_say_which_session_they_are_of_are_refused(case: Case) -> None:
    course(case)
    missed = [(f"b{at}", None, 2) for at in range(60)]
    every = [(f"b{at}", None, 2 if at % 4 + 1 == week else 1) for at in range(60) for week in range(1, 5)]
    for rows, count in ((missed, "60"), (every, "240")):
        with pytest.raises(queries.DataRefused, match=f"{count} entries are without a date"):
            queries.reconcile(case.con, bookings=listed(*rows), as_of=AS_OF)


def test_the_first_session_of_a_course_is_the_first_that_took_place(case: Case) -> None:
    course(case)
    once = [(f"b{at}", FIRST + dt.timedelta(weeks=1), 2 if at % 4 == 0 else 1) for at in range(60)]
    bounds = {"first": FIRST, "last": FIRST + dt.timedelta(weeks=5)}
    found = queries.reconcile(case.con, bookings=listed(*once), as_of=AS_OF, **bounds)
    assert found.verdict == "explained"
    assert "courses_once" in names(found)
    # A filter on days does not make another session the first.
    assert counts_of_courses_once(case, FIRST + dt.timedelta(weeks=2)) == (0, 0)


def counts_of_courses_once(case: Case, since: dt.date) -> tuple[int, int]:
    """The counts of `courses_once` over the sessions since a day."""
    where = read_filter(BOOKED_SESSION, {"localDate": {"$gte": since.isoformat()}})
    rules = [rule for rule in shipped_explanations() if rule.key == "courses_once"]
    tried = prepared(case.con, Scope(where, as_of_instant(AS_OF)), rules).tried
    return int(tried.part[1]), int(tried.whole[1])


def test_gaps_all_over_a_list_are_not_taken_for_contacts_that_they_do_not_know(studio: Studio) -> None:
    # Three of four rows of ten contacts, and every row of the four others.
    found = ask(studio, [row for row in own() if (at := int(row[0][1:])) % 14 not in (4, 9, 11, 12) and at % 4])
    assert "contacts_gone" not in names(found)
    assert found.verdict != "explained"


def test_a_number_beside_a_list_of_no_shows_may_fit_by_chance(studio: Studio) -> None:
    missed = [row for row in own() if row[2] == 2]
    verdicts = Counter(ask(studio, missed, f"{len(missed)}/{whole}").verdict for whole in range(40, 79, 4))
    assert verdicts["explained"] == 0


def sums(rows: list[tuple[str, dt.date | None, int]], of: str) -> pl.DataFrame:
    """Sums of a list by day, week or month, of rows with a date."""
    frame = pl.DataFrame(rows, schema=["name", "date", "state"], orient="row")
    group = pl.col("date") if of == "day" else pl.col("date").dt.truncate(of)
    return frame.group_by(group=group, maintain_order=True).agg(
        part=(pl.col("state") == 2).sum().cast(pl.Int64), whole=pl.len().cast(pl.Int64)
    )


@pytest.mark.parametrize("of", ["day", "1w", "1mo"])
def test_sums_are_compared_group_by_group(studio: Studio, of: str) -> None:
    # The sessions start at 23:30 in UTC, half past midnight in Berlin: our days are those of Berlin.
    local = [(name, day(int(name[1:])) + dt.timedelta(days=1), each) for name, _, each in own()]
    found = queries.reconcile(studio.con, sums=sums(local, of), as_of=AS_OF)
    assert found.sentence.startswith("No difference: all")
    found = queries.reconcile(studio.con, sums=sums(own(), of), as_of=AS_OF)
    assert found.verdict == ("explained" if of != "1mo" else found.verdict)
    assert "utc_dates" in names(found)
    assert found.groups.columns == ["group", "numerator", "denominator", "their_numerator", "their_denominator"]


def test_a_single_sum_is_named_no_sooner_than_two_counts(studio: Studio) -> None:
    bounds = {"first": FIRST + dt.timedelta(days=1), "last": dt.date(2026, 3, 31), "as_of": AS_OF}
    # Without the last day: few rows, which two counts leave open.
    less = queries.reconcile(studio.con, "1/2", **{**bounds, "last": dt.date(2026, 3, 30)})  # type: ignore[arg-type]
    counts = f"{less.numerator}/{less.denominator}"
    one = pl.DataFrame({"group": [dt.date(2026, 3, 1)], "part": [less.numerator], "whole": [less.denominator]})
    for found in (
        queries.reconcile(studio.con, counts, **bounds),  # type: ignore[arg-type]
        queries.reconcile(studio.con, sums=one, **bounds),  # type: ignore[arg-type]
    ):
        assert found.verdict == "several"
        assert "last_day_out" in names(found)


def test_sums_that_nothing_gives_are_listed(studio: Studio) -> None:
    theirs = sums([(name, day(int(name[1:])) + dt.timedelta(days=1), each) for name, _, each in own()], "1w")
    wrong = theirs.with_columns(whole=pl.col("whole") + (pl.int_range(pl.len()) == 2).cast(pl.Int64) * 3)
    found = queries.reconcile(studio.con, sums=wrong, as_of=AS_OF)
    assert (found.verdict, found.groups.height) == ("none", 1)
    assert found.sentence == f"1 of {theirs.height} sums differ, and no explanation gives all of them."


def test_sums_of_services_are_compared_whatever_their_case_and_number(case: Case) -> None:
    # More services than are tried one by one.
    case.given(
        booking="\n".join(
            [
                "booking | session | starts_at | service",
                *(f"b{at} | s{at} | {day(at)} 18:00 | Art {at % 30}" for at in range(90)),
            ]
        ),
        attendance="\n".join(["booking | session | status", *(f"b{at} | s{at} | ATTENDED" for at in range(90))]),
    )
    theirs = pl.DataFrame({"group": [f"ART {at} " for at in range(30)], "part": [0] * 30, "whole": [3] * 30})
    assert queries.reconcile(case.con, sums=theirs, as_of=AS_OF).sentence.startswith("No difference: all 30 sums")
    with pytest.raises(queries.DataRefused, match="no sum is of a service that noshow has bookings of"):
        queries.reconcile(case.con, sums=theirs.with_columns(group=pl.lit("?")), as_of=AS_OF)
    with pytest.raises(queries.DataRefused, match="no sum is of a day that noshow has bookings of"):
        queries.reconcile(case.con, sums=theirs.with_columns(group=dt.date(2020, 1, 1)).head(1), as_of=AS_OF)
