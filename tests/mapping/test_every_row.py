"""Any file read by a mapping: every row is stored, set aside by its rule, or explained, as an oracle says.

The oracle reads the mapping by its meaning, in plain Python, row by row, and shares no code with the pipeline.
"""

from __future__ import annotations

import csv
import datetime as dt
import itertools
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.samples import few

import pipeline

MAPPING = """
namespace = "studio"
null = ["", "-"]

[let]
starts = "strptime(\\"Start\\", '%d/%m/%Y %H:%M')"
class_at = "\\"Class\\" || ' ' || \\"Start\\""

[service]
id = '"Class"'
name = '"Class"'

[booking]
id = '"Visit"'
status = "case \\"Result\\" when 'cancelled' then 'CANCELED' else 'CONFIRMED' end"
eventId = "class_at"
serviceId = '"Class"'
startDate = "starts"
timezone = "'Europe/Dublin'"
totalParticipants = '"Spots"'

[attendance]
when = "\\"Result\\" in ('came', 'no show', 'ill')"
bookingId = '"Visit"'
eventId = "class_at"
status = "case \\"Result\\" when 'came' then 'ATTENDED' when 'ill' then 'EXCUSED' else 'NOT_ATTENDED' end"
"""
COLUMNS = ("Visit", "Class", "Start", "Result", "Spots")
ROWS = st.lists(
    st.tuples(
        st.sampled_from(["1", "2", "3", "4", "5", "6", "7", "8", ""]),
        st.sampled_from(["Yoga", "Spin"]),
        st.sampled_from(
            ["02/03/2026 18:00", "09/03/2026 07:15", "29/03/2026 01:30", "25/10/2026 01:30", "31/02/2026 10:00", "soon"]
        ),
        st.sampled_from(
            ["came", "Came ", "no show", "No\u00a0Show", "no  show", "ill", "cancelled", "", "-", "absent", "ABSENT"]
        ),
        st.sampled_from(["1", "2", "2.0", "two", "-1", ""]),
    ),
    min_size=1,
    max_size=14,
)
# Local times that a clock change skips (March) or repeats (October).
CLOCK = {"29/03/2026 01:30": "local_time_nonexistent", "25/10/2026 01:30": "local_time_ambiguous"}
MARK = {"came": "ATTENDED", "no show": "NOT_ATTENDED", "ill": "excused"}
KNOWN = {*MARK, "cancelled"}


@dataclass
class Expected:
    """Where each row of a file goes: bookings and marks by visit, rules by row, repeats, and values met by nothing."""

    stored: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    set_aside: dict[int, set[str]] = field(default_factory=dict)
    loaded: int = 0
    repeats: int = 0
    unmet: Counter[str] = field(default_factory=Counter)


def folded(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split()).casefold()


def rules_broken(row: dict[str, str]) -> set[str]:
    broken = set()
    if not row["Visit"]:
        broken.add("required")
    try:
        dt.datetime.strptime(row["Start"], "%d/%m/%Y %H:%M")  # noqa: DTZ007
    except ValueError:
        broken.add("mapping_expression")
    if row["Start"] in CLOCK:
        broken.add(CLOCK[row["Start"]])
    if row["Spots"] == "two":
        broken.add("number_type")
    if row["Spots"] == "-1":
        broken.add("number_range")
    return broken


def meaning(row: dict[str, str]) -> tuple[Any, ...]:
    """The booking and mark of a row: service, start, status, participants, mark."""
    result = folded(row["Result"])
    spots = int(float(row["Spots"])) if row["Spots"] else None
    status = "CANCELED" if result == "cancelled" else "CONFIRMED"
    return row["Class"], row["Start"], status, spots, MARK.get(result)


def expected_of(rows: list[dict[str, str]]) -> Expected:
    found = Expected()
    by_visit: dict[str, list[tuple[int, tuple[Any, ...]]]] = defaultdict(list)
    for at, row in enumerate(rows):
        if broken := rules_broken(row):
            found.set_aside[at] = broken
            continue
        by_visit[row["Visit"]].append((at, meaning(row)))
        if folded(row["Result"]) not in KNOWN and row["Result"] not in ("", "-"):
            found.unmet[row["Result"]] += 1
    for visit, versions in by_visit.items():
        marked = [(at, meant) for at, meant in versions if meant[-1]]
        # A row without a mark says nothing of it: the condition of the section is not met.
        if len({meant[:-1] for _, meant in versions}) == 1 and len({meant[-1] for _, meant in marked}) <= 1:
            found.stored[visit] = (marked or versions)[0][1]
            # The booking is that of the first row, the mark that of the first row with one.
            brought = {versions[0][0], *(at for at, _ in marked[:1])}
            found.loaded += len(brought)
            found.repeats += len(versions) - len(brought)
            continue
        # Nothing says which of several is right: the first row of each is set aside, the others repeat it.
        first = {meant: at for at, meant in reversed(versions)}
        found.set_aside |= {at: {"duplicate_conflict"} for at in first.values()}
        found.repeats += len(versions) - len(first)
    return found


def stored(con: duckdb.DuckDBPyConnection) -> list[tuple[Any, ...]]:
    return con.execute(
        """
        select
            b.service_name, strftime(timezone('Europe/Dublin', timezone('UTC', b.starts_at)), '%d/%m/%Y %H:%M'),
            b.status, b.participants, if(a.excused, 'excused', a.status)
        from (select * replace (coalesce(service_name, s.name) as service_name) from booking as b
            left join (select id as sid, name from service) as s on s.sid = b.service_id) as b
        left join attendance as a on a.booking_id = b.id
        """
    ).fetchall()


def check(folder: Path, rows: list[dict[str, str]]) -> None:
    path, mapping = folder / "visits.csv", folder / "m.toml"
    mapping.write_text(MAPPING, "utf-8")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    wanted = expected_of(rows)
    with pipeline.open_store(folder / "a.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        con = store.connection
        (outcome,) = pipeline.ingest(store, [path], mapping=mapping)
        if (
            not wanted.stored
            and not wanted.repeats
            and not any("duplicate_conflict" in r for r in wanted.set_aside.values())
        ):
            assert outcome.refused is not None
            assert outcome.refused.code == "file.nothing_valid"
            assert con.execute("select count(*) from booking").fetchall() == [(0,)]
            return
        assert outcome.refused is None
        assert outcome.read == len(rows)
        assert (outcome.loaded, outcome.quarantined, outcome.duplicate) == (
            wanted.loaded,
            len(wanted.set_aside),
            wanted.repeats,
        )
        assert Counter(stored(con)) == Counter(wanted.stored.values())
        aside = dict(con.execute("select record, rule from quarantine").fetchall())
        assert aside.keys() == wanted.set_aside.keys()
        assert all(rule in wanted.set_aside[record] for record, rule in aside.items())
        unmet = con.execute("select value, records from load_finding where finding = 'unmet_value'").fetchall()
        assert dict(unmet) == dict(wanted.unmet)


ONE = ("1", "Yoga", "02/03/2026 18:00", "came", "1")
OTHERS = {
    "another mark": ("1", "Yoga", "02/03/2026 18:00", "no show", "1"),
    "no mark": ("1", "Yoga", "02/03/2026 18:00", "", "1"),
    "another class": ("1", "Spin", "02/03/2026 18:00", "came", "1"),
    "another number": ("1", "Yoga", "02/03/2026 18:00", "came", "2"),
}


@pytest.mark.parametrize("other", few(OTHERS, 2))
@pytest.mark.parametrize("order", few(["121", "1122", "112", "211"], 2))
def test_a_line_that_repeats_one_at_odds_with_another_is_not_loaded_in_part(
    tmp_path: Path, other: str, order: str
) -> None:
    rows = {"1": ONE, "2": OTHERS[other]}
    check(tmp_path, [dict(zip(COLUMNS, rows[place], strict=True)) for place in order])


@pytest.mark.long
def test_rows_that_differ_in_booking_and_mark_are_all_set_aside(tmp_path: Path) -> None:
    """In any order: the mark of one repeats that of another, and its booking is a third one."""
    rows = (("came", "1"), ("came", "2"), ("no show", "1"))
    for at, order in enumerate(itertools.permutations(rows)):
        folder = tmp_path / str(at)
        folder.mkdir()
        first = ("1", "Yoga", "02/03/2026 18:00")
        check(folder, [dict(zip(COLUMNS, (*first, *row), strict=True)) for row in (*order, order[0])])


@pytest.mark.parametrize("examples", [3, pytest.param(25, marks=pytest.mark.long)])
def test_every_row_is_stored_set_aside_or_explained(examples: int) -> None:
    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck))
    @given(ROWS)
    def law(drawn: list[tuple[str, ...]]) -> None:
        with tempfile.TemporaryDirectory() as folder:
            check(Path(folder), [dict(zip(COLUMNS, cells, strict=True)) for cells in drawn])

    law()
