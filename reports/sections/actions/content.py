"""At most three things to do this week, each a finding with its size: first those that make the figures trustworthy."""

from __future__ import annotations

from dataclasses import dataclass

from reports.drawing.sentences import say
from reports.sections.actions.findings import findings_of
from reports.sections.actions.kinds import KINDS
from reports.sections.actions.material import Action, Material
from reports.sections.actions.sentences import NOTHING, OVERLAP
from reports.sections.actions.trust import TRUST
from reports.sections.factors import content as factors
from reports.sections.number.cautions import records_of
from reports.sections.participants import content as participants
from reports.sections.quality import content as quality
from reports.sections.section import Inputs
from reports.sections.where import content as where

MOST_ACTIONS = 3
# The kinds whose sizes count missed bookings, the same ones perhaps.
MISSED = frozenset({"factor", "person", "people", "group", "policy"})


@dataclass(frozen=True, slots=True)
class Actions:
    """The actions, or why there are none (`nothing`, else None); `overlap` says that their sizes do not add up."""

    actions: tuple[Action, ...]
    nothing: str | None
    overlap: str = ""


def content(inputs: Inputs) -> Actions | None:
    """The section of a report; None if no booking is due."""
    found = findings_of(inputs)
    if not found.headline.bookings:
        return None
    return actions_of(
        Material(
            found,
            inputs.content(participants.content),
            inputs.content(factors.concentrated),
            inputs.content(where.rankings) or (),
            records_of(inputs),
            inputs.content(quality.set_aside),
        )
    )


def actions_of(material: Material) -> Actions:
    """The actions that make the figures trustworthy, then those that would bring most bookings.

    Of equal ones those come first that do in the table.

    One person who is far above all others is among them: nothing else is done in one conversation.
    """
    first = [action for kind in TRUST if (action := kind(material))]
    made = [action for kind in KINDS if (action := kind(material))]
    rest = sorted(made, key=lambda action: -action.bookings)[: max(0, MOST_ACTIONS - len(first))]
    person = [action for action in made if action.kind == "person" and action not in rest]
    most = [*first[:MOST_ACTIONS], *(rest[:-1] + person if rest and person else rest)]
    overlap = say(sum(action.kind in MISSED for action in most), OVERLAP, {})
    return Actions(tuple(most), None if most else say(material.found, NOTHING, {}), overlap)
