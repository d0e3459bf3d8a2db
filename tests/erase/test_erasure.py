"""Erasing a person: no byte of them in any file of the store, figures as before, and no export brings them back."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from support.records import Make

import pipeline
import queries
import reports
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store
from pipeline.store.renewal import files_that_hold

AS_OF = "2026-06-01T00:00:00Z"
Export = Callable[..., Path]


@dataclass(frozen=True)
class Guest:
    """A person as an export describes them; `number` makes the ids of their bookings."""

    number: int
    id: str
    first: str
    last: str
    email: str
    phone: str = "+353 86 123 4567"

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"

    @property
    def details(self) -> dict[str, str]:
        return {
            "contactId": self.id,
            "firstName": self.first,
            "lastName": self.last,
            "email": self.email,
            "phone": self.phone,
        }


ORDINARY = Guest(1, "b6419c6a-9e44-5d09-803d-8b0f45406dc7", "Emma", "Adlér", "emma.adler@example.com")
RANDOM = Guest(2, *(secrets.token_hex(30) for _ in range(3)), f"{secrets.token_hex(30)}@x.example", "555 000 001")
OTHER = Guest(3, "c-3", "Pat", "Doe", "pat@example.com", "555 000 000")


@pytest.fixture
def db(tmp_path: Path) -> Path:
    return tmp_path / "store" / "attendance.duckdb"


@pytest.fixture
def export(tmp_path: Path) -> Export:
    """Write records (texts as they are) as NDJSON, away from the database."""
    numbers = iter(range(1000))

    def write(*records: Any, name: str = "export") -> Path:
        path = tmp_path / "exports" / f"{next(numbers):03d}" / f"{name}.ndjson"
        path.parent.mkdir(parents=True)
        lines = [record if isinstance(record, str) else json.dumps(record) for record in records]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return path

    return write


@pytest.fixture
def booking(make: type[Make]) -> Callable[..., Any]:
    """A booking of a guest; `nth` numbers the bookings of one guest."""

    def booked(guest: Guest, nth: int = 0, **changes: Any) -> Any:
        number = guest.number + 100 * nth
        slot = {"eventId": make.event(number % 7)}
        return make.booking(number, slot=slot, contactDetails=guest.details, **changes)

    return booked


def load(db: Path, *paths: Path) -> list[pipeline.FileOutcome]:
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        return pipeline.ingest(store, paths)


def bytes_of(db: Path, *guests: Guest) -> list[Path]:
    texts = [text for g in guests for text in (g.id, g.name, g.first, g.last, g.email) if len(text) > 5]
    return files_that_hold([path for path in db.parent.rglob("*") if path.is_file()], texts)


def rows(db: Path, sql: str) -> list[Any]:
    with queries.connect(db) as con:
        return con.execute(sql).fetchall()


def many_bookings(store: Store) -> None:
    """Two row groups of bookings of others, so that texts are compressed in more ways than one."""
    with store.transaction(), tracked(store.connection, "booking"):
        store.connection.execute(
            "insert into booking by name select uuid() as id, 'CONFIRMED' as status, 'slot' as booked_entity, "
            "'contact-' || i % 9000 as contact_id, 'Guest ' || i % 7000 as contact_name, 'Yoga' as service_name, "
            "'booking:' || i as session_key, timestamp '2026-03-02 18:00:00' + interval (i % 90) day as starts_at, "
            "0 as load_id from range(150000) as r(i)"
        )


@pytest.fixture
def messy(db: Path, export: Export, booking: Any, make: type[Make]) -> Path:
    """Both guests in bookings, quarantine, ledger texts, a notification and two older snapshots."""
    both = (ORDINARY, RANDOM)
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        many_bookings(store)
        pipeline.ingest(store, [export(*(booking(guest, nth) for guest in (*both, OTHER) for nth in range(30)))])
        for guest in both:
            mark = {"bookingId": make.guid(guest.number, 1), "eventId": make.event(guest.number), "status": "ATTENDED"}
            notification = {"notifyParticipants": True, "message": f"See you, {guest.name}"}
            pipeline.set_attendance(store, {"attendance": mark, "participantNotification": notification})
    load(db, *(export(booking(guest, 40, **{guest.email: "VIP"}), name=f"of {guest.name}") for guest in both))
    spoiled = [
        record
        for guest in both
        for record in (
            booking(guest, 50, status="MAYBE"),
            json.dumps(booking(guest, 51))[:-9],
            make.attendance(52, "MAYBE", note=f"mail to {guest.email.upper()}"),
            make.attendance(53, "MAYBE", note=f"{guest.last}, {guest.first}"),
            make.attendance(guest.number, "MAYBE"),
        )
    ]
    sound = make.attendance(60)
    load(db, export(*spoiled, booking(OTHER, 50, status="MAYBE"), sound, name=f"{RANDOM.id}_spoiled"))
    return db


def test_no_byte_of_a_person_is_left_in_any_file(messy: Path) -> None:
    assert len(list(messy.parent.glob("*.previous-*"))) == 2
    assert len(bytes_of(messy, ORDINARY)) == len(bytes_of(messy, RANDOM)) == 5
    for guest in (ORDINARY, RANDOM):
        erased = pipeline.erase(messy, guest.id)
        assert (erased.bookings, erased.notifications, erased.quarantined) == (31, 1, 5)
        assert erased.ledger_texts == (1 if guest is ORDINARY else 2)
        assert (erased.already_erased, erased.still_said, erased.other_files) == (False, {}, ())
        assert bytes_of(messy, guest) == []
    assert sorted(path.name for path in messy.parent.iterdir()) == [
        "attendance.duckdb",
        "attendance.journal.ndjson",
        "attendance.lock",
        "attendance.secret",
        "attendance.work.duckdb",
    ]
    no_more_and_no_less(messy)


def no_more_and_no_less(db: Path) -> None:
    """The other guest is as before, and the ledger adds up."""
    assert rows(db, "select count(*) from booking where contact_id = 'c-3' and contact_name = 'Pat Doe'") == [(30,)]
    assert rows(db, "select count(*) from booking where contact_id is null and contact_name is null") == [(62,)]
    assert rows(db, "select raw like '%Doe%' from quarantine") == [(True,)]
    assert rows(db, "select quarantined, retried, discarded from load_ledger where quarantined > 0") == [(11, 0, 10)]
    ledger = rows(db, "select file, ignored_fields from load_ledger order by load_id")
    names = [Path(file).name for file, _ in ledger if "erased" in file]
    assert names == ["of erased.ndjson", "of erased.ndjson", "erased_spoiled.ndjson"]
    assert [ignored["erased"] for _, ignored in ledger if "erased" in ignored] == [1, 1]
    files = "select distinct q.file = l.file from quarantine as q join load_ledger as l using (load_id)"
    assert rows(db, files) == [(True,)]


@pytest.mark.long
def test_earlier_versions_and_findings_forget_a_person(
    db: Path, export: Export, booking: Any, make: type[Make]
) -> None:
    load(db, export(booking(ORDINARY), booking(OTHER, 1), make.attendance(1), name=f"of {ORDINARY.name}"))
    other = booking(ORDINARY) | {"contactDetails": OTHER.details}
    load(db, export(other, booking(OTHER, 1, totalParticipants=2), make.attendance(1, "NOT_ATTENDED")))
    load(db, export(booking(OTHER, 2, status=f"{ORDINARY.email}"), booking(OTHER, 3)))
    assert rows(db, "select count(*) from booking where contact_id <> 'c-3'") == [(0,)]
    assert bytes_of(db, ORDINARY)
    erased = pipeline.erase(db, ORDINARY.id, [ORDINARY.email])
    assert (erased.bookings, erased.quarantined) == (0, 1)
    assert bytes_of(db, ORDINARY) == []
    assert rows(db, "select value from load_finding where place = 'attendance'")[0][0].endswith("of erased.ndjson")
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        pipeline.unload(store, [2])
    back = "select contact_id, contact_name, participants from booking where load_id = 1 order by id"
    assert rows(db, back) == [(None, None, 1), ("c-3", "Pat Doe", 1)]
    assert pipeline.erase(db, ORDINARY.id).already_erased


@pytest.mark.long
def test_records_that_left_quarantine_forget_a_person(db: Path, export: Export, booking: Any, make: type[Make]) -> None:
    """A later load took them out, and taking that load back would put them back."""
    named = make.attendance(9, "MAYBE", note=f"mail to {ORDINARY.email.upper()}")
    bad = (booking(ORDINARY, status="MAYBE"), named, make.attendance(8, "MAYBE"))
    load(db, export(*bad, booking(OTHER), name=f"of {ORDINARY.name}"))
    load(db, export(booking(ORDINARY), make.attendance(9), make.attendance(8)))
    assert rows(db, "select count(*) from quarantine") == [(0,)]
    erased = pipeline.erase(db, ORDINARY.id, [ORDINARY.email])
    assert (erased.bookings, erased.quarantined) == (1, 2)
    assert bytes_of(db, ORDINARY) == []
    with pipeline.open_store(db, settings=pipeline.Settings.model_validate({})) as store:
        assert pipeline.unload(store, [2])[0].set_aside == 1
    left = "select row_key, q.file = l.file, q.file like '%of erased%' from quarantine as q join load_ledger as l "
    assert rows(db, f"{left} using (load_id)") == [(f"{make.guid(8, 1)}/{make.event(8)}", True, True)]
    assert rows(db, "select quarantined, discarded, superseded from load_ledger where load_id = 1") == [(3, 0, 2)]


# Figures that depend on how many bookings are of one contact, intervals above all, and so are not as before.
BY_CONTACT = ("contact_squares", "top_", "design_effect", "effective_n", "excess_score", "p_value", "frequent",
              "few_people")  # fmt: skip


def without_contacts(row: dict[str, Any]) -> dict[str, Any]:
    return {k: v for k, v in row.items() if not k.startswith(BY_CONTACT) and not k.endswith(("rate_low", "rate_high"))}


def figures(db: Path) -> tuple[list[Any], str]:
    """Every rate by every grouping that does not hang on who booked, and the report by names: figures, and all text."""
    groupings = [name for name in queries.GROUPINGS if name not in ("participant", "visit_number")]
    with queries.connect(db) as con:
        frames = [queries.no_show_rates(con, by=[name], as_of=AS_OF) for name in groupings]
        data = reports.report_data(reports.the_report(con, as_of=AS_OF, options=reports.Options(names=True)))
    text = json.dumps(data, ensure_ascii=False, default=str)
    rates = [[without_contacts(row) for row in frame.sort(frame.columns[0]).to_dicts()] for frame in frames]
    numbers = [{k: v for k, v in row.items() if k not in ("low", "high")} for row in data["courses"]["numbers"]]
    missed = [missed | {"who": ""} for missed in data["courses"]["missed"]]
    courses = data["courses"] | {"missed": missed, "numbers": numbers}
    return [*rates, without_contacts(data["headline"]), data["registers"], courses], text


@pytest.mark.long
def test_figures_are_as_before(db: Path, export: Export, booking: Any, make: type[Make]) -> None:
    guests = [ORDINARY, *(Guest(n, f"c-{n}", "Pat", f"Doe {n}", f"{n}@x.example") for n in range(2, 9))]
    bookings = [booking(guest, nth) for guest in guests for nth in range(5)]
    course = booking(ORDINARY, 9)
    course["bookedEntity"] = {"schedule": {"scheduleId": "course-1"}, "title": "Course", "tags": ["COURSE"]}
    sessions = [
        {"id": make.event(500 + n), "scheduleId": "course-1", "title": "Course", "start": f"2026-03-0{n}T18:00:00Z"}
        for n in range(1, 5)
    ]
    marks = [
        make.attendance(
            n,
            "NOT_ATTENDED" if n % 3 else "ATTENDED",
            bookingId=one["id"],
            eventId=one["bookedEntity"]["slot"]["eventId"],
        )
        for n, one in enumerate(bookings)
    ]
    marks += [
        make.attendance(90 + n, "NOT_ATTENDED", bookingId=course["id"], eventId=make.event(500 + n))
        for n in range(1, 4)
    ]
    load(db, export(*bookings, course, *sessions, *marks))
    before, text = figures(db)
    assert ORDINARY.name in text
    with queries.connect(db) as con:
        assert ORDINARY.id in queries.repeat_no_shows(con, as_of=AS_OF)["participant_id"]
        assert queries.enrolments(con, as_of=AS_OF)["participant_id"].to_list() == [ORDINARY.id]
    pipeline.erase(db, ORDINARY.id)
    after, text = figures(db)
    assert after == before
    assert ORDINARY.last not in text
    with queries.connect(db) as con:
        assert queries.enrolments(con, as_of=AS_OF)["participant_id"].to_list() == [None]


@pytest.mark.long
def test_a_later_export_does_not_bring_the_person_back(
    db: Path, export: Export, booking: Any, make: type[Make]
) -> None:
    mine = [booking(ORDINARY, nth) for nth in range(3)]
    first = export(*mine, booking(ORDINARY, 7, status="MAYBE"), booking(OTHER))
    load(db, first)
    pipeline.erase(db, ORDINARY.id)
    (again,) = load(db, export(*mine, booking(OTHER)))
    assert (again.read, again.unchanged) == (4, 4)
    newer = booking(ORDINARY, 0, participants=2, revision="2")
    loud = booking(ORDINARY, 1, revision="2") | {
        "contactDetails": ORDINARY.details | {"contactId": ORDINARY.id.upper()}
    }
    unnumbered = booking(ORDINARY, 2, revision="2")
    unnumbered["contactDetails"] = {"firstName": ORDINARY.first, "lastName": ORDINARY.last}
    bad_status = booking(ORDINARY, 8, status="MAYBE")
    long = booking(ORDINARY, 9, status="MAYBE", filler="x" * 70_000)
    long["contactDetails"] = long.pop("contactDetails")
    only_email = make.attendance(60, "MAYBE", note=f"Ask <{ORDINARY.email.upper()}>.")
    escaped = '{"bookingId": "\\u0065mma.adler@example.com", "status": 1}'
    (later,) = load(db, export(newer, loud, unnumbered, bad_status, long, only_email, escaped, booking(OTHER, 1)))
    assert (later.loaded, later.quarantined) == (4, 4)
    assert rows(db, "select count(*) from booking where contact_id is null and contact_name is null") == [(3,)]
    assert rows(db, "select participants from booking where revision = 2 order by all desc limit 1") == [(2,)]
    assert rows(db, "select raw, raw_bytes > 0, raw_sha256 <> '' from quarantine") == [("", True, True)] * 4
    assert rows(db, "select count(contact_name) from booking") == [(2,)]
    assert bytes_of(db, ORDINARY) == []


def test_erased_before_is_told_and_done_again_for_new_texts(
    db: Path, export: Export, booking: Any, make: type[Make]
) -> None:
    load(db, export(booking(ORDINARY), make.attendance(60, "MAYBE", note="call 086/1234567")))
    assert not pipeline.erase(db, ORDINARY.id).already_erased
    before = db.stat().st_ino
    again = pipeline.erase(db, ORDINARY.id)
    assert again == pipeline.Erased(already_erased=True)
    assert db.stat().st_ino == before
    more = pipeline.erase(db, ORDINARY.id.upper(), also=["086 123 45 67"])
    assert (more.already_erased, more.quarantined) == (True, 1)
    assert db.stat().st_ino != before


@pytest.mark.long
def test_a_person_known_to_quarantine_alone(db: Path, export: Export, booking: Any) -> None:
    load(db, export(booking(ORDINARY, status="MAYBE"), booking(OTHER)))
    assert pipeline.erase(db, ORDINARY.id).quarantined == 1
    assert bytes_of(db, ORDINARY) == []


@pytest.mark.long
def test_a_name_that_others_have_takes_nothing_from_them(db: Path, export: Export, booking: Any) -> None:
    namesake = Guest(5, "c-555555", ORDINARY.first, ORDINARY.last, "another@example.com")
    al = Guest(6, "c-6", "Al", "", "al@example.com")
    load(
        db,
        export(booking(ORDINARY), booking(namesake), booking(namesake, 1, status="MAYBE"), name="emma-adlér"),
        export(booking(al), booking(OTHER, 2, status="MAYBE", note="Al fresco"), name="Al and Alma also"),
    )
    erased = pipeline.erase(db, ORDINARY.id)
    assert (erased.quarantined, erased.still_said) == (0, {"booking.contact_name": 1})
    assert rows(db, "select count(*) from booking where contact_name = 'Emma Adlér'") == [(1,)]
    pipeline.erase(db, al.id)
    assert [Path(file).name for (file,) in rows(db, "select file from load_ledger order by load_id")] == [
        "erased.ndjson",
        "erased and Alma also.ndjson",
    ]


@pytest.mark.parametrize("also", ["x", " a1 ", ""])
def test_a_text_that_tells_nobody_is_refused(db: Path, export: Export, booking: Any, also: str) -> None:
    load(db, export(booking(ORDINARY)))
    with pytest.raises(queries.UsageError, match="fewer than 3"):
        pipeline.erase(db, ORDINARY.id, [also])


def test_an_unknown_contact_changes_nothing(db: Path, export: Export, booking: Any) -> None:
    load(db, export(booking(ORDINARY), booking(OTHER, status="MAYBE")))
    before = db.stat().st_ino
    with pytest.raises(queries.InputNotFound, match="no booking and no record") as caught:
        pipeline.erase(db, "somebody-else", also=[OTHER.email])
    assert "somebody" not in str(caught.value)
    assert db.stat().st_ino == before
    assert rows(db, "select count(*) from quarantine") == [(1,)]
    with pytest.raises(queries.InputNotFound, match="no database here"):
        pipeline.erase(db.with_name("other.duckdb"), ORDINARY.id)
    assert not db.with_name("other.work.duckdb").exists()


# Bookings with a contact, and a note as an attribute.
NOTED = """[booking]
id = "B"
status = "'CONFIRMED'"
eventId = "B"
startDate = "'2026-03-02T10:00:00Z'"
contactId = "C"
[booking.attributes]
note = "Note"
"""


@pytest.mark.long
def test_an_older_export_brings_no_text_of_an_erased_contact_back(tmp_path: Path) -> None:
    """Neither in an attribute of their bookings nor as a value that the mapping does not know."""
    (tmp_path / "m.toml").write_text(
        f"""{NOTED}
kind = "'a'"
[attendance]
bookingId = "B"
eventId = "B"
status = "case M when 'y' then 'ATTENDED' else 'NOT_SET' end"
"""
    )
    (tmp_path / "a.csv").write_text("B,C,Note,M\n1,zorro-77,zorro-77,y\n2,other,zorro-77,y\n3,other,x,zorro-77\n")
    (tmp_path / "b.csv").write_text("B,C,Note,M\n1,zorro-77,x,y\n")
    with pipeline.open_store(tmp_path / "d.duckdb") as store:
        pipeline.ingest(store, [tmp_path / "b.csv"], mapping=tmp_path / "m.toml")
    pipeline.erase(tmp_path / "d.duckdb", "zorro-77")
    with pipeline.open_store(tmp_path / "d.duckdb") as store:
        pipeline.ingest(store, [tmp_path / "a.csv"], mapping=tmp_path / "m.toml")
        con = store.connection
        notes = con.execute("select attributes from booking order by all").fetchall()
        assert notes == [('{"kind":"a","note":"x"}',), ('{"kind":"a","note":"zorro-77"}',), ('{"kind":"a"}',)]
        assert con.execute("select finding, value from load_finding where finding = 'unmet_value'").fetchall() == [
            ("unmet_value", None)
        ]


def test_no_attribute_of_their_bookings_mentions_an_erased_contact(tmp_path: Path) -> None:
    """Other attributes of the booking stay; so does the same text with the booking of another."""
    (tmp_path / "m.toml").write_text(f'{NOTED}\nkind = "Kind"\n')
    (tmp_path / "a.csv").write_text(
        "B,C,Note,Kind\n1,zorro-77,for zorro-77,a\n2,zorro-77,ZORRO-77,\n3,zorro-77,x,b\n4,other,zorro-77,a\n"
    )
    with pipeline.open_store(tmp_path / "d.duckdb") as store:
        pipeline.ingest(store, [tmp_path / "a.csv"], mapping=tmp_path / "m.toml")
    pipeline.erase(tmp_path / "d.duckdb", "zorro-77")
    with queries.connect(tmp_path / "d.duckdb") as con:
        kept = con.execute("select contact_id, attributes from booking order by all nulls first").fetchall()
    assert kept == [
        (None, None),
        (None, '{"kind":"a"}'),
        (None, '{"kind":"b","note":"x"}'),
        ("other", '{"kind":"a","note":"zorro-77"}'),
    ]
