"""The secret of a database: in no file but its own, needed for whatever is keyed, and missed when it is gone."""

from __future__ import annotations

import gzip
import hmac
import itertools
import shutil
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from support.fixtures import Run, Write
from support.records import Make
from support.samples import few

import pipeline
import queries
import reports
from pipeline.people.erased_contacts import erased_contacts
from pipeline.store import person_hashes
from pipeline.store.doctor import diagnose, recover
from pipeline.store.files import StoreFiles
from pipeline.store.person_hashes import PersonHashes
from pipeline.typing.made_ids import NAMESPACE
from queries.secret import key_of, read_secret, secret_file

AS_OF = "2026-06-01T00:00:00Z"
CONTACT, PHONE = "c-1", "+353 86 123 4567"
SETTINGS = pipeline.Settings.model_validate({})
SIXTH = Path(__file__).parent / "fixtures" / "version_6.duckdb.gz"


def records(make: type[Make], contact: str = CONTACT) -> list[Any]:
    """Eight bookings of two contacts that missed six of them."""
    details = [
        {"contactId": who, "firstName": who.title(), "phone": PHONE if who == contact else None}
        for who in (contact, "c-2")
    ]
    bookings = [make.booking(number, contactDetails=details[number % 2]) for number in range(8)]
    return [*bookings, *(make.attendance(number, "NOT_ATTENDED" if number > 1 else "ATTENDED") for number in range(8))]


@pytest.fixture
def filled(tmp_path: Path, write: Write, make: type[Make]) -> Path:
    db = tmp_path / "store" / "attendance.duckdb"
    with pipeline.open_store(db, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(*records(make))])
    return db


def texts_in(db: Path) -> set[str]:
    """Every text and id in the tables: whatever could be tried as a key."""
    with queries.connect(db) as con:
        tables = [
            name
            for (name,) in con.execute(
                "select schema_name || '.' || table_name from duckdb_tables() where not internal"
            ).fetchall()
        ]
        rows = [value for name in tables for row in con.execute(f"from {name}").fetchall() for value in row]
    return {str(value) for value in rows if value is not None and len(str(value)) < 200}


def codes(db: Path) -> list[str]:
    return [finding.code for finding in diagnose(db).findings if finding.is_problem]


@pytest.mark.long
def test_the_secret_is_in_no_other_file_and_in_no_output(
    tmp_path: Path, run: Run, make: type[Make], write: Write
) -> None:
    source = write(*records(make), make.booking(9, status="MAYBE"))
    commands = [
        ("ingest", source, "-vv", "--log", "log.ndjson"),
        ("report", "--out", "report.html", "--log", "log.ndjson"),
        ("settings", "--format", "json"),
        ("query", '{"cursorPaging": {"limit": 2}}'),
        ("export-lake", "lake"),
        ("erase", "--contact", CONTACT),
        ("doctor", "--json"),
    ]
    said = ""
    for command in commands:
        finished = run(*command)
        assert finished.returncode in (0, 3), finished.stderr
        said += finished.stdout + finished.stderr
    secret = read_secret(tmp_path / "data" / "attendance.duckdb")
    assert secret
    for text in (secret.digits, secret.key("erased people"), secret.key("pseudonyms"), secret.key("cursors")):
        assert text not in said
        for path in tmp_path.rglob("*"):
            if path.is_file() and path.name != "attendance.secret":
                held = path.read_bytes()
                assert text.encode() not in held, path
                assert bytes.fromhex(text) not in held, path
    assert secret_file(tmp_path / "data" / "attendance.duckdb").stat().st_mode & 0o777 == 0o600


def test_no_text_of_the_database_is_the_key_of_anything(filled: Path) -> None:
    """Whoever has the files without the secret finds neither pseudonyms nor erased people by trying ids."""
    with queries.connect(filled) as con:
        report = reports.the_report(con, as_of=AS_OF)
    assert report.participants
    shown = {repeat.who.removeprefix("guest ") for repeat in report.participants.repeats}
    pipeline.erase(filled, CONTACT, [PHONE])
    texts = texts_in(filled)
    kept = {text for text in texts if ":" in text or len(text) == 64}
    hashes = shown | {part for text in kept for part in text.split(":") if len(part) >= 5}
    assert len(shown) == 2
    for key, guess in itertools.product(texts, (CONTACT, "c-2", PHONE, PHONE.replace(" ", ""))):
        found = hmac.digest(key.encode(), guess.encode(), "sha256").hex()
        assert not any(found.startswith(one) for one in hashes), key


@pytest.mark.long
def test_a_copied_snapshot_is_read_without_the_secret(filled: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copy(filled, tmp_path / "copy.duckdb"))
    with queries.connect(copy) as con, queries.connect(copy) as again:
        assert queries.no_show_rates(con, by=(), as_of=AS_OF)["no_shows"].to_list() == [6]
        page = queries.query_attendance(con, {"cursorPaging": {"limit": 3}})
        token = {"cursorPaging": {"cursor": page["pagingMetadata"]["cursors"]["next"]}}
        assert len(queries.query_attendance(again, token)["attendances"]) == 5
        for options in (reports.Options(share=True), reports.Options(pseudonym_key="k")):
            reports.the_report(con, as_of=AS_OF, options=options)
        with pytest.raises(queries.InputNotFound, match=r"pseudonyms.*Put its file there, set NOSHOW_SECRET") as caught:
            reports.the_report(con, as_of=AS_OF)
    assert caught.value.code == "secret.missing"


def test_a_previous_snapshot_has_the_same_pseudonyms(filled: Path) -> None:
    with pipeline.open_store(filled, settings=SETTINGS) as store, store.transaction():
        pass
    named = []
    for path in (filled, StoreFiles(filled).previous()[0]):
        with queries.connect(path) as con:
            named.append(key_of(con, "pseudonyms"))
    assert named[0]
    assert named[0] == named[1]


@pytest.mark.parametrize(
    ("spoil", "code"),
    few(
        [
            (lambda file: file.unlink(), "secret.missing"),
            (lambda file: file.write_text("0" * 64 + "\n"), "secret.wrong"),
            (lambda file: file.write_text(""), "secret.damaged"),
            (lambda file: file.write_bytes(b"\xff" * 64), "secret.damaged"),
        ],
        1,
    ),
)
def test_a_database_without_its_secret_takes_no_load_until_it_has_one(
    filled: Path, write: Write, make: type[Make], spoil: Callable[[Path], Any], code: str
) -> None:
    pipeline.erase(filled, CONTACT)
    files = StoreFiles(filled)
    kept = files.secret.read_bytes()
    spoil(files.secret)
    left = [codes(filled)]
    before = files.work.read_bytes()
    for action in (
        lambda: pipeline.erase(filled, "c-2"),
        lambda: pipeline.open_store(filled, settings=SETTINGS).__enter__(),
    ):
        with pytest.raises(queries.DataRefused) as caught:
            action()
        assert caught.value.code == code
    assert files.work.read_bytes() == before
    files.secret.write_bytes(kept)
    files.secret.chmod(0o600)
    left.append(codes(filled))
    spoil(files.secret)
    (done,) = [one for one in recover(filled, SETTINGS, "now").done if "another secret" in one]
    left.append(codes(filled))
    assert left == [[code], [], []]
    assert "erase these people again" in done
    with pipeline.open_store(filled, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(*records(make))])


def test_doctor_names_a_secret_that_others_can_read(filled: Path) -> None:
    StoreFiles(filled).secret.chmod(0o644)
    assert codes(filled) == ["secret.readable"]


@pytest.mark.long
def test_a_secret_that_is_set_needs_no_file(tmp_path: Path, run: Run, make: type[Make], write: Write) -> None:
    source, ours = write(*records(make)), "5" * 64
    assert run("ingest", source, NOSHOW_SECRET=ours).returncode == 0
    assert not list(tmp_path.rglob("*.secret"))
    assert run("report", NOSHOW_SECRET=ours).returncode == 0
    for secret, words in (("", "is missing"), ("6" * 64, "NOSHOW_SECRET: not the secret of"), ("x", "not a secret")):
        finished = run("ingest", source, NOSHOW_SECRET=secret)
        assert (finished.returncode, len(finished.stderr.splitlines())) == (65, 1)
        assert words in finished.stderr
        assert not secret or secret not in finished.stderr or secret == "x"


def test_a_failed_first_load_leaves_no_secret_and_a_secret_that_lay_there_stays(tmp_path: Path, run: Run) -> None:
    assert run("ingest", "none.ndjson").returncode == 66
    assert not list(tmp_path.rglob("*.secret"))
    (tmp_path / "data").mkdir(exist_ok=True)
    file = tmp_path / "data" / "attendance.secret"
    file.write_text("7" * 64)
    assert run("ingest", "none.ndjson").returncode == 66
    assert file.read_text() == "7" * 64


@pytest.fixture
def erased_before(tmp_path: Path) -> Path:
    """A database of schema 6 that erased a contact with a phone number, hashed under the id of the database."""
    db = tmp_path / "attendance.duckdb"
    db.write_bytes(gzip.decompress(SIXTH.read_bytes()))
    with duckdb.connect(str(db)) as con:
        (key,) = con.execute("select database_id::varchar from site").fetchall()[0]
        for text in (CONTACT, PHONE):
            digest = hmac.digest(key.encode(), text.encode(), "sha256").hex()
            con.execute("insert into erased_contact values ($hash, '2026-01-01')", {"hash": digest})
    return db


@pytest.mark.long
def test_people_erased_before_there_was_a_secret_are_still_kept_out(
    erased_before: Path, write: Write, make: type[Make]
) -> None:
    db = erased_before
    with pipeline.open_store(db, settings=SETTINGS) as store:
        known = erased_contacts(store.connection)
        assert known.has(CONTACT)
        assert known.has(PHONE)
        assert not known.has("c-2")
        pipeline.ingest(store, [write(*records(make))])
        rows = store.connection.execute("select distinct contact_id, contact_name from booking where contact_id > ''")
        assert rows.fetchall() == [("c-2", "C-2")]
    assert codes(db) == []
    assert pipeline.erase(db, CONTACT).already_erased


def test_few_texts_of_a_load_go_through_the_slow_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of 100,000 texts met with 200 erased ones about three: a load with many erased people takes no longer."""
    slow: list[str] = []
    monkeypatch.setattr(person_hashes, "_slow", lambda text, key: slow.append(text) or text)
    empty = PersonHashes("database", "0" * 64, frozenset())
    known = PersonHashes("database", "0" * 64, empty.hashed(f"{n}@example.com" for n in range(200)))
    assert len(slow) == 200
    assert not any(known.has(f"guest-{n}@example.com") for n in range(20_000))
    assert len(slow) - 200 < 20
    assert known.has("7@example.com")


def test_a_guid_made_of_an_address_is_hashed_as_slowly_as_the_address() -> None:
    made = str(uuid.uuid5(NAMESPACE, "contact/ana@example.com"))
    (kept,) = PersonHashes("d", "0" * 64, frozenset()).hashed([made])
    assert ":" in kept


def test_a_random_guid_needs_no_slow_hash_and_is_recognised(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_hashes, "_slow", lambda text, key: pytest.fail("slow"))
    guid = "5f0c2a4e-0000-4000-8000-000000000001"
    known = PersonHashes("d", "0" * 64, PersonHashes("d", "0" * 64, frozenset()).hashed([guid]))
    assert known.has(guid)
    assert not known.has(guid.replace("5", "6"))
