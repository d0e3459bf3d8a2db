"""The facts about an expression of a mapping: the columns it reads, and those it compares with constants.

Places in the text are offsets in its UTF-8 bytes, as DuckDB counts them.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reference:
    """A column or named expression that is read: its name as written, and its place in the text."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """A comparison of a column with constants: `lower(Status) in ('came', 'seen')`.

    `name` is the column, or nothing if the compared side is more than one column in other spelling. `compared` is the
    SQL of that side, `constants` are SQL literals and `texts` those of them that are texts.
    `start` and `end` are the place of the compared side in the expression. A pattern,
    such as `Status like 'no%'`, has no constants, and `pattern` is the SQL that says whether it fits.
    """

    name: str
    compared: str
    constants: tuple[str, ...] = ()
    texts: tuple[str, ...] = ()
    start: int = 0
    end: int = 0
    pattern: str = ""

    @property
    def key(self) -> str:
        """The column in lower case, or the compared SQL."""
        return self.name.lower() or self.compared


@dataclass(frozen=True, slots=True)
class Facts:
    """The columns and comparisons of an expression, and why a mapping may not use it (or an empty text).

    `perhaps` are names in subqueries, which may be columns or the subquery's own. `changes` names a function whose
    value differs from load to load, such as `random` or `now`. `is_made` says that every value it can give is a
    constant of the mapping itself. `wraps` is the column whose value it gives, as it is or in other case. `unwatched`
    are columns that are compared in a way that can be neither folded nor watched.
    `unnests` says that the whole expression is one `unnest`, which makes several rows of one.
    """

    references: tuple[Reference, ...]
    comparisons: tuple[Comparison, ...]
    perhaps: tuple[str, ...] = ()
    forbidden: str = ""
    changes: str = ""
    is_made: bool = False
    wraps: str = ""
    unwatched: tuple[str, ...] = ()
    unnests: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names it reads, each once."""
        return tuple(dict.fromkeys(reference.name for reference in self.references))
