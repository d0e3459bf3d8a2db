"""Decode text files: byte order marks, lines, and the likely encoding of bytes that do not decode."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterator
from typing import IO

from pipeline.faults import Refused
from pipeline.sources.chunks import Warn
from pipeline.sources.layout import ANY_ENCODING
from pipeline.sources.one_byte import by_words

RECORD_LIMIT = 16 * 2**20
_BLOCK = 2**20
# How many bytes behind the first wrong one are looked at to name the encoding.
_LOOKED_AT = 16 * 2**20
# The marks of UTF-32 come first: FF FE 00 00 begins with the mark of UTF-16, FF FE.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# Bytes that are not UTF-8, decoded with `surrogateescape`: 0x96 becomes U+DC96.
_NOT_UTF8 = re.compile("[\udc80-\udcff]")
_NOT_CP1252 = frozenset("\udc81\udc8d\udc8f\udc90\udc9d")


def decoded_lines(stream: IO[bytes], encoding: str, warn: Warn) -> Iterator[str]:
    """Decode lines with their ends unchanged. A byte order mark decides over `encoding`.

    Under `ANY_ENCODING` bytes that are not UTF-8 are read in the encoding that they are in by all appearance, and
    `warn` is called, unless there was a letter in UTF-8 before: then the bytes are damaged.

    Raises `Refused` for an unknown encoding, and with the offset of a byte that cannot be decoded.
    """
    may_guess, encoding = encoding == ANY_ENCODING, "utf-8" if encoding == ANY_ENCODING else encoding
    decoder = _decoder(encoding)
    block = stream.read(_BLOCK)
    mark, marked = next(((mark, name) for mark, name in _MARKS if block.startswith(mark)), (b"", ""))
    if marked:
        _warn_of_mark(marked, encoding, warn)
        encoding, decoder = marked, _decoder(marked)
    elif not _is_wide(encoding) and (wide := wide_encoding(block)):
        if not may_guess:
            raise _not_encoded(encoding, "", wide)
        encoding, decoder = wide, _decoder(wide)
        warn(f"file.encoding_guessed: {wide}")
    may_guess = may_guess and encoding == "utf-8" and not marked
    offset, kept = len(mark), ""
    block = block[len(mark) :]
    while True:
        if may_guess and not block.isascii():
            may_guess = False
            if (likely := _in_one_byte(block + decoder.getstate()[0])) != encoding:
                encoding, decoder = likely, _decoder(likely)
                warn(f"file.encoding_guessed: {likely}")
        text = kept + _decode_block(decoder, block, offset, encoding, stream)
        offset += len(block)
        if not block:
            yield from io.StringIO(text, newline="")
            return
        # Cut behind the last whole line. A \r at the end of the block is kept for the next one, since it may be half of
        # \r\n: cut in between, one line would be counted as two, and its ends would seem to be mixed.
        cut = max(text.rfind("\n"), text.rfind("\r", 0, -1)) + 1
        yield from io.StringIO(text[:cut], newline="")
        kept = text[cut:]
        if len(kept) > RECORD_LIMIT:
            raise too_large()
        block = stream.read(_BLOCK)


def likely_encoding(data: bytes, given: str = "utf-8") -> str:
    """The encoding that bytes which are not in the `given` one are probably in.

    The words that they make in it decide. In Windows-1252 0x80 to 0x9f are dashes, quotes and the euro sign, in Latin-1
    control characters that no text has. Five of these bytes are nothing in Windows-1252, but letters in the encodings
    of DOS and old Macs.
    """
    if wide := wide_encoding(data):
        return wide
    wrong = _NOT_UTF8.findall(data.decode("utf-8", "surrogateescape"))
    if not wrong and codecs.lookup(given).name != "utf-8":
        return "utf-8"
    high = [character for character in wrong if character <= "\udc9f"]
    by_its_words = by_words(data)
    if by_its_words not in ("", "cp1252"):
        return by_its_words
    if not high:
        return "latin-1"
    return "cp850" if _NOT_CP1252.intersection(high) else "cp1252"


def _in_one_byte(block: bytes) -> str:
    """UTF-8, or Windows-1252 for bytes that cannot be UTF-8; the end of the block may cut a character in two.

    Latin-1 has the same letters. Encodings of DOS and old Macs are not guessed, since they look alike.
    """
    try:
        codecs.getincrementaldecoder("utf-8")().decode(block)
    except UnicodeDecodeError as error:
        if not block[: error.start].isascii():
            return "utf-8"
        return "cp1252" if likely_encoding(block) in ("cp1252", "latin-1") else "utf-8"
    return "utf-8"


def wide_encoding(data: bytes) -> str:
    """The UTF-16 or UTF-32 that bytes are in by their mark, or by a NUL in every other byte of Latin text; else ""."""
    mark = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if mark and mark != "utf-8":
        return mark[:6]
    sample = data[:4096]
    first, second = sample[::2].count(0), sample[1::2].count(0)
    few, many = sorted((first, second))
    if not many or many * 4 < len(sample) or few * 8 > many:
        return ""
    return "utf-16-be" if first > second else "utf-16-le"


def too_large(line: int | None = None) -> Refused:
    """The refusal of a record that is longer than any record of an export."""
    where = f" at line {line}" if line else ""
    return Refused("file.record_too_large", f"a record{where} of more than {RECORD_LIMIT // 2**20} MiB", "Is it CSV?")


def _decoder(encoding: str) -> codecs.IncrementalDecoder:
    try:
        if not codecs.lookup(encoding)._is_text_encoding:
            raise LookupError(encoding)
        return codecs.getincrementaldecoder(encoding)()
    except (LookupError, ValueError):
        raise Refused(
            "file.encoding", f"no encoding is called {encoding!r}", "For example --encoding latin-1"
        ) from None


def _warn_of_mark(marked: str, encoding: str, warn: Warn) -> None:
    given = codecs.lookup(encoding).name
    if marked == given == "utf-8":
        warn("file.bom")
    elif not given.startswith(marked[:6].rstrip("-")):
        warn(f"file.encoding_by_mark: {marked[:6].rstrip('-')}")


def _is_wide(encoding: str) -> bool:
    return codecs.lookup(encoding).name.startswith(("utf-16", "utf-32"))


def _decode_block(
    decoder: codecs.IncrementalDecoder, block: bytes, offset: int, encoding: str, stream: IO[bytes]
) -> str:
    # The bytes of a half character that the decoder kept from the last block come before this one.
    pending = decoder.getstate()[0]
    try:
        return decoder.decode(block, final=not block)
    except UnicodeError as error:
        at = f" at byte {offset - len(pending) + error.start}" if isinstance(error, UnicodeDecodeError) else ""
        rest = pending + block + stream.read(_LOOKED_AT)
        raise _not_encoded(encoding, at, likely_encoding(rest, encoding)) from None


def _not_encoded(encoding: str, at: str, likely: str) -> Refused:
    return Refused("file.encoding", f"not {encoding}{at}", f"Give the encoding, for example --encoding {likely}")
