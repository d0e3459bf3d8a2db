"""Numbers go in; the words that a page says them in come out."""

from __future__ import annotations

import hashlib
import re
import unicodedata

NOTHING = "–"
# Controls that turn the direction of text around: shown, they could make a name read as another.
_BIDI = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def percent(rate: float | None, digits: int = 1) -> str:
    """A rate as a percentage: 0.1234 is "12.3 %"; a dash where there is none."""
    return NOTHING if rate is None else f"{100 * rate:.{digits}f}\u202f%"


def count(number: int | None) -> str:
    """A whole number with separators."""
    return NOTHING if number is None else f"{number:,}"


def part_of(part: int, whole: int) -> str:
    """Numerator and denominator, as they stand beside each percentage."""
    return f"{part:,} of {whole:,}"


def interval(low: float | None, high: float | None) -> str:
    """Both ends of an interval."""
    return NOTHING if low is None or high is None else f"{percent(low)} to {percent(high)}"


def one_in(rate: float | None) -> str:
    """A rate as "about 1 in 9", where that can be said."""
    return f"about 1 in {round(1 / rate)}" if rate and rate <= 0.5 else ""


def plural(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 session", "2 sessions"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def name(text: str | None) -> str:
    """A name from the data, without control characters and turns of direction."""
    if not text:
        return NOTHING
    return "".join(c for c in _BIDI.sub("", text) if unicodedata.category(c) != "Cc").strip() or NOTHING


def anchor(kind: str, key: str) -> str:
    """An id for a link within the page: letters, digits and dashes, the same each time, never two alike."""
    ascii_text = unicodedata.normalize("NFKD", key).encode("ascii", "ignore").decode()
    slug = re.sub(r"[^a-z0-9]+", "-", ascii_text.lower()).strip("-")[:60].strip("-")
    return "-".join(filter(None, (kind, slug, hashlib.sha256(key.encode()).hexdigest()[:8])))
