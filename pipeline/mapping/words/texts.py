"""Write names and values as SQL, and say which keys of a table in words are wrong."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from pipeline.mapping.comparisons import quoted

Words = Mapping[str, Any]
_BLANKS = quoted(" \t\r\n\u00a0\u2007\u202f\u200b\u3000\ufeff")


class NotInWords(ValueError):
    """A table that does not say how to make the field; the message is the reason, `hint` the remedy."""

    def __init__(self, reason: str, hint: str = "") -> None:
        super().__init__(reason)
        self.hint = hint


def named(words: Words, key: str = "column") -> str:
    """The column that `key` names, as SQL. `optional = true` stands for a column that only some files have."""
    name = words.get(key)
    if not isinstance(name, str) or not name.strip():
        raise NotInWords(f"{key} is not the name of a column", f'For example {{{key} = "Date"}}')
    return column_sql(name, is_optional=words.get("optional") is True)


def column_sql(name: str, is_optional: bool = False) -> str:
    """A column as SQL."""
    identifier = '"' + name.replace('"', '""') + '"'
    return f"column({identifier})" if is_optional else identifier


def bare(text: str) -> str:
    """SQL of a text without blanks around it, no-break ones among them; null if nothing else is there."""
    return f"nullif(trim({text}, {_BLANKS}), '')"


def columns_of(words: Words) -> list[str]:
    """The columns of `column = "A"` or `columns = ["A", "B"]`, as SQL."""
    if "columns" not in words:
        return [named(words)]
    names = words["columns"]
    if not isinstance(names, list) or not names or not all(isinstance(name, str) and name.strip() for name in names):
        raise NotInWords("columns is not a list of names of columns", 'For example columns = ["First name", "Surname"]')
    return [column_sql(name, is_optional=words.get("optional") is True) for name in names]


def texts_of(words: Words, key: str) -> list[str]:
    """The texts of a list such as `attended = ["Signed in"]`; one text may stand without the brackets."""
    given = words.get(key, [])
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise NotInWords(f"{key} is not a list of texts", f'For example {key} = ["Yes"]')
    return texts


def is_one(value: object, choices: Collection[str]) -> bool:
    """Whether a value is one of these texts; a list or a table, which TOML allows in any place, is not."""
    return isinstance(value, str) and value in choices


def listed(texts: Iterable[str]) -> str:
    """Texts as an SQL list without its brackets."""
    return ", ".join(map(quoted, texts))


def require_keys(words: Words, known: Collection[str]) -> None:
    """Raise `NotInWords` for a key that means nothing here."""
    for key in words:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            raise NotInWords(
                f"nothing here is called {key}",
                f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(sorted(known))}",
            )
