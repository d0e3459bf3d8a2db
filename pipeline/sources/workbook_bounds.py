"""Examine the parts of an Excel workbook before its reader opens them, so that a small file cannot fill the memory.

The reader makes room for every cell between the first and the last one used, for as many texts as a part says it has,
and for a copy of a shared text in each cell that refers to it. All this is counted first, with the bytes that each
takes there, and a workbook that would take more than it may is refused before the reader sees it.
"""

from __future__ import annotations

import os
import re
import zipfile
from array import array
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
# Bytes that the reader takes for each cell with a value, for each place in the rectangle of the cells, and for a text
# in a cell or in the table of shared texts beside its letters; measured, with a tenth to spare.
_OF_CELL = 48
_OF_PLACE = 28
_OF_TEXT = 40
_OF_SHARED = 64
# The file itself is held as it is, copied and grown; styles and names take a few times their size in XML.
_OF_FILE = 3
_OF_REST = 4
# A text is gathered in a buffer that doubles before it is kept.
_OF_LONGEST = 3
_KEPT_AS_NUMBER = (None, "n", "b", "s")
DEFAULT_MEMORY = 2 * 10**9


def require_bounded_workbook(source: IO[bytes], most: int = DEFAULT_MEMORY) -> None:
    """Raise `Refused` if the reader would take more than `most` bytes for the workbook and its largest worksheet.

    So is one whose parts are far larger than real ones, or whose cells lie too far apart. Every part that the reader
    may open is unpacked here first, whatever size it claims to have.
    """
    size = source.seek(0, os.SEEK_END)
    require_small_directory(source)
    with zipfile.ZipFile(source) as archive:
        parts = [part for part in archive.infolist() if part.filename.lower().endswith((".xml", ".rels"))]
        if "[Content_Types].xml" not in archive.namelist():
            raise zipfile.BadZipFile("a zip archive without the parts of a workbook")
        require_bounded(sum(part.file_size for part in parts), size)
        links = _Links()
        lengths = array("Q")
        taken: dict[str, int] = {}
        references: dict[str, int] = {}
        left = most - _OF_FILE * size
        for part in parts:
            with archive.open(part) as opened:
                examined = _Part(links, part.filename, left, most)
                examined.read(opened)
            if examined.has_cells:
                taken[part.filename] = examined.taken
                references[part.filename] = examined.references
            else:
                left -= examined.taken + _OF_REST * (0 if examined.lengths else part.file_size)
            lengths += examined.lengths
        links.require_xml()
        longest = max(lengths, default=0)
        for name, cells in taken.items():
            if cells > left:
                raise _too_large(name, most)
            # Most workbooks need no second look.
            if cells + (_OF_TEXT + longest) * references[name] > left:
                with archive.open(name) as opened:
                    _References(lengths, left - cells, name, most).read(opened)


def _too_large(part: str, most: int) -> Refused:
    return Refused(
        "file.expansion_limit",
        f"{part} would take more memory than the {_size(most)} that a workbook may",
        "Save the worksheet as CSV, which takes little, or raise the setting workbook_memory",
    )


def _size(count: int) -> str:
    return f"{count / 10**9:g} GB" if count >= 10**9 else f"{count / 10**6:.0f} MB"


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
    `lengths` are those of the shared texts in bytes, and `references` the number of cells that refer to one.
    """

    def __init__(self, links: _Links, name: str, left: int, most: int) -> None:
        self._links = links
        self._name = name
        self._left = left
        self._most = most
        self._texts = 0
        self._longest = 0
        self._current = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._depth = 0
        self.lengths = array("Q")
        self.references = 0
        self._at = (0, 0)
        self._box: tuple[int, int, int, int] | None = None
        self._used = 0

    @property
    def has_cells(self) -> bool:
        """Whether a cell of the part is used, so that it may be a worksheet."""
        return self._box is not None

    @property
    def taken(self) -> int:
        """The bytes that the reader takes for the cells and texts of this part, without texts that cells refer to."""
        top, left, bottom, right = self._box or (1, 1, 0, 0)
        places = (bottom - top + 1) * (right - left + 1)
        shared = _OF_SHARED * len(self.lengths)
        return _OF_CELL * self._used + _OF_PLACE * places + shared + self._texts + _OF_LONGEST * self._longest

    def read(self, part: IO[bytes]) -> None:
        """Read to the end. Raises `Refused` if it takes too much, and `ValueError` if a cell is in no place."""
        while block := part.read(_BLOCK):
            self._parser.Parse(block)
            if self.taken > self._left:
                raise _too_large(self._name, self._most)
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
            if attributes.get("t") not in _KEPT_AS_NUMBER:
                self._texts += _OF_TEXT
                self._begin_text()
        elif name in ("v", "is"):
            self._use(*self._at)
        elif name == "si":
            self._begin_text()
        elif name == "sheet":
            self._links.sheets |= {value for key, value in attributes.items() if key.rpartition(":")[2] == "id"}
        elif name == "Relationship":
            self._links.targets.append((attributes.get("Id", ""), attributes.get("Target", "")))

    def _end(self, name: str) -> None:
        self._depth -= 1
        name = name.rpartition(":")[2]
        if self._parser.CharacterDataHandler is None or name not in ("si", "c"):
            return
        self._parser.CharacterDataHandler = None
        self._longest = max(self._longest, self._current)
        if name == "si":
            self.lengths.append(self._current)

    def _begin_text(self) -> None:
        self._current = 0
        self._parser.CharacterDataHandler = self._text

    def _text(self, data: str) -> None:
        length = len(data) if data.isascii() else len(data.encode())
        self._current += length
        self._texts += length

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
    """The shared texts that the cells of a worksheet refer to, by their lengths; they may take `left` bytes."""

    def __init__(self, lengths: array[int], left: int, name: str, most: int) -> None:
        self._lengths = lengths
        self._left = left
        self._name = name
        self._most = most
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
        self._left -= _OF_TEXT + (self._lengths[at] if at < len(self._lengths) else 0)
        if self._left < 0:
            raise _too_large(self._name, self._most)


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
