"""`mapping draft` recognises a register: a row for each person, a column for each session."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from support.samples import few
from support.workbooks import date, workbook

import pipeline
import queries
from pipeline.mapping.drafting.drafts import draft_of
from pipeline.mapping.drafting.guess import Draft
from pipeline.mapping.drafting.looking import look_at
from pipeline.mapping.drafting.writing import mapping_text
from pipeline.store.opening import Store

DAYS = ["05/01/2026", "12/01/2026", "19/01/2026"]
CELLS = [["Ann", "Orr", "P", "A", ""], ["Bo", "Lee", "P", "P", "E"], ["Cy", "May", "A", "P", "P"]]


def register(path: Path, names: list[str], *, title: str = "", total: str = "") -> Path:
    rows = [["First name", "Surname", *names], *CELLS, *([[total, "", "2", "2", "1"]] if total else [])]
    path.write_text(title + "".join(",".join(row) + "\n" for row in rows), "utf-8")
    return path


def drafted(path: Path, **answers: str) -> tuple[Draft, dict[str, Any]]:
    """The draft of a file, and its mapping with answers by the name of the question."""
    draft = draft_of(look_at(path))
    given = {q.place: answers[q.name] for q in draft.questions if q.name in answers}
    return draft, tomllib.loads(mapping_text(draft, path.name, given))


SLASHED, ISO = "[0-9][0-9]/[0-9][0-9]/[0-9][0-9][0-9][0-9]", "[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]"
WAYS = [
    (DAYS, [SLASHED], "_column", "day first"),
    (["2026-01-05", "2026-01-12", "2026-01-19"], [ISO], "_column", "year first"),
    ([f"S{n} {day}" for n, day in enumerate(DAYS)], [f"*{SLASHED}"], "session_day", "day first"),
    ([f"{day} 18:00" for day in DAYS], [f"{SLASHED}*"], "_column", "day first"),
    ([f"{day} [1]" for day in DAYS], [f"{day} [1]" for day in DAYS], "session_day", "day first"),
]


@pytest.mark.parametrize("title", few(["Attendance January\n\n", ""], 1))
@pytest.mark.parametrize(("names", "patterns", "column", "order"), few(WAYS, 2))
def test_its_cells_become_rows(
    store: Store, tmp_path: Path, names: list[str], patterns: list[str], column: str, order: str, title: str
) -> None:
    path = register(tmp_path / "class.csv", names, title=title)
    answers = {"P": "attended", "A": "no_show", "E": "excused", "marks": "both"}
    draft, made = drafted(path, **answers)
    assert {question.name for question in draft.questions} <= answers.keys()
    assert made["unpivot"] == {"columns": patterns}
    assert (made["visit"]["date"]["column"], made["visit"]["date"]["format"]) == (column, order)
    assert made["visit"]["status"]["column"] == "_value"
    (tmp_path / "m.toml").write_text(
        mapping_text(draft, path.name, {q.place: answers[q.name] for q in draft.questions}), "utf-8"
    )
    (outcome,) = pipeline.ingest(store, [path], mapping=tmp_path / "m.toml")
    assert (outcome.refused, outcome.loaded, dict(outcome.distinct)["booking"]) == (None, 3, 9)
    found = store.connection.execute("select status, count(*) from attendance group by all order by all").fetchall()
    assert dict(found)["ATTENDED"] == 5
    assert dict(found)["NOT_ATTENDED"] == 2
    days = store.connection.execute("select distinct starts_at::date::varchar from booking order by 1").fetchall()
    assert [day for (day,) in days] == ["2026-01-05", "2026-01-12", "2026-01-19"]


def test_dates_in_the_names_of_columns_may_leave_their_order_open(tmp_path: Path) -> None:
    path = register(tmp_path / "class.csv", ["05/01/2026", "06/01/2026", "07/01/2026"])
    draft, made = drafted(path)
    assert made["visit"]["date"]["format"] == "?"
    assert "date format" in {question.name for question in draft.questions}


def test_a_row_of_totals_ends_it(tmp_path: Path) -> None:
    _, made = drafted(register(tmp_path / "class.csv", DAYS, total="Total present"))
    assert made["file"] == {"end": "Total present"}
    assert not {"1", "2"} & made["visit"]["status"].get("words", {}).keys()


def test_a_workbook_has_dates_in_its_header(tmp_path: Path) -> None:
    head = ["First name", "Surname", *(date(46027 + 7 * week) for week in range(3))]
    (tmp_path / "class.xlsx").write_bytes(workbook({"V": [["Attendance January"], head, *CELLS]}))
    _, made = drafted(tmp_path / "class.xlsx")
    assert made["file"]["header"] == "First name"
    assert made["unpivot"] == {"columns": [ISO]}


@pytest.mark.parametrize(
    "text",
    [
        "Date,Client,Class,Status\n05/01/2026,1,Yoga,came\n",
        "Date,Client,Class,Status,Paid 01/2026\n05/01/2026,1,Yoga,came,5\n",
        "Date,Client,Class,Status,Price until 31/12/2025\n05/01/2026,1,Yoga,came,5\n",
    ],
)
def test_a_list_of_visits_is_not_one(tmp_path: Path, text: str) -> None:
    (tmp_path / "visits.csv").write_text(text, "utf-8")
    assert look_at(tmp_path / "visits.csv").register is None


# As Moodle writes them in each language, with the group behind the time.
NAMED = {
    "German": ["5 Mär 2026 6.00PM Alle", "12 Okt. 2026 6.00PM Alle"],
    "French": ["5 mars 2026 18:00 Tous", "12 oct. 2026 18:00 Tous"],
    "Spanish": ["5 de marzo de 2026 18:00 Todos", "12 de octubre de 2026 18:00 Todos"],
    "Portuguese": ["5 mar. 2026 18h00 Todos", "12 out. 2026 18h00 Todos"],
    "digits": ["05/03/2026 18:00 All", "12/10/2026 18:00 All"],
}


@pytest.mark.parametrize("language", few(NAMED, 1))
def test_the_date_and_time_of_a_session_are_read_out_of_the_name_of_its_column(
    store: Store, tmp_path: Path, language: str
) -> None:
    columns = NAMED[language]
    path = tmp_path / "class.csv"
    path.write_text(f"First name,Surname,{','.join(columns)},10 Points 2026\nAnn,Orr,P,A,3\nBo,Lee,P,P,3\n", "utf-8")
    answers = {"P": "attended", "A": "no_show", "marks": "both", "date format": "day first"}
    draft, _ = drafted(path, **answers)
    given = {question.place: answers[question.name] for question in draft.questions}
    (tmp_path / "m.toml").write_text(mapping_text(draft, path.name, given), "utf-8")
    (outcome,) = pipeline.ingest(store, [path], mapping=tmp_path / "m.toml")
    assert (outcome.refused, outcome.loaded, outcome.quarantined) == (None, 2, 0)
    starts = store.connection.execute("select distinct starts_at::varchar from session order by 1").fetchall()
    assert starts == [("2026-03-05 18:00:00",), ("2026-10-12 18:00:00",)]


@pytest.mark.parametrize("day", ["13/06/2026 18:00", "13.06.2026", "2026-06-13 18:00"])
def test_a_first_line_of_data_is_never_taken_for_the_header(tmp_path: Path, day: str) -> None:
    path = tmp_path / "visits.csv"
    path.write_text(f"{day},Yoga,A,Attended\n{day},Yoga,B,No show\n", "utf-8")
    with pytest.raises(queries.DataRefused, match="the first line holds data"):
        look_at(path)
