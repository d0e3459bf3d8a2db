"""Find the texts of a view that name a contact, and replace them.

The columns that say who booked are left out before. A name can stand elsewhere all the same: a service called
`Lesson with Ana Berg`, a member of staff who is a customer too, an attribute that holds an e-mail address. Every
text that is exported is held to the names and ids of all contacts, and to the forms of e-mail addresses and phone
numbers.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import duckdb

from pipeline.people.personal_text import emails_in, folded, words_of
from queries.model.attributes import without_values

LEFT_OUT = "left out"
_CONTACTS = "select distinct unnest([contact_id, contact_name]) as text from booking"
_DATE = re.compile(r"\b\d{4}-\d\d-\d\d(?:[ T]\d\d:\d\d(?::\d\d)?)?\b")
_MAYBE_PHONE = re.compile(r"(?<!\w)\+?\(?\d[\d ()/.\-]{5,}\d(?!\w)")
_FEWEST_DIGITS = 7
_GUID_OR_HASH = re.compile(r"[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Contacts:
    """The names and ids of all contacts: whole texts, and their words in order by the first of them."""

    texts: frozenset[str]
    by_first_word: dict[str, list[tuple[str, ...]]] = field(default_factory=dict)

    def are_in(self, text: str) -> bool:
        """Whether a name or id stands in a text, apart from other words: `Ana` in `with ANA`, not in `Banana`."""
        if folded(text) in self.texts:
            return True
        words = words_of(text)
        return any(
            words[at : at + len(one)] == one
            for at, word in enumerate(words)
            for one in self.by_first_word.get(word, ())
        )


def read_contacts(connection: duckdb.DuckDBPyConnection) -> Contacts:
    """Every contact of the database, of bookings of any status."""
    return contacts_of(text for (text,) in connection.execute(_CONTACTS).fetchall() if text)


def contacts_of(texts: Iterable[str]) -> Contacts:
    """Contacts by their names and ids."""
    each = [text for text in texts if text.strip()]
    contacts = Contacts(frozenset(map(folded, each)))
    for words in sorted({words_of(text) for text in each} - {()}):
        contacts.by_first_word.setdefault(words[0], []).append(words)
    return contacts


def free_of_names(text: str, column: str, contacts: Contacts) -> str | None:
    """The text as a names-free export has it, the same if it names nobody; of attributes, without those that do."""
    if column == "attributes":
        return without_values(text, lambda value: _names(value, contacts, with_phones=True))
    return LEFT_OUT if _names(text, contacts, with_phones=not column.endswith("_id")) else text


def _names(text: str, contacts: Contacts, with_phones: bool) -> bool:
    if _GUID_OR_HASH.fullmatch(text):
        # Most ids: words of a GUID mean nothing, so only all of it can be a contact's id.
        return folded(text) in contacts.texts
    return contacts.are_in(text) or bool(emails_in(folded(text))) or (with_phones and _has_phone(text))


def _has_phone(text: str) -> bool:
    return any(
        sum(sign.isdigit() for sign in found) >= _FEWEST_DIGITS for found in _MAYBE_PHONE.findall(_DATE.sub(" ", text))
    )
