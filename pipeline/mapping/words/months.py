"""The names of the months in the languages that exports are written in, as SQL that gives the number of a month."""

from __future__ import annotations

from pipeline.mapping.comparisons import quoted

# Without accents, and without a point behind: `févr.` is fevr. A name that means two months, such as the Croatian
# listopad, which is November in Polish, stands for the language with more speakers.
MONTHS = (
    "jan january januar janvier janv janner enero ene januari janeiro gennaio gen styczen stycznia sty ledna",
    "feb february februar fevrier fevr fev febrero februari fevereiro febbraio luty lutego lut unora",
    "mar march marz mrz mars maart mrt marzo marco marzec marca brezna",
    "apr april avril avr abril abr aprile kwiecien kwietnia kwi dubna",
    "may mai mayo mei maio maggio mag maj maja kvetna",
    "jun june juni juin junio junho giugno giu czerwiec czerwca cze cervna",
    "jul july juli juillet juil julio julho luglio lug lipiec lipca lip cervence",
    "aug august aout agosto ago augustus augusti sierpien sierpnia sie srpna",
    "sep sept september septembre septiembre setiembre setembro set settembre wrzesien wrzesnia wrz zari",
    "oct october oktober okt octobre octubre outubro out ottobre ott pazdziernik pazdziernika paz rijna",
    "nov november novembre noviembre novembro listopad listopada lis listopadu",
    "dec december dezember dez decembre diciembre dic dezembro dicembre grudzien grudnia gru prosince",
)


# Each month's names in as many characters, so that the place of a name gives the number of its month. DuckDB compiles
# patterns for every statement; looking for a place costs nothing.
_WIDTH = max(map(len, MONTHS)) + 2
_PLACES = "".join(f" {names} ".ljust(_WIDTH) for names in MONTHS)


def month_number(name: str) -> str:
    """SQL of the number of the month that the SQL `name` names; 0 for another name, which makes no date."""
    place = f"strpos({quoted(_PLACES)}, ' ' || lower(strip_accents({name})) || ' ')"
    return f"({place} + {_WIDTH - 1}) // {_WIDTH}"
