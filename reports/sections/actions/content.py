"""At most three things to do this week, each a finding with its size: registers, then those that bring most."""

from __future__ import annotations

from dataclasses import dataclass

from reports.drawing.sentences import say
from reports.sections.actions.findings import findings_of
from reports.sections.actions.kinds import KINDS
from reports.sections.actions.material import Action, Material
from reports.sections.actions.sentences import NOTHING, OVERLAP
from reports.sections.factors import content as factors
from reports.sections.participants import content as participants
from reports.sections.section import Inputs
from reports.sections.where import content as where

MOST_ACTIONS = 3
# The kinds whose sizes count missed bookings, the same ones perhaps.
MISSED = frozenset({"factor", "people", "group", "policy"})


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
        )
    )


def actions_of(material: Material) -> Actions:
    """The actions of all kinds that would bring most bookings; of equal ones those that come first in the table.

    Registers come first: their size is that of four weeks, and they are soon beyond memory.
    """
    made = [action for kind in KINDS if (action := kind(material))]
    most = sorted(made, key=lambda action: (action.kind != "registers", -action.bookings))[:MOST_ACTIONS]
    overlap = say(sum(action.kind in MISSED for action in most), OVERLAP, {})
    return Actions(tuple(most), None if most else say(material.found, NOTHING, {}), overlap)
