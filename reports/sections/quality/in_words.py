"""The findings on how far to trust the figures, each with the condition that makes it true."""

from __future__ import annotations

from collections.abc import Sequence

from reports.drawing import words
from reports.drawing.sentences import Sentence, say

# Of the different rates by the definitions, as they are written.
RATES: Sequence[Sentence[set[str]]] = (
    Sentence("", lambda written: not written),
    Sentence("Counted as others count, the rate is the same.", lambda written: len(written) == 1),
    Sentence("Counted as others count, the rate is {low} to {high}.", lambda written: len(written) > 1),
)
# Of the counts of several kinds of oddities, None if withheld.
ODDITIES: Sequence[Sentence[Sequence[int | None]]] = (
    Sentence("", lambda counts: not counts or None in counts),
    Sentence("{number} of one kind.", lambda counts: len(counts) == 1 and None not in counts),
    Sentence(
        "{number} of {kinds} kinds, {most} of them of one.", lambda counts: len(counts) > 1 and None not in counts
    ),
)


def rates_in_words(rates: Sequence[float]) -> str:
    """The lowest and the highest rate by the definitions; empty without any."""
    values = {"low": words.percent(min(rates, default=None)), "high": words.percent(max(rates, default=None))}
    return say({words.percent(rate) for rate in rates}, RATES, values)


def oddities_in_words(counts: Sequence[int | None], one: str, many: str | None = None) -> str:
    """How many oddities there are (a noun for `one` of them), of how many kinds; empty without any, or if withheld."""
    known = [count for count in counts if count is not None]
    values = {
        "number": words.plural(sum(known), one, many),
        "kinds": words.count(len(known)),
        "most": words.count(max(known, default=0)),
    }
    return say(counts, ODDITIES, values)
