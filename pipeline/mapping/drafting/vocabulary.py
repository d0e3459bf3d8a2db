"""Recognise the words of columns and statuses, in the languages of `vocabulary.toml`."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from pipeline.mapping.drafting.plain import plain
from pipeline.mapping.drafting.status_parts import meaning_of_parts, without_client

# Where `startTime` has two words.
_JOINED = re.compile(r"(?<=[a-z])(?=[A-Z])")
# The share of a name that a word in it must make up.
_INSIDE = 0.4


@cache
def _words(section: str) -> dict[str, dict[str, int]]:
    """Name -> its words, plain, each with its place in the list."""
    text = files("pipeline.mapping.drafting").joinpath("vocabulary.toml").read_text("utf-8")
    return {
        # A sign such as ✓ has no letters, and is its own plain form.
        name: {plain(word) or word: place for place, word in reversed(list(enumerate(words)))}
        for name, words in tomllib.loads(text)[section].items()
    }


def names(section: str) -> tuple[str, ...]:
    """The names that a section has words for."""
    return tuple(_words(section))


def fit(section: str, name: str, text: str) -> float:
    """How well a text fits the words of a name: 1 for a word itself, less for a text that has one in it, else 0."""
    words, given = _words(section)[name], plain(_JOINED.sub(" ", text))
    if given in words:
        return 1.0
    inside = [word for word in words if len(word) > 2 and f" {word} " in f" {given} "]
    best = max((len(word) / len(given) for word in inside), default=0.0)
    # `total_of_special_requests` is not a price.
    return best * 0.9 if best >= _INSIDE else 0.0


def is_number_of_person(text: str) -> bool:
    """Whether a column's name means the number of a person: `Member no`."""
    words = plain(_JOINED.sub(" ", text.replace("#", " no "))).split()
    numbers = _words("numbers")["words"]
    rest = " ".join(word for word in words if word not in numbers)
    return len(rest) < len(" ".join(words)) and rest in _words("columns")["name"]


def is_kind_of_person(text: str) -> bool:
    """Whether a column's name means a kind of people: `Customer type`."""
    return not _words("kinds")["words"].keys().isdisjoint(plain(_JOINED.sub(" ", text)).split())


@cache
def nothing() -> frozenset[str]:
    """Texts that mean that a value is not known, in small letters."""
    text = files("pipeline.mapping.drafting").joinpath("vocabulary.toml").read_text("utf-8")
    return frozenset(tomllib.loads(text)["nothing"]["words"])


def is_blank(text: str | None) -> bool:
    """Whether a text is empty, or means that a value is not known."""
    return (text or "").strip().casefold() in {"", *nothing()}


def meaning(text: str) -> str | None:
    """The meaning of a status word, a name of `MEANINGS`, or None for a word that is unknown."""
    given = {plain(text), without_client(text)} - {""}
    return next((name for name, words in _words("status").items() if given & words.keys()), meaning_of_parts(text))


def is_total(text: str) -> bool:
    """Whether a text begins a row of totals."""
    given = plain(text)
    return any(given == word or given.startswith(f"{word} ") for word in _words("totals")["words"])


def is_flag(text: str) -> str | None:
    """`yes` or `no` for a word that means it."""
    given = plain(text) or text.strip()
    return next((flag for flag in ("yes", "no") if given in _words("flags")[flag]), None)
