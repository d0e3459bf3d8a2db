"""The sentences of "In short", each with the condition that makes it true; an empty one is not said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence
from reports.sections.actions.findings import Findings, register_values, silent_values, standing
from reports.sections.worth.content import Value

Rows = Sequence[Sentence[Findings]]

RATE: Rows = (
    Sentence("{headline}", lambda found: not found.headline.is_rated),
    Sentence("{counted} {are}: too few to say more.", lambda found: found.headline.is_rated and not found.has_enough),
    Sentence(
        "Between {bound_low} and {bound_high} of the bookings are no-shows: only {coverage} of them are marked, so "
        "nobody knows more exactly.",
        lambda found: found.has_enough and found.headline.bounds_lead,
    ),
    Sentence(
        "{limit}{rate} of the bookings are no-shows ({counted}; {interval}).{presumed}",
        lambda found: found.has_enough and not found.headline.bounds_lead,
    ),
)
FACTOR: Rows = (
    Sentence("{leading}", lambda found: _is_about_factors(found)),
    Sentence("", lambda found: not _is_about_factors(found)),
)
WHERE: Rows = (
    Sentence("", lambda found: not _is_where(found)),
    Sentence(
        "There are too few {one}s to say where they are missed.",
        lambda found: _is_where(found) and not found.standouts.tested and not found.headline.has_one_outcome,
    ),
    Sentence(
        "Whether any group has more no-shows than the others was not tested: all {one}s have the same outcome.",
        lambda found: _is_where(found) and not found.standouts.tested and found.headline.has_one_outcome,
    ),
    Sentence(
        "No {kinds} is found to have more no-shows than the others.",
        lambda found: _is_where(found) and found.standouts.tested > 0 and found.first is None,
    ),
    Sentence("{standing}", lambda found: _is_where(found) and found.first is not None and not found.others),
    Sentence(
        "{standing} 1{nbsp}other group that overlaps or stands beside it is named below.",
        lambda found: _is_where(found) and found.others == 1,
    ),
    Sentence(
        "{standing} {others}{nbsp}other groups that overlap or stand beside it are named below.",
        lambda found: _is_where(found) and found.others > 1,
    ),
)
CHANGE: Rows = (
    Sentence("{change}", lambda found: _is_about_groups(found)),
    Sentence("", lambda found: not _is_about_groups(found)),
)
REGISTERS: Rows = (
    Sentence("", lambda found: not _is_about_registers(found)),
    Sentence(
        "{sessions} {have} {unmarked} that nobody marked, {whose}: filling those in makes every figure here surer.",
        lambda found: _is_about_registers(found),
    ),
)
SILENT: Rows = (
    Sentence("", lambda found: not _is_about_silent(found)),
    Sentence(
        "{silent} has marked nobody {since} ({due}): ask whether anybody looks.",
        lambda found: _is_about_silent(found) and found.silent is not None and found.silent.kept_by == "staff",
    ),
    Sentence(
        "{silent}: nobody was marked {since} ({due}): ask whether anybody looks.",
        lambda found: _is_about_silent(found) and found.silent is not None and found.silent.kept_by != "staff",
    ),
)
WORTH: Rows = (
    Sentence("", lambda found: not found.has_enough or found.value is None),
    Sentence(
        "At list price the no-shows come to {low}, or up to {high} with the unmarked.",
        lambda found: found.has_enough and found.value is not None and found.value.high > found.value.low,
    ),
    Sentence(
        "At list price the no-shows come to {low}.",
        lambda found: found.has_enough and found.value is not None and found.value.high <= found.value.low,
    ),
)
# In the order of reading.
QUESTIONS: Sequence[Rows] = (RATE, FACTOR, WHERE, CHANGE, REGISTERS, SILENT, WORTH)


def values_of(found: Findings) -> dict[str, str]:
    """The values of all templates; empty if there are none."""
    headline = found.headline
    counted = f"{words.of(headline.missed_bookings, headline.rated_bookings)} {headline.one}s"
    return {
        "nbsp": words.NBSP,
        "headline": headline.sentence,
        "counted": counted,
        "are": "is a no-show" if headline.missed_bookings == 1 else "are no-shows",
        "bound_low": words.percent(headline.bound_low),
        "bound_high": words.percent(headline.bound_high),
        "coverage": words.percent_against(headline.coverage, headline.enough_coverage),
        "limit": f"{headline.limit.capitalize()} " if headline.limit else "",
        "rate": words.percent(headline.no_show_rate),
        "interval": f"{words.RANGE} {words.interval(headline.no_show_rate_low, headline.no_show_rate_high)}",
        "presumed": f" {headline.presumption}" if headline.is_presumed else "",
        "leading": (found.factors.leading if found.factors else None) or "",
        "one": headline.one,
        "kinds": "service or place with counts that are shown"
        if found.share
        else "service, session series, place or person",
        "standing": standing(found.first, found, found.first.phrase) if found.first else "",
        "others": words.count(found.others),
        "change": found.course.change_in_words if found.course else "",
        **register_values(found.registers.keepers if found.registers else ()),
        **silent_values(found.silent),
        **_of_value(found.value),
    }


def _is_about_factors(found: Findings) -> bool:
    has_finding = found.factors is not None and bool(found.factors.leading)
    return found.has_enough and has_finding and "factor" not in found.in_actions


def _is_about_groups(found: Findings) -> bool:
    return found.has_enough and found.course is not None


def _is_where(found: Findings) -> bool:
    return _is_about_groups(found) and "group" not in found.in_actions


def _is_about_silent(found: Findings) -> bool:
    return found.has_enough and found.silent is not None and "silent" not in found.in_actions


def _is_about_registers(found: Findings) -> bool:
    return found.has_many_unmarked and "registers" not in found.in_actions


def _of_value(value: Value | None) -> Mapping[str, str]:
    return {
        "low": words.money(value.low, value.currency) if value else "",
        "high": words.money(value.high, None) if value else "",
    }
