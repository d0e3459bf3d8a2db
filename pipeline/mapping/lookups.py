"""Find comparisons with constants in a parse tree: words of a column with the words that a mapping knows.

Every form that can be folded and watched is a pair of the compared side and the constants:

    Status = 'came', case Status when 'came' …          (Status, ['came'])
    Status in ('came', 'seen'), Status in ['came']      (Status, ['came', …])
    map {'came': 1, 'no': 0}[Status]                    (Status, ['came', 'no'])
    (Status, Kind) = ('came', 'class')                  (Status, ['came']), (Kind, ['class'])

For the others, such as a join with VALUES, only the columns are found, so that a check of the mapping can name them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pipeline.mapping.tree import Node, arguments, column_of, elements, nodes, of_class, sql_of

Pair = tuple[Node, Sequence[Node]]

_EQUALS = {f"COMPARE_{name}" for name in ("EQUAL", "NOTEQUAL", "DISTINCT_FROM", "NOT_DISTINCT_FROM", "IN", "NOT_IN")}
# The second argument is looked up in the first: among the elements of a list or the keys of a map.
_LOOKUPS = re.compile(r"contains|(list|array)_(contains|has|position|indexof)")
_IN_MAPS = re.compile(r"(list|array)_(extract|element)|map_contains|map_extract(_value)?|element_at")
# Two lists are compared element by element.
_LISTS = re.compile(r"(list|array)_(has_any|has_all|intersect)|&&|@>|<@")
# Two of a row, as `(Status, Kind)` and `row(Status, Kind)` make them.
_ROWS = {"row", "struct_pack"}
_PATTERNS = re.compile(
    r"!?~~\*?|~~~|i?like_escape|not_i?like_escape|\^@|starts_with|ends_with|contains|prefix|suffix|regexp_matches|"
    r"regexp_full_match"
)
# Compared with a number they say whether a word is in a text; else they are for cutting texts.
_PLACES = {"position", "instr", "strpos"}
# A value is compared with constants in a way that can be neither folded nor watched.
_UNWATCHED = re.compile(
    r"->>?|json_extract(_path)?(_string|_text)?|json_value|json_exists|levenshtein|editdist3|"
    r"(damerau_levenshtein|jaccard|jaro_similarity|jaro_winkler_similarity|hamming|mismatches)"
)


def compared_in(node: Node) -> Iterator[Pair]:
    """The pairs of a comparison: each side with the others, which need not be constants."""
    if node["type"] not in _EQUALS:
        return
    sides = [node["left"], node["right"]] if node["class"] == "COMPARISON" else node["children"]
    first, *others = sides
    if len(others) == 1 and node["class"] == "COMPARISON":
        yield from _by_part(others[0], [first])
    yield from _by_part(first, others)


def _by_part(compared: Node, others: Sequence[Node]) -> Iterator[Pair]:
    """The pair, or those of its parts if rows are compared: the first parts with each other, and so on."""
    parts = [_parts(side) for side in (compared, *others)]
    if parts[0] and len({len(part) for part in parts}) == 1:
        for part, *rest in zip(*parts, strict=True):
            yield part, rest
    else:
        yield compared, others


def _parts(node: Node) -> list[Node]:
    return arguments(node) if node.get("function_name") in _ROWS else []


def looked_up_in(node: Node) -> Iterator[Pair]:
    """The pairs of a lookup in a list or map; where these are not written out, the second is not constant."""
    name, given = node.get("function_name", "").lower(), arguments(node)
    if node.get("type") == "ARRAY_EXTRACT" or (_IN_MAPS.fullmatch(name) and len(given) > 1):
        container, key = node.get("children") or given[:2]
        # The key of a list is a number, as in `['low', 'high'][Level::int]`.
        if container.get("function_name") != "list_value" and key["class"] != "CAST":
            yield key, keys(container)
    elif _LOOKUPS.fullmatch(name) and len(given) > 1 and not is_pattern(node):
        yield given[1], keys(given[0])
    elif _LISTS.fullmatch(name) and len(given) > 1:
        first, second = elements(given[0]), elements(given[1])
        for side, others in ((first, second), (second, first)):
            yield from ((element, others) for element in side)


def keys(node: Node) -> list[Node]:
    """The elements of a list, or the keys of a map, that is written out; for anything else, the node itself."""
    name, given = node.get("function_name"), arguments(node)
    if name == "map" and given:
        return elements(given[0])
    if name == "map_from_entries" and given:
        entries = [_parts(entry) for entry in elements(given[0])]
        return [entry[0] for entry in entries] if all(entries) else [node]
    return keys(node["child"]) if node["class"] == "CAST" else elements(node)


def is_pattern(node: Node) -> bool:
    """Whether a call fits a text to a pattern. `contains` does, or looks something up in a list or map."""
    name = node.get("function_name", "").lower()
    if name == "contains":
        return keys(arguments(node)[0]) == [arguments(node)[0]]
    return bool(_PATTERNS.fullmatch(name))


def fit_of(node: Node) -> str:
    """The SQL that says whether a value fits the pattern: of `Status not like 'no%'`, `Status like 'no%'`."""
    name = node["function_name"].removeprefix("!").removeprefix("not_")
    return sql_of({**node, "function_name": name, "qualified_name": {"path": [name]}})


def unwatched_in(node: Node) -> list[str]:
    """The columns whose values a node compares in a way that can be neither folded nor watched."""
    kind, name = node["class"], node.get("function_name", "").lower()
    if kind == "COMPARISON":
        sides = (node["left"], node["right"])
        return _columns([side for side in sides if side.get("function_name") in _PLACES])
    if kind == "SUBQUERY":
        inner = node.get("subquery")
        found = _columns(inner) if _compares(inner) or node.get("subquery_type") == "ANY" else []
        own = _own_names(inner)
        return [column for column in [*found, *_columns(node.get("child"))] if column.lower() not in own]
    if kind == "FUNCTION" and any(_compares(one) for one in of_class(node, "LAMBDA")):
        bound = {
            column_of(ref).lower() for one in of_class(node, "LAMBDA") for ref in of_class(one["lhs"], "COLUMN_REF")
        }
        return [column for column in _columns(node) if column.lower() not in bound]
    if kind == "CAST" and node["try_cast"] and (node.get("type_expr") or {}).get("type_name", "").lower() == "enum":
        return _columns(node["child"])
    if kind == "FUNCTION" and _UNWATCHED.fullmatch(name):
        first, *others = arguments(node)
        is_distance = not name.startswith(("json", "->"))
        return _columns([first, *others]) if is_distance else _columns(others) if not _columns(first) else []
    return []


def _compares(node: object) -> bool:
    return any(one.get("class") in ("COMPARISON", "CASE") or one.get("type") in _EQUALS for one in nodes(node))


def _columns(node: object) -> list[str]:
    return [column_of(ref) for ref in of_class(node, "COLUMN_REF")]


def _own_names(node: object) -> set[str]:
    """The names that a subquery gives to its tables and columns, in lower case."""
    own = {str(one.get("alias", "")).lower() for one in nodes(node)}
    return own | {name.lower() for one in nodes(node) for name in one.get("column_name_alias") or ()}
