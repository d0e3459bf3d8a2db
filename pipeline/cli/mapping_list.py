"""List the formats and mappings that come with noshow."""

from __future__ import annotations

import tomllib
from pathlib import Path

from rich import box
from rich.markup import escape
from rich.table import Table

from pipeline.cli.json_output import print_json
from pipeline.cli.terminal import stdout_console
from pipeline.mapping.reading import shipped_mappings, shipped_path

# The keys by which a format describes itself.
_ABOUT = ("title", "marks", "source", "doubt")


def run(as_json: bool) -> None:
    """Print name, title, marks, source and doubt of each."""
    rows = [_row(path) for path in [*_formats(), *map(shipped_path, shipped_mappings())]]
    if as_json:
        print_json(rows)
        return
    table = Table(box=box.SIMPLE_HEAD)
    for name in ("name", *_ABOUT):
        table.add_column(name, overflow="fold")
    for row in rows:
        table.add_row(*(escape(text) for text in row.values()))
    stdout_console().print(table)


def _formats() -> list[Path]:
    return sorted((Path(__file__).parents[1] / "formats").glob("*.toml"))


def _row(path: Path) -> dict[str, str]:
    text = path.read_text(encoding="utf-8")
    document = tomllib.loads(text)
    about = document.get("format", document)
    about = about if isinstance(about, dict) else document
    # A format says where its columns were seen.
    about = {"source": about.get("seen")} | about
    said = {name: str(about.get(name) or document.get(name) or "") for name in _ABOUT}
    # A mapping without a title has its purpose in its first comment.
    said["title"] = said["title"] or text.partition("\n")[0].lstrip("# ")
    return {"name": path.stem, **said, "marks": said["marks"] or "both"}
