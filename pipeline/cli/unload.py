"""Take back loads and print the outcome."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import typer

import pipeline
from pipeline.cli.exits import say
from pipeline.cli.json_output import print_json
from pipeline.cli.loaded import in_words_depending, in_words_unloaded
from pipeline.printable import printable


def run(loads: Sequence[int], as_json: bool, wait: float, db: Path | None) -> None:
    """Unload and print a line for each load; say on stderr which later files may have to be loaded again."""
    with pipeline.open_store(db, wait=wait) as store:
        unloaded = pipeline.unload(store, loads)
        has_model = bool(store.connection.execute("select 1 from internal.risk_model").fetchall())
    if as_json:
        print_json([asdict(one) for one in unloaded])
    else:
        for one in unloaded:
            typer.echo(printable(in_words_unloaded(one), limit=10_000))
    if depending := in_words_depending(unloaded):
        say(depending)
    if has_model:
        say("the model of no-shows may have learnt from these records: `noshow model train` trains it without them")
