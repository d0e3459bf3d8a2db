"""Made-up rows in the shapes of public data sets, drafted, corrected as an owner would and held to a count of the file.

data/README.md names the sets. The count is made of the CSV by itself and knows nothing of noshow.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import duckdb
import pytest

import pipeline
from pipeline.load.outcomes import FileOutcome
from pipeline.mapping.drafting.drafts import draft_of
from pipeline.mapping.drafting.guess import Draft
from pipeline.mapping.drafting.looking import look_at
from pipeline.mapping.drafting.writing import mapping_text
from pipeline.store.opening import Store

Load = Callable[..., FileOutcome]
Row = Mapping[str, str]
_OUTCOMES = """
    select outcome, sum(weight)::bigint from session_roster where outcome is not null group by outcome
"""


def rows_of(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def drafted(folder: Path, text: str, answers: Mapping[str, str], named: Mapping[str, str] | None = None) -> str:
    """The draft of a file with answers to all its questions; `named` names columns."""
    (folder / "set.csv").write_text(text, "utf-8")
    draft = draft_of(look_at(folder / "set.csv"), named)
    places = {
        place: answers[question.name] for question in draft.questions for place in (question.place, *question.also)
    }
    return mapping_text(draft, "set.csv", places)


def looked_at(folder: Path, text: str) -> Draft:
    (folder / "set.csv").write_text(text, "utf-8")
    return draft_of(look_at(folder / "set.csv"))


def outcomes(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    return dict(con.execute(_OUTCOMES).fetchall())


# Days are written as midnight in UTC, and the moment of the booking is on the same day after it.
MEDICAL = """\
PatientId,AppointmentID,Gender,ScheduledDay,AppointmentDay,Age,Neighbourhood,SMS_received,No-show
{rows}"""


def medical() -> str:
    lines = []
    for n in range(60):
        day = dt.date(2016, 5, 2) + dt.timedelta(days=n % 5)
        booked = day - dt.timedelta(days=0 if n % 3 == 0 else n % 17)
        reminded, missed = int((day - booked).days > 2), "Yes" if n % 7 in (1, 4) else "No"
        hood = ("SÃO PEDRO", "República", "ITARARÉ")[n % 3]
        lines.append(
            f"{29872499824296 + n % 41},{5642903 + n},F,{booked}T18:{n % 60:02}:27Z,{day}T00:00:00Z,{n},{hood},"
            f"{reminded},{missed}\n"
        )
    return MEDICAL.format(rows="".join(lines))


def test_days_written_as_midnight_in_utc_stay_days(
    load_mapped: Load, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    text = medical()
    toml = drafted(tmp_path, text, {"No": "attended", "service": "?"})
    toml = toml.replace('service = {column = "?"}', 'service = {value = "Appointment"}')
    toml = toml.replace('zone = "site"', 'zone = "America/Sao_Paulo"').replace(
        "[visit.status]",
        'location = {column = "Neighbourhood"}\n'
        'attributes = {reminder = {column = "SMS_received", yes = ["1"], no = ["0"]}}\n[visit.status]',
    )
    outcome = load_mapped(toml, text)
    rows = rows_of(text)
    assert (outcome.loaded, outcome.quarantined) == (60, 0)
    missed = [row for row in rows if row["No-show"] == "Yes"]
    assert outcomes(con) == {"not_attended": len(missed), "attended": 60 - len(missed)}
    leads = Counter(
        (dt.date.fromisoformat(row["AppointmentDay"][:10]) - dt.date.fromisoformat(row["ScheduledDay"][:10])).days
        for row in rows
    )
    assert dict(con.execute("select lead_days, count(*) from session_roster group by 1").fetchall()) == leads
    assert min(leads) == 0
    days = Counter(row["AppointmentDay"][:10] for row in rows)
    assert dict(con.execute("select local_date::varchar, count(*) from session_roster group by 1").fetchall()) == days
    found = con.execute(
        "select count(distinct participant_id), count(distinct session_id), "
        "count(*) filter (attributes->>'reminder' = 'true') from session_roster"
    ).fetchone()
    reminded = sum(row["SMS_received"] == "1" for row in rows)
    places = {(row["Neighbourhood"], row["AppointmentDay"]) for row in rows}
    assert found == (len({row["PatientId"] for row in rows}), len(places), reminded)


@pytest.mark.parametrize("answer", ["attended", "unmarked"])
def test_the_no_of_a_column_of_no_shows_is_asked(answer: str, tmp_path: Path) -> None:
    draft = looked_at(tmp_path, medical())
    assert [question.name for question in draft.questions] == ["No", "service"]
    asked = draft.questions[0]
    written = tomllib.loads(mapping_text(draft, "set.csv", {asked.place: answer}))
    assert written["visit"]["status"] == {"column": "No-show", "no_show": ["Yes"], "words": {"No": answer}}
    assert written["visit"]["booked"] == {"column": "ScheduledDay", "format": "year first"}


# A report that is summed already: each row stands for many appointments of a month.
SUMMED = """\
CCG_CODE,CCG_NAME,Appointment_Month,APPT_STATUS,HCP_TYPE,APPT_MODE,TIME_BETWEEN_BOOK_AND_APPT,COUNT_OF_APPOINTMENTS
11X,NHS Somerset CCG,MAR2019,Attended,GP,Face-to-Face,1 Day,3931
11X,NHS Somerset CCG,MAR2019,Attended,GP,Face-to-Face,15  to 21 Days,6593
11X,NHS Somerset CCG,MAR2019,Attended,GP,Home Visit,15  to 21 Days,1
11X,NHS Somerset CCG,MAR2019,Attended,Other Practice staff,Face-to-Face,2 to 7 Days,24273
11X,NHS Somerset CCG,MAR2019,DNA,GP,Face-to-Face,1 Day,188
11X,NHS Somerset CCG,MAR2019,DNA,GP,Face-to-Face,15  to 21 Days,566
11X,NHS Somerset CCG,MAR2019,DNA,Other Practice staff,Face-to-Face,2 to 7 Days,1597
11X,NHS Somerset CCG,MAR2019,Unknown,GP,Telephone,Unknown / Data Issue,9
11X,NHS Somerset CCG,APR2019,Attended,GP,Face-to-Face,1 Day,4011
11X,NHS Somerset CCG,APR2019,DNA,GP,Face-to-Face,1 Day,170
"""
_MEANING = {"Attended": "attended", "DNA": "not_attended", "Unknown": "unmarked"}


def summed_draft(folder: Path) -> str:
    answers = {"DNA": "no_show", "date format": "%b%Y", "marks": "both"}
    return drafted(folder, SUMMED, answers, {"date": "Appointment_Month", "service": "HCP_TYPE"})


def test_a_summed_report_is_drafted_with_its_numbers_and_without_people(
    load_mapped: Load, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    toml = summed_draft(tmp_path)
    visit = tomllib.loads(toml)["visit"]
    assert visit["weight"] == {"column": "COUNT_OF_APPOINTMENTS"}
    assert "client" not in visit
    outcome = load_mapped(toml, SUMMED)
    wanted: Counter[str] = Counter()
    for row in rows_of(SUMMED):
        wanted[_MEANING[row["APPT_STATUS"]]] += int(row["COUNT_OF_APPOINTMENTS"])
    assert (outcome.loaded, outcomes(con)) == (10, wanted)
    # The next issue corrects a number, and its row takes the place of the one before.
    load_mapped(toml, SUMMED.replace(",170\n", ",171\n"), "set-2.csv")
    assert outcomes(con) == wanted + Counter(not_attended=1)


def test_a_column_for_each_outcome_is_summed_in_words(load_mapped: Load, con: duckdb.DuckDBPyConnection) -> None:
    toml = """
marks = "both"
null = ["", "0"]
[unpivot]
columns = ["Attendances", "DNA"]
[visit]
date = {column = "Month", format = "%Y%m"}
service = {column = "Specialty"}
weight = {column = "_value"}
id = {columns = ["Month", "Board", "Specialty", "_column"]}
rows = {filled = ["_value"]}
[visit.status]
column = "_column"
attended = ["Attendances"]
no_show = ["DNA"]
"""
    text = 'Month,Board,Specialty,Attendances,DNA\n202403,A,ENT,"1,204",133\n202403,B,ENT,310,0\n202404,B,Eyes,,\n'
    text += "202404,C,ENT,40,<5\n"
    outcome = load_mapped(toml, text)
    # The whole row is set aside of which one number is kept secret.
    assert (outcome.loaded, outcome.left_out, outcome.quarantined) == (2, 1, 1)
    assert outcomes(con) == {"attended": 1514, "not_attended": 133}


# The bookings, and beside them a list of those who did not come that has no number and no time of day.
BOOKINGS = """\
Code,Staff,Service,Date,Time,TimeInt
JUN01,JJ,CON,03/14/2018,3:50:00 PM,950
NOR01,JJ,SHCM,03/14/2018,4:00:00 PM,960
SCH01,JJ,SHCM,03/15/2018,12:00:00 PM,720
SCH01,JJ,CCAMO,03/15/2018,12:50:00 PM,770
DAV*01,JJ,SHCW,03/23/2018,5:20:00 PM,1040
KUK01,BECKY,SBD5+1,04/03/2018,10:00:00 AM,600
KUK01,SINEAD,CON,04/11/2018,12:00:00 PM,720
,JJ,SHCW,04/13/2018,6:00:00 PM,1080
BAR01,SINEAD,TRE 1,04/21/2018,3:10:00 PM,910
"""
MISSED = """\
Date,Code,Service,Staff
04/13/2018,,SHCW,JJ
03/14/2018,JUN01,CON,JJ
04/11/2018,kuk01,CON,SINEAD
03/15/2018,SCH01,CCAMO,JJ
04/30/2018,BAR01,CON,SINEAD
"""
SALON = """
zone = "America/Toronto"
marks = "no_shows"
[join]
file = "missed*.csv"
on = {"Code" = "Code", "Date" = "Date", "Service" = "Service", "Staff" = "Staff"}
[visit]
date = {column = "Date", time = "Time", format = "%m/%d/%Y %I:%M:%S %p"}
service = {column = "Service"}
staff = {column = "Staff"}
client = {column = "Code"}
[visit.status]
column = "Date_2"
no_show = ["*"]
unmarked = [""]
"""


def test_a_list_of_no_shows_without_numbers_is_joined_by_what_both_files_have(
    store: Store, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    (tmp_path / "bookings.csv").write_text(BOOKINGS, "utf-8")
    (tmp_path / "missed.csv").write_text(MISSED, "utf-8")
    (tmp_path / "salon.toml").write_text(SALON, "utf-8")
    (outcome,) = pipeline.ingest(store, [tmp_path / "bookings.csv"], mapping=tmp_path / "salon.toml")

    def key(row: Row) -> tuple[str, ...]:
        return tuple(row[name].casefold() for name in ("Code", "Date", "Service", "Staff"))

    # A booking without a client's code is none of those that the list names.
    missed = {key(row) for row in rows_of(MISSED) if row["Code"]}
    bookings = rows_of(BOOKINGS)
    wanted = Counter("not_attended" if key(row) in missed else "presumed_attended" for row in bookings)
    assert (outcome.loaded, outcomes(con)) == (len(bookings), wanted)
    assert any("join_unmatched" in note and "6" in note for note in outcome.warnings), outcome.warnings
    assert any("join_no_key" in note for note in outcome.warnings), outcome.warnings


# Every row has the moments of its treatment but those of people who stayed away.
DENTAL = """\
appointment_id,patient_id,booked_at,scheduled_start_at,planned_duration_min,visit_type,status,chair_start_at
1,981,2022-11-21 13:22:00,2023-01-01 09:30:00,60,treatment,completed,2023-01-01 09:29:00
2,623,2022-12-22 18:37:00,2023-01-01 10:00:00,45,new_patient_examination,completed,2023-01-01 10:11:00
10,621,2022-12-17 10:45:00,2023-01-01 18:00:00,45,new_patient_examination,no_show,
19,871,2022-12-05 14:30:00,2023-01-02 14:00:00,30,consultation,cancelled,
27,950,2022-12-30 12:16:00,2023-01-02 17:30:00,30,consultation,completed,2023-01-02 17:41:00
28,621,2022-12-30 12:16:00,2023-01-03 17:30:00,30,consultation,no_show,
"""


def test_a_moment_that_who_stayed_away_lacks_is_not_the_date(
    load_mapped: Load, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    toml = drafted(tmp_path, DENTAL, {})
    outcome = load_mapped(toml, DENTAL)
    wanted = Counter(row["status"] for row in rows_of(DENTAL))
    assert (outcome.loaded, outcome.quarantined) == (6, 0)
    assert outcomes(con) == {"attended": wanted["completed"], "not_attended": wanted["no_show"]}
    unnamed = looked_at(tmp_path, DENTAL.replace("scheduled_start_at", "room"))
    assert any(note.startswith("chair_start_at is blank in 3 rows with a status") for note in unnamed.notes)


# Only the weekday and half of the day are given: no day can be made of it.
UNDATED = """\
booking_id,months_as_member,weight,days_before,day_of_week,time,category,attended
1,17,79.56,8,Wed,PM,Strength,0
2,10,79.01,2,Mon,AM,HIIT,1
3,53,61.1,10,Fri.,AM,-,1
"""


def test_a_file_without_dates_is_told_and_refused(load_mapped: Load, tmp_path: Path) -> None:
    (tmp_path / "set.csv").write_text(UNDATED, "utf-8")
    draft = draft_of(look_at(tmp_path / "set.csv"), {"date": "day_of_week", "service": "category"})
    assert any(note.startswith("day_of_week has no dates") for note in draft.notes)
    assert "date format" in [question.name for question in draft.questions]
    toml = drafted(
        tmp_path, UNDATED, {"0": "no_show", "date format": "%d/%m/%Y"}, {"date": "day_of_week", "service": "category"}
    )
    refused = load_mapped(toml, UNDATED).refused
    assert refused is not None
    assert "'Wed', on which the mapping's expression fails: {column = \"day_of_week\"" in refused.message
