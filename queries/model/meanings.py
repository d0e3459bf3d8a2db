"""The meaning of every column of the views, which becomes its comment in the database."""

from __future__ import annotations

from queries.model.fact import FACT, Fact
from queries.model.groupings import GROUPINGS

COUNTS = {
    "bookings": "due pairs of booking and session: A + N + U + PA + PM + E",
    "marked_bookings": "A + N: marked attended or not attended",
    "attended_bookings": "A: marked attended, in full or in part",
    "no_shows": "N: marked not attended",
    "unmarked_bookings": "U: not marked, unknown",
    "presumed_attended": "PA: presumed to have come, since the source would have said otherwise",
    "presumed_missed": "PM: presumed to have stayed away, since the source records only who came",
    "excused": "E: ill, injured or justified; neither attended nor a no-show",
    "rated_bookings": "A + PA + N + PM: the denominator of the no-show rate",
    "missed_bookings": "N + PM: the numerator of the no-show rate",
    "register_marked": "A + N + E of sources that record both sides",
    "register_no_shows": "N of sources that record both sides",
    "register_excused": "E of sources that record both sides",
    "partial_no_shows": "attended by fewer than booked",
    "booked": "participants of due pairs",
    "booked_marked": "participants of rated pairs",
    "absent": "participants of rated pairs who did not come",
    "walk_ins": "attendees beyond those booked",
    "booked_squared": "sum of squares of participants of rated pairs, for Kish's n",
    "cancelled_bookings": "pairs cancelled, beside the bookings: early + late + business + unknown",
    "early_cancelled": "cancelled earlier than the late hours",
    "late_cancelled": "cancelled within the late hours before the start; null if no cancel time is known",
    "business_cancelled": "cancelled by the business",
    "unknown_cancelled": "cancelled at an unknown time",
    "doubtful_defaults": "parties with one attendee, the API's default",
    "sessions": "different sessions",
    "sessions_unmarked": "different sessions with any unmarked pair",
    "session_squares": "sum over sessions of the squares of their rated bookings, for the design effect",
    "contact_squares": "sum over contacts of the squares of their rated bookings, for the design effect",
    "top_missed": "missed bookings of the three contacts with most of them",
    "top_rated": "rated bookings of these three contacts",
    "top_squares": "sum of the squares of the rated bookings of these three contacts",
    "value_absent": "absent participants times price, if known and in one currency",
}

RATES = {
    "no_show_rate": "(N + PM) / (A + PA + N + PM)",
    "no_show_rate_low": "Wilson score interval of no_show_rate over effective_n, 95 %, lower limit",
    "no_show_rate_high": "Wilson score interval of no_show_rate over effective_n, 95 %, upper limit",
    "design_effect": "factor on the variance of no_show_rate, since bookings of one contact or session are alike",
    "effective_n": "rated_bookings / design_effect",
    "coverage": "(A + N + E) / (A + N + E + U), of sources that record both sides; null if there is none",
    "bound_low": "N / (A + N + U) of sources that record both sides: if all of the unmarked came",
    "bound_high": "(N + U) / (A + N + U) of sources that record both sides: if none of the unmarked came",
    "participant_no_show_rate": "absent / booked_marked",
    "participant_no_show_rate_low": "Wilson interval with Kish's effective n over the design effect, lower limit",
    "participant_no_show_rate_high": "Wilson interval with Kish's effective n over the design effect, upper limit",
    "lost_seat_rate": "(N + PM + late) / (A + PA + N + PM + late)",
}

GROUPS = {grouping.name: grouping.meaning for grouping in GROUPINGS.values()}

COMPARED = {
    "grouping": "kind of group: service, series, location or staff",
    "group_id": "the id of the group",
    "name": "the group in words",
    "excess_score": "score test of the group's rate above that of all others together: z, with design effects",
    "p_value": "chance of as many no-shows or more if the group were like the others: beta-binomial, mid-p",
    "p_value_without_top": "the same without its three contacts with most no-shows; null if p_value is above 5 %",
    "frequent": "above the others beyond chance, by Benjamini-Hochberg at 5 % over all groups of all groupings",
    "few_people": "frequent only because of its three contacts with most no-shows; null unless frequent",
    "days_open": "whole days since the attendance was due",
}

# Of the days ahead.
AHEAD = {
    "earlier_bookings": "the contact's earlier bookings with a known outcome",
    "earlier_no_shows": "the contact's earlier no-shows",
    "group_rate": "no-show rate of bookings of the same service and lead time, shrunk to that of all",
    "risk": "chance of a no-show by the model; null unless it is licensed",
    "risk_band": "band of the risk; null unless the model is licensed",
    "no_show_chance": "the risk if the model is licensed, else the group_rate",
    "is_licensed": "whether a model is licensed, which is better than the rates of groups",
    "seats": "capacity, summed over sessions with a capacity",
    "waiting": "participants on the waiting list",
    "expected_no_shows": "sum of no_show_chance over the bookings",
    "no_shows_low": "95 % interval of the number of no-shows, lower limit",
    "no_shows_high": "95 % interval of the number of no-shows, upper limit",
}

# Of the bookings on lists of calls.
CALLS = {
    "contact_id": "who booked",
    "arm": "call or held_back",
    "hold_back": "the share held back when the arm of the contact was drawn; 0 if nothing was drawn",
    "listed_at": "when the booking was listed first, UTC",
    "reported_at": "when the call was last reported as done, UTC; null if it was not",
    "is_reached": "whether somebody was reached, if that was reported",
    "result": "what became of it: its outcome, cancelled, moved, business (cancelled by it) or not_due",
    "is_compared": "its outcome is known and says something about the person",
}

# Of figures that the report shows beside the rates.
MEASURED = {
    "empty_sessions": "sessions that nobody booked",
    "full_sessions": "sessions with at least as many participants booked as there are seats",
    "seats_marked": "capacity, summed over sessions whose bookings are all marked",
    "came_within": "participants who came, walk-ins as far as there are seats; of sessions that are fully marked",
    "rated_sessions": "sessions with rated participants",
    "booked_rated": "participants of rated bookings",
    "booked_rated_squared": "sum over sessions of the squares of booked_rated",
    "absent_squared_share": "sum over sessions of absent squared / booked_rated",
    "fill_rate": "booked / seats",
    "attendance_fill_rate": "came_within / seats_marked",
    "no_shows_in_a_year": "the most no-shows of the contact within any one year",
    "last_no_show": "local date of the last no-show",
    "attribute": "name of the attribute",
    "value": "value of the attribute as text; null: bookings without the attribute",
    "share_of_known": "cancelled_bookings / those of all bands; null if the notice is unknown",
}

# Of the money of bookings that were missed or cancelled late.
MONEY = {
    "figure": "kind of the amount: the list value of seats, paid, owed, refunded, or fees by their state",
    "amount": "sum of the figure in the currency; null if nothing of it is known",
    "missing": "bookings of which the figure is not known",
    "sources": "where the amount comes from: price, order, fee or stated by another system",
    "kind": "kind of contradiction: fee_without_no_show, no_show_without_fee or fee_twice",
    "why": "the contradiction in words",
}

# Columns that mean something else in a view than in the others.
_WITH_PRESUMED = {
    "attended_bookings": "A + PA: bookings that came, as marked or presumed",
    "no_shows": "N + PM: bookings missed, as marked or presumed",
    "absent": "participants of rated bookings who did not come",
    "booked": "participants of confirmed bookings",
}
_VIEWS_OF_COUNTS = (
    *(f"no_show_by_{name}" for name in GROUPINGS),
    "no_show_by_attribute_value",
    "course_sessions",
    "frequent_no_shows",
)
MEANINGS_IN_A_VIEW = {
    # The fact has columns of these names as well, of one booking each.
    **{(view, name): COUNTS[name] for view in _VIEWS_OF_COUNTS for name in ("booked", "absent", "walk_ins")},
    **{(view, name): text for view in ("session_occupancy", "occupancy") for name, text in _WITH_PRESUMED.items()},
    ("known_session", "capacity"): "seats of the session, if known",
    ("upcoming_sessions", "booked"): "participants of the bookings",
    ("session_occupancy", "capacity"): "seats of the session, which is one row here",
    ("session_occupancy", "fill_rate"): "booked / capacity",
    ("session_occupancy", "came_within"): (
        "participants who came, walk-ins as far as there are seats; incomplete while bookings are unmarked"
    ),
    ("occupancy", "capacity"): "seats of each of the sessions",
    ("repeat_no_shows", "no_shows"): "N + PM: bookings missed, as marked or presumed",
    ("money", "bookings"): "bookings that the amount is of",
    ("money", "currency"): "currency of the amount; empty if it is not known",
    ("money_contradictions", "amount"): "the fee, if there is one",
    ("money_contradictions", "currency"): "currency of the fee",
    ("cancellations_by_notice", "notice"): "time between the cancellation and the start; null: unknown",
    ("cancellations_by_notice", "late_cancelled"): "cancelled within the late hours before the start",
}

# Columns of the sessions, as the tables name them.
SESSIONS = {
    "service_name": "name of the service, as the source gives it",
    "location_name": "name of the location, as the source gives it",
    "staff_name": "name of the member of staff, as the source gives it",
    "status": "CONFIRMED or CANCELLED",
    "made_from_slot": "no calendar event was loaded: the session comes from the booked slot",
}


def meanings(fact: Fact = FACT) -> dict[str, str]:
    """The meaning of each column by its name, the same in every view that has it."""
    return {
        **COUNTS,
        **RATES,
        **GROUPS,
        **COMPARED,
        **AHEAD,
        **CALLS,
        **MEASURED,
        **MONEY,
        **SESSIONS,
        **{column.name: column.meaning for column in fact},
    }


MEANINGS = meanings()
