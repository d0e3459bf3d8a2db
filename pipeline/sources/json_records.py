"""Read JSON and NDJSON into chunks of raw records, taken out of arrays and saved pages.

Only the brackets around the records are decoded here, so each record keeps its text: a faulty one goes to quarantine as
it was, and does not stop the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import IO

import msgspec

from pipeline.decode.kinds import ENVELOPES, kind_of
from pipeline.decode.lines import Lines, flat_objects, is_utf8
from pipeline.faults import Refused
from pipeline.sources.chunks import ChunkBuilder, Chunks, Warn
from pipeline.sources.encodings import likely_encoding, wide_encoding

BOM = b"\xef\xbb\xbf"
# A record as bytes of its own, or as a view into those of its document.
Record = bytes | msgspec.Raw
MAX_DOCUMENT = 2 * 2**30
MAX_LINE = 16 * 2**20
_BLOCK = 8 * 2**20
# The most lines in a chunk whose lines are one record each.
MAX_LINES = 250_000
_NO_RECORD = (b"", b"[", b"{")
_list = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
# The beginning of a line that may hold many records: an array, or a page such as {"attendances": [...]}.
_MAYBE_MANY = re.compile(rb'\s*(?:\[|\{\s*"(?:%s|pagingMetadata|metadata)"\s*:)' % "|".join(ENVELOPES).encode())
# An array may have so many commas before they are compared with its colons, see `_listed`.
_FREE_VALUES = 100_000
_BYTE = re.compile(r"\(byte (\d+)\)")
# Half of a surrogate pair: valid JSON by its grammar, refused by msgspec.
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(stream: IO[bytes], warn: Warn, paths: Sequence[str] = ()) -> Chunks:
    """Read the records of one JSON document: an array, one object, or a saved page of the API.

    `paths` are the dotted paths at which the records of another system may be: `entry.resource` in a page
    `{"entry": [{"resource": {…}}, …]}`.

    Raises `Refused` if the document is broken.
    """
    text = stream.read(MAX_DOCUMENT + 1)
    if len(text) > MAX_DOCUMENT:
        raise Refused("file.too_large", "a JSON document of more than 2 GiB", "Export NDJSON, one record a line")
    if text.startswith(BOM):
        warn("file.bom")
        text = text[len(BOM) :]
    if not text.strip():
        raise _nothing()
    _require_utf8(text)
    builder = ChunkBuilder()
    for index, raw in enumerate(_records_at(paths, text) if paths else _records_of_document(text, warn)):
        if chunk := builder.add(bytes(raw), None, index):
            yield chunk
    if chunk := builder.take():
        yield chunk


def read_ndjson(stream: IO[bytes], warn: Warn) -> Chunks:
    """Read the records of a file with one JSON value a line: a record, an array of records, or a saved page.

    Blank lines are skipped. A line that is not JSON, or not UTF-8, becomes a record with a fault later on; the others
    are loaded. Raises `Refused` if not one line is UTF-8.
    """
    builder = ChunkBuilder()
    blank = True
    first_wrong, any_sound = "", False
    for block, first in _blocks(stream, warn):
        blank = blank and block.isspace()
        wrong = _first_wrong_line(block, first)
        first_wrong = first_wrong or wrong
        any_sound = any_sound or not wrong or _has_sound_line(block)
        objects = flat_objects(block)
        lines = None if objects else _one_record_each(block)
        if lines or (objects and objects <= MAX_LINES):
            if chunk := builder.take():
                yield chunk
            yield builder.lines(lines or Lines(block, objects or 0), first)
        else:
            yield from _chunks_of_lines(builder, block, first, warn)
    if blank:
        raise _nothing()
    if not any_sound:
        raise _not_utf8(first_wrong, "latin-1")
    if chunk := builder.take():
        yield chunk


def _first_wrong_line(block: bytes, first: int) -> str:
    """Where the first line is that is not UTF-8, such as ` at line 5`; "" if all are."""
    if is_utf8(block):
        return ""
    return next(f" at line {first + at}" for at, line in enumerate(block.split(b"\n")) if not is_utf8(line))


def _has_sound_line(block: bytes) -> bool:
    return any(is_utf8(line) for line in block.split(b"\n") if line.strip())


def _one_record_each(block: bytes) -> list[bytes] | None:
    """The lines of a block, if each is one record, valid or not; None if any is blank or may hold many records.

    A few bad lines put a block in doubt, see `flat_objects`, and to take it apart with every line by itself costs ten
    times as much.
    """
    lines = [line.strip() for line in block.removesuffix(b"\n").split(b"\n")]
    if len(lines) > MAX_LINES or any(line in _NO_RECORD or _MAYBE_MANY.match(line) for line in lines):
        return None
    return lines


def _chunks_of_lines(builder: ChunkBuilder, block: bytes, first: int, warn: Warn) -> Chunks:
    for number, line in enumerate(block.split(b"\n"), first):
        text = line.strip()
        if not text:
            continue
        if text in (b"[", b"{") or (number == 1 and text == b"[]"):
            _not_ndjson(text)
        for index, raw in _records_of_line(text, warn):
            if chunk := builder.add(raw, number, index):
                yield chunk


def _nothing() -> Refused:
    return Refused("file.empty", "the file has no content", "An empty export would still say []")


def _blocks(stream: IO[bytes], warn: Warn) -> Iterator[tuple[bytes, int]]:
    """Read whole lines, many at a time, with the number of the first. Raises `Refused` for long lines and UTF-16."""
    number = 1
    while block := stream.read(_BLOCK):
        block += stream.readline(MAX_LINE + 1)
        # Only the last line can be longer than the block, so only its length needs a limit to bound the memory.
        if len(block) - (block.rfind(b"\n", 0, len(block) - 1) + 1) > MAX_LINE:
            raise Refused("file.record_too_large", f"a line of more than {MAX_LINE // 2**20} MiB", "One record a line")
        if number == 1 and (wide := wide_encoding(block)):
            raise _not_utf8("", wide)
        if number == 1 and block.startswith(BOM):
            warn("file.bom")
            block = block[len(BOM) :]
        yield block, number
        number += block.count(b"\n")


def _not_ndjson(text: bytes) -> None:
    if text != b"[]":
        raise Refused("file.not_ndjson", "this is one JSON document over several lines", "Use --source-format json")


def _records_of_line(text: bytes, warn: Warn) -> Iterator[tuple[int | None, bytes]]:
    if not _MAYBE_MANY.match(text):
        yield None, text
        return
    try:
        records = _unwrapped(text, warn)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        yield None, text
        return
    many = len(records) != 1 or bytes(records[0]) != text
    for index, raw in enumerate(records):
        yield (index if many else None), bytes(raw)


def _records_of_document(text: bytes, warn: Warn) -> Sequence[Record]:
    try:
        return _unwrapped(text, warn)
    except RecursionError:
        raise Refused("file.json_depth", "nested too deeply", "No record of the API is nested so deeply") from None
    except msgspec.DecodeError as error:
        if _SURROGATE.search(text) and (records := _split(text)):
            return records
        raise _syntax_error(text, error) from None


def _records_at(paths: Sequence[str], text: bytes) -> list[bytes]:
    try:
        return list(_at(text, [path.split(".") for path in paths]))
    except RecursionError:
        raise Refused("file.json_depth", "nested too deeply", "No record is nested so deeply") from None
    except msgspec.DecodeError as error:
        raise _syntax_error(text, error) from None


def _at(value: bytes, paths: Sequence[Sequence[str]]) -> Iterator[bytes]:
    """The records in a value: those at the first of the paths that it has, or the value itself."""
    start = value.lstrip()[:1]
    if start == b"[":
        for item in _listed(value):
            yield from _at(bytes(item), paths)
        return
    page = _object.decode(value) if start == b"{" else {}
    path = next((path for path in paths if path and path[0] in page), None)
    if path is None:
        msgspec.json.decode(value)
        yield value
    else:
        yield from _at(bytes(page[path[0]]), [path[1:]])


def _split(text: bytes) -> list[bytes] | None:
    """Split an array into the texts of its records with Python's parser; None if it cannot read the array either.

    It accepts half a surrogate pair, \\ud83d alone, for which msgspec refuses the whole document. Once the array is
    split, only the record that has it is at fault.
    """
    document = text.decode("utf-8").strip()
    scanner = json.JSONDecoder(parse_constant=_no_constant)
    # `at` is behind the bracket or comma before the next record: in `[{"a": 1}, {"b": 2}]` first 1, then 10.
    records, at = [], 1
    try:
        while document[at - 1] in "[,":
            start = _skip_space(document, at)
            _, end = scanner.raw_decode(document, start)
            records.append(document[start:end].encode())
            at = _skip_space(document, end) + 1
    except (ValueError, RecursionError, IndexError):
        return None
    return records if document[at - 1 :] == "]" else None


def _skip_space(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _unwrapped(text: bytes, warn: Warn) -> Sequence[Record]:
    """Take the records out of an array or page; an object that is a record is returned as it is."""
    start = text.lstrip()[:1]
    if start == b"[":
        return _listed(text)
    if start != b"{":
        msgspec.json.decode(text)
        return [text]
    page = _object.decode(text)
    if kind_of(page):
        return [text]
    for name in ENVELOPES:
        if name in page and (inner := bytes(page[name]).lstrip())[:1] in (b"[", b"{"):
            _warn_of_more(page, warn)
            return _listed(inner) if inner[:1] == b"[" else [inner]
    return [text]


def _listed(text: bytes) -> list[msgspec.Raw]:
    """Split an array into its values. Raises `Refused` if they are far too many to be records.

    Every record has named fields, so an array with many commas and few colons is `[0,0,0,...]`: 100 MB of that would
    become 50 million values of many bytes each.
    """
    if text.count(b",") > _FREE_VALUES + 8 * text.count(b":"):
        raise Refused("file.kind_unknown", "a list of bare values, not of records", "Is it an export?")
    return _list.decode(text)


def _warn_of_more(page: dict[str, msgspec.Raw], warn: Warn) -> None:
    paging = page.get("pagingMetadata")
    metadata = msgspec.json.decode(bytes(paging)) if paging is not None else None
    if isinstance(metadata, dict) and metadata.get("hasNext") is True:
        warn("file.page_of_more")


def _syntax_error(text: bytes, error: msgspec.DecodeError) -> Refused:
    at = _BYTE.search(str(error))
    byte = int(at.group(1)) if at else len(text)
    line, column = text.count(b"\n", 0, byte) + 1, byte - (text.rfind(b"\n", 0, byte) + 1) + 1
    reason = re.sub(r" \(byte \d+\)", "", str(error)).removeprefix("JSON is malformed: ")
    hint = (
        "Is it NDJSON? Then use --source-format ndjson"
        if "trailing characters" in reason and line > 1
        else "Fetch the file again"
    )
    return Refused("file.json_syntax", f"not valid JSON at line {line}, column {column} (byte {byte}): {reason}", hint)


def _require_utf8(text: bytes) -> None:
    if text.isascii() and b"\0" not in text:
        return
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _not_utf8(f" at byte {error.start}", likely_encoding(text)) from None
    if wide := wide_encoding(text):
        raise _not_utf8("", wide)


def _not_utf8(at: str, likely: str) -> Refused:
    # iconv knows all of these names but that of Latin-1 as Python writes it.
    name = "latin1" if likely == "latin-1" else likely
    return Refused(
        "file.encoding", f"not UTF-8{at}", f"JSON is UTF-8: convert it, for example with iconv -f {name} -t utf-8"
    )
