"""The findings on habits of marking, each with the condition that makes it true."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say
from reports.sections.registers.habits import OneClick, Silent

# Of whoever has marked nobody for longest.
SILENT: Sequence[Sentence[Silent]] = (
    Sentence("{keeper} has {due} and no mark yet.", lambda each: each.days is None),
    Sentence("{keeper} has made no mark for {days}, over {due}.", lambda each: bool(each.days)),
    Sentence("Everyone here has made a mark up to the last booking.", lambda each: each.days == 0),
)
ONE_CLICK: Sequence[Sentence[Sequence[OneClick]]] = (
    Sentence("{first} has marked every booking as attended.", lambda every: len(every) == 1),
    Sentence("{first} and {others} have marked every booking as attended.", lambda every: len(every) > 1),
)


def silent_in_words(every: Sequence[Silent]) -> str:
    """The finding on those who mark at sources of one side, the longest silent first; empty without any."""
    if not every:
        return ""
    first = every[0]
    values = {
        "keeper": first.keeper,
        "due": words.plural(first.bookings, "past booking"),
        "days": words.plural(first.days or 0, "day"),
    }
    return say(first, SILENT, values)


def one_click_in_words(every: Sequence[OneClick]) -> str:
    """The finding on registers that look filled in by one click; empty without any."""
    if not every:
        return ""
    values = {"first": every[0].staff, "others": words.plural(len(every) - 1, "other")}
    return say(every, ONE_CLICK, values)
