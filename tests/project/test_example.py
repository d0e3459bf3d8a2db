"""The live example: the picture in the README is of the current page, and CI renders the demo and keeps it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.picture import PICTURE, ROOT, demo_page, digest_of_look, digest_of_page, texts_in

AGAIN = "stale: make it again with python tests/bench/picture.py"


def test_the_picture_is_drawn_with_the_current_styles_and_templates() -> None:
    assert texts_in(PICTURE.read_bytes())["look"] == digest_of_look(), AGAIN


@pytest.mark.long
def test_the_picture_shows_the_words_and_figures_of_the_current_page(tmp_path: Path) -> None:
    page = demo_page(tmp_path).read_text(encoding="utf-8")
    assert texts_in(PICTURE.read_bytes())["page"] == digest_of_page(page), AGAIN


def test_other_words_and_other_pictures_are_noticed() -> None:
    page = '<header class="top"><h1>Demo</h1></header>12.4 %<svg>1</svg><section class="hero">other</section>'
    same = page.replace("other", "another")
    assert digest_of_page(page) == digest_of_page(same) != digest_of_page(page.replace("12.4", "12.5"))
    png = PICTURE.read_bytes()
    with pytest.raises(ValueError, match="damaged"):
        texts_in(png[:60] + b"x" + png[61:])


def test_ci_keeps_the_report_that_the_example_writes() -> None:
    workflow = (ROOT / ".github" / "workflows" / "checks.yml").read_text(encoding="utf-8")
    example = (ROOT / ".ci" / "example").read_text(encoding="utf-8")
    (folder,) = re.findall(r"noshow demo --dir (\S+)", example)
    assert f"path: {folder}/report.html\n" in workflow
    steps = re.findall(r"- run: (\.ci/\w+)", workflow)
    assert steps == [".ci/run", ".ci/example"]
    assert all((ROOT / step).stat().st_mode & 0o111 for step in steps)
