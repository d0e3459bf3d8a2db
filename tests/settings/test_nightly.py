"""The table `[nightly]`: each mistake in one line, and limits and options that the commands have."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

import queries
import reports
from pipeline.cli.ingest import IngestOptions
from pipeline.cli.nightly.plan import plan
from pipeline.cli.report import ReportOptions
from pipeline.settings import read_settings
from pipeline.settings.nightly import Nightly, NightlyCheck, NightlyIngest, NightlyReport, NightlyUpcoming


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pull = 5", "setting nightly.pull"),
        ("ingest = 'exports'", "setting nightly.ingest: expected a list"),
        ("ingest = [3]", "setting nightly.ingest.0: expected a table"),
        ("ingest = ['a', {path = 'a'}]", "nightly.ingest: two have the path 'a'"),
        ("ingest = [{path = 'a', kind = 'visit'}]", "nightly.ingest.0.kind: 'visit' is none of attendance"),
        ("ingest = [{file = 'a'}]", "setting nightly.ingest.0"),
        ("reports = [{formats = ['htm']}]", "nightly.reports.0.formats.0: 'htm' is none of html, json"),
        ("reports = [{formats = []}]", "nightly.reports.0.formats"),
        ("reports = [{}, {}]", "nightly.reports: two have the name 'report'"),
        ("reports = [{name = '../up'}]", "nightly.reports.0.name"),
        ("reports = [{name = 'night'}]", "the night has files called 'night' already"),
        ("reports = [{share = true, names = true}]", "a shared report names nobody"),
        ("reports = [{share = true, by = 'staff'}]", "a shared report names nobody"),
        ("reports = [{by = 'week'}]", "'week' is none of location, service, staff"),
        ("check = {min_coverage = 2}", "setting nightly.check.min_coverage"),
        ("check = {coverage = 1}", "setting nightly.check.coverage: no setting has this name"),
        ("upcoming = {format = 'table'}", "'table' is none of"),
        ("keep_days = 0", "setting nightly.keep_days"),
        ("keep = 3", "setting nightly.keep: no setting has this name"),
    ],
)
def test_each_mistake_is_one_line_with_its_place(folder: Path, line: str, words: str) -> None:
    (folder / "noshow.toml").write_text(f"[nightly]\n{line}\n", encoding="utf-8")
    with pytest.raises(queries.DataRefused) as caught:
        read_settings()
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_table_can_be_json_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOSHOW_NIGHTLY", '{"ingest": ["exports"], "check": {"max_age": 36}}')
    nightly = read_settings().nightly
    assert nightly is not None
    assert nightly.ingest == (NightlyIngest(path="exports"),)
    assert nightly.check == NightlyCheck(max_age=36)


def test_the_night_has_every_limit_of_the_check_and_only_options_of_the_commands() -> None:
    limits = {field.name for kind in (reports.Limits, reports.LoadLimits) for field in dataclasses.fields(kind)}
    assert set(NightlyCheck.model_fields) == limits
    ingest = {field.name for field in dataclasses.fields(IngestOptions)} - {"source_format"}
    assert set(NightlyIngest.model_fields) <= ingest | {"path", "format"}
    options = {field.name for field in dataclasses.fields(ReportOptions)} - {"format"}
    assert set(NightlyReport.model_fields) <= options | {"name", "formats"}
    assert set(NightlyUpcoming.model_fields) == {"days", "by", "format", "names"}


def test_the_example_of_the_documentation_is_accepted_and_has_every_key(folder: Path) -> None:
    text = (Path(__file__).parents[2] / "pipeline" / "nightly.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"^```toml\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE)
    (folder / "noshow.toml").write_text(example, encoding="utf-8")
    settings = read_settings()
    assert settings.nightly is not None
    assert settings.nightly.model_fields_set == set(Nightly.model_fields) - {"folder"}
    kinds = {step.name.split()[0]: None for step in plan(settings, folder / "attendance.duckdb", 0)}
    (order,) = re.findall(r"run in this order: (.*)\. If a load", text)
    assert list(kinds) == re.findall(r"`(\w+)`", order)
    assert all(f"| `{name}` |" in text for name in Nightly.model_fields)


@pytest.mark.parametrize("address", ["owner", "a@b\nBcc: c@d.example", "a b@c.example", "", "a@b.example, c@d.example"])
def test_what_is_not_an_address_is_refused(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setenv("NOSHOW_MAIL_FROM", address)
    with pytest.raises(queries.DataRefused, match="is not an address such as owner@example"):
        read_settings()
