"""Read TOML as editors save it: in UTF-8 or UTF-16, with a byte order mark or without."""

from __future__ import annotations

import codecs
import tomllib
import unicodedata
from typing import Any

# UTF-32 first: its mark begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_toml(data: bytes) -> dict[str, Any]:
    """Read a TOML document. Raises ValueError with the line that is wrong."""
    # Old Macs write an accent behind its letter; files and texts are compared with one letter for both.
    text = unicodedata.normalize("NFC", _decoded(data))
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        last = len(text.rstrip().splitlines()) or 1
        reason = str(error).replace("(at end of document)", f"(at line {last}, the last one)")
        raise ValueError(f"not valid TOML: {reason}") from None
    except RecursionError:
        raise ValueError("not valid TOML: nested too deeply") from None


def _decoded(data: bytes) -> str:
    encoding = next((name for mark, name in _MARKS if data.startswith(mark)), "utf-8")
    # Text in UTF-16 without a mark has a zero beside each ASCII letter.
    if encoding == "utf-8" and b"\0" in data[:2]:
        encoding = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
    try:
        return data.decode(encoding)
    except UnicodeDecodeError as error:
        line = data.decode(encoding, errors="ignore").count("\n") + 1 if encoding != "utf-8" else 0
        line = line or data[: error.start].count(b"\n") + 1
        raise ValueError(f"not valid TOML: line {line} is not {encoding.upper()}: save the file as UTF-8") from None
