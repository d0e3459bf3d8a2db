"""Find texts that identify a person within other texts, read contacts out of records, and replace such texts."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

ERASED = "erased"
# A shorter id counts only as a whole value: 17 is also an hour, a day and a number of people.
SHORT_ID = 6
# An id at least as long as this cannot be part of something else, so it counts wherever it is found.
_LONG_ID = 20
# JSON writes a character beyond U+FFFF as two escapes: 😀 is \ud83d\ude00.
_ESCAPED_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)
_ESCAPED_SIGN = re.compile(r"\\([\"\\/])")
_BETWEEN_VALUES = re.compile(r'[",;|\t\r\n{}\[\]]+')
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_LONG_WORD = re.compile(rf"[\w.@+-]{{{SHORT_ID},}}")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
# A GUID or a hash, in which a short name such as Ada or Bea occurs by chance: 3f0c-9ada4.
_MADE_BY_MACHINE = re.compile(rf"{_GUID.pattern}|[0-9a-f]{{32,}}", re.IGNORECASE)
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Sought:
    """A text to search for in any case, made by `an_id`, `a_name` or `a_text`.

    `probe` is its longest word. A plain search for it comes before the regular expression, which is many times slower.
    Only an id is looked for within GUIDs and hashes.
    """

    text: str
    probe: str
    pattern: re.Pattern[str]
    is_id: bool = False

    def found_in(self, searchable: str) -> bool:
        """Whether a text, as returned by `plain`, contains it."""
        return self.probe in searchable and next(self._places(searchable), None) is not None

    def erased_from(self, text: str) -> str:
        """The text with `erased` in its place."""
        for start, end in reversed(list(self._places(text))):
            text = f"{text[:start]}{ERASED}{text[end:]}"
        return text

    def _places(self, text: str) -> Iterator[tuple[int, int]]:
        found = self.pattern.finditer(text)
        if self.is_id:
            yield from (match.span() for match in found)
            return
        made = None
        for match in found:
            made = [one.span() for one in _MADE_BY_MACHINE.finditer(text)] if made is None else made
            if not any(start <= match.start() and match.end() <= end for start, end in made):
                yield match.span()


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """The contact of a booking in a JSON record; None for details that the record does not give."""

    booking_id: str | None
    contact_id: str | None
    name: str | None
    email: str | None
    phone: str | None


def an_id(text: str) -> Sought:
    """An id: a long one (20 characters) anywhere, a shorter one apart from other words.

    `17` is not found in `17-03`, nor `ana17` in `susana17`.
    """
    beside = r"[\w-]" if len(text) < SHORT_ID else r"[^\W_]"
    around = ("", "") if len(text) >= _LONG_ID else (f"(?<!{beside})", f"(?!{beside})")
    return replace(_sought(text, re.escape(folded(text)), around), is_id=True)


def a_name(text: str) -> Sought:
    """A name: its words in order, with up to five signs between them, apart from other letters.

    `Ana Reyes` is found in `ana_reyes` and `Ana, Reyes`, but not in `Susana Reyes`.
    """
    words = _WORD.findall(folded(text)) or [folded(text)]
    letter = r"[^\W\d_]"
    return _sought(text, r"[\W_]{0,5}".join(map(re.escape, words)), (f"(?<!{letter})", f"(?!{letter})"))


def a_text(text: str) -> Sought:
    """A further text: an e-mail as it is, a phone number by its digits, anything else by its words, as a name.

    `030 1234567` is found in `030/123 45 67`.
    """
    if "@" in text:
        return _sought(text, re.escape(folded(text)), (r"(?<![^\W_])(?<![.+])", r"(?![^\W_])"))
    if any(letter.isalpha() for letter in text):
        return a_name(text)
    digits = r"[\W_]{0,3}".join(_DIGIT.findall(text))
    return Sought(text, "", re.compile(rf"(?<![^\W_]){digits}(?![^\W_])"))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, in lower case."""
    return tuple(_WORD.findall(folded(text)))


def _sought(text: str, body: str, around: tuple[str, str]) -> Sought:
    before, after = around
    probe = max(_WORD.findall(folded(text)) or [folded(text)], key=len)
    return Sought(text, probe, re.compile(f"{before}{body}{after}", re.IGNORECASE))


def folded(text: str) -> str:
    """Normalise a text for comparing: NFC, case folded, no space around it."""
    return unicodedata.normalize("NFC", text).casefold().strip()


def plain(text: str) -> str:
    """Normalise a record's text for searching: JSON escapes resolved, NFC, case folded.

    `Zo\\u00eb` becomes `zoë`.
    """
    if "\\" in text:
        text = _ESCAPED_PAIR.sub(_pair, text)
        text = _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)
        text = _ESCAPED_SIGN.sub(r"\1", text)
    return folded(text)


def _pair(match: re.Match[str]) -> str:
    return (bytes.fromhex(match[1]) + bytes.fromhex(match[2])).decode("utf-16-be")


def tokens(searchable: str) -> set[str]:
    """Everything in a plain text that may be an id, an e-mail or a number: whole values, longer words, GUIDs."""
    values = {value.strip(" :=") for value in _BETWEEN_VALUES.split(searchable)}
    words = {word.strip(".+-") for word in _LONG_WORD.findall(searchable)}
    return (values | words | guids_in(searchable)) - {""}


def guids_in(searchable: str) -> set[str]:
    """The GUIDs of a plain text."""
    return set(_GUID.findall(searchable))


def emails_in(searchable: str) -> set[str]:
    """The e-mail addresses of a plain text."""
    return {address.strip(".-") for address in _EMAIL.findall(searchable)}


def without(text: str, sought: tuple[Sought, ...]) -> str:
    """Replace the sought texts by `erased`; a text without any is returned as it is, not even normalised."""
    composed = unicodedata.normalize("NFC", text)
    replaced = composed
    for one in sought:
        replaced = one.erased_from(replaced)
    return text if replaced == composed else replaced


def is_cut_within(searchable: str, sought: tuple[Sought, ...]) -> bool:
    """Whether a text that was cut ends in at least the first half of a sought text.

    A record cut at 64 KiB may end in `ana.reyes@exa`: enough to identify `ana.reyes@example.com`.
    """
    # The cut may be within a character, of which decoding leaves U+FFFD.
    return any(_ends_in_part_of(searchable.rstrip("\ufffd"), folded(one.text)) for one in sought)


def _ends_in_part_of(searchable: str, text: str) -> bool:
    return any(searchable.endswith(text[:length]) for length in range(max(SHORT_ID, len(text) // 2), len(text)))


def contacts_in(raw: str) -> list[ContactDetails]:
    """Read the contacts of all bookings in a JSON record; empty if the text is not JSON."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return [contact for entry in _objects(value) if (contact := _contact_of(entry))]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    """Every object at any depth, without recursion, since a record may nest very deeply."""
    waiting = [value]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            yield entry
            waiting.extend(entry.values())
        elif isinstance(entry, list):
            waiting.extend(entry)


def _contact_of(entry: dict[str, Any]) -> ContactDetails | None:
    details = entry.get("contactDetails")
    if not isinstance(details, dict):
        return None
    names = [_text_of(details, "firstName"), _text_of(details, "lastName")]
    return ContactDetails(
        _text_of(entry, "id") or _text_of(entry, "_id"),
        _text_of(details, "contactId"),
        " ".join(filter(None, names)) or None,
        _text_of(details, "email"),
        _text_of(details, "phone"),
    )


def _text_of(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return str(value).strip() or None if isinstance(value, str | int) else None
