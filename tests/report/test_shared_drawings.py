"""A shared page is drawn from counts that may be shared: no coordinate, tooltip, order or size shows another."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from support.samples import few

import queries
import reports
from reports import build
from reports.measured.frames import Frames
from reports.measured.parts import Part

SHARE = reports.Options(share=True)
# Frames of which a shared report uses something else than their counts, and those the design effects are made of.
BEHIND = ("day", "clusters", "overlaps", "halves", "regimes")
# Whole numbers that say where a row stands.
GROUPS = ("local_weekday", "local_hour", "level")


def hidden(frame: pl.DataFrame, factor: int) -> pl.DataFrame:
    """A frame with other counts, and its keys as they were."""
    return frame.with_columns(
        (pl.col(name) * factor + 1) for name, kind in frame.schema.items() if kind == pl.Int64 and name not in GROUPS
    )


def with_other_hidden_counts(frames: Frames) -> Frames:
    by = {name: hidden(frame, 3) if name in BEHIND else frame for name, frame in frames.by.items()}
    rows = {name: hidden(frame, 3) if name in BEHIND else frame for name, frame in frames.rows.items()}
    # The correlations themselves; the statements use the design effect of all, which is rounded.
    clustering = replace(frames.clustering, contact=0.5, session=0.25)
    return replace(frames, by=by, rows=rows, clustering=clustering)


def frames_in(report: Frames) -> Iterator[tuple[str, pl.DataFrame]]:
    yield "overall", report.overall
    if report.before is not None:
        yield "before", report.before
    for kind in (report.by, report.counts, report.rows, report.records):
        yield from kind.items()


@pytest.mark.long
@pytest.mark.parametrize("form", few(["json", "html"], 1))
def test_a_shared_page_is_drawn_from_shared_counts(
    sample_db: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    seen: list[Frames] = []

    def other(*args: Any, **options: Any) -> Iterator[Part]:
        for part in measured(*args, **options):
            seen.append(part.frames)
            yield replace(part, frames=with_other_hidden_counts(part.frames))

    measured = build.parts
    pages = []
    for source in (measured, other):
        monkeypatch.setattr(build, "parts", source)
        path = tmp_path / f"page.{form}"
        with closing(queries.connect(sample_db)) as con:
            reports.build_report(con, path, as_of="2026-09-01T00:00:00Z", options=SHARE, format=form)
        pages.append(path.read_bytes())
    assert pages[0] == pages[1]
    (frames,) = seen
    for name, frame in frames_in(frames):
        if name in BEHIND:
            continue
        for column, kind in frame.schema.items():
            if kind == pl.Int64 and column not in GROUPS:
                told = frame[column].drop_nulls().to_list()
                assert [count for count in told if count % 5 or count == 5] == [], (name, column)
