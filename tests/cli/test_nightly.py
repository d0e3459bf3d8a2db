"""A night: its steps in order, once each, whatever interrupts it or fails; and the files that it leaves."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from support.commands import forked, start, surroundings
from support.fixtures import Run
from support.records import Make
from support.samples import few

from pipeline.cli.nightly import run as nightly
from pipeline.cli.nightly import steps as steps_of
from pipeline.cli.nightly.night import Night, remove_unfinished, tonight
from pipeline.cli.nightly.plan import Step
from pipeline.cli.nightly.steps import Done, clean
from pipeline.cli.report import ReportOptions
from queries.errors import DataRefused, OutputFailed, StoreBusy, UsageError

MOMENT = dt.datetime(2026, 3, 1, 23, 50, tzinfo=dt.UTC)
DATE = dt.date(2026, 3, 1)
SETTINGS = """
mail_to = ["owner@example.com"]
[nightly]
ingest = ["exports"]
check = {max_age = 36, max_set_aside = 0.05}
reports = [{formats = ["md", "eml"]}]
upcoming = {days = 7}
lake = "lake"
"""


class Steps:
    """Two loads and two readers that count how often they are done; `ends` are their errors by name."""

    def __init__(self, db: Path) -> None:
        self.db = db
        self.done: list[str] = []
        self.ends: dict[str, BaseException | int] = {}
        self.steps = tuple(
            Step(name, name, {"name": name}, self._doing(name), loads=loads, reads=not loads, needs_loads=needs)
            for name, loads, needs in (("pull", True, False), ("ingest", True, False), ("check", False, False),
                                       ("report", False, True), ("lake", False, True))
        )  # fmt: skip

    def _doing(self, name: str) -> Callable[[Night], Done]:
        def do(night: Night) -> Done:
            end = self.ends.get(name, 0)
            if isinstance(end, BaseException):
                raise end
            self.done.append(name)
            return Done(end, name)

        return do

    def run(self, folder: Path) -> Night:
        """One run of the night of the moment."""
        self.done.clear()
        return nightly._run(tonight(folder, MOMENT, "UTC"), self.steps, self.db)


@pytest.fixture
def steps(tmp_path: Path) -> Steps:
    (tmp_path / "attendance.duckdb").write_bytes(b"a snapshot")
    return Steps(tmp_path / "attendance.duckdb")


ORDER = ["pull", "ingest", "check", "report", "lake"]


@pytest.mark.parametrize("at", ORDER)
def test_an_interrupted_night_goes_on_where_it_stopped(tmp_path: Path, steps: Steps, at: str) -> None:
    steps.ends = {at: KeyboardInterrupt()}
    with pytest.raises(KeyboardInterrupt):
        steps.run(tmp_path)
    before = list(steps.done)
    steps.ends = {}
    night = steps.run(tmp_path)
    assert before + steps.done == ORDER
    assert night.is_over
    steps.run(tmp_path)
    assert steps.done == []


@pytest.mark.parametrize(
    ("failing", "done", "codes"),
    [
        ({"pull": StoreBusy("database.busy", "busy")}, ["ingest", "check"], {"pull": 75, "report": None, "lake": None}),
        ({"check": OutputFailed("output.x", "full")}, ["pull", "ingest", "report", "lake"], {"check": 74}),
        ({"report": OSError(28, "No space", "x")}, ["pull", "ingest", "check", "lake"], {"report": 74}),
        ({"ingest": 65, "check": 1}, ORDER, {"ingest": 65, "check": 1, "report": 0}),
    ],
)
def test_a_step_that_fails_stops_only_those_that_need_it(
    tmp_path: Path, steps: Steps, failing: dict[str, BaseException | int], done: list[str], codes: dict[str, int | None]
) -> None:
    steps.ends = failing
    night = steps.run(tmp_path)
    assert steps.done == done
    assert {name: night.outcomes[name].code for name in codes} == codes
    steps.ends = {}
    steps.run(tmp_path)
    # Steps that failed, and those that waited for them.
    assert steps.done == [name for name in ORDER if name not in done]


def test_a_bug_leaves_its_traceback_and_the_other_steps_are_run(
    tmp_path: Path, steps: Steps, capsys: pytest.CaptureFixture[str]
) -> None:
    steps.ends = {"check": ZeroDivisionError("of a test")}
    night = steps.run(tmp_path)
    assert (night.outcomes["check"].code, night.outcomes["check"].is_done) == (1, False)
    assert steps.done == ["pull", "ingest", "report", "lake"]
    assert "Traceback" in capsys.readouterr().err
    assert "Traceback" in night.path("night", ".log").read_text(encoding="utf-8")


def test_what_reads_a_snapshot_is_done_again_when_that_changes(tmp_path: Path, steps: Steps) -> None:
    steps.run(tmp_path)
    steps.db.write_bytes(b"another snapshot")
    steps.run(tmp_path)
    assert steps.done == ["check", "report", "lake"]


@pytest.mark.parametrize(
    ("later", "zone", "date"),
    [
        (0, "UTC", DATE),
        (1, "UTC", DATE),
        (13, "UTC", dt.date(2026, 3, 2)),
        (0, "Europe/Madrid", dt.date(2026, 3, 2)),
    ],
)
def test_a_night_that_was_interrupted_goes_on_after_midnight(
    tmp_path: Path, later: float, zone: str, date: dt.date
) -> None:
    if zone == "UTC":
        Night(tmp_path, DATE, MOMENT).written()
    now = MOMENT + dt.timedelta(hours=later)
    assert tonight(tmp_path, now, zone).date == date
    if later == 1:
        Night(tmp_path, DATE, MOMENT, is_over=True).written()
        assert tonight(tmp_path, now, zone).date == dt.date(2026, 3, 2)


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"as_of": "x", "is_over": 1, "steps": {"a": {"b": 1}}}'])
def test_a_file_that_is_not_a_night_is_refused_with_the_remedy(tmp_path: Path, content: str) -> None:
    Night(tmp_path, DATE, MOMENT).file.write_text(content, encoding="utf-8")
    with pytest.raises(DataRefused, match="Remove it"):
        tonight(tmp_path, MOMENT, "UTC")


def test_only_files_of_old_nights_are_removed(tmp_path: Path) -> None:
    old = ["report-2026-01-29.html", "report-2026-01-29.slack.json", "check-2026-01-29.json", "night-2026-01-29.log"]
    kept = ["report-2026-01-30.html", "mine-2026-01-29.html", "report-2026-13-45.html", "report.html"]
    kept.append("report-2026-01-29.html.bak-1")
    for name in (*old, *kept):
        (tmp_path / name).write_text("x", encoding="utf-8")
    (tmp_path / "places-2026-01-01").mkdir()
    (tmp_path / "places-2026-01-01" / "a.html").write_text("x", encoding="utf-8")
    done = clean(("report", "places"), 30, Night(tmp_path, DATE, MOMENT))
    assert done == (0, "5 old files removed")
    assert {path.name for path in tmp_path.iterdir()} == set(kept)


@pytest.mark.parametrize(("code", "is_made"), [("since.scope", True), ("report.date", False)])
def test_a_report_that_cannot_be_compared_is_made_without(tmp_path: Path, code: str, is_made: bool) -> None:
    def make(options: ReportOptions) -> str:
        if options.since_report:
            raise UsageError(code, "no", "yes")
        return "made"

    options = ReportOptions(since_report=tmp_path / "report-2026-02-28.json")
    if is_made:
        assert steps_of._compared(options, make) == "made"
    else:
        with pytest.raises(UsageError):
            steps_of._compared(options, make)


def test_the_report_before_is_that_of_the_last_night_with_one(tmp_path: Path) -> None:
    night = Night(tmp_path, DATE, MOMENT)
    assert steps_of._last_before(night, "report") is None
    for name in ("report-2026-02-20", "report-2026-02-27", "report-2026-03-01", "report-all-2026-02-28"):
        (tmp_path / f"{name}.json").touch()
    (tmp_path / "report-2026-02-28.slack.json").touch()
    assert steps_of._last_before(night, "report") == tmp_path / "report-2026-02-27.json"


def test_files_that_a_killed_night_was_writing_are_removed_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "places-2026-03-01").mkdir()
    ours = [".night-2026-03-01.json.77.new", "places-2026-03-01/.a.html.77.new"]
    others = [".mine.new", "report-2026-03-01.html", "new"]
    for name in (*ours, *others):
        (tmp_path / name).touch()
    remove_unfinished(tmp_path)
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == sorted(others)


# As an operator runs it


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with settings and an export of 12 bookings, a mark each."""
    (tmp_path / "noshow.toml").write_text(SETTINGS, encoding="utf-8")
    (tmp_path / "exports").mkdir()
    for name, lines in (
        ("bookings", [Make.booking(number) for number in range(12)]),
        ("marks", [Make.attendance(number, "ATTENDED") for number in range(12)]),
    ):
        text = "".join(json.dumps(line) + "\n" for line in lines)
        (tmp_path / "exports" / f"{name}.ndjson").write_text(text, encoding="utf-8")
    return tmp_path


def files(folder: Path) -> dict[str, tuple[bytes, int]]:
    """Every file below a folder, with its content and when it was written."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_mtime_ns) for path in paths}


def test_the_same_night_twice_changes_nothing(run: Run, folder: Path) -> None:
    planned = run("nightly", "--dry-run")
    assert planned.stdout.count("to do") == 6
    assert not (folder / "data").exists()
    first = run("nightly")
    assert first.returncode == 0, first.stderr
    assert first.stdout.count("\ndone ") == 6
    made = files(folder)
    date = next(name for name in made if name.endswith(".eml")).removesuffix(".eml")[-10:]
    names = {Path(name).name for name in made if name.startswith("data/nightly/")} - {"night.lock"}
    assert names == {
        *(f"report-{date}.{suffix}" for suffix in ("md", "eml", "json")),
        *(f"night-{date}.{suffix}" for suffix in ("json", "log")),
        f"check-{date}.json",
        f"upcoming-{date}.csv",
    }
    second = run("nightly")
    assert (second.returncode, second.stdout) == (0, first.stdout)
    assert files(folder) == made


@pytest.mark.long
def test_the_next_night_has_only_the_news(run: Run, folder: Path) -> None:
    assert run("nightly").returncode == 0
    # The day before it was the same.
    for path in (folder / "data" / "nightly").glob("*-*.*"):
        date = path.name.split(".")[0][-10:]
        yesterday = (dt.date.fromisoformat(date) - dt.timedelta(days=1)).isoformat()
        path.rename(path.with_name(path.name.replace(date, yesterday)))
    third = run("nightly", "--json")
    assert third.returncode == 0, third.stderr
    assert [step["code"] for step in json.loads(third.stdout)["steps"]] == [0] * 6
    data = (folder / "data" / "nightly" / f"report-{date}.eml").read_bytes()
    assert "nothing new since" in email.message_from_bytes(data, policy=email.policy.default)["Subject"]


@pytest.mark.long
@pytest.mark.parametrize("done", few(range(1, 7), 3))
def test_a_night_that_is_killed_goes_on_and_repeats_no_step_that_was_done(folder: Path, done: int) -> None:
    killed = start("nightly", cwd=folder, env=surroundings())
    nights = folder / "data" / "nightly"
    until = time.monotonic() + 60
    while sum(len(json.loads(file.read_bytes())["steps"]) for file in nights.glob("night-*.json")) < done:
        assert time.monotonic() < until
        time.sleep(0.01)
    killed.kill()
    killed.join()
    state = next(nights.glob("night-*.json"))
    before = json.loads(state.read_bytes())["steps"]
    assert forked("nightly", cwd=folder, env=surroundings()).returncode == 0
    after = json.loads(state.read_bytes())
    assert after["is_over"]
    assert len(after["steps"]) == 6
    log = next(nights.glob("night-*.log")).read_text(encoding="utf-8")
    # A step that read the snapshot is done again if that was published once more.
    repeated = [name for name in before if before[name] == after["steps"][name] and log.count(f"== {name}\n") > 1]
    assert repeated == []
    assert not list(nights.glob(".*"))


def test_the_exit_code_is_the_highest_and_the_summary_names_each_step(run: Run, folder: Path) -> None:
    text = SETTINGS.replace('ingest = ["exports"]', 'ingest = ["exports", "missing"]').replace("36", "0")
    (folder / "noshow.toml").write_text(text, encoding="utf-8")
    failed = run("nightly")
    assert failed.returncode == 66
    assert [line[:9].strip() for line in failed.stdout.splitlines()[1:]] == [
        "done", "exit 66", "done", "not run", "not run", "not run", "done",
    ]  # fmt: skip
    assert failed.stderr.count("\n") == 1
    assert not list((folder / "data" / "nightly").glob("report-*"))


@pytest.mark.long
def test_a_night_whose_report_before_is_damaged_has_its_report(run: Run, folder: Path) -> None:
    assert run("nightly").returncode == 0
    made = next((folder / "data" / "nightly").glob("report-*.json"))
    date = dt.date.fromisoformat(made.stem[-10:])
    earlier = made.with_name(f"report-{(date - dt.timedelta(days=1)).isoformat()}.json")
    earlier.write_text("{}", encoding="utf-8")
    for path in [*made.parent.glob(f"*-{date.isoformat()}.*")]:
        path.unlink()
    again = run("nightly")
    assert again.returncode == 0, again.stderr
    assert "not compared with" in again.stderr
    assert made.exists()


@pytest.mark.parametrize(
    ("settings", "words"),
    [("", "no work for the night"), ("[nightly]\nreports = [{where = {nope = 1}}]", "nope")],
)
def test_without_work_or_with_a_wrong_filter_nothing_is_begun(
    run: Run, tmp_path: Path, settings: str, words: str
) -> None:
    (tmp_path / "noshow.toml").write_text(settings, encoding="utf-8")
    refused = run("nightly")
    assert (refused.returncode, refused.stderr.count("\n")) == (2, 1)
    assert words in refused.stderr
    assert not (tmp_path / "data").exists()
