"""Courses: the drop-off by number of the session, and who missed the majority."""

from __future__ import annotations

from support import report_frames as build
from support.report_frames import draw, plain, report

from reports.scope.pseudonyms import pseudonym

NUMBERS = [
    {"session_number": number, "rated_bookings": 20, "missed_bookings": missed, "attended_bookings": 20 - missed}
    for number, missed in ((2, 6), (1, 2))
]
ENROLMENT = {"booking_id": "b", "service": "Pottery", "participant_id": "c-1", "participant_name": "Pat Doe"}


def test_without_enrolments_there_is_no_section() -> None:
    assert report().courses is None


def test_the_drop_off_is_in_order_and_in_words() -> None:
    made = report(
        course_numbers=build.rows("course_numbers", *NUMBERS), enrolments=build.rows("enrolments", ENROLMENT)
    ).courses
    assert [(number.number, number.rate) for number in made.numbers] == [(1, 0.1), (2, 0.3)]
    assert plain(made.summary) == (
        "At session 1, 10.0 % of the marked bookings are no-shows (2 of 20); at session 2, 30.0 % (6 of 20)."
    )


def test_who_missed_the_majority_is_listed_under_a_pseudonym_worst_prospects_first() -> None:
    missed = {"no_shows": 3, "attended_bookings": 1}
    rows = build.rows(
        "enrolments",
        ENROLMENT | missed | {"not_due": 4},
        ENROLMENT | missed | {"booking_id": "worse", "participant_id": "c-2"},
        ENROLMENT | {"booking_id": "fine", "no_shows": 1, "attended_bookings": 3},
    )
    made = report({"pseudonym_key": "k"}, course_numbers=build.rows("course_numbers", *NUMBERS), enrolments=rows)
    assert [one.who for one in made.courses.missed] == [pseudonym("k", "c-2"), pseudonym("k", "c-1")]
    assert (made.courses.missed_total, made.courses.cap) == (2, None)
    assert "Pat Doe" not in draw(made)


def test_where_nobody_can_be_named_they_are_counted_only() -> None:
    rows = build.rows("enrolments", ENROLMENT | {"no_shows": 3, "attended_bookings": 1})
    made = report({"left_out": frozenset({"participants"})}, enrolments=rows).courses
    assert (made.missed, made.missed_total) == ((), 1)
