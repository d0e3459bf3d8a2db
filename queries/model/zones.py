"""The IANA time zones noshow accepts, and the other names they go by.

Scheduling tools write `Central Time - US & Canada`, Windows `Central Standard Time` and Outlook
`(UTC-06:00) Central Time (US & Canada)`: all are America/Chicago. `zone_names.tsv` lists such names.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files
from zoneinfo import available_timezones

# Python lists these beside the zones of places, but DuckDB and Polars do not know them.
_NO_PLACE = frozenset({"Factory", "localtime"})
# `(UTC-06:00)` before or behind the words: they say more than the offset, which is that of winter.
_OFFSET_BESIDE = re.compile(r"^\((?:utc|gmt)[^)]*\)\s*|\s*\((?:utc|gmt)[^)]*\)$")
# `UTC+2`, `GMT+01:00`, `(UTC-3)`: whole hours have a zone of their own, and others more than one.
_OFFSET = re.compile(r"\(?(?:utc|gmt)\s*([+-−–])\s*(\d{1,2})(?::?00)?\)?")
_LONGEST = 200
_NOT_WORDS = re.compile(r"[^\w+/]+")


@cache
def known_zones() -> frozenset[str]:
    """The IANA zones of this machine."""
    return frozenset(available_timezones()) - _NO_PLACE


def iana_zone(text: str) -> str | None:
    """The IANA zone that a text names, in whatever case and with whatever blanks, or None.

    >>> iana_zone("W. Europe Standard Time"), iana_zone("europe / berlin"), iana_zone("GMT+2")
    ('Europe/Berlin', 'Europe/Berlin', 'Etc/GMT-2')
    """
    if text in known_zones():
        return text
    if len(text) > _LONGEST:
        return None
    lower = text.strip().lower()
    words = _OFFSET_BESIDE.sub("", lower)
    return _zones_by_words().get(_words(words)) or _zone_at(lower)


@cache
def _zones_by_words() -> dict[str, str]:
    lines = files("queries.model").joinpath("zone_names.tsv").read_text("utf-8").splitlines()
    named = [line.split("\t") for line in lines if not line.startswith("#")]
    return {_words(name): zone for name, zone in named} | {_words(zone): zone for zone in known_zones()}


def _words(text: str) -> str:
    """A name without the differences between its spellings: case, blanks, brackets, dashes and full stops."""
    return _NOT_WORDS.sub(" ", re.sub(r"\s*/\s*", "/", text.lower()).replace("_", " ")).strip()


def _zone_at(text: str) -> str | None:
    """The zone of a fixed offset of whole hours; POSIX counts them the other way: Etc/GMT-2 is two hours ahead."""
    found = _OFFSET.fullmatch(text)
    if not found:
        return None
    hours = int(found.group(2))
    if hours == 0:
        return "UTC"
    zone = f"Etc/GMT{'-' if found.group(1) == '+' else '+'}{hours}"
    return zone if zone in known_zones() else None
