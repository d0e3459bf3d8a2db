"""Files changed at random: small valid ones of every format, and their bytes or the bytes inside their packing."""

from __future__ import annotations

import decimal
import gzip
import io
import json
import math
import random
import re
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from support.records import Make
from support.workbooks import date, packed, workbook

import pipeline
from pipeline.printable import printable
from pipeline.store.opening import Store
from queries.errors import NoshowError

_TOKENS = (
    *(b"null true false NaN -Infinity 1e999 -0 0.1 1e-400 " + b"9" * 400).split(),
    *(b'"', b'""', b"'", b"\\", b'"\\ud800"', b"\\u0000", b"{", b"}", b"[", b"]", b"[" * 2000, b'{"a":' * 2000),
    *(b",", b";", b"\t", b":", b"\n", b"\r", b"\r\n", b"\0", b"\x1a", b" ", b"=", b"#", b"<", b">", b"&#0;", b"&x;"),
    *("\ufeff|\u202e|\u2028|\u00a0|\uff1d|\u00e9|\U0010ffff|\ud7ff".encode().split(b"|")),
    *(b"\xff", b"\xfe\xff", b"\xed\xa0\x80", b"\xc0\xaf", b"\x80", b"\x1f\x8b", b"PK\x03\x04", b"PAR1"),
    *(b"2026-02-30", b"0000-00-00T00:00:00Z", b"99999-01-01", b"24:00", b"inf", b"1" * 19, b"-1", b"case when"),
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """The bytes after one to six changes: bits, deletions, repetitions, moves, and tokens that readers stumble over."""
    edited = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 6))):
        at = chance.randrange(len(edited) + 1)
        to = min(len(edited), at + chance.choice((1, 2, 4, 16, 64, 1000)))
        match chance.randrange(7):
            case 0 if edited:
                edited[min(at, len(edited) - 1)] ^= 1 << chance.randrange(8)
            case 1:
                del edited[at:to]
            case 2:
                edited[at:at] = edited[at:to] * chance.choice((1, 2, 50))
            case 3:
                edited[at:at] = chance.choice(_TOKENS)
            case 4:
                edited[at : at + chance.randrange(12)] = chance.choice(_TOKENS)
            case 5:
                edited[at:to] = bytes(chance.randrange(256) for _ in range(to - at))
            case 6:
                there = chance.randrange(len(edited) + 1)
                edited[there:there] = edited[at:to]
    return bytes(edited)


_WORD = re.compile(rb'"[^"\n]*"|[\w.+:-]+')
_WORDS = (
    *(b"null true false 0 -1 1.5 1e3 1e400 -0 1E-400 {} [] [[]] [1,2] " + b"9" * 400).split(),
    *(
        b'"" " " "\\ud800" "\\udc00\\ud800" "\\u0000" "\\u202e" "NaN" "inf" "1e999" "null" {"a":1} {"a":{"a":[]}}'
    ).split(),
    *(
        b'"2026-02-30T00:00:00Z" "9999-12-31T23:59:60Z" "0001-01-01T00:00:00+14:00" "2026-03-29T02:30:00" "T" "Z"'
    ).split(),
    *(b'"Europe/Nowhere" "../../etc/passwd" "Etc/GMT+99" "=1+1" "id" "_id" "status" "startDate" "__proto__"').split(),
    *('"\u2028" "\u00e9" "\U0001f600" "\uff1d" "\ufeff" "\u0130" "\u00df"'.encode().split()),
    *(b'"' + b"x" * 20_000 + b'"', b'"' + b"1" * 400 + b'"', b"[" * 300 + b"]" * 300, b'{"a":' * 99 + b"1" + b"}" * 99),
)

_TEXTS = tuple(word for word in _WORDS if word.startswith(b'"'))


def reworded(data: bytes, chance: random.Random) -> bytes:
    """The bytes with one to four words, or texts in quotes, replaced by others: most files stay well-formed."""
    words = list(_WORD.finditer(data))
    for word in sorted(chance.sample(words, min(len(words), chance.randint(1, 4))), key=lambda word: -word.start()):
        is_text = word[0].startswith(b'"') and chance.random() < 0.7
        new = chance.choice(_TEXTS if is_text else _WORDS) if chance.random() < 0.8 else chance.choice(words)[0]
        data = data[: word.start()] + new + data[word.end() :]
    return data


def changed(data: bytes, chance: random.Random) -> bytes:
    """Text with words replaced, or bytes changed anywhere."""
    return chance.choice((reworded, reworded, mutated))(data, chance)


def retyped(data: bytes, chance: random.Random) -> bytes:
    """A Parquet file with columns of other types and extreme values, or with its bytes changed."""
    if chance.random() < 0.4:
        return mutated(data, chance)
    table, stream = pq.read_table(io.BytesIO(data)), io.BytesIO()
    for _ in range(chance.randint(1, 3)):
        at = chance.randrange(table.num_columns)
        column = pa.array(*chance.choice(COLUMNS), size=None)
        column = pa.concat_arrays([column] * table.num_rows)[: table.num_rows]
        table = table.set_column(at, chance.choice((table.column_names[at], "startDate", "", "a.b", "\0")), column)
    pq.write_table(table, stream, compression=chance.choice(("none", "snappy", "zstd", "gzip")))
    return stream.getvalue()


COLUMNS: tuple[tuple[list[Any], pa.DataType], ...] = (
    ([2**63 - 1, -(2**63), None], pa.int64()),
    ([2**64 - 1], pa.uint64()),
    ([math.nan, math.inf, -0.0, 1e308], pa.float64()),
    ([math.nan], pa.float16()),
    ([b"\xff\xfe", b"", b"\0"], pa.binary()),
    (["\0", "\u202e", "x" * 10_000, ""], pa.large_string()),
    ([decimal.Decimal("9" * 38), None], pa.decimal128(38, 0)),
    ([decimal.Decimal("9" * 70)], pa.decimal256(76, 3)),
    ([2**62, -(2**62), 0], pa.timestamp("ns")),
    ([2**62, -(2**62), 0], pa.timestamp("us", "Europe/Dublin")),
    ([2**62, 0], pa.timestamp("ms")),
    ([2**50, 0], pa.timestamp("s")),
    ([2**31 - 1, -(2**31)], pa.date32()),
    ([2**40, -(2**40)], pa.date64()),
    ([86_399_999], pa.time32("ms")),
    ([2**62], pa.duration("us")),
    ([[], None, ["a"]], pa.list_(pa.string())),
    ([{"a": 1}, None], pa.struct({"a": pa.int8()})),
    ([[("a", 1), ("a", 2)]], pa.map_(pa.string(), pa.int32())),
    ([None], pa.null()),
    ([True, None], pa.bool_()),
    ([{"slot": {"startDate": "x"}}], pa.struct({"slot": pa.struct({"startDate": pa.string()})})),
)


def gzipped(data: bytes, chance: random.Random) -> bytes:
    """Changed within or around gzip."""
    if chance.random() < 0.5:
        return gzip.compress(changed(data, chance), mtime=0)
    return mutated(gzip.compress(data, mtime=0), chance)


def zipped(data: bytes, chance: random.Random) -> bytes:
    """An archive of which one file, its name or the bytes around it are changed; `data` is an archive."""
    if chance.random() < 0.3:
        return mutated(data, chance)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    name = chance.choice(list(parts))
    if chance.random() < 0.2:
        new = mutated(name.encode(), chance).decode("utf-8", "replace").replace("\0", "") or "x"
        parts[chance.choice((new, "../" + name, "/" + name, "9" * 6000 + ".csv", name.upper()))] = parts.pop(name)
    else:
        parts[name] = changed(parts[name], chance)
    return packed(parts)


def _records() -> list[dict[str, Any]]:
    return [*(Make.booking(number, 2) for number in range(2)), *(Make.attendance(number) for number in range(3))]


def _attendances() -> list[dict[str, Any]]:
    return [Make.attendance(number) for number in range(4)]


def _csv() -> bytes:
    records = _attendances()
    return "\n".join([",".join(records[0]), *(",".join(map(str, one.values())) for one in records), ""]).encode()


def _parquet() -> bytes:
    records, stream = _attendances(), io.BytesIO()
    pq.write_table(pa.table({name: [one[name] for one in records] for name in records[0]}), stream)
    return stream.getvalue()


def _nested_parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([Make.booking(number) for number in range(3)]), stream, compression="zstd")
    return stream.getvalue()


def _workbook() -> bytes:
    records = _attendances()
    return workbook({"visits": [[*records[0], "when"], *([*one.values(), date(46174.5)] for one in records)]})


def _archive() -> bytes:
    return packed({"a.csv": _csv(), "b.ndjson": _lines(), "notes/c.json": json.dumps(_records()).encode()})


def _lines() -> bytes:
    return "".join(json.dumps(one) + "\n" for one in _records()).encode()


def _event() -> bytes:
    body = {"id": "e", "entityFqdn": "wix.bookings.v2.attendance", "slug": "created", "entityId": Make.guid(1, 2)}
    return json.dumps(body | {"createdEvent": {"entity": Make.attendance(1)}}).encode()


def _page() -> bytes:
    page = {"extendedBookings": [{"booking": Make.booking(1)}], "pagingMetadata": {"cursors": {"next": "x"}}}
    return json.dumps(page).encode()


Change = Callable[[bytes, random.Random], bytes]
# A valid file of each format, by its name, and how it is changed.
FILES: dict[str, tuple[Callable[[], bytes], Change]] = {
    "list.json": (lambda: json.dumps(_records()).encode(), changed),
    "page.json": (_page, changed),
    "event.json": (_event, changed),
    "lines.ndjson": (_lines, changed),
    "table.csv": (_csv, changed),
    "table.tsv": (lambda: _csv().replace(b",", b"\t"), changed),
    "wide.csv": (lambda: _csv().decode().encode("utf-16"), mutated),
    "flat.parquet": (_parquet, retyped),
    "nested.parquet": (_nested_parquet, retyped),
    "book.xlsx": (_workbook, zipped),
    "lines.ndjson.gz": (_lines, gzipped),
    "table.csv.gz": (_csv, gzipped),
    "archive.zip": (_archive, zipped),
}


def load_changed(store: Store, path: Path, seeds: Iterable[int]) -> Counter[str]:
    """Load the file of a name changed in as many ways, and count the outcomes: codes of refusals, or "loaded".

    Asserts that a refusal is one line, and that the records of a file that is read add up.
    """
    valid, change = FILES[path.name]
    outcomes = Counter[str]()
    for seed in seeds:
        path.write_bytes(change(valid(), random.Random(f"{path.name} {seed}")))
        try:
            loaded = pipeline.ingest(store, [path])
        except NoshowError as error:
            outcomes[error.code] += 1
            continue
        for one in loaded:
            if one.refused:
                assert one.refused.message == printable(one.refused.message, 10_000), (path.name, seed)
                assert len(one.refused.message) < 600, (path.name, seed)
            else:
                counted = (one.loaded, one.unchanged, one.duplicate, one.left_out, one.stale, one.quarantined)
                assert one.read == sum(counted), (path.name, seed)
            outcomes[one.refused.code if one.refused else "loaded"] += 1
    return outcomes
