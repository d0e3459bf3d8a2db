"""Say the answer of a reconciliation in words, no more than it shows. Pure."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from queries.reconciling.answer import Verdict
from queries.reconciling.cells import Effect
from queries.reconciling.definitions import Definition
from queries.reconciling.said import Said
from queries.reconciling.search import Family, limits_of

_ASK_MORE = "give the counts (31/385) or their list (--with)"
_GIVE_LIST = "To know which, give their list of bookings."
_UNSURE = "it cannot be named as the reason."
# Of explanations with the same rows so many are named.
_NAMED = 3


def names_of(effects: Sequence[Effect], definitions: Sequence[Definition]) -> list[str]:
    """Definitions in words, such as "counts late cancellations as no-shows and leaves out courses"."""
    return [" and ".join(effects[place].explanation.words for place in each) for each in definitions if each]


def keys_of(effects: Sequence[Effect], definitions: Sequence[Definition]) -> list[str]:
    """The keys of definitions, such as "late_cancelled + courses_out"."""
    return [" + ".join(effects[place].explanation.name for place in each) for each in definitions if each]


def of_a_number(
    said: Said,
    own: Family,
    families: Sequence[Family],
    by_chance: float,
    verdict: Verdict,
    names: Sequence[str],
    tried: int,
) -> str:
    """The answer for a number alone."""
    if families and () in families[0].definitions:
        return f"No difference: noshow's own figure is {_counts(own)}, and {said.text} is the same."
    here = f"Here it is {_counts(own)}." if own.whole else "Here no booking counts: see the period and the filter."
    if verdict == "explained":
        others = f"none of the {tried - 1:,} other definitions tried does"
        # Of so many pairs one may fit by chance, if the reason is none of the explanations.
        check = " Check it with their list (--with)." if len(families[0].definitions[0]) > 1 else ""
        return f"The other system {_either(names)}: that gives {said.text}, and {others}. {here}{check}"
    if verdict == "none":
        return f"No explanation gives {said.text}, alone or with another one. {here}"
    chance = f"{_number(by_chance)} of the definitions tried would by chance"
    if len(families) == 1 and by_chance <= limits_of(families[0])[0]:
        few = (
            "so few rows differ" if len(families[0].definitions[0]) < 2 else "it, or a part of it, changes so few rows"
        )
        fits = f"One explanation fits {said.text}, but {few} that errors of single rows would give it too"
        return f"{fits}: it cannot be named as the reason. To know, give their list (--with)."
    if len(families) == 1:
        return (
            f"One explanation fits {said.text}, but {chance}: it cannot be named as the reason. To know, {_ASK_MORE}."
        )
    fit = f"{len(families):,} explanations fit {said.text}, and {chance}"
    if said.is_exact:
        is_simplest = len(families[0].definitions[0]) < len(families[1].definitions[0])
        simplest = f" The simplest: it {_either(names)}." if is_simplest else ""
        return f"{fit}: two counts cannot decide between them.{simplest} To know, give their list (--with)."
    return f"{fit}: which of them it is cannot be known from a rate alone. To know, {_ASK_MORE}."


def of_a_list(differing: int, left: int, unknown: str, names: Sequence[str], verdict: Verdict) -> str:
    """The answer for a list: rows that differ, those that no explanation accounts for, and entries not known here."""
    if not differing:
        return unknown or "No difference: the list has the same bookings with the same outcomes."
    rows = "1 row differs" if differing == 1 else f"{_rows(differing)} differ"
    if not names:
        return " ".join(filter(None, [f"{rows}, and no explanation accounts for them.", unknown]))
    if verdict == "several":
        part = f"{differing - left:,} would be explained if the other system {_either(names)}"
        return " ".join(filter(None, [f"{rows}: {part}, but {_rows(left)} would not.", unknown]))
    explained = "all" if not left else f"{differing - left:,}"
    rest = f"; {_rows(left)} stay{'s' if left == 1 else ''} unexplained" if left else ""
    found = f"{rows}. The other system {_either(names)}: that explains {explained}{rest}."
    return " ".join(filter(None, [found, unknown]))


def of_a_list_and_number(said: Said, families: Sequence[Family], names: Sequence[str], verdict: Verdict) -> str:
    """The answer for a list whose rows are explained, with the number beside it."""
    if verdict == "explained" and not names:
        return f"No difference: the list has the same bookings, and {said.text} is noshow's own figure."
    if verdict == "explained":
        return f"The other system {_either(names)}: that has the rows of the list and gives {said.text}."
    if verdict == "none":
        return f"The rows of the list are explained, but no way of counting them gives {said.text}."
    if len(families) == 1:
        return (
            f"One explanation has the rows of the list and gives {said.text}, but so would others by chance: " + _UNSURE
        )
    return f"{len(families):,} explanations have the rows of the list and give {said.text}: it cannot be known which."


def of_sums(groups: int, differing: int, names: Sequence[str], verdict: Verdict, families: int) -> str:
    """The answer for sums."""
    if not differing:
        return f"No difference: all {groups:,} sums are noshow's own."
    some = f"{differing:,} of {groups:,} sums differ"
    if verdict == "explained":
        return f"{some}. The other system {_either(names)}: that gives every sum, and no other definition does."
    if verdict == "none":
        return f"{some}, and no explanation gives all of them."
    if families == 1:
        return f"{some}. One explanation gives all of them, but so would errors or chance: {_UNSURE} {_GIVE_LIST}"
    return f"{some}, and several explanations give all of them. {_GIVE_LIST}"


def unknown_bookings(unknown: pl.DataFrame, local_dates: pl.Series) -> str:
    """Entries of a list that noshow has no row for, with the days that noshow knows nothing of."""
    twice = unknown.filter(pl.col("why") == "twice in the list").height
    missing = unknown.filter(pl.col("why") == "no such booking")
    said = [f"{_rows(twice)} of the list repeat{'s' if twice == 1 else ''} another one."] if twice else []
    if missing.height:
        dates = missing["date"].drop_nulls()
        bookings = "1 booking" if missing.height == 1 else f"{missing.height:,} bookings"
        between = f", of {_days(dates)}," if dates.len() == missing.height else ""
        said.append(f"The list has {bookings}{between} that noshow does not have")
        # Days of which noshow has nothing at all were never loaded.
        if dates.len() == missing.height and not set(dates) & set(local_dates.drop_nulls()):
            said[-1] += ", on days of which noshow has no booking: a file was probably not loaded"
        said[-1] += "."
    return " ".join(said)


def _days(dates: pl.Series) -> str:
    first, last = str(dates.min()), str(dates.max())
    return first if first == last else f"{first} to {last}"


def _either(names: Sequence[str]) -> str:
    shown = list(names[:_NAMED])
    more = len(names) - len(shown)
    rest = f", or one of {more:,} others" if more else ""
    same = " (the same rows here, so that no number can say which)" if len(names) > 1 else ""
    return f"{' or '.join(shown)}{rest}{same}"


def _counts(family: Family) -> str:
    rate = f" ({100 * family.part / family.whole:.2f} %)" if family.whole else ""
    return f"{family.part:,} of {family.whole:,}{rate}"


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count:,} rows"


def _number(by_chance: float) -> str:
    return f"{by_chance:,.0f}" if by_chance >= 10 else f"{by_chance:.2g}"
