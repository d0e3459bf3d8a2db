"""Differences that are planted between noshow and another system, and what noshow says of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import polars as pl
from support.in_memory import in_memory_case
from support.other_systems import OF_UNITS, Period, System, can_join, rules, their_list
from support.simulated_business import AS_OF, FIRST, Business, business, load

from queries.language.filters import EVERYTHING
from queries.reconciling import of_list
from queries.reconciling.answer import Reconciliation
from queries.reconciling.asking import Prepared, prepared
from queries.reconciling.cells import Plan, Scope, plan_of, read_rows
from queries.reconciling.explanations import shipped_explanations
from queries.reconciling.said import read_said


@dataclass(frozen=True)
class Planted:
    """A difference: the names of its rules (none if single rows were changed), and the other system's table."""

    names: frozenset[str]
    table: pl.DataFrame
    # The rules by themselves, with their tables.
    alone: tuple[tuple[str, pl.DataFrame], ...] = ()

    def named_by(self, claims: Sequence[frozenset[str]], only_no_shows: bool = False) -> bool:
        """Whether one of the claims is it; of a list of no-shows alone, also a part of it with the very same list."""
        ours = their_list(self.table, only_no_shows)
        same = [frozenset([name]) for name, table in self.alone if their_list(table, only_no_shows).equals(ours)]
        return self.names in claims or (only_no_shows and any(each in claims for each in same))

    @property
    def says(self) -> str:
        return f"{self.table['part'].sum()}/{self.table['whole'].sum()}"

    @property
    def rate(self) -> str:
        return f"{100 * self.table['part'].sum() / self.table['whole'].sum():.1f}%"

    @property
    def shows_in_a_list(self) -> bool:
        return not any(name in OF_UNITS for name in self.names)


@dataclass(frozen=True)
class Scene:
    """A business in a database, a period, and every definition counted over it."""

    made: Business
    period: Period
    ask: Prepared
    plan: Plan
    rows: pl.DataFrame

    def list_answer(self, planted: Planted, only_no_shows: bool = False, says: str | None = None) -> Reconciliation:
        theirs = their_list(planted.table, only_no_shows)
        return of_list.answer(self.rows, self.plan, theirs, read_said(says) if says else None)

    def number_answer(self, says: str) -> Reconciliation:
        return self.ask.answer(read_said(says))


@contextmanager
def scene(seed: int, bookings: int) -> Iterator[Scene]:
    """A business and a period of three to eight months, one of three with an end near the moment of the figures."""
    rng = np.random.default_rng(seed + 10_000)
    made = business(seed, bookings)
    last = AS_OF.date() if rng.random() < 0.33 else FIRST + dt.timedelta(days=int(rng.integers(150, 235)))
    period = (FIRST + dt.timedelta(days=int(rng.integers(0, 40))), last)
    with in_memory_case() as case:
        load(case.con, made)
        scope = Scope(EVERYTHING, AS_OF, period)
        plan = plan_of(case.con, shipped_explanations(), scope)
        yield Scene(made, period, prepared(case.con, scope), plan, read_rows(case.con, plan, scope))


def plant(scene: Scene, rng: np.random.Generator, parts: int) -> Planted:
    """A difference of one or two rules, each of which changes something beside the other."""
    while True:
        every = rules(scene.made, rng)
        names = [str(name) for name in rng.choice(sorted(every), size=parts, replace=False)]
        if parts == 2 and not can_join(*names):
            continue
        tables = [_counted(scene, [every[name] for name in some]) for some in ([], *([name] for name in names), names)]
        if all(_differ(tables[-1], other) for other in tables[:-1][: 1 if parts == 1 else None]):
            return Planted(frozenset(names), tables[-1], tuple(zip(names, tables[1:-1], strict=True)))


def plant_errors(scene: Scene, rng: np.random.Generator) -> Planted:
    """Errors of single rows, which no rule makes: outcomes turned round, and rows left out."""
    table = _counted(scene, [])
    counted = np.flatnonzero(table["state"].to_numpy() > 0)
    count = int(rng.integers(2, 41))
    chosen = rng.choice(counted, size=count, replace=False)
    state = table["state"].to_numpy().copy()
    turned = rng.random(count) < 0.5
    state[chosen] = np.where(turned, 3 - state[chosen], 0)
    states = pl.Series(state)
    weight = pl.col("weight")
    return Planted(
        frozenset(),
        table.with_columns(state=states).with_columns(
            part=pl.when(pl.col("state") == 2).then(weight).otherwise(0),
            whole=pl.when(pl.col("state") > 0).then(weight).otherwise(0),
        ),
    )


def own_table(scene: Scene) -> pl.DataFrame:
    """Noshow's own figure by the truth."""
    return _counted(scene, [])


def claims(answer: Reconciliation) -> list[frozenset[str]]:
    """The explanations that an answer names as the reason, each as its parts; they count the very same rows."""
    if answer.verdict != "explained":
        return []
    return [frozenset(name.split(" + ")) for name in answer.fits["explanation"] if name != "own"]


def _counted(scene: Scene, changes: list[Callable[[System], None]]) -> pl.DataFrame:
    system = System(scene.period)
    for change in changes:
        change(system)
    return system.table(scene.made.truth)


def _differ(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return not one.select("part", "whole", "state").equals(other.select("part", "whole", "state"))
