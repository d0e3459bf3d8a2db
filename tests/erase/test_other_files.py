"""Files near a database that name an erased person are found, however they write the name, and never changed."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import duckdb
import pytest
from support.fixtures import Write
from support.records import Make
from typer.testing import CliRunner

import pipeline
from pipeline.cli.app import app
from pipeline.people import erasure
from pipeline.people.erased_contacts import erased_contacts
from pipeline.people.other_files import other_files
from pipeline.store import renewal
from pipeline.store.files import StoreFiles
from pipeline.store.publication import copy_database
from pipeline.store.renewal import files_that_hold
from pipeline.store.saved_pulls import Terms, begin

GUEST = {"contactId": "b6419c6a-9e44-5d09-803d-8b0f45406dc7", "firstName": "Emma", "lastName": "Adlér"}
NAME = "Emma Adlér"
SETTINGS = pipeline.Settings.model_validate({})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a database, which need not be there."""
    made = tmp_path / "store"
    made.mkdir()
    return made


@pytest.fixture
def db(folder: Path, write: Write) -> Path:
    """A database with one booking of the guest."""
    path = folder / "attendance.duckdb"
    with pipeline.open_store(path, settings=SETTINGS) as store:
        pipeline.ingest(store, [write(Make.booking(1, contactDetails=GUEST), Make.booking(2))])
    return path


def found(folder: Path, *texts: str) -> list[str]:
    """The files that hold any of the texts, all others being read."""
    near = other_files(folder / "attendance.duckdb", texts)
    assert near.unread == ()
    return [str(file.relative_to(folder)) for file in near.holding]


def parquet(file: Path, query: str) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute(f"copy ({query}) to '{file}' (format parquet, compression zstd)")
    return file


def database(file: Path, *statements: str) -> Path:
    with duckdb.connect() as con:
        con.execute(f"attach '{file}' as made")
        con.execute("use made")
        con.execute("set force_compression = 'zstd'")
        for statement in statements:
            con.execute(statement)
    return file


def hidden(value: str, named: str = "said") -> str:
    """A query whose rows compress so well that their bytes do not show the value, an expression in SQL."""
    return f"select repeat(md5(n::varchar), 16) as noise, {value} as {named} from range(3000) as r(n)"


HIDDEN = f"repeat(md5(n::varchar), 16) || '{NAME}'"


def test_every_file_is_listed_once_by_what_it_is(folder: Path) -> None:
    holding = [
        *("report.html", "a.CSV", "old.csv.bak", "notes.txt", "page.htm", "dates.ics", "nightly/night-1/night.log"),
        *("attendance.work.csv", "other.work.json", "nightly/report.md"),
    ]
    for name in [*holding, "nightly/night-1/deeper/lost.txt", "picture.png"]:
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"<td>{NAME}</td>", encoding="utf-8")
    (folder / "empty.html").write_text("")
    (folder / "empty.duckdb").write_text("")
    (folder / "linked.txt").symlink_to(folder / "notes.txt")
    (folder / "nightly" / "up").symlink_to(folder, target_is_directory=True)
    (folder / "gone.txt").symlink_to(folder / "nowhere")
    rows = f"create table t as {hidden(HIDDEN)}"
    copies = ["copy.DUCKDB", "copy.bak", "other.work.duckdb", "studio.db"]
    for name in copies:
        database(folder / name, rows)
    parquet(folder / "lake" / "2026" / "part-0.pq", hidden(HIDDEN))
    with closing(sqlite3.connect(folder / "noshow.sqlite")) as con:
        con.execute("create table t (said)")
        con.execute("insert into t values (?)", (NAME,))
        con.commit()
    before = {file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()}

    others = ["lake/2026/part-0.pq", "noshow.sqlite"]
    same = {"linked.txt": "notes.txt"}
    assert {same.get(name, name) for name in found(folder, NAME)} == {*holding, *copies, *others}
    assert len(found(folder, NAME)) == len(holding) + len(copies) + len(others)
    assert before == {
        file: (file.read_bytes(), file.stat().st_mtime_ns) for file in folder.rglob("*") if file.is_file()
    }


@pytest.mark.parametrize(
    ("text", "written"),
    [
        (NAME, "EMMA ADLÉR"),
        (NAME, "Emma Adle\u0301r"),
        (NAME, json.dumps(NAME)),
        ("Jan Groß", "JAN GROSS"),
        ("Γιώργος Παπάς", "γιώργος παπάς"),
        ("Conor O'Brien", "Conor O&#39;Brien"),
        ("Conor O'Brien", "Conor O&#x27;Brien"),
        ("Conor O'Brien", r"Conor O\u0027Brien"),
        ('Pat "Cat" Doe', 'Pat ""Cat"" Doe'),
        ('Pat "Cat" Doe', r"Pat \"Cat\" Doe"),
        ("\u095bै\u0959ान", "\u095bै\u0959ान"),
        *[
            ("100042", written)
            for written in ("the id 100042.", "100042.0,x", "ref100042", "a%3A100042", r"\u00a0100042")
        ],
    ],
)
def test_a_text_is_found_as_other_files_write_it(folder: Path, text: str, written: str) -> None:
    (folder / "a.txt").write_text(f"{'x' * 100},{written}\n", encoding="utf-8")
    (folder / "b.txt").write_text("somebody else\n", encoding="utf-8")
    assert found(folder, text) == ["a.txt"]


QUOTED = "repeat(md5(n::varchar), 16) || 'Pat \"Cat\" Doe'"


def test_rows_are_found_though_their_bytes_do_not_show_it(folder: Path) -> None:
    """Values of all types, in tables and columns of any name."""
    values = {
        "upper": "upper(NOTE)",
        "struct": "[{'by': NOTE}]",
        "json": "{'by': NOTE}::json",
        "escaped": r"""replace('{"by": "' || NOTE || '"}', 'é', '\u00e9')""",
        "map": "map {NOTE: 1}",
        "blob": "encode(NOTE)",
        "union": "union_value(said := NOTE)",
        "decomposed": "replace(NOTE, 'é', 'e' || chr(769))",
    }
    turkish = "İbrahim Yılmaz"
    columns = {"shadow": '"whole_row"', "quoted": '"of ""old"" days"'}
    expected = [f"{name}.parquet" for name in (*values, *columns)]
    for name, value in values.items():
        parquet(folder / f"{name}.parquet", hidden(value.replace("NOTE", f"({HIDDEN})")))
    for name, column in columns.items():
        parquet(folder / f"{name}.parquet", hidden(HIDDEN, column))
    parquet(folder / "said=all" / "p.parquet", hidden(HIDDEN))
    parquet(folder / "e[1].parquet", hidden(HIDDEN))
    parquet(folder / "e1.parquet", hidden("'nobody'"))
    parquet(folder / "star*.parquet", hidden(HIDDEN))
    parquet(folder / "starred.parquet", "select 1 as other")
    assert files_that_hold(folder.rglob("*.parquet"), [NAME]) == []
    assert found(folder, NAME) == sorted([*expected, "e[1].parquet", "said=all/p.parquet", "star*.parquet"])

    parquet(folder / "turkish.parquet", hidden(HIDDEN.replace(NAME, turkish)))
    assert found(folder, turkish) == ["turkish.parquet"]
    parquet(folder / "cat.parquet", hidden(QUOTED))
    assert found(folder, 'Pat "Cat" Doe') == ["cat.parquet"]


def test_tables_of_any_name_are_found_and_no_macro_of_the_file_is_called(folder: Path) -> None:
    schemas = ["main", "attendance", "memory", "system", "temp", "looked_into", '"of ""old"" days"']
    for number, schema in enumerate(schemas):
        made = [] if schema == "main" else [f"create schema made.{schema}"]
        database(folder / f"{number}.duckdb", *made, f'create table made.{schema}."a table" as {hidden(HIDDEN)}')
    (folder / "secret.txt2").write_text("hello")
    macros = [
        f"create macro {name} as (select error(content) from read_text('{folder}/secret.txt2'))"
        for name in ("contains(a, b)", "lower(a)", "to_json(a)", "regexp_matches(a, b)")
    ]
    database(folder / "macros.duckdb", f"create table t as {hidden(HIDDEN)}", *macros)
    database(folder / "theirs.duckdb", "create table noted as select 'Somebody Else' as said")
    assert files_that_hold(folder.glob("*.duckdb"), [NAME]) == []
    assert found(folder, NAME) == [*(f"{number}.duckdb" for number in range(len(schemas))), "macros.duckdb"]


def test_a_short_number_is_not_found_within_others(folder: Path) -> None:
    parquet(folder / "weather.parquet", "select 0.1000427 as score, 31000425 as n, 'a100042b-0000' as hash")
    (folder / "weather.csv").write_text("0.100042,31000425,f100042a,100042.5\n")
    assert found(folder, "100042") == []
    kinds = ["bigint", "double", "hugeint", "decimal(12, 2)", "varchar"]
    for number, kind in enumerate(kinds):
        parquet(folder / f"{number}.parquet", f"select 100042::{kind} as id")
    assert found(folder, "100042") == [f"{number}.parquet" for number in range(len(kinds))]


def test_what_cannot_be_read_is_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = f"create table t as {hidden(HIDDEN)}"
    whole = database(folder / "whole.duckdb", rows)
    cut = whole.read_bytes()[:20_000]
    unread = {
        "cut.duckdb": cut,
        "damaged.parquet": b"PAR1",
        "encrypted.duckdb": b"no database at all",
        os.fsdecode(b"caf\xe9.parquet"): parquet(folder / "p.parquet", hidden("'nobody'")).read_bytes(),
    }
    nested = "Content-Type: multipart/mixed; boundary=b{0}\n\n--b{0}\n"
    unread["nested.eml"] = "".join(nested.format(n) for n in range(3_000)).encode()
    for name, content in {**unread, "kept.parquet.crc": b"crc", "kept.duckdb.gz": b"\x1f\x8b"}.items():
        (folder / name).write_bytes(content)
    near = other_files(folder / "attendance.duckdb", [NAME])
    assert [file.name for file in near.holding] == ["whole.duckdb"]
    assert {file.name for file in near.unread} == set(unread)

    real = Path.open

    def refused(self: Path, *args: str, **options: str) -> object:
        if self == whole:
            raise PermissionError(13, "Permission denied", str(self))
        return real(self, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refused)
    assert whole in other_files(folder / "attendance.duckdb", [NAME]).unread


def test_a_table_that_cannot_be_read_does_not_hide_another(folder: Path) -> None:
    first = f"create table a as {hidden('md5(n::varchar)')}"
    file = database(folder / "kept.duckdb", first, "checkpoint", f"create table b as {hidden(HIDDEN)}")
    with duckdb.connect(str(file), read_only=True) as con:
        ((block,),) = con.execute(
            "select min(block_id) from pragma_storage_info('a') where column_name = 'noise' and block_id >= 0"
        ).fetchall()
    content = bytearray(file.read_bytes())
    content[3 * 4096 + block * 262_144 + 5_000] ^= 255
    file.write_bytes(content)
    with duckdb.connect(str(file), read_only=True) as con, pytest.raises(duckdb.Error):
        con.execute("select max(noise) from a").fetchall()
    assert found(folder, NAME) == ["kept.duckdb"]


def test_files_of_the_database_are_never_opened_under_another_name(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Closing any handle of the work file would release DuckDB's lock. A hard link is listed, as it will be a copy."""
    files = StoreFiles(db)
    for number, file in enumerate(files.everything()):
        (db.parent / f"link-{number}.csv").symlink_to(file)
        (db.parent / f"hard-{number}.csv").hardlink_to(file)
    opened: list[Path] = []
    real = Path.open

    def noted(self: Path, *args: str, **options: str) -> object:
        opened.append(self)
        return real(self, *args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", noted)
    near = other_files(db, [NAME])
    assert near.holding == ()
    assert {file.name for file in near.unread} == {f"hard-{number}.csv" for number in range(len(files.everything()))}
    assert not any(file.name.startswith(("link", "hard")) for file in opened)


def test_other_files_that_name_the_person_are_listed(db: Path) -> None:
    report = db.parent / "reports" / "named.html"
    report.parent.mkdir()
    report.write_text(f"<td>{NAME}</td>", encoding="utf-8")
    broken = db.with_name("broken.parquet")
    broken.write_bytes(b"PAR1")
    erased = pipeline.erase(db, GUEST["contactId"])
    assert (erased.other_files, erased.unread_files) == ((str(report),), (str(broken),))
    assert report.exists()


def test_a_copy_that_names_the_person_in_its_history_alone_is_listed(db: Path, write: Write) -> None:
    with pipeline.open_store(db, settings=SETTINGS) as store:
        other = GUEST | {"contactId": "c-3", "firstName": "Pat", "lastName": "Doe"}
        later = [Make.booking(n, contactDetails=other, updatedDate="2026-03-02T10:00:00Z") for n in range(1, 21)]
        earlier = [Make.booking(n, contactDetails=GUEST, updatedDate="2026-03-01T10:00:00Z") for n in range(1, 21)]
        pipeline.ingest(store, [write(*earlier)])
        pipeline.ingest(store, [write(*later)])
        copy = db.with_name("kept.duckdb")
        copy_database(store.connection, copy)
    with duckdb.connect(str(copy), read_only=True) as con:
        assert con.execute(f"select count(*) from booking where contact_name = '{NAME}'").fetchall() == [(0,)]
    assert pipeline.erase(db, GUEST["contactId"]).other_files == (str(copy),)


def test_a_mail_that_names_the_person_is_listed(folder: Path) -> None:
    broken = f"{NAME[:3]}=\n{NAME[3:]}"  # as a mail breaks its lines
    (folder / "report.eml").write_text(
        f"Content-Transfer-Encoding: quoted-printable\n\n{broken}".replace("é", "=C3=A9"), encoding="utf-8"
    )
    assert found(folder, NAME) == ["report.eml"]


def stopped(*_: object) -> None:
    """A step that a Ctrl-C ends."""
    raise KeyboardInterrupt


def saved_page(db: Path, contact: dict[str, str]) -> Path:
    """Save a page of a pull with a booking of the contact; its file."""
    pull = begin(db, Terms(dt.datetime(2026, 3, 1, 2, tzinfo=dt.UTC), "site"))
    page = {"extendedBookings": [{"booking": Make.booking(9, contactDetails=contact)}]}
    pull.add_page("bookings", json.dumps(page).encode() + b"\n")
    (part,) = pull.all_parts()
    return part


def test_an_erasure_that_is_stopped_while_it_looks_can_be_run_again(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the names are erased nobody knows what to look for."""
    notes = db.with_name("notes.txt")
    notes.write_text(NAME, encoding="utf-8")
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "other_files", stopped)
        with pytest.raises(KeyboardInterrupt):
            pipeline.erase(db, GUEST["contactId"])
    again = pipeline.erase(db, GUEST["contactId"])
    assert (again.bookings, again.other_files, again.already_erased) == (1, (str(notes),), False)


def test_a_person_of_saved_pages_alone_is_found_after_an_interrupted_search(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = GUEST | {"contactId": "c0ffee00-9e44-5d09-803d-8b0f45406dc7", "lastName": "Quill"}
    part = saved_page(db, contact)
    before = part.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(erasure, "other_files", stopped)
        with pytest.raises(KeyboardInterrupt):
            pipeline.erase(db, contact["contactId"])
    assert part.read_bytes() == before
    notes = db.with_name("notes.txt")
    notes.write_text("Emma Quill", encoding="utf-8")
    erased = pipeline.erase(db, contact["contactId"])
    assert (erased.pages, erased.other_files) == (1, (str(notes),))
    assert b"Quill" not in gzip.decompress(part.read_bytes())


def test_if_the_disk_fails_later_the_other_files_are_known(db: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    notes = db.with_name("notes.txt")
    notes.write_text(NAME, encoding="utf-8")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(renewal, "copy_database", full)
        failed = CliRunner().invoke(app, ["erase", "--contact", GUEST["contactId"], "--db", str(db)])
    assert failed.exit_code != 0
    assert f"{notes}: names the contact" in failed.stderr
    assert pipeline.erase(db, GUEST["contactId"]).other_files == ()


def test_texts_of_pages_alone_are_remembered_before_these_are_rewritten(
    db: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    contact = GUEST | {"contactId": "c0ffee00-9e44-5d09-803d-8b0f45406dc7", "email": "quill@example.com"}
    part = saved_page(db, contact)

    with monkeypatch.context() as patch:
        patch.setattr(erasure, "erase_history", lambda *_: 1)
        patch.setattr(erasure, "mark", stopped)
        with pytest.raises(KeyboardInterrupt):
            pipeline.erase(db, contact["contactId"])
    assert b"quill" not in gzip.decompress(part.read_bytes())
    assert pipeline.erase(db, contact["contactId"]).already_erased
    with pipeline.open_store(db, settings=SETTINGS) as store:
        known = erased_contacts(store.connection)
    assert known.has(contact["contactId"])
    assert known.has(contact["email"])


@pytest.mark.parametrize(
    ("guest", "service"),
    [
        (("Conor", "O'Brien"), "Yoga with Conor O&#39;Brien"),
        (("Pat", '"Cat" Doe'), 'Yoga with Pat ""Cat"" Doe'),
        (("Emma", "Adlér"), "Yoga with Emma Adle\u0301r"),
        (("Emma", "Adlér"), r"Yoga with Emma Adl\u00e9r"),
        (("Jan", "Groß"), "Yoga mit Jan Gross"),
    ],
)
def test_a_service_that_has_the_name_in_another_form_stays(
    folder: Path, write: Write, guest: tuple[str, str], service: str
) -> None:
    path = folder / "attendance.duckdb"
    details = GUEST | dict(zip(("firstName", "lastName"), guest, strict=True))
    with pipeline.open_store(path, settings=SETTINGS) as store:
        made = {"id": Make.guid(1, 3), "name": service, "type": "CLASS"}
        pipeline.ingest(store, [write(Make.booking(1, contactDetails=details), made)])
    assert pipeline.erase(path, GUEST["contactId"]).bookings == 1
