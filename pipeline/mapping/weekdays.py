"""The names of the weekdays in the languages that exports are written in."""

from __future__ import annotations

import unicodedata
from functools import cache

# From Monday, without accents and without a point behind. A short name that is another day in another language stands
# for the language that writes it in exports: `di` is Tuesday in German and Dutch, and seldom the French dimanche. Read
# wrongly it fits no order, and decides nothing.
WEEKDAYS = (
    "mon monday mo montag lun lundi lunes lunedi seg segunda ma maa maandag pon poniedzialek man mandag",
    "tue tues tuesday di dienstag die mardi martes martedi ter terca din dinsdag wt wtorek tis tisdag tir tirsdag",
    "wed weds wednesday mi mittwoch mit mercredi miercoles mie mercoledi qua quarta wo woensdag sr sroda ons onsdag",
    "thu thur thurs thursday do donnerstag jeudi jeu jueves jue giovedi gio qui quinta donderdag czw czwartek torsdag",
    "fri friday fr freitag fre ven vendredi viernes vie venerdi sex sexta vr vrijdag pt piatek fredag",
    "sat saturday sa samstag sam samedi sab sabado sabato za zat zaterdag sob sobota lor lordag",
    "sun sunday so sonntag son dim dimanche dom domingo domenica zo zon zondag nd niedz niedziela sondag",
)
# French and Spanish Tuesday begin as March does, and French Wednesday as Italian; before a date they can be no other.
_BEFORE_A_DATE = {"mar": 1, "mer": 2}


def weekday_of(text: str | None) -> int | None:
    """The number of the weekday that a text begins with, from 0 for Monday, or None."""
    words = (text or "").split()
    return _numbers().get(bare(words[0])) if words else None


@cache
def _numbers() -> dict[str, int]:
    return {name: at for at, names in enumerate(WEEKDAYS) for name in names.split()} | _BEFORE_A_DATE


def bare(word: str) -> str:
    """A word in small letters without accents: `mié.` is mie. Portuguese writes `segunda-feira`."""
    small = word.casefold().strip(".,").removesuffix("-feira").replace("ø", "o")
    return "".join(sign for sign in unicodedata.normalize("NFKD", small) if not unicodedata.combining(sign))
