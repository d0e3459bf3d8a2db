"""Recognise the columns of another system's list of bookings, or of its sums, by their names. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.mapping.drafting.plain import plain
from pipeline.mapping.drafting.vocabulary import fit, meaning

# The words of columns of sums. Those of a list, and more words for no-shows, are in the vocabulary of drafts.
_SUMS: Mapping[str, tuple[str, ...]] = {
    "part": (
        *("no shows", "no show", "noshows", "missed", "did not attend", "dna", "numerator", "missed bookings"),
        *(
            "no show anzahl",
            "versaumte termine",
            "absences",
            "absents",
            "non venus",
            "ausencias",
            "inasistencias",
            "faltas",
        ),
        *("assenze", "afwezig"),
    ),
    "whole": (
        *("bookings", "appointments", "visits", "reservations", "total", "booked", "denominator", "marked"),
        *("marked bookings", "rated bookings", "total bookings", "scheduled", "attendees"),
        *("buchungen", "termine", "gesamt", "insgesamt", "anmeldungen", "rendez vous", "inscriptions", "reservas"),
        *("citas", "inscripciones", "agendamentos", "prenotazioni", "appuntamenti", "totale", "boekingen", "afspraken"),
    ),
    "group": (
        *("day", "week", "month", "week of", "week starting", "week beginning", "period"),
        *("tag", "woche", "monat", "kalenderwoche", "jour", "semaine", "mois", "dia", "semana", "mes", "giorno"),
        *("settimana", "mese", "dag", "maand"),
    ),
}
# Our own names for fields that have other names in the vocabulary.
_OWN = {"id": ("booking_id",), "date": ("local_date", "session_date"), "status": ("outcome",), "service": ("service",)}
_FEWEST_FIT = 0.4


@dataclass(frozen=True, slots=True)
class ListColumns:
    """Columns of a list: the booking's id, and if there are any the session's date, a status, and a flag of no-shows.

    `meaning` is the meaning of a yes in the flag: no_show, attended, or nothing without a flag.
    """

    id: str
    date: str | None
    status: str | None
    flag: str | None = None
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class SumColumns:
    """Columns of sums: the group (a date, or a service), the no-shows, and if it is given the bookings."""

    group: str
    is_date: bool
    part: str
    whole: str | None


def columns_of(names: Sequence[str]) -> ListColumns | SumColumns | None:
    """The columns of a file, or None if it has neither a booking's id nor no-shows of a group."""
    part, whole = _sum(names, "part"), _sum(names, "whole")
    group, is_date = _sum(names, "group") or _best(names, "date"), True
    if group is None:
        group, is_date = _best(names, "service"), False
    booking = _best(names, "id")
    if booking is None and part and group:
        return SumColumns(group, is_date, part, whole)
    if booking is None:
        return None
    rest = [name for name in names if name != booking]
    status = _best(rest, "status")
    flag = None if status else _flag(rest)
    return ListColumns(booking, _best(rest, "date"), status, *(flag or (None, "")))


def _best(names: Sequence[str], column: str) -> str | None:
    """The column that fits best; one that is named as noshow itself names it comes first."""
    scored = [(1.1 if name in _OWN[column] else fit("columns", column, name), -at) for at, name in enumerate(names)]
    score, place = max(scored, default=(0.0, 0))
    return names[-place] if score >= _FEWEST_FIT else None


def _sum(names: Sequence[str], column: str) -> str | None:
    named = (name for name in names if plain(name) in _SUMS[column])
    by_meaning = (name for name in names if column == "part" and meaning(name) == "no_show")
    return next(named, None) or next(by_meaning, None)


def _flag(names: Sequence[str]) -> tuple[str, str] | None:
    scored = [(fit("flags", meaning, name), name, meaning) for name in names for meaning in ("no_show", "attended")]
    score, name, meaning = max(scored, default=(0.0, "", ""))
    return (name, meaning) if score >= _FEWEST_FIT else None
