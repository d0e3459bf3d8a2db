"""The hint on bytes that are not UTF-8 names the encoding that they are in."""

from __future__ import annotations

import pytest

from pipeline.sources.encodings import likely_encoding

TEXTS = [
    ("Zajęcia źródło łódź", "cp1250"),
    ("Příliš žluťoučký kůň", "cp1250"),
    ("Йога для всех, № 5", "cp1251"),
    ("Sığır çorbası, Şişli", "cp1254"),
    ("ヨガ教室 60分", "cp932"),
    ("Café Müller", "mac_roman"),
    ("Café Größe", "cp850"),
    ("Café", "cp850"),
    ("Crème brûlée “été” – 5 €", "cp1252"),
    ("Größe Übung", "latin-1"),
    ("CRÉÉE, Año, Øst", "latin-1"),
]


@pytest.mark.parametrize(("text", "encoding"), TEXTS)
def test_the_words_decide(text: str, encoding: str) -> None:
    found = likely_encoding(f"Date;Class\n2026-05-01;{text}\n".encode(encoding))
    assert found == encoding
    assert text.encode(encoding).decode(found) == text
