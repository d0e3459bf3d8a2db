"""Random files read by a mapping, against an oracle that knows the mapping's meaning and none of its SQL.

Each record feeds its entities or is at fault, whatever the size of the chunks that it comes in.
"""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.model import Mapping
from pipeline.mapping.reading import read_mapping
from pipeline.typing.made_ids import NAMESPACE

MAPPING = '''
namespace = "o"
null = ["", "-"]
marks = "no_shows"
[let]
word = "trim(Result)"
seats = "Places::int"
[known]
Result = ["pending"]
[booking]
when = "Kind is distinct from 'note'"
id = "Visit"
status = "case word when 'cancelled' then 'CANCELED' else 'CONFIRMED' end"
eventId = "Class || ' ' || Day"
startDate = "strptime(Day, '%d/%m/%Y')"
totalParticipants = "seats"
[booking.attributes]
many = "seats > 2"
row = "_row"
[attendance]
when = "Kind is distinct from 'note'"
bookingId = "Visit"
eventId = "Class || ' ' || Day"
status = """case word when 'came' then 'ATTENDED' when 'No Show' then 'NOT_ATTENDED' when 'ill' then 'EXCUSED'
    else 'NOT_SET' end"""
'''
MEANING = {"came": ("ATTENDED", None), "no show": ("NOT_ATTENDED", None), "ill": ("NOT_SET", "true")}
KNOWN = {*MEANING, "cancelled", "pending"}

blanks = st.sampled_from(["", " ", "  ", "\u00a0", "\u202f", "\t"])
words = st.sampled_from(
    ["came", "No Show", "NO\u00a0SHOW", "Came", "cancelled", "ILL", "Pending", "Absent", "n/k", "-", ""]
)
results = st.builds(lambda before, word, after: before + word + after, blanks, words, blanks)
places = st.sampled_from(["1", "2", "3", "12", "two", "-", "", "1.5e", " 4"])
days = st.sampled_from(["01/06/2026", "1/6/2026", "31/12/2026", "31/11/2026", "2026-06-01"])
classes = st.sampled_from(["Yoga", "YOGA", "Yoga\u00a0", "Spin"])
kinds = st.sampled_from(["visit", "note", "Note ", ""])
rows = st.lists(st.tuples(results, places, days, classes, kinds), min_size=1, max_size=40)


def folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def given_text(text: str) -> str | None:
    return None if folded(text) in ("", "-") else text


@dataclass
class Expected:
    """The rows, faults and counts that should come of the records."""

    bookings: dict[int, tuple[str, int | None, str]] = field(default_factory=dict)
    marks: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    at_fault: set[int] = field(default_factory=set)
    unmet: Counter[str] = field(default_factory=Counter)


def expected_of(found: list[tuple[str, str, str, str, str]]) -> Expected:
    expected = Expected()
    for record, (result, place, day, name, kind) in enumerate(found):
        if folded(kind) == "note":
            continue
        word = folded(result)
        seats = given_text(place)
        try:
            participants = None if seats is None else int(seats)
            date, month, year = (int(part) for part in day.split("/"))
            if month == 11 and date == 31:
                raise ValueError
        except ValueError:
            expected.at_fault.add(record)
            continue
        assert year
        session = str(uuid.uuid5(NAMESPACE, f"o/session/{folded(f'{name} {day}')}"))
        expected.bookings[record] = ("CANCELED" if word == "cancelled" else "CONFIRMED", participants, session)
        expected.marks[record] = MEANING.get(word, ("NOT_SET", None))
        if word not in KNOWN and given_text(result) is not None:
            expected.unmet[result.strip()] += 1
    return expected


def chunks_of(found: list[tuple[str, str, str, str, str]], size: int) -> Iterator[pl.DataFrame]:
    for start in range(0, len(found), size):
        part = found[start : start + size]
        columns = dict(zip(("Result", "Places", "Day", "Class", "Kind"), zip(*part, strict=True), strict=True))
        frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_columns(
            pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in columns
        )
        numbers = range(start, start + len(part))
        yield frame.with_columns(record=pl.Series(numbers, dtype=pl.Int64), Visit=pl.Series([f"v{n}" for n in numbers]))


@pytest.fixture(scope="module")
def mapping(tmp_path_factory: pytest.TempPathFactory) -> Mapping:
    path = tmp_path_factory.mktemp("oracle") / "o.toml"
    path.write_text(MAPPING, "utf-8")
    return read_mapping(path)


@pytest.mark.long
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(found=rows, size=st.integers(1, 15))
def test_every_record_is_where_the_mapping_means_it_to_be(
    mapping: Mapping, found: list[tuple[str, str, str, str, str]], size: int
) -> None:
    expected = expected_of(found)
    mapped = MappedRows(mapping, Path("o.csv"))
    bookings: dict[int, tuple[str, int | None, str]] = {}
    marks: dict[int, tuple[str, str | None]] = {}
    attributes: dict[int, str] = {}
    at_fault: set[int] = set()
    for chunk in chunks_of(found, size):
        frames, faults = mapped.frames(chunk)
        wrong = {fault.record for fault in faults}
        mapped.count_unmet(wrong)
        at_fault |= wrong
        for row in frames["booking"].filter(~pl.col("record").is_in(list(wrong))).iter_rows(named=True):
            seats = row["participants"]
            assert row["record"] not in bookings
            bookings[row["record"]] = (row["status"], None if seats is None else int(seats), row["event_id"])
            attributes[row["record"]] = row["attributes"]
            assert row["marks"] == "no_shows"
        for row in frames["attendance"].filter(~pl.col("record").is_in(list(wrong))).iter_rows(named=True):
            assert row["record"] not in marks
            marks[row["record"]] = (row["status"], row["excused"])
    mapped.close()
    assert bookings == expected.bookings
    assert marks == expected.marks
    assert at_fault == expected.at_fault
    assert mapped.unmet.get("Result", Counter()) == expected.unmet
    for record, (_, seats, _) in expected.bookings.items():
        many = "" if seats is None else f'"many":{str(seats > 2).lower()},'
        assert attributes[record] == f'{{{many}"row":{record + 1}}}'
