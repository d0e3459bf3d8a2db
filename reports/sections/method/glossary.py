"""The words of the report explained, with the site's settings in the explanations."""

from __future__ import annotations

from queries import Site
from reports.drawing import words
from reports.scope.options import Options
from reports.sections.headline.figures import Headline

# The share of charts over 52 weeks that raise a signal although nothing changed, as simulated in tests/measures.
FALSE_ALARMS = "one chart in five"

_TERMS = {
    "Past bookings": "Those that are due: a confirmed booking of a session that was not cancelled, {grace} hours "
    "after the session's end. A course booking counts once for each session of the course.",
    "Marked": "The attendance says attended or not attended. Where status and number disagree, the status decides.",
    "No-show rate": "No-shows ÷ (attended + no-shows). Cancelled bookings are in neither number.",
    "Unmarked": "Nobody has said. Unknown, and never taken for attended or for a no-show.",
    "How many are marked": "Coverage: marked ÷ all past bookings. Below {enough} the possible range leads, not the "
    "rate, and groups show theirs.",
    "Possible range": "The bounds: the rate if every unmarked booking was attended, up to the rate if none was.",
    "Likely range": "The 95 % interval (Wilson score): how far chance alone may have moved the rate. "
    "It is wider the more alike bookings of one person, and those of one session, are. For participants it allows for "
    "parties that come or stay away together.",
    "Too few to say": "Fewer than {few}: counts, and neither a rate nor a rank.",
    "Ranking": "By the cautious or shrunk rate, drawn towards the average: (no-shows + M · p) ÷ (marked + M): p is "
    "the rate of all groups together, and M grows as the groups differ less. Under ten groups, or if they hardly "
    "differ, by the lowest rate of the likely range.",
    "More than the others": "No-shows above those of all others of its kind together, by a beta-binomial test that "
    "allows for bookings of one person or session being alike, with Benjamini-Hochberg at 5 % over all groups of the "
    "report, since one that looks at many groups finds chance ones. Where groups are compared with similar "
    "bookings, that has to confirm it, or finds it by itself.",
    "How far they lie apart": "A funnel plot: dotted limits hold 95 % of groups of a size by chance, full ones "
    "99.8 %; wider where bookings of one person or session are alike, or where all groups differ by more than chance.",
    "Usual range": "Limits of the p′ chart, Laney's: at three times the usual swing of the periods themselves. A "
    "point outside, or eight in a row on one side, is a signal; {alarms} over 52 weeks has one although nothing "
    "changed.",
    "Change": "A lasting step, a spell of 3 to 13 weeks that ended, or a steady trend; from two years of records on "
    "beside a yearly season. It is found if it is clearer than the clearest in 99 of 100 even courses, wherever in "
    "the course that was: at most 1 in 20 courses has one although nothing changed. Bookings of one session are alike; "
    "so are those of one person, which matters as far as people book more in one half of the time than in the other. "
    "Where people are not known, sessions alone are allowed for.",
    "Left alone": "The controls: locations or services that a change of policy left alone. The rate after the "
    "policy is compared with the one to expect had its odds changed as those of the controls did.",
    "Change between periods": "Newcombe's interval of the difference of two rates, 95 %, allowing for sessions and "
    "for people who book in one of the periods only.",
    "Best still possible": "(Attended + unmarked + not yet due) ÷ all sessions of the enrolment. Missed the majority: "
    "more than half of at least three marked.",
    "Repeat no-show": "Two or more no-shows by one person (contact) within a year.",
    "Seats to offer": "The most seats beyond the capacity for which more come than there are seats at a chance of at "
    "most {risk}. Those booked for one session stay away together as far as the class's past sessions show, at the "
    "upper 80 % bound of that correlation; with fewer than 8 sessions as far as those of all classes do.",
    "By participant": "Booked participants who stayed away, of those on marked bookings; of parties that came in part "
    "too.",
    "With late cancellations": "(No-shows + late cancellations) ÷ (marked bookings + late cancellations).",
    "At list price": "Participants who stayed away times the price of each; not money lost, since a seat may have been "
    "paid for.",
    "Late cancellation": "Cancelled within {late} hours before the start. Beside no-shows, never among them.",
    "Session series": "One service at one weekday and local start time, in one place, with one staff member.",
    "Week": "ISO week, Monday to Sunday, of the session's start in the session's own time zone.",
}


_FACTOR_TERMS = {
    "Rate, others equal": "The rate of the most frequent level at the adjusted odds ratio of another one, which is by "
    "a logistic regression of no-shows on all factors; odds are no-shows ÷ bookings kept. A factor is found if Wald's "
    "test of its levels holds up among all factors by Benjamini-Hochberg at 5 %. The odds ratios, also the crude ones, "
    "which leave the other factors aside, show when the pointer rests on a rate.",
    "Similar bookings": "Groups are compared like for like, by the indirectly standardised ratio: no-shows ÷ those "
    "expected of the same bookings by a regression on the factors that leaves the group itself aside. The interval "
    "leaves out the doubt about the expected number, which is small beside the other.",
    "If all ran the same risk": "How many people would make half of the no-shows if chance alone decided, with as many "
    "bookings each. Whether people differ is tested by Tarone's statistic.",
}
_SHARED_TERMS = {
    "Withheld": "A dash stands for a count from 1 to 7, or for one that would give such a count away when others are "
    "subtracted. All others are to the nearest 5, and rates are of the rounded counts. That holds within this report "
    "and those of its parts; who has reports of other periods or filters may learn more from their differences.",
    "Left out": "All that could name or single out somebody, or be subtracted: registers, session series, staff, "
    "courses, contacts, prices, attributes, visits, factors that go with no-shows, notice of cancellations, findings "
    "of loads, single sessions, the steps from bookings to the rate, participants, changes of policy, files.",
}


# Meanings of terms, and further terms, of reports with a source that records one side only.
_PRESUMED_TERMS = {
    "No-show rate": "(No-shows + presumed no-shows) ÷ (attended + presumed attended + no-shows + presumed no-shows). "
    "Cancelled and excused bookings are in neither number.",
    "Presumed": "A source that records only no-shows, or only arrivals, says nothing of the others. Without a mark "
    "they are presumed to have come, or to have stayed away: the true rate is at least, or at most, the one shown.",
    "How many are marked": "Coverage: marked and excused ÷ all past bookings of sources that record both sides, and of "
    "no others.",
}
_REGISTER_TERMS = ("Unmarked", "How many are marked", "Possible range")
_EXCUSED_TERMS = {
    "Excused": "Ill, injured or justified, as the source says. It completes a register and counts for coverage, and is "
    "in neither number of the rate.",
}


def glossary(site: Site, options: Options, headline: Headline | None = None) -> tuple[tuple[str, str], ...]:
    """Terms and their meanings, in reading order; those of presumed and excused bookings only if there are any."""
    values = {
        "grace": site.grace_hours,
        "late": site.late_hours,
        "few": words.plural(options.min_bookings, headline.one if headline else "marked booking"),
        "enough": _share(options.enough_coverage),
        "risk": _share(options.full_class_risk),
        "alarms": FALSE_ALARMS,
    }
    terms = _SHARED_TERMS | _TERMS if options.share else _TERMS | _FACTOR_TERMS
    if headline is not None and headline.is_presumed:
        terms = terms | _PRESUMED_TERMS
    if headline is not None and not headline.has_registers:
        terms = {term: meaning for term, meaning in terms.items() if term not in _REGISTER_TERMS}
    if headline is not None and headline.excused:
        terms = terms | _EXCUSED_TERMS
    return tuple((term, meaning.format(**values)) for term, meaning in terms.items())


def _share(rate: float) -> str:
    return f"{100 * rate:g}{words.NBSP}%"
