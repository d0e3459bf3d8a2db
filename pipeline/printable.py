"""Make text from data or disk safe to print: it cannot steer the terminal or fake a line of output."""

from __future__ import annotations

import os
import re
from pathlib import Path

MAX_SHOWN = 400
# How a text begins that a spreadsheet takes for a formula: these signs in any form, full width included, behind
# whatever it drops or does not show, such as white space, controls and zero-width spaces.
FORMULA = r"^[\s\p{Cc}\p{Cf}]*[=+\-@⁺⁼₊₌﬩﹢﹣﹦﹫＋－＝＠]|^[\t\r]"
# Controls, halves of surrogate pairs, line and paragraph separators, and characters that change the writing direction.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str, limit: int = MAX_SHOWN) -> str:
    """Replace unprintable characters by escapes such as \\x1b, and cut the text to `limit` characters."""
    # The text is cut first, so that the time does not grow with its length; escapes only make it longer.
    escaped = _UNPRINTABLE.sub(lambda match: ascii(match.group())[1:-1], text[: limit + 1])
    return escaped if len(escaped) <= limit else f"{escaped[: limit - 1]}…"


def shown(path: Path) -> str:
    """A path for messages and tables, with escapes such as \\x1b for controls and bytes that are not UTF-8."""
    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"), limit=5_000)
