"""The sentences on hours and lead time, each with the condition that makes it true.

They name rates and claim no difference: whether days, hours and lead times differ is asked among the factors.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from queries.model.groupings import LEAD_TIME_BANDS
from reports.drawing import words
from reports.drawing.rate_rows import RateRow
from reports.drawing.sentences import Sentence, say
from reports.sections.factors import naming


@dataclass(frozen=True, slots=True)
class Hours:
    """How many hours of the week have a rate, have too few bookings for one, and have counts that are withheld.

    Without `has_times` the sessions have no known time, and each of the hours is a whole day. `is_even`: all of their
    rates are the same.
    """

    with_rate: int
    too_few: int
    withheld: int
    has_times: bool = True
    is_even: bool = False

    @property
    def are_none(self) -> bool:
        """Whether there is no hour with bookings."""
        return not (self.with_rate or self.too_few or self.withheld)


# The highest of several rates tends to overstate itself, whether they differ or not.
HIGHEST: Sequence[Sentence[Hours]] = (
    Sentence("No {hour} has a past booking yet.", lambda each: each.are_none),
    Sentence(
        "No {hour} has {least} yet, too few for rates.",
        lambda each: not each.with_rate and each.too_few > 0 and not each.withheld,
    ),
    Sentence("No {hour} has counts large enough to be shared.", lambda each: not each.with_rate and each.withheld > 0),
    Sentence("One {hour} only has a rate: {where}, {rate}.", lambda each: each.with_rate == 1),
    Sentence(
        "The highest of {number} rates is that of {where}, {rate}: picked as the highest, it is likely to overstate "
        "its {hour}.",
        lambda each: each.with_rate > 1 and not each.withheld and not each.is_even,
    ),
    Sentence(
        "All {number} {hour}s with a rate have the same one, {same}.",
        lambda each: each.with_rate > 1 and each.is_even,
    ),
    Sentence(
        "Of the {number} {hour}s that are shown, the highest rate is that of {where}, {rate}: picked as the highest, "
        "it is likely to overstate its {hour}.",
        lambda each: each.with_rate > 1 and each.withheld > 0 and not each.is_even,
    ),
)
RATELESS: Sequence[Sentence[Hours]] = (
    Sentence("", lambda each: not each.with_rate or not (each.too_few or each.withheld)),
    Sentence(
        " {few} with {fewer} {have} no rate.",
        lambda each: each.with_rate > 0 and each.too_few > 0 and not each.withheld,
    ),
    Sentence(
        " {few} with {fewer} or counts withheld {have} no rate.",
        lambda each: each.with_rate > 0 and each.withheld > 0,
    ),
)


def hours_in_words(
    hours: Hours, where: str, counts: tuple[int, int] | None, min_bookings: int, counted: str = "marked booking"
) -> str:
    """The hour with the highest rate, its (no-shows, bookings), and how many hours have no rate."""
    fewer = "marked" if counted.startswith("marked") else "bookings"
    values = {
        "hour": "hour" if hours.has_times else "day",
        "least": words.plural(min_bookings, counted),
        "number": words.count(hours.with_rate),
        "where": where,
        "rate": words.rate_of(*counts) if counts else "",
        "same": words.percent(counts[0] / counts[1]) if counts else "",
        "few": words.plural(hours.too_few + hours.withheld, "hour" if hours.has_times else "day"),
        "have": "has" if hours.too_few + hours.withheld == 1 else "have",
        "fewer": f"fewer than {min_bookings} {fewer}",
    }
    return say(hours, HIGHEST, values) + say(hours, RATELESS, values)


@dataclass(frozen=True, slots=True)
class LeadBand:
    """Bookings made so long ahead. `beyond` is the share of all no-shows that were booked farther ahead than this."""

    name: str
    no_shows: int | None
    marked: int | None
    rate: float | None
    low: float | None
    high: float | None
    beyond: float | None


@dataclass(frozen=True, slots=True)
class Leads:
    """All bands of lead time with bookings, and those of them with a rate."""

    every: tuple[LeadBand, ...]
    known: tuple[LeadBand, ...]

    @classmethod
    def of(cls, bands: Sequence[LeadBand]) -> Leads:
        """From all bands with bookings."""
        return cls(tuple(bands), tuple(band for band in bands if band.rate is not None))

    @property
    def differ(self) -> bool:
        """Whether the shortest and the longest lead time with a rate have another one, as it is written."""
        return len(self.known) > 1 and words.percent(self.known[0].rate) != words.percent(self.known[-1].rate)

    @property
    def half(self) -> tuple[LeadBand, LeadBand] | None:
        """The first band beyond which lie at most half of the no-shows, and the one that follows it."""
        pairs = zip(self.every, self.every[1:], strict=False)
        return next((each for each in pairs if each[0].beyond is not None and each[0].beyond <= 0.5), None)


LEADS: Sequence[Sentence[Leads]] = (
    Sentence("It is not known how far ahead bookings are made.", lambda each: not each.every),
    Sentence(
        "However far ahead bookings were made, there are too few for a rate to be shown.",
        lambda each: bool(each.every) and not each.known,
    ),
    Sentence(
        "All bookings are {first}, so there is nothing to compare.",
        lambda each: len(each.every) == len(each.known) == 1,
    ),
    Sentence(
        "Only of bookings {first} are there enough for a rate.",
        lambda each: len(each.known) == 1 < len(each.every),
    ),
    Sentence(
        "Of bookings {first}, {first_rate} do not come ({first_counts}); of those {last}, {last_rate} ({last_counts}).",
        lambda each: len(each.known) > 1 and each.half is None,
    ),
    Sentence(
        "Of bookings {first}, {first_rate} do not come ({first_counts}); of those {last}, {last_rate} "
        "({last_counts}). {beyond} of the no-shows are of bookings made {farther}.",
        lambda each: len(each.known) > 1 and each.half is not None,
    ),
)


# Of the bands of lead time between others that have bookings.
EMPTY: Sequence[Sentence[Sequence[str]]] = (
    Sentence("", lambda names: not names),
    Sentence("No past booking was made {names} ahead.", lambda names: bool(names)),
)


def empty_leads_in_words(names: Sequence[str]) -> str:
    """Which bands are missing among those from the first of the `names` to the last; empty if none is."""
    places = [LEAD_TIME_BANDS.index(name) for name in names]
    between = LEAD_TIME_BANDS[min(places) : max(places)] if places else ()
    missing = [name for name in between if name not in names]
    return say(missing, EMPTY, {"names": words.listed(missing, "or") if missing else ""})


# Of the bands of visits with a rate.
VISITS: Sequence[Sentence[Sequence[RateRow]]] = (
    Sentence("Too few bookings to compare first and later visits.", lambda known: len(known) < 2),
    Sentence(
        "Of {first} visits, {first_rate} are missed ({first_counts}); of visits {last}, {last_rate} ({last_counts}).",
        lambda known: len(known) > 1,
    ),
)


def visits_in_words(visits: Sequence[RateRow]) -> str:
    """The rates of the first and of the last band of visits that have one."""
    known = [row for row in visits if row.rate is not None]
    values: dict[str, str] = {}
    for end, row in (("first", known[0]), ("last", known[-1])) if known else ():
        values |= {end: row.name, f"{end}_rate": words.percent(row.rate)}
        values[f"{end}_counts"] = words.of(row.no_shows, row.marked)
    return say(known, VISITS, values)


def leads_in_words(lead: Sequence[LeadBand]) -> str:
    """The rates of the shortest and of the longest lead time, and where half of the no-shows lie."""
    leads = Leads.of(lead)
    return say(leads, LEADS, lead_values(leads))


def lead_values(leads: Leads) -> dict[str, str]:
    """The values of sentences on lead time; those that are not known are left out."""
    values: dict[str, str] = {}
    if leads.known:
        for end, band in (("first", leads.known[0]), ("last", leads.known[-1])):
            values |= {end: naming.lead_phrase(band.name), f"{end}_rate": words.percent(band.rate)}
            values[f"{end}_counts"] = words.of(band.no_shows, band.marked)
    if leads.half:
        half, following = leads.half
        values |= {"farther": naming.beyond(following.name), "beyond": words.percent(half.beyond)}
    return values
