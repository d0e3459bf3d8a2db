"""Files made to break a reader: each is refused with its code, or loaded but for the records that are at fault."""

from __future__ import annotations

import datetime as dt
import decimal
import gzip
import io
import json
import shutil
import struct
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.samples import few
from support.workbooks import packed, workbook

import pipeline
from pipeline.store.content_state import tracked
from pipeline.store.opening import Store

NOW = dt.datetime(2026, 6, 1, 12, 0, tzinfo=dt.UTC)
HEADER = "id,bookingId,eventId,status,numberOfAttendees"
Content = bytes | Callable[[], bytes]


def attendance(number: int = 1, *more: str, **tokens: str | None) -> str:
    """An attendance as JSON text, any value replaced by a raw token (None leaves it out), with raw members after it."""
    values: dict[str, str | None] = {
        "id": f'"00000002-0000-4000-8000-{number:012x}"',
        "bookingId": f'"00000001-0000-4000-8000-{number:012x}"',
        "eventId": f'"event-{number:030d}"',
        "status": '"ATTENDED"',
        "numberOfAttendees": "1",
    }
    members = [f'"{name}": {token}' for name, token in (values | tokens).items() if token is not None]
    return "{" + ", ".join([*members, *more]) + "}"


def row(number: int = 1, **changes: str) -> str:
    """The same as a line of CSV."""
    record = json.loads(attendance(number))
    return ",".join(str(value) for value in (record | changes).values())


GOOD = attendance(99)


def lines(*records: str) -> bytes:
    return "".join(record + "\n" for record in records).encode()


def beside(*records: str) -> bytes:
    """NDJSON with the records and a good one after them."""
    return lines(*records, GOOD)


def listed(*records: str) -> bytes:
    return f"[{','.join(records)}]".encode()


def csv(*rows: str, header: str = HEADER, end: str = "\n") -> bytes:
    return end.join([header, *rows, ""]).encode()


def parquet(table: Mapping[str, Any] | pa.Table, **options: Any) -> bytes:
    buffer = io.BytesIO()
    pq.write_table(table if isinstance(table, pa.Table) else pa.table(dict(table)), buffer, **options)
    return buffer.getvalue()


def columns(**changes: Any) -> dict[str, Any]:
    """Two attendances as columns."""
    records = [json.loads(attendance(number)) for number in (1, 2)]
    return {name: [record[name] for record in records] for name in records[0]} | changes


def same_text_many_times() -> bytes:
    """A dictionary of one text of 10 MB that 2,000 rows share: 20 GB in a file of kilobytes."""
    text = pa.DictionaryArray.from_arrays(pa.array([0] * 2_000, pa.int32()), pa.array(["x" * 10_000_000]))
    return parquet({"bookingId": text, "status": text}, compression="zstd")


def gzipped(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def wrong_size() -> bytes:
    packed = gzipped(beside())
    return packed[:-4] + struct.pack("<I", 5)


def flipped() -> bytes:
    packed = bytearray(gzipped(beside(*(attendance(n) for n in range(200)))))
    packed[len(packed) // 2] ^= 0xFF
    return bytes(packed)


FAR = pa.struct({"day": pa.date32()})


def damaged_part() -> bytes:
    """A workbook whose worksheet does not unpack any more."""
    content = bytearray(workbook({"visits": [["id", "status"], *([n, "x"] for n in range(200))]}))
    at = content.index(b"xl/worksheets/sheet1.xml") + 200
    content[at : at + 40] = bytes(40)
    return bytes(content)


REFUSED: list[tuple[str, Content, str]] = [
    # The form of the file around the records.
    ("nothing.ndjson", b"", "file.empty"),
    ("blank.csv", b" \n\n", "file.empty"),
    ("blank.ndjson", b" \n\n", "file.empty"),
    ("bom.json", b"\xef\xbb\xbf", "file.empty"),
    ("bom.csv", b"\xef\xbb\xbf", "file.empty"),
    ("nothing.ndjson.gz", gzipped(b""), "file.empty"),
    ("size.ndjson.gz", wrong_size, "file.gzip_damaged"),
    ("flipped.ndjson.gz", flipped, "file.gzip_damaged"),
    ("garbage.ndjson.gz", gzipped(beside()) + b"garbage", "file.gzip_damaged"),
    ("second_cut.ndjson.gz", gzipped(beside()) + gzipped(beside())[:-9], "file.gzip_truncated"),
    ("header_cut.ndjson.gz", gzipped(beside())[:5], "file.gzip_truncated"),
    ("twice.json.gz", gzipped(gzipped(listed(GOOD))), "file.encoding"),
    ("bomb.ndjson.gz", lambda: gzipped(b"0" * 70_000_000), "file.record_too_large"),
    ("bomb.csv.gz", lambda: gzipped(b"0" * 70_000_000), "file.record_too_large"),
    ("members.json.gz", lambda: gzipped(b" " * 35_000_000) * 3, "file.expansion_limit"),
    ("utf16.json", listed(GOOD).decode().encode("utf-16"), "file.encoding"),
    ("utf16.ndjson", beside().decode().encode("utf-16"), "file.encoding"),
    ("utf16_no_mark.ndjson", beside().decode().encode("utf-16-le"), "file.encoding"),
    ("utf16_no_mark.json", listed(GOOD).decode().encode("utf-16-be"), "file.encoding"),
    ("utf16_no_mark.csv", csv(row()).decode().encode("utf-16-be"), "file.encoding"),
    ("latin1.ndjson", attendance(1, '"note": "caf\xe9"').encode("latin-1"), "file.encoding"),
    ("cut_in_a_letter.json", listed(attendance(1, '"note": "é"'))[:-4], "file.encoding"),
    # JSON that is none, or not as one document.
    ("cut.json", listed(GOOD, GOOD)[:-20], "file.json_syntax"),
    ("infinity.json", listed(attendance(numberOfAttendees="-Infinity")), "file.json_syntax"),
    ("comment.json", b"/* export */" + listed(GOOD), "file.json_syntax"),
    ("inner_comment.json", listed(GOOD + "// the last"), "file.json_syntax"),
    ("json5.json", b"[{id: 'x'}]", "file.json_syntax"),
    ("single_quotes.json", listed(GOOD.replace('"', "'")), "file.json_syntax"),
    ("object_comma.json", listed(GOOD[:-1] + ",}"), "file.json_syntax"),
    ("two_objects.json", (GOOD + GOOD).encode(), "file.json_syntax"),
    ("lines.json", lines(GOOD, GOOD), "file.json_syntax"),
    ("bom_inside.json", b"[\xef\xbb\xbf" + GOOD.encode() + b"]", "file.json_syntax"),
    ("leading_zero.json", listed(attendance(numberOfAttendees="01")), "file.json_syntax"),
    ("nul.json", listed(GOOD) + b"\0", "file.json_syntax"),
    ("deep_object.json", b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "file.json_depth"),
    ("deep_record.json", listed(attendance(1, '"note": ' + "[" * 10_000 + "]" * 10_000), GOOD), "file.json_depth"),
    ("deep_page.json", b'{"attendances": ' + b"[" * 10_000 + b"]" * 10_000 + b"}", "file.json_depth"),
    (
        "deep_paging.json",
        b'{"pagingMetadata": ' + b"[" * 6000 + b"]" * 6000 + b', "attendances": []}',
        "file.json_depth",
    ),
    ("text.json", b'"ATTENDED"', "file.kind_unknown"),
    ("null.json", b"null", "file.kind_unknown"),
    ("number.json", b"1e400", "file.json_syntax"),
    ("lists.json", b"[[], [[]]]", "file.kind_unknown"),
    ("page_of_text.json", b'{"attendances": "none"}', "file.kind_unknown"),
    ("many_lists.json", lambda: b"[" + b"[]," * 300_000 + b"[]]", "file.kind_unknown"),
    ("numbers.ndjson", b"1\n2\n", "file.kind_unknown"),
    ("pretty_object.ndjson", json.dumps(json.loads(GOOD), indent=1).encode(), "file.not_ndjson"),
    # CSV whose columns or quotes cannot be made out.
    ("no_header.csv", (row(1) + "\n" + row(2) + "\n").encode(), "file.csv_header"),
    ("unbalanced.csv", csv(row(1), '"' + row(2), row(3)), "file.csv_syntax"),
    ("after_quote.csv", csv(row(1), '"x"y,,,,'), "file.csv_syntax"),
    ("wide.csv", lambda: (",".join(f"c{n}" for n in range(100_000)) + "\n").encode(), "file.csv_header"),
    ("long_line.csv", lambda: csv(row(1, status="A" * 17_000_000)), "file.record_too_large"),
    ("long_record.csv", lambda: csv('"' + ("x" * 1000 + "\n") * 17_000), "file.record_too_large"),
    ("control.csv", csv("\x1b[2J", header="\x1b[31mcolour\x07"), "file.kind_unknown"),
    ("json.csv", listed(GOOD), "file.csv_header"),
    # Parquet.
    ("text.parquet", csv(row()), "file.parquet"),
    ("cut.parquet", parquet(columns())[:-30], "file.parquet"),
    ("middle.parquet", (whole := parquet(columns()))[:4] + b"\xff" * 200 + whole[204:], "file.parquet"),
    ("foot.parquet", b"PAR1" + b"\xff" * 20 + struct.pack("<I", 2**31) + b"PAR1", "file.parquet"),
    ("no_columns.parquet", parquet(pa.table({})), "file.parquet"),
    ("twice_named.parquet", parquet(pa.table([["a"], ["b"]], names=["status", "status"])), "file.kind_unknown"),
    ("other.parquet", parquet({"colour": ["red"]}), "file.kind_unknown"),
    ("wide_number.parquet", parquet({"status": pa.array([decimal.Decimal(9)], pa.decimal256(76, 3))}), "file.parquet"),
    ("far_day.parquet", parquet({"startDate": pa.array([2**31 - 1], pa.date32())}), "file.parquet"),
    ("far_moment.parquet", parquet({"startDate": pa.array([-(2**62)], pa.timestamp("ms"))}), "file.parquet"),
    ("far_day_inside.parquet", parquet(pa.table({"slot": pa.array([{"day": 2**31 - 1}], FAR)})), "file.parquet"),
    ("long_number.zip", packed({"9" * 6000 + ".csv": b"colour\nred\n"}), "file.zip_path"),
    ("damaged_part.xlsx", damaged_part, "file.xlsx"),
    ("bomb.parquet", same_text_many_times, "file.expansion_limit"),
]


TABLES = ("attendance", "booking", "quarantine", "load_ledger")


@pytest.fixture(scope="module")
def one_store(empty: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder = shutil.copytree(empty, tmp_path_factory.mktemp("hostile") / "store")
    with pipeline.open_store(folder / "attendance.duckdb", settings=pipeline.Settings.model_validate({})) as opened:
        yield opened


@pytest.fixture
def emptied(one_store: Store) -> Store:
    """A store with nothing in it, the same for all these tests: to make one takes longer than to read a file."""
    for table in TABLES:
        with tracked(one_store.connection, table):
            one_store.connection.execute(f"delete from {table}")
    return one_store


@pytest.mark.parametrize(("name", "content", "code"), few([pytest.param(*case, id=case[0]) for case in REFUSED], 30))
def test_a_hostile_file_is_refused(emptied: Store, tmp_path: Path, name: str, content: Content, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content())
    (outcome,) = pipeline.ingest(emptied, [path], now=NOW)
    assert outcome.refused, outcome
    assert outcome.refused.code == code, outcome.refused
    assert outcome.refused.message.isprintable()
    assert len(outcome.refused.message) < 500
    for table in TABLES:
        assert emptied.connection.execute(f"select count(*) from {table}").fetchall() == [(0,)]


RULES: list[tuple[str, bytes, int, dict[str, int]]] = [
    # (name, content, loaded, quarantined by rule); a record that is neither is a duplicate.
    ("members.ndjson.gz", gzipped(lines(attendance(1))) + gzipped(lines(attendance(2))), 2, {}),
    ("zeros_after.ndjson.gz", gzipped(lines(GOOD)) + b"\0" * 512, 1, {}),
    ("no_end.ndjson", lines(GOOD).rstrip(), 1, {}),
    ("cr_only.csv", csv(row(1), row(2), end="\r"), 2, {}),
    ("utf16.csv", csv(row(1), row(2)).decode().encode("utf-16"), 2, {}),
    ("latin1_beside.ndjson", beside(attendance(1, '"note": "?"')).replace(b"?", b"\xe9"), 1, {"encoding": 1}),
    ("surrogates.ndjson", beside(attendance(1, '"note": "?"')).replace(b"?", b"\xed\xa0\x80"), 1, {"encoding": 1}),
    ("overlong.ndjson", beside(attendance(1, '"note": "?"')).replace(b"?", b"\xc0\x80"), 1, {"encoding": 1}),
    ("page.ndjson", lines(GOOD) + b'{"attendances": [{"\xff": 1}]}\n', 1, {"encoding": 1}),
    (
        "high_controls.ndjson",
        beside(*(attendance(n, f'"note": "a{c}"') for n, c in ((1, "\x80"), (2, "\x9f")))),
        1,
        {"control_char": 2},
    ),
    (
        "escaped_controls.ndjson",
        beside(*(attendance(n, f'"note": "a\\u00{c}"') for n, c in ((1, "85"), (2, "9F")))),
        1,
        {"control_char": 2},
    ),
    ("no_break_space.ndjson", beside(attendance(1, '"note": "a\xa0b"')), 2, {}),
    ("high_control.csv", csv(row(1) + ",a\x85", row(2) + ",\xa0b", header=HEADER + ",note"), 1, {"control_char": 1}),
    ("only_separators.csv", csv(row(1), "," * HEADER.count(","), row(2)), 2, {}),
    ("crlf.ndjson", lines(attendance(1), attendance(2)).replace(b"\n", b"\r\n"), 2, {}),
    ("header_no_end.csv", HEADER.encode(), 0, {}),
    ("newline_in_quotes.csv", csv(row(1) + ',"two\nlines"', row(2) + ",one", header=HEADER + ",note"), 2, {}),
    ("newline_in_header.csv", csv(row(1) + ",x", header=HEADER + ',"a\nnote"'), 1, {}),
    ("quote_inside.csv", csv(row(1) + ',5" pipe', header=HEADER + ",note"), 1, {}),
    ("semicolons.csv", csv(row(1), row(2)).replace(b",", b";"), 2, {}),
    ("column_record.csv", csv(row(1) + ",7", header=HEADER + ",record"), 1, {}),
    ("column_row.csv", csv(row(1) + ",7", header=HEADER + ",_row"), 1, {}),
    ("blank_lines.csv", csv(row(1), "", row(2)), 2, {}),
    ("spaces_line.csv", csv(row(1), "  ", row(2)), 2, {"csv_field_count": 1}),
    ("nul.csv", csv(row(1) + ",a\0b", row(2) + ",b", header=HEADER + ",note"), 1, {"control_char": 1}),
    ("formula.csv", csv(row(1) + ",=cmd|'/c calc'!A1", header=HEADER + ",note"), 1, {}),
    (
        "number_texts.csv",
        csv(row(1, numberOfAttendees="1e3"), row(2, numberOfAttendees="2.0")),
        1,
        {"attendees_type": 1},
    ),
    ("two_spellings.csv", csv(row(1) + "," + row(1).split(",")[0], header=HEADER + ",_id"), 1, {}),
    ("bom_inside.ndjson", lines(GOOD, "\ufeff" + attendance(1)), 1, {"json_syntax": 1}),
    ("nan.ndjson", beside(attendance(numberOfAttendees="NaN")), 1, {"json_syntax": 1}),
    ("comma.ndjson", beside(attendance(1) + ","), 1, {"json_syntax": 1}),
    ("two_on_a_line.ndjson", beside(attendance(1) + attendance(2)), 1, {"json_syntax": 1}),
    ("scalars.ndjson", beside("null", "true", '"x"', "5"), 1, {"kind_unknown": 4}),
    ("empty_object.ndjson", lines(GOOD, "{}"), 1, {"kind_unknown": 1}),
    ("deep.ndjson", beside(attendance(1, '"note": ' + "[" * 10_000 + "]" * 10_000)), 1, {"json_depth": 1}),
    *(
        (
            f"deep_{depth}.ndjson",
            beside(attendance(1, '"note": ' + '{"a":' * depth + "1" + "}" * depth)),
            1,
            {"json_depth": 1},
        )
        for depth in (100, 250, 490, 700, 900, 985)
    ),
    ("not_that_deep.ndjson", beside(attendance(1, '"note": ' + "[" * 50 + "]" * 50)), 2, {}),
    (
        "deep_name.ndjson",
        beside(attendance(1, '"note": ' + '{"\\u0000":' * 300 + "1" + "}" * 300)),
        1,
        {"json_depth": 1},
    ),
    ("doubled_key.json", listed(attendance(1, '"st\\u0061tus": "NOT_ATTENDED"'), GOOD), 1, {"duplicate_key": 1}),
    ("inner_doubled.json", listed(attendance(1, '"note": {"a": 1, "a": 2}'), GOOD), 1, {"duplicate_key": 1}),
    ("surrogate.json", listed(attendance(1, '"note": "\\ud800"'), GOOD), 1, {"json_syntax": 1}),
    ("surrogate_pair_turned.json", listed(attendance(1, '"note": "\\udc00\\ud800"'), GOOD), 1, {"json_syntax": 1}),
    ("surrogate_pair.json", listed(attendance(1, '"note": "\\ud83d\\ude00"'), GOOD), 2, {}),
    ("nul_name.json", listed(attendance(1, '"no\\u0000te": 1'), GOOD), 1, {"control_char": 1}),
    ("raw_control.ndjson", beside(attendance(1, '"note": "a\x01b"')), 1, {"json_syntax": 1}),
    ("raw_delete.ndjson", beside(attendance(1, '"note": "a\x7fb"')), 1, {"control_char": 1}),
    ("zero_width.ndjson", beside(attendance(1, '"note": "\u200b\u202e\ufeff"')), 2, {}),
    ("many_keys.ndjson", beside(attendance(1, *(f'"key{n}": {n}' for n in range(10_000)))), 2, {}),
    ("long_key.ndjson", beside(attendance(1, f'"{"k" * 1_000_000}": 1')), 2, {}),
    ("long_text.json", listed(attendance(1, eventId='"' + "e" * 10_000_000 + '"'), GOOD), 1, {"event_id_length": 1}),
    ("long_note.json", listed(attendance(1, '"note": "' + "e" * 10_000_000 + '"'), GOOD), 2, {}),
    ("long_number.ndjson", beside(attendance(1, numberOfAttendees="1" * 5_000)), 1, {"attendees_range": 1}),
    ("long_fraction.ndjson", beside(attendance(1, numberOfAttendees="1." + "0" * 5_000)), 2, {}),
    (
        "numbers.ndjson",
        beside(
            *(attendance(n, numberOfAttendees=t) for n, t in enumerate(("-0", "1e0", "1E+2", "3.0", "100000", "null")))
        ),
        7,
        {},
    ),
    (
        "wrong_numbers.ndjson",
        beside(*(attendance(n, numberOfAttendees=t) for n, t in enumerate(("1.5", '"1"', "true", "[]", "{}", '""')))),
        1,
        {"attendees_type": 6},
    ),
    (
        "far_numbers.ndjson",
        beside(
            *(
                attendance(n, numberOfAttendees=t)
                for n, t in enumerate(("1e400", "-1e400", "100001", "1e5", "1e6", "1e17", "9223372036854775808", "-1"))
            )
        ),
        2,
        {"attendees_range": 7},
    ),
    ("number_elsewhere.ndjson", beside(attendance(1, '"note": 1e400')), 1, {"number_range": 1}),
    (
        "nulls.ndjson",
        beside(
            attendance(1, id="null"),
            attendance(2, bookingId="null"),
            attendance(3, eventId="null"),
            attendance(4, status="null"),
        ),
        2,
        {"required": 1, "no_session_key": 1, "status_unknown": 1},
    ),
    (
        "empty_texts.ndjson",
        beside(
            attendance(1, id='""'),
            attendance(2, bookingId='""'),
            attendance(3, eventId='""'),
            attendance(4, status='""'),
        ),
        1,
        {"id_format": 2, "no_session_key": 1, "status_unknown": 1},
    ),
    (
        "ids.ndjson",
        beside(
            *(
                attendance(n, id=json.dumps(text))
                for n, text in enumerate(
                    (
                        "9F0C7A1C-55BA-4943-AFAC-000000000001",
                        " 9f0c7a1c-55ba-4943-afac-000000000002",
                        "9f0c7a1c55ba4943afac000000000003",
                        "{9f0c7a1c-55ba-4943-afac-000000000004}",
                        "urn:uuid:9f0c7a1c-55ba-4943-afac-000000000005",
                        "9f0c7a1c-55ba-4943-afac-00000000000\uff16",
                        "9f0c7a1c-55ba-4943-afac-000000000007\n",
                        "9f0c7a1c\u201055ba-4943-afac-000000000008",
                        "9f0c7a1c-55ba-4943-afac-0000000000\u212a9",
                        "\u00a09f0c7a1c-55ba-4943-afac-000000000010",
                    )
                )
            )
        ),
        3,
        {"id_format": 7, "control_char": 1},
    ),
    (
        "event_ids.ndjson",
        beside(*(attendance(n, eventId=json.dumps("é" * n)) for n in (35, 36, 250, 251))),
        3,
        {"event_id_length": 2},
    ),
    (
        "instants.ndjson",
        beside(
            *(
                attendance(n, f'"updatedDate": {json.dumps(text)}')
                for n, text in enumerate(
                    (
                        "2026-03-01T24:00:00Z",
                        "2026-02-31T10:00:00Z",
                        "2026-03-01T10:00:60Z",
                        "2026-03-01T10:00:00+25:00",
                        "2026-03-01T10:00:00+10:75",
                        "2026-3-1 1:2:3Z",
                        "20260301T100000Z",
                        "infinity",
                        "epoch",
                        "1772359200",
                        "2026-03-01",
                        "\uff12026-03-01T10:00:00Z",
                        "2026-03-01T10:00:00Z\n",
                    )
                )
            )
        ),
        1,
        {"instant_format": 13},
    ),
    (
        "far_instants.ndjson",
        beside(
            *(
                attendance(n, f'"updatedDate": "{text}"')
                for n, text in enumerate(
                    (
                        "9999-12-31T23:59:59Z",
                        "0001-01-01T00:00:00Z",
                        "0001-01-01T00:00:00+14:00",
                        "9999-12-31T23:59:59-14:00",
                    )
                )
            )
        ),
        1,
        {"instant_range": 4},
    ),
    ("number_instant.ndjson", beside(attendance(1, '"updatedDate": 1772359200')), 1, {"field_type": 1}),
    (
        "zones.ndjson",
        beside(
            *(
                attendance(n, '"startDate": "2026-05-01T10:00:00"', f'"timezone": {json.dumps(zone)}')
                for n, zone in enumerate(
                    ("europe/berlin", "localtime", "Factory", "../../etc/passwd", "+02:00", "\u0000", "UTC")
                )
            )
        ),
        3,
        {"timezone_unknown": 4, "control_char": 1},
    ),
    ("same_but_spelt.ndjson", lines(attendance(1), attendance(1, '"note": 5')), 1, {}),
    ("same_key.ndjson", lines(attendance(1), attendance(1, status='"NOT_ATTENDED"')), 0, {"duplicate_conflict": 2}),
    ("lists.ndjson", beside("[]", "[[]]", f"[{attendance(1)}, 5]"), 2, {"kind_unknown": 2}),
    ("envelope_in_page.json", b'{"items": [' + GOOD.encode() + b'], "items2": [1]}', 1, {}),
    ("half_a_page.ndjson", beside('{"attendances": [' + attendance(1)), 1, {"json_syntax": 1}),
    (
        "bookings_of_null.ndjson",
        beside('{"id": null, "bookedEntity": null, "status": "CONFIRMED"}'),
        1,
        {"required": 1},
    ),
    (
        "participants.ndjson",
        beside(
            *(
                f'{{"id": "00000001-0000-4000-8000-{n:012x}", "bookedEntity": {{"slot": {{}}}}, "status": "CONFIRMED", '
                f'"totalParticipants": {token}}}'
                for n, token in enumerate(
                    ("[1, 1]", "1" * 5000, "[" + "9" * 400 + "]", '"2"', "-1", "1.5", "[1e308, 1e308]")
                )
            )
        ),
        2,
        {"number_range": 3, "field_type": 1, "number_type": 2},
    ),
    ("typed.parquet", parquet(columns(numberOfAttendees=pa.array([1, 2], pa.uint64()))), 2, {}),
    ("dictionary.parquet", parquet(columns(status=pa.array(["ATTENDED", "NOT_SET"]).dictionary_encode())), 2, {}),
    ("floats.parquet", parquet(columns(numberOfAttendees=[1.0, float("nan")])), 1, {"attendees_type": 1}),
    (
        "decimal.parquet",
        parquet(columns(numberOfAttendees=pa.array(["1.00", "2.00"]).cast(pa.decimal128(9, 2)))),
        2,
        {},
    ),
    ("booleans.parquet", parquet(columns(numberOfAttendees=[True, None])), 1, {"attendees_type": 1}),
    ("nulls.parquet", parquet(columns(numberOfAttendees=pa.nulls(2), note=pa.nulls(2))), 2, {}),
    ("binary.parquet", parquet(columns(note=[b"\xff\x00", b""])), 2, {}),
    ("large_text.parquet", parquet(columns(status=pa.array(["ATTENDED"] * 2, pa.large_string()))), 2, {}),
    ("record.parquet", parquet(columns(record=["x", "y"])), 2, {}),
    (
        "instants.parquet",
        parquet(
            columns(
                updatedDate=pa.array([1_700_000_000_123_456_789] * 2, pa.int64()).cast(
                    pa.timestamp("ns", "Europe/Berlin")
                ),
                day=pa.array([1, 2], pa.int32()).cast(pa.date32()),
                time=pa.array([1, 2], pa.int64()).cast(pa.time64("us")),
                lasted=pa.array([1, 2], pa.int64()).cast(pa.duration("us")),
            )
        ),
        2,
        {},
    ),
    (
        "no_zone.parquet",
        parquet(columns(updatedDate=pa.array([1_700_000_000, None]).cast(pa.timestamp("s")))),
        1,
        {"instant_no_zone": 1},
    ),
    ("nested.parquet", parquet(columns(note=[{"a": [1]}, {"a": []}])), 2, {}),
    ("nested_odd.parquet", parquet(columns(note=[{"a": b"\xff"}, {"a": None}], when=[[1.5], [float("inf")]])), 2, {}),
    ("no_rows.parquet", parquet(pa.table(columns()).slice(0, 0)), 0, {}),
]


@pytest.mark.parametrize(
    ("name", "content", "loaded", "rules"), few([pytest.param(*case, id=case[0]) for case in RULES], 40)
)
def test_what_is_good_beside_the_bad_is_kept(
    emptied: Store, tmp_path: Path, name: str, content: bytes, loaded: int, rules: dict[str, int]
) -> None:
    (tmp_path / name).write_bytes(content)
    (outcome,) = pipeline.ingest(emptied, [tmp_path / name], now=NOW)
    assert outcome.refused is None
    quarantined = emptied.connection.execute("select rule, count(*) from quarantine group by rule").fetchall()
    assert Counter(dict(quarantined)) == rules
    assert (outcome.loaded, outcome.quarantined) == (loaded, sum(rules.values()))
    assert outcome.read == outcome.loaded + outcome.duplicate + outcome.quarantined
