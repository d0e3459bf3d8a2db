"""Ranked tables: order, caps, groups too small for a rate, and the whiskers' geometry."""

from __future__ import annotations

import re

import polars as pl
import pytest
from support import report_frames as build
from support.report_frames import plain, report

from pipeline.cli.rates import print_table
from queries.measures.clustering import INDEPENDENT
from queries.measures.group_verdicts import GroupVerdict
from queries.measures.no_shows import ranked
from queries.model.groupings import groupings_named
from reports.drawing.anchors import row_id
from reports.sections.where.rankings import RankingKind, ranking_of

KIND = RankingKind("service", "service", "services", 3, "the database")


def test_those_with_too_few_stand_last_without_rank_or_rate() -> None:
    frame = build.named(
        "service", ("Yoga", build.counts(15, 5)), ("Talk", build.counts(1, 1)), ("Walk", build.counts(0, 3))
    )
    ranking = ranking_of(KIND, frame, 0.25, 10, {})
    assert [(group.place, group.name, group.no_shows, group.marked) for group in ranking.groups] == [
        (1, "Yoga", 5, 20),
        (None, "Walk", 3, 3),
        (None, "Talk", 1, 2),
    ]
    assert [group.rate for group in ranking.groups] == [0.25, None, None]
    assert [group.whisker is None for group in ranking.groups] == [False, True, True]
    assert plain(ranking.order) == (
        "The order follows the lowest likely rate, so that a handful of chance no-shows does not lead the list. 2 "
        "services with fewer than 10 marked bookings "
        "have no rank and stand last, by number of no-shows."
    )


def test_a_cap_is_said() -> None:
    frame = build.named("service", *((f"S{number}", build.counts(18 - number, 2)) for number in range(4)))
    ranking = ranking_of(KIND, frame, 0.1, 10, {})
    assert [group.name for group in ranking.groups] == ["S0", "S1", "S2"]
    assert (ranking.total, ranking.cap) == (
        4,
        "3 of 4 services shown; for the rest, the database",
    )
    assert ranking_of(KIND, frame.head(3), 0.1, 10, {}).cap is None


def test_groups_with_nothing_but_cancellations_are_no_groups() -> None:
    frame = build.named("service", ("Yoga", build.counts(9, 1)), ("Off", build.counts(0, 0, cancelled_bookings=4)))
    assert [group.name for group in ranking_of(KIND, frame, 0.1, 10, {}).groups] == ["Yoga"]


def test_ten_groups_that_differ_are_ranked_by_their_shrunk_rate_and_alike_ones_by_their_interval() -> None:
    differing = [(f"S{number}", build.counts(100 - 9 * number, 9 * number)) for number in range(10)]
    assert ranking_of(KIND, build.named("service", *differing), 0.4, 10, {}).order.startswith(
        "The highest cautious rate first"
    )
    alike = [(f"S{number}", build.counts(90, 10)) for number in range(10)]
    assert ranking_of(KIND, build.named("service", *alike), 0.1, 10, {}).order.startswith(
        "The order follows the lowest likely rate, so that a handful of chance no-shows does not lead the list."
    )


# The second has a lower rate than the third, and a higher lower end.
FEW = [("Spinning", build.counts(150, 50)), ("Yoga", build.counts(880, 120)), ("Course", build.counts(25, 5))]
MANY = [(f"S{number}", build.counts(100 - 9 * number, 9 * number)) for number in range(10)]
ORDERS = pytest.mark.parametrize(
    ("services", "head", "column"),
    [(FEW, "lowest likely rate", "no_show_rate_low"), (MANY, "cautious rate", "shrunk_rate")],
)


def in_order(services: list[tuple[str, build.Counts]]) -> pl.DataFrame:
    return ranked(build.named("service", *services), groupings_named(("service",)), 10, INDEPENDENT)


@ORDERS
def test_the_head_of_the_ranks_names_the_figure_that_orders_them(
    services: list[tuple[str, build.Counts]], head: str, column: str
) -> None:
    frame = in_order(services)
    assert frame[column].to_list() == sorted(frame[column], reverse=True)
    page = build.draw(report(service=frame))
    assert re.findall(r"<th [^>]*>(Rank[^<]*)</th>", page)[0] == f"Rank, by {head}"
    assert [group.name for group in report(service=frame).rankings[0].groups] == frame["service"].to_list()


@ORDERS
def test_the_table_of_a_terminal_names_the_figure_that_orders_it(
    capsys: pytest.CaptureFixture[str], services: list[tuple[str, build.Counts]], head: str, column: str
) -> None:
    frame = in_order(services)
    print_table(frame, groupings_named(("service",)))
    printed = capsys.readouterr().out
    assert [name for name in re.findall(r"\w+", printed) if name in dict(services)] == frame["service"].to_list()
    assert ("highest lower end first" in printed) == (column == "no_show_rate_low")
    assert ("shrunk rate" in printed) == (column == "shrunk_rate")
    assert f"{100 * frame[column][0]:.1f} %" in printed
    print_table(frame.rename({"service": "local_hour"}), groupings_named(("local_hour",)))
    assert " first" not in capsys.readouterr().out


def test_where_all_have_too_few_it_is_said() -> None:
    ranking = ranking_of(KIND, build.named("service", ("Yoga", build.counts(3, 1))), 0.25, 10, {})
    assert plain(ranking.order) == (
        "No service has 10 marked bookings yet, too few to rank: the counts follow, the most no-shows first."
    )


def test_nothing_marked_is_too_few_even_where_no_least_number_is_asked() -> None:
    unmarked = [({"service_id": "id", "service": "Yoga"}, build.counts(0, 0, 3))]
    frame = build.rates(unmarked, {"service_id": pl.String, "service": pl.String}, min_bookings=0)
    (group,) = ranking_of(KIND, frame, None, 0, {}).groups
    assert (group.place, group.rate, group.whisker) == (None, None, None)


def test_low_coverage_shows_what_is_possible() -> None:
    frame = build.named("service", ("Yoga", build.counts(12, 4, 4)), ("Pilates", build.counts(12, 4, 5)))
    well, badly = ranking_of(KIND, frame, 0.25, 10, {}).groups
    assert (well.coverage, well.possible) == (0.8, None)
    assert plain(badly.possible or "") == "19.0 % to 42.9 %"


def test_whiskers_share_a_scale_of_whole_tens_that_holds_every_end() -> None:
    ranking = ranking_of(KIND, build.named("service", ("Yoga", build.counts(15, 5))), 0.25, 10, {})
    (group,) = ranking.groups
    assert ranking.scale == pytest.approx(0.5)  # the interval is 11.2 % to 46.9 %
    assert group.whisker is not None
    assert (group.whisker.low, group.whisker.rate, group.whisker.high) == ("48.1", "100.0", "182.2")
    assert ranking.overall == "100.0"


def test_row_ids_are_a_slug_and_a_hash_of_the_key() -> None:
    assert row_id("service", 'Yoga & <b>"more"', "k1").startswith("service-yoga-b-more-")
    assert row_id("service", "Yoga", "k1") != row_id("service", "Yoga", "k2")
    assert row_id("service", "Yoga", "k1") == row_id("service", "Yoga", "k1")
    assert len(row_id("service", "東京", None)) == len("service-") + 10


@pytest.mark.parametrize(
    ("answer", "side", "lately", "direction"),
    [
        ("found", "more", False, "more"),
        ("found", "fewer", False, "fewer"),
        ("not found", "fewer", False, None),
        ("not found", "more", True, "more"),
        ("explained", "more", True, None),
    ],
)
def test_a_badge_points_to_the_side_that_is_found(answer: str, side: str, lately: bool, direction: str | None) -> None:
    is_explained, said = answer == "explained", "not found" if answer == "explained" else answer
    one = GroupVerdict("service", "id-0", said, side, 5, 20, 9, 50, 1.0, is_explained, None, is_explained, None, None)  # type: ignore[arg-type]
    key = ("service", "id-0")
    frame = build.named("service", ("Yoga", build.counts(15, 5)), ("Spin", build.counts(45, 5)))
    groups = ranking_of(KIND, frame, 0.25, 10, {key: one}, [key] if lately else []).groups
    assert {group.name: group.direction for group in groups} == {"Yoga": direction, "Spin": None}


@pytest.mark.parametrize(("each", "rate"), [((20, 0), "0.0 %"), ((0, 20), "100.0 %")])
def test_nothing_is_ranked_if_every_rate_is_the_same(each: tuple[int, int], rate: str) -> None:
    ranking = ranking_of(
        KIND, build.named("service", ("Yoga", build.counts(*each)), ("Spin", build.counts(*each))), 0, 9, {}
    )
    assert [group.place for group in ranking.groups] == [None, None]
    assert plain(ranking.order) == f"Every rate is {rate}, so none is ranked."
    assert "too few" not in ranking.order
