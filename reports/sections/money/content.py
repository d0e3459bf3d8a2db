"""The money of missed bookings: paid, owed, refunded and charged, by currency, and the contradictions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from queries.model.vocabularies import MONEY_CONTRADICTIONS, MONEY_FIGURES
from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.section import Inputs

# Rows of the list of each kind of contradiction; the view has all of them.
MOST_OF_A_KIND = 10
# Figure -> its name on the page, and its meaning if that does not say it.
NAMES: Mapping[str, tuple[str, str]] = {
    "list_value": ("List price of the seats left empty", ""),
    "paid": ("Paid", "for the orders of these bookings, refunds not taken off"),
    "owed": ("Still owed", "the balance of these orders"),
    "refunded": ("Refunded", ""),
    "fees_due": ("Fees due", "not yet applied to an order"),
    "fees_applied": ("Fees applied", "part of an order, paid or not"),
    "fees_collected": ("Fees collected", "none of a fee that is only due"),
    "fees_waived": ("Fees waived", ""),
    "fees_unknown": ("Other fees", "without a known order"),
    "fees_previewed": ("Fees previewed", "not to be paid yet"),
}
SOURCES = {"price": "prices", "order": "orders", "fee": "fees", "stated": "stated by the source"}
# Always on the page, since the owner asks for them; the others if something is known of them.
_ALWAYS = ("fees_due", "fees_applied", "fees_collected", "fees_waived")
# Kind of contradiction -> its name for one booking and for several.
KINDS = {
    "fee_without_no_show": ("fee without a no-show", "fees without a no-show"),
    "no_show_without_fee": ("no-show without the fee of its policy", "no-shows without the fee of their policy"),
    "fee_twice": ("booking with two fees or more", "bookings with two fees or more"),
}


@dataclass(frozen=True, slots=True)
class Amount:
    """A figure in one currency: `amount` of `bookings`, None if nothing is known; of `missing` others it is not known.

    `currency` is None if it is not known; `sources` name in words the records that the amount comes from.
    """

    currency: str | None
    figure: str
    name: str
    meaning: str
    amount: Decimal | None
    bookings: int
    missing: int
    sources: str


@dataclass(frozen=True, slots=True)
class Contradiction:
    """A booking whose money contradicts its outcome, with the fee if there is one."""

    booking_id: str
    kind: str
    why: str
    service: str
    start: str
    amount: Decimal | None
    currency: str | None


@dataclass(frozen=True, slots=True)
class Money:
    """The figures by currency, the number of contradictions of each kind that occurs, and the first of them."""

    amounts: tuple[Amount, ...]
    counts: Mapping[str, int]
    contradictions: tuple[Contradiction, ...]

    @property
    def title(self) -> str:
        """The finding on fees."""
        due, applied = self.sums("fees_due"), self.sums("fees_applied")
        has_gaps = any(each.missing for each in self.amounts if each.figure in _KNOWN)
        known = "is known to be" if has_gaps else "is"
        return say(self, TITLES, {"due": _listed(due), "applied": _listed(applied), "known": known})

    @property
    def contradictions_title(self) -> str:
        """The finding on contradictions."""
        named = [words.plural(number, *KINDS[kind]) for kind, number in self.counts.items()]
        return say(self, CONTRADICTIONS, {"named": words.listed(named) if named else ""})

    @property
    def total(self) -> int:
        """The number of contradictions."""
        return sum(self.counts.values())

    def sums(self, figure: str) -> list[Amount]:
        """The amounts above 0 of a figure, one for each currency."""
        return [each for each in self.amounts if each.figure == figure and each.amount]

    def is_known(self, figure: str) -> bool:
        """Whether anything is known of a figure."""
        return any(each.figure == figure and each.amount is not None for each in self.amounts)


def _listed(amounts: Sequence[Amount]) -> str:
    return words.listed([words.cents(each.amount or Decimal(0), each.currency) for each in amounts]) if amounts else ""


_KNOWN = ("fees_due", "fees_applied")
TITLES: Sequence[Sentence[Money]] = (
    Sentence(
        "Fees of {due} are due, and {applied} were applied to orders.",
        lambda each: bool(each.sums("fees_due")) and bool(each.sums("fees_applied")),
    ),
    Sentence(
        "Fees of {due} are due, and none {known} applied to an order.",
        lambda each: bool(each.sums("fees_due")) and not each.sums("fees_applied"),
    ),
    Sentence(
        "No fee {known} due, and {applied} were applied to orders.",
        lambda each: not each.sums("fees_due") and bool(each.sums("fees_applied")),
    ),
    Sentence(
        "No fee {known} due or applied to an order.",
        lambda each: not any(map(each.sums, _KNOWN)) and any(map(each.is_known, _KNOWN)),
    ),
    Sentence("Whether fees are due cannot be seen.", lambda each: not any(map(each.is_known, _KNOWN))),
)
CONTRADICTIONS: Sequence[Sentence[Money]] = (
    Sentence("No money contradicts the outcome of its booking.", lambda each: not each.counts),
    Sentence("To look into: {named}.", lambda each: bool(each.counts)),
)


def content(inputs: Inputs) -> Money | None:
    """The section of a report; None if no record says anything of money but prices."""
    return money_of(inputs.frames.rows["money"], inputs.frames.rows["money_contradictions"])


def money_of(money: pl.DataFrame, contradictions: pl.DataFrame) -> Money | None:
    """From the measures `money` and `money_contradictions`; None if there is neither an amount but prices nor a row."""
    if contradictions.is_empty() and money.filter(pl.col("figure") != "list_value", pl.col("bookings") > 0).is_empty():
        return None
    order = pl.col("figure").replace_strict(MONEY_FIGURES, range(len(MONEY_FIGURES)), return_dtype=pl.Int64)
    rows = money.sort("currency", order).to_dicts()
    amounts = (
        Amount(
            row["currency"] or None,
            row["figure"],
            *NAMES[row["figure"]],
            row["amount"],
            row["bookings"],
            row["missing"],
            words.listed([SOURCES[source] for source in row["sources"].split(", ")]) if row["sources"] else "",
        )
        for row in rows
    )
    counted = dict(contradictions.group_by("kind").len().iter_rows())
    first = [contradictions.filter(pl.col("kind") == kind).head(MOST_OF_A_KIND) for kind in MONEY_CONTRADICTIONS]
    return Money(
        tuple(each for each in amounts if each.bookings or each.figure in _ALWAYS),
        {kind: counted[kind] for kind in MONEY_CONTRADICTIONS if kind in counted},
        tuple(
            Contradiction(
                row["booking_id"],
                row["kind"],
                row["why"],
                words.clean(row["service"]),
                words.clock(row["local_start"]),
                row["amount"],
                row["currency"] or None,
            )
            for each in first
            for row in each.to_dicts()
        ),
    )
