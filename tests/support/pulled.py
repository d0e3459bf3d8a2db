"""Pull a site into a database by a clock that only waiting moves, and read the records stored then."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

from support.api import Api

import pipeline
import queries
from pipeline.pulling.pull import Pulled, pull
from pipeline.pulling.source import Surroundings

BEGAN = dt.datetime(2026, 3, 10, 12, tzinfo=dt.UTC)
BEFORE = "2026-03-03T09:00:00Z"


class Clock:
    """A clock that only waiting moves, some days after the first pull."""

    def __init__(self, days: int = 0) -> None:
        self.at, self.waited = BEGAN + dt.timedelta(days=days), 0.0

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds

    def around(self) -> Surroundings:
        return Surroundings(lambda: self.at, lambda: self.waited, self.sleep, random.Random(1))


def pulled(db: Path, api: Api, clock: Clock | None = None, **options: Any) -> Pulled:
    chosen = pipeline.Settings.model_validate(api.settings() | options.pop("settings", {}))
    return pull(db, settings=chosen, around=(clock or Clock()).around(), **options)


def rows(db: Path, sql: str) -> list[tuple[Any, ...]]:
    with queries.connect(db) as con:
        return con.execute(sql).fetchall()


def counts(db: Path) -> tuple[Any, ...]:
    tables = ("booking", "attendance", "quarantine")
    return rows(db, "select " + ", ".join(f"(select count(*) from {table})" for table in tables))[0]
