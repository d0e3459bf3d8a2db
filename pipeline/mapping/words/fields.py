"""Make SQL of a field in words, by the kind of the field: text, moment, number, whole number or flag."""

from __future__ import annotations

from pipeline.mapping.comparisons import quoted
from pipeline.mapping.words.dates import date_sql
from pipeline.mapping.words.numbers import count_sql, flag_sql, is_one_of, minutes_sql, number_sql, whole_sql
from pipeline.mapping.words.texts import NotInWords, Words, bare, columns_of, require_keys

# Kind of a column -> the function that makes its SQL; every other kind is a text.
_BY_KIND = {
    "instant": date_sql,
    "money": number_sql,
    "whole": whole_sql,
    "count": count_sql,
    "attendees": whole_sql,
    "flag": flag_sql,
}
# An attribute has no kind of its own, so a key that only one kind has decides.
_BY_KEY = {"format": date_sql, "decimal": number_sql, "unit": minutes_sql, "yes": flag_sql, "no": flag_sql}


def field_sql(words: Words, kind: str, is_id: bool = False) -> str:
    """SQL of a field of a kind of `Column`, or of an attribute (kind `attribute`). Raises `NotInWords`."""
    if "value" in words:
        return value_sql(words)
    if kind == "attribute":
        if "decimal" in words:
            return number_sql(words).removesuffix("::varchar")
        made = next((make for key, make in _BY_KEY.items() if key in words), None)
        return made(words) if made else text_sql(words)
    if kind in _BY_KIND:
        return _BY_KIND[kind](words)
    return id_sql(words) if is_id else text_sql(words)


def value_sql(words: Words) -> str:
    """SQL of a constant: `{value = "Europe/Dublin"}`."""
    require_keys(words, {"value"})
    if not isinstance(words["value"], str | int | float):
        raise NotInWords("value is neither a text nor a number", 'For example {value = "EUR"}')
    return quoted(str(words["value"]))


def text_sql(words: Words) -> str:
    """SQL of a text of one column, or of several with a blank between those that have a value; none is around it.

    `hashed = true` keeps the text itself, such as an e-mail address, out of the database.
    """
    require_keys(words, {"column", "columns", "optional", "hashed"})
    parts = [bare(part) for part in columns_of(words)]
    text = parts[0] if len(parts) == 1 else f"nullif(concat_ws(' ', {', '.join(parts)}), '')"
    return f"sha256(lower(trim({text})))" if words.get("hashed") is True else text


def id_sql(words: Words) -> str:
    """SQL of an id made of columns, each in its place: a missing value does not let the next one take it."""
    require_keys(words, {"column", "columns", "optional"})
    return joined(columns_of(words))


def joined(parts: list[str]) -> str:
    """SQL of texts put together for an id, without blanks around each; a single one is null if it is missing."""
    return parts[0] if len(parts) == 1 else " || '|' || ".join(f"coalesce({bare(part)}, '')" for part in parts)


def rows_sql(words: Words) -> str:
    """SQL of the condition on the rows to read: `{filled = ["Client"]}` or `{column = "Type", is = ["Class"]}`."""
    require_keys(words, {"filled", "column", "is", "optional"})
    tests = []
    if "filled" in words:
        filled = [words["filled"]] if isinstance(words["filled"], str) else words["filled"]
        tests += [f"{column} is not null" for column in columns_of({"columns": filled})]
    if "column" in words:
        (column,) = columns_of({"columns": [words["column"]]})
        texts = words.get("is")
        if not isinstance(texts, list) or not texts or not all(isinstance(text, str) for text in texts):
            raise NotInWords("is does not list the values of the rows to read", 'For example is = ["Class"]')
        tests.append(is_one_of(column, texts))
    if not tests:
        raise NotInWords("the condition names no column", 'For example rows = {filled = ["Client"]}')
    return " and ".join(tests)
