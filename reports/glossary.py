"""The site's settings go in; what each word of the report means comes out."""

from __future__ import annotations

from queries import Site
from reports import words

_TERMS = {
    "Due": "A confirmed booking of a session that was not cancelled, {grace} hours after the session's end. "
    "A course booking counts once for each session of the course.",
    "Marked": "The attendance says attended or not attended. Where status and number disagree, the status decides.",
    "No-show rate": "No-shows ÷ (attended + no-shows). Cancelled bookings are in neither number.",
    "Unmarked": "Nobody has said. Unknown, and never taken for attended or for a no-show.",
    "Coverage": "Marked ÷ all due bookings. Below 80 % the possible range leads, not the rate, and groups show theirs.",
    "Possible range": "The rate if every unmarked booking was attended, up to the rate if none was.",
    words.INTERVAL: "Wilson score interval: how far chance alone may have moved the rate. "
    "For participants it allows for parties that come or stay away together.",
    "Too few to say": "Fewer than {few}: counts, and neither a rate nor a rank.",
    "Ranking": "By (no-shows + M · p) ÷ (marked + M), where p is the rate of all groups together and M grows as the "
    "groups differ less. Under ten groups, or with no difference beyond chance, by the interval's lower end.",
    "Empty seats": "Booked participants who stayed away, of those on marked bookings; parties that came in part too.",
    "Late cancellation": "Cancelled within {late} hours before the start. Beside no-shows, never among them.",
    "Session series": "One service at one weekday and local start time, in one place, with one staff member.",
    "Week": "ISO week, Monday to Sunday, of the session's start in the session's own time zone.",
}


def glossary(site: Site, min_bookings: int) -> tuple[tuple[str, str], ...]:
    """Terms and their meanings, in reading order."""
    values = {
        "grace": site.grace_hours,
        "late": site.late_hours,
        "few": words.plural(min_bookings, "marked booking"),
    }
    return tuple((term, meaning.format(**values)) for term, meaning in _TERMS.items())
