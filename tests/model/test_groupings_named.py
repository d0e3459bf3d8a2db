"""A grouping that does not exist is refused with the one that was meant."""

from __future__ import annotations

import pytest

from queries.errors import UsageError
from queries.model.groupings import groupings_named

MEANT = {
    "weekday": "local_weekday",
    "hour": "local_hour",
    "lead": "lead_time",
    "payment": "payment_status",
    "service_name": "service",
    "staf": "staff",
    "dayy": "day",
}


@pytest.mark.parametrize(("name", "meant"), MEANT.items())
def test_the_nearest_is_named(name: str, meant: str) -> None:
    with pytest.raises(UsageError, match=f"Did you mean '{meant}'"):
        groupings_named(name)


def test_nothing_is_guessed_of_a_word_that_is_like_none() -> None:
    with pytest.raises(UsageError, match=r"'person'\. Groupings: session"):
        groupings_named("person")
