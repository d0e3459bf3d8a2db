"""The sentences of "What to do this week", each with the condition that makes it true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from reports.drawing.sentences import Sentence
from reports.sections.actions.findings import Findings
from reports.sections.over_time.policies import BeforeAfter
from reports.sections.registers.content import Registers
from reports.sections.registers.habits import Silent
from reports.sections.where.nesting import Standout
from reports.sections.worth.content import SeatOffer

Brings = Literal["certain", "beyond others", "beyond expected", "more booked", "kept", "presumed"]


@dataclass(frozen=True, slots=True)
class Size:
    """The bookings that an action brings, in which way, and their list value; None if prices are not known."""

    brings: Brings
    bookings: int
    value: Decimal | None


@dataclass(frozen=True, slots=True)
class Remedied:
    """The no-shows and rated bookings that a remedy is for, and those of all others."""

    theirs: tuple[int, int]
    others: tuple[int, int]


REGISTERS: Sequence[Sentence[Registers]] = (
    Sentence(
        "Fill in the registers of the last four weeks: {sessions} {have} {unmarked} that nobody marked, {whose}.",
        lambda found: found.unmarked_lately > 0 and found.unmarked_lately == found.unmarked,
    ),
    Sentence(
        "Fill in the registers of the last four weeks, the newest first: {sessions} {have} {unmarked} that nobody "
        "marked, {whose}. {older} {are} older, perhaps beyond memory.",
        lambda found: 0 < found.unmarked_lately < found.unmarked,
    ),
)
SILENT: Sequence[Sentence[Silent]] = (
    Sentence("Ask whether {silent} still marks: nobody was marked {since}.", lambda one: one.kept_by == "staff"),
    Sentence(
        "Ask whether anybody still marks at {silent}: nobody was marked {since}.", lambda one: one.kept_by == "location"
    ),
    Sentence(
        "Ask whether anybody still marks {silent}: nobody was marked {since}.",
        lambda one: one.kept_by not in ("staff", "location"),
    ),
)
# The bookings that a remedy is for are those of the size: of lead time, all bands from which on it is high.
FACTOR: Sequence[Sentence[Remedied]] = (
    Sentence(
        "{remedy}: of the {bookings}, {theirs} are no-shows, {times} the {rest} of all others.",
        lambda found: found.others[0] > 0,
    ),
    Sentence(
        "{remedy}: of the {bookings}, {theirs} are no-shows; of all others, none ({rest_counts}).",
        lambda found: found.others[0] == 0,
    ),
)
PEOPLE: Sequence[Sentence[int]] = (
    Sentence("Speak to the person with the most no-shows: {theirs} of {all} are theirs.", lambda people: people == 1),
    Sentence(
        "Speak to the {people} people with the most no-shows: {theirs} of {all} are theirs.",
        lambda people: people > 1,
    ),
)
GROUP: Sequence[Sentence[Standout]] = (Sentence("Look into {standing}", lambda each: each.verdict.is_found("more")),)
SEATS: Sequence[Sentence[SeatOffer]] = (
    Sentence(
        "Offer {seats} more in {service} than its {capacity}: {full} sessions were full.",
        lambda offer: bool(offer.seats) and offer.full > 0,
    ),
)
POLICY: Sequence[Sentence[BeforeAfter]] = (
    Sentence(
        "Keep “{policy}”, since {date}: {after} are no-shows, and {expected} would be expected without it.",
        lambda each: each.made_fewer,
    ),
    Sentence(
        "Think again about “{policy}”, since {date}: {after} are no-shows, and {expected} would be expected without "
        "it.",
        lambda each: each.made_more,
    ),
)
SIZES: Sequence[Sentence[Size]] = (
    Sentence("Whether they came is unknown.", lambda size: size.brings == "certain" and size.value is None),
    Sentence(
        "Whether they came is unknown; their list price is {price}.",
        lambda size: size.brings == "certain" and size.value is not None,
    ),
    Sentence(
        "About {bookings} missed beyond the rate of all others{worth}.",
        lambda size: size.brings == "beyond others",
    ),
    Sentence("About {bookings} missed beyond those expected{worth}.", lambda size: size.brings == "beyond expected"),
    Sentence("Up to {bookings} more{worth}.", lambda size: size.brings == "more booked"),
    Sentence("About {bookings}{worth} since then.", lambda size: size.brings == "kept"),
    Sentence("The outcome of {bookings} is presumed until then.", lambda size: size.brings == "presumed"),
)
# Of the number of sizes in bookings missed: one booking may be late, long ahead and of the same group.
OVERLAP: Sequence[Sentence[int]] = (
    Sentence("", lambda sizes: sizes <= 1),
    Sentence("One booking can be in several of these, so they do not add up.", lambda sizes: sizes > 1),
)
NOTHING: Sequence[Sentence[Findings]] = (
    Sentence("There are too few outcomes to find anything to act on.", lambda found: not found.has_enough),
    Sentence("Nothing was found that you can act on.", lambda found: found.has_enough),
)
