"""Make SQL of a status in words: the booking's status, the kind of its cancellation and the mark, of the same words.

Each meaning lists its words. A word may also have its meaning beside it in a table `words`; `"?"` is an open
question. With several columns, such as one of the booking and one of the attendance, the first that settles it counts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.mapping.comparisons import quoted
from pipeline.mapping.words.numbers import is_one_of
from pipeline.mapping.words.texts import NotInWords, Words, is_one, named, require_keys, texts_of

# Any value of a column, such as the moment of an arrival: `attended = ["*"]`.
ANY = "*"


@dataclass(frozen=True, slots=True)
class Meaning:
    """The status of the booking, the kind of its cancellation, who cancelled it, and the mark of the attendance."""

    booking: str = "CONFIRMED"
    cancellation: str | None = None
    canceled_by: str | None = None
    mark: str = "NOT_SET"


MEANINGS = {
    "attended": Meaning(mark="ATTENDED"),
    "no_show": Meaning(mark="NOT_ATTENDED"),
    "excused": Meaning(mark="EXCUSED"),
    "late_cancel": Meaning("CANCELED", "late", "CUSTOMER"),
    "early_cancel": Meaning("CANCELED", "early", "CUSTOMER"),
    "cancelled_by_business": Meaning("CANCELED", "business", "BUSINESS"),
    "cancelled": Meaning("CANCELED"),
    "waiting_list": Meaning("WAITING_LIST"),
    "pending": Meaning("PENDING"),
    "declined": Meaning("DECLINED"),
    "unmarked": Meaning(),
}
KEYS = {"column", "optional", "words", *MEANINGS}


def status_sql(status: Any) -> dict[str, str]:
    """SQL of `booking`, `cancellation`, `canceled_by` and `mark`, as in `Meaning`, from one table or a list of them."""
    tables = status if isinstance(status, list) else [status]
    if not tables or not all(isinstance(table, Mapping) for table in tables):
        raise NotInWords("a table is expected", 'For example status = {column = "Status", attended = ["Came"]}')
    if len(tables) == 1 and "value" in tables[0]:
        return _constant(tables[0])
    tests = [test for table in tables for test in _tests(table)]
    settled = [(condition, MEANINGS[meaning]) for condition, meaning in tests if meaning != "unmarked"]
    # A column that is compared with `unmarked` words alone still knows these, so that they are not counted as unknown.
    known = [(condition, MEANINGS[meaning]) for condition, meaning in tests if meaning == "unmarked"]
    made = {
        name: _case([(condition, getattr(meaning, name)) for condition, meaning in (*settled, *known)], otherwise)
        for name, otherwise in (("booking", "CONFIRMED"), ("cancellation", None), ("canceled_by", None))
    }
    return {**made, "mark": _case([(condition, meaning.mark) for condition, meaning in (*settled, *known)], "NOT_SET")}


def _constant(table: Words) -> dict[str, str]:
    """The same meaning for every row, of a file that does not say who came: `{value = "unmarked"}`."""
    require_keys(table, {"value"})
    meaning = MEANINGS.get(table["value"]) if isinstance(table["value"], str) else None
    if meaning is None:
        raise NotInWords(f"{table['value']!r} is not a meaning", f"One of: {', '.join(MEANINGS)}")
    names = ("booking", "cancellation", "canceled_by", "mark")
    return {name: _literal(getattr(meaning, name)) for name in names}


def _tests(table: Words) -> list[tuple[str, str]]:
    """Conditions with their meanings, in the order of `MEANINGS`; any value at all comes last."""
    require_keys(table, KEYS)
    column = named(table)
    by_meaning = _words(table)
    if not by_meaning:
        raise NotInWords("no word has a meaning", f"Give words to one of: {', '.join(MEANINGS)}")
    exact = [
        (is_one_of(column, [word for word in words if word != ANY]), meaning)
        for meaning, words in by_meaning.items()
        if set(words) != {ANY}
    ]
    unmarked = [word for word in by_meaning.get("unmarked", ()) if word.strip()]
    # `attended = ["*"], unmarked = ["-"]`: the dash is not any value.
    other = f"{column} is not null" + (f" and not {is_one_of(column, unmarked)}" if unmarked else "")
    return exact + [(f"({other})", meaning) for meaning, words in by_meaning.items() if ANY in words]


def _words(table: Words) -> dict[str, list[str]]:
    """The words of each meaning. Raises `NotInWords` if one word, whatever its case, has two meanings."""
    said = table.get("words", {})
    if not isinstance(said, Mapping):
        raise NotInWords("words is not a table", 'For example words = {"Absent" = "no_show"}')
    pairs = [(word, meaning) for meaning in MEANINGS for word in texts_of(table, meaning)]
    for word, meaning in said.items():
        if not is_one(meaning, MEANINGS):
            raise NotInWords(f"{meaning!r} is not a meaning of {word!r}", f"One of: {', '.join(MEANINGS)}")
        pairs.append((word, meaning))
    seen: dict[str, str] = {}
    found: dict[str, list[str]] = {}
    for word, meaning in pairs:
        folded = " ".join(word.split()).casefold()
        if seen.setdefault(folded, meaning) != meaning:
            raise NotInWords(f"{word!r} stands for {seen[folded]} and for {meaning}", "Leave it in one of the two")
        found.setdefault(meaning, []).append(word)
    return {meaning: found[meaning] for meaning in MEANINGS if meaning in found}


def _case(branches: list[tuple[str, str | None]], otherwise: str | None) -> str:
    """SQL of the value of the first condition that holds; branches that give `otherwise` stay, as they hide others."""
    whens = " ".join(f"when {condition} then {_literal(value)}" for condition, value in branches)
    return f"case {whens} else {_literal(otherwise)} end"


def _literal(value: str | None) -> str:
    return "null" if value is None else quoted(value)
