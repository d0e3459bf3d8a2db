"""Find out whether every line of a text is one flat JSON object, without splitting it, and treat the lines as records.

Splitting a block of lines costs more than reading it with Polars, and is needed only for records with faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import polars as pl


class Lines(Sequence[bytes]):
    """The lines of a text as records, split on first use. Each must be one object, see `flat_objects`."""

    def __init__(self, text: bytes, count: int) -> None:
        self.text = text
        self._count = count
        self._split: list[bytes] = []

    @property
    def first(self) -> bytes:
        """The first line, without splitting the others."""
        return self.text[: self.text.find(b"\n")] if self._count > 1 else self.text

    def series(self) -> pl.Series:
        """The lines without their ends, as a series of texts. Raises `ComputeError` if the text is not UTF-8."""
        return pl.read_lines(self.text).to_series()

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, at: int) -> bytes: ...
    @overload
    def __getitem__(self, at: slice) -> list[bytes]: ...
    def __getitem__(self, at: int | slice) -> bytes | list[bytes]:
        if not self._split:
            self._split = [line.strip() for line in self.text.rstrip().split(b"\n")]
        return self._split[at]


def flat_objects(text: bytes) -> int | None:
    """The number of lines of a text, if each is one JSON object without arrays or objects in it; None if in doubt.

    By counting: `{"a":1}\\n{"a":2}\\n` has 2 lines, 2 opening braces, and 1 seam `}\\n{`. A nested object makes
    more braces than lines, and a record over several lines more lines than seams and one. Braces and brackets within a
    string (`"room {2}"`) put the text in doubt too, which only costs time.
    """
    if not (text.startswith(b"{") and text.endswith((b"}\n", b"}\r\n", b"}"))) or b"[" in text:
        return None
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    seams = text.count(b"}\n{") or text.count(b"}\r\n{")
    return lines if seams + 1 == lines == text.count(b"{") else None


def is_utf8(text: bytes) -> bool:
    """Whether a text is UTF-8."""
    if text.isascii():
        return True
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
