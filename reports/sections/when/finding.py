"""Whether no-shows go with day, hour or lead time, in one line: the answers of the factors, and two rates."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.factors import content as factors
from reports.sections.factors.content import FactorRow
from reports.sections.section import Inputs
from reports.sections.when import content as when
from reports.sections.when.in_words import Leads, lead_values

# The factors that are about time.
TIMES = ("lead_time", "local_weekday", "local_hours")


@dataclass(frozen=True, slots=True)
class Timing:
    """The factors of time that were tested, the largest first, and the bands of lead time."""

    tested: tuple[FactorRow, ...]
    leads: Leads

    @property
    def found(self) -> list[FactorRow]:
        """The factors that no-shows go with, those left out whose plain rates say something else."""
        return [factor for factor in self.tested if factor.answer == "found" and not factor.is_confounded]

    @property
    def turned(self) -> list[str]:
        """The titles of those left out: the tables beside them show another difference, or none."""
        return [factor.title for factor in self.tested if factor.answer == "found" and factor.is_confounded]

    @property
    def is_telling(self) -> bool:
        """Whether a difference that matters would have been found by one factor at least."""
        return any(factor.is_telling for factor in self.tested)

    @property
    def names_leads(self) -> bool:
        """Whether two lead times have rates that do not mislead: no-shows go with them, or nothing was tested."""
        goes_with_leads = any(
            factor.name == "lead_time" and factor.answer == "found" and not factor.is_confounded
            for factor in self.tested
        )
        return self.leads.differ and (goes_with_leads or not self.tested)


def _ends_with_leads(each: Timing) -> bool:
    """Whether no-shows go with lead time alone, whose rates end the sentence."""
    return each.names_leads and [factor.name for factor in each.found] == ["lead_time"]


FINDINGS: Sequence[Sentence[Timing]] = (
    Sentence(
        "No-shows go with {found}: {first_rate} of bookings {first}, {last_rate} of those {last}.",
        _ends_with_leads,
    ),
    Sentence(
        "No-shows go with {found}, other factors being equal.",
        lambda each: bool(each.found) and not _ends_with_leads(each),
    ),
    Sentence(
        "No difference by {tested} is found.",
        lambda each: bool(each.tested) and not each.found and not each.turned and each.is_telling,
    ),
    Sentence(
        "There are too few bookings to say whether there is a difference by {tested}.",
        lambda each: bool(each.tested) and not each.found and not each.turned and not each.is_telling,
    ),
    Sentence(
        "No-shows go with {turned}, other factors being equal; the plain rates mislead.",
        lambda each: not each.found and bool(each.turned),
    ),
    Sentence(
        "{first_rate} of bookings {first} do not come, {last_rate} of those {last}.",
        lambda each: not each.tested and each.names_leads,
    ),
    Sentence(
        "Whether the day or the days booked ahead make a difference was not tested.",
        lambda each: not each.tested and not each.names_leads,
    ),
)


def timing_in_words(timing: Timing) -> str:
    """The finding; with the rates of the shortest and the longest lead time if they have something to say."""
    titles = [factor.title for factor in timing.tested]
    leads = lead_values(timing.leads)
    is_alone = _ends_with_leads(timing)
    found = [factor.title if is_alone else _with_rates(factor, timing, leads) for factor in timing.found]
    values = {
        "found": words.listed(found) if found else "",
        "turned": words.listed(timing.turned) if timing.turned else "",
        "tested": words.listed(titles, "or") if titles else "",
    }
    return say(timing, FINDINGS, values | leads)


# Of a factor beside others: the rates of the shortest and the longest lead time, or of the levels furthest apart.
RATES: Sequence[Sentence[tuple[FactorRow, Timing]]] = (
    Sentence(
        "{title} ({first_rate} of bookings {first}, {last_rate} of those {last})",
        lambda each: _names_leads(*each),
    ),
    Sentence("{title} ({apart})", lambda each: bool(each[0].apart) and not _names_leads(*each)),
    Sentence("{title}", lambda each: not each[0].apart and not _names_leads(*each)),
)


def _names_leads(factor: FactorRow, timing: Timing) -> bool:
    return factor.name == "lead_time" and timing.names_leads


def _with_rates(factor: FactorRow, timing: Timing, leads: Mapping[str, str]) -> str:
    return say((factor, timing), RATES, {**leads, "title": factor.title, "apart": factor.apart})


def finding(inputs: Inputs) -> str | None:
    """The finding of the section."""
    section, tested = inputs.content(when.content), inputs.content(factors.content)
    if section is None:
        return None
    times = tuple(factor for factor in tested.factors if factor.name in TIMES) if tested else ()
    return timing_in_words(Timing(times, Leads.of(section.lead)))
