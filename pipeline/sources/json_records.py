"""The bytes of a JSON or NDJSON file go in; raw records, taken out of arrays and saved pages, come out in chunks.

Nothing is decoded here but the brackets around the records, so that each record keeps its own text.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Iterator, Sequence
from typing import IO

import msgspec

from pipeline.decode.kinds import ENVELOPES, kind_of
from pipeline.decode.lines import Lines, flat_objects
from pipeline.faults import Refused
from pipeline.sources.chunks import ChunkBuilder, Chunks, Warn

BOM = b"\xef\xbb\xbf"
# A record as its own bytes, or as a view of those of its document.
Record = bytes | msgspec.Raw
MAX_DOCUMENT = 2 * 2**30
MAX_LINE = 16 * 2**20
_BLOCK = 32 * 2**20
# A chunk of lines that are one record each has no more than these.
MAX_LINES = 250_000
_list = msgspec.json.Decoder(list[msgspec.Raw])
_object = msgspec.json.Decoder(dict[str, msgspec.Raw])
_MAYBE_MANY = re.compile(rb'\s*(?:\[|\{\s*"(?:%s|pagingMetadata|metadata)"\s*:)' % "|".join(ENVELOPES).encode())
_FREE_VALUES = 100_000
_BYTE = re.compile(r"\(byte (\d+)\)")
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")


def read_json(stream: IO[bytes], warn: Warn) -> Chunks:
    """Records of one JSON document: an array, one object, or a saved page of the API."""
    text = stream.read(MAX_DOCUMENT + 1)
    if len(text) > MAX_DOCUMENT:
        raise Refused("file.too_large", "a JSON document of more than 2 GiB", "Export NDJSON, one record a line")
    if text.startswith(BOM):
        warn("file.bom")
        text = text[len(BOM) :]
    if not text.strip():
        raise _nothing()
    _require_utf8(text, 0)
    builder = ChunkBuilder()
    for index, raw in enumerate(_records_of_document(text, warn)):
        if chunk := builder.add(bytes(raw), None, index):
            yield chunk
    if chunk := builder.take():
        yield chunk


def read_ndjson(stream: IO[bytes], warn: Warn) -> Chunks:
    """Records of a file with one JSON value a line: a record, an array of them or a saved page. Blank lines pass."""
    builder = ChunkBuilder()
    blank = True
    for block, first in _blocks(stream, warn):
        blank = blank and block.isspace()
        objects = flat_objects(block)
        if objects and objects <= MAX_LINES:
            if chunk := builder.take():
                yield chunk
            yield builder.lines(Lines(block, objects), first)
        else:
            yield from _chunks_of_lines(builder, block, first, warn)
    if blank:
        raise _nothing()
    if chunk := builder.take():
        yield chunk


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
    """Whole lines of a file, many at a time, with the number of the first; lines and encoding are sound."""
    number, offset = 1, 0
    while block := stream.read(_BLOCK):
        block += stream.readline(MAX_LINE + 1)
        # Only the last line can be longer than what was read at first.
        if len(block) - (block.rfind(b"\n", 0, len(block) - 1) + 1) > MAX_LINE:
            raise Refused("file.record_too_large", f"a line of more than {MAX_LINE // 2**20} MiB", "One record a line")
        _require_utf8(block, offset)
        offset += len(block)
        if number == 1 and block.startswith(BOM):
            warn("file.bom")
            block = block[len(BOM) :]
        yield block, number
        number += block.count(b"\n")


def _not_ndjson(text: bytes) -> None:
    if text != b"[]":
        raise Refused("file.not_ndjson", "this is one JSON document over several lines", "Use --format json")


def _records_of_line(text: bytes, warn: Warn) -> Iterator[tuple[int | None, bytes]]:
    if not _MAYBE_MANY.match(text):
        yield None, text
        return
    try:
        records = _unwrapped(text, warn)
    except (msgspec.DecodeError, RecursionError):
        yield None, text
        return
    many = len(records) != 1 or bytes(records[0]) != text
    for index, raw in enumerate(records):
        yield (index if many else None), bytes(raw)


def _records_of_document(text: bytes, warn: Warn) -> Sequence[Record]:
    try:
        return _unwrapped(text, warn)
    except RecursionError:
        raise Refused("file.json_depth", "nested too deeply", "No record of the API is") from None
    except msgspec.DecodeError as error:
        if _SURROGATE.search(text) and (records := _split(text)):
            return records
        raise _syntax_error(text, error) from None


def _split(text: bytes) -> list[bytes] | None:
    """The records of an array that is sound but for halves of surrogate pairs: only what has them is at fault."""
    document = text.decode("utf-8").strip()
    scanner = json.JSONDecoder(parse_constant=_no_constant)
    records, at = [], 1
    try:
        while document[at - 1] in "[,":
            start = _behind_space(document, at)
            _, end = scanner.raw_decode(document, start)
            records.append(document[start:end].encode())
            at = _behind_space(document, end) + 1
    except (ValueError, RecursionError, IndexError):
        return None
    return records if document[at - 1 :] == "]" else None


def _behind_space(text: str, at: int) -> int:
    while text[at : at + 1].isspace():
        at += 1
    return at


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _unwrapped(text: bytes, warn: Warn) -> Sequence[Record]:
    """The records in an array or page, or the one object itself."""
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
    """The values in an array, refused where they are far too many to be records: every record has names in it."""
    if text.count(b",") > _FREE_VALUES + 8 * text.count(b":"):
        raise Refused("file.kind_unknown", "a list of bare values, not of records", "Is it an export?")
    return _list.decode(text)


def _warn_of_more(page: dict[str, msgspec.Raw], warn: Warn) -> None:
    paging = page.get("pagingMetadata")
    told = msgspec.json.decode(bytes(paging)) if paging is not None else None
    if isinstance(told, dict) and told.get("hasNext") is True:
        warn("file.page_of_more")


def _syntax_error(text: bytes, error: msgspec.DecodeError) -> Refused:
    at = _BYTE.search(str(error))
    byte = int(at.group(1)) if at else len(text)
    line, column = text.count(b"\n", 0, byte) + 1, byte - (text.rfind(b"\n", 0, byte) + 1) + 1
    reason = re.sub(r" \(byte \d+\)", "", str(error)).removeprefix("JSON is malformed: ")
    hint = (
        "Is it NDJSON? Then use --format ndjson"
        if "trailing characters" in reason and line > 1
        else "Fetch the file again"
    )
    return Refused("file.json_syntax", f"not valid JSON at line {line}, column {column} (byte {byte}): {reason}", hint)


def _require_utf8(text: bytes, offset: int) -> None:
    if text.isascii():
        return
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        told = "utf-16" if text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else "latin1"
        raise Refused(
            "file.encoding",
            f"not UTF-8 at byte {offset + error.start}",
            f"JSON is UTF-8: convert it, for example with iconv -f {told} -t utf-8",
        ) from None
