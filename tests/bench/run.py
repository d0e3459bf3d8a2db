"""Run the benches and print their tables: `python tests/bench/run.py`, or with names, `--size` and `--keep`.

Other tools come with the extra `bench`. Figures are of one machine; only the ratios can be compared.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import commands
import counts
import formats
import growth
import ingest
import marks
import pages
import serving
import start
from measuring import HEAD, Row, machine, table

RESULTS = Path(__file__).with_name("RESULTS.md")
BENCHES: dict[str, Callable[[Path, int], list[Row]]] = {
    "start": lambda folder, _: start.rows(folder),
    "ingest": ingest.rows,
    "commands": commands.rows,
    "changes": ingest.changes,
    "marks": marks.rows,
    "formats": formats.rows,
    "pages": lambda folder, size: pages.rows(folder, 10 * size),
    "serving": serving.rows,
    "counts": lambda folder, size: counts.rows(folder, 10 * size),
    "many": lambda folder, size: counts.many_rows(folder, 100 * size),
    "growth": lambda folder, size: growth.rows(folder, 10 * size),
}


def main() -> None:
    """Run, print, and with --keep write down."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benches", nargs="*", choices=[[], *BENCHES], help="which ones; default: all")
    parser.add_argument("--size", type=int, default=1_000_000, help="records of the ingest; the others follow from it")
    parser.add_argument("--keep", action="store_true", help="add the figures to RESULTS.md")
    parser.add_argument("--folder", type=Path, help="where the files go while it runs; some 20 GB at full size")
    options = parser.parse_args()
    if options.folder:
        options.folder.mkdir(parents=True, exist_ok=True)
    lines = [f"{dt.datetime.now(dt.UTC):%Y-%m-%d}, {machine()}\n"]
    for name in options.benches or BENCHES:
        print(f"{name} ...", file=sys.stderr, flush=True)
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            rows = BENCHES[name](Path(folder), options.size)
        lines.append(f"{name}, --size {options.size:,}\n\n{table(HEAD, [row.cells() for row in rows])}\n")
        print(lines[-1], flush=True)
    if options.keep:
        with RESULTS.open("a", encoding="utf-8") as results:
            results.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
