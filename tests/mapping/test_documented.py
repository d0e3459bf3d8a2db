"""The documentation of mappings names every key, and its examples are mappings."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

import queries
from pipeline.mapping.reading import KEYS, read_mapping
from pipeline.mapping.words.dates import ORDERS
from pipeline.mapping.words.status import MEANINGS
from pipeline.mapping.words.visit import FIELDS

DOCUMENTS = [Path(__file__).parents[2] / "pipeline" / name for name in ("mappings.md", "pairs.md")]
TEXT = "".join(path.read_text("utf-8") for path in DOCUMENTS)
EXAMPLES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("key", sorted({*KEYS, "booking.attributes"}))
def test_every_key_is_explained(key: str) -> None:
    table = TEXT.split("## Keys")[1].split("\n## ")[0]
    assert f"`{key}`" in table or f"`[{key}]`" in table


def test_the_examples_are_mappings(tmp_path: Path) -> None:
    whole = [text for text in EXAMPLES if "[booking]" in text or "[visit]" in text]
    assert len(whole) == 4
    for text in whole:
        (tmp_path / "m.toml").write_text(text, "utf-8")
        read_mapping(tmp_path / "m.toml")
    assert all(tomllib.loads(text).keys() <= KEYS for text in EXAMPLES)


@pytest.mark.parametrize(("null", "texts"), [('""', ("",)), ('"NA"', ("NA",)), ('["NA", 0]', ("NA", "0")), ("[]", ())])
def test_null_is_one_text_or_several(tmp_path: Path, null: str, texts: tuple[str, ...]) -> None:
    (tmp_path / "m.toml").write_text(f'null = {null}\n[booking]\nid = "visit"\n', "utf-8")
    assert read_mapping(tmp_path / "m.toml").null == texts


@pytest.mark.parametrize("null", ["{ a = 1 }", "[[1]]"])
def test_null_must_be_texts(tmp_path: Path, null: str) -> None:
    (tmp_path / "m.toml").write_text(f'null = {null}\n[booking]\nid = "visit"\n', "utf-8")
    with pytest.raises(queries.DataRefused, match="null: a list of texts is expected"):
        read_mapping(tmp_path / "m.toml")


def test_every_field_and_meaning_of_a_visit_is_explained() -> None:
    words = TEXT.split("## Words")[1].split("\n## ")[0]
    assert {
        name for name in (*FIELDS, *MEANINGS, *ORDERS) if f"`{name}`" not in words and f'`"{name}"`' not in words
    } == set()
