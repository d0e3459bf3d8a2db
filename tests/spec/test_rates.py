"""Rates are pure functions of counts: null, never 0 or NaN, if there is nothing to divide."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import duckdb
import polars as pl
import pytest
from scipy.stats import binomtest
from support import oracle
from support.ascii_tables import cell, read_table

from queries.measures.clustering import Clustering
from queries.measures.comparison import wilson_limits
from queries.measures.rates import prior_weight, wilson_high, wilson_low, with_rates, with_shrunk_rates
from queries.views import MEASURES, view_sql


@pytest.fixture(scope="module")
def macros() -> Iterator[duckdb.DuckDBPyConnection]:
    """An in-memory database with the macros of the measures."""
    with closing(duckdb.connect()) as con:
        for name in MEASURES:
            con.execute(view_sql(name))
        yield con


def engines(macros: duckdb.DuckDBPyConnection, k: int, n: int) -> dict[str, tuple[float, float]]:
    """Wilson's interval by each engine."""
    both = {"k": pl.Series([k]), "n": pl.Series([n])}
    limits = {"low": wilson_low(pl.col("k"), pl.col("n")), "high": wilson_high(pl.col("k"), pl.col("n"))}
    frame = pl.DataFrame(both).select(**limits)
    sql = macros.execute("select wilson_low($k, $n), wilson_high($k, $n)", {"k": k, "n": n}).fetchall()[0]
    return {"Polars": frame.row(0), "Python": wilson_limits(k, n), "SQL": sql, "the oracle": oracle.wilson(k, n)}


WILSON = """
    no_shows | marked | low      | high
    ---------+--------+----------+---------
    0        | 5      | 0.000000 | 0.434482
    1        | 1      | 0.206549 | 1.000000
    3        | 12     | 0.088942 | 0.532305
    12       | 120    | 0.058134 | 0.166682
    300      | 1000   | 0.272407 | 0.329124
"""


@pytest.mark.parametrize("row", read_table(WILSON), ids=lambda row: f"{row['no_shows']} of {row['marked']}")
def test_the_interval_by_hand_and_by_scipy(macros: duckdb.DuckDBPyConnection, row: dict[str, str]) -> None:
    k, n = int(row["no_shows"]), int(row["marked"])
    theirs = binomtest(k, n).proportion_ci(method="wilson")
    for engine, (low, high) in engines(macros, k, n).items():
        assert (f"{low:.6f}", f"{high:.6f}") == (row["low"], row["high"]), engine
        assert (low, high) == pytest.approx((theirs.low, theirs.high), abs=1e-14), engine


@pytest.mark.parametrize("n", [1, 3, 5, 10, 12, 25, 1000, 123_457])
def test_none_begin_at_0_and_all_end_at_1(macros: duckdb.DuckDBPyConnection, n: int) -> None:
    """Exactly, which the formula itself does not give; the oracle, which solves for the limits, is off by a digit."""
    for engine in ("Polars", "Python", "SQL"):
        assert engines(macros, 0, n)[engine][0] == 0, engine
        assert engines(macros, n, n)[engine][1] == 1, engine


COUNTS = """
    bookings | marked_bookings | no_shows | unmarked_bookings | absent | booked_marked | booked_squared | late_cancelled
    ---------+-----------------+----------+-------------------+--------+---------------+----------------+---------------
    0        | 0               | 0        | 0                 | 0      | 0             | 0              | 0
    7        | 6               | 2        | 1                 | 6      | 13            | 35             | 0
    7        | 6               | 2        | 1                 | 6      | 13            | 35             | 3
    7        | 6               | 2        | 1                 | 6      | 13            | 35             |
    3        | 0               | 0        | 3                 | 0      | 0             | 0              | 2
    40       | 40              | 0        | 0                 | 0      | 40            | 40             | 0
    40       | 40              | 40       | 0                 | 90     | 90            | 250            | 1
"""
RATES = """
    no_show_rate | coverage | bound_low | bound_high | participant_no_show_rate | lost_seat_rate
    -------------+----------+-----------+------------+--------------------------+---------------
                 |          |           |            |                          |
    2/6          | 6/7      | 2/7       | 3/7        | 6/13                     | 2/6
    2/6          | 6/7      | 2/7       | 3/7        | 6/13                     | 5/9
    2/6          | 6/7      | 2/7       | 3/7        | 6/13                     |
                 | 0/3      | 0/3       | 3/3        |                          | 2/2
    0/40         | 40/40    | 0/40      | 0/40       | 0/40                     | 0/40
    40/40        | 40/40    | 40/40     | 40/40      | 90/90                    | 41/41
"""


# The correlations of two bookings of one contact, and of one session.
ALIKE = (0.1, 0.02)


@pytest.mark.parametrize("at", range(len(read_table(COUNTS))))
def test_rates_of_counts(macros: duckdb.DuckDBPyConnection, at: int) -> None:
    counts = with_both_sides({name: int(text) if text else None for name, text in read_table(COUNTS)[at].items()})
    expected = {name: _fraction(text) for name, text in read_table(RATES)[at].items()}
    frame = pl.DataFrame([counts], schema=dict.fromkeys(counts, pl.Int64))
    found = {
        "Polars": with_rates(frame, Clustering(*ALIKE)).row(0, named=True),
        "SQL": _sql_rates(macros, counts),
        "the oracle": oracle.rates(counts, ALIKE),
    }
    for engine, rates in found.items():
        assert {name: rates[name] for name in expected} == expected, engine
    assert len(found["Polars"].keys() - counts.keys()) == len(found["the oracle"]) == 12
    for name, limit in found["the oracle"].items():
        for engine in ("Polars", "SQL"):
            assert found[engine][name] == pytest.approx(limit, abs=1e-12), (engine, name)
        assert found["Polars"][name] == found["SQL"][name], name


def with_both_sides(counts: dict[str, int | None]) -> dict[str, int | None]:
    """The counts of a source that records both sides: every rated booking is marked, and of a register."""
    marked, missed = counts["marked_bookings"], counts["no_shows"]
    return counts | {
        "rated_bookings": marked,
        "missed_bookings": missed,
        "register_marked": marked,
        "register_no_shows": missed,
        "register_excused": 0,
        "contact_squares": 3 * (marked or 0),
        "session_squares": 11 * (marked or 0),
    }


def _fraction(text: str) -> float | None:
    if not text:
        return None
    part, whole = map(int, text.split("/"))
    return part / whole


def _sql_rates(macros: duckdb.DuckDBPyConnection, counts: dict[str, int | None]) -> dict[str, Any]:
    packed = ", ".join(f"{name} := ${name}::bigint" for name in counts)
    alike = "struct_pack(contact := 0.1::double, session := 0.02::double)"
    relation = macros.sql(f"select unnest(no_show_rates_of(struct_pack({packed}), {alike}))", params=counts)
    return dict(zip(relation.columns, relation.fetchall()[0], strict=True))


GROUPS = """
    no_shows | marked | shrunk
    ---------+--------+-------
    2        | 4      | 0.230
    0        | 6      | 0.119
    9        | 60     | 0.153
    30       | 120    | 0.240
    12       | 120    | 0.108
    1        | 1      | 0.212
    5        | 50     | 0.116
"""


def test_shrunk_rates_by_hand() -> None:
    """p = 0.163435 and M = 16.306856, the rule of ten groups left aside."""
    groups = [(int(row["no_shows"]), int(row["marked"])) for row in read_table(GROUPS)]
    wanted = [row["shrunk"] for row in read_table(GROUPS)]
    theirs = oracle.shrunk(groups)
    assert theirs is not None
    p, weight, rates = theirs
    assert (f"{p:.6f}", f"{weight:.6f}") == ("0.163435", "16.306856")
    assert [f"{rate:.3f}" for rate in rates] == wanted
    ours = prior_weight(pl.DataFrame(groups, schema=["missed_bookings", "rated_bookings"], orient="row"))
    assert ours is not None
    assert f"{ours:.6f}" == "16.306856"
    assert [f"{(k + ours * p) / (n + ours):.3f}" for k, n in groups] == wanted


def test_few_groups_are_not_shrunk_and_ten_are() -> None:
    ten = pl.DataFrame({"missed_bookings": [1, 9] * 5, "rated_bookings": [20, 20] * 5})
    assert with_shrunk_rates(ten.head(9))["shrunk_rate"].null_count() == 9
    frame = with_shrunk_rates(ten)
    theirs = oracle.shrunk(list(ten.iter_rows()))
    assert theirs is not None
    assert frame["shrunk_rate"].to_list() == pytest.approx(theirs[2])
    assert frame["shrunk_rate"].is_between(0.05, 0.45).all()
    assert frame["excess_no_shows"].sum() == pytest.approx(0)


def test_groups_alike_show_no_difference() -> None:
    alike = pl.DataFrame({"missed_bookings": [5] * 12, "rated_bookings": [50] * 12})
    assert oracle.shrunk(list(alike.iter_rows())) is None
    assert prior_weight(alike) is None
    assert with_shrunk_rates(alike)["shrunk_rate"].null_count() == 12
    assert cell(with_shrunk_rates(alike)["shrunk_rate"][0]) == ""
