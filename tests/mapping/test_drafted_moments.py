"""`mapping draft` on moments: logs with a row for each joining, flags of yes and no, the later of two dates."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest

import pipeline
import queries
from pipeline.mapping.drafting.drafts import draft_of
from pipeline.mapping.drafting.looking import look_at
from pipeline.mapping.drafting.writing import mapping_text
from pipeline.mapping.words.dates import date_sql
from pipeline.mapping.words.texts import NotInWords
from pipeline.store.opening import Store

# Ann joined twice, and once on another day.
ROWS = [
    ("Ann", "13/01/2026 18:02", "13/01/2026 18:20"),
    ("Bo", "13/01/2026 18:05", "13/01/2026 19:00"),
    ("Ann", "13/01/2026 18:31", "13/01/2026 19:00"),
    ("Ann", "20/01/2026 18:01", ""),
]


def log(path: Path, head: str) -> Path:
    path.write_text(head + "\n" + "".join(f"{','.join(row)},20\n" for row in ROWS), "utf-8")
    return path


def drafted(path: Path, **answers: str) -> tuple[str, dict[str, Any]]:
    draft = draft_of(look_at(path))
    text = mapping_text(draft, path.name, {q.place: answers[q.name] for q in draft.questions if q.name in answers})
    return text, tomllib.loads(text)


@pytest.mark.long
@pytest.mark.parametrize(
    "head",
    [
        "Name,Join time,Leave time,Duration (min)",
        "Participant,Heure de connexion,Heure de déconnexion,Durée (min)",
        "Teilnehmer,Beitrittszeit,Austrittszeit,Dauer",
        "Nombre,Hora de entrada,Hora de salida,Duración",
        "Nome,Hora de entrada,Hora de saída,Duração",
    ],
)
def test_the_rows_of_a_person_on_one_day_are_one_visit(store: Store, tmp_path: Path, head: str) -> None:
    path = log(tmp_path / "meeting.csv", head)
    text, made = drafted(path, marks="arrivals")
    assert "?" not in made["visit"]["date"].values()
    assert "minutes" not in made["visit"]
    (tmp_path / "m.toml").write_text(text.replace('at = "12:00"', 'at = "18:00"'), "utf-8")
    (outcome,) = pipeline.ingest(store, [path], mapping=tmp_path / "m.toml")
    assert (outcome.refused, outcome.loaded, outcome.duplicate, outcome.quarantined) == (None, 3, 1, 0)
    found = store.connection.execute(
        "select starts_at::varchar, count(*) from booking group by all order by 1"
    ).fetchall()
    assert found == [("2026-01-13 18:00:00", 2), ("2026-01-20 18:00:00", 1)]


@pytest.mark.parametrize(
    "head", ["Name,Arrived at,Note,Duration", "Name,Start,End,Duration", "Name,Join time,Seen,Duration"]
)
def test_moments_of_visits_are_not_a_log(tmp_path: Path, head: str) -> None:
    _, made = drafted(log(tmp_path / "visits.csv", head))
    assert "at" not in made["visit"].get("date", {})


@pytest.mark.parametrize("words", [{"at": "25:00"}, {"at": 18}, {"at": "6 pm"}, {"at": "18:00", "time": "Time"}])
def test_a_wrong_time_for_all_rows_is_refused(words: dict[str, Any]) -> None:
    with pytest.raises(NotInWords, match="at is not a time of day"):
        date_sql({"column": "Date", "format": "day first", **words})


@pytest.mark.long
@pytest.mark.parametrize(
    ("came", "missed"), [("Arrived", "Did not arrive"), ("Attended", "No-show"), ("Erschienen", "Nicht erschienen")]
)
def test_two_columns_of_yes_and_no_are_one_status(store: Store, tmp_path: Path, came: str, missed: str) -> None:
    rows = [("1", "true", "false"), ("2", "false", "true"), ("3", "false", "false"), ("4", "true", "true")]
    path = tmp_path / "visits.csv"
    head = f"Visit ID,Client,Service,Start,{came},{missed}\n"
    path.write_text(head + "".join(f"{n},c{n},Cut,2026-06-0{n} 10:00,{a},{b}\n" for n, a, b in rows), "utf-8")
    text, _ = drafted(path)
    (tmp_path / "m.toml").write_text(text, "utf-8")
    (outcome,) = pipeline.ingest(store, [path], mapping=tmp_path / "m.toml")
    assert outcome.refused is None
    found = store.connection.execute(
        "select a.status from attendance as a join booking as b on b.id = a.booking_id order by b.starts_at"
    ).fetchall()
    # Whoever was signed in came, whatever else was left set.
    assert [status for (status,) in found] == ["ATTENDED", "NOT_ATTENDED", "NOT_SET", "ATTENDED"]
    assert queries.no_show_rates(store.connection, as_of="2026-07-01T00:00:00Z")["no_shows"].to_list() == [1]


@pytest.mark.parametrize(
    ("first", "second", "visit"),
    [
        # The booking's day or the visit's: the later one is the visit's.
        ("Data do agendamento", "Consulta", "Consulta"),
        ("Consulta", "Data do agendamento", "Data do agendamento"),
        # This name has one meaning, and invoices come later.
        ("Session date", "Invoiced", "Session date"),
    ],
)
def test_of_two_dates_that_may_be_the_visits_the_later_one_is(
    tmp_path: Path, first: str, second: str, visit: str
) -> None:
    rows = [f"c{day},{day:02}/03/2026,{day + 2:02}/03/2026,10:00,Cut,came" for day in range(1, 28)]
    text = f"Client,{first},{second},Time,Service,Status\n" + "\n".join(rows) + "\n"
    (tmp_path / "visits.csv").write_text(text, "utf-8")
    _, made = drafted(tmp_path / "visits.csv")
    assert made["visit"]["date"]["column"] == visit
    if (first, visit) == ("Data do agendamento", "Consulta"):
        assert made["visit"]["booked"]["column"] == first
