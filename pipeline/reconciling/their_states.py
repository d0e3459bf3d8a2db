"""Read the outcome of each booking of another system's list: from a status in words, or from a flag. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from pipeline.mapping.drafting.vocabulary import is_blank, is_flag, meaning
from pipeline.printable import printable

# The state of a booking by the meaning of its status: one that came, a no-show, or neither.
STATES = {"attended": 1, "no_show": 2}
# A column such as "Checked in at" says yes by a time.
_TIME = re.compile(r"\d{1,4}[:./-]\d{1,2}")


@dataclass(frozen=True, slots=True)
class Words:
    """Words of a status that the user explains: those of a no-show, and those of one that came."""

    missed: Collection[str] = ()
    came: Collection[str] = ()

    def state(self, text: str) -> int | None:
        """The state of a booking with a status, or None if the word is unknown."""
        if (own := self.own_state(text)) is not None:
            return own
        found = meaning(text) if text.strip() else "unmarked"
        return None if found is None else STATES.get(found, 0)

    def own_state(self, text: str) -> int | None:
        """The state of a word that the user explained, or None for any other."""
        folded = text.strip().casefold()
        for state, words in ((2, self.missed), (1, self.came)):
            if folded in {word.strip().casefold() for word in words}:
                return state
        return None


def states_of_statuses(texts: Sequence[str | None], words: Words) -> list[int]:
    """The state of each status: 1 came, 2 missed, 0 neither. Raises `ValueError` with words that are unknown."""
    of = {text: words.state(text or "") for text in set(texts)}
    _require_known(of, "status")
    return [of[text] or 0 for text in texts]


def states_of_flags(texts: Sequence[str | None], yes: int, words: Words) -> list[int]:
    """The state of each flag, whose `yes` is the state 1 or 2. Raises `ValueError` with words that are unknown.

    In a column of yes and nothing, nothing means no; beside a no it means that nobody has said.
    """
    of = {text: _state_of_flag(text or "", yes, words) for text in set(texts)}
    blank = [text for text in of if is_blank(text)]
    said = {state for text, state in of.items() if not is_blank(text)}
    of |= dict.fromkeys(blank, 3 - yes if said <= {yes} else 0)
    _require_known(of, "value")
    return [of[text] or 0 for text in texts]


def _state_of_flag(text: str, yes: int, words: Words) -> int | None:
    if (own := words.own_state(text)) is not None:
        return own
    if flag := is_flag(text):
        return yes if flag == "yes" else 3 - yes
    return yes if _TIME.search(text) else words.state(text)


def _require_known(states: dict[str | None, int | None], kind: str) -> None:
    unknown = sorted(str(text) for text, state in states.items() if state is None)
    if unknown:
        raise ValueError(f"unknown {kind} {', '.join(repr(printable(text, 40)) for text in unknown[:5])}")
