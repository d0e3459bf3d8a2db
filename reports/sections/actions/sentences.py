"""The sentences of "What to do this week", each with the condition that makes it true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from queries.measures.group_verdicts import GroupVerdict
from reports.drawing.sentences import Sentence
from reports.sections.actions.findings import Findings, Holder
from reports.sections.headline.figures import Headline
from reports.sections.number.cautions import Records
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
class Missing:
    """Bookings without a service, location or member of staff; the verdict on them if they stand out, else None."""

    family: str
    bookings: int
    verdict: GroupVerdict | None


@dataclass(frozen=True, slots=True)
class Remedied:
    """The no-shows and rated bookings that a remedy is for, and those of all others."""

    theirs: tuple[int, int]
    others: tuple[int, int]


OLD: Sequence[Sentence[Records]] = (
    Sentence(
        "Load newer records: these end in {last}, so everything here is about the time until then.",
        lambda each: each.are_old and each.are_monthly,
    ),
    Sentence(
        "Load newer records: these end on {last}, so everything here is about the time until then.",
        lambda each: each.are_old and not each.are_monthly,
    ),
)
# Of those who have the most bookings to mark.
UNMARKED: Sequence[Sentence[Sequence[Holder]]] = (
    Sentence(
        "Start marking who came: none of {bookings} is marked. Begin with the sessions of {who}.",
        lambda holders: bool(holders) and all(each.is_named for each in holders),
    ),
    Sentence(
        "Start marking who came: none of {bookings} is marked.",
        lambda holders: not holders or not all(each.is_named for each in holders),
    ),
)
ONE_OUTCOME: Sequence[Sentence[Headline]] = (
    Sentence(
        "Check that absences are marked at all: of {rated} {one}s, none is a no-show.",
        lambda each: each.has_one_outcome and each.missed_bookings == 0,
    ),
    Sentence(
        "Check that those who came are marked as attended: all {rated} {one}s are no-shows.",
        lambda each: each.has_one_outcome and each.missed_bookings != 0,
    ),
)
# Of the number of records set aside, among which the other outcome may be.
ASIDE: Sequence[Sentence[int]] = (
    Sentence("", lambda records: not records),
    Sentence(
        "Other outcomes may be among the {aside} set aside: see How far to trust it.",
        lambda records: records > 0,
    ),
)
REGISTERS: Sequence[Sentence[Registers]] = (
    Sentence(
        "Fill in the registers of the last four weeks: {sessions} {have} {unmarked} that nobody marked, {whose}.",
        lambda found: found.unmarked_lately > 0,
    ),
)
# Of the number of unmarked bookings before those weeks.
OLDER: Sequence[Sentence[int]] = (
    Sentence("", lambda older: older == 0),
    Sentence(" {older} {are} older, perhaps beyond memory.", lambda older: older > 0),
)
NAMELESS: Sequence[Sentence[Missing]] = (
    Sentence(
        "Enter the missing {kinds}: of the {bookings} without, {rate} are no-shows, {against}.",
        lambda each: each.verdict is not None,
    ),
    Sentence(
        "Enter the missing {kinds}: {bookings} of {whole} have none, so they cannot be compared.",
        lambda each: each.verdict is None,
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
        "{remedy}: of the {marked}{bookings}, {theirs} are no-shows, {times} the {rest} of all others.",
        lambda found: found.others[0] > 0,
    ),
    Sentence(
        "{remedy}: of the {marked}{bookings}, {theirs} are no-shows; of all others, none ({rest_counts}).",
        lambda found: found.others[0] == 0,
    ),
)
# By the no-shows of the next person with repeat no-shows, 0 without any.
PERSON: Sequence[Sentence[int]] = (
    Sentence(
        "Speak to {who}: {theirs} {one}s are no-shows, and nobody else has two within a year.",
        lambda after: after == 0,
    ),
    Sentence(
        "Speak to {who}: {theirs} {one}s are no-shows. The next of those with repeat no-shows has {next}.",
        lambda after: after > 0,
    ),
)
PEOPLE: Sequence[Sentence[int]] = (
    Sentence("Speak to {who}, who has the most no-shows: {theirs} of {all} are theirs.", lambda people: people == 1),
    Sentence(
        "Speak to the {people} people with the most no-shows, first to {who}: {theirs} of {all} are theirs.",
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
        "Their list price is {price}; whether they came is unknown.",
        lambda size: size.brings == "certain" and size.value is not None,
    ),
    Sentence(
        "About {bookings} missed beyond the rate of all others{worth}.",
        lambda size: size.brings == "beyond others",
    ),
    Sentence(
        "About {bookings} missed beyond the rate of similar bookings of others{worth}.",
        lambda size: size.brings == "beyond expected",
    ),
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
