"""Differences, flags and exact tests: figures worked by hand, scipy and statsmodels, and changes without effect."""

from __future__ import annotations

import random

import duckdb
import polars as pl
import pytest
from scipy.stats import hypergeom, norm
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import confint_proportions_2indep, proportions_ztest
from support.fixtures import Load
from support.records import Make

from queries.measures.comparison import (
    benjamini_hochberg,
    exact_tail,
    newcombe,
    normal_quantile,
    normal_tail,
    with_frequent,
)

PAIRS = [(30, 200, 24, 210), (0, 5, 5, 5), (1, 1, 0, 1), (12, 120, 300, 1000), (0, 10, 0, 20)]


def test_newcombe_by_hand() -> None:
    found = newcombe(30, 200, 24, 210)
    assert found is not None
    assert [round(x, 6) for x in (found.difference, found.low, found.high)] == [0.035714, -0.030244, 0.102482]
    assert not found.is_clear


@pytest.mark.parametrize("counts", PAIRS)
def test_newcombe_against_statsmodels(counts: tuple[int, int, int, int]) -> None:
    found = newcombe(*counts)
    assert found is not None
    theirs = confint_proportions_2indep(*counts, method="newcomb", compare="diff")
    assert (found.low, found.high) == pytest.approx(theirs, abs=1e-12)
    turned = newcombe(*counts[2:], *counts[:2])
    assert turned is not None
    assert (turned.low, turned.high) == pytest.approx((-found.high, -found.low), abs=1e-15)


def test_nothing_to_compare_is_none() -> None:
    assert newcombe(0, 0, 3, 10) is None
    assert newcombe(3, 10, 0, 0) is None


@pytest.mark.parametrize("z", [-9.0, -1.5, 0.0, 0.3, 1.96, 3.29, 6.0, 8.0, 20.0])
def test_the_normal_tail_against_scipy(z: float) -> None:
    assert normal_tail(z) == pytest.approx(norm.sf(z), rel=1e-12)
    if -5 < z < 8:
        assert normal_quantile(normal_tail(z)) == pytest.approx(z, abs=1e-9)


def random_groups(seed: int, groups: int = 30) -> pl.DataFrame:
    rng = random.Random(seed)
    marked = [rng.randint(0, 200) for _ in range(groups)]
    rate = [0.3 if number % 10 == 0 else 0.1 for number in range(groups)]
    missed = [sum(rng.random() < r for _ in range(n)) for n, r in zip(marked, rate, strict=True)]
    return pl.DataFrame({"name": [f"g{n}" for n in range(groups)], "missed_bookings": missed, "rated_bookings": marked})


@pytest.mark.parametrize("seed", range(6))
def test_flags_are_a_score_test_and_benjamini_hochberg_as_in_statsmodels(seed: int) -> None:
    groups = random_groups(seed)
    ours = with_frequent(groups, 10)
    all_k, all_n = groups["missed_bookings"].sum(), groups["rated_bookings"].sum()
    tested = [(name, k, n) for name, k, n in groups.iter_rows() if n >= 10]
    tests = [proportions_ztest([k, all_k - k], [n, all_n - n], alternative="larger") for _, k, n in tested]
    flagged = multipletests([p for _, p in tests], alpha=0.05, method="fdr_bh")[0]
    expected = {name for (name, _, _), flag in zip(tested, flagged, strict=True) if flag}
    assert expected
    assert set(ours.filter("frequent")["name"]) == expected
    scores = {name: z for (name, _, _), (z, _) in zip(tested, tests, strict=True)}
    for name, z in ours.filter(pl.col("rated_bookings") >= 10).select("name", "excess_score").iter_rows():
        assert z == pytest.approx(scores[name], abs=1e-12)


def test_order_and_names_change_no_flag() -> None:
    groups = random_groups(3)
    shuffled = groups.sample(fraction=1.0, shuffle=True, seed=5).with_columns(name=pl.lit("x") + pl.col("name"))
    flags = dict(with_frequent(groups, 10).select("name", "frequent").iter_rows())
    again = {name[1:]: flag for name, flag in with_frequent(shuffled, 10).select("name", "frequent").iter_rows()}
    assert flags == again


def test_a_group_with_few_or_alone_takes_no_flag() -> None:
    frame = pl.DataFrame({"missed_bookings": [9, 10], "rated_bookings": [9, 400]})
    assert with_frequent(frame, 10)["frequent"].to_list() == [False, False]
    alone = with_frequent(pl.DataFrame({"missed_bookings": [9], "rated_bookings": [12]}), 10)
    assert alone.select("excess_score", "frequent").row(0) == (None, False)
    none = with_frequent(pl.DataFrame({"missed_bookings": [0, 0], "rated_bookings": [12, 0]}), 10)
    assert none["excess_score"].to_list() == [None, None]
    empty = pl.DataFrame(schema={"missed_bookings": pl.Int64, "rated_bookings": pl.Int64})
    assert with_frequent(empty, 10).height == 0


def test_benjamini_hochberg_against_statsmodels() -> None:
    rng = random.Random(1)
    for size in (1, 2, 7, 40):
        p_values = [rng.random() ** 4 for _ in range(size)]
        assert benjamini_hochberg(p_values) == list(multipletests(p_values, alpha=0.05, method="fdr_bh")[0])
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize(
    ("k", "n", "all_k", "all_n"),
    [(5, 10, 30, 300), (40, 100, 3000, 100_000), (300, 1000, 20_000, 100_000), (12, 40, 525, 3909), (10, 10, 20, 40)],
)
def test_the_exact_test_against_scipy(k: int, n: int, all_k: int, all_n: int) -> None:
    assert exact_tail(k, n, all_k, all_n) == pytest.approx(hypergeom.sf(k - 1, all_n, all_k, n), rel=1e-8)


def test_below_the_middle_the_exact_test_rejects_nothing() -> None:
    assert exact_tail(1, 20, 20, 100) == 1.0
    assert exact_tail(0, 0, 20, 100) == 1.0


def test_the_shell_has_the_same_flags_and_scores(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    """Twelve services, of which one loses half of its bookings."""
    import queries

    rng = random.Random(4)
    records = []
    for n in range(480):
        service = n % 12
        booking = make.booking(n, slot={"serviceId": make.guid(service, 3), "eventId": make.event(n)})
        missed = rng.random() < (0.5 if service == 0 else 0.12)
        records.append({"booking": booking, "attendance": {"status": "NOT_ATTENDED" if missed else "ATTENDED"}})
    load(*records)
    con.execute("set variable as_of = timestamp '2026-06-01'")
    view = con.sql("select * from frequent_no_shows where grouping = 'service'").pl()
    ours = queries.no_show_rates(con, by="service", as_of="2026-06-01T00:00:00Z").filter(pl.col("rated_bookings") >= 10)
    listed = {row["group_id"]: (row["frequent"], row["excess_score"]) for row in view.to_dicts()}
    assert listed == {row["service_id"]: (row["frequent"], row["excess_score"]) for row in ours.to_dicts()}
    assert [flag for flag, _ in listed.values()].count(True) == 1
    for z in (-2.5, 0.0, 0.4, 1.96, 5.0, 7.5, 12.0, 36.0):
        ((tail,),) = con.execute("select normal_tail($z)", {"z": z}).fetchall()
        assert tail == pytest.approx(norm.sf(z), rel=1e-9)
