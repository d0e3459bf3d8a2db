"""One table of columns for each entity: whatever it lists survives files, storage, `serve` and `pull`.

The rows are filled from the table itself, so that a new column is covered here without a word about it.
"""

from __future__ import annotations

import csv
import json
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.records import Make
from support.serves import TOKEN, faulty_serve

import pipeline
import queries
from pipeline.decode.rows import irregular_of_bookings, irregular_of_sessions
from pipeline.decode.shapes import Booking, Session
from pipeline.people.erasing_rows import _sql as erasing_sql
from pipeline.pulling.pull import pull
from queries.language.resources import fields_of
from queries.listings import query_extended_bookings
from queries.model import entities
from queries.model.columns import KINDS, Asked, Column, Entity
from queries.model.vocabularies import TAG_OF_TYPE

MADE_UP = Column(
    "made_up", "word", "madeUp.word", "where the booking was made", asked=Asked("made_up"), choices=("WEB",)
)
SEATS = Column("extra_seats", "whole", "bookedEntity.extraSeats", "seats added")
# The columns of one thing have one value in all entities: a session is called by its event id.
SAME = {
    ("session", "id"): "event_id",
    ("booking", "session_key"): "event_id",
    ("attendance", "session_key"): "event_id",
}
# A course has no slot, and so none of these.
OF_A_SLOT = ("event_id", "session_id", "session_key", "starts_at", "ends_at")


@pytest.fixture
def with_made_up_columns(monkeypatch: pytest.MonkeyPatch) -> Entity:
    """Bookings with two columns more."""
    booking = entities.ENTITIES["booking"].with_columns(MADE_UP, SEATS)
    for registry in (entities.ENTITIES, entities.TABLES):
        monkeypatch.setitem(registry, "booking", booking)
    return booking


def value(entity: Entity, column: Column) -> str:
    """A value that no other column has, except for the ids by which things name one another."""
    name = SAME.get((entity.name, column.name), f"{entity.name}_id" if column.name == "id" else column.name)
    number = entity.names.index(column.name) + 1
    by_kind: dict[str, Callable[[], str]] = {
        "guid": lambda: str(uuid.uuid5(uuid.NAMESPACE_URL, name)),
        "opaque": lambda: f"{name}-{'0' * 30}",
        "event": lambda: f"{name}-{'0' * 30}",
        "zone": lambda: "America/New_York",
        "money": lambda: f"{number}.25",
        "flag": lambda: "true",
        "attributes": lambda: '{"age":34.5,"channel":"fair","multi_service":true,"reminder":"sent"}',
        "instant": lambda: f"2026-03-{number:02}T18:00:00.{number:06}Z",
    }
    if column.choices:
        return column.choices[-1] if column.name != "booked_entity" else "slot"
    if KINDS[column.kind].is_number and column.kind != "money":
        return str(number)
    return by_kind.get(column.kind, lambda: f"{entity.name} {name}")()


def filled(entity: Entity) -> list[dict[str, str]]:
    """A row with a value in every column; of bookings one more, of a course."""
    row = {column.name: value(entity, column) for column in entity.columns}
    course = dict.fromkeys(OF_A_SLOT, "") | {"id": str(uuid.uuid4()), "booked_entity": "schedule"}
    return [row, row | course] if entity.name == "booking" else [row]


def write_rows(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def load_filled(folder: Path, db: Path) -> None:
    """Load the filled rows from flat files, by mappings that name every column of the table."""
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        for entity in entities.ENTITIES.values():
            path = write_rows(folder / f"{entity.name}.csv", filled(entity))
            mapping = folder / f"{entity.name}.toml"
            mapping.write_text(
                "\n".join([f"[{entity.name}]", *(f"{name} = '{name}'" for name in entity.names)]), "utf-8"
            )
            (outcome,) = pipeline.ingest(store, [path], mapping=mapping)
            assert (outcome.refused, outcome.quarantined) == (None, 0)


def stored(db: Path, entity: Entity, columns: list[str]) -> list[tuple[Any, ...]]:
    with queries.connect(db) as con:
        return con.execute(f"select {', '.join(columns)} from {entity.name} order by id").fetchall()


def require_round_trip(folder: Path) -> None:
    original, copy = folder / "original.duckdb", folder / "copy.duckdb"
    load_filled(folder, original)
    with faulty_serve(original, lambda _: None) as (address, _):
        settings = {"api_address": address, "api_key": TOKEN, "site_id": "site"}
        pulled = pull(copy, settings=pipeline.Settings.model_validate(settings))
    assert [one.quarantined for one in pulled.outcomes if one.quarantined or one.refused] == []
    for entity in entities.ENTITIES.values():
        said = [column.name for column in entity.columns if not column.unsaid]
        before, after = stored(original, entity, said), stored(copy, entity, said)
        assert all(found is not None for found in before[0 if len(before) == 1 else slot_row(before, entity)])
        for was, found in zip(before, after, strict=True):
            assert dict(zip(said, found, strict=True)) == dict(zip(said, was, strict=True)), entity.name


def slot_row(rows: list[tuple[Any, ...]], entity: Entity) -> int:
    """The row of the booking of a slot."""
    kinds = [row[entity.names.index("booked_entity")] for row in rows]
    return kinds.index("slot")


@pytest.mark.long
def test_every_value_survives_serve_and_pull(tmp_path: Path) -> None:
    require_round_trip(tmp_path)


@pytest.mark.long
@pytest.mark.usefixtures("with_made_up_columns")
def test_a_made_up_column_survives_serve_and_pull(tmp_path: Path) -> None:
    require_round_trip(tmp_path)


def with_seats(booking: dict[str, Any], seats: int) -> dict[str, Any]:
    return booking | {"bookedEntity": booking["bookedEntity"] | {"extraSeats": seats}}


def test_a_made_up_column_is_decoded_validated_stored_and_listed(
    with_made_up_columns: Entity, tmp_path: Path, make: type[Make]
) -> None:
    """Its row in the table is all that there is of it."""
    bookings = [
        with_seats(make.booking(1, madeUp={"word": "WEB", "actor": "CUSTOMER"}), 3),
        make.booking(2, madeUp={"word": 7}),
        make.booking(3, madeUp={"word": "CARRIER_PIGEON"}),
        with_seats(make.booking(4), -1),
    ]
    path = tmp_path / "bookings.ndjson"
    path.write_text("\n".join(map(json.dumps, bookings)), encoding="utf-8")
    with pipeline.open_store(tmp_path / "made_up.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        con = store.connection
        (outcome,) = pipeline.ingest(store, [path])
        assert (outcome.loaded, outcome.quarantined) == (1, 3)
        assert con.execute("select made_up, extra_seats from booking").fetchall() == [("WEB", 3)]
        assert con.execute("select rule, pointer from quarantine order by record").fetchall() == [
            ("field_type", "/madeUp/word"),
            ("status_unknown", "/madeUp/word"),
            ("number_range", "/bookedEntity/extraSeats"),
        ]
        assert con.execute("select ignored_fields from load_ledger").fetchall()[0][0]["madeUp.actor"] == 1
        comments = con.execute("select comment from duckdb_columns() where column_name = 'made_up'").fetchall()
        assert (MADE_UP.meaning,) in comments
        for name in ("madeUp.word", "made_up"):
            for wanted, found in (("WEB", 1), (None, 0)):
                page = query_extended_bookings(con, {"query": {"filter": {name: wanted}}})
                assert len(page["extendedBookings"]) == found
        (listed,) = query_extended_bookings(con)["extendedBookings"]
        assert listed["booking"]["madeUp"] == {"word": "WEB"}
        assert listed["booking"]["bookedEntity"]["extraSeats"] == 3


@pytest.mark.usefixtures("with_made_up_columns")
@pytest.mark.parametrize("name", ["made_up", "madeUp.word", "word"])
def test_a_made_up_column_is_read_from_flat_files_and_by_mappings(tmp_path: Path, name: str, make: type[Make]) -> None:
    flat = write_rows(tmp_path / "flat.csv", [{"id": make.guid(1, 1), "status": "CONFIRMED", name: "WEB"}])
    other = write_rows(tmp_path / "other.csv", [{"visit": "1", "way": "web"}])
    mapping = tmp_path / "other.toml"
    mapping.write_text(f'[booking]\nid = "visit"\nstatus = "\'CONFIRMED\'"\n"{name}" = "upper(way)"\n', "utf-8")
    with pipeline.open_store(tmp_path / "made_up.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        outcomes = [
            *pipeline.ingest(store, [flat], kind="booking"),
            *pipeline.ingest(store, [other], mapping=mapping),
        ]
        assert [(one.loaded, one.refused) for one in outcomes] == [(1, None)] * 2
        assert store.connection.execute("select made_up from booking").fetchall() == [("WEB",)] * 2


@pytest.mark.parametrize(
    ("entity", "made"),
    [("booking", irregular_of_bookings([Booking()])), ("session", irregular_of_sessions([Session()]))],
)
def test_every_irregular_column_has_its_function(entity: str, made: dict[str, Any]) -> None:
    """All but the key of a session, which is made when rows are typed."""
    irregular = {column.name for column in entities.ENTITIES[entity].columns if column.irregular}
    assert made.keys() == irregular - {"session_key"}


def test_every_column_states_its_rules_and_kind_once() -> None:
    for entity in entities.TABLES.values():
        assert len(set(entity.names)) == len(entity.names)
        assert {column.kind for column in entity.columns} <= KINDS.keys()
        assert {*entity.key, *entity.version} <= set(entity.names)
        for column in entity.columns:
            assert column.meaning
            assert entity.field_named(column.name) == column.name


def test_fields_of_lists_have_names_of_their_own() -> None:
    for entity in entities.ENTITIES.values():
        fields = fields_of(entity)
        assert len({field.wire for field in fields}) == len(fields)
        assert all(field.english for field in fields)


def test_every_personal_column_is_erased() -> None:
    assert [column.name for column in entities.ENTITIES["booking"].personal] == ["contact_id", "contact_name"]
    for column in entities.ENTITIES["booking"].personal:
        assert f"{column.name} = null" in erasing_sql("erase_bookings")


def test_the_list_of_bookings_spells_tags_as_the_vocabulary_does() -> None:
    statement = (Path(queries.__file__).parent / "listings" / "bookings.sql").read_text(encoding="utf-8")
    for type, tag in TAG_OF_TYPE.items():
        assert f"when '{type}' then '{tag}'" in statement
