"""Differences that are planted between noshow and another system, and the findings of noshow about them."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import combinations

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
    # Some of the rules, with their tables.
    parts: tuple[tuple[frozenset[str], pl.DataFrame], ...] = ()

    def named_by(self, claims: Sequence[frozenset[str]], only_no_shows: bool = False) -> bool:
        """Whether one of the claims is it; of a list of no-shows alone, also a part of it with the very same list."""
        ours = their_list(self.table, only_no_shows)
        same = [names for names, table in self.parts if their_list(table, only_no_shows).equals(ours)]
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
    """A difference of so many rules, each of which changes something beside the others."""
    while True:
        every = rules(scene.made, rng)
        names = [str(name) for name in rng.choice(sorted(every), size=parts, replace=False)]
        if not all(can_join(*pair) for pair in combinations(names, 2)):
            continue
        table = _counted(scene, [every[name] for name in names])
        parts_of = [some for size in range(parts) for some in combinations(names, size)]
        less = {some: _counted(scene, [every[name] for name in some]) for some in parts_of}
        if all(_differ(table, other) for other in less.values()):
            return Planted(frozenset(names), table, tuple((frozenset(some), less[some]) for some in parts_of if some))


def plant_errors(scene: Scene, rng: np.random.Generator) -> Planted:
    """Errors of single rows, which no rule makes: outcomes turned round, and rows left out."""
    table = _counted(scene, [])
    counted = np.flatnonzero(table["state"].to_numpy() > 0)
    count = int(rng.integers(1, 41))
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


def measured(seeds: Sequence[int], bookings: int, parts: Sequence[int], errors: int) -> Counter[tuple[str, str]]:
    """How often differences are named: by the way they are asked about, and right, wrong, several or none.

    In each business one difference is planted for each of `parts`, the number of its rules, and `errors` that no rule
    makes. The ways: `counts` and `rate` (the number alone), `list` (with the counts if the rules change no row), and
    `asked`: the counts, then the list if the counts do not decide it.
    """
    found: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        rng = np.random.default_rng(seed)
        with scene(seed, bookings) as at:
            truth, own = own_table(at), at.ask.tried.own
            assert (own.part, own.whole) == (truth["part"].sum(), truth["whole"].sum()), "noshow's own figure"
            for number, count in enumerate(parts):
                found.update(_asked(at, plant(at, rng, count), only_no_shows=number % 4 == 3))
            for _ in range(errors):
                found.update(_asked_of_errors(at, plant_errors(at, rng)))
    return found


def _asked(at: Scene, planted: Planted, only_no_shows: bool) -> Iterator[tuple[str, str]]:
    by_counts = _outcome(planted, at.number_answer(planted.says))
    only_no_shows = only_no_shows and _differ_in_no_shows(planted.table, own_table(at))
    listed = at.list_answer(planted, only_no_shows, None if planted.shows_in_a_list else planted.says)
    by_list = _outcome(planted, listed, only_no_shows)
    yield "counts", by_counts
    yield "rate", _outcome(planted, at.number_answer(planted.rate))
    yield "list", by_list
    yield "asked", by_list if by_counts == "several" else by_counts


def _asked_of_errors(at: Scene, planted: Planted) -> Iterator[tuple[str, str]]:
    for way, answer in (
        ("counts", at.number_answer(planted.says)),
        ("rate", at.number_answer(planted.rate)),
        ("list", at.list_answer(planted)),
    ):
        yield f"errors, {way}", _outcome(planted, answer)


def _outcome(planted: Planted, answer: Reconciliation, only_no_shows: bool = False) -> str:
    named = claims(answer)
    if planted.named_by(named, only_no_shows):
        return "right"
    # It may name the rules that explain most rows of a list, and say that some stay unexplained.
    seen_in_the_list = {"days_gone", "contacts_gone"}
    if answer.unexplained_rows and any(one - seen_in_the_list < planted.names for one in named):
        return "in part"
    # If noshow's own rate is the same to the digits given, it says so and names nothing.
    return "wrong" if named else "same" if answer.verdict == "explained" else answer.verdict


def _differ_in_no_shows(one: pl.DataFrame, other: pl.DataFrame) -> bool:
    return not their_list(one, True).equals(their_list(other, True))
