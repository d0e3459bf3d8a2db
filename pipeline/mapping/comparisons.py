"""Compare a column's values with the constants of a mapping, and watch for values that meet none.

Before it is compared, a value that differs from a constant in white space, case or no-break spaces only is taken for
that constant: `No Show ` meets 'No show'. Values that are stored keep their spelling. A value equal to a constant as
it is never becomes another one, so `case x when 'a' … when 'A' …` still keeps the two apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from pipeline.mapping.facts import Comparison
from pipeline.mapping.model import Watched

# White space of any kind, also no-break, figure, narrow and zero-width spaces.
_BLANKS = r"[\s\x{85}\x{A0}\x{1680}\x{2000}-\x{200D}\x{2028}\x{2029}\x{202F}\x{205F}\x{2060}\x{3000}\x{FEFF}]+"
# `é` is one character or two, e and an accent, as files from a Mac write it.
FOLDED = f"create temp macro noshow_folded(t) as lower(trim(regexp_replace(nfc_normalize(t), '{_BLANKS}', ' ', 'g')))"

# A mapping that compares with one of these knows the other: `"No show" = 'yes'` needs no word for 'no'.
_OPPOSITES = (("yes", "no"), ("y", "n"), ("true", "false"), ("t", "f"), ("1", "0"), ("on", "off"), ("x", ""))


def quoted(text: str) -> str:
    """An SQL literal of a text."""
    return "'" + text.replace("'", "''") + "'"


def folded(compared: str, texts: Sequence[str], constants: Iterable[str]) -> str:
    """SQL for the compared side: its value, or that of `texts` which it equals after folding.

    `constants` are all texts that the column is compared with; a value that is one of these stays as it is.
    """
    exact = ", ".join(map(quoted, constants))
    cases = " ".join(f"when noshow_folded({quoted(text)}) then {quoted(text)}" for text in texts)
    return (
        f"(case when ({compared}) in ({exact}) then ({compared}) "
        f"else case noshow_folded({compared}) {cases} else ({compared}) end end)"
    )


def with_folding(expression: str, comparisons: Iterable[Comparison], constants: Mapping[str, Sequence[str]]) -> str:
    """An expression with the compared side of each comparison folded.

    `constants` gives all texts that a compared side is compared with, by its key; those without an entry are not texts
    and stay.
    """
    text = expression.encode()
    places = {c.start: c for c in comparisons if c.texts and not c.pattern and c.key in constants}
    before = len(text)
    for start, comparison in sorted(places.items(), reverse=True):
        if not 0 <= start < comparison.end <= before:
            continue
        side = text[start : comparison.end].decode()
        made = folded(side, comparison.texts, constants[comparison.key])
        text = text[:start] + made.encode() + text[comparison.end :]
        before = start
    return text.decode()


def watched(
    comparisons: Iterable[tuple[str, Comparison]],
    constants: Mapping[str, Sequence[str]],
    known: Mapping[str, Sequence[str]],
) -> tuple[Watched, ...]:
    """The columns to watch, from comparisons with the column whose value they compare.

    A column is watched if it is compared with at least one constant, or fitted to two patterns or more: one pattern
    alone, such as `Name like '%test%'`, does not list the column's values.
    """
    by_name: dict[str, list[Comparison]] = {}
    for name, comparison in comparisons:
        by_name.setdefault(name, []).append(comparison)
    return tuple(
        Watched(name, _quoted_name(name), _missed(name, found, constants, known))
        for name, found in by_name.items()
        if any(c.constants for c in found) or len({c.pattern for c in found}) > 1
    )


def _missed(
    name: str, found: Sequence[Comparison], constants: Mapping[str, Sequence[str]], known: Mapping[str, Sequence[str]]
) -> str:
    value = f"coalesce(noshow_folded({_quoted_name(name)}::varchar), '')"
    words = {text.strip().lower() for comparison in found for text in (*comparison.texts, *comparison.constants)}
    passed = [*known.get(name.lower(), ()), *(b for pair in _OPPOSITES for a, b in (pair, pair[::-1]) if a in words)]
    tests = [f"{value} = ''", *(f"{value} = noshow_folded({quoted(text)})" for text in passed)]
    for comparison in found:
        if comparison.pattern:
            tests.append(f"try({comparison.pattern})")
        elif comparison.constants:
            side = comparison.compared
            # `nullif(Status, 'pending')` makes nothing of a value that the mapping knows. So would a cast that fails.
            if "CAST(" not in side:
                tests.append(f"({side}) is null")
            if comparison.texts and comparison.key in constants:
                side = folded(side, comparison.texts, constants[comparison.key])
            tests.append(f"try(({side}) in ({', '.join(comparison.constants)}))")
    return f"not ({' or '.join(f'coalesce({test}, false)' for test in tests)})"


def _quoted_name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
