"""Lines of text go in; where each is one flat JSON object they come out as the records, split only when asked for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload


class Lines(Sequence[bytes]):
    """The lines of a text as records, without their ends. Each must be one object, as `flat_objects` tells."""

    def __init__(self, text: bytes, count: int) -> None:
        self.text = text
        self._count = count
        self._split: list[bytes] = []

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
    """How many lines a text has, where each of them is plainly one JSON object without arrays or objects in it.

    A line feed within a string or a bracket in one makes it less than plain: None.
    """
    if not (text.startswith(b"{") and text.endswith((b"}\n", b"}\r\n", b"}"))) or b"[" in text:
        return None
    lines = text.count(b"\n") + (not text.endswith(b"\n"))
    seams = text.count(b"}\n{") or text.count(b"}\r\n{")
    return lines if seams + 1 == lines == text.count(b"{") else None
