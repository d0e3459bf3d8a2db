"""Refuse a file whose records can all be read, and yet are not those expected."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.faults import Refused
from pipeline.load.quarantining import Broken
from pipeline.store.findings import Finding

_EXAMPLES = 3


def nothing_valid(read: int, header: str | None, broken: Broken, of: str = "its") -> Refused:
    """The refusal of a file of which no record is valid, with the commonest rule and an example.

    For example: none of its 3 rows is valid; startDate of the first is '02.03.2026 10h', not a timestamp
    """
    noun = "row" if header is not None else "record"
    subject = f"none of {of} {read:,} {noun}s is valid" if read > 1 else f"its only {noun} is not valid"
    which = "" if read == 1 else " of the first" if broken.records == read else f" of {broken.records:,} of them"
    example = broken.example.in_words(which)
    return Refused(
        "file.nothing_valid",
        f"{subject}; {example} (rule {broken.rule})",
        broken.example.message
        if broken.rule == "mapping_expression"
        else "Is it the right file? Another system's file needs a --mapping that fits it",
    )


def require_known_values(unmet: Iterable[Finding]) -> None:
    """Raise `Refused` if there is a value that the mapping compares with constants and does not know."""
    unknown = [one for one in unmet if one.value]
    if not unknown:
        return
    named = "; ".join(f"{one.place}: {one.value!r} in {one.records:,}" for one in unknown[:_EXAMPLES])
    more = f" and {len(unknown) - _EXAMPLES} more" if len(unknown) > _EXAMPLES else ""
    raise Refused(
        "file.unmet_values",
        f"values that the mapping compares with constants and does not know: {named}{more}",
        "Add them to the mapping, or list them under [known] if they mean nothing",
    )
