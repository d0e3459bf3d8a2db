"""Flags: scipy's beta-binomial and statsmodels' Benjamini-Hochberg, few people, and the same flags in the shell."""

from __future__ import annotations

import random

import duckdb
import polars as pl
import pytest
from scipy.stats import betabinom
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportions_ztest
from support.fixtures import Load
from support.records import Make

import queries
from queries.measures.clustering import INDEPENDENT, Clustering
from queries.measures.frequent import Compared, beta_binomial_tail, excess_tail, flagged_together, with_frequent

TAILS = [(3, 12, 0.1, 0.05), (0, 5, 0.2, 0.3), (12, 12, 0.5, 0.01), (30, 120, 0.15, 1e-4), (4000, 20_000, 0.19, 1e-3),
         (3, 10, 0.05, 0.6), (9, 10, 0.05, 0.999), (1, 1, 0.3, 0.5)]  # fmt: skip
SQUARES = ("contact_squares", "session_squares", "top_missed", "top_rated", "top_squares")


@pytest.mark.parametrize(("k", "n", "p", "r"), TAILS)
def test_the_tail_against_scipy_and_in_the_shell(
    k: int, n: int, p: float, r: float, con: duckdb.DuckDBPyConnection
) -> None:
    theirs = betabinom(n, p * (1 - r) / r, (1 - p) * (1 - r) / r)
    tail = theirs.sf(k) + theirs.pmf(k) / 2
    assert beta_binomial_tail(k, n, p, r) == pytest.approx(tail, rel=1e-7)
    ((shell,),) = con.execute("select beta_binomial_tail($1::bigint, $2::bigint, $3, $4)", [k, n, p, r]).fetchall()
    assert shell == pytest.approx(tail, rel=1e-7)


def test_the_tail_has_the_variance_of_both_rates() -> None:
    """D/n + D₂/n₂ of p₂(1 - p₂), from the beta-binomial that scipy has the variance of."""
    group = Compared(60, 300, 2.5, 1200, 10_000, 3.0)
    r = (2.5 + 300 * 3.0 / 10_000 - 1) / 299
    theirs = betabinom(300, 0.12 * (1 - r) / r, 0.88 * (1 - r) / r)
    assert theirs.var() / 300**2 == pytest.approx(0.12 * 0.88 * (2.5 / 300 + 3.0 / 10_000))
    assert excess_tail(group) == pytest.approx(theirs.sf(60) + theirs.pmf(60) / 2)


def groups_of(missed: list[int], rated: list[int], **columns: list[int]) -> pl.DataFrame:
    """Groups of bookings that are all of different contacts and sessions, unless columns say otherwise."""
    frame = pl.DataFrame(
        {"name": [f"g{n}" for n in range(len(rated))], "missed_bookings": missed, "rated_bookings": rated},
        schema_overrides={"missed_bookings": pl.Int64, "rated_bookings": pl.Int64},
    )
    k, n = pl.col("missed_bookings"), pl.col("rated_bookings")
    three = pl.min_horizontal(k, pl.lit(3))
    alone = dict(zip(SQUARES, (n, n, three, three, three), strict=True))
    return frame.with_columns(design_effect=pl.lit(1.0), **alone).with_columns(
        pl.Series(name, values) for name, values in columns.items()
    )


def random_groups(seed: int, groups: int = 30) -> pl.DataFrame:
    rng = random.Random(seed)
    rated = [rng.randint(0, 200) for _ in range(groups)]
    rate = [0.3 if number % 10 == 0 else 0.1 for number in range(groups)]
    return groups_of([sum(rng.random() < r for _ in range(n)) for n, r in zip(rated, rate, strict=True)], rated)


@pytest.mark.parametrize("seed", range(4))
def test_flags_are_tails_and_benjamini_hochberg_as_in_scipy_and_statsmodels(seed: int) -> None:
    groups = random_groups(seed)
    ours = with_frequent(groups, 10, INDEPENDENT)
    all_k, all_n = int(groups["missed_bookings"].sum()), int(groups["rated_bookings"].sum())
    tested = ours.filter(pl.col("rated_bookings") >= 10)
    p_values = []
    for k, n, z in tested.select("missed_bookings", "rated_bookings", "excess_score").iter_rows():
        rest_k, rest_n = all_k - k, all_n - n
        assert z == pytest.approx(proportions_ztest([k, rest_k], [n, rest_n], alternative="larger")[0], abs=1e-12)
        r = n / rest_n / (n - 1)
        theirs = betabinom(n, rest_k / rest_n * (1 - r) / r, (1 - rest_k / rest_n) * (1 - r) / r)
        p_values.append(theirs.sf(k) + theirs.pmf(k) / 2 if k / n > rest_k / rest_n else 1.0)
    assert tested["p_value"].to_list() == pytest.approx(p_values, rel=1e-7, abs=1e-10)
    expected = list(multipletests(p_values, alpha=0.05, method="fdr_bh")[0])
    assert any(expected)
    assert tested["frequent"].to_list() == expected


def test_order_and_names_change_no_flag() -> None:
    groups = random_groups(3)
    shuffled = groups.sample(fraction=1.0, shuffle=True, seed=5).with_columns(name=pl.lit("x") + pl.col("name"))
    flags = dict(with_frequent(groups, 10, INDEPENDENT).select("name", "frequent").iter_rows())
    again = with_frequent(shuffled, 10, INDEPENDENT).select("name", "frequent").iter_rows()
    assert {name[1:]: flag for name, flag in again} == flags


def test_a_group_with_few_or_alone_takes_no_flag() -> None:
    assert with_frequent(groups_of([9, 10], [9, 400]), 10, INDEPENDENT)["frequent"].to_list() == [False, False]
    alone = with_frequent(groups_of([9], [12]), 10, INDEPENDENT)
    assert alone.select("excess_score", "p_value", "frequent").row(0) == (None, None, False)
    none = with_frequent(groups_of([0, 0], [12, 0]), 10, INDEPENDENT)
    assert none["p_value"].to_list() == [None, None]
    assert with_frequent(groups_of([], []), 10, INDEPENDENT).height == 0


def test_if_the_rest_has_no_no_show_a_single_one_is_no_flag() -> None:
    rated = [10, 20]
    assert with_frequent(groups_of([1, 0], rated), 10, INDEPENDENT)["frequent"].to_list() == [False, False]
    assert with_frequent(groups_of([9, 0], rated), 10, INDEPENDENT)["frequent"].to_list() == [True, False]


def test_regulars_with_habits_make_the_same_counts_less_telling() -> None:
    groups = groups_of([80, *[36] * 9], [300] * 10).with_columns(design_effect=pl.lit(1.0))
    habits = groups.with_columns(contact_squares=pl.lit(300 * 40), design_effect=1 + pl.lit(0.2 * 39))
    alike = Clustering(0.2, 0.0, 10 * 300 * 40, 10 * 300)
    assert with_frequent(groups, 10, INDEPENDENT)["frequent"].to_list()[0]
    assert not with_frequent(habits, 10, alike)["frequent"].any()


def test_a_flag_that_hangs_on_three_people_says_so() -> None:
    """Both first groups miss 60 of 300; in one three people miss 40 of their 40, in the other 6 of 6."""
    columns = {"top_missed": [40, 6, *[3] * 8], "top_rated": [40, 6, *[3] * 8], "top_squares": [600, 12, *[3] * 8]}
    groups = groups_of([60, 60, *[24] * 8], [300] * 10, **columns)
    flagged = with_frequent(groups, 10, INDEPENDENT)
    assert flagged["frequent"].to_list() == [True, True, *[False] * 8]
    assert flagged["few_people"].to_list() == [True, False, *[None] * 8]
    withheld = groups.with_columns(pl.lit(None, pl.Int64).alias(name) for name in SQUARES)
    assert with_frequent(withheld, 10, INDEPENDENT)["few_people"].null_count() == 10


def test_groups_of_several_kinds_are_tested_together() -> None:
    """With 1 of 2 groups in question a p-value of 2 % is flagged, with 1 of 42 it is not."""
    few = with_frequent(groups_of([47, 350], [300, 3000]), 10, INDEPENDENT)
    assert 0.01 < few["p_value"][0] < 0.025
    assert few["frequent"].to_list() == [True, False]
    many = with_frequent(groups_of([36] * 40, [300] * 40), 10, INDEPENDENT)
    together = flagged_together({"few": few, "many": many}, 10)
    assert not together["few"]["frequent"].any()


def test_the_shell_and_the_report_have_the_same_flags(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection
) -> None:
    """Twelve services, of which one loses half of its bookings; every contact has eight, all of one service."""
    from queries.gathered import gathered
    from queries.measures.clustering import clustering_of
    from queries.measures.no_shows import ranked
    from queries.model.families import FAMILIES
    from queries.model.groupings import groupings_named

    rng = random.Random(4)
    records = []
    for n in range(480):
        service = n % 12
        slot = {"serviceId": make.guid(service, 3), "eventId": make.event(n // 24 * 12 + service)}
        booking = make.booking(n, slot=slot) | {"contactDetails": {"contactId": make.guid(n % 60, 4)}}
        missed = rng.random() < (0.5 if service == 0 else 0.12)
        records.append({"booking": booking, "attendance": {"status": "NOT_ATTENDED" if missed else "ATTENDED"}})
    load(*records)
    con.execute("set variable as_of = timestamp '2026-06-01'")
    view = con.sql("from frequent_no_shows").pl()
    with gathered(con, as_of="2026-06-01T00:00:00Z") as found:
        clustering = clustering_of(found.clusters().row(0, named=True))
        frames = {name: ranked(found.counts(name), groupings_named(name), 10, clustering) for name in FAMILIES}
    assert clustering.contact_squares == 60 * 8**2
    assert view["design_effect"].max() > 1
    for name, frame in flagged_together(frames, 10).items():
        ours = {str(row[frame.columns[1]]): row for row in frame.filter(pl.col("rated_bookings") >= 10).to_dicts()}
        shown = {str(row["group_id"]): row for row in view.filter(grouping=name).to_dicts()}
        assert ours.keys() == shown.keys()
        for key, row in shown.items():
            same = ("frequent", "few_people", "excess_score", "design_effect", "no_show_rate_low")
            assert {column: row[column] for column in same} == {column: ours[key][column] for column in same}, key
            for column in ("p_value", "p_value_without_top"):
                assert (row[column] or 0) == pytest.approx(ours[key][column] or 0, rel=1e-7), key
    assert view.filter("frequent")["grouping"].to_list().count("service") == 1
    queried = queries.no_show_rates(con, by="service", as_of="2026-06-01T00:00:00Z")
    assert queried["frequent"].sum() == 1
