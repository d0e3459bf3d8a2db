"""Name the encoding that bytes are in, by the words that they make: `Zajęcia` is one, and `Zajêcia ró¿ne` are none."""

from __future__ import annotations

import codecs
import re

# Encodings of one byte a letter, and the letters that words are made of. Of equally good ones the first counts.
_LATIN = r"a-zàâäáãåæçéèêëíîìïñóòôöõøœúùûüÿßšž"
_CENTRAL = r"a-ząćęłńóśźżáčďéěíňřšťúůýžäôľĺŕöőüűăâîşţß"
_WORDS = {
    "cp1252": _LATIN,
    "cp1250": _CENTRAL,
    "cp1251": r"а-яёіїєґў",
    "cp1254": r"a-zçğıöşüâîû",
    "mac_roman": _LATIN,
    "cp850": _LATIN,
}
# A word with a byte that is not ASCII. Quotes and dashes around it are none of its letters; a low quote begins one.
_HIGH = re.compile(rb"[A-Za-z]*[\x80-\xff][A-Za-z\x80-\xff]*")
_BEHIND = "–—‘’“”…•€«»·°§©®ºª"
_BEFORE = f"{_BEHIND}‚„"
# `café`, `Café` and `CAFÉ`, with at most two letters in a row that English has not; Cyrillic has no other letters.
_RARE_RUN = re.compile(r"[^\x00-\x7f]{3}")
_MOST_WORDS = 2_000
_KANA = re.compile("[\u3040-\u30ff]")
_WIDE_LETTERS = re.compile("[\u3000-\u30ff\u4e00-\u9fff\uff00-\uff60]")


def by_words(data: bytes) -> str:
    """The encoding in which most of the words with other letters than ASCII's are words, or "" if none is in any."""
    if _is_japanese(data):
        return "cp932"
    words = _HIGH.findall(data)[:_MOST_WORDS]
    scores = {name: sum(len(word) for word in words if _is_word(word, name)) for name in _WORDS}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] else ""


def _is_word(word: bytes, encoding: str) -> bool:
    try:
        text = word.decode(encoding).lstrip(_BEFORE).rstrip(_BEHIND)
    except UnicodeDecodeError:
        return False
    if not text:
        # A dash or a quote alone; no other encoding has them in these places.
        return encoding == "cp1252"
    if encoding != "cp1251" and _RARE_RUN.search(text):
        return False
    is_cased = text in (text.lower(), text.upper(), text[0].upper() + text[1:].lower())
    return is_cased and re.fullmatch(f"[{_WORDS[encoding]}]+", text.lower()) is not None


def _is_japanese(data: bytes) -> bool:
    """Whether the bytes are Shift JIS; the last character may be cut in two."""
    try:
        text = codecs.getincrementaldecoder("cp932")().decode(data)
    except UnicodeDecodeError:
        return False
    others = [character for character in text if character > "\x7f"]
    wide = sum(_WIDE_LETTERS.match(character) is not None for character in others)
    return _KANA.search(text) is not None and wide * 10 >= len(others) * 9
