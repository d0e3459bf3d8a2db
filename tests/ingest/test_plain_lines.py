"""Plain attendances are staged many lines at a time, and nothing that a line says is lost on the way.

The proof is attacked: whatever is done to a line, if it is staged, then it has no fault, no ignored field and the same
values when it is decoded by itself.
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import pytest

from pipeline.decode.columnar import _schema
from pipeline.decode.lines import Lines
from pipeline.decode.records import decode_each
from pipeline.load.plain_lines import PlainLines, may_be_plain
from pipeline.load.proof import FIELDS
from pipeline.load.statements import merge_sql
from pipeline.sources import Chunk
from pipeline.sources.json_records import read_ndjson
from pipeline.typing.typed_rows import typed_rows
from pipeline.validation.valid_rows import validated
from queries.model.attendance import ATTENDANCE

NOW = dt.datetime(2026, 11, 29)  # noqa: DTZ001  (instants are kept as naive UTC)
ID = "7a0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7e"
BOOKING = "5f0c1a52-0d5e-4b0e-9a44-2f6a3f6c1b7e"
EVENT = "event-000000000000000000000000000001"


@dataclass(frozen=True)
class Line:
    """A JSON object, token by token, and the text between them."""

    members: tuple[tuple[str, str], ...] = (
        ('"id"', f'"{ID}"'),
        ('"bookingId"', f'"{BOOKING}"'),
        ('"eventId"', f'"{EVENT}"'),
        ('"status"', '"ATTENDED"'),
        ('"numberOfAttendees"', "1"),
        ('"updatedDate"', '"2026-03-01T10:00:00.000Z"'),
    )
    comma: str = ","
    colon: str = ":"
    before: str = ""
    after: str = ""

    def text(self) -> bytes:
        inner = self.comma.join(f"{key}{self.colon}{value}" for key, value in self.members)
        return f"{self.before}{{{inner}}}{self.after}".encode("utf-8", "surrogateescape")


Deviation = Callable[[Line], Line]
PLAIN = Line()
PYTHON = Line(comma=", ", colon=": ")


def value(name: str, token: str) -> Deviation:
    """Another token as the value of a field."""
    return lambda line: replace(
        line, members=tuple((key, token if key == f'"{name}"' else old) for key, old in line.members)
    )


def key(name: str, token: str) -> Deviation:
    """Another token as the key of a field."""
    return lambda line: replace(
        line, members=tuple((token if old == f'"{name}"' else old, held) for old, held in line.members)
    )


def more(at: int, name: str, token: str) -> Deviation:
    """One more member, at a place of its own."""
    return lambda line: replace(
        line, members=(*line.members[:at], (f'"{name}"' if name else '""', token), *line.members[at:])
    )


def without(name: str) -> Deviation:
    return lambda line: replace(line, members=tuple(pair for pair in line.members if pair[0] != f'"{name}"'))


def around(**changes: str) -> Deviation:
    return lambda line: replace(line, **changes)  # type: ignore[arg-type]


# Ways in which a line is wrong, or only unusual.
DEVIATIONS: dict[str, Deviation] = {
    # Fields that noshow does not know, some as short as can be, so that they fit where something else is missing.
    **{f"unknown {token} at {at}": more(at, "x", token) for token in ("1", "null", '""', '"ab"') for at in (0, 3, 6)},
    "unknown without a name": more(2, "", "1"),
    "unknown object": more(6, "x", '{"id":null}'),
    "unknown array": more(6, "x", "[1]"),
    "unknown, named as null is": more(6, 'x\\"sessionId', "null"),
    "null in an object": more(6, "x", '{"sessionId":null}'),
    # Fields twice, or spelt in another way.
    "repeated, same": more(6, "status", '"ATTENDED"'),
    "repeated, another": more(0, "status", '"NOT_SET"'),
    "repeated, null first": more(0, "id", "null"),
    "repeated, null last": more(6, "id", "null"),
    "repeated null": lambda line: more(6, "sessionId", "null")(more(0, "sessionId", "null")(line)),
    "other case": key("status", '"Status"'),
    "escaped key": key("status", '"st\\u0061tus"'),
    "blank in a key": key("status", '"status "'),
    "both spellings of id": more(1, "_id", f'"{BOOKING}"'),
    "both spellings of updated": more(6, "_updatedDate", '"2026-03-02T10:00:00Z"'),
    # Tokens of another type.
    **{
        f"{name} {token}": value(name, token)
        for name in ("id", "eventId", "status", "updatedDate")
        for token in ("1", "null", "true", "{}", "[]", '""')
    },
    "event, 36 digits": value("eventId", "123456789012345678901234567890123456"),
    "event, 38 digits, as long as with quotes": value("eventId", "1" * 38),
    "event, a fraction": value("eventId", "0." + "1" * 36),
    "event, an exponent": value("eventId", "1" * 34 + "e-5"),
    "event, an object": value("eventId", '{"a":"' + "x" * 40 + '"}'),
    "event, an array": value("eventId", '["' + "x" * 40 + '"]'),
    "event, rounded": value("eventId", '"event 4.87E+08 of 2026-06-01, at Dublin"'),
    "id, 32 digits": value("id", "1" * 32),
    "id, 36 digits": value("id", "1" * 36),
    "number as text": value("numberOfAttendees", '"1"'),
    "number with a fraction": value("numberOfAttendees", "1.0"),
    "number with an exponent": value("numberOfAttendees", "1e0"),
    "number of five bytes": value("numberOfAttendees", "1.5e1"),
    "number, shorter than DuckDB writes it": value("numberOfAttendees", "1e5"),
    "number below 0": value("numberOfAttendees", "-1"),
    "number -0": value("numberOfAttendees", "-0"),
    "number too large": value("numberOfAttendees", "100001"),
    "number huge": value("numberOfAttendees", "1" * 30),
    "number true": value("numberOfAttendees", "true"),
    "number null": value("numberOfAttendees", "null"),
    "number NaN": value("numberOfAttendees", "NaN"),
    "number 01": value("numberOfAttendees", "01"),
    # Texts.
    "escape": value("eventId", '"event-\\u0030' + "0" * 29 + '"'),
    "escaped slash": value("eventId", '"event\\/' + "0" * 30 + '"'),
    "DEL": value("eventId", f'"{EVENT}\x7f"'),
    "C1 control": value("eventId", f'"{EVENT}\x85"'),
    "escaped control": value("eventId", f'"{EVENT}\\u0007"'),
    "NUL": value("eventId", f'"{EVENT}\0"'),
    "tab": value("eventId", f'"{EVENT}\t"'),
    "bad UTF-8": value("eventId", f'"{EVENT}\udcff"'),
    "half a surrogate pair": value("eventId", f'"{EVENT}\\ud83d"'),
    "letters beyond ASCII": value("eventId", '"é' + EVENT + '"'),
    "as many blanks within as bytes in an unknown field": value("eventId", f'"{EVENT}      2"'),
    "blank within": value("eventId", f'"{EVENT} 2"'),
    "blank before": value("eventId", f'" {EVENT}"'),
    "blank behind": value("eventId", f'"{EVENT} "'),
    "no-break space": value("eventId", f'"{EVENT}\u00a0x"'),
    "event too short": value("eventId", f'"{EVENT[1:]}"'),
    "event too long": value("eventId", '"' + "x" * 251 + '"'),
    "GUID in capitals": value("id", f'"{ID.upper()}"'),
    "GUID with hyphens elsewhere": value("id", '"7a0c1a520d5e-4b0e-9a44-2f6a3f6c1b7e-"'),
    "GUID without hyphens": value("id", '"' + ID.replace("-", "") + '"'),
    "GUID in braces": value("id", f'"{{{ID}}}"'),
    "GUID with a letter": value("id", f'"g{ID[1:]}"'),
    "blank behind a GUID": value("bookingId", f'"{BOOKING} "'),
    "status unknown": value("status", '"LATE"'),
    "status in small letters": value("status", '"attended"'),
    "status with a blank": value("status", '"ATTENDED "'),
    "instant without a zone": value("updatedDate", '"2026-03-01T10:00:00.000"'),
    "instant with an offset": value("updatedDate", '"2026-03-01T10:00:00+01:00"'),
    "instant of no day": value("updatedDate", '"2026-02-30T10:00:00.000Z"'),
    "instant at hour 24": value("updatedDate", '"2026-03-01T24:00:00.000Z"'),
    "leap second": value("updatedDate", '"2026-03-01T23:59:60.000Z"'),
    "instant too early": value("updatedDate", '"1999-12-31T23:59:59.999Z"'),
    "instant too late": value("updatedDate", '"2032-03-01T10:00:00.000Z"'),
    "instant in nanoseconds": value("updatedDate", '"2026-03-01T10:00:00.000000001Z"'),
    "instant in microseconds": value("updatedDate", '"2026-03-01T10:00:00.123456Z"'),
    "instant with a line end": value("updatedDate", '"2026-03-01T10:00:00.000Z\\n"'),
    # Fields that may be missing.
    **{f"without {name}": without(name) for name in ("id", "bookingId", "eventId", "status", "numberOfAttendees")},
    # Known fields that are seldom given.
    "SDK's spelling": key("id", '"_id"'),
    "session id": more(3, "sessionId", '"' + "s" * 40 + '"'),
    "short session id": more(3, "sessionId", '"17"'),
    "session id null": more(3, "sessionId", "null"),
    "session id null, spaced": more(3, "sessionId", " null"),
    "zone": more(6, "timezone", '"Europe/Dublin"'),
    "zone unknown": more(6, "timezone", '"Europe/Nowhere"'),
    "zone in Windows' words": more(6, "timezone", '"W. Europe Standard Time"'),
    "zone a number": more(6, "timezone", "1"),
    "start": more(6, "startDate", '"2026-03-01T10:00:00Z"'),
    "status updated": more(6, "statusUpdatedDate", '"2026-03-01T10:00:00Z"'),
    "created": more(6, "createdDate", '"2026-03-01T10:00:00Z"'),
    "created, a number": more(6, "createdDate", "20260301100000"),
    "revision": more(6, "revision", "7"),
    "revision as text": more(6, "revision", '"7"'),
    "revision as another text": more(6, "revision", '"a"'),
    "revision with a fraction": more(6, "revision", "7.0"),
    "revision with an exponent": more(6, "revision", "1e9"),
    "revision true": more(6, "revision", "true"),
    # The text between the tokens, before them and behind.
    "spaced as Python does": around(comma=", ", colon=": "),
    "spaced commas": around(comma=" , "),
    "spaced colons": around(colon=" :"),
    "tabs": around(comma=",\t"),
    "blanks around": around(before="  ", after="   "),
    "blank within braces": around(after=" ", before=" "),
    "no-break space around": around(before="\u00a0"),
    "form feed": around(comma=",\f"),
    "byte order mark": around(before="\ufeff"),
    "comment": around(before="/**/"),
    "comment within": around(colon=":/**/"),
    "double comma": around(comma=",,"),
    "two records": around(after='{"x":1}'),
    "the same record twice": lambda line: replace(line, after=line.text().decode("utf-8", "surrogateescape")),
    "text behind": around(after="x"),
    "comma behind": around(after=","),
    "in an array": around(before="[", after="]"),
    "in an object": around(before='{"attendance":', after="}"),
    "cut short": lambda line: replace(line, members=line.members[:-1], after=',"x"'),
    "single quotes": value("status", "'ATTENDED'"),
}
# Of these the lines are plain.
ARE_PLAIN = [
    *("GUID in capitals", "instant in microseconds", "letters beyond ASCII", "no-break space", "blank within"),
    *("without numberOfAttendees", "SDK's spelling", "session id", "session id null", "number null", "zone", "start"),
    *("status updated", "created", "revision", "revision as text", "spaced as Python does", "spaced commas"),
    *("spaced colons", "session id null, spaced", "updatedDate null", "blanks around"),
]


# A line with every field, so that all are looked for in the chunk that begins with it.
EVERY_FIELD = ("{" + ",".join(f'"{name}":0' for name in FIELDS) + "}").encode()


def staged(chunks: Sequence[Chunk]) -> dict[int, dict[str, Any]]:
    """The rows that are staged at once, by record."""
    with duckdb.connect() as connection:
        connection.execute(merge_sql("staging", ATTENDANCE))
        plain = PlainLines(connection, NOW)
        left = {chunk.records[at] for chunk in chunks for at in plain.stage(chunk, chunk.records[0])}
        rows = connection.sql("from staged_attendance").pl().drop("staged_row")
    assert sorted([*left, *rows["record"]]) == [record for chunk in chunks for record in chunk.records]
    return {row.pop("record"): row for row in rows.iter_rows(named=True)}


def chunk_of(raws: Sequence[bytes]) -> Chunk:
    return Chunk(range(len(raws)), raws, range(1, len(raws) + 1), [None] * len(raws))


def by_itself(raw: bytes) -> dict[str, Any] | None:
    """The row of a record that is decoded by itself; None if it has a fault or says more than the row."""
    decoded = decode_each([raw.strip()], [0], None)
    if decoded.faults or decoded.ignored or decoded.kinds != {"attendance": 1}:
        return None
    typed, faults = typed_rows(decoded.raw_frames["attendance"], ATTENDANCE, NOW)
    valid, broken = validated(typed, ATTENDANCE, faults)
    if faults or broken:
        return None
    (row,) = valid.drop("record").iter_rows(named=True)
    return row


def require_nothing_lost(raws: Sequence[bytes]) -> int:
    """Return how many of the lines are staged at once."""
    lines = [EVERY_FIELD, *raws]
    rows = staged([chunk_of(lines)])
    for record, row in rows.items():
        assert row == by_itself(lines[record]), lines[record]
    return len(rows)


def attacks(number: int, lines: Sequence[Line] = (PLAIN, PYTHON)) -> Iterator[bytes]:
    """Lines with so many deviations at a time."""
    for line in lines:
        for chosen in itertools.combinations(DEVIATIONS.values(), number):
            made = line
            for deviation in chosen:
                made = deviation(made)
            yield made.text()


def test_no_deviation_of_a_line_is_lost() -> None:
    assert len(DEVIATIONS) >= 76
    assert require_nothing_lost(list(attacks(1))) > len(ARE_PLAIN)


def test_no_pair_of_deviations_of_a_line_is_lost() -> None:
    pairs = list(attacks(2))
    require_nothing_lost(random.Random(1).sample(pairs, 400))


@pytest.mark.long
def test_no_pair_of_all_deviations_of_a_line_is_lost() -> None:
    """Each may hide the other: a field that noshow does not know is as long as the part that is missing elsewhere."""
    pairs = list(attacks(2))
    assert len(pairs) > 2 * 2_850
    for start in range(0, len(pairs), 1_000):
        require_nothing_lost(pairs[start : start + 1_000])


@pytest.mark.long
def test_no_three_deviations_of_a_line_are_lost() -> None:
    random_ = random.Random(2)
    names = list(DEVIATIONS.values())
    for _ in range(20):
        raws = []
        for _ in range(1_000):
            line = random_.choice((PLAIN, PYTHON))
            for deviation in random_.sample(names, 3):
                line = deviation(line)
            raws.append(line.text())
        require_nothing_lost(raws)


@pytest.mark.parametrize("name", ARE_PLAIN)
def test_a_plain_line_is_staged_at_once(name: str) -> None:
    """Else the tests above would say nothing."""
    raw = DEVIATIONS[name](PLAIN).text()
    assert require_nothing_lost([raw]) == 1


@pytest.mark.parametrize("end", [b"\n", b"\r\n"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_of_a_file_are_staged_without_splitting_it(end: bytes, last: bool) -> None:
    text = end.join([PLAIN.text(), PYTHON.text(), DEVIATIONS["unknown 1 at 0"](PLAIN).text(), PLAIN.text()])
    chunks = list(read_ndjson(io.BytesIO(text + (end if last else b"")), print))
    assert all(isinstance(chunk.raws, Lines) and may_be_plain(chunk) for chunk in chunks)
    assert staged(chunks).keys() == {0, 1, 3}


@pytest.mark.parametrize("odd", [b"\xff{}", b'{"id":"7', b'{"booking":{}}', b'{"id":[{}]}', b"null", b"{}"])
def test_a_bad_line_leaves_those_beside_it_plain(odd: bytes) -> None:
    text = b"\n".join([PLAIN.text(), odd + b" ", PLAIN.text(), b""])
    chunks = list(read_ndjson(io.BytesIO(text), print))
    assert [chunk.lines[at] for chunk in chunks for at in range(len(chunk.raws))] == [1, 2, 3]
    assert staged(chunks).keys() == {0, 2}


def test_a_first_line_longer_than_the_sample_is_no_hindrance() -> None:
    long = more(0, "x", '"' + "x" * 2**17 + '"')(PLAIN).text()
    (chunk,) = read_ndjson(io.BytesIO(b"\n".join([long, PLAIN.text(), b""])), print)
    assert staged([chunk]).keys() == {1}


def test_a_chunk_of_another_kind_is_not_tried() -> None:
    assert may_be_plain(chunk_of([PLAIN.text()]))
    assert not may_be_plain(chunk_of([b'{"id":"a","bookedEntity":{}}']))
    assert not may_be_plain(chunk_of([]))


def test_every_known_field_is_looked_for() -> None:
    assert set(FIELDS) == set(_schema(ATTENDANCE))
