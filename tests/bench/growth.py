"""Growth: the same work over ten times the records, beside itself."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

from counts import a_report, by_session
from filled import fill, write_attendances
from ingest import noshow
from measuring import Row, Run, alone

_LIMIT = "400MB"


def rows(folder: Path, largest: int) -> list[Row]:
    """Ingest, counts and report at a hundredth, a tenth and the whole of `largest`: seconds for each record."""
    runs: dict[str, list[tuple[int, Run]]] = {"ingest": [], "counts by session": [], "report": []}
    for size in (largest // 100, largest // 10, largest):
        place = folder / str(size)
        place.mkdir()
        write_attendances(place / "a.ndjson", 0, size)
        loaded = place / "loaded" / "a.duckdb"
        runs["ingest"].append((size, alone(noshow, place / "a.ndjson", loaded, _LIMIT)))
        (place / "a.ndjson").unlink()
        fill(place / "a.duckdb", size)
        runs["counts by session"].append((size, alone(by_session, place / "a.duckdb", _LIMIT)))
        runs["report"].append((size, alone(a_report, place / "a.duckdb", place / "a.html", _LIMIT)))
    return [
        Row(
            f"{work}, {large:,}",
            run,
            f"{large // small} times that of {small:,}",
            _times(before, large // small),
            "at most 1.1x",
        )
        for work, found in runs.items()
        for (small, before), (large, run) in pairwise(found)
    ]


def _times(run: Run, factor: int) -> Run:
    return Run(run.seconds * factor, run.peak_mb)
