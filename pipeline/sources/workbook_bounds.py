"""Examine the parts of an Excel workbook before its reader opens them, so that a small file cannot fill the memory.

The reader makes room for every cell between the first and the last one used, for as many texts as a part says it has,
and for a copy of a shared text in each cell that refers to it.
"""

from __future__ import annotations

import os
import re
import zipfile
from typing import IO
from xml.parsers import expat

from pipeline.faults import Refused
from pipeline.sources.archives import require_small_directory
from pipeline.sources.files import require_bounded

# The reader holds every cell between the first and the last one used: two cells in opposite corners of a worksheet
# would need 400 GB. A full worksheet of 1,048,576 rows has 20 columns here.
_MAX_CELLS = 21_000_000
# Up to this number cells may lie as far apart as they like; above it at most one in so many may be empty.
_FREE_CELLS = 2_000_000
_EMPTY_CELLS = 10
_CELL = re.compile("([A-Z]{1,3})([0-9]{1,7})")
_MAX_ROWS = 2**20
_BLOCK = 2**20
# Elements of real parts are at most a dozen deep.
MAX_DEPTH = 200
# The texts of a worksheet's cells may take this, in characters, or so many times the size of its part: 1,000,000 rows
# with 15 texts of 15 letters take 225 million in a part of 600 MB.
_FREE_TEXT = 2**27
_TEXT_RATIO = 4


def require_bounded_workbook(source: IO[bytes]) -> None:
    """Raise `Refused` if the parts of the workbook are far larger than real ones, or its cells lie too far apart.

    Every part that the reader may open is unpacked here first, whatever size it claims to have.
    """
    size = source.seek(0, os.SEEK_END)
    require_small_directory(source)
    with zipfile.ZipFile(source) as archive:
        parts = [part for part in archive.infolist() if part.filename.lower().endswith((".xml", ".rels"))]
        if "[Content_Types].xml" not in archive.namelist():
            raise zipfile.BadZipFile("a zip archive without the parts of a workbook")
        require_bounded(sum(part.file_size for part in parts), size)
        links = _Links()
        lengths: list[int] = []
        references: dict[str, int] = {}
        for part in parts:
            with archive.open(part) as opened:
                examined = _Part(links)
                examined.read(opened)
            lengths += examined.lengths
            references[part.filename] = examined.references
        links.require_xml()
        longest = max(lengths, default=0)
        for part in parts:
            most = max(_FREE_TEXT, _TEXT_RATIO * part.file_size)
            # Most workbooks need no second look.
            if longest * references[part.filename] > most:
                with archive.open(part) as opened:
                    _References(lengths, most).read(opened)


class _Links:
    """The worksheets of a workbook by the ids of their links, and the parts that links lead to."""

    def __init__(self) -> None:
        self.sheets: set[str] = set()
        self.targets: list[tuple[str, str]] = []

    def require_xml(self) -> None:
        """Raise `ValueError` if a worksheet is in a part that was not examined."""
        if any(id in self.sheets and not target.lower().endswith(".xml") for id, target in self.targets):
            raise ValueError("a worksheet is not in a part that ends in .xml")


class _Part:
    """A part of a workbook: its links, the rectangle of cells that are used, and the texts that cells share.

    The reader takes a part for a worksheet or the table of texts by its place, not by its root, so both count in each.
    `lengths` are those of the shared texts, and `references` the number of cells that refer to one.
    """

    def __init__(self, links: _Links) -> None:
        self._links = links
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._depth = 0
        self.lengths: list[int] = []
        self.references = 0
        self._at = (0, 0)
        self._box: tuple[int, int, int, int] | None = None
        self._used = 0

    def read(self, part: IO[bytes]) -> None:
        """Read to the end. Raises `Refused` if the cells are too many, and `ValueError` if one is in no place."""
        while block := part.read(_BLOCK):
            self._parser.Parse(block)
        self._parser.Parse(b"", True)
        self._require_near(max(_FREE_CELLS, _EMPTY_CELLS * self._used))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise ValueError(f"its elements are more than {MAX_DEPTH} deep")
        # The reader makes room for as many texts or formats as a part says it has.
        for count in (attributes[key] for key in ("count", "uniqueCount") if key in attributes):
            if int(re.sub("[^0-9]", "", count)[:20] or 0) > _MAX_CELLS:
                raise ValueError(f"no part has {count[:40]} elements")
        if name == "row":
            self._at = (_row(attributes["r"]) if "r" in attributes else self._at[0] + 1, 0)
        elif name == "c":
            self._at = _place(attributes["r"]) if "r" in attributes else (self._at[0], self._at[1] + 1)
            self.references += attributes.get("t") == "s"
        elif name in ("v", "is"):
            self._use(*self._at)
        elif name == "si":
            self.lengths.append(0)
            self._parser.CharacterDataHandler = self._text
        elif name == "sheet":
            self._links.sheets |= {value for key, value in attributes.items() if key.rpartition(":")[2] == "id"}
        elif name == "Relationship":
            self._links.targets.append((attributes.get("Id", ""), attributes.get("Target", "")))

    def _end(self, name: str) -> None:
        self._depth -= 1
        if name.rpartition(":")[2] == "si":
            self._parser.CharacterDataHandler = None

    def _text(self, data: str) -> None:
        self.lengths[-1] += len(data)

    def _use(self, row: int, column: int) -> None:
        top, left, bottom, right = self._box or (row, column, row, column)
        self._box = min(top, row), min(left, column), max(bottom, row), max(right, column)
        self._used += 1
        self._require_near(_MAX_CELLS)

    def _require_near(self, most: int) -> None:
        """Raise `Refused` if the cells that are used span more cells than these, at most `_MAX_CELLS`."""
        top, left, bottom, right = self._box or (1, 1, 0, 0)
        if (bottom - top + 1) * (right - left + 1) > min(most, _MAX_CELLS):
            raise Refused(
                "file.expansion_limit",
                f"the cells of a worksheet lie too far apart: more than {min(most, _MAX_CELLS) / 10**6:g} million with "
                "those between them",
                "Delete the cells far from the table, or save the worksheet as CSV",
            )


class _References:
    """The shared texts that the cells of a worksheet refer to, by their lengths."""

    def __init__(self, lengths: list[int], most: int) -> None:
        self._lengths = lengths
        self._left = most
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._is_shared = False
        self._number: list[str] = []

    def read(self, part: IO[bytes]) -> None:
        """Read to the end. Raises `Refused` if the texts take too much."""
        while block := part.read(_BLOCK):
            self._parser.Parse(block)

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "c":
            self._is_shared = attributes.get("t") == "s"
        elif name == "v" and self._is_shared:
            self._number = []
            self._parser.CharacterDataHandler = self._number.append

    def _end(self, name: str) -> None:
        if self._parser.CharacterDataHandler is None or name.rpartition(":")[2] != "v":
            return
        self._parser.CharacterDataHandler = None
        number = "".join(self._number).strip()
        at = int(number) if number.isascii() and number.isdecimal() and len(number) < 10 else len(self._lengths)
        self._left -= self._lengths[at] if at < len(self._lengths) else 0
        if self._left < 0:
            raise Refused(
                "file.expansion_limit",
                "its cells repeat long texts until they take more memory than the file is worth",
                "Save the worksheet as CSV if you trust it",
            )


def _place(reference: str) -> tuple[int, int]:
    """The row and column of a cell such as C5, which is (5, 3). Raises `ValueError` if there is no such place."""
    found = _CELL.fullmatch(reference)
    if not found:
        raise ValueError(f"no cell can be at {reference!r}")
    column = 0
    for letter in found.group(1):
        column = column * 26 + ord(letter) - ord("A") + 1
    return _row(found.group(2)), column


def _row(number: str) -> int:
    if not 0 < _number_in(number) <= _MAX_ROWS:
        raise ValueError(f"no row can have the number {number!r}")
    return int(number)


def _number_in(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 20):
        raise ValueError(f"{text[:40]!r} is not a number")
    return int(text)
