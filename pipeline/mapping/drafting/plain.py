"""Names and words in a form in which spellings are equal."""

from __future__ import annotations

import re
import unicodedata

_SIGNS = re.compile(r"[^\w]+|_")
# Letters that have no accent to be taken away.
_LETTERS = str.maketrans({"ß": "ss", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "№": "n", "°": "", "º": ""})
# Endings that a word may have: `Présent(e)`, `Inscrit·e`.
_MAY_END = re.compile(r"(?<=\w)(?:\((?:e|a|es|s|as|in|innen)\)|[·*:](?:e|a|in|innen)\b)")
# Endings of gender and number: Lehrer, Lehrerin and Lehrerinnen, alumno and alumna.
_ENDING = re.compile(r"(?:innen|in|es|en|as|os|s|a|e|o|n)$")
_SHORTEST = 3


def plain(text: str) -> str:
    """A text in small letters without accents and signs: `Nº de réservation` is `n de reservation`."""
    small = _MAY_END.sub("", text.casefold()).translate(_LETTERS)
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", small) if not unicodedata.combining(sign))
    return " ".join(_SIGNS.sub(" ", unicodedata.normalize("NFKC", bare)).split())


def stem(word: str) -> str:
    """A plain word without the ending of gender and number, if more than three letters stay."""
    shorter = _ENDING.sub("", word)
    return shorter if len(shorter) > _SHORTEST else word
