"""Ranked tables of rates by group, with a whisker for each interval."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import polars as pl

from queries.measures.group_verdicts import GroupKey, GroupVerdict
from reports.drawing import words
from reports.drawing.anchors import row_id
from reports.drawing.group_names import group_name
from reports.drawing.scale import axis_top
from reports.sections.headline.figures import ENOUGH_COVERAGE
from reports.sections.where.verdict_words import Family, badge, family_in_words, lately_badge

Row = Mapping[str, Any]
# The strip that a whisker is drawn on, and the space at either end, in units of the SVG.
WHISKER_WIDTH = 200
_INSET = 6


@dataclass(frozen=True, slots=True)
class RankingKind:
    """A table to make: its grouping, its nouns, how many rows it shows and which view has the others."""

    grouping: str
    one: str
    many: str
    shown: int
    rest: str


@dataclass(frozen=True, slots=True)
class Whisker:
    """An interval drawn on a strip of `WHISKER_WIDTH` units: the positions of its ends and its dot."""

    low: str
    rate: str
    high: str


@dataclass(frozen=True, slots=True)
class Group:
    """A row. `place` counts from 1 among the ranked; it and the rate are None if too few bookings are marked.

    It is None as well if nobody missed in any group, or everybody: equal rates have no order. `low` and `high` are the
    ends of the rate's 95 % interval.

    `verdict` says whether it loses more or fewer than the others, `flag` the same in words if there is anything to say.

    Counts are None if withheld from a shared report.
    `possible` is the range whatever happened to the unmarked, if coverage is too low for the rate to lead, else None.
    `in_register` of the `registered` bookings of sources that record both sides are marked.
    """

    id: str
    place: int | None
    name: str
    no_shows: int | None
    marked: int | None
    bookings: int | None
    rate: float | None
    interval: str
    coverage: float | None
    possible: str | None
    in_register: int | None
    registered: int | None
    whisker: Whisker | None
    shrunk: float | None = None
    flag: str | None = None
    verdict: GroupVerdict | None = None
    is_lately: bool = False
    low: float | None = None
    high: float | None = None

    @property
    def direction(self) -> str | None:
        """`more` or `fewer` if the flag says that the group is found to differ to that side; None for other flags."""
        found = self.verdict.side if self.verdict and self.verdict.answer == "found" else None
        is_lately = self.is_lately and not (self.verdict and badge(self.verdict))
        return "more" if is_lately else found


@dataclass(frozen=True, slots=True)
class Ranking:
    """A table ready to be drawn.

    `finding` says whether its groups differ; None if there is nothing to compare. `scale` is the rate at the whiskers'
    right end, `overall` the position of the line of the overall rate, `shrunk` whether there are shrunk rates.
    """

    whisker_width: ClassVar[int] = WHISKER_WIDTH

    kind: RankingKind
    groups: tuple[Group, ...]
    total: int
    finding: str | None
    order: str
    cap: str | None
    scale: float
    overall: str | None
    shrunk: bool = False

    @property
    def ordered_by(self) -> str:
        """The figure that ranks the groups, as the head of the ranks names it."""
        return "cautious rate" if self.shrunk else "lowest likely rate"


def ranking_of(
    kind: RankingKind,
    rates: pl.DataFrame,
    overall: float | None,
    min_bookings: int,
    verdicts: Mapping[GroupKey, GroupVerdict],
    lately: Collection[GroupKey] = (),
    enough_coverage: float = ENOUGH_COVERAGE,
    counted: str = "marked booking",
) -> Ranking:
    """The first rows of the rates by one grouping, as `queries.no_show_rates` ranks them; rates from 0 to 1.

    `verdicts` are those on all groups, `lately` the keys of those that stand out in the last 26 weeks only. Groups with
    too few marked bookings come after the ranked ones, by their number of no-shows. `counted` is the noun for the
    denominator of the rates.
    """
    rates = rates.filter(pl.col("bookings").ne_missing(0)).with_columns(
        # The groups filtered out had cancellations only. A withheld count is too little as well.
        too_few=(pl.col("too_few") | (pl.col("rated_bookings") == 0) | pl.col("missed_bookings").is_null()).fill_null(
            True
        )
    )
    rows = _ordered(rates).head(kind.shown).to_dicts() if _are_named(kind, rates) else []
    scale = _scale(rows, overall)
    is_even = _has_one_rate(rates)
    return Ranking(
        kind=kind,
        groups=tuple(
            _group(kind, row, None if is_even else place, scale, enough_coverage, _Known(verdicts, lately))
            for place, row in enumerate(rows, start=1)
        ),
        total=rates.height,
        finding=_finding(kind, rates, verdicts) if rows else None,
        order=_order_in_words(kind, rates, min_bookings, counted),
        cap=_cap(kind, rates.height),
        scale=scale,
        overall=None if overall is None or rates["too_few"].all() else _position(overall, scale),
        shrunk=bool(rates["shrunk_rate"].is_not_null().any()),
    )


@dataclass(frozen=True, slots=True)
class _Known:
    verdicts: Mapping[GroupKey, GroupVerdict]
    lately: Collection[GroupKey]

    def flag(self, key: GroupKey) -> str | None:
        return badge(self.verdicts.get(key)) or lately_badge(key in self.lately)


def _finding(kind: RankingKind, rates: pl.DataFrame, verdicts: Mapping[GroupKey, GroupVerdict]) -> str | None:
    """Whether the groups differ; None if there is only one, or none is ranked: the order says so."""
    named = rates.select(f"{kind.grouping}_id", kind.grouping).iter_rows()
    known = [
        (group_name(kind.grouping, name), verdict)
        for key, name in named
        for verdict in [verdicts.get((kind.grouping, str(key)))]
        if verdict
    ]
    ranked = rates.filter(~pl.col("too_few"))
    if len(known) <= 1 or ranked.is_empty():
        return None
    counts = ranked.select(pl.col("missed_bookings", "rated_bookings").sum()).row(0)
    return family_in_words(Family(kind.many, known, counts[0] in (0, counts[1]), counts[0] > 0))


def _are_named(kind: RankingKind, rates: pl.DataFrame) -> bool:
    """Whether any group has a key: one group that holds everything without a known key is not a group."""
    return bool(rates[f"{kind.grouping}_id"].is_not_null().any())


def _ordered(rates: pl.DataFrame) -> pl.DataFrame:
    few = rates.filter(pl.col("too_few")).sort(
        ["missed_bookings", "rated_bookings", rates.columns[0]], descending=[True, True, False], nulls_last=True
    )
    return pl.concat([rates.filter(~pl.col("too_few")), few])


def _has_one_rate(rates: pl.DataFrame) -> bool:
    """Whether several groups are large enough for a rank, and nobody missed in them, or everybody."""
    ranked = rates.filter(~pl.col("too_few"))
    return ranked.height > 1 and ranked["no_show_rate"].n_unique() == 1 and ranked["no_show_rate"][0] in (0, 1)


def _group(
    kind: RankingKind, row: Row, place: int | None, scale: float, enough_coverage: float, known: _Known
) -> Group:
    ranked = not row["too_few"]
    key = (kind.grouping, str(row[f"{kind.grouping}_id"]))
    return Group(
        id=row_id(kind.grouping, row[kind.grouping], row[f"{kind.grouping}_id"]),
        place=place if ranked else None,
        name=group_name(kind.grouping, row[kind.grouping]),
        no_shows=row["missed_bookings"],
        marked=row["rated_bookings"],
        bookings=row["bookings"],
        rate=row["no_show_rate"] if ranked else None,
        interval=words.interval(row["no_show_rate_low"], row["no_show_rate_high"]),
        coverage=row["coverage"],
        possible=_possible(row, enough_coverage) if ranked else None,
        in_register=row["register_marked"],
        registered=_registered(row),
        whisker=_whisker(row, scale) if ranked else None,
        shrunk=row["shrunk_rate"] if ranked else None,
        flag=known.flag(key),
        verdict=known.verdicts.get(key),
        is_lately=key in known.lately,
        low=row["no_show_rate_low"] if ranked else None,
        high=row["no_show_rate_high"] if ranked else None,
    )


def _possible(row: Row, enough_coverage: float) -> str | None:
    # Where sources of one side stand beside, the range of the others is not that of the group.
    is_presumed = row["rated_bookings"] != (row["register_marked"] or 0) - (row["register_excused"] or 0)
    if row["coverage"] is None or row["coverage"] >= enough_coverage or is_presumed:
        return None
    return words.interval(row["bound_low"], row["bound_high"])


def _registered(row: Row) -> int | None:
    marked, unmarked = row["register_marked"], row["unmarked_bookings"]
    return None if marked is None or unmarked is None else marked + unmarked


def _whisker(row: Row, scale: float) -> Whisker:
    names = ("no_show_rate_low", "no_show_rate", "no_show_rate_high")
    return Whisker(*(_position(row[name], scale) for name in names))


def _position(rate: float, scale: float) -> str:
    return f"{_INSET + rate / scale * (WHISKER_WIDTH - 2 * _INSET):.1f}"


def _scale(rows: list[dict[str, Any]], overall: float | None) -> float:
    """The rate at the right end of the whiskers: it holds every interval drawn."""
    return axis_top(max([row["no_show_rate_high"] for row in rows if not row["too_few"]] + [overall or 0.0]))


def _cap(kind: RankingKind, total: int) -> str | None:
    return f"{words.of(kind.shown, total)} {kind.many} shown; for the rest, {kind.rest}" if total > kind.shown else None


def _order_in_words(kind: RankingKind, rates: pl.DataFrame, min_bookings: int, counted: str) -> str:
    if rates.is_empty():
        return f"No {kind.one} has a past booking yet."
    if not _are_named(kind, rates):
        return f"The data name no {kind.one}."
    if not rates["missed_bookings"].has_nulls() and not rates["rated_bookings"].sum():
        return f"No booking is marked, so no {kind.one} has a rate."
    few = int(rates["too_few"].sum())
    withheld = " or counts withheld" if rates["missed_bookings"].has_nulls() else ""
    if few == rates.height:
        shareable = " that may be shown" if withheld else ""
        return (
            f"No {kind.one} has {words.plural(min_bookings, counted)}{shareable} yet, too few to rank: "
            "the counts follow, the most no-shows first."
        )
    after = (
        f" {words.plural(few, kind.one, kind.many)} with fewer than {min_bookings} {counted}s{withheld} "
        "have no rank and stand last, by number of no-shows."
        if few
        else ""
    )
    return _ranked_in_words(kind, rates) + after


def _ranked_in_words(kind: RankingKind, rates: pl.DataFrame) -> str:
    if rates["shrunk_rate"].is_not_null().any():
        return (
            "The highest cautious rate first: each rate moved towards the overall one the more, the fewer bookings it "
            "rests on, so that a handful of chance no-shows does not lead the list."
        )
    if _has_one_rate(rates):
        rate = words.percent(rates.filter(~pl.col("too_few"))["no_show_rate"][0])
        return f"Every rate is {rate}, so none is ranked."
    if rates.height == 1:
        return f"One {kind.one} has past bookings."
    return "The order follows the lowest likely rate, so that a handful of chance no-shows does not lead the list."
