"""`noshow mapping` as an owner runs it: draft, check and list, and the tutorial from an export to the report."""

from __future__ import annotations

import json
import os
import pty
import re
import shlex
import sys
import tomllib
from pathlib import Path

import pytest
from support.commands import surroundings
from support.fixtures import Run

ROOT = Path(__file__).parents[2]
HEAD = "Date,Time,Class,Client ID,Client,Status\n"
WORDS = ["Signed in"] * 6 + ["No Show", "No Show", "Absent", "Late cancel", "Early cancel", ""]


def export(path: Path) -> Path:
    """An export of 24 visits to four classes, with a word that no table of words has."""
    rows = [
        f"{13 + n // 6}/5/2026,{'6:30 pm' if n % 2 else '6:30 PM'},Yoga,{n % 6},Ana {n % 6},{WORDS[n % 12]}\n"
        for n in range(24)
    ]
    path.write_text(HEAD + "".join(rows), "utf-8")
    return path


@pytest.mark.long
def test_draft_writes_the_questions_down_and_check_names_them(run: Run, tmp_path: Path) -> None:
    export(tmp_path / "visits.csv")
    drafted = run("mapping", "draft", "visits.csv")
    assert drafted.returncode == 0, drafted.stderr
    assert "Open: What does 'Absent' mean, in 2 rows of the column Status? [Absent]" in drafted.stdout
    assert "Next: noshow mapping check visits.csv --mapping visits.toml" in drafted.stdout
    checked = run("mapping", "check", "visits.csv", "--mapping", "visits.toml")
    assert checked.returncode == 65
    assert checked.stderr.count("\n") == 1
    assert "visits.toml: not answered yet: visit.status.words.Absent" in checked.stderr
    loaded = run("ingest", "visits.csv", "--mapping", "visits.toml")
    assert loaded.returncode == 65
    assert not (tmp_path / "data" / "attendance.duckdb").exists()


def test_a_draft_never_takes_the_name_of_the_settings(run: Run, tmp_path: Path) -> None:
    export(tmp_path / "noshow.csv")
    drafted = run("mapping", "draft", "noshow.csv")
    assert "Mapping: noshow_mapping.toml\n" in drafted.stdout
    refused = run("mapping", "draft", "noshow.csv", "-o", "noshow.toml")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert "noshow.toml would be read as the settings" in refused.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["noshow.csv", "noshow_mapping.toml"]


@pytest.mark.parametrize(
    ("answers", "marks", "is_open"),
    [
        (["No=attended"], "both", False),
        (["No=unmarked"], "?", True),
        (["No=unmarked", "marks=no_shows"], "no_shows", False),
    ],
)
def test_an_answer_on_a_word_settles_the_marks(
    answers: list[str], marks: str, is_open: bool, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "v.csv").write_text(
        "Date,Class,Client,No show\n2026-05-13,Yoga,Ana,Yes\n2026-05-13,Yoga,Bo,No\n", "utf-8"
    )
    drafted = run("mapping", "draft", "v.csv", *(word for answer in answers for word in ("--answer", answer)))
    assert drafted.returncode == 0, drafted.stderr
    assert tomllib.loads((tmp_path / "v.toml").read_text("utf-8"))["marks"] == marks
    assert ("[marks]" in drafted.stdout) == is_open


@pytest.mark.long
def test_check_shows_what_the_mapping_makes_of_the_file(run: Run, tmp_path: Path) -> None:
    export(tmp_path / "visits.csv")
    run("mapping", "draft", "visits.csv", "-o", "m.toml", "--answer", "absent=No_Show")
    assert tomllib.loads((tmp_path / "m.toml").read_text("utf-8"))["visit"]["status"]["words"] == {"Absent": "no_show"}
    checked = run("mapping", "check", "visits.csv", "--mapping", "m.toml")
    assert checked.returncode == 0, checked.stderr
    for line in (
        "  Date '13/5/2026', Time '6:30 PM', Class 'Yoga', Status 'Signed in'",
        "    -> start '2026-05-13T18:30:00', zone 'UTC', service 'Yoga', status 'CONFIRMED', mark 'ATTENDED'",
        "24 rows: 24 to load, 0 twice, 0 not visits, 0 set aside (0.0 %)",
        "24 bookings",
        "4 sessions",
        "1 service",
        "6 people",
        "12 attended",
        "6 no-shows",
        "2 early cancellations",
        "2 late cancellations",
        "2 not marked",
    ):
        assert f"\n{line}\n" in checked.stdout, checked.stdout
    assert "Ana" not in checked.stdout
    assert sorted(path.name for path in tmp_path.iterdir()) == ["m.toml", "visits.csv"]
    found = json.loads(run("mapping", "check", "visits.csv", "--mapping", "m.toml", "--json").stdout)
    assert (found["counts"]["no-shows"], found["set_aside"], found["unknown_words"]) == (6, [], [])
    assert found["headline"].startswith("No-show rate 33.3 %")


@pytest.mark.long
def test_check_says_what_is_set_aside_and_which_words_are_unknown(run: Run, tmp_path: Path) -> None:
    path = export(tmp_path / "visits.csv")
    run("mapping", "draft", "visits.csv", "--answer", "Absent=no_show")
    with path.open("a", encoding="utf-8") as file:
        file.write("5/13/2026,6:30 pm,Yoga,7,Bo,Signed in\n18/5/2026,6:30 pm,Yoga,7,Bo,Vanished\n")
    few = run("mapping", "check", "visits.csv", "--mapping", "visits.toml")
    assert few.returncode == 0, few.stderr
    assert re.search(r"\n  1: mapping_expression /session/starts_at: line 26: .*'5/13/2026'", few.stdout)
    assert "\n  Status: 'Vanished' in 1 row\n" in few.stdout
    with path.open("a", encoding="utf-8") as file:
        file.write("5/13/2026,6:30 pm,Yoga,8,Bo,Signed in\n" * 2)
    assert run("mapping", "check", "visits.csv", "--mapping", "visits.toml").returncode == 3
    path.write_text(HEAD + "5/13/2026,6:30 pm,Yoga,7,Bo,Signed in\n", "utf-8")
    none = run("mapping", "check", "visits.csv", "--mapping", "visits.toml")
    assert (none.returncode, none.stdout) == (65, "")
    path.write_text("Day,Class\n13/5/2026,Yoga\n", "utf-8")
    other = run("mapping", "check", "visits.csv", "--mapping", "visits.toml")
    assert other.returncode == 65
    assert "no column" in other.stderr


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (["draft", "no.csv"], 66, "no.csv: no such file or folder"),
        (["draft", "."], 2, "a draft is made of one file"),
        (["draft", "visits.csv"], 2, "visits.toml is there already. Name another with -o, or add --force"),
        (["draft", "visits.csv", "--force", "--answer", "Absent=gone"], 2, "'gone' is not an answer to Absent"),
        (["draft", "visits.csv", "--force", "--answer", "Lost=no_show"], 2, "answers no question. Questions: Absent"),
        (["draft", "visits.csv", "-o", "no/m.toml"], 74, "no/m.toml"),
        (["check", "no.csv", "--mapping", "studio"], 66, "no.csv: no such file or folder"),
        (["check", "visits.csv", "--mapping", "no.toml"], 66, "no.toml: no such mapping file"),
        (["check", "visits.csv", "--mapping", "hotel"], 65, "no column"),
    ],
)
def test_a_mistake_is_one_line(args: list[str], code: int, words: str, run: Run, tmp_path: Path) -> None:
    export(tmp_path / "visits.csv")
    (tmp_path / "visits.toml").write_text("", "utf-8")
    result = run("mapping", *args)
    assert (result.returncode, result.stdout) == (code, ""), result.stderr
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.long
def test_a_column_that_is_named_is_looked_at_again(run: Run, tmp_path: Path) -> None:
    (tmp_path / "odd.csv").write_text(
        "Who,Thing,When,How\nAna,Yoga,06/13/2026 6:00 PM,ok\nBo,Yoga,06/13/2026 6:00 PM,nope\n", "utf-8"
    )
    first = run("mapping", "draft", "odd.csv", "-o", "first.toml")
    assert re.findall(r"\[(\w+)\]\n", first.stdout) == ["status", "client", "service"]
    answers = ["status=How", "service=Thing", "client=Who", "ok=attended", "nope=no_show"]
    run("mapping", "draft", "odd.csv", *(word for answer in answers for word in ("--answer", answer)))
    found = json.loads(run("mapping", "check", "odd.csv", "--mapping", "odd.toml", "--json").stdout)
    assert (found["counts"]["attended"], found["counts"]["no-shows"]) == (1, 1)


def test_on_a_terminal_the_questions_are_asked(tmp_path: Path) -> None:
    export(tmp_path / "visits.csv")
    program = "import sys; sys.argv = ['noshow', 'mapping', 'draft', 'visits.csv']; import pipeline.cli as c; c.main()"
    pid, terminal = pty.fork()
    if not pid:
        os.chdir(tmp_path)
        os.execve(sys.executable, [sys.executable, "-c", program], surroundings())
    os.write(terminal, b"never heard\n2\n")
    said = b""
    try:
        while part := os.read(terminal, 4096):
            said += part
    except OSError:
        pass  # the end of a terminal
    _, status = os.waitpid(pid, 0)
    text = said.decode()
    assert os.waitstatus_to_exitcode(status) == 0, text
    assert "'never heard' is not an answer to Absent" in text
    assert "Open:" not in text
    written = tomllib.loads((tmp_path / "visits.toml").read_text("utf-8"))
    assert written["visit"]["status"]["words"] == {"Absent": "no_show"}


def test_a_known_export_needs_no_draft(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes((ROOT / "tests" / "formats" / "clubready.csv").read_bytes())
    assert "Note: this is a known export, ClubReady" in run("mapping", "draft", "in.csv").stdout
    export(tmp_path / "visits.csv")
    assert "known export" not in run("mapping", "draft", "visits.csv").stdout


def test_list_shows_what_comes_with_noshow(run: Run) -> None:
    rows = json.loads(run("mapping", "list", "--json").stdout)
    assert {"hotel", "studio"} <= {row["name"] for row in rows}
    assert all({"name", "title", "marks", "source", "doubt"} == set(row) and row["title"] for row in rows)
    assert "studio" in run("mapping", "list").stdout


@pytest.mark.long
def test_the_tutorial_leads_from_an_export_to_the_report(run: Run, tmp_path: Path) -> None:
    text = (ROOT / "pipeline" / "README.md").read_text("utf-8")
    tutorial = text.split("## From an export to the report in ten minutes")[1].split("\n## ")[0]
    commands = [line for block in re.findall(r"```sh\n(.*?)```", tutorial, re.DOTALL) for line in block.splitlines()]
    assert [shlex.split(line)[1] for line in commands] == ["mapping", "mapping", "ingest", "report"]
    export(tmp_path / "visits.csv")
    mapping = tmp_path / "visits.toml"
    for line in commands:
        result = run(*shlex.split(line, comments=True)[1:])
        assert result.returncode == 0, f"{line}: {result.stderr}"
        if "check" in line or "ingest" in line:
            assert "imes that name no zone are taken as UTC: set `site_zone`" in result.stdout
        if '= "?"' in mapping.read_text("utf-8"):
            # As the tutorial says: the answer takes the place of the question mark.
            assert 'Absent = "?"' in tutorial
            mapping.write_text(mapping.read_text("utf-8").replace('Absent = "?"', 'Absent = "no_show"'), "utf-8")
    assert (tmp_path / "data" / "report.html").exists()


def test_a_mapping_that_leaves_everything_out_says_so(run: Run, tmp_path: Path) -> None:
    """Nothing is at fault and nothing is loaded: it may be the wrong mapping."""
    toml = "[booking]\nwhen = \"Status = 'x'\"\nid = 'Visit'\nstatus = \"'CONFIRMED'\"\neventId = 'Visit'\n"
    (tmp_path / "m.toml").write_text(toml)
    (tmp_path / "v.csv").write_text("Visit,Status\n1,came\n2,came\n")
    done = run("ingest", "v.csv", "--mapping", "m.toml")
    assert done.returncode == 0
    assert "v.csv: the conditions of the mapping (`when`) leave out all of its 2 rows" in done.stderr
    again = run("ingest", "v.csv", "--mapping", "m.toml")
    assert (again.returncode, again.stderr) == (0, "")


@pytest.mark.long
def test_a_check_names_what_is_not_watched(run: Run, tmp_path: Path) -> None:
    toml = (
        "[booking]\nid = 'Visit'\nstatus = \"case when left(Status, 1) = 'c' then 'CONFIRMED' else 'CANCELED' end\"\n"
        "eventId = 'Visit'\nstartDate = \"'2026-03-02T18:00:00Z'\"\n"
    )
    (tmp_path / "m.toml").write_text(toml)
    (tmp_path / "v.csv").write_text("Visit,Status\n1,came\n2,gone\n")
    done = run("mapping", "check", "v.csv", "--mapping", "m.toml")
    assert "Compared in a way that is not watched, so that unknown words are not counted:" in done.stdout
    assert "  [booking] status: Status" in done.stdout


@pytest.mark.long
def test_a_check_of_a_drafted_mapping_says_nothing_of_what_noshow_compares(run: Run, tmp_path: Path) -> None:
    """The first hour: the example in data/mappings, drafted and checked, has no word that its owner did not write."""
    visits = (ROOT / "data" / "mappings" / "studio_visits.csv").read_bytes()
    (tmp_path / "visits.csv").write_bytes(visits)
    assert run("mapping", "draft", "visits.csv").returncode == 0
    checked = run("mapping", "check", "visits.csv", "--mapping", "visits.toml")
    assert (checked.returncode, "not watched" in checked.stdout, "\\x" in checked.stdout) == (0, False, False)
    assert "12 bookings" in checked.stdout
