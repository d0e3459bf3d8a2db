"""Make SQL of dates and times in words: `{column = "Date", time = "Time", format = "day first"}`.

The order of day and month is the owner's word, never a guess. Whatever the order, a text with the year first, such as
`2026-06-01T18:00:00Z`, is read as it stands. A value that does not read as a date fails, and its row is set aside.
"""

from __future__ import annotations

import re

from pipeline.mapping.comparisons import quoted
from pipeline.mapping.words.months import month_number
from pipeline.mapping.words.texts import NotInWords, Words, named, require_keys

DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day first", "month first", "year first"
# `1 June 2026`, `June 1, 2026`: a name cannot be taken for a day.
MONTH_NAMED = "month by name"
ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST, MONTH_NAMED)
KEYS = {"column", "time", "at", "format", "optional"}
_CLOCK = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

# `Mon `, `lun. `, `Montag, `, `segunda-feira, ` before a date, and the signs between day, month and year.
_WEEKDAY = r"^(?:[\p{L}-]{2,20}[.,]{0,2}\s+)?"
_GAP = r"\s?[-./\s]\s?"
# `, 7:15 p.m.`, ` um 18.30 Uhr`, ` à 18h30`, `T18:00:00.000`; the groups are hour, minute, second, and a or p.
_TIME = (
    r"(?:(?:,?\s+|T|,)(?:(?:at|um|à|a las|alle|alle ore|kl\.?|om|às|o)\s)?"
    r"(\d{1,2})(?:(?:\s?[:.h]\s?)(\d{2}))?(?:[:.](\d{2})(?:[.,]\d+)?)?\s?(?:([ap])\.?\s?m\.?|uhr|h)?)?\s*$"
)
# The same groups in one order for all.
_SHAPES = ("::", "%H::", "%H:%M:", "%H:%M:%S", "%I:: %p", "%I:%M: %p", "%I:%M:%S %p")
_FORMATS = ", ".join(
    quoted(f"%Y-%m-%d {shape}" if shape.endswith("%p") else f"%Y-%m-%d {shape} m") for shape in _SHAPES
)
_MOMENT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:Z|[+-]\d{2}:?\d{2})$"
# The commonest of these, which fits no pattern of digits: to find that out with each of them takes ten times as long.
_MOMENT_IN_UTC = r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?Z"
# A spreadsheet's day is midnight, `2026-06-01T00:00:00`, to which the time of another column cannot be added.
_MIDNIGHT = r"[T ]0?0:00(?::00(?:\.0+)?)?$"
_BLANKS = r"[\s\x{A0}\x{2000}-\x{200B}\x{202F}\x{205F}\x{3000}\x{FEFF}]+"

# The end of the text that patterns are put together to: the time's groups behind the date in ISO's order.
_MADE = r" \4:\5:\6 \7m"
_SMALL = rf"{_WEEKDAY}(\d{{1,2}}){_GAP}(\d{{1,2}})"
# Order -> patterns of digits, with the date in ISO's order of their groups.
_YEAR_FIRST = (
    (rf"{_WEEKDAY}(\d{{4}}){_GAP}(\d{{1,2}}){_GAP}(\d{{1,2}})", r"\1-\2-\3"),
    (r"^(20\d{2})(\d{2})(\d{2})", r"\1-\2-\3"),
    (r"^(\d{4})年\s?(\d{1,2})月\s?(\d{1,2})日(?:\s?\(\p{L}\))?", r"\1-\2-\3"),
)
_PATTERNS = {
    DAY_FIRST: (
        (rf"{_SMALL}{_GAP}(\d{{4}})", r"\3-\2-\1"),
        (rf"{_SMALL}{_GAP}(\d{{2}})", r"20\3-\2-\1"),
        _YEAR_FIRST[0],
    ),
    MONTH_FIRST: (
        (rf"{_SMALL}{_GAP}(\d{{4}})", r"\3-\1-\2"),
        (rf"{_SMALL}{_GAP}(\d{{2}})", r"20\3-\1-\2"),
        _YEAR_FIRST[0],
    ),
    YEAR_FIRST: _YEAR_FIRST,
}
# `Tue 1st June 2026 7:15 am`, `1 de junio de 2026`, and `June 1, 2026`.
_DAY_NAME = (
    rf"{_WEEKDAY}(\d{{1,2}})(?:st|nd|rd|th|er|\.|º)?(?:[-./\s]+)(?:de\s|of\s)?(\p{{L}}{{3,12}})\.?,?(?:[-./\s]+)"
    r"(?:de\s|del\s)?(\d{4})" + _TIME
)
_NAME_DAY = rf"{_WEEKDAY}(\p{{L}}{{3,12}})\.?\s(\d{{1,2}})(?:st|nd|rd|th)?,?\s(\d{{4}})" + _TIME


def date_sql(words: Words) -> str:
    """SQL of a moment as a text in ISO's form. Raises `NotInWords`."""
    return moment_sql(words, ordered_sql(words))


def ordered_sql(words: Words) -> str:
    """SQL of a moment's text with year, month and day in this order: `2026-6-1 7:15: pm` of `1.6.2026 7:15 p.m.`.

    It never fails: a text that does not fit stays as it is. With a format of strptime the text keeps its order. Raises
    `NotInWords`.
    """
    require_keys(words, KEYS)
    order = words.get("format")
    if not isinstance(order, str) or (order not in ORDERS and "%" not in order):
        raise NotInWords(
            "the order of day and month is not given" if order is None else f"{order!r} is not an order of dates",
            f'Write format = "{DAY_FIRST}", "{MONTH_FIRST}" or "{YEAR_FIRST}"',
        )
    given = named(words)
    text = _plain(given)
    if "time" in words and "at" not in words:
        time = named({**words, "column": words["time"]})
        text = f"regexp_replace({text}, {quoted(_MIDNIGHT)}, '') || ' ' || {_plain(time)}"
    if "%" in order:
        return text
    ordered = _with_named_month(text) if order == MONTH_NAMED else _in_digits(text, order)
    if "time" in words:
        return ordered
    return f"case when regexp_full_match({given}, {quoted(_MOMENT_IN_UTC)}) then {given} else {ordered} end"


def moment_sql(words: Words, ordered: str) -> str:
    """SQL of the moment that the SQL `ordered` writes, which is that of `ordered_sql`, or a name for it."""
    order = words["format"]
    if "%" in order:
        moment = _iso(f"strptime({ordered}, {quoted(order)})")
    else:
        # The moment itself, `2026-06-01T18:00:00Z`, fits no pattern of digits, and so is still as it was.
        whole = f"nullif(regexp_extract({ordered}, {quoted(_MOMENT)}), '')"
        moment = f"coalesce({whole}, {_iso(f'strptime({ordered}, [{_FORMATS}])')})"
    return _at(moment, words) if "at" in words else moment


def _at(moment: str, words: Words) -> str:
    """SQL of the day at a fixed time: all that joined a meeting at their own times came to one session."""
    at = words["at"]
    if "time" in words or not isinstance(at, str) or not _CLOCK.fullmatch(at):
        raise NotInWords("at is not a time of day, or stands beside time", 'For example at = "18:30"')
    return f"substr({moment}, 1, 10) || 'T{at}:00'"


def _in_digits(text: str, order: str) -> str:
    """The text with its digits in ISO's order. One that does not fit stays as it is, and reads as no date."""
    for pattern, date in _PATTERNS[order]:
        text = _replaced(text, pattern + _TIME, date + _MADE)
    return text


def _plain(text: str) -> str:
    """The text without blanks around it, and with plain ones in it."""
    return f"trim(regexp_replace({text}, {quoted(_BLANKS)}, ' ', 'g'))"


def _replaced(text: str, pattern: str, made: str) -> str:
    return f"regexp_replace({text}, {quoted(pattern)}, {quoted(made)}, 'i')"


def _with_named_month(text: str) -> str:
    """The text with its date in ISO's order and the name of its month as a number."""
    named_dates = f"{_date_of(text, _DAY_NAME, 1, 2)}, {_date_of(text, _NAME_DAY, 2, 1)}"
    return f"coalesce({named_dates}, {_in_digits(text, YEAR_FIRST)})"


def _date_of(text: str, pattern: str, day: int, month: int) -> str:
    """The date and time of a text that fits the pattern, whose groups `day` and `month` are these; else null."""
    name = month_number(f"regexp_extract({text}, {quoted(pattern)}, {month}, 'i')")
    year = f"nullif(regexp_extract({text}, {quoted(pattern)}, 3, 'i'), '')"
    after = _replaced(text, pattern, rf"-\{day}{_MADE}")
    return f"{year} || '-' || {name} || {after}"


def _iso(moment: str) -> str:
    return f"strftime({moment}, '%Y-%m-%dT%H:%M:%S')"
