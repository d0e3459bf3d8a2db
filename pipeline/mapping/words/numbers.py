"""Make SQL of numbers, durations and yes or no in words."""

from __future__ import annotations

from pipeline.mapping.comparisons import quoted
from pipeline.mapping.words.texts import NotInWords, Words, is_one, listed, named, require_keys, texts_of

NUMBER_KEYS = {"column", "decimal", "optional"}
DURATION_KEYS = {"column", "unit", "optional"}
FLAG_KEYS = {"column", "yes", "no", "optional"}
# The sign before the decimals -> the signs between thousands, beside blanks: Swiss exports write 1'200.50.
_THOUSANDS = {".": ",'’", ",": ".'’"}
_COUNT = r"-?[0-9][0-9.,'’\s\x{A0}\x{202F}]*"
_UNITS = {"minutes": 1, "hours": 60}
# `1h, 30m`, `1 Std. 30 Min.`, `1 heure 30`, `45 mins`: a number before a word that begins like hour or minute.
_HOURS = r"(\d+(?:[.,]\d+)?)\s?(?:h|std|stunde|ora|ore|uur|godz|t\b|tim)"
_MINUTES = r"(?:(\d+)\s?(?:m|dk)|\d\s?(?:h|heure|heures|std\.?|u)\s?(\d{1,2})\s?$)"


def number_sql(words: Words) -> str:
    """SQL of a number as a text, such as 1234.50 of `€1,234.50`. Text without any digit means that it is not known."""
    require_keys(words, NUMBER_KEYS)
    decimal = words.get("decimal", ".")
    if not is_one(decimal, _THOUSANDS):
        raise NotInWords(f"{decimal!r} is not a sign before decimals", 'Write decimal = "." or decimal = ","')
    return f"({plain_number(named(words), decimal)})::decimal(18, 4)::varchar"


def whole_sql(words: Words) -> str:
    """SQL of a whole number as a text. `12,5` fails, and its row is set aside."""
    require_keys(words, NUMBER_KEYS)
    decimal = words.get("decimal", ".")
    number = plain_number(named(words), decimal if is_one(decimal, _THOUSANDS) else ".")
    return rf"regexp_replace({number}, '\.0*$', '')"


def count_sql(words: Words) -> str:
    """SQL of the number of bookings that a row stands for. A blank one, or `*` for a secret one, is at fault."""
    text = named(words)
    is_number = f"regexp_full_match(trim({text}), {quoted(_COUNT)})"
    return f"case when {is_number} then {whole_sql(words)} else coalesce(nullif(trim({text}), ''), 'nothing') end"


def plain_number(text: str, decimal: str) -> str:
    """SQL of the digits of a number with a point before its decimals, without signs of currency and thousands."""
    # `<5` and `~12` are not numbers, and stay as they are.
    bare = f"nullif(regexp_replace(regexp_replace({text}, '^[^0-9<>≤≥~≈-]*', ''), '[^0-9]*$', ''), '')"
    between = rf"[\s\x{{A0}}\x{{202F}}{_THOUSANDS[decimal]}]"
    joined = f"regexp_replace({bare}, {quoted(between)}, '', 'g')"
    return joined if decimal == "." else f"replace({joined}, ',', '.')"


def minutes_sql(words: Words) -> str:
    """SQL of a duration in minutes, a number: `1h, 30m`, `1:30`, `90` or `90 min`. `unit` is that of a bare number."""
    require_keys(words, DURATION_KEYS)
    unit = words.get("unit", "minutes")
    if not is_one(unit, _UNITS):
        raise NotInWords(f"{unit!r} is not a unit of durations", 'Write unit = "minutes" or unit = "hours"')
    text = f"trim({named(words)})"
    hour, minute = (
        _group(text, r"^(\d+):\d{2}(?::\d{2})?$", 1),
        _group(text, r"^\d+:(\d{2})(?::\d{2})?$", 1),
    )
    hours = f"replace({_group(text, _HOURS, 1)}, ',', '.')::double"
    minutes = f"coalesce({_group(text, _MINUTES, 1)}, {_group(text, _MINUTES, 2)})::double"
    return (
        f"coalesce({hour}::double * 60 + {minute}::double, "
        f"{hours} * 60 + coalesce({minutes}, 0), {minutes}, "
        f"replace({text}, ',', '.')::double * {_UNITS[unit]})"
    )


def _group(text: str, pattern: str, number: int) -> str:
    return f"nullif(regexp_extract({text}, {quoted(pattern)}, {number}, 'i'), '')"


def flag_sql(words: Words) -> str:
    """SQL of true or false; a value that is in neither list is not known, and counted like any other unknown word."""
    require_keys(words, FLAG_KEYS)
    column, yes, no = named(words), texts_of(words, "yes"), texts_of(words, "no")
    if not yes and not no:
        raise NotInWords("neither yes nor no lists a word", 'For example yes = ["Yes", "x"], no = ["No"]')
    tests = [(texts, said) for texts, said in ((yes, "true"), (no, "false")) if texts]
    return f"case {' '.join(f'when {is_one_of(column, texts)} then {said}' for texts, said in tests)} end"


def is_one_of(column: str, texts: list[str]) -> str:
    """SQL of whether a column has one of the texts. A blank one stands for a missing value."""
    given = [text for text in texts if text.strip()]
    tests = [f"{column} in ({listed(given)})"] if given else []
    tests += [f"{column} is null"] if len(given) < len(texts) else []
    return f"({' or '.join(tests)})"
