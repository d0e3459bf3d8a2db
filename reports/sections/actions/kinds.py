"""The kinds of actions: each a function from the findings of a report to an action, or None if nothing of it was found.

The size of an action is explained in `material`; its formula is in each function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from queries.model.attributes import PREFIX
from queries.model.families import DAYPART
from reports.drawing import words
from reports.drawing.group_names import is_nameless
from reports.drawing.sentences import say
from reports.sections.actions.findings import standing
from reports.sections.actions.material import Action, Material, sized
from reports.sections.actions.sentences import (
    FACTOR,
    GROUP,
    PEOPLE,
    PERSON,
    POLICY,
    SEATS,
    Brings,
    Remedied,
)
from reports.sections.factors.content import FactorRow
from reports.sections.factors.in_words import Compared
from reports.sections.where.nesting import Standout
from reports.sections.where.rankings import Ranking
from reports.sections.where.verdict_words import is_slight
from reports.sections.worth.content import SeatOffer


def factor(material: Material) -> Action | None:
    """Act on the largest factor that is found and that can be acted on within a week: lead time, if long ones are
    missed more, and attributes such as reminders.

    Bookings = the no-shows of its worst level beyond the rate of all other bookings; of lead time, those of all bands
    at the far end whose rates are above that of all.
    """
    rows = material.found.factors.factors if material.found.factors else ()
    for row in rows:
        found = row.compared
        counts = _to_be_acted_on(row)
        bookings = material.excess(*counts) if counts else 0
        if found and counts and bookings and found.differs_plainly:
            remedied = Remedied(counts, material.others(*counts))
            sentence = say(remedied, FACTOR, _remedied_values(remedied, found, material))
            return sized(material, "factor", sentence, "beyond others", bookings, "factors", about=row.name)
    return None


def _remedied_values(each: Remedied, found: Compared, material: Material) -> dict[str, str]:
    (missed, rated), (missed_else, rated_else) = each.theirs, each.others
    return {
        "remedy": words.capital(found.remedy),
        "marked": material.found.headline.one.removesuffix("booking"),
        "bookings": f"bookings made {found.beyond[0]}" if found.far and found.beyond else found.of_high,
        "theirs": words.rate_of(missed, rated),
        "times": words.times(missed / rated * rated_else / missed_else) if missed_else else "",
        "rest": words.rate_of(missed_else, rated_else),
        "rest_counts": words.of(missed_else, rated_else),
    }


def _to_be_acted_on(row: FactorRow) -> tuple[int, int] | None:
    """The no-shows and rated bookings that the remedy is for; None if the factor cannot be acted on."""
    if row.compared is None:
        return None
    return row.compared.high if row.name.startswith(PREFIX) else row.compared.far


def person(material: Material) -> Action | None:
    """Speak to the one person who is far above all others: bookings = their no-shows beyond the rate of all others."""
    who = material.people.alone if material.people else None
    if who is None or material.people is None:
        return None
    after = material.people.next_no_shows
    values = {"who": who.who, "theirs": words.of(who.no_shows, who.marked), "next": words.count(after)}
    sentence = say(after, PERSON, values | {"one": material.found.headline.one})
    bookings = material.excess(who.no_shows, who.marked)
    return sized(material, "person", sentence, "beyond others", bookings, who.id, about=who.id)


def people(material: Material) -> Action | None:
    """Speak to those with most no-shows, if fewer people than by chance make half: bookings = their no-shows beyond the
    rate of all others. One who is far above all others has an action of their own.
    """
    who, concentrated = material.people, material.concentrated
    if who is None or not who.repeats or concentrated is None or not concentrated.is_below_chance or who.alone:
        return None
    missed, rated = (sum(getattr(each, name) for each in who.repeats) for name in ("no_shows", "marked"))
    every = words.plural(material.found.headline.missed_bookings, "no-show")
    values = {
        "people": len(who.repeats),
        "who": who.repeats[0].who,
        "theirs": words.count(missed),
        "all": every,
    }
    sentence = say(len(who.repeats), PEOPLE, values)
    return sized(material, "people", sentence, "beyond others", material.excess(missed, rated), "who")


def group(material: Material) -> Action | None:
    """Look into the clearest group that loses more, unless a few people are the reason or it has no name to look for:
    bookings = its no-shows beyond the rate of similar bookings of others, or of the rest.
    """
    found = material.found
    named = (each for each in found.standouts.found if not is_nameless(each.phrase))
    chosen = next((each for each in named if not each.verdict.few_people and not is_slight(each.verdict)), None)
    if chosen is None or not found.has_enough:
        return None
    verdict = chosen.verdict
    alike = verdict.like_for_like
    others_rate = alike.others_rate if alike else verdict.rest_rate if verdict.rest_rated else 0.0
    is_first = chosen is found.first
    dated = found if is_first else replace(found, standouts=replace(found.standouts, since=None))
    sentence = say(chosen, GROUP, {"standing": standing(chosen, dated, chosen.mid_sentence)})
    bookings = max(0, round(verdict.missed - verdict.rated * others_rate))
    brings: Brings = "beyond expected" if alike else "beyond others"
    about = standout_key(verdict.family, verdict.key)
    return sized(material, "group", sentence, brings, bookings, _row_of(chosen, material.rankings), about=about)


def standout_key(family: str, key: str) -> str:
    """The name of a group that stands out, the same in every report."""
    return f"{family}|{key}"


def _row_of(each: Standout, rankings: Sequence[Ranking]) -> str:
    for ranking in rankings:
        for row in ranking.groups:
            if row.verdict and (row.verdict.family, row.verdict.key) == (each.family, each.key):
                return row.id
    return each.id if each.family == DAYPART else "where"


def seats(material: Material) -> Action | None:
    """Offer more seats in a class that fills up: bookings = the seats to offer times its full sessions."""
    offers = material.found.worth.offers if material.found.worth else ()
    best = max(offers, key=_more_booked, default=None)
    if best is None or not _more_booked(best):
        return None
    values = {
        "seats": words.plural(best.seats, "seat"),
        "service": best.service,
        "capacity": words.count(best.capacity),
        "full": words.of(best.full, best.sessions),
    }
    sentence = say(best, SEATS, values)
    return sized(material, "seats", sentence, "more booked", _more_booked(best), "worth", about=best.service)


def _more_booked(offer: SeatOffer) -> int:
    return (offer.seats or 0) * offer.full


def policy(material: Material) -> Action | None:
    """Keep a policy that made a difference, or think again: bookings = the difference times the bookings since then."""
    policies = material.found.course.policies if material.found.course else ()
    tested = [each for each in policies if each.made_fewer or each.made_more]
    best = max(tested, key=lambda each: each.bookings, default=None)
    if best is None:
        return None
    expected = words.percent(best.difference.expected)
    values = {"policy": best.what, "date": words.day(best.date), "after": best.after, "expected": expected}
    about = f"{best.date.isoformat()} {best.what}"
    return sized(material, "policy", say(best, POLICY, values), "kept", best.bookings, "policies", about=about)


# In the order of those that would bring the same. Those of `trust` come before them.
KINDS: Sequence[Callable[[Material], Action | None]] = (factor, person, people, group, seats, policy)
