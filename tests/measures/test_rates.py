"""Rates: the figures worked by hand, scipy, the SQL twins, and the laws that any counts obey."""

from __future__ import annotations

import datetime as dt
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest
from support.fixtures import Load
from support.records import Make

import queries
from pipeline.load.content_state import tracked
from queries.measures.rates import prior_weight, wilson_high, wilson_low, with_rates, with_shrunk_rates

AS_OF = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def wilson(k: int, n: int) -> tuple[float, float]:
    frame = pl.DataFrame({"k": [k], "n": [n]}).select(
        low=wilson_low(pl.col("k"), pl.col("n")), high=wilson_high(pl.col("k"), pl.col("n"))
    )
    return frame.row(0)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (0, 5, 0.000000, 0.434482),
        (1, 1, 0.206549, 1.000000),
        (3, 12, 0.088942, 0.532305),
        (12, 120, 0.058134, 0.166682),
        (300, 1000, 0.272407, 0.329124),
    ],
)
def test_wilson_by_hand_and_against_scipy(k: int, n: int, low: float, high: float) -> None:
    ours = wilson(k, n)
    assert tuple(round(limit, 6) for limit in ours) == (low, high)
    theirs = binomtest(k, n).proportion_ci(method="wilson")
    assert ours == pytest.approx((theirs.low, theirs.high), abs=1e-14)


def test_nothing_to_divide_is_null() -> None:
    names = "bookings marked_bookings no_shows unmarked_bookings absent booked_marked booked_squared late_cancelled"
    empty = {name: [0] for name in names.split()}
    rates = with_rates(pl.DataFrame(empty)).select(pl.exclude(list(empty)))
    assert rates.width == 10
    assert rates.row(0) == (None,) * 10


def test_shrinkage_by_hand() -> None:
    groups = pl.DataFrame({"no_shows": [2, 0, 9, 30, 12, 1, 5], "marked_bookings": [4, 6, 60, 120, 120, 1, 50]})
    weight = prior_weight(groups)
    assert weight is not None
    assert round(weight, 6) == 16.306856
    p = 59 / 361
    shrunk = [(k + weight * p) / (n + weight) for k, n in groups.iter_rows()]
    assert [round(rate, 3) for rate in shrunk] == [0.230, 0.119, 0.153, 0.240, 0.108, 0.212, 0.116]


def test_few_groups_are_not_shrunk_and_ten_are() -> None:
    ten = pl.DataFrame({"no_shows": [1, 9] * 5, "marked_bookings": [20, 20] * 5})
    assert with_shrunk_rates(ten.head(9))["shrunk_rate"].null_count() == 9
    shrunk = with_shrunk_rates(ten)
    assert shrunk["shrunk_rate"].null_count() == 0
    assert shrunk["excess_no_shows"].sum() == pytest.approx(0)
    assert shrunk["shrunk_rate"].is_between(0.05, 0.45).all()


def test_groups_alike_show_no_difference() -> None:
    alike = pl.DataFrame({"no_shows": [5] * 12, "marked_bookings": [50] * 12})
    assert prior_weight(alike) is None
    assert with_shrunk_rates(alike)["shrunk_rate"].null_count() == 12


SEVEN = [(1, "ATTENDED", 1), (4, "ATTENDED", 3), (2, "NOT_ATTENDED", 1), (1, None, None)]
SEVEN += [(2, "ATTENDED", 3), (3, "ATTENDED", 1), (1, "NOT_ATTENDED", 5)]


def test_the_seven_bookings_worked_by_hand(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    load(*(make.booking(n, booked) for n, (booked, _, _) in enumerate(SEVEN, 1)))
    marks = [(n, status, came) for n, (_, status, came) in enumerate(SEVEN, 1) if status]
    load(*(make.attendance(n, status, came) for n, status, came in marks))
    row = queries.no_show_rates(con, by=(), as_of=AS_OF).row(0, named=True)
    counts = {"attended_bookings": 4, "no_shows": 2, "unmarked_bookings": 1, "bookings": 7, "marked_bookings": 6}
    counts |= {"booked_marked": 13, "absent": 6, "walk_ins": 1, "doubtful_defaults": 1, "partial_no_shows": 2}
    assert {name: row[name] for name in counts} == counts
    rates = {"no_show_rate": 2 / 6, "coverage": 6 / 7, "bound_low": 2 / 7, "bound_high": 3 / 7}
    rates |= {"participant_no_show_rate": 6 / 13}
    assert {name: row[name] for name in rates} == rates
    flags = dict(queries.flags(con, AS_OF).select("flag", "rows").iter_rows())
    assert (flags["status_contradicts_number"], flags["doubtful_default"], flags["walk_in"]) == (1, 1, 1)


OUTCOMES = st.sampled_from(["ATTENDED", "NOT_ATTENDED", "NOT_SET", None])
BOOKINGS = st.lists(
    st.tuples(
        st.integers(1, 4),
        OUTCOMES,
        st.integers(0, 6),
        st.integers(0, 2),
        st.integers(0, 20),
        st.sampled_from(["CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELED", "PENDING"]),
        st.sampled_from([None, "2026-02-21T10:00:00Z", "2026-03-20T10:00:00Z"]),
    ),
    min_size=1,
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(BOOKINGS)
def test_views_and_measures_agree_to_the_last_digit(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, rows: list[Any]
) -> None:
    for table in ("booking", "attendance", "load_ledger", "quarantine"):
        with tracked(con, table):
            con.execute(f"delete from {table}")
    records = []
    for n, (booked, status, came, service, day, state, cancelled) in enumerate(rows):
        start = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC) + dt.timedelta(days=day)
        slot = {"serviceId": make.guid(service, 3), "eventId": make.event(day), "startDate": start.isoformat()}
        booking = make.booking(
            n, booked, status=state, canceledDate=cancelled if state == "CANCELED" else None, slot=slot
        )
        records.append(
            {"booking": booking} | ({"attendance": {"status": status, "numberOfAttendees": came}} if status else {})
        )
    load(*records)
    con.execute("set variable as_of = timestamp '2026-06-01'")
    for name in ("service", "session", "week"):
        key = queries.GROUPINGS[name].columns[0]
        ours = queries.no_show_rates(con, by=[name], as_of=AS_OF).sort(key, nulls_last=True)
        view = con.sql(f"from no_show_by_{name}").pl().sort(key, nulls_last=True)
        assert view.equals(ours.select(view.columns)), name
    whole = queries.no_show_rates(con, by=(), as_of=AS_OF)
    parts = queries.no_show_rates(con, by=["session"], as_of=AS_OF)
    for count in (
        "bookings",
        "marked_bookings",
        "no_shows",
        "unmarked_bookings",
        "booked",
        "absent",
        "walk_ins",
        "sessions",
    ):
        assert parts[count].sum() == whole[count].item(), count
    if whole["no_show_rate"].item() is not None:
        theirs = binomtest(whole["no_shows"].item(), whole["marked_bookings"].item()).proportion_ci(method="wilson")
        assert whole.select("no_show_rate_low", "no_show_rate_high").row(0) == pytest.approx((theirs.low, theirs.high))


@pytest.mark.parametrize("name", list(queries.GROUPINGS))
def test_every_grouping_singly_and_with_another(
    load: Load, make: type[Make], con: duckdb.DuckDBPyConnection, name: str
) -> None:
    load(*(make.booking(n, 1 + n % 3, f"2026-03-{n:02d}T1{n % 5}:00:00Z") for n in range(1, 20)))
    load(*(make.attendance(n, "NOT_ATTENDED" if n % 4 == 0 else "ATTENDED") for n in range(1, 18)))
    whole = queries.no_show_rates(con, by=(), as_of=AS_OF)
    other = "week" if name != "week" else "service"
    for by in ([name], [name, other]):
        frame = queries.no_show_rates(con, by=by, as_of=AS_OF)
        assert frame["bookings"].sum() == whole["bookings"].item() == 19
        assert frame["no_shows"].sum() == whole["no_shows"].item() == 4
        assert set(queries.GROUPINGS[name].columns) <= set(frame.columns)


def test_small_groups_stand_last_and_say_so(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    big, small = make.guid(1, 3), make.guid(2, 3)
    load(*(make.booking(n, slot={"serviceId": big}) for n in range(1, 13)))
    load(make.booking(20, slot={"serviceId": small}))
    load(*(make.attendance(n) for n in range(1, 13)), make.attendance(20, "NOT_ATTENDED"))
    frame = queries.no_show_rates(con, as_of=AS_OF, min_bookings=10)
    assert frame.select("service_id", "too_few", "no_show_rate").rows() == [(big, False, 0.0), (small, True, 1.0)]


def test_lead_time_bands_come_in_their_order(load: Load, make: type[Make], con: duckdb.DuckDBPyConnection) -> None:
    days = [0, 1, 2, 7, 8, 14, 15, 21, 22, 28, 29, 60]
    start = dt.datetime(2026, 3, 2, 18, tzinfo=dt.UTC)
    load(*(make.booking(n, createdDate=(start - dt.timedelta(days=d)).isoformat()) for n, d in enumerate(days)))
    load(make.booking(99, createdDate="2026-03-04T00:00:00Z"))
    frame = queries.no_show_rates(con, by=["lead_time"], as_of=AS_OF)
    assert frame.select("lead_time", "bookings").rows() == [
        ("same day", 1),
        ("1 day", 1),
        ("2-7 days", 2),
        ("8-14 days", 2),
        ("15-21 days", 2),
        ("22-28 days", 2),
        ("over 28 days", 2),
        (None, 1),
    ]
    flags = dict(queries.flags(con, AS_OF).select("flag", "rows").iter_rows())
    assert flags["negative_lead_time"] == 1


@pytest.mark.parametrize("by", ["wek", ["service", "service"], ["day", "week", "month"]])
def test_a_wrong_grouping_is_a_clear_mistake(con: duckdb.DuckDBPyConnection, by: Any) -> None:
    with pytest.raises(queries.UsageError) as caught:
        queries.no_show_rates(con, by=by)
    if by == "wek":
        assert "Did you mean 'week'?" in str(caught.value)
