"""The ways in which files write a text, so that it is found in their bytes."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable

_CASES: tuple[Callable[[str], str], ...] = (str, str.casefold, str.upper)
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
    normal = {unicodedata.normalize(form, text) for text in cased for form in ("NFC", "NFD")}
    return {escape(text) for text in normal for escape in _ESCAPES}


def bytes_of(texts: Iterable[str]) -> set[bytes]:
    """The bytes to look for in a file of which the ASCII letters are in lower case."""
    return {form.encode().lower() for form in forms_of(texts)}


def apart(number: str) -> str:
    """The pattern of a number that is not part of another, as in 0.1000427, or of a hash."""
    return rf"(^|[^0-9a-f.]|[^0-9]\.){number}($|[^0-9a-f.]|\.[^0-9]|\.$)"
