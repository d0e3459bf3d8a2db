"""Drafts of files of unknown systems: right but for their questions, in several languages and layouts."""

from __future__ import annotations

import csv
import gzip
import json
import random
import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.samples import few
from support.workbooks import date, workbook

import pipeline
import queries
from pipeline.mapping.drafting.drafts import NO_COLUMN, draft_of
from pipeline.mapping.drafting.guess import Draft
from pipeline.mapping.drafting.looking import look_at
from pipeline.mapping.drafting.plain import plain, stem
from pipeline.mapping.drafting.profile import Column, order_of
from pipeline.mapping.drafting.status_parts import meaning_of_parts
from pipeline.mapping.drafting.vocabulary import fit, meaning
from pipeline.mapping.drafting.writing import mapping_text
from pipeline.mapping.evaluation import MappedRows
from pipeline.mapping.reading import read_mapping
from pipeline.mapping.words.status import MEANINGS, status_sql
from pipeline.mapping.words.texts import NotInWords
from pipeline.store.opening import Store

WORDS = ("Came", "No Show", "Cancelled late", "Cancelled early", "")
HEAD = "Class date,Begins,Session name,Coach,Branch,Member no,Member,Outcome,Booked on,Fee,Places"
VOCABULARY = tomllib.loads(
    (Path(pipeline.__file__).parent / "mapping" / "drafting" / "vocabulary.toml").read_text("utf-8")
)


def gym(rows: int = 300, seed: int = 4) -> tuple[list[str], Counter[str]]:
    """Lines of a made-up export without ids, with the day first, and how often each word is in it."""
    rng = random.Random(seed)
    lines, words = [], Counter[str]()
    for number in range(rows):
        word = "Not seen" if number % 40 == 7 else rng.choice(WORDS)
        words[word] += 1
        day, hour = number // 12 + 1, rng.choice(["6:30 pm", "6:30 PM"])
        lines.append(
            f"{day}/5/2026,{hour},Böxing,Zoë,North,M{number % 60},Ana {number % 9},{word},"
            f"{day}/4/2026 1:0{number % 9} AM,{'€9.50' if number % 3 else 'Pass'},14"
        )
    return lines, words


def drafted(tmp_path: Path, text: str | bytes, name: str = "visits.csv") -> Draft:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return draft_of(look_at(path))


def words_of(draft: Draft) -> dict[str, Any]:
    return {guess.field: guess.words for guess in draft.guesses}


@pytest.mark.parametrize("layout", few(["preamble", "semicolons", "plain", "cp1252", "gzip"], 1))
def test_one_answer_makes_a_mapping_that_loads_every_visit(
    layout: str, tmp_path: Path, store: Store, con: duckdb.DuckDBPyConnection
) -> None:
    lines, words = gym()
    body = [HEAD, *lines, lines[3], "", f"Total,,,,,,{len(lines)} visits,,,€99.00,"]
    if layout == "preamble":
        body = ["Visits", "From 1/5/2026 on", "", *body]
    if layout == "semicolons":
        body = [line.replace(",", ";") for line in body]
    data = "\n".join(body).encode("cp1252" if layout == "cp1252" else "utf-8-sig")
    path = tmp_path / ("gym.csv.gz" if layout == "gzip" else "gym.csv")
    path.write_bytes(gzip.compress(data) if layout == "gzip" else data)
    look = look_at(path)
    assert look.encoding == ("cp1252" if layout == "cp1252" else "utf-8")
    draft = draft_of(look)
    assert [question.name for question in draft.questions] == ["Not seen"]
    (tmp_path / "gym.toml").write_text(mapping_text(draft, "gym.csv"), "utf-8")
    with pytest.raises(queries.DataRefused, match=r"not answered yet: visit.status.words.Not seen"):
        read_mapping(tmp_path / "gym.toml")
    (tmp_path / "gym.toml").write_text(mapping_text(draft, "gym.csv", {draft.questions[0].place: "no_show"}), "utf-8")
    (outcome,) = pipeline.ingest(store, [path], mapping=tmp_path / "gym.toml")
    assert (outcome.refused, outcome.quarantined, outcome.loaded) == (None, 0, len(lines))
    assert outcome.distinct["session"] == 25
    assert not outcome.findings
    found = con.execute(
        "select count(*) filter (a.status = 'ATTENDED'), count(*) filter (a.status = 'NOT_ATTENDED'), "
        "count(*) filter (cancellation = 'late'), count(*) filter (cancellation = 'early'), "
        "min(b.starts_at)::varchar, count(price), count(distinct contact_id) "
        "from booking b join attendance a on a.booking_id = b.id"
    ).fetchall()
    assert found == [
        (
            words["Came"],
            words["No Show"] + words["Not seen"],
            words["Cancelled late"],
            words["Cancelled early"],
            "2026-05-01 18:30:00",
            200,
            60,
        )
    ]


FOREIGN = {
    "de": """Kursdatum;Uhrzeit;Kurs;Kursleiterin;Raum;Kundennr.;Name;Teilnahmestatus;Gebucht am;Preis;Plätze
01.06.2026;18:30;Yin;Jörg Groß;Saal 1;K-1;Änne Maß;Erschienen;28.05.2026 09:12;1.014,50 €;12
01.06.2026;18:30;Yin;Jörg Groß;Saal 1;K-2;Bo Li;Nicht erschienen;28.05.2026 09:12;14,50 €;12
02.06.2026;18:30;Yin;Jörg Groß;Saal 1;K-2;Bo Li;Spät storniert;28.05.2026 09:12;14,50 €;12
02.06.2026;18:30;Yin;Jörg Groß;Saal 1;K-1;Änne Maß;Rechtzeitig abgesagt;28.05.2026 09:12;14,50 €;12
03.06.2026;18:30;Yin;Jörg Groß;Saal 1;K-1;Änne Maß;Gebucht;28.05.2026 09:12;14,50 €;12
03.06.2026;18:30;Yin;Jörg Groß;Saal 1;K-2;Bo Li;Entschuldigt;28.05.2026 09:12;14,50 €;12
03.06.2026;18:30;Yin;Jörg Groß;Saal 1;K-3;Cy Dee;Fehlt;28.05.2026 09:12;14,50 €;12
Summe;;;;;;;;;99,00 €;
""",
    "fr": """Date du cours,Heure,Cours,Professeur,Salle,N° client,Nom,Prénom,Statut de présence,Réservé le,Tarif
lun. 01/06/2026,18h30,Pilates,Zoé,A,17,Durand,Éva,Présent(e),28/05/2026 à 09:12,"14,50"
lun. 01/06/2026,18h30,Pilates,Zoé,A,18,Petit,Max,Absent(e),28/05/2026 à 09:12,"14,50"
mar. 02/06/2026,18h30,Pilates,Zoé,A,18,Petit,Max,Annulation tardive,28/05/2026 à 09:12,"14,50"
mar. 02/06/2026,18h30,Pilates,Zoé,A,17,Durand,Éva,Non venu,28/05/2026 à 09:12,"14,50"
mer. 03/06/2026,18h30,Pilates,Zoé,A,17,Durand,Éva,,28/05/2026 à 09:12,"14,50"
""",
    "es": """Fecha;Hora de inicio;Clase;Instructora;Sala;Nº de cliente;Nombre;Apellidos;Estado;Fecha de reserva;Importe
5/6/2026;7:15;Spinning;Inés;2;9;Ana;Ruiz;Asistió;1/6/2026 10:00;12,00 €
6/6/2026;7:15;Spinning;Inés;2;8;Leo;Paz;No asistió;1/6/2026 10:00;12,00 €
7/6/2026;7:15;Spinning;Inés;2;8;Leo;Paz;Cancelado a tiempo;2/6/2026 10:00;12,00 €
7/6/2026;7:15;Spinning;Inés;2;9;Ana;Ruiz;Cancelación tardía;2/6/2026 10:00;12,00 €
""",
    "pt": """Código da reserva,Data e hora,Modalidade,Professor,Unidade,Cliente,Situação,Valor,Criado em
R1,15/06/2026 19:00,Funcional,Caio,Centro,Bia Sá,Compareceu,"R$ 1.030,00",10/06/2026 08:00
R2,15/06/2026 19:00,Funcional,Caio,Centro,Téo Luz,Faltou,"R$ 30,00",10/06/2026 08:00
R3,16/06/2026 19:00,Funcional,Caio,Centro,Téo Luz,Cancelado no prazo,"R$ 30,00",10/06/2026 08:00
R4,16/06/2026 19:00,Funcional,Caio,Centro,Bia Sá,Agendado,"R$ 30,00",10/06/2026 08:00
""",
}
EXPECTED: dict[str, tuple[list[str], dict[str, Any]]] = {
    "de": (
        ["Fehlt"],
        {
            "date": {"column": "Kursdatum", "time": "Uhrzeit", "format": "day first"},
            "service": {"column": "Kurs"},
            "staff": {"column": "Kursleiterin"},
            "location": {"column": "Raum"},
            "capacity": {"column": "Plätze"},
            "client": {"column": "Kundennr."},
            "name": {"column": "Name"},
            "booked": {"column": "Gebucht am", "format": "day first"},
            "price": {"column": "Preis", "decimal": ","},
            "currency": {"value": "EUR"},
            "id": {"columns": ["Kundennr.", "Kurs", "Kursdatum", "Uhrzeit"]},
            "rows": {"filled": ["Uhrzeit"]},
            "status": {
                "column": "Teilnahmestatus",
                "attended": ["Erschienen"],
                "no_show": ["Nicht erschienen"],
                "excused": ["Entschuldigt"],
                "late_cancel": ["Spät storniert"],
                "early_cancel": ["Rechtzeitig abgesagt"],
                "unmarked": ["Gebucht", ""],
                "words": {"Fehlt": "?"},
            },
        },
    ),
    "fr": (
        ["Absent(e)"],
        {
            "date": {"column": "Date du cours", "time": "Heure", "format": "day first"},
            "service": {"column": "Cours"},
            "staff": {"column": "Professeur"},
            "location": {"column": "Salle"},
            "client": {"column": "N° client"},
            "name": {"columns": ["Prénom", "Nom"]},
            "booked": {"column": "Réservé le", "format": "day first"},
            "price": {"column": "Tarif", "decimal": ","},
            "id": {"columns": ["N° client", "Cours", "Date du cours", "Heure"]},
            "status": {
                "column": "Statut de présence",
                "attended": ["Présent(e)"],
                "no_show": ["Non venu"],
                "late_cancel": ["Annulation tardive"],
                "unmarked": [""],
                "words": {"Absent(e)": "?"},
            },
        },
    ),
    "es": (
        ["date format"],
        {
            "date": {"column": "Fecha", "time": "Hora de inicio", "format": "?"},
            "service": {"column": "Clase"},
            "staff": {"column": "Instructora"},
            "location": {"column": "Sala"},
            "client": {"column": "Nº de cliente"},
            "name": {"columns": ["Nombre", "Apellidos"]},
            "booked": {"column": "Fecha de reserva", "format": "?"},
            "price": {"column": "Importe", "decimal": ","},
            "currency": {"value": "EUR"},
            "id": {"columns": ["Nº de cliente", "Clase", "Fecha", "Hora de inicio"]},
            "status": {
                "column": "Estado",
                "attended": ["Asistió"],
                "no_show": ["No asistió"],
                "late_cancel": ["Cancelación tardía"],
                "early_cancel": ["Cancelado a tiempo"],
            },
        },
    ),
    "pt": (
        [],
        {
            "date": {"column": "Data e hora", "format": "day first"},
            "service": {"column": "Modalidade"},
            "staff": {"column": "Professor"},
            "location": {"column": "Unidade"},
            "client": {"column": "Cliente"},
            "name": {"column": "Cliente"},
            "booked": {"column": "Criado em", "format": "day first"},
            "price": {"column": "Valor", "decimal": ","},
            "currency": {"value": "BRL"},
            "id": {"column": "Código da reserva"},
            "status": {
                "column": "Situação",
                "attended": ["Compareceu"],
                "no_show": ["Faltou"],
                "early_cancel": ["Cancelado no prazo"],
                "unmarked": ["Agendado"],
            },
        },
    ),
}


@pytest.mark.parametrize("language", FOREIGN)
def test_an_export_in_another_language_is_drafted_right_but_for_its_questions(language: str, tmp_path: Path) -> None:
    draft = drafted(tmp_path, FOREIGN[language])
    questions, words = EXPECTED[language]
    assert [question.name for question in draft.questions] == questions
    assert words_of(draft) == words
    assert draft.top["marks"] == "both"


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["2026-01-06", "2026-02-06"], "year first"),
        (["2026年6月1日"], "year first"),
        (["June 1, 2026", "May 4, 2026"], "month by name"),
        (["1 juin 2026"], "month by name"),
    ],
)
def test_dates_without_a_doubt(dates: list[str], order: str) -> None:
    column = Column("Date")
    for text in dates:
        column.add(pl.Series([text]))
    assert order_of(column.dates)[0] == order


def test_dates_that_leave_it_open_follow_another_column_of_the_file(tmp_path: Path) -> None:
    text = (
        "Date,Class,Client,Status,Booked on\n1/6/2026,Yoga,Ana,Attended,28/5/2026\n2/6/2026,Yoga,Ana,No show,1/6/2026\n"
    )
    assert words_of(drafted(tmp_path, text))["date"]["format"] == "day first"


def test_a_column_of_weekdays_decides(tmp_path: Path) -> None:
    text = "Tag;Datum;Kurs;Kunde;Status\nMo;5.10.2026;Yoga;Ana;Erschienen\nDi;6.10.2026;Yoga;Ana;Nicht erschienen\n"
    text += "Mi;7.10.2026;Yoga;Ana;Erschienen\n"
    assert words_of(drafted(tmp_path, text))["date"]["format"] == "day first"


@pytest.mark.long
def test_a_file_that_does_not_say_who_came_is_answered_with_no_column(tmp_path: Path, store: Store, con: Any) -> None:
    path = tmp_path / "visits.csv"
    path.write_text("Date,Class,Client\n13/6/2026 10:00,Yoga,Ana\n14/6/2026 10:00,Yoga,Bo\n", "utf-8")
    draft = draft_of(look_at(path))
    assert [(question.name, question.choices[-1]) for question in draft.questions] == [("status", NO_COLUMN)]
    draft = draft_of(look_at(path), {"status": NO_COLUMN})
    assert not draft.questions
    (tmp_path / "visits.toml").write_text(mapping_text(draft, "visits.csv"), "utf-8")
    (outcome,) = pipeline.ingest(store, [path], mapping=tmp_path / "visits.toml")
    assert (outcome.refused, outcome.loaded) == (None, 2)
    assert con.execute("select distinct status, cancellation from booking").fetchall() == [("CONFIRMED", None)]
    assert con.execute("select distinct status from attendance").fetchall() == [("NOT_SET",)]


def test_a_status_for_every_row_is_one_of_the_meanings() -> None:
    with pytest.raises(NotInWords, match="'away' is not a meaning"):
        status_sql({"value": "away"})


def test_a_draft_says_that_a_spreadsheet_turned_half_of_the_days_round(tmp_path: Path) -> None:
    text = "Date,Class,Client,Status\n2026-05-10T00:00:00,Yoga,Ana,Attended\n25/10/2026,Yoga,Ana,No show\n"
    assert any("as a spreadsheet leaves them" in note for note in drafted(tmp_path, text).notes)
    assert not drafted(tmp_path, text.replace("2026-05-10T00:00:00", "05/10/2026")).notes[1:]


FLAGS = "Booking id,Client,Class,Start,"


@pytest.mark.parametrize(
    ("head", "rows", "status", "asked", "marks"),
    [
        (
            "Attended,Cancelled",
            ["Yes,No", "No,Yes", "No,No"],
            [
                {"column": "Cancelled", "cancelled": ["Yes"], "unmarked": ["No"]},
                {"column": "Attended", "attended": ["Yes"], "words": {"No": "?"}},
            ],
            ["No"],
            "both",
        ),
        (
            "No show,Canceled",
            ["true,false", "false,false"],
            [
                {"column": "Canceled", "cancelled": ["true"], "unmarked": ["false"]},
                {"column": "No show", "no_show": ["true"], "words": {"false": "?"}},
            ],
            ["false"],
            "both",
        ),
        (
            "Checked in at",
            ["2026-06-01 17:58", ""],
            {"column": "Checked in at", "attended": ["*"], "unmarked": [""]},
            ["marks"],
            "?",
        ),
        (
            "Booking status,Attendance status,Payment status",
            ["Confirmed,Attended,Paid", "Confirmed,No-show,Paid", "Canceled,Not specified,Refunded"],
            [
                {"column": "Booking status", "cancelled": ["Canceled"], "unmarked": ["Confirmed"]},
                {
                    "column": "Attendance status",
                    "attended": ["Attended"],
                    "no_show": ["No-show"],
                    "unmarked": ["Not specified"],
                },
            ],
            [],
            "both",
        ),
    ],
)
def test_a_status_may_stand_in_several_columns(
    head: str, rows: list[str], status: Any, asked: list[str], marks: str, tmp_path: Path
) -> None:
    body = "".join(f"{n},Ana {n},Yoga,2026-06-01 18:00,{row}\n" for n, row in enumerate(rows))
    draft = drafted(tmp_path, f"{FLAGS}{head}\n{body}")
    found = words_of(draft)["status"]
    assert found.get("", found) == status
    assert [question.name for question in draft.questions] == asked
    assert draft.top["marks"] == marks
    written = tomllib.loads(mapping_text(draft, "visits.csv"))
    assert written["visit"]["status"] == status


def test_a_moment_of_cancelling_is_a_status_and_a_time(tmp_path: Path) -> None:
    rows = ["-,No,Yes", "28/05/2026 17:00,No,No", "01/06/2026 12:10,Yes,No", "-,No,No"]
    body = "".join(f"{n},Ana {n},Yoga,01/06/2026 18:00,{row}\n" for n, row in enumerate(rows))
    found = words_of(drafted(tmp_path, f"{FLAGS}Cancelled on,Late cancelled,No show\n{body}"))
    assert found["cancelled"] == {"column": "Cancelled on", "format": "day first"}
    assert found["status"][""] == [
        {"column": "Late cancelled", "late_cancel": ["Yes"], "unmarked": ["No"]},
        {"column": "Cancelled on", "cancelled": ["*"], "unmarked": [""]},
        {"column": "No show", "no_show": ["Yes"], "words": {"No": "?"}},
    ]


def test_staff_who_give_one_service_at_a_time_have_sessions_of_their_own(tmp_path: Path) -> None:
    rows = "".join(f"2026-06-0{1 + n // 2} 10:00,Haircut,Pat {n % 2},Ana {n},Completed\n" for n in range(8))
    draft = drafted(tmp_path, f"Start,Service,Stylist,Client,Status\n{rows}")
    assert words_of(draft)["session"] == {"columns": ["Service", "Stylist", "Start"]}


def test_rows_that_would_have_one_id_are_told(tmp_path: Path) -> None:
    rows = "".join(f"2026-06-01 10:00,Yoga,Ana,Attended,{n}\n" for n in range(3))
    draft = drafted(tmp_path, f"Start,Class,Client,Status,Remark\n{rows}")
    assert draft.notes
    assert draft.notes[0].startswith("2 rows have the client, service and start of another row")


@pytest.mark.parametrize(
    "head", ["Member no", "Client #", "Kunden-Nr.", "Kundennr.", "CustomerId", "N° client", "顧客番号"]
)
def test_the_number_of_a_person_is_known_by_its_name(head: str, tmp_path: Path) -> None:
    draft = drafted(tmp_path, f"Start,Class,{head},Client,Status\n2026-06-01 10:00,Yoga,17,Ana,Attended\n")
    assert words_of(draft)["client"] == {"column": head}


def test_people_are_not_in_the_draft(tmp_path: Path) -> None:
    text = "Start,Class,Client,Email,Status\n2026-06-01 10:00,Yoga,Zora Quint,zora@x.org,Attended\n"
    draft = drafted(tmp_path, text)
    text = mapping_text(draft, "visits.csv")
    assert "Zora" not in text
    assert "zora" not in text
    assert words_of(draft)["client"] == {"column": "Email", "hashed": True}


@pytest.mark.parametrize("word", ['"', "\\", "# x", "'''", "a\tb", "[visit]", "=", "\u202ex"])
def test_any_word_of_the_file_can_stand_in_the_draft(word: str, tmp_path: Path) -> None:
    cell = '"' + word.replace('"', '""') + '"'
    text = f"Start,Class,Client,Status\n2026-06-01 10:00,Yoga,Ana,Attended\n2026-06-02 10:00,{cell},Bo,{cell}\n"
    draft = drafted(tmp_path, text)
    assert tomllib.loads(mapping_text(draft, "a\nb.csv"))["visit"]["status"]["words"] == {word: "?"}


@pytest.mark.parametrize(
    ("prices", "decimal"),
    [
        (["14.50", "1,014.50"], "."),
        (["14,50", "1.014,50"], ","),
        (["1.234.567"], ","),
        (["1,000"], None),
        (["14,50", "14.50"], None),
        (["12", "free"], "."),
    ],
)
def test_the_sign_before_decimals_is_decided_by_the_prices_or_asked(
    prices: list[str], decimal: str | None, tmp_path: Path
) -> None:
    rows = "".join(f'2026-06-01 10:00,Yoga,Ana,Attended,"{price}"\n' for price in prices)
    draft = drafted(tmp_path, f"Start,Class,Client,Status,Price\n{rows}")
    assert words_of(draft)["price"]["decimal"] == (decimal or "?")
    assert ("decimal" in [question.name for question in draft.questions]) == (decimal is None)


def test_a_file_that_is_not_a_table_is_refused(tmp_path: Path) -> None:
    for name, text in (("a.csv", ""), ("b.csv", "Date,Class\n"), ("c.json", "[]")):
        with pytest.raises(queries.DataRefused, match=name):
            drafted(tmp_path, text, name)


def test_no_word_of_a_status_has_two_meanings() -> None:
    seen: dict[str, str] = {}
    for name, words in VOCABULARY["status"].items():
        assert name in MEANINGS
        for word in words:
            assert seen.setdefault(plain(word), name) == name, word


def test_the_words_of_the_ten_commonest_languages_are_known() -> None:
    no_shows = (
        "No-Show|Nicht erschienen|Non venu|No asistió|Não compareceu|Non presentato|Niet verschenen|Nie przyszedł"
    )
    for word in [*no_shows.split("|"), "Uteblev", "無断キャンセル"]:
        assert meaning(word) == "no_show", word
    for word in ("Absent", "Abwesend", "Ausente", "Assente?", "Missing"):
        assert meaning(word) is None, word
    assert fit("columns", "date", "startTime") == 1


CELLS = st.sampled_from(
    ["", "-", "Yes", "No", "1/6/2026", "13/6/2026", "6/13/2026 7:15 pm", "18:30", "2026-06-01", "Attended", "No-show",
     "Absent", "Total", "€1,50", "14.50", "x\"y", "Ana", "=1+1", "1 juin 2026", "99/99/9999", "31.13.26"]
)  # fmt: skip
# Columns that every file of visits has, with values that are mostly theirs.
VISITS = {
    "Date": st.sampled_from(["13/6/2026", "14/6/2026 18:30", "14.6.2026", "2026-06-01", "Total"]),
    "Class": st.sampled_from(["Yoga", "12", 'x"y']),
    "Client": st.sampled_from(["Ana", "Bo", "", "7"]),
    "Status": st.sampled_from(["Attended", "No-show", "Cancelled", "", "-"]),
}
HEADS = st.sampled_from(
    ["Time", "Attended", "Cancelled on", "Price", "Id", "Booked on", "?", 'a"b', "Teacher", "End", "Duration",
     "First name", "Email", "Payment status", "Member no"]
)  # fmt: skip


@pytest.mark.long
@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_table_gives_a_draft_that_reads_or_asks(data: st.DataObject, tmp_path: Path) -> None:
    heads = [*VISITS, *data.draw(st.lists(HEADS, max_size=5, unique=True))]
    row = st.tuples(*(VISITS.get(head, CELLS) for head in heads))
    rows = data.draw(st.lists(row, min_size=1, max_size=6))
    path = tmp_path / "any.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([heads, *rows])
    try:
        look = look_at(path)
    except queries.DataRefused:
        return  # such as a row of values that looks more like a header than the first one
    draft = draft_of(look)
    (tmp_path / "any.toml").write_text(mapping_text(draft, "any.csv"), "utf-8")
    if draft.questions:
        with pytest.raises(queries.DataRefused, match="not answered yet"):
            read_mapping(tmp_path / "any.toml")
        return
    mapped = MappedRows(read_mapping(tmp_path / "any.toml"), path)
    mapped.frames(look.profiles.frame.with_row_index("record").cast({"record": pl.Int64}))
    mapped.close()


def test_a_workbook_is_drafted_like_its_csv(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Attendance report", None, None, None, None],
        ["Start", "Class", "Member no", "Status", "Price"],
        [date(46174 + 37 / 48), "Yoga", 17, "Attended", 14.5],
        [date(46175 + 37 / 48), "Yoga", 18, "No show", 14.5],
    ]
    path = tmp_path / "visits.xlsx"
    path.write_bytes(workbook({"Visits": rows}))
    draft = draft_of(look_at(path))
    assert draft.questions == []
    assert draft.top == {"file": {"header": "Start"}, "zone": "site", "marks": "both"}
    assert words_of(draft) == {
        "date": {"column": "Start", "format": "year first"},
        "service": {"column": "Class"},
        "client": {"column": "Member no"},
        "price": {"column": "Price", "decimal": "."},
        "id": {"columns": ["Member no", "Class", "Start"]},
        "status": {"column": "Status", "attended": ["Attended"], "no_show": ["No show"]},
    }


@pytest.mark.parametrize("section", ["parts", "status_parts"])
def test_a_word_is_one_part(section: str) -> None:
    parts: dict[str, set[str]] = {}
    for part, words in VOCABULARY[section].items():
        for word in words:
            parts.setdefault(" ".join(map(stem, plain(word).split())), set()).add(part)
    assert not {word: found for word, found in parts.items() if len(found) > 1}


def test_a_status_has_by_its_parts_the_meaning_that_it_has_in_the_lists() -> None:
    found = {(name, word, meaning_of_parts(word)) for name, words in VOCABULARY["status"].items() for word in words}
    assert not {one for one in found if one[2] not in (None, one[0])}


@pytest.mark.parametrize(
    "word",
    [
        *("Absent", "Ausente", "Not cancelled", "Non annulé", "No presente", "Nicht anwesend", "Verschoben"),
        *("Arrived late", "Tarde", "Client", "Abgesagt unter 24h", "Cancelada ontem", "Left early"),
        "Excused from paying",
    ],
)
def test_a_word_with_an_unknown_part_or_sum_is_asked_about(word: str) -> None:
    assert meaning(word) is None


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("Vom Kunden zu spät storniert", "late_cancel"),
        ("Annulé par le praticien", "cancelled_by_business"),
        ("Cancelada por el paciente", "cancelled"),
        ("Cliente faltou", "no_show"),
        ("Kunde nicht erschienen", "no_show"),
        ("Absence non justifiée", "no_show"),
        ("Falta justificada", "excused"),
        ("Inscrit(e)", "unmarked"),
    ],
)
def test_a_status_is_known_by_its_parts(word: str, name: str) -> None:
    assert meaning(word) == name


@pytest.mark.parametrize("suffix", few(["json", "ndjson"], 1))
def test_the_fields_of_json_are_columns_of_a_draft(store: Store, tmp_path: Path, suffix: str) -> None:
    rows = [
        {"date": f"2026-06-{day:02d}T18:00:00", "class": "Yoga", "client": {"id": f"c{day}"}, "status": status}
        for day, status in ((1, "attended"), (2, "no show"), (3, "attended"))
    ]
    texts = [json.dumps(row) for row in rows]
    path = tmp_path / f"visits.{suffix}"
    path.write_text("[" + ",".join(texts) + "]" if suffix == "json" else "\n".join(texts) + "\n", "utf-8")
    draft = draft_of(look_at(path))
    assert draft.questions == []
    (tmp_path / "m.toml").write_text(mapping_text(draft, path.name, {}), "utf-8")
    (outcome,) = pipeline.ingest(store, [path], mapping=tmp_path / "m.toml")
    assert (outcome.refused, outcome.loaded) == (None, len(rows))
    marks = store.connection.execute("select status, count(*) from attendance group by 1 order by 1").fetchall()
    assert marks == [("ATTENDED", 2), ("NOT_ATTENDED", 1)]
