"""A text and what tells a person go in; whether it mentions them, what else it says of them, or the text without it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

ERASED = "erased"
# A shorter id is taken for one only where it is a whole value: 17 is also an hour, a day and a number of people.
SHORT_ID = 6
# An id as long as this stands for itself wherever it is found.
_LONG_ID = 20
_ESCAPED_PAIR = re.compile(r"\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE)
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})", re.IGNORECASE)
_ESCAPED_SIGN = re.compile(r"\\([\"\\/])")
_BETWEEN_VALUES = re.compile(r'[",;|\t\r\n{}\[\]]+')
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_LONG_WORD = re.compile(rf"[\w.@+-]{{{SHORT_ID},}}")
_GUID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}")
_EMAIL = re.compile(r"[\w.+%-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True, slots=True)
class Sought:
    """A text that tells a person, made by `an_id`, `a_name` or `a_text`, to be found in others whatever their case."""

    text: str
    probe: str
    pattern: re.Pattern[str]

    def found_in(self, said: str) -> bool:
        """Whether a text, as `plain` gives it, has it."""
        return self.probe in said and self.pattern.search(said) is not None


@dataclass(frozen=True, slots=True)
class ContactTold:
    """What a JSON record says of the contact of a booking; None where it does not."""

    booking_id: str | None
    contact_id: str | None
    name: str | None
    email: str | None
    phone: str | None


def an_id(text: str) -> Sought:
    """An id: a short one apart from other words and dashes, one longer than a GUID's digits anywhere."""
    beside = r"[\w-]" if len(text) < SHORT_ID else r"[^\W_]"
    around = ("", "") if len(text) >= _LONG_ID else (f"(?<!{beside})", f"(?!{beside})")
    return _sought(text, re.escape(folded(text)), around)


def a_name(text: str) -> Sought:
    """A name: its words one after the other, whatever signs stand between them, apart from other letters."""
    words = _WORD.findall(folded(text)) or [folded(text)]
    letter = r"[^\W\d_]"
    return _sought(text, r"[\W_]{0,5}".join(map(re.escape, words)), (f"(?<!{letter})", f"(?!{letter})"))


def a_text(text: str) -> Sought:
    """A further text: an e-mail as it is, a phone number by its digits, anything else (another name) by its words."""
    if "@" in text:
        return _sought(text, re.escape(folded(text)), (r"(?<![^\W_])(?<![.+])", r"(?![^\W_])"))
    if any(letter.isalpha() for letter in text):
        return a_name(text)
    digits = r"[\W_]{0,3}".join(_DIGIT.findall(text))
    return Sought(text, "", re.compile(rf"(?<![^\W_]){digits}(?![^\W_])"))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, without case."""
    return tuple(_WORD.findall(folded(text)))


def _sought(text: str, body: str, around: tuple[str, str]) -> Sought:
    before, after = around
    probe = max(_WORD.findall(folded(text)) or [folded(text)], key=len)
    return Sought(text, probe, re.compile(f"{before}{body}{after}", re.IGNORECASE))


def folded(text: str) -> str:
    """A text as it is compared: one form of each letter, no case, no space around it."""
    return unicodedata.normalize("NFC", text).casefold().strip()


def plain(text: str) -> str:
    """A record's text as it is searched: JSON escapes read, one form of each letter, no case."""
    if "\\" in text:
        text = _ESCAPED_PAIR.sub(_pair, text)
        text = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text)
        text = _ESCAPED_SIGN.sub(r"\1", text)
    return folded(text)


def _pair(found: re.Match[str]) -> str:
    return (bytes.fromhex(found[1]) + bytes.fromhex(found[2])).decode("utf-16-be")


def tokens(said: str) -> set[str]:
    """Everything in a plain text that could be an id, an e-mail or a number: whole values, longer words, GUIDs."""
    values = {value.strip(" :=") for value in _BETWEEN_VALUES.split(said)}
    words = {word.strip(".+-") for word in _LONG_WORD.findall(said)}
    return (values | words | guids_in(said)) - {""}


def guids_in(said: str) -> set[str]:
    """The GUIDs of a plain text."""
    return set(_GUID.findall(said))


def emails_in(said: str) -> set[str]:
    """The e-mail addresses of a plain text."""
    return {found.strip(".-") for found in _EMAIL.findall(said)}


def without(text: str, sought: tuple[Sought, ...]) -> str:
    """The text with `erased` in place of what is sought; the very text where nothing of it is there."""
    composed = unicodedata.normalize("NFC", text)
    shown = composed
    for one in sought:
        shown = one.pattern.sub(ERASED, shown)
    return text if shown == composed else shown


def is_cut_within(said: str, sought: tuple[Sought, ...]) -> bool:
    """Whether a text that was cut ends in the first half, or more, of what is sought."""
    return any(_ends_in_part_of(said.rstrip("\ufffd"), folded(one.text)) for one in sought)


def _ends_in_part_of(said: str, text: str) -> bool:
    return any(said.endswith(text[:length]) for length in range(max(SHORT_ID, len(text) // 2), len(text)))


def contacts_in(raw: str) -> list[ContactTold]:
    """The contacts of the bookings in a JSON record; none where the text is no JSON."""
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return []
    return [told for entry in _objects(value) if (told := _contact_of(entry))]


def _objects(value: Any) -> Iterator[dict[str, Any]]:
    waiting = [value]
    while waiting:
        entry = waiting.pop()
        if isinstance(entry, dict):
            yield entry
            waiting.extend(entry.values())
        elif isinstance(entry, list):
            waiting.extend(entry)


def _contact_of(entry: dict[str, Any]) -> ContactTold | None:
    details = entry.get("contactDetails")
    if not isinstance(details, dict):
        return None
    names = [_text(details, "firstName"), _text(details, "lastName")]
    return ContactTold(
        _text(entry, "id") or _text(entry, "_id"),
        _text(details, "contactId"),
        " ".join(filter(None, names)) or None,
        _text(details, "email"),
        _text(details, "phone"),
    )


def _text(entry: dict[str, Any], name: str) -> str | None:
    value = entry.get(name)
    return str(value).strip() or None if isinstance(value, str | int) else None
