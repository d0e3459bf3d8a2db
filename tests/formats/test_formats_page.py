"""The table in pipeline/formats.md says what the files of the formats say; NOSHOW_GOLDEN=write writes it again."""

from __future__ import annotations

import os
import re
from pathlib import Path

from pipeline.formats.recognition import read_format
from pipeline.mapping.reading import shipped_formats

PAGE = Path(__file__).parents[2] / "pipeline" / "formats.md"
PART = re.compile(r"(?<=test_formats_page\.py -->\n).*?(?=<!-- end -->)", re.DOTALL)


def table() -> str:
    lines = ["| format | name | marks | certain | seen in | in doubt |", "|---|---|---|---|---|---|"]
    for path in shipped_formats():
        mapping = read_format(path)
        known = mapping.format
        assert known is not None
        link = f"[{known.name}](formats/{path.name})"
        cells = (known.title, link, mapping.marks, known.certain, known.seen, known.doubt)
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join([*lines, ""])


def test_the_table_says_what_the_files_say() -> None:
    page = PAGE.read_text("utf-8")
    if os.environ.get("NOSHOW_GOLDEN") == "write":
        PAGE.write_text(PART.sub(lambda _: table(), page), "utf-8")
        return
    assert PART.findall(page) == [table()]
