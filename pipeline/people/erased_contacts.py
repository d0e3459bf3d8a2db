"""Recognise erased contacts in bookings and records that are about to be loaded, and keep them out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import duckdb
import polars as pl

from pipeline.people.personal_text import folded, plain, tokens
from pipeline.store.content_state import tracked
from pipeline.store.keyed import person_hashes
from pipeline.store.person_hashes import PersonHashes
from queries.model.attributes import without_values


@dataclass(frozen=True, slots=True)
class ErasedContacts:
    """The erased contacts, as hashes of their ids, booking ids, e-mails and phone numbers.

    Only hashes are kept: a list of the texts would itself be personal data.
    """

    hashes: PersonHashes

    def has(self, text: str) -> bool:
        """Whether a text is an id, e-mail or phone number of an erased contact, in any case."""
        return self.hashes.has(folded(text))

    def out_of(self, bookings: pl.DataFrame) -> pl.DataFrame:
        """Return the bookings, with contact id and name null for those of erased contacts.

        A booking that has a contact name but no contact id is recognised by its own id.
        """
        if not self.hashes.hashes:
            return bookings
        unnumbered = bookings.filter(pl.col("contact_id").is_null() & pl.col("contact_name").is_not_null())
        is_theirs = pl.col("contact_id").is_in(self._erased_among(bookings["contact_id"])) | (
            pl.col("contact_id").is_null() & pl.col("id").is_in(self._erased_among(unnumbered["id"]))
        )
        kept = ~is_theirs.fill_null(False)
        return bookings.with_columns(
            *(pl.when(kept).then(pl.col(name)).alias(name) for name in ("contact_id", "contact_name")),
            # Theirs alone: to another booking `101` may be the number of a room, and figures go by it.
            attributes=pl.when(kept)
            .then(pl.col("attributes"))
            .otherwise(bookings["attributes"].replace(self._without_mentions(bookings.filter(~kept)["attributes"]))),
        )

    def _without_mentions(self, attributes: pl.Series) -> dict[str, str | None]:
        """Attributes that mention an erased contact -> the same without the values that do; None if none is left."""
        return {
            text: without_values(text, lambda value: self.mentioned_in(value.encode()))
            for text in attributes.drop_nulls().unique()
            if self.mentioned_in(text.encode())
        }

    def mentioned_in(self, raw: bytes) -> bool:
        """Whether a record contains an id, e-mail or phone number of an erased contact."""
        return bool(self.hashes.hashes) and any(map(self.has, tokens(plain(raw.decode("utf-8", errors="replace")))))

    def _erased_among(self, texts: pl.Series) -> list[str]:
        return [text for text in texts.drop_nulls().unique() if self.has(text)]


def erased_contacts(connection: duckdb.DuckDBPyConnection) -> ErasedContacts:
    """Read the erased contacts of a database. Raises `DataRefused` if its secret is missing."""
    return ErasedContacts(person_hashes(connection))


def remember(connection: duckdb.DuckDBPyConnection, texts: Iterable[str], now: dt.datetime) -> bool:
    """Add the hashes of texts that identify a contact, within the caller's transaction; return whether any is new.

    `now` is naive UTC.
    """
    hashes = person_hashes(connection).hashed(map(folded, texts))
    if hashes:
        with tracked(connection, "erased_contact"):
            connection.execute(
                "insert into internal.erased_contact select unnest($hashes::varchar[]), $now::timestamp",
                {"hashes": sorted(hashes), "now": now},
            )
    return bool(hashes)
