"""Recognise names of columns by the parts that they are put together from: `Behandlungsdatum`, `Date de la séance`.

No list has all names. Most are put together from few words, such as one for the session and one for a date. The words
are in `[parts]` of the vocabulary; `_FIELDS` and `_fields` give the field for each sum of them.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files

from pipeline.mapping.drafting.plain import plain, stem

# Words that join others, and say nothing by themselves.
_JOINING = frozenset(
    (
        *("a", "am", "an", "and", "at", "au", "aux", "d", "da", "das", "de", "del", "dem", "den", "der", "des", "di"),
        *("die", "do", "dos", "du", "e", "el", "em", "en", "et", "for", "fur", "in", "l", "la", "las", "le", "les"),
        *(
            "los",
            "o",
            "of",
            "on",
            "os",
            "para",
            "per",
            "por",
            "pour",
            "pro",
            "sur",
            "the",
            "to",
            "um",
            "und",
            "y",
            "zu",
        ),
    )
)
# The least share of a name that its known words make up.
_LEAST_KNOWN = 0.5
# Letters that German puts between the words of a compound: Mitglied-s-nummer, Patient-en-name.
_LINKS = ("", "s", "n", "en", "es", "e")
_SHORTEST = 3

_COUNTING = frozenset(("de", "d", "of", "di", "do"))
_MOMENT = frozenset(("date", "time", "start", "end"))
_WHAT = frozenset(("session", "service"))
# The parts of a name, without those of `_MOMENT` -> the fields that it may be.
_FIELDS = {
    frozenset(parts.split()): fields
    for parts, fields in {
        "session": ("service", "date"),
        "service": ("service", "date"),
        "service session": ("service", "date"),
        **{f"{part} {subject}": ("service",) for subject in ("session", "service") for part in ("type", "name")},
        **{f"place {subject}": ("location",) for subject in ("session", "service")},
        **{f"price {subject}": ("price",) for subject in ("session", "service", "ticket", "booking")},
        **{f"minutes {subject}": ("minutes",) for subject in ("session", "service")},
        **{f"status {subject}": ("status",) for subject in ("session", "service", "booking", "person", "ticket")},
        "booking": ("booked",),
        "cancel": ("cancelled",),
        "number booking": ("id",),
        "number ticket": ("id",),
        "number session": ("id",),
        "person": ("name",),
        "name person": ("name",),
        "number person": ("client",),
        "people": ("seats",),
        "count person": ("seats",),
        "count people": ("seats",),
        "number people": ("seats",),
        "name people": ("seats",),
        "email": ("email",),
        "email person": ("email",),
        "staff": ("staff",),
        "name staff": ("staff",),
        "place": ("location",),
        "name place": ("location",),
        "price": ("price",),
        "status": ("status",),
    }.items()
}


def fields_of(name: str) -> tuple[tuple[str, ...], float]:
    """The fields that a column may be by the parts of its name, and the share of it that is known; none if unknown.

    The values of the column decide between several: `Termin` may be a moment or the kind of appointment.
    """
    words = [word for word in plain(name).split() if word not in _JOINING]
    known = {word: found for word in words if (found := _parts_of(word))}
    length = sum(map(len, words))
    share = sum(map(len, known)) / length if length else 0.0
    if share < _LEAST_KNOWN:
        return (), 0.0
    parts = {part for found in known.values() for part in found} - {"neutral"}
    if _COUNTING & {*plain(name).split()} and any(
        found == {"person"} and word[-1] == "s" for word, found in known.items()
    ):
        # `Nombre de participants` counts people, `Nombre de participante` names one.
        parts = parts - {"person"} | {"people"}
    return _fields(frozenset(parts)), share


def _fields(parts: frozenset[str]) -> tuple[str, ...]:
    moment, what = parts & _MOMENT, parts - _MOMENT
    if not moment:
        return _FIELDS.get(what, ())
    if what and what <= _WHAT | {"booking", "cancel"} and not what <= _WHAT:
        return ("cancelled",) if "cancel" in what else ("booked",)
    if not what <= _WHAT:
        return ()
    if "end" in moment:
        return ("end",)
    if "date" in moment:
        return ("date",)
    return ("time", "date") if "time" in moment else ("date", "time")


@cache
def _parts_of(word: str) -> frozenset[str]:
    """The parts of one word, which may be put together itself."""
    if part := _lexicon().get(stem(word)):
        return frozenset((part,))
    for at in range(_SHORTEST, len(word) - 1):
        second = _lexicon().get(stem(word[at:]))
        if second is None:
            continue
        for link in _LINKS:
            first = _lexicon().get(stem(word[:at].removesuffix(link)))
            if first and (not link or word[:at].endswith(link)):
                return frozenset((first, second))
    return frozenset()


@cache
def _lexicon() -> dict[str, str]:
    text = files("pipeline.mapping.drafting").joinpath("vocabulary.toml").read_text("utf-8")
    return {stem(plain(word)): part for part, words in tomllib.loads(text)["parts"].items() for word in words}
