"""A database and a contact's id go in; the store's files tell nothing of the person any more, figures are as before.

A booking stays as a figure of the business and names nobody. What is erased is remembered as keyed hashes, so that a
later export does not bring it back.
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb
import msgspec

from pipeline.people.erased_contacts import erased_contacts, remember
from pipeline.people.erasing_pages import erase_from_pages, learn_from_pages, parts_that_hold, scrubbed
from pipeline.people.erasing_rows import (
    erase_bookings,
    erase_ledger_texts,
    erase_messages,
    erase_quarantined,
    places_of,
)
from pipeline.people.mentions import Person, mentions, read_person
from pipeline.people.personal_text import Sought, without
from pipeline.store.files import StoreFiles
from pipeline.store.lock import only_writer
from pipeline.store.opening import Store, open_store
from pipeline.store.renewal import files_that_hold, mark
from pipeline.store.saved_pulls import remove_half_written, saved_parts
from pipeline.store.side_files import Damaged, decoded
from queries.database import database_path
from queries.errors import InputNotFound, OutputFailed, UsageError
from queries.files import write_atomically
from queries.moments import naive_utc

_anything = msgspec.json.Decoder()
_SHORTEST_GIVEN = 3
# A shorter text stands in other words, and by chance in the bytes of a compressed file.
_SHORTEST_LOOKED_FOR = 6
_EXPORTS_AND_REPORTS = {".csv", ".duckdb", ".html", ".json", ".jsonl", ".ndjson", ".parquet", ".tsv", ".txt"}


class _NothingLeft(Exception):
    """Undoes a transaction that had nothing to erase."""


@dataclass(frozen=True, slots=True)
class Erased:
    """What was removed of a contact, in numbers, and what is left for others to do.

    `bookings` no longer name the contact; `notifications` lost their message; `quarantined` records are gone;
    `ledger_texts` are loads whose path, warnings or names of fields told something; `pages` are saved ones of `noshow
    pull`; `snapshots` are older ones removed.
    `still_said`: `table.column` -> rows with a text of the contact that are another's, or a name of something else.
    `other_files` of the database's folder are none of the store's and hold the contact's id or texts.
    """

    bookings: int = 0
    notifications: int = 0
    quarantined: int = 0
    ledger_texts: int = 0
    pages: int = 0
    snapshots: int = 0
    already_erased: bool = False
    still_said: dict[str, int] = field(default_factory=dict)
    other_files: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The object that `noshow erase --json` prints."""
        return asdict(self)


def erase(
    db: str | os.PathLike[str] | None,
    contact: str,
    also: Iterable[str] = (),
    *,
    now: dt.datetime | None = None,
    wait: float = 0,
) -> Erased:
    """Remove a person from every table, quarantined record, ledger text, saved page and older snapshot, into new files.

    `contact` is the contact's id; `also` are further texts that tell the person and nobody else: an e-mail, a phone
    number. A contact that was erased before is looked for once more. `wait` is that of `open_store`.

    Raises `UsageError` for a text that tells nobody, `InputNotFound` where there is no database or nothing is known of
    the contact, `OutputFailed` where the disk fails or a file of the store still holds what was erased.
    """
    path, contact, given = database_path(db), contact.strip(), tuple(text.strip() for text in also)
    _check(path, contact, given)
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    with _no_pull(path, wait):
        remove_half_written(path)
        with open_store(path, wait=wait) as store:
            erased, texts = _erase(store, contact, given, moment)
        if files_that_hold(StoreFiles(path).everything(), texts):
            _renew(path)
        left = [*files_that_hold(StoreFiles(path).everything(), texts), *parts_that_hold(saved_parts(path), texts)]
    if left:
        raise OutputFailed(
            "erase.left", f"{', '.join(map(str, left))}: still holds what was to be erased", "Run it once more"
        )
    return replace(erased, other_files=tuple(map(str, files_that_hold(_other_files(path), texts))))


@contextmanager
def _no_pull(path: Path, wait: float) -> Iterator[None]:
    """Keep pulls out while their pages are changed."""
    files = StoreFiles(path)
    with only_writer(files.pulls_lock, path, wait) if files.pulls.exists() else nullcontext():
        yield


def _check(path: Path, contact: str, also: tuple[str, ...]) -> None:
    if not contact:
        raise UsageError("erase.no_contact", "no contact is named", "Give the contact's id with --contact")
    if any(sum(map(str.isalnum, text)) < _SHORTEST_GIVEN for text in also):
        message = f"a further text has fewer than {_SHORTEST_GIVEN} letters or digits"
        raise UsageError("erase.text_short", message, "Give texts that tell this person and nobody else")
    if not path.exists() and not StoreFiles(path).work.exists():
        raise InputNotFound("database.not_found", f"{path}: no database here", "Name it with --db or NOSHOW_DB")


def _erase(store: Store, contact: str, also: tuple[str, ...], now: dt.datetime) -> tuple[Erased, list[str]]:
    """Erase in the tables and the journal; what was removed, and the texts that no file may hold any more."""
    connection = store.connection
    person, already = read_person(connection, contact, also), erased_contacts(connection).has(contact)
    learn_from_pages(saved_parts(store.path), person)
    if not (person.is_known or already):
        raise InputNotFound(
            "erase.unknown",
            f"{store.path}: no booking and no record in quarantine has that contact",
            "Check the contact's id",
        )
    sought = person.sought()
    _scrub_journal(store.files.journal, sought)
    pages = erase_from_pages(saved_parts(store.path), person, sought)
    try:
        with store.transaction():
            erased = _erase_rows(connection, contact, person, sought)
            if not remember(connection, person.told_by(), now) and erased == Erased():
                raise _NothingLeft
            erased = replace(erased, snapshots=len(store.files.older()))
            mark(store.path)
    except _NothingLeft:
        erased = Erased()
    still = {one.text: places_of(connection, one.text) for one in sought if len(one.text) >= _SHORTEST_LOOKED_FOR}
    said = {place: rows for places in still.values() for place, rows in places.items()}
    texts = [text for text in still if not still[text]]
    return replace(erased, pages=pages, already_erased=already, still_said=said), texts


def _erase_rows(
    connection: duckdb.DuckDBPyConnection, contact: str, person: Person, sought: tuple[Sought, ...]
) -> Erased:
    """Quarantine and messages first: they are found by the bookings, which then name nobody."""
    return Erased(
        quarantined=erase_quarantined(connection, mentions(connection, person)),
        notifications=erase_messages(connection, contact, sought),
        bookings=erase_bookings(connection, contact),
        ledger_texts=erase_ledger_texts(connection, sought),
    )


def _renew(path: Path) -> None:
    """All files once more, by a process that has read none of what was erased."""
    with open_store(path) as store, store.transaction():
        mark(path)


def _scrub_journal(journal: Path, sought: tuple[Sought, ...]) -> None:
    """Put the journal of loads, where there is one, in a new file without what is sought."""
    if not journal.exists():
        return
    lines = journal.read_bytes().splitlines(keepends=True)
    scrubbed = [_scrubbed_line(line, sought) for line in lines]
    if scrubbed != lines:
        write_atomically(journal, b"".join(scrubbed))


def _scrubbed_line(line: bytes, sought: tuple[Sought, ...]) -> bytes:
    """A JSON line with `erased` in place of the texts sought in any of its strings; unchanged if it has none of them.

    In a damaged line, which is no JSON any more, they are replaced wherever they stand.
    """
    try:
        value = decoded(line, _anything)
    except Damaged:
        return without(line.decode("utf-8", "surrogateescape"), sought).encode("utf-8", "surrogateescape")
    left = scrubbed(value, sought)
    return line if left == value else json.dumps(left, ensure_ascii=False).encode() + b"\n"


def _other_files(path: Path) -> Iterator[Path]:
    """Exports and reports in the database's folder and in those within it; no work file, which a writer may have."""
    ours = set(StoreFiles(path).everything())
    for pattern in ("*", "*/*"):
        for file in sorted(path.parent.glob(pattern)):
            is_work = ".work." in file.name
            if file.suffix in _EXPORTS_AND_REPORTS and file not in ours and not is_work and file.is_file():
                yield file
