"""The commands as a person or a scheduler runs them: output, exit codes, and one clear line for each mistake."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.commands import Finished
from support.fixtures import Run
from support.records import Make
from support.samples import few

import pipeline

NOSHOW = Path(sys.executable).with_name("noshow")


@pytest.fixture
def export(tmp_path: Path, make: type[Make]) -> Path:
    path = tmp_path / "export.ndjson"
    records = [make.booking(n, slot={"eventId": make.event(n % 5)}) for n in range(1, 21)]
    marks = [
        make.attendance(n, "NOT_ATTENDED" if n % 4 == 0 else "ATTENDED", eventId=make.event(n % 5))
        for n in range(1, 19)
    ]
    path.write_text("".join(json.dumps(record) + "\n" for record in records + marks))
    return path


def one_line(result: Finished, code: int, *expected: str) -> None:
    assert result.returncode == code, result.stderr
    assert result.stderr.count("\n") == 1
    assert "Traceback" not in result.stderr
    for words in expected:
        assert words in result.stderr


@pytest.mark.long
def test_from_export_to_report(run: Run, export: Path, tmp_path: Path) -> None:
    loaded = run("ingest", export.name)
    assert (loaded.returncode, loaded.stderr) == (0, "")
    assert "export.ndjson" in loaded.stdout
    rates = run("rates", "--format", "json", "--as-of", "2026-06-01T00:00:00Z")
    (row,) = json.loads(rates.stdout)
    assert (row["service"], row["no_shows"], row["marked_bookings"], row["bookings"]) == ("Yoga", 4, 18, 20)
    report = run("report", "--out", "out/report.html", "--as-of", "2026-06-01T00:00:00Z")
    assert report.returncode == 0
    assert "4 of 18 marked bookings did not come" in report.stdout
    assert "4 of 18" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def test_json_of_ingest_has_one_object_a_file(run: Run, export: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.json").write_text("[{")
    result = run("ingest", "--json", export.name, "bad.json")
    good, bad = json.loads(result.stdout)
    assert good == {
        "file": "export.ndjson",
        "kind": "attendance+booking",
        "read": 38,
        "loaded": 38,
        "unchanged": 0,
        "duplicate": 0,
        "left_out": 0,
        "stale": 0,
        "quarantined": 0,
        "refused": None,
        "replaced": 0,
        "distinct": {"attendance": 18, "booking": 20, "service": 1, "session": 5},
        "gone": {},
        "findings": [],
        "format": None,
    }
    assert bad["refused"]["code"] == "file.json_syntax"
    assert (bad["read"], bad["loaded"]) == (0, 0)
    one_line(result, 65, "bad.json", "line 1, column 3", "file.json_syntax")


def test_the_database_is_chosen_by_option_or_environment(run: Run, export: Path, tmp_path: Path) -> None:
    assert run("ingest", export.name, NOSHOW_DB="one.duckdb").returncode == 0
    assert run("ingest", export.name, "--db", "two.duckdb").returncode == 0
    assert run("ingest", export.name).returncode == 0
    assert {path.name for path in tmp_path.rglob("*.duckdb") if ".work" not in path.name} == {
        "one.duckdb",
        "two.duckdb",
        "attendance.duckdb",
    }
    assert (tmp_path / "data" / "attendance.duckdb").exists()


@pytest.mark.parametrize(
    ("args", "code", "words"),
    [
        (("ingest", "missing.json"), 66, ("missing.json", "no such file")),
        (("ingest", "export.ndjson", "missing.json"), 66, ("missing.json",)),
        (("ingest", "empty"), 66, ("no file to load",)),
        (("ingest", "export.ndjson", "--mapping", "none.toml"), 66, ("none.toml",)),
        (("ingest", "export.ndjson", "--mapping", "bad.toml"), 65, ("bad.toml", "[booking] idd", "Did you mean 'id'")),
        (("ingest", "nothing.json"), 65, ("nothing.json", "empty")),
        (("rates",), 66, ("attendance.duckdb", "no database here", "noshow ingest")),
        (("report",), 66, ("no database here",)),
        (("sql", "select 1"), 66, ("no database here",)),
        (("rates", "--db", "export.ndjson"), 65, ("export.ndjson", "not a database")),
        (("sample", "--out", "s", "--until", "soon"), 2, ("'soon' is not a date",)),
    ],
)
def test_a_mistake_is_one_line_with_its_exit_code(
    run: Run, export: Path, tmp_path: Path, args: tuple[str, ...], code: int, words: tuple[str, ...]
) -> None:
    (tmp_path / "nothing.json").write_text("")
    (tmp_path / "empty").mkdir()
    (tmp_path / "bad.toml").write_text("[booking]\nidd = 'x'\n")
    one_line(run(*args), code, *words)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("--by", "wek"), "Did you mean 'week'"),
        (("--where", '{"servis": 1}'), "Did you mean 'series'"),
        (("--where", "service=Yoga"), "not JSON"),
        (("--where", "[]"), "a filter is an object"),
        (("--as-of", "yesterday"), "'yesterday'"),
        (("--as-of", "2026-03-01T10:00:00"), "no zone"),
        (("--out", "x.txt"), "--format csv, json, parquet or xlsx"),
    ],
)
def test_a_wrong_question_is_one_line(run: Run, export: Path, args: tuple[str, ...], words: str) -> None:
    run("ingest", export.name)
    one_line(run("rates", *args), 2, words)


def test_wrong_options_are_usage_errors(run: Run) -> None:
    for args in (("ingest",), ("ingest", "x", "--kind", "guest"), ("rates", "--format", "xml"), ("nonsense",)):
        result = run(*args)
        assert result.returncode == 2
        assert "Traceback" not in result.stderr


def test_a_setting_that_is_wrong_is_one_line(run: Run, export: Path, tmp_path: Path) -> None:
    one_line(run("ingest", export.name, NOSHOW_SITE_ZONE="Mars/Phobos"), 65, "site_zone", "Mars/Phobos")
    (tmp_path / "noshow.toml").write_text("graze_hours = 3\n")
    one_line(run("ingest", export.name), 65, "graze_hours")
    (tmp_path / "noshow.toml").write_text("grace_hours = \n")
    one_line(run("ingest", export.name), 65, "noshow.toml")


def test_settings_from_file_and_environment(run: Run, export: Path, tmp_path: Path) -> None:
    (tmp_path / "noshow.toml").write_text('site_zone = "Europe/Dublin"\ngrace_hours = 3\n')
    run("ingest", export.name, NOSHOW_GRACE_HOURS="5")
    with pipeline.open_store(tmp_path / "data" / "attendance.duckdb") as store:
        assert store.connection.execute("select time_zone, grace_hours from site").fetchall() == [("Europe/Dublin", 5)]


def test_every_setting_is_shown_with_where_it_comes_from(run: Run, export: Path, tmp_path: Path) -> None:
    def shown(**env: str) -> dict[str, dict[str, Any]]:
        result = run("settings", "--format", "json", **env)
        assert (result.returncode, result.stderr) == (0, "")
        return {row["setting"]: row for row in json.loads(result.stdout)}

    before = shown()
    assert list(before) == list(pipeline.Settings.model_fields)
    assert {(row["from"], row["stored"], row["note"]) for row in before.values()} == {("default", None, None)}
    assert all(row["meaning"] for row in before.values())
    (tmp_path / "noshow.toml").write_text("grace_hours = 3\nprices = {Yoga = 12.50}\nmin_bookings = 2\n")
    run("ingest", export.name, NOSHOW_LATE_HOURS="6")
    after = shown(NOSHOW_GRACE_HOURS="5")
    cells = {name: tuple(row[key] for key in ("value", "from", "stored", "note")) for name, row in after.items()}
    assert cells["grace_hours"] == (5, "NOSHOW_GRACE_HOURS", 3, "takes effect at the next ingest")
    assert cells["late_hours"] == (24, "default", 6, "set before, and kept until you change it")
    assert cells["prices"] == ({"Yoga": "12.5"}, "noshow.toml", {"yoga": "12.5"}, None)
    assert cells["min_bookings"] == (2, "noshow.toml", 2, None)
    assert cells["enough_coverage"] == (0.8, "default", None, None)
    table = run("settings", NOSHOW_GRACE_HOURS="5").stdout
    for words in ("NOSHOW_GRACE_HOURS", "(takes effect at the next ingest)", "Yoga: 12.5", "hours after its end"):
        assert words in table


def test_the_key_of_pseudonyms_is_never_printed(run: Run) -> None:
    for table_format in ("table", "json"):
        shown = run("settings", "--format", table_format, NOSHOW_PSEUDONYM_KEY="sesame")
        assert "(set)" in shown.stdout
        assert "sesame" not in shown.stdout + shown.stderr
        assert "(not set)" in run("settings", "--format", table_format).stdout


def test_settings_of_a_wrong_setting_or_database_is_one_line(run: Run, export: Path) -> None:
    one_line(run("settings", NOSHOW_PRICES="{Yoga: 1}"), 65, "setting prices", "not JSON", "NOSHOW_PRICES")
    one_line(run("settings", "--db", export.name), 65, "not a database")


@pytest.mark.long
def test_few_bookings_are_told_by_the_setting_or_the_option(run: Run, export: Path) -> None:
    def too_few(*args: str) -> bool:
        (row,) = json.loads(run("rates", "--format", "json", "--as-of", "2026-06-01T00:00:00Z", *args).stdout)
        return bool(row["too_few"])

    run("ingest", export.name, NOSHOW_MIN_BOOKINGS="19")
    assert too_few()
    assert not too_few("--min-bookings", "18")
    for name, options in (("few", ()), ("enough", ("--min-bookings", "1"))):
        run("report", "--out", f"{name}.html", "--as-of", "2026-06-01T00:00:00Z", *options)
        assert ("too few to say" in (export.parent / f"{name}.html").read_text(encoding="utf-8")) is (name == "few")


@pytest.mark.long
@pytest.mark.parametrize(
    ("sent", "code", "word"), few([(signal.SIGINT, 130, "interrupted"), (signal.SIGTERM, 74, "terminated")], 1)
)
def test_an_interrupted_load_is_undone_and_can_be_run_again(
    run: Run, tmp_path: Path, make: type[Make], sent: signal.Signals, code: int, word: str
) -> None:
    line = json.dumps(make.attendance(1))
    with (tmp_path / "big.ndjson").open("w") as stream:
        for n in range(120_000):
            stream.write(line.replace("00000000001", f"{n:011d}") + "\n")
    process = subprocess.Popen([NOSHOW, "ingest", "big.ndjson"], cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    work = tmp_path / "data" / "attendance.work.duckdb"
    while not work.exists() and process.poll() is None:
        time.sleep(0.05)
    time.sleep(0.15)
    process.send_signal(sent)
    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.count("\n")) == (code, 1)
    assert word in errors
    assert not (tmp_path / "data" / "attendance.duckdb").exists()
    (outcome,) = json.loads(run("ingest", "--json", "big.ndjson").stdout)
    assert outcome["loaded"] == 120_000


def test_a_busy_database_is_exit_75(run: Run, export: Path, tmp_path: Path) -> None:
    with pipeline.open_store(tmp_path / "data" / "attendance.duckdb"):
        one_line(run("ingest", export.name), 75, "another writer", str(os.getpid()))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_cannot_be_written_is_exit_74(run: Run, export: Path, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir()
    locked.chmod(stat.S_IRUSR | stat.S_IXUSR)
    one_line(run("ingest", export.name, "--db", "locked/a.duckdb"), 74, "locked")


@pytest.mark.long
def test_a_path_that_cannot_be_a_folder_is_exit_74(run: Run, export: Path) -> None:
    one_line(run("ingest", export.name, "--db", "export.ndjson/a.duckdb"), 74, "export.ndjson")
    run("ingest", export.name)
    one_line(run("report", "--out", "export.ndjson/r.html"), 74, "export.ndjson")
    one_line(run("rates", "--format", "csv", "--out", "nowhere/r.csv"), 74, "nowhere/r.csv")


@pytest.mark.parametrize("table_format", ["csv", "json", "parquet"])
def test_every_format_has_the_same_rows(run: Run, export: Path, tmp_path: Path, table_format: str) -> None:
    run("ingest", export.name)
    out = tmp_path / f"rates.{table_format}"
    result = run("rates", "--by", "session,week", "--format", table_format, "--out", out.name)
    assert (result.returncode, result.stdout) == (0, "")
    read = {"csv": pl.read_csv, "json": pl.read_json, "parquet": pl.read_parquet}[table_format]
    frame = read(out)
    assert (frame.height, frame["no_shows"].sum(), frame["bookings"].sum()) == (5, 4, 20)


def test_cells_cannot_become_formulas(run: Run, tmp_path: Path, make: type[Make]) -> None:
    booking = make.booking(1)
    booking["bookedEntity"]["title"] = "=HYPERLINK(1)"
    (tmp_path / "a.json").write_text(json.dumps([booking]))
    run("ingest", "a.json")
    assert ",'=HYPERLINK(1)," in run("rates", "--format", "csv").stdout


def test_sql_answers_in_the_shell(run: Run, export: Path) -> None:
    run("ingest", export.name)
    if not Path(sys.executable).with_name("duckdb").exists():
        one_line(run("sql", "select 1", PATH="/nowhere"), 2, "[shell]")
        return
    result = run("sql", "select no_shows from no_show_by_service")
    assert (result.returncode, "4" in result.stdout) == (0, True)
    in_csv = run("sql", "select no_shows from no_show_by_service order by all limit 1", "--format", "csv")
    assert in_csv.stdout.splitlines()[0] == "no_shows"
    in_json = run("sql", "select count(*) as n from booking", "--format", "json")
    assert list(json.loads(in_json.stdout)[0]) == ["n"]
    assert run("sql", "delete from booking").returncode != 0


@pytest.mark.long
def test_attendance_at_the_keyboard(run: Run, export: Path, tmp_path: Path, make: type[Make]) -> None:
    run("ingest", export.name)
    mark = ("--booking", make.guid(20, 1), "--event", make.event(0), "--status")
    one_line(run("set", *mark, "ATTENDED", "--attendees", "3", "--no-walk-ins"), 2, "3 attendees, and 1 booked")
    one_line(run("set", *mark, "NOT_ATTENDED", "--attendees", "3"), 2, "contradicts")
    one_line(run("set", "--booking", make.guid(1, 1), "--status", "ATTENDED"), 2, "neither eventId nor sessionId")
    answer = json.loads(run("set", *mark, "ATTENDED").stdout)["attendance"]
    assert json.loads(run("get", answer["id"]).stdout)["attendance"] == answer
    assert json.loads(run("count").stdout) == {"count": 19}
    page = json.loads(run("query", '{"filter": {"status": "NOT_ATTENDED"}, "cursorPaging": {"limit": 3}}').stdout)
    assert (len(page["attendances"]), page["pagingMetadata"]["hasNext"]) == (3, True)
    (tmp_path / "q.json").write_text(json.dumps({"query": {"filter": {"id": answer["id"]}}}))
    assert json.loads(run("query", "--file", "q.json").stdout)["attendances"] == [answer]
    every = run("query", "--all", "--format", "csv").stdout
    assert len(every.splitlines()) == 20
    assert len(json.loads(run("query", "--all").stdout)["attendances"]) == 19
    one_line(run("query", '{"filtr": {}}', "--of", "sessions"), 2, "/filtr")
    sessions = json.loads(run("query", '{"filter": {"outcome": "unmarked"}}', "--of", "sessions").stdout)
    assert [row["booking_id"] for row in sessions] == [make.guid(19, 1)]
    assert answer["id"] in run("query", '{"filter": {"numberOfAttendees": 1}}', "--format", "table").stdout
    assert run("delete", answer["id"]).returncode == 0
    one_line(run("get", answer["id"]), 66, "no attendance has the id")
    one_line(run("delete", answer["id"]), 66, "no attendance has the id")
    one_line(run("query", '{"filter": {"staus": 1}}'), 2, "/filter/staus", "'status'")
    one_line(run("query", "{"), 2, "not JSON at line 1")
    one_line(run("query", "--file", "none.json"), 66, "none.json")


@pytest.mark.long
@pytest.mark.parametrize("times", few([1, 2], 1))
def test_the_demo_is_made_and_made_again(run: Run, tmp_path: Path, times: int) -> None:
    for _ in range(times):
        result = run("demo")
        assert result.returncode == 0, result.stderr
        assert "marked bookings did not come" in result.stdout
        for place in ("data/demo/report.html", "data/demo/attendance.duckdb"):
            assert place in result.stdout
            assert (tmp_path / place).exists()
        page = (tmp_path / "data/demo/report.html").read_text(encoding="utf-8")
        assert "The week ahead" in page
        assert "Did the calls help?" in page
    assert not (tmp_path / "data" / "attendance.duckdb").exists()


def test_the_demo_leaves_other_folders_alone(run: Run, export: Path) -> None:
    one_line(run("demo", "--dir", "."), 2, "not an earlier demo")
    assert export.exists()


def test_samples_of_any_size(run: Run, tmp_path: Path) -> None:
    result = run("sample", "--bookings", "200", "--seed", "3", "--out", "s", "--until", "2026-03-01")
    assert result.returncode == 0
    assert "bookings.ndjson" in result.stdout
    assert run("ingest", "s").returncode == 0


def test_help_names_every_command(run: Run) -> None:
    help_text = run("--help").stdout
    for command in (
        "demo",
        "sample",
        "ingest",
        "rates",
        "report",
        "sql",
        "get",
        "set",
        "query",
        "count",
        "delete",
        "settings",
        "quarantine",
    ):
        assert command in help_text
        assert run(command, "--help").returncode == 0
    assert run("--version").stdout.strip() == run("-V").stdout.strip() == version("noshow")


@pytest.mark.parametrize(
    "words",
    [
        ("ingest", "a.csv", "--mapping", "wrong.toml"),
        ("ingest", "a.csv", "--mapping", "missing.toml"),
        ("ingest", "missing.csv"),
        ("ingest", "a.csv", "--complete", "--from", "2026-03-02", "--to", "2026-03-01"),
        ("unload", "1"),
        ("quarantine", "retry", "--load", "1", "--mapping", "wrong.toml"),
    ],
)
def test_a_mistake_makes_no_database(run: Run, tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "wrong.toml").write_text("[booking]\nid = 'now('\n")
    (tmp_path / "a.csv").write_text("id\n1\n")
    done = run(*words, "--db", "d/d.duckdb")
    assert (done.returncode, len(done.stderr.splitlines())) in ((65, 1), (66, 1), (2, 1), (0, 0))
    assert [path.name for path in tmp_path.glob("d/*") if path.suffix != ".lock"] == []
