"""Factors and their levels in words, and whether an owner can act on a factor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from queries.measures.cells import OTHERS
from queries.model.attributes import PREFIX
from reports.drawing import words
from reports.sections.attributes.content import value_in_words

_WEEKDAYS = ("Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays")


_MARKS: Mapping[str, str] = {
    "both": "both sides",
    "no_shows": "no-shows only",
    "arrivals": "arrivals only",
    "default": "attended by default",
}


@dataclass(frozen=True, slots=True)
class FactorWords:
    """A factor's title, and the remedy that an owner has; without one it cannot be acted on."""

    title: str
    remedy: str | None = None


_FACTORS: Mapping[str, FactorWords] = {
    "lead_time": FactorWords(
        "days booked ahead", "take bookings less far ahead, or ask those who booked long ahead to confirm"
    ),
    "local_weekday": FactorWords("weekday", "remind those who book for these days"),
    "local_hours": FactorWords("time of day", "remind those who book for these hours"),
    "service": FactorWords("service"),
    "visit": FactorWords("first or later visit"),
    "party": FactorWords("party size"),
    "marks": FactorWords("marks of the source"),
}
# If the bookings made shortly before are missed most.
SHORT_NOTICE = "ask those who book at short notice to confirm"
# Words in the name of an attribute -> the remedy that an owner has. Others, such as `age`, cannot be acted on.
_ATTRIBUTES: Mapping[str, str] = {
    "reminder": "decide who is reminded",
    "sms": "decide who is reminded",
    "confirmation": "decide who is asked to confirm",
    "deposit": "decide who pays a deposit",
    "prepaid": "decide who pays in advance",
    "channel": "decide where bookings are taken",
}


def words_for(factor: str) -> FactorWords:
    """The words for a factor, or for an attribute by the words in its name."""
    if factor in _FACTORS:
        return _FACTORS[factor]
    named = factor.removeprefix(PREFIX).split("_")
    remedies = [remedy for word, remedy in _ATTRIBUTES.items() if word in named]
    return FactorWords(" ".join(named), remedies[0] if remedies else None)


def level_name(factor: str, level: str | None, services: Mapping[str, str]) -> str:
    """A level as it stands in a table."""
    if level is None:
        return "(not known)"
    if level == OTHERS:
        return OTHERS
    if factor == "service":
        return services.get(level, words.NO_NAME)
    if factor == "marks":
        return _MARKS[level]
    if factor == "local_weekday":
        return _WEEKDAYS[int(level) - 1]
    return value_in_words(level) if factor.startswith(PREFIX) else level


def level_phrase(factor: str, level: str | None, services: Mapping[str, str]) -> str:
    """The bookings of a level as the subject of a sentence, in lower case: bookings made 2-7 days ahead."""
    name, title = level_name(factor, level, services), words_for(factor).title
    if level is None and factor == "lead_time":
        return "bookings made at an unknown time"
    if level is None:
        return f"bookings whose {title} is not known"
    if level == OTHERS:
        return f"bookings with another {title}"
    if factor == "lead_time":
        return f"bookings {lead_phrase(level)}"
    if factor == "local_hours":
        return f"bookings of sessions {'' if level.startswith(('before', 'from')) else 'at '}{name}"
    by_factor = {
        "local_weekday": f"bookings of sessions on {name}",
        "service": f"bookings of {name}",
        "visit": f"{name} visits",
        "party": "bookings for one" if level == "1" else f"bookings for {name}",
    }
    return by_factor.get(factor, f"bookings with {title} “{name}”")


def lead_phrase(level: str) -> str:
    """How far ahead the bookings of a band of lead time were made: "for the same day", "made 2-7 days ahead"."""
    return "for the same day" if level == "same day" else f"made {level} ahead"


def beyond(level: str) -> str:
    """A band of lead time and all longer ones: `8-14 days` as "8 days ahead or more", `over 28 days` as it is."""
    if level.startswith("over"):
        return f"{level} ahead"
    first = level.split("-")[0].removesuffix(" day")
    return f"{first} {'day' if first == '1' else 'days'} ahead or more"
