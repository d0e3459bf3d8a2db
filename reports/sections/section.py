"""The description of a section: the frames it needs, whether it may be shared, how it is made and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from reports.measured.frames import Frames, Needs
from reports.scope.circumstances import Circumstances

if TYPE_CHECKING:
    from reports.drawing.charts import Size

T = TypeVar("T")
# Makes a section's content, dataclasses and tuples of plain values; None if there is nothing to show.
MakeContent = Callable[["Inputs"], object]
# Draws charts, SVG by name, from the contents of a section by key; None for a chart with too little to draw.
DrawCharts = Callable[[Mapping[str, Any], "Size"], Mapping[str, str | None]]
# The finding of a section in one line; None if it has none.
Finding = Callable[["Inputs"], str | None]


@dataclass(frozen=True, slots=True)
class Section:
    """A row of the registry (`reports.registry`). The section's folder is `reports/sections/<name>/`.

    `title` and `anchor` are those of the navigation; the anchor is also the id of the section's heading. `of` makes the
    contents by their key in the report as data; the section is on the page if the first of them is neither None nor
    empty. `inner` are contents that others are made from; they are not in the report as data. `needs` names the frames
    that are read for it.

    `may_be_shared`: `never`; in the shared report of the `whole`, but not in those of its parts, which could be
    subtracted from it; or in that of `parts` as well. `left_out_of_lakes` and `left_out_of_spark` name in words the
    things that a report from any lake, or from Spark, leaves out: the whole section, if its own name is among the keys.

    `finding` stands beside the door to the section; those of the first page (`is_first_page`) have no door.

    `statements` are the subjects, in words, of the statements that stand at the end of the page, by the names of their
    frames; a name that ends with a dot stands for all that begin with it. `unused_statements` asks the first content
    whether a page does without one of them.

    `template` is the text of the template, by default `section.html.j2` in the folder. `is_foot` puts the section
    below the report proper.
    """

    name: str
    title: str
    of: Mapping[str, MakeContent]
    anchor: str = ""
    inner: Sequence[MakeContent] = ()
    needs: Needs = field(default_factory=Needs)
    may_be_shared: Literal["never", "whole", "parts"] = "never"
    left_out_of_lakes: Mapping[str, str] = field(default_factory=dict)
    left_out_of_spark: Mapping[str, str] = field(default_factory=dict)
    template: str | None = None
    draw_charts: DrawCharts | None = None
    is_foot: bool = False
    finding: Finding | None = None
    is_first_page: bool = False
    statements: Mapping[str, str] = field(default_factory=dict)
    unused_statements: Mapping[str, Callable[[Any], bool]] = field(default_factory=dict)

    def has_statement(self, name: str, content: Any) -> bool:
        """Whether a page with that first content has figures of a statement."""
        is_unused = self.unused_statements.get(name)
        return is_unused is None or not is_unused(content)

    @property
    def id(self) -> str:
        """The id of the section's heading."""
        return self.anchor or self.name

    def is_in(self, about: Circumstances) -> bool:
        """Whether a report under these circumstances has the section at all."""
        if self.name in about.left_out:
            return False
        if not about.options.share:
            return True
        return self.may_be_shared == "parts" or (self.may_be_shared == "whole" and not about.is_shared_part)


class Inputs:
    """The frames and circumstances that contents are made from; each content is made once, when first asked for."""

    def __init__(self, frames: Frames, about: Circumstances, sections: Iterable[Section]) -> None:
        self.frames = frames
        self.about = about
        self.sections = tuple(section for section in sections if section.is_in(about))
        self._allowed = {make for section in self.sections for make in (*section.of.values(), *section.inner)}
        self._made: dict[MakeContent, object] = {}

    def content(self, make: Callable[[Inputs], T]) -> T | None:
        """The content that a section's function makes; None if this report leaves that section out.

        A section that builds on another asks here and does not call the function itself, so that nothing reaches a
        shared report by a detour.
        """
        if make not in self._made:
            self._made[make] = make(self) if make in self._allowed else None
        return self._made[make]  # type: ignore[return-value]
