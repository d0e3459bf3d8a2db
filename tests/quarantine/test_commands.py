"""`noshow quarantine` as a person uses it; the report and the checks after it."""

from __future__ import annotations

import json
from pathlib import Path
from unicodedata import bidirectional, normalize

import duckdb
import polars as pl
import pytest
from support.commands import Finished
from support.fixtures import Load, Run
from support.records import Make

import pipeline
import queries
import reports
from pipeline.cli.table_formats import cell, to_csv
from pipeline.store.opening import Store


def require(result: Finished, code: int, *words: str) -> None:
    assert result.returncode == code, result.stderr
    assert "Traceback" not in result.stderr
    for text in words:
        assert text in result.stderr


@pytest.mark.long
def test_from_quarantine_to_nothing_left(run: Run, tmp_path: Path, make: type[Make]) -> None:
    bad = "\u202e=cmd\x1b[31m"
    rows = [f"{make.guid(n, 1)},{make.event(n)},ATTENDED,{n % 3},x" for n in range(1, 7)]
    lines = [*rows, f"{bad},{make.event(9)},ATTENDED,1,x", f"{make.guid(8, 1)},,ATTENDED,1,{'y' * 70_000}"]
    text = "\n".join(["bookingId,eventId,status,numberOfAttendees,note", *lines])
    (tmp_path / "=marks.csv").write_text(text, encoding="utf-8")
    much = run("ingest", "=marks.csv", NOSHOW_CONTRADICTIONS="quarantine")
    require(much, 3, "4 of 8 records were set aside", "2: status_contradicts_number")

    listed = run("quarantine", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    for words in ("1:2", "=marks.csv", "line 4", "status_contradicts_number", "/bookingId", "1:7"):
        assert words in listed.stdout
    for table_format, read in (("csv", pl.read_csv), ("json", pl.read_json), ("parquet", pl.read_parquet)):
        run("quarantine", "list", "--format", table_format, "--out", f"list.{table_format}")
        assert read(tmp_path / f"list.{table_format}")["id"].to_list() == ["1:2", "1:5", "1:6", "1:7"]
    assert ",'=marks.csv," in (tmp_path / "list.csv").read_text()
    (row,) = json.loads(run("quarantine", "show", "1:6").stdout)
    assert (row["raw"].split(",")[0], row["rule"], row["line"]) == (bad, "control_char", 8)
    assert run("quarantine", "show", "1:6").stdout.isascii()

    require(run("quarantine", "retry"), 2, "--all")
    require(run("quarantine", "discard"), 2, "--all")
    require(run("quarantine", "retry", "3:1"), 66, "not in quarantine: 3:1")
    require(run("quarantine", "retry", "1-1"), 2, "LOAD:RECORD")
    require(run("quarantine", "export", "--out", "r.json"), 2, "End it in .csv")
    done = run("quarantine", "retry", "--load", "1", "--json")
    require(done, 0, "left out", "1:7", "Load the file again")
    (outcome,) = json.loads(done.stdout)
    assert (outcome["file"], outcome["read"], outcome["loaded"], outcome["quarantined"]) == ("=marks.csv", 3, 2, 1)
    require(run("quarantine", "retry", "--load", "1", "--rule", "id_format"), 0, "nothing to retry")
    again = run("quarantine", "retry", "2:6")
    assert "nothing was changed" in again.stdout

    require(run("quarantine", "export", "--out", "r.csv", "--reasons", "why.csv"), 0, "1:7", "noshow ingest")
    repaired = (tmp_path / "r.csv").read_text(encoding="utf-8").replace(bad, make.guid(9, 1))
    (tmp_path / "r.csv").write_text(repaired, encoding="utf-8")
    assert pl.read_csv(tmp_path / "why.csv")["is_whole"].to_list() == [False, True]
    (loaded,) = json.loads(run("ingest", "r.csv", "--json").stdout)
    assert (loaded["read"], loaded["loaded"]) == (1, 1)
    assert run("quarantine", "discard", "--file", "marks").stdout == "2 discarded\n"
    require(run("quarantine", "list"), 0, "no such record")


@pytest.mark.long
def test_the_report_counts_no_record_twice(
    store: Store, con: duckdb.DuckDBPyConnection, make: type[Make], load: Load, tmp_path: Path
) -> None:
    store.settings = pipeline.Settings.model_validate({"contradictions": "quarantine"})
    load(*(make.booking(n) for n in range(1, 5)), *(make.attendance(n, attendees=n % 2) for n in range(1, 5)))
    load(make.attendance(9, "?"), make.attendance(8))
    store.settings = pipeline.Settings.model_validate({})

    def quality() -> tuple[dict[str, int], int | None]:
        section = reports.the_report(con, as_of="2026-06-01T00:00:00Z").quality
        return dict(zip(section.fates, section.totals, strict=True)), section.quarantined

    sums, quarantined = quality()
    assert (sums["read"], sums["set aside"], quarantined, "discarded" in sums) == (10, 3, 3, False)
    pipeline.retry_quarantined(store, every=True)
    sums, quarantined = quality()
    assert (sums["read"], sums["loaded"], sums["set aside"], quarantined) == (10, 9, 1, 1)
    assert queries.loads(con).sort("load_id").select("read", "quarantined").rows() == [(6, 0), (2, 1), (2, 0)]
    pipeline.discard_quarantined(store, every=True)
    sums, quarantined = quality()
    assert (sums["read"], sums["loaded"], sums["set aside"], sums["discarded"], quarantined) == (10, 9, 0, 1, 0)
    reports.build_report(con, tmp_path / "r.html", as_of="2026-06-01T00:00:00Z")
    assert '<th scope="col" class="number">Discarded</th>' in (tmp_path / "r.html").read_text(encoding="utf-8")


DIRECTIONS = ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI")


def test_no_text_of_a_csv_starts_a_formula() -> None:
    signs = [sign for sign in map(chr, range(0x110000)) if normalize("NFKC", sign) in tuple("=+-@")]
    assert len(signs) > 10
    texts = [f"{before}{sign}1" for sign in signs for before in ("", "\t", "\r", " ", "\u200b", "\ufeff", "\x00")]
    frame = pl.DataFrame({"a": [*texts, "1=2"], "b": -1, "c": [*([text, "y"] for text in texts), []]})
    read = pl.read_csv(to_csv(frame))
    assert read.rows() == [*((f"'{text}", -1, f"'{text}; y") for text in texts), ("1=2", -1, "")]


def test_nothing_in_a_csv_changes_the_direction_of_writing() -> None:
    signs = [sign for sign in map(chr, range(0x110000)) if bidirectional(sign) in DIRECTIONS]
    assert len(signs) == len(DIRECTIONS)
    expected = "".join(f"fdp.\\u{ord(sign):04x}exe\n" for sign in signs)
    assert to_csv(pl.DataFrame({"a": [f"fdp.{sign}exe" for sign in signs]})).decode() == f"a\n{expected}"


def test_nothing_unprintable_reaches_a_terminal() -> None:
    assert cell("a\x1b[31m\u202eb\n\u00e9 [b]") == "a\\x1b[31m\\u202eb\\n\u00e9 \\[b]"
