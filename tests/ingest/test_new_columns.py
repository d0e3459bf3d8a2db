"""After an upgrade that adds columns a file that is offered again is read once more, and only then."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Write
from support.records import Make

import pipeline
from pipeline.load.treatment import options_of, treatment_of
from pipeline.load.validating import Reading
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store

FIXTURES = Path(__file__).parents[1] / "store" / "fixtures"
ONLINE = {"bookingSource": {"platform": "WEB", "actor": "CUSTOMER"}}


def as_before_the_upgrade(store: Store) -> None:
    """As the version before left it: without the attributes, and under a treatment that knows no columns."""
    con = store.connection
    with tracked(con, "booking"), tracked(con, "load_ledger"):
        con.execute("update booking set attributes = null")
        con.execute("update load_ledger set treatment = split_part(treatment, '+', 1)")


def channels(con: duckdb.DuckDBPyConnection) -> list[Any]:
    return con.execute("select participants, attributes ->> 'channel' from booking order by id").fetchall()


def sums(con: duckdb.DuckDBPyConnection) -> list[Any]:
    return con.execute(
        "select load_id, read, loaded, unchanged, stale, replaced from load_ledger "
        "where read = loaded + unchanged + duplicate + left_out + stale + quarantined order by load_id"
    ).fetchall()


@pytest.mark.long
@pytest.mark.parametrize("version", [4, 5])
def test_a_load_of_an_earlier_version_is_known_by_its_options(db: Path, version: int) -> None:
    db.write_bytes(gzip.decompress((FIXTURES / f"version_{version}.duckdb.gz").read_bytes()))
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        ((earlier,),) = store.connection.execute("select treatment from load_ledger").fetchall()
        today = treatment_of(Reading(), store)
    assert (options_of(today), "+" in earlier) == (earlier, False)


def test_columns_are_filled_once(store: Store, con: duckdb.DuckDBPyConnection, write: Write, make: type[Make]) -> None:
    files = [write(*(make.booking(n, **ONLINE) for n in (1, 2))), write(make.attendance(1), make.booking(2, **ONLINE))]
    pipeline.ingest(store, files)
    as_before_the_upgrade(store)
    assert channels(con) == [(1, None), (1, None)]
    again = pipeline.ingest(store, files)
    assert [one.already_loaded for one in again] == [False, False]
    assert ([one.replaced for one in again], [one.earlier for one in again]) == ([0, 0], [(), ()])
    assert channels(con) == [(1, "WEB"), (1, "WEB")]
    assert sums(con)[2:] == [(3, 2, 2, 0, 0, 0), (4, 2, 0, 2, 0, 0)]
    assert [one.already_loaded for one in pipeline.ingest(store, files)] == [True, True]
    assert len(sums(con)) == 4


def test_what_later_loads_brought_or_removed_stays(
    store: Store, con: duckdb.DuckDBPyConnection, write: Write, make: type[Make]
) -> None:
    """Nothing is dated, so that only the order of the loads says which is newer; the old file is offered alone."""
    old = write(*(make.booking(n, **ONLINE) for n in (1, 2, 3)), make.attendance(1))
    pipeline.ingest(store, [old])
    pipeline.ingest(store, [write(make.booking(1, 4, **ONLINE), make.attendance(1, "NOT_ATTENDED"))])
    whole = [
        write(*(make.booking(n, 4 if n == 1 else 1, **ONLINE) for n in (1, 2)), make.attendance(1, "NOT_ATTENDED"))
    ]
    pipeline.ingest(store, whole, complete=pipeline.Dates())
    as_before_the_upgrade(store)
    (again,) = pipeline.ingest(store, [old])
    assert (again.loaded, again.stale) == (1, 3)
    assert channels(con) == [(4, None), (1, "WEB")]
    assert con.execute("select status from attendance").fetchall() == [("NOT_ATTENDED",)]


def test_other_options_read_it_as_they_did_before(
    store: Store, con: duckdb.DuckDBPyConnection, write: Write, make: type[Make]
) -> None:
    """Another setting is another treatment: no row of a later load holds it back."""
    old = write(make.booking(1), make.attendance(1))
    pipeline.ingest(store, [old])
    pipeline.ingest(store, [write(make.attendance(1, "NOT_ATTENDED"))])
    store.settings = store.settings.model_copy(update={"contradictions": "quarantine"})
    pipeline.ingest(store, [old])
    assert con.execute("select status from attendance").fetchall() == [("ATTENDED",)]
