"""Draft the status: its columns, the words of each meaning, and the words that are not known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pipeline.mapping.drafting.columns import is_date, name_fit
from pipeline.mapping.drafting.guess import Question
from pipeline.mapping.drafting.profile import Column
from pipeline.mapping.drafting.vocabulary import fit, is_flag, meaning, names
from pipeline.mapping.words.status import ANY, MEANINGS

# A status has few words; a column with more different values is something else.
_MOST_WORDS = 40
_CHOICES = tuple(MEANINGS)


@dataclass
class Statuses:
    """Tables in words for the columns of the status, the questions about their words, and the meanings that occur.

    `asked` are meanings that a word which is asked about probably has.
    """

    tables: list[dict[str, Any]] = field(default_factory=list)
    questions: list[Question] = field(default_factory=list)
    meanings: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    counts: list[dict[str, int]] = field(default_factory=list)


def statuses_of(columns: list[Column], named: str = "") -> Statuses:
    """Draft the status from the columns that no other field has, or from the one that the owner named."""
    found = Statuses()
    columns = [column for column in columns if not named or column.name == named]
    flags = _best_named([(column, means) for column in columns if (means := _flag(column) or _moment(column))])
    flags = [(column, means) for column, means in flags if _flag(column)]
    worded = [column for column in columns if not _flag(column) and (named or _has_words(column))]
    # Of several the one that says who came stands last: `Booking status` cancels, `Attendance status` marks the rest.
    for column in sorted(worded, key=_records_marks):
        _add_words(found, column)
    moments = {_moment(column) for column in columns if not _flag(column)}
    sides = (found.meanings | moments | {means for _, means in flags}) & {*_OTHER_SIDE}
    for column, means in sorted(flags, key=lambda flag: _FLAG_ORDER.index(flag[1])):
        _add_flag(found, column, means, is_alone=sides == {means})
    for column in columns:
        means = _moment(column)
        if means and means not in found.meanings and not _flag(column):
            table = {"column": column.name, means: [ANY], "unmarked": [""]}
            _add(found, table, column, {means: [ANY]})
    # A moment of cancelling settles a visit before any mark does, but after the word that it was late.
    order = sorted(range(len(found.tables)), key=lambda at: _rank(found.tables[at]))
    found.tables = [found.tables[at] for at in order]
    found.counts = [found.counts[at] for at in order]
    for number, table in enumerate(found.tables):
        found.questions += _questions(table, found.counts[number], (str(number),) if len(found.tables) > 1 else ())
    return found


def _best_named(flags: list[tuple[Column, str]]) -> list[tuple[Column, str]]:
    """Of several columns with one meaning those named best: `Checked in` before `Automatically checked in`."""
    best: dict[str, float] = {}
    for column, means in flags:
        best[means] = max(best.get(means, 0.0), fit("flags", means, column.name))
    return [(column, means) for column, means in flags if fit("flags", means, column.name) == best[means]]


_YES_OF = {
    "no": "yes", "n": "y", "false": "true", "f": "t", "0": "1", "nein": "ja", "non": "oui", "não": "sim", "nee": "ja",
    "nie": "tak", "nej": "ja",
}  # fmt: skip
# The meaning of a no in a column that no other one stands beside: only the owner knows whether nobody marked it.
_OTHER_SIDE = {"attended": "no_show", "no_show": "attended"}
# The order in which they settle a visit: a cancellation, then a mark of either side. Signed in decides over a no-show.
_FLAG_ORDER = ("late_cancel", "cancelled", "attended", "no_show")


def _flag(column: Column) -> str | None:
    """The meaning of a yes in a column of yes and no, or of moments such as `Checked in at`."""
    if not column.filled or column.is_cut:
        return None
    scores = {name: fit("flags", name, column.name) for name in _FLAG_ORDER}
    best = max(scores, key=lambda name: scores[name])
    says_yes = all(is_flag(value) for value in column.values)
    return best if scores[best] and says_yes else None


def _rank(table: dict[str, Any]) -> int:
    """Tables of cancellations alone come first, those that say it was late before the others."""
    if {"attended", "no_show", "words"} & {*table}:
        return 2
    return 0 if "late_cancel" in table else 1


def _moment(column: Column) -> str | None:
    """The meaning of a moment in a column such as `Checked in at`, which the others have none in."""
    scores = {name: fit("flags", name, column.name) for name in ("attended", "cancelled")}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] and column.blank and is_date(column) else None


def _has_words(column: Column) -> bool:
    if not column.filled or column.is_cut or len(column.values) > _MOST_WORDS:
        return False
    if fit("columns", "ignored", column.name) == 1:
        return False
    known = sum(count for value, count in column.values.items() if meaning(value))
    named = name_fit("status", column)
    # Without such a name more than half of the values have to be words of a status.
    return known > 0 and (named > 0 or column.share(known) > 0.5)


def _records_marks(column: Column) -> bool:
    return any(meaning(value) in ("attended", "no_show", "excused") for value in column.values)


def _add_words(found: Statuses, column: Column) -> None:
    table: dict[str, Any] = {"column": column.name}
    unknown: dict[str, str] = {}
    by_meaning: dict[str, list[str]] = {}
    seen: set[str] = set()
    for value in column.values:
        folded = " ".join(value.split()).casefold()
        if folded in seen:
            continue
        seen.add(folded)
        if means := meaning(value):
            by_meaning.setdefault(means, []).append(value)
        else:
            unknown[value] = "?"
    if column.blank:
        by_meaning.setdefault("unmarked", []).append("")
    table |= {name: by_meaning[name] for name in MEANINGS if name in by_meaning}
    if unknown:
        table["words"] = unknown
    _add(found, table, column, by_meaning)


def _add_flag(found: Statuses, column: Column, means: str, is_alone: bool) -> None:
    yes = [value for value in column.values if is_flag(value) == "yes"]
    no = [value for value in column.values if is_flag(value) == "no"]
    # A later file may have the yes that this one lacks: a column of `f` alone knows t as well.
    yes = yes or [_YES_OF[value.casefold()] for value in no if value.casefold() in _YES_OF]
    table: dict[str, Any] = {"column": column.name, **({means: yes} if yes else {})}
    if is_alone and no:
        table["words"] = dict.fromkeys(no, "?")
        # Somebody has probably written yes or no for either side.
        found.asked.add(_OTHER_SIDE[means])
    elif no:
        table["unmarked"] = no
    if column.blank:
        table["unmarked"] = [*table.get("unmarked", []), ""]
    _add(found, table, column, {means: yes} if yes else {})


def _add(found: Statuses, table: dict[str, Any], column: Column, by_meaning: dict[str, list[str]]) -> None:
    found.tables.append(table)
    found.counts.append({**column.values, "": column.blank})
    found.meanings |= {*by_meaning} & {*names("status")}


def _questions(table: dict[str, Any], counts: dict[str, int], number: tuple[str, ...]) -> list[Question]:
    return [
        Question(
            word,
            ("visit", "status", *number, "words", word),
            f"What does {word!r} mean, {_rows(counts[word])} of the column {table['column']}?",
            _CHOICES,
        )
        for word in table.get("words", {})
    ]


def _rows(number: int) -> str:
    return f"in {number:,} row{'s' if number != 1 else ''}"


def marks_of(meanings: set[str]) -> tuple[str, str]:
    """The marks that a source with these meanings seems to record, or "?", and the reason."""
    came, missed = "attended" in meanings, "no_show" in meanings
    if came and missed:
        return "both", "the file says who came and who did not"
    if missed:
        return "?", "the file says who did not come, and nothing of who came"
    if came:
        return "?", "the file says who came, and nothing of who did not"
    return "?", "the file says neither who came nor who did not"
