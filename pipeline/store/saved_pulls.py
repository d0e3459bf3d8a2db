"""Save the pages of a pull before anything is done with them, so that a later run can go on from there.

Each pull is a folder beside the database, such as `attendance.pulls/20260301T020000000000Z-full/`. It holds `pull.json`
and the parts of each walk, up to fifty pages each: gzipped NDJSON, a line for each page as the API answered it. The
last page of a walk has the cursor of the next page, so there is no separate position that could get out of step with
the pages. A part is always replaced as a whole.
"""

from __future__ import annotations

import datetime as dt
import gzip
import io
import shutil
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from pipeline.store.files import StoreFiles
from pipeline.store.side_files import Damaged, Kept, decoded
from queries.errors import DataRefused
from queries.files import UNFINISHED, make_folder, sync, write_atomically
from queries.sealed import sealed

PAGES_A_PART = 50
_SUFFIX = ".ndjson.gz"
_TERMS = "pull.json"
_page = msgspec.json.Decoder()


class DamagedPages(DataRefused):
    """A saved file cannot be read: the disk has damaged it since, as files are put in place whole."""

    def __init__(self, path: Path) -> None:
        hint = f"Remove the folder {path.parent}, and pull again"
        super().__init__("pull.damaged", f"{path}: a saved file is damaged", hint)


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The scope of a pull. `site` is a keyed hash; `since` is None if everything is fetched.

    `whole_to` is the moment up to which no change is missing once the pull is finished; None if that is its start.
    """

    started_at: dt.datetime
    site: str
    since: dt.datetime | None = None
    finished_at: dt.datetime | None = None
    whole_to: dt.datetime | None = None

    @property
    def next_since(self) -> dt.datetime:
        """The moment from which the next pull has to ask for changes."""
        return self.whole_to or self.started_at


class _Plan(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The ids that a walk is to ask for. Earlier versions wrote the list alone."""

    ids: list[str]


@dataclass(slots=True)
class _Part:
    number: int
    pages: int
    packed: bytes


_terms = msgspec.json.Decoder(Terms)
_plan = msgspec.json.Decoder(_Plan | list[str])


class SavedPull:
    """One pull on the disk, whose pages can be read and added to."""

    def __init__(self, folder: Path, terms: Terms) -> None:
        self.folder = folder
        self.terms = terms
        self._parts: dict[str, _Part] = {}

    def parts(self, name: str) -> list[Path]:
        """The files of one walk, in order."""
        return sorted(self.folder.glob(f"{name}.*{_SUFFIX}"))

    def parts_of_all(self, name: str) -> list[Path]:
        """The files of a walk and of its numbered batches, in order: `again` covers `again-000001` and so on."""
        return [*self.parts(name), *sorted(self.folder.glob(f"{name}-*{_SUFFIX}"))]

    def all_parts(self) -> list[Path]:
        """Every file of fetched records in the pull."""
        return sorted(self.folder.glob(f"*{_SUFFIX}"))

    def add_page(self, name: str, body: bytes) -> None:
        """Add a page to a walk; it is synced to the disk when this returns."""
        part = self._parts.get(name) or self._last_part(name)
        if part.pages >= PAGES_A_PART:
            part = _Part(part.number + 1, 0, b"")
        # Within JSON a line break only stands between values, so a space says the same and the page stays one line.
        line = body.replace(b"\r", b" ").replace(b"\n", b" ") + b"\n"
        # Each page is a gzip member of its own: members in a row unpack as one stream, so adding a page leaves the
        # bytes before it as they are. With mtime=0 the same pages give the same bytes.
        part.packed += packed(line)
        part.pages += 1
        write_atomically(self.folder / f"{name}.{part.number:04d}{_SUFFIX}", part.packed)
        self._parts[name] = part

    def pages(self, name: str) -> Iterator[dict[str, Any]]:
        """Decode the pages of a walk, in order."""
        for part in self.parts(name):
            yield from pages_of(part)

    def last_page(self, name: str) -> dict[str, Any] | None:
        """The last page fetched of a walk, with the cursor to go on from; None if there is none."""
        last = self.parts(name)[-1:]
        lines = list(lines_of(last[0])) if last else []
        return _decoded_page(last[0], lines[-1], _page) if lines else None

    def drop(self, name: str) -> None:
        """Remove the pages of a walk."""
        self._parts.pop(name, None)
        # The last part first: after a crash the parts that are left are the beginning of the walk, without a hole.
        for path in reversed(self.parts(name)):
            path.unlink()

    def planned(self, name: str, plan: Callable[[], list[str]]) -> list[str]:
        """Return the list saved under a name; if there is none yet, save the one that `plan` makes.

        A pull that goes on later keeps the list that it began with.
        """
        path = self.folder / f"{name}.json"
        if not path.exists():
            write_atomically(path, sealed(msgspec.json.encode(_Plan(plan()))))
        return _read_plan(path)

    def write_lines(self, name: str, records: list[dict[str, Any]]) -> None:
        """Write records of our own among the pages, one a line; without records no file is written."""
        if records:
            text = b"".join(msgspec.json.encode(record) + b"\n" for record in records)
            write_atomically(self.folder / f"{name}.0001{_SUFFIX}", packed(text))

    def finish(self, now: dt.datetime) -> None:
        """Note that everything was fetched and loaded."""
        self.terms = msgspec.structs.replace(self.terms, finished_at=now)
        _write_terms(self.folder, self.terms)

    def _last_part(self, name: str) -> _Part:
        last = self.parts(name)[-1:]
        if not last:
            return _Part(1, 0, b"")
        number = int(last[0].name.removeprefix(f"{name}.").removesuffix(_SUFFIX))
        return _Part(number, sum(1 for _ in lines_of(last[0])), last[0].read_bytes())


def packed(text: bytes) -> bytes:
    """One gzip member, always the same for the same text."""
    return gzip.compress(text, 6, mtime=0)


def _members(path: Path) -> Iterator[tuple[bytes, bytes]]:
    """The packed and the unpacked bytes of each gzip member of a part. Raises `DamagedPages`."""
    left = path.read_bytes()
    if not left:
        raise DamagedPages(path)
    while left:
        unpacking = zlib.decompressobj(wbits=31)
        try:
            text = unpacking.decompress(left)
        except zlib.error:
            raise DamagedPages(path) from None
        if not unpacking.eof or not text.endswith(b"\n"):
            raise DamagedPages(path)
        yield left[: len(left) - len(unpacking.unused_data)], text
        left = unpacking.unused_data


def lines_of(path: Path) -> Iterator[bytes]:
    """Read the lines of a part. Raises `DamagedPages`."""
    for _, text in _members(path):
        yield from io.BytesIO(text)


def fault_of_saved(path: Path) -> str:
    """The fault of a file of a saved pull: "damaged", "packed" or ""; "" too if it is gone.

    "packed": its content is whole, but not packed as noshow packs it. A bit that says nothing of the text may be
    flipped, such as one of the time in the head of gzip, or another zlib has packed it.
    """
    try:
        if path.name == _TERMS:
            _read_terms(path)
        elif path.suffix == ".json":
            _read_plan(path)
        else:
            for member, text in _members(path):
                for line in io.BytesIO(text):
                    _decoded_page(path, line, _page)
                if member != packed(text):
                    return "packed"
    except DamagedPages:
        return "damaged"
    except FileNotFoundError:
        return ""
    return ""


def saved_files(database: Path) -> list[Path]:
    """Every file of every pull, whether it can be read or not; half-written ones are left out."""
    return sorted(file for file in StoreFiles(database).pulls.glob("*/*") if not file.name.startswith("."))


def pages_of(part: Path) -> Iterator[dict[str, Any]]:
    """Decode the pages of a part. Raises `DamagedPages`."""
    yield from (_decoded_page(part, line, _page) for line in lines_of(part))


def _decoded_page(path: Path, text: bytes, decoder: msgspec.json.Decoder[Kept]) -> Kept:
    try:
        return decoded(text, decoder)
    except Damaged:
        raise DamagedPages(path) from None


def id_of(record: Mapping[str, Any]) -> str:
    """The id of a record: `id` in the API, `_id` in its SDK; "" if it has neither."""
    return str(record.get("id") or record.get("_id") or "")


def walk_of(file: str) -> str:
    """The name of the walk that a file is a part of."""
    return Path(file).name.split(".")[0]


def begin(database: Path, terms: Terms) -> SavedPull:
    """Create the folder of a new pull."""
    kind = "since" if terms.since else "full"
    folder = StoreFiles(database).pulls / f"{terms.started_at:%Y%m%dT%H%M%S%fZ}-{kind}"
    make_folder(folder.parent)
    folder.mkdir()
    sync(folder.parent)
    _write_terms(folder, terms)
    return SavedPull(folder, terms)


def saved_pulls(database: Path) -> list[SavedPull]:
    """The pulls of a database, the oldest first; folders without a `pull.json` are left out."""
    files = sorted(StoreFiles(database).pulls.glob(f"*/{_TERMS}"))
    return [SavedPull(path.parent, _read_terms(path)) for path in files]


def saved_parts(database: Path) -> list[Path]:
    """Every file of fetched records in every pull."""
    return [part for pull in saved_pulls(database) for part in pull.all_parts()]


def remove_half_written(database: Path) -> None:
    """Remove the files that a killed process was still writing. Only while no pull is running."""
    for half_written in StoreFiles(database).pulls.glob(f"*/.*{UNFINISHED}"):
        half_written.unlink()


def keep_last(database: Path, count: int, newest: SavedPull) -> None:
    """Keep the finished pull `newest` and the ones before it, `count` in all; remove the others before it.

    Pulls whose names say that they are later stay: a clock was wrong, and they must not push out those that are not.
    """
    pulls = [pull for pull in saved_pulls(database) if pull.folder <= newest.folder]
    kept = [pull.folder for pull in pulls if pull.terms.finished_at][-count:]
    for pull in pulls:
        if pull.folder not in kept:
            shutil.rmtree(pull.folder)
    sync(StoreFiles(database).pulls)


def _write_terms(folder: Path, terms: Terms) -> None:
    write_atomically(folder / _TERMS, sealed(msgspec.json.encode(terms)))


def _read_terms(path: Path) -> Terms:
    return _decoded_page(path, path.read_bytes(), _terms)


def _read_plan(path: Path) -> list[str]:
    plan = _decoded_page(path, path.read_bytes(), _plan)
    return plan.ids if isinstance(plan, _Plan) else plan
