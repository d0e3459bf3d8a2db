"""Recognise the words of a status by the words they are put together from: `Cancelada por la clínica`, `Non honoré`.

Each word of the text has to be known, so that a word that changes the meaning is asked about: `Abgesagt unter 24h`.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pipeline.mapping.drafting.plain import plain, stem

# The parts of a status -> its meaning.
_MEANINGS = {
    frozenset(parts.split()): meaning
    for parts, meaning in {
        "came": "attended",
        "client came": "attended",
        "not came": "no_show",
        "client not came": "no_show",
        "absence not excused": "no_show",
        "absence unexcused": "no_show",
        "absence excused": "excused",
        "excused": "excused",
        "cancel late": "late_cancel",
        "cancel late client": "late_cancel",
        "cancel not early": "late_cancel",
        "cancel early": "early_cancel",
        "cancel early client": "early_cancel",
        "cancel client": "cancelled",
        "cancel business": "cancelled_by_business",
        "cancel session": "cancelled_by_business",
    }.items()
}


def meaning_of_parts(text: str) -> str | None:
    """The meaning of a status, a name of `MEANINGS`, or None if one of its words, or their sum, is not known."""
    rest = f" {' '.join(map(stem, plain(text).split()))} "
    found = set()
    for words, part in _phrases():
        if f" {words} " in rest:
            rest = rest.replace(f" {words} ", "  ")
            found.add(part)
    return _MEANINGS.get(frozenset(found - {"joining"})) if not rest.strip() else None


def without_client(text: str) -> str:
    """A plain text without the person whom it speaks of: `cliente faltou` is faltou."""
    first, _, rest = plain(text).partition(" ")
    return rest if (stem(first), "client") in _phrases() else ""


@cache
def _phrases() -> tuple[tuple[str, str], ...]:
    """Phrases with their parts, long ones first: `fuera de plazo` before `de`."""
    text = files("pipeline.mapping.drafting").joinpath("vocabulary.toml").read_text("utf-8")
    phrases = {
        (" ".join(map(stem, plain(phrase).split())), part)
        for part, words in tomllib.loads(text)["status_parts"].items()
        for phrase in words
    }
    return tuple(sorted(phrases, key=lambda one: (-len(one[0]), one)))
