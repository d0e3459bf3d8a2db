"""The ways in which files write a text, so that it is found in their bytes."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable

_CASES: tuple[Callable[[str], str], ...] = (str, str.lower, str.casefold, str.upper)
_ESCAPES: tuple[Callable[[str], str], ...] = (
    str,
    lambda text: json.dumps(text)[1:-1],  # `Zoë` as `Zo\u00eb`
    lambda text: json.dumps(text, ensure_ascii=False)[1:-1],  # `Pat "Cat" Doe` as `Pat \"Cat\" Doe`
    lambda text: text.replace('"', '""'),  # the same in CSV
    lambda text: html.escape(text).replace("&#x27;", "&#39;").replace("&quot;", "&#34;"),  # `O'Brien` as Jinja has it
    html.escape,  # the same as Python has it
    lambda text: re.sub("[&<>']", lambda sign: f"\\u{ord(sign[0]):04x}", text),  # JSON within a page
)


def forms_of(texts: Iterable[str]) -> set[str]:
    """Each text as it is, in another case or normal form, and with the escapes of JSON, CSV and HTML."""
    cased = {case(text) for text in texts for case in _CASES}
    normal = cased | {unicodedata.normalize(form, text) for text in cased for form in ("NFC", "NFD")}
    return {escape(text) for text in normal for escape in _ESCAPES}


def own_forms_of(texts: Iterable[str]) -> set[str]:
    """Each text as the files of a store may still have it: in another case, or with JSON's escapes."""
    return {form for text in texts for form in (text, text.casefold(), json.dumps(text)[1:-1])}


def bytes_of(forms: Iterable[str]) -> set[bytes]:
    """The bytes to look for in a file of which the ASCII letters are in lower case."""
    return {form.encode().lower() for form in forms}


# A number may stand beside a word that is not of hexadecimal digits, as in `ref100042`, follow an escape, as in
# `%3A100042`, or end in `.0`, as in a column of fractions. It is not found in 31000425, 0.100042, 100042.5 or a hash.
_BEFORE = r"(^|[^0-9a-z.]|[^0-9]\.|[g-z][a-f]*|%[0-9a-f]{2}|\\u[0-9a-f]{4})"
_AFTER = r"(\.0+)?($|[^0-9a-z.]|\.[^0-9]|\.$|[a-f]*[g-z])"


def apart(number: str) -> str:
    """The pattern of a number in lower-case text that is not part of another number or of a hash."""
    return f"{_BEFORE}{number}{_AFTER}"
