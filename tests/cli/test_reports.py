"""Reports and checks as an operator runs them: one, many, shared, as data, since an earlier one, and as a gate."""

from __future__ import annotations

import csv
import io
import itertools
import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from support.commands import Finished, forked, real, surroundings
from support.fixtures import Run
from support.records import Make

import pipeline

ROOT = Path(__file__).parents[2]
AS_OF = ("--as-of", "2026-07-01T00:00:00Z")
HOSTILE = "<script>alert('x')</script> \"=1+1\" \u202eevil/../../up"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a database of the sample."""
    made = tmp_path_factory.mktemp("chain")
    with pipeline.open_store(made / "attendance.duckdb", settings=pipeline.Settings.model_validate({})) as store:
        pipeline.ingest(store, [ROOT / "data" / "sample"])
    return made


@pytest.fixture
def run(folder: Path) -> Run:
    def run_noshow(*args: str | Path, cwd: Path = folder, **env: str) -> Finished:
        return forked(*args, cwd=cwd, env=surroundings(**{"NOSHOW_DB": str(folder / "attendance.duckdb")} | env))

    return run_noshow


def refused(result: Finished, *expected: str) -> None:
    assert result.returncode == 2, result.stderr
    assert result.stderr.count("\n") == 1
    for words in expected:
        assert words in result.stderr


@pytest.mark.long
def test_one_report_for_each_location_and_an_index(run: Run, folder: Path) -> None:
    result = run("report", "--by-location", *AS_OF, "--out", "locations")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "3 reports by location\nIndex: locations/index.html\n"
    index = (folder / "locations" / "index.html").read_text(encoding="utf-8")
    links = re.findall(r'<a href="([^"]+\.html)">', index)
    assert len(links) == 3
    assert {path.name for path in (folder / "locations").iterdir()} == {"index.html", *links}
    assert [re.sub(r"-[0-9a-f]{8}\.html", "", link) for link in sorted(links)] == ["harbour", "old-town", "riverside"]
    one = next(path for path in (folder / "locations").iterdir() if path.name.startswith("harbour"))
    alone = run("report", *AS_OF, "--where", '{"location": "Harbour"}', "--format", "json", "--out", "harbour.json")
    figures = json.loads((folder / "harbour.json").read_text(encoding="utf-8"))["headline"]
    assert alone.returncode == 0
    assert f"{figures['no_shows']:,} of {figures['marked_bookings']:,}" in one.read_text(encoding="utf-8")


ENVIRONMENTS = list(itertools.product(("UTC", "Pacific/Auckland"), ("C", "de_DE.UTF-8"), ("0", "4711")))


def require_same_report(folder: Path, environments: Sequence[tuple[str, str, str]]) -> None:
    """In interpreters of their own, since a hash seed is chosen when one starts."""
    made = set()
    for number, (zone, language, seed) in enumerate(environments):
        out = folder / f"same-{number}.html"
        env = surroundings(
            NOSHOW_DB=str(folder / "attendance.duckdb"), TZ=zone, LANG=language, LC_ALL=language, PYTHONHASHSEED=seed
        )
        result = real("report", *AS_OF, "--out", out, cwd=folder, env=env)
        assert result.returncode == 0, result.stderr
        made.add(out.read_bytes())
    assert len(made) == 1


@pytest.mark.long
def test_the_same_report_in_two_zones_languages_and_hash_seeds(folder: Path) -> None:
    require_same_report(folder, (ENVIRONMENTS[0], ENVIRONMENTS[-1]))


@pytest.mark.long
def test_the_same_report_whatever_the_zone_language_and_hash_seed(folder: Path) -> None:
    assert len(ENVIRONMENTS) == 8
    require_same_report(folder, ENVIRONMENTS)


@pytest.mark.long
def test_the_report_is_under_the_size_that_mails_well(run: Run, folder: Path) -> None:
    assert run("report", *AS_OF, "--out", "size.html").returncode == 0
    assert (folder / "size.html").stat().st_size < 500_000


@pytest.mark.long
def test_a_shared_report_tells_no_name(run: Run, folder: Path) -> None:
    assert run("report", "--share", *AS_OF, "--out", "shared.html").returncode == 0
    page = (folder / "shared.html").read_text(encoding="utf-8")
    for name in ("Tom Byrne", "Ana Reyes", "attendances.ndjson", "guest "):
        assert name not in page
    refused(run("report", "--share", "--names"), "--names and --share")
    refused(run("report", "--share", "--by-staff"), "--by-staff and --share")


@pytest.mark.long
def test_names_only_on_request(run: Run, folder: Path) -> None:
    known = run("sql", "select contact_name from booking where contact_name is not null group by 1 having count(*) > 2")
    assert known.returncode == 0
    run("report", *AS_OF, "--format", "json", "--out", "hidden.json")
    run("report", *AS_OF, "--format", "json", "--out", "named.json", "--names")
    hidden, named = (json.loads((folder / name).read_text(encoding="utf-8")) for name in ("hidden.json", "named.json"))
    assert [one["who"] for one in hidden["participants"]["repeats"]] != [
        one["who"] for one in named["participants"]["repeats"]
    ]
    assert all(one["who"].startswith("guest ") for one in hidden["participants"]["repeats"])
    assert not any(one["who"].startswith("guest ") for one in named["participants"]["repeats"])


@pytest.mark.long
def test_what_changed_since_an_earlier_report(run: Run, folder: Path) -> None:
    early = ("--as-of", "2026-06-20T00:00:00Z")
    assert run("report", *early, "--format", "json", "--out", "early.json").returncode == 0
    result = run("report", *AS_OF, "--since-report", "early.json", "--format", "json", "--out", "late.json")
    assert result.returncode == 0, result.stderr
    since = json.loads((folder / "late.json").read_text(encoding="utf-8"))["since"]
    assert since["as_of"] == "2026-06-20T00:00:00+00:00"
    assert since["changed"] or since["new"]
    refused(run("report", "--since-report", "early.json", "--where", '{"location": "Harbour"}'), "another scope")
    missing = run("report", "--since-report", "none.json")
    assert (missing.returncode, "no such file" in missing.stderr) == (66, True)
    (folder / "broken.json").write_text("[1", encoding="utf-8")
    refused(run("report", "--since-report", "broken.json"), "not a JSON object")


@pytest.mark.long
def test_a_check_exits_with_1_and_says_what_fails(run: Run) -> None:
    failed = run("check", *AS_OF, "--min-coverage", "0.999", "--max-rate", "0.9")
    assert failed.returncode == 1
    assert failed.stderr == ""
    checks = json.loads(failed.stdout)
    assert [gate["check"] for gate in checks["failed"]] == ["min_coverage"]
    assert checks["passed"] == ["max_rate"]
    kept = run("check", *AS_OF, "--min-coverage", "0.1", "--no-new-signal")
    assert (kept.returncode, json.loads(kept.stdout)["failed"]) == (0, [])
    refused(run("check"), "nothing to check")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("report", "--from", "yesterday"), "is not a date"),
        (("report", "--from", "2026-06-10", "--to", "2026-06-01"), "ends before it begins"),
        (("report", "--from", "2024-01-01", "--to", "2026-06-01", "--compare", "year"), "would overlap"),
        (("report", "--by-location", "--by-staff"), "at once"),
        (("report", "--by-location", "--since-report", "x.json"), "for one report"),
    ],
)
def test_choices_that_make_no_sense_are_one_line(run: Run, args: tuple[str, ...], words: str) -> None:
    refused(run(*args), words)


@pytest.mark.long
def test_settings_reach_the_report(run: Run, tmp_path: Path) -> None:
    (tmp_path / "noshow.toml").write_text(
        'brand_name = "Harbour Ltd"\nbrand_colour = "#ffb300"\nenough_coverage = 0.999\nmin_bookings = 3\n'
        'policy_dates = [{date = 2026-06-10, what = "reminders <by> SMS", locations = ["Harbour"]}]\n'
        "empty_seat_cost = 12\nturned_away_cost = 40.5\n",
        encoding="utf-8",
    )
    result = run("report", *AS_OF, "--out", "branded.html", cwd=tmp_path)
    assert result.returncode == 0, result.stderr
    page = (tmp_path / "branded.html").read_text(encoding="utf-8")
    assert "Harbour Ltd" in page
    light, dark = re.findall(r"--accent:(#[0-9a-f]{6})", page)
    assert (light != "#ffb300", dark) == (True, "#ffb300")  # too light for text on white: darkened
    assert "reminders &lt;by&gt; SMS" in page
    assert "12 for an empty seat and 40.5 for a person turned away" in page
    (controls,) = re.findall(r"SMS</bdi></th>(?:<td.*?</td>){3}<td[^>]*>(.*?)</td>", page)
    assert re.fullmatch(r"\S+\s% \(\d+ of \d+\), then \S+\s% \(\d+ of \d+\)", controls)
    assert "possible range" in page


@pytest.mark.long
def test_hostile_names_reach_no_path_no_formula_and_no_markup(run: Run, tmp_path: Path, make: type[Make]) -> None:
    place = {"location": {"id": HOSTILE, "name": HOSTILE}, "resource": {"id": HOSTILE, "name": HOSTILE}}
    records = []
    for n in range(1, 31):
        booking = make.booking(n, slot=place)
        booking["bookedEntity"]["title"] = HOSTILE
        records.append({"booking": booking, "attendance": {"status": "NOT_ATTENDED" if n % 3 else "ATTENDED"}})
    export = tmp_path / "export.ndjson"
    export.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
    db = str(tmp_path / "hostile.duckdb")
    assert run("ingest", export, cwd=tmp_path, NOSHOW_DB=db).returncode == 0
    assert run("report", "--by-location", "--out", "all", cwd=tmp_path, NOSHOW_DB=db).returncode == 0
    names = sorted(path.name for path in (tmp_path / "all").iterdir())
    assert len(names) == 2
    assert all(re.fullmatch(r"[a-z0-9.-]+", name) for name in names)
    for name in names:
        page = (tmp_path / "all" / name).read_text(encoding="utf-8")
        assert page.count("<script>") == 1
        assert "\u202e" not in page
    rates = run("rates", "--by", "location", "--format", "csv", cwd=tmp_path, NOSHOW_DB=db)
    (row,) = list(csv.DictReader(io.StringIO(rates.stdout)))
    assert not row["location"].startswith(("=", "+", "-", "@"))


def test_loads_are_checked_at_the_moment_asked_for(run: Run) -> None:
    late = run(
        "check", "--as-of", "2100-01-01T00:00:00Z", "--max-age", "48", "--max-set-aside", "1", "--max-unmet", "0"
    )
    assert late.returncode == 1, late.stderr
    checks = json.loads(late.stdout)
    assert [gate["check"] for gate in checks["failed"]] == ["max_age"]
    assert checks["passed"] == ["max_set_aside", "max_unmet"]


@pytest.mark.long
def test_a_message_has_the_news_and_is_one_line_without_any(run: Run, folder: Path) -> None:
    assert run("report", *AS_OF, "--format", "json", "--out", "known.json").returncode == 0
    result = run("report", *AS_OF, "--format", "slack", "--since-report", "known.json")
    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith("report.slack.json\n")
    assert "nothing new since" in json.loads((folder / "report.slack.json").read_text(encoding="utf-8"))["text"]


@pytest.mark.long
@pytest.mark.parametrize("form", ["md", "eml", "slack", "xlsx"])
def test_every_form_names_people_only_on_request_and_is_the_same_twice(run: Run, folder: Path, form: str) -> None:
    made = {}
    for name, options in (("one", ()), ("two", ()), ("named", ("--names",)), ("shared", ("--share",))):
        result = run("report", *AS_OF, "--format", form, "--out", name, *options)
        assert (result.returncode, result.stderr) == (0, "")
        made[name] = (folder / name).read_bytes()
    assert made["one"] == made["two"]
    assert made["shared"] != made["one"]
    # The first page of the sample names nobody either way; the workbook lists repeat no-shows.
    assert (made["named"] != made["one"]) == (form == "xlsx")


@pytest.mark.long
def test_a_pdf_without_chromium_is_one_line_with_the_remedy(run: Run, tmp_path: Path) -> None:
    refused(run("report", *AS_OF, "--format", "pdf", PATH=str(tmp_path)), "printed by Chromium", "Install chromium")
