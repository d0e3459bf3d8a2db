"""Ids that a spreadsheet rounded are set aside in whatever field of a mapping they are, alone or as a part."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.samples import few

import pipeline
from pipeline.store.opening import Store

MAPPING = """
[service]
id = "Class"
name = "Class"
[booking]
id = "{booking}"
status = "'CONFIRMED'"
startDate = "Start"
timezone = "'Europe/London'"
serviceId = "Class"
eventId = "{event}"
contactId = "Client"
[attendance]
bookingId = "{booking}"
eventId = "{event}"
status = "Result"
"""
IDS = [
    ("Booking", "Class || Start"),
    ("Booking || ' ' || Start", "Class || Start"),
    ("'visit-' || Booking", "Class || Start"),
    ("Client", "Booking"),
    ("Client", "Booking || '|' || Start"),
]


@pytest.mark.parametrize(("booking", "event"), IDS)
@pytest.mark.parametrize("rounded", few(["4,87e+08", "4.87E+08"], 1))
def test_rounded_ids_are_set_aside_and_the_others_loaded(
    store: Store, tmp_path: Path, booking: str, event: str, rounded: str
) -> None:
    (tmp_path / "m.toml").write_text(MAPPING.format(booking=booking, event=event))
    rows = [("487000123", "c1"), (rounded, "c2"), (rounded, "c3"), ("4.87", "c4"), ("a4.87E+08b", "c5")]
    lines = [f'"{id}",Yoga,2026-03-01 18:00,{client},ATTENDED' for id, client in rows]
    (tmp_path / "a.csv").write_text("\n".join(["Booking,Class,Start,Client,Result", *lines, ""]))
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.csv"], mapping=tmp_path / "m.toml")
    assert (outcome.loaded, outcome.quarantined) == (3, 2)
    found = store.connection.execute("select line, rule from quarantine order by line").fetchall()
    assert found == [(3, "rounded_id"), (4, "rounded_id")]
    assert store.connection.execute("select count(*) from booking").fetchall() == [(3,)]


@pytest.mark.parametrize("name", ["Client", "Class"])
def test_ids_of_clients_and_services_are_looked_at_too(store: Store, tmp_path: Path, name: str) -> None:
    (tmp_path / "m.toml").write_text(MAPPING.format(booking="Booking", event="Booking"))
    row = {"Booking": "1", "Class": "Yoga", "Start": "2026-03-01 18:00", "Client": "c", "Result": "ATTENDED"}
    lines = [",".join(row), ",".join(row.values()), ",".join((row | {"Booking": "2", name: "4.87E+08"}).values())]
    (tmp_path / "a.csv").write_text("\n".join([*lines, ""]))
    (outcome,) = pipeline.ingest(store, [tmp_path / "a.csv"], mapping=tmp_path / "m.toml")
    assert (outcome.loaded, outcome.quarantined) == (1, 1)


def test_the_rounded_text_is_named_and_not_the_id_of_another_entity(
    load_mapped: Any, con: duckdb.DuckDBPyConnection
) -> None:
    """The service of the row has an id of its own, a GUID made of its name, which is not at fault."""
    toml = """
[service]
id = "class"
name = "class"
[booking]
id = "visit"
status = "'CONFIRMED'"
eventId = "class"
startDate = "'2026-03-02T18:00:00Z'"
"""
    load_mapped(toml, "visit,class\n4.87E+08,yoga\nb,yoga\n")
    assert con.execute("select rule, pointer, value from quarantine").fetchall() == [("rounded_id", "/id", "4.87E+08")]
