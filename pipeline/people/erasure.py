"""Erase a person from every file of a store, without changing any figure.

Their bookings stay, since the business's figures count them, without the contact. Keyed hashes of the erased ids,
e-mails and phone numbers are kept, so that a later export does not bring the person back.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import duckdb

from pipeline.people.erased_contacts import erased_contacts, remember
from pipeline.people.erasing_history import erase_history
from pipeline.people.erasing_pages import erase_from_pages, learn_from_pages, parts_that_hold
from pipeline.people.erasing_rows import (
    erase_bookings,
    erase_calls,
    erase_ledger_texts,
    erase_messages,
    erase_quarantined,
    places_of,
)
from pipeline.people.mentions import Person, mentions, read_person
from pipeline.people.other_files import OtherFiles, other_files
from pipeline.people.personal_text import Sought, without
from pipeline.store.files import StoreFiles
from pipeline.store.journal import change_file_names
from pipeline.store.lock import only_writer
from pipeline.store.model_tables import clear_model
from pipeline.store.opening import Store, open_store
from pipeline.store.renewal import files_that_hold, mark
from pipeline.store.saved_pulls import remove_half_written, saved_parts
from pipeline.store.written_forms import own_forms_of
from queries.database import database_path
from queries.errors import InputNotFound, OutputFailed, UsageError
from queries.moments import naive_utc

_SHORTEST_GIVEN = 3
# A shorter text occurs within other words, and by chance in the bytes of a compressed file.
_SHORTEST_LOOKED_FOR = 6


class _NothingLeft(Exception):
    """Rolls back a transaction that had nothing to erase, so that no snapshot is published for it."""


@dataclass(frozen=True, slots=True)
class Erased:
    """The result of an erasure: the number of places changed, and the places left to the operator.

    `bookings` no longer name the contact; `notifications` lost their message; `quarantined` records were removed;
    `ledger_texts` are loads whose path, header, warnings or ignored fields mentioned the contact; `pages` are changed
    pages of `noshow pull`; `snapshots` are older snapshots removed; `calls` are bookings removed from lists of calls.
    `still_said` maps `table.column` to the rows that still contain a text of the contact, since it also belongs to
    another contact or is the name of something else.
    `model_forgotten` says that a model of no-shows had learnt from the bookings, and is gone: train it again.
    `other_files` are files in the database's folder that are not the store's and contain the contact's id or texts;
    `unread_files` could not be read, so that they may contain them.
    """

    bookings: int = 0
    notifications: int = 0
    quarantined: int = 0
    calls: int = 0
    ledger_texts: int = 0
    pages: int = 0
    snapshots: int = 0
    already_erased: bool = False
    model_forgotten: bool = False
    still_said: dict[str, int] = field(default_factory=dict)
    other_files: tuple[str, ...] = ()
    unread_files: tuple[str, ...] = ()

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
    on_other_files: Callable[[OtherFiles], None] | None = None,
) -> Erased:
    """Erase a person from tables, quarantine, ledger, journal, saved pages and snapshots, and rewrite the files.

    `contact` is the contact's id; `also` are further texts that identify the person and nobody else, such as an e-mail
    or a phone number. A contact that was erased before is searched for again. `wait` is that of `open_store`.
    `on_other_files` gets the other files of the result before anything is erased: if the disk fails later, the next run
    finds no names to look for.

    Raises `UsageError` if a text cannot identify anyone, `InputNotFound` if there is no database or no booking or
    record of the contact, `OutputFailed` if the disk fails or a file of the store still contains an erased text.
    """
    path, contact, given = database_path(db), contact.strip(), tuple(text.strip() for text in also)
    _check(path, contact, given)
    moment = naive_utc(now or dt.datetime.now(dt.UTC))
    with _no_pull(path, wait):
        remove_half_written(path)
        with open_store(path, wait=wait) as store:
            erased, texts = _erase(store, contact, given, moment, on_other_files)
        _require_nothing_left(path, texts)
    return erased


def _require_nothing_left(path: Path, texts: Collection[str]) -> None:
    # If a new file still has the bytes, all files are written once again before giving up.
    if files_that_hold(StoreFiles(path).everything(), texts):
        _renew(path)
    left = [*files_that_hold(StoreFiles(path).everything(), texts), *parts_that_hold(saved_parts(path), texts)]
    if left:
        raise OutputFailed("erase.left", f"{', '.join(map(str, left))}: still contains an erased text", "Run it again")


@contextmanager
def _no_pull(path: Path, wait: float) -> Iterator[None]:
    """Hold the lock of saved pulls, if there are any, so that no pull runs while their pages are changed."""
    files = StoreFiles(path)
    with only_writer(files.pulls_lock, path, wait) if files.pulls.exists() else nullcontext():
        yield


def _check(path: Path, contact: str, also: tuple[str, ...]) -> None:
    if not contact:
        raise UsageError("erase.no_contact", "no contact is given", "Give the contact's id with --contact")
    if any(sum(map(str.isalnum, text)) < _SHORTEST_GIVEN for text in also):
        message = f"a further text has fewer than {_SHORTEST_GIVEN} letters or digits"
        raise UsageError("erase.text_short", message, "Give texts that identify this person and nobody else")
    if not path.exists() and not StoreFiles(path).work.exists():
        raise InputNotFound("database.not_found", f"{path}: no database here", "Name it with --db or NOSHOW_DB")


def _erase(
    store: Store,
    contact: str,
    also: tuple[str, ...],
    now: dt.datetime,
    on_other_files: Callable[[OtherFiles], None] | None,
) -> tuple[Erased, list[str]]:
    """Erase from journal, pages and tables; return the result, and the texts that no file may contain any more."""
    connection = store.connection
    person, already = read_person(connection, contact, also), erased_contacts(connection).has(contact)
    of_tables = person.identifiers()
    learn_from_pages(saved_parts(store.path), person)
    if not (person.is_known or already):
        raise InputNotFound(
            "erase.unknown",
            f"{store.path}: no booking and no record in quarantine has that contact",
            "Check the contact's id",
        )
    sought = person.sought()
    if person.identifiers() != of_tables:
        # Once the pages are rewritten nothing else has these texts.
        with store.transaction():
            remember(connection, person.identifiers(), now)
    said, near, pages = _Said(), OtherFiles(), 0
    try:
        with store.transaction():
            earlier = erase_history(connection, person, sought)
            erased = _erase_rows(connection, contact, person, sought)
            said = _said_still(connection, sought)
            # The names are found by tables and pages. So that a run that ends before the commit can be repeated, the
            # longest step comes first, and those that cannot be rolled back last.
            near = other_files(store.path, said.nowhere)
            if on_other_files:
                on_other_files(near)
            _scrub_journal(store.files.journal, sought)
            pages = erase_from_pages(saved_parts(store.path), person, sought)
            if not remember(connection, person.identifiers(), now) and erased == Erased() and not earlier:
                raise _NothingLeft
            forgotten = erased.bookings > 0 and clear_model(connection)
            erased = replace(erased, snapshots=len(store.files.older()), model_forgotten=forgotten)
            mark(store.path)
    except _NothingLeft:
        erased = Erased()
    result = replace(
        erased,
        pages=pages,
        already_erased=already,
        still_said=said.places,
        other_files=tuple(map(str, near.holding)),
        unread_files=tuple(map(str, near.unread)),
    )
    return result, said.nowhere


@dataclass(frozen=True, slots=True)
class _Said:
    """The rows that still contain a text, by `table.column`, and the texts that none contains."""

    places: dict[str, int] = field(default_factory=dict)
    nowhere: list[str] = field(default_factory=list)


def _said_still(connection: duckdb.DuckDBPyConnection, sought: tuple[Sought, ...]) -> _Said:
    """Look for the texts once they are erased.

    A text that a row rightly keeps (a colleague of the same name) is bound to be in the files.
    """
    by_text = {one.text: _places(connection, one.text) for one in sought if len(one.text) >= _SHORTEST_LOOKED_FOR}
    places = {place: rows for found in by_text.values() for place, rows in found.items()}
    return _Said(places, [text for text, found in by_text.items() if not found])


def _places(connection: duckdb.DuckDBPyConnection, text: str) -> dict[str, int]:
    """Where a text is, in any form in which the files of the store are searched for it."""
    places: dict[str, int] = {}
    for form in sorted({form.lower() for form in own_forms_of([text])}):
        places |= places_of(connection, form)
    return places


def _erase_rows(
    connection: duckdb.DuckDBPyConnection, contact: str, person: Person, sought: tuple[Sought, ...]
) -> Erased:
    """Erase quarantine and messages before the bookings: they are found by bookings that still have the contact."""
    return Erased(
        quarantined=erase_quarantined(connection, mentions(connection, person)),
        notifications=erase_messages(connection, contact, sought),
        calls=erase_calls(connection, contact),
        bookings=erase_bookings(connection, contact, sought),
        ledger_texts=erase_ledger_texts(connection, sought),
    )


def _renew(path: Path) -> None:
    """Rewrite all files again, from a connection that has not read any of the erased rows."""
    with open_store(path) as store, store.transaction():
        mark(path)


def _scrub_journal(journal: Path, sought: tuple[Sought, ...]) -> None:
    def erased(text: str) -> str:
        return without(text, sought)

    change_file_names(journal, erased, in_damaged=erased)
