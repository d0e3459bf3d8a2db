"""An action of the first page, the contents that actions are made from, and the size of an action in words.

`bookings` is the size of an action, over the report's time: bookings whose outcome would become certain, that would not
be missed, or that could be booked more. The value is the number of bookings times the mean list price of an empty seat,
one seat to a booking, unless another is given.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.drawing import words
from reports.drawing.sentences import say
from reports.sections.actions.findings import Findings
from reports.sections.actions.sentences import SIZES, Brings, Size
from reports.sections.factors.content import Concentrated
from reports.sections.number.cautions import Records
from reports.sections.participants.content import Participants
from reports.sections.quality.records import SetAside
from reports.sections.where.rankings import Ranking


@dataclass(frozen=True, slots=True)
class Action:
    """A thing to do: its kind, the finding behind it, its size in words, and where the page has more (an id).

    `bookings` is its size; `value` is their list value in `currency`, None if prices are not known. `about` names the
    thing it is about, so that the same finding is known again in a later report whatever its counts are by then; it is
    empty for a kind that is about one thing only.
    """

    kind: str
    sentence: str
    size: str
    bookings: int
    value: Decimal | None
    currency: str | None
    anchor: str
    about: str = ""


@dataclass(frozen=True, slots=True)
class Material:
    """The contents that actions are made from; those that a report leaves out are None or empty."""

    found: Findings
    people: Participants | None = None
    concentrated: Concentrated | None = None
    rankings: Sequence[Ranking] = ()
    records: Records | None = None
    aside: SetAside | None = None

    def at_list_price(self, bookings: int) -> Decimal | None:
        """The bookings at the mean list price of an empty seat; None without a price, or in several currencies."""
        value = self.found.value
        return bookings * value.low / value.priced if value and value.priced else None

    def excess(self, missed: int, rated: int) -> int:
        """How many of the no-shows would remain to be explained at the rate of all other bookings, at least 0."""
        theirs, others = self.others(missed, rated)
        return max(0, round(missed - rated * theirs / others)) if others > 0 else 0

    def others(self, missed: int, rated: int) -> tuple[int, int]:
        """The no-shows and rated bookings of all others."""
        headline = self.found.headline
        return (headline.missed_bookings or 0) - missed, (headline.rated_bookings or 0) - rated


def sized(
    material: Material,
    kind: str,
    sentence: str,
    brings: Brings,
    bookings: int,
    anchor: str,
    value: Decimal | None = None,
    after: str = "",
    about: str = "",
) -> Action | None:
    """The action with its size in words, and the words after it; None if it brings less than a booking."""
    if not bookings:
        return None
    worth = value if brings == "certain" else material.at_list_price(bookings)
    currency = material.found.value.currency if material.found.value else _only_currency(material)
    size = say(Size(brings, bookings, worth), SIZES, _size_values(bookings, worth, currency))
    return Action(kind, sentence, size + after, bookings, worth, currency if worth else None, anchor, about)


def _only_currency(material: Material) -> str | None:
    values = material.found.worth.values if material.found.worth else ()
    return values[0].currency if len(values) == 1 else None


def _size_values(bookings: int, worth: Decimal | None, currency: str | None) -> dict[str, str]:
    price = words.money(worth, currency) if worth else ""
    at_list_price = f", {price} at the average list price" if worth else ""
    return {"bookings": words.plural(bookings, "booking"), "worth": at_list_price, "price": price}
