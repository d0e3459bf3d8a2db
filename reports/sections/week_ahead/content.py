"""How many no-shows to expect of the sessions of the next seven days."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from queries.answers.upcoming import with_seats_to_offer
from queries.measures.seats import ClassSeats, seats_of_classes
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs

# Sessions on the page: those with the most expected no-shows.
_MOST = 15


@dataclass(frozen=True, slots=True)
class SessionAhead:
    """A session that has not begun.

    `bookings` that are confirmed cover `booked` participants; `waiting` are participants on the waiting list. The
    expected no-shows are bookings, from `low` to `high` with 95 %, null if no outcome is known yet. `seats_to_offer`
    beyond the capacity is null unless the class is often full and has enough history.
    """

    start: str
    service: str
    location: str
    staff: str
    bookings: int
    booked: int
    seats: int | None
    waiting: int
    expected: float | None
    low: int | None
    high: int | None
    seats_to_offer: int | None


@dataclass(frozen=True, slots=True)
class WeekAhead:
    """The sessions ahead with the most expected no-shows in the order of their starts, and the sums over all of them.

    `model` is the card of the model that was trained last, None without one.
    """

    sessions: tuple[SessionAhead, ...]
    total: int
    bookings: int
    booked: int
    waiting: int
    expected: float | None
    low: int | None
    high: int | None
    model: Mapping[str, Any] | None

    @property
    def title(self) -> str:
        """How many no-shows are expected of how many bookings."""
        values = {
            "bookings": words.plural(self.bookings, "booking"),
            "expected": words.count(round(self.expected or 0)),
            "range": f"{words.RANGE} {words.count(self.low)} to {words.count(self.high)}",
        }
        return say(self, TITLES, values)

    @property
    def source(self) -> str:
        """The source of the chances, and whether a model does better."""
        return say(self.model, SOURCES, {"judged": _judged(self.model)})

    @property
    def has_locations(self) -> bool:
        """Whether any of them has a known location."""
        return any(session.location for session in self.sessions)

    @property
    def has_staff(self) -> bool:
        """Whether any of them has a known member of staff."""
        return any(session.staff for session in self.sessions)

    @property
    def has_waiting(self) -> bool:
        """Whether anybody waits."""
        return any(session.waiting for session in self.sessions)

    @property
    def has_offers(self) -> bool:
        """Whether more seats than there are may be offered in any of them."""
        return any(session.seats_to_offer for session in self.sessions)


TITLES: Sequence[Sentence[WeekAhead]] = (
    Sentence(
        "{bookings} in the next 7 days; no outcome is known to expect any from.", lambda each: each.expected is None
    ),
    Sentence(
        "Of {bookings} in the next 7 days about {expected} can be expected to be missed ({range}).",
        lambda each: each.expected is not None,
    ),
)

_RATES = "Expected from the past: how often bookings of the same service were missed that were made as long ahead."
Card = Mapping[str, Any] | None
SOURCES: Sequence[Sentence[Card]] = (
    Sentence(_RATES, lambda card: card is None),
    Sentence(
        f"{_RATES} Too few outcomes are known to try whether more can be said of single bookings.",
        lambda card: card is not None and not card["licensed"] and not _is_judged(card),
    ),
    Sentence(
        f"{_RATES} Nothing better can be had from these records: a model of single bookings was tried on {{judged}}, "
        "and it was not found to be of more use.",
        lambda card: card is not None and not card["licensed"] and _is_judged(card),
    ),
    Sentence(
        "Expected from facts known of each booking before its session: on {judged} this was better than the rates of "
        "such bookings.",
        lambda card: card is not None and card["licensed"],
    ),
)


def content(inputs: Inputs) -> WeekAhead | None:
    """The section of a report; None if no session is ahead."""
    rows, records, options = inputs.frames.rows, inputs.frames.records, inputs.about.options
    classes = seats_of_classes(rows["occupancy"].to_dicts(), options.full_class_risk)
    return week_ahead_of(rows["sessions_ahead"], rows["week_ahead"], classes, records["model"])


def week_ahead_of(
    sessions: pl.DataFrame, totals: pl.DataFrame, classes: list[ClassSeats], model: pl.DataFrame
) -> WeekAhead | None:
    """From the measures `sessions_ahead` and `week_ahead`, the verdicts on seats, and the card of the model, if any."""
    if sessions.is_empty():
        return None
    (total,) = totals.to_dicts()
    most = (
        with_seats_to_offer(sessions, classes).sort("expected_no_shows", descending=True, nulls_last=True).head(_MOST)
    )
    return WeekAhead(
        sessions=tuple(_session(row) for row in most.sort("starts_at", "session_id").to_dicts()),
        total=sessions.height,
        bookings=total["bookings"],
        booked=total["booked"],
        waiting=total["waiting"],
        expected=total["expected_no_shows"],
        low=total["no_shows_low"],
        high=total["no_shows_high"],
        model=json.loads(model["card"][0]) if model.height else None,
    )


def _session(row: Mapping[str, Any]) -> SessionAhead:
    return SessionAhead(
        words.clock(row["local_start"]),
        words.clean(row["service"]),
        words.clean(row["location"], ""),
        words.clean(row["staff"], ""),
        row["bookings"],
        row["booked"],
        row["seats"],
        row["waiting"],
        row["expected_no_shows"],
        row["no_shows_low"],
        row["no_shows_high"],
        row["seats_to_offer"],
    )


def _is_judged(card: Mapping[str, Any]) -> bool:
    return "too few" not in card["verdict"]


def _judged(card: Card) -> str:
    judged = card["judged"] if card else None
    return words.plural(judged["bookings"], "later booking") if judged else ""
