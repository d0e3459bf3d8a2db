"""A page as a reader sees it."""

from __future__ import annotations

import html
import re


def text_of(page: str) -> str:
    """The visible text of a page, on one line, with plain spaces."""
    body = re.sub(r"<(style|script)>.*?</\1>", "", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", body)).replace("\u00a0", " "))
