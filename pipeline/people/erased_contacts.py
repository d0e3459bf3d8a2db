"""Rows and records on their way into the database go in; they come out without the contacts that were erased."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import polars as pl

from pipeline.people.personal_text import folded, plain, tokens
from pipeline.store.content_state import tracked
from queries.keyed_hash import keyed_hash


@dataclass(frozen=True, slots=True)
class ErasedContacts:
    """What tells the contacts that were erased (their ids, bookings, e-mails, phone numbers), as hashes under `key`."""

    key: str
    hashes: frozenset[str]

    def has(self, text: str) -> bool:
        """Whether the text is an id, e-mail or number of an erased contact, whatever its case."""
        return keyed_hash(self.key, folded(text)) in self.hashes

    def out_of(self, bookings: pl.DataFrame) -> pl.DataFrame:
        """The bookings, those of erased contacts with neither contact id nor name.

        A booking that names a person and gives no contact id is told by its own id.
        """
        if not self.hashes:
            return bookings
        unnumbered = bookings.filter(pl.col("contact_id").is_null() & pl.col("contact_name").is_not_null())
        theirs = pl.col("contact_id").is_in(self._known(bookings["contact_id"])) | (
            pl.col("contact_id").is_null() & pl.col("id").is_in(self._known(unnumbered["id"]))
        )
        kept = ~theirs.fill_null(False)
        return bookings.with_columns(
            pl.when(kept).then(pl.col(name)).alias(name) for name in ("contact_id", "contact_name")
        )

    def mentioned_in(self, raw: bytes) -> bool:
        """Whether a record has an id, e-mail or number of an erased contact."""
        return bool(self.hashes) and any(map(self.has, tokens(plain(raw.decode("utf-8", errors="replace")))))

    def _known(self, texts: pl.Series) -> list[str]:
        return [text for text in texts.drop_nulls().unique() if self.has(text)]


def erased_contacts(connection: duckdb.DuckDBPyConnection) -> ErasedContacts:
    """Those of the database. Their key is its id, which stays; a key that is a setting may be set anew."""
    rows = connection.execute(
        "select database_id::varchar, contact_hash from site left join erased_contact on true"
    ).fetchall()
    return ErasedContacts(rows[0][0], frozenset(contact for _, contact in rows if contact))


def remember(connection: duckdb.DuckDBPyConnection, texts: Iterable[str], now: dt.datetime) -> bool:
    """Add what tells a contact, as hashes, within the caller's transaction; whether any was new. `now` is naive UTC."""
    known = erased_contacts(connection)
    hashes = {keyed_hash(known.key, folded(text)) for text in texts} - known.hashes
    if hashes:
        with tracked(connection, "erased_contact"):
            connection.execute(
                "insert into erased_contact select unnest($hashes::varchar[]), $now::timestamp",
                {"hashes": sorted(hashes), "now": now},
            )
    return bool(hashes)
