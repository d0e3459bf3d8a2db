"""The actions that make the figures trustworthy: without them the others are about the wrong bookings, or about none.

They come before those that bring bookings, in the order of `TRUST`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from reports.drawing import words
from reports.drawing.group_names import is_nameless
from reports.drawing.sentences import say
from reports.sections.actions.findings import against, most_of, register_values, silent_values
from reports.sections.actions.material import Action, Material, sized
from reports.sections.actions.sentences import (
    ASIDE,
    NAMELESS,
    OLD,
    OLDER,
    ONE_OUTCOME,
    REGISTERS,
    SILENT,
    UNMARKED,
    Missing,
)

# Of the bookings, if so many have no name of a service, location or member of staff, they are worth entering.
_MANY_NAMELESS = 0.2


def old(material: Material) -> Action | None:
    """Load newer records, if these ended long ago: nothing that follows is about this week."""
    records = material.records
    if records is None or not records.are_old:
        return None
    return _bare("old", say(records, OLD, {"last": records.last_in_words}), "trust")


def unmarked(material: Material) -> Action | None:
    """Start marking, if nothing is marked, first whoever has most bookings: bookings = all that are past."""
    overall, found = material.found.headline, material.found.registers
    if not overall.is_unrated or found is None:
        return None
    holders = most_of(found.keepers)
    values = {
        "bookings": words.plural(overall.bookings, "past booking"),
        "who": words.listed([each.who for each in holders]) if holders else "",
    }
    return _bare("unmarked", say(holders, UNMARKED, values), "registers", overall.bookings or 0)


def one_outcome(material: Material) -> Action | None:
    """Check the marks, if all are alike and so many that it can hardly be chance: bookings = the marked ones."""
    overall = material.found.headline
    if not overall.has_doubtful_marks:
        return None
    values = {"rated": words.count(overall.rated_bookings), "one": overall.one}
    aside = material.aside.records if material.aside else 0
    size = say(aside, ASIDE, {"aside": words.plural(aside, "record")})
    return _bare("one outcome", say(overall, ONE_OUTCOME, values), "trust", overall.rated_bookings or 0, size)


def registers(material: Material) -> Action | None:
    """Fill in registers of the last four weeks: bookings = their unmarked ones, value = these at the mean list price of
    an unmarked booking.
    """
    found = material.found.registers
    holders = most_of(found.lately) if found and material.found.has_many_unmarked else ()
    if found is None or not holders:
        return None
    value = material.found.worth.values if material.found.worth else ()
    unmarked = (value[0].high - value[0].low) * found.unmarked_lately / found.unmarked if len(value) == 1 else None
    older = found.unmarked - found.unmarked_lately
    after = say(older, OLDER, {"older": words.plural(older, "unmarked booking"), "are": "is" if older == 1 else "are"})
    sentence = say(found, REGISTERS, register_values(found.lately))
    lately, value_of_it = found.unmarked_lately, unmarked or None
    return sized(material, "registers", sentence, "certain", lately, holders[0].id, value_of_it, after)


def silent(material: Material) -> Action | None:
    """Ask who has marked nobody for long, at a source of one side: bookings = its due bookings without a mark."""
    one = material.found.silent
    if one is None or not material.found.has_enough:
        return None
    sentence = say(one, SILENT, silent_values(one))
    return sized(material, "silent", sentence, "presumed", one.bookings - one.marks, "registers", about=one.keeper)


def nameless(material: Material) -> Action | None:
    """Enter the services, locations or staff that are missing, if the bookings without stand out or are many:
    bookings = those without.
    """
    found = material.found
    standouts = (each for each in found.standouts.found if is_nameless(each.phrase) and found.has_enough)
    missing = [Missing(each.family, each.verdict.rated, each.verdict) for each in standouts]
    whole = found.headline.bookings or 0
    for ranking in material.rankings:
        rows = {is_nameless(each.name): each for each in ranking.groups}
        row = rows.get(True)
        if row and row.bookings and len(rows) > 1 and row.bookings >= _MANY_NAMELESS * whole:
            missing.append(Missing(ranking.kind.grouping, row.bookings, None))
    chosen = next((each for each in missing if each.family != "series"), None)
    if chosen is None:
        return None
    verdict, many = chosen.verdict, {ranking.kind.grouping: ranking.kind.many for ranking in material.rankings}
    values = {
        "kinds": many.get(chosen.family, "names"),
        "bookings": words.plural(chosen.bookings, found.headline.one if verdict else "past booking"),
        "rate": words.rate_of(verdict.missed, verdict.rated) if verdict else "",
        "against": against(verdict) if verdict else "",
        "whole": words.count(whole),
    }
    return _bare("nameless", say(chosen, NAMELESS, values), f"by-{chosen.family}", chosen.bookings, about=chosen.family)


def _bare(kind: str, sentence: str, anchor: str, bookings: int = 0, size: str = "", about: str = "") -> Action:
    """An action whose sentence has its size, if it has one."""
    return Action(kind, sentence, size, bookings, None, None, anchor, about)


# In the order of the page.
TRUST: Sequence[Callable[[Material], Action | None]] = (old, unmarked, one_outcome, registers, silent, nameless)
