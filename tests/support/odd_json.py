"""JSON that is odd in every way, for hypothesis: values by names that mean something, and texts with bytes changed."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

_NUMBERS = st.integers() | st.integers(10**17, 10**30) | st.floats()
_TEXTS = st.text(max_size=8) | st.sampled_from(["\0", "\ud800", "\u202e", "x" * 2_000, "' or 1=1 --", '"', "\\", "NaN"])


def odd_values(names: Sequence[str], texts: Sequence[str]) -> st.SearchStrategy[Any]:
    """Values of JSON, nested, with these names and texts among others."""
    leaves = st.none() | st.booleans() | _NUMBERS | _TEXTS | st.sampled_from(texts)
    keys = st.sampled_from(names) | st.sampled_from(names) | _TEXTS
    return st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3))


def odd_texts(values: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Texts of such values, of which some bytes are changed, left out, said twice or put in."""
    whole = values.map(lambda value: json.dumps(value).encode())
    edits = st.lists(
        st.tuples(st.floats(0, 1), st.integers(0, 6), st.binary(max_size=3) | st.sampled_from(ODD_PIECES)), max_size=3
    )
    return st.tuples(whole, edits).map(lambda both: _edited(*both)) | st.binary(max_size=40)


ODD_PIECES = (
    *(
        b'"',
        b"\\",
        b"{",
        b"}",
        b"[",
        b",",
        b":",
        b"1e999",
        b"-",
        b"0",
        b"1.2.3",
        b"NaN",
        b"null",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(b"\\ud800", b"\\u0000", b"\x00", b"\n", b'"a":1,"a":2', b"[" * 200, b"9" * 400, b"9" * 5_000),
)


def _edited(text: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for place, removed, put in edits:
        at = int(place * len(text))
        text = text[:at] + put + text[at + removed :]
    return text
