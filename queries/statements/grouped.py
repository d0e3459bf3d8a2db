"""Statements for counts and rates by groupings, and for the clustering of all bookings that the rates need."""

from __future__ import annotations

from collections.abc import Sequence

from queries.language.filters import Node
from queries.model.groupings import Grouping
from queries.statements.conditions import where_sql
from queries.statements.literals import Parameters, column_name, literal

_ATTRIBUTE = Grouping("value", "the value of an attribute", "json_extract_string(p.attributes, '$.' || attribute)")
# The same of each attribute, over rows that stand once for each attribute that there is.
_ATTRIBUTE_NAME = Grouping("attribute", "the name of an attribute")
_ATTRIBUTE_VALUE = Grouping("value", _ATTRIBUTE.meaning, "json_extract_string(p.attributes, '$.' || p.attribute)")
_SESSION_NUMBER = Grouping("session_number", "number of the session within its course", in_order=True)
# The sums over clusters, which are contacts or sessions.
_SQUARES = (
    "coalesce(sum(rated * rated), 0)::bigint as squares, coalesce(sum(rated * missed), 0)::bigint as products, "
    "coalesce(sum(missed * missed), 0)::bigint as missed_squares"
)
_KNOWN = "p.is_rated and contact_of(p) is not null"
_SUMS = "no_show_sums(p) as sums"
# Bookings that are alike in all that `no_show_sums` reads, as one row that stands for so many.
_ALIKE = (
    "p.outcome, p.marks, p.cancellation, p.booked, p.absent, p.walk_ins, p.is_rated, p.is_partial, "
    "p.is_doubtful_default, sum(p.weight) as weight"
)
# The arguments of `no_show_counts_in_session`.
_OF_SESSION = {
    "sums": "no_show_sums(p)",
    "twice_rated": "contacts_twice(p, p.is_rated)",
    "twice_missed": "contacts_twice(p, p.is_missed)",
    "once_missed": "count(contact_of(p)) filter (p.is_missed and not p.is_booked_twice)",
    "value_absent": "value_absent_of(p)",
}


def counts_sql(
    groupings: Sequence[Grouping], node: Node | None = None, relation: str = "counted_at($as_of)"
) -> tuple[str, Parameters]:
    """The counts of each group over the rows of a relation: the group columns, then those of `no_show_counts`.

    `relation` is one of our own macros, views or temporary tables.
    """
    parameters: Parameters = {}
    counted = _with_rows(node, relation, parameters)
    # Hardly any two bookings of one contact are alike.
    alike_first = all(grouping.name != "participant" for grouping in groupings)
    text = counted_sql(groupings, alike_first=alike_first)
    return f"{counted} select {_columns(groupings)}unnest(counts) from ({text})", parameters


def shown_counts_sql(groupings: Sequence[Grouping], relation: str) -> str:
    """Counts and rates by groupings, in a form to be read rather than fast."""
    grouped = f" group by {', '.join(grouping.key for grouping in groupings)}" if groupings else ""
    macro = "no_show_counts_of_session(p)" if _by_session(groupings) else "no_show_counts(p)"
    return (
        f"select {_columns(groupings)}unnest(counts), unnest(no_show_rates_of(counts, clustering)) "
        f"from (select {', '.join([*_keys(groupings), *_labels(groupings), f'{macro} as counts'])} "
        f"from {relation} as p{grouped}), "
        f"(select clustering_of(k) as clustering from (select clusters_of(p) as k from {relation} as p))"
    )


def clusters_sql(
    node: Node | None = None, relation: str = "counted_at($as_of)", key: Grouping | None = None
) -> tuple[str, Parameters]:
    """The sums that the correlations of bookings are estimated from: one row, or one for each value of a key.

    Columns: the key under its name, then those of the macro `clusters_of`.
    """
    parameters: Parameters = {}
    text = f"{_with_rows(node, relation, parameters)} {_clusters_sql(key)}"
    return text, parameters


def _clusters_sql(key: Grouping | None = None) -> str:
    keys = [key] if key else []
    # Counted twice: first within each contact or session, then over all of them.
    contacts = _by_cluster_sql(keys, "contact_of(p)", _KNOWN, "count(*)", "count(*) filter (p.is_missed)")
    weighed = "sum(p.weight)", "coalesce(sum(p.weight) filter (p.is_missed), 0)"
    sessions = _by_cluster_sql(keys, "p.session_id", "p.is_rated", *weighed)
    unknown = "contact_of(p) is null"
    own = (
        "bookings_where(p, p.is_rated) as rated, bookings_where(p, p.is_missed) as missed, "
        f"bookings_where(p, p.is_rated and {unknown}) as unknown_rated, "
        f"bookings_where(p, p.is_missed and {unknown}) as unknown_missed"
    )
    made = (
        "clusters_in(of_all.rated, of_all.missed, of_all.unknown_rated, of_all.unknown_missed, by_contact, by_session)"
    )
    first = f"of_all.key_0 as {column_name(key.name)}, " if key else ""
    return (
        f"select {first}unnest({made}) from ({_grouped(keys, [own])}) as of_all "
        f"{_joined(keys, sessions, 'by_session')} {_joined(keys, contacts, 'by_contact')}"
    )


def clusters_macro_sql() -> str:
    """The macro `clusters_at(as_of)`: one row, for the clustering of all bookings that are counted."""
    text, _ = clusters_sql(relation="counted_at(as_of)")
    return (
        f"create or replace macro clusters_at(as_of) as table {text}; "
        "create or replace macro clustering_at(as_of) as table "
        f"{_with_rows(None, 'counted_at(as_of)', {})} {clustering_sql()}; "
        "comment on macro table clusters_at is "
        "'Sums over all rated bookings as of a UTC timestamp, that clustering_of estimates from'; "
        "comment on macro table clustering_at is 'clustering_of all rated bookings as of a UTC timestamp'"
    )


def grouping_view_sql(grouping: Grouping) -> str:
    """The view `no_show_by_<grouping>`: counts and rates of each group at the moment the views are set to."""
    meaning = f"Counts and rates of each {grouping.name}: {grouping.meaning}"
    name = f"no_show_by_{grouping.name}"
    return _view_sql(name, _rates_sql(grouping), meaning)


def attribute_macro_sql() -> str:
    """The macro `no_show_by_attribute(attribute)`: counts and rates of each value of an attribute."""
    return (
        f"create or replace macro no_show_by_attribute(attribute) as table {_rates_sql(_ATTRIBUTE)}; "
        "comment on macro table no_show_by_attribute is "
        "'Counts and rates of each value of an attribute of the bookings'"
    )


def attribute_values_view_sql() -> str:
    """The view `no_show_by_attribute_value`: counts and rates of each value of every attribute of the bookings."""
    rows = "counted_at(as_of_now())"
    names = f"select distinct unnest(json_keys(attributes)) as attribute from {rows}"
    text = _rates_of_some_sql(
        f"select p.*, a.attribute from {rows} as p cross join ({names}) as a",
        [_ATTRIBUTE_NAME, _ATTRIBUTE_VALUE],
        "attribute, value is null, counts.bookings desc, value",
    )
    meaning = "Counts and rates of each value of every attribute; a null value: bookings without the attribute"
    return _view_sql("no_show_by_attribute_value", text, meaning)


def course_sessions_view_sql() -> str:
    """The view `course_sessions`: the drop-off of courses, counts and rates by the number of the session."""
    text = _rates_of_some_sql(
        "select * from counted_at(as_of_now()) where is_course and session_number is not null",
        [_SESSION_NUMBER],
        _order(_SESSION_NUMBER),
    )
    return _view_sql("course_sessions", text, "The drop-off of courses: counts and rates by the number of the session")


def _rates_of_some_sql(rows: str, groupings: Sequence[Grouping], order: str) -> str:
    """Counts and rates of groups of some of the rows, with the clustering of all of them."""
    return (
        f"with counted as ({rows}) "
        f"select {_columns(groupings)}unnest(counts), unnest(no_show_rates_in(counts, effect)) "
        f"from (select *, design_effect(counts, clustering) as effect from ({counted_sql(groupings)}), "
        f"clustering_at(as_of_now())) order by {order}"
    )


def _view_sql(name: str, text: str, meaning: str) -> str:
    return f"create or replace view {name} as {text}; comment on view {name} is {literal(meaning)}"


def _rates_sql(grouping: Grouping) -> str:
    order = f" order by {_order(grouping)}" if grouping.in_order else ""
    return (
        f"{_with_rows(None, 'counted_at(as_of_now())', {})} "
        f"select {_columns([grouping])}unnest(counts), unnest(no_show_rates_in(counts, effect)) "
        f"from (select *, design_effect(counts, clustering) as effect from ({counted_sql([grouping])}), "
        f"({clustering_sql()})){order}"
    )


def _order(grouping: Grouping) -> str:
    """The order of groups in time or size: of their keys, or of the bands as they are listed; unknown ones last."""
    key = column_name(grouping.columns[0])
    in_sequence = f"list_position({literal(grouping.sequence)}, {key})" if grouping.sequence else key
    return f"{in_sequence} nulls last"


def clustering_sql() -> str:
    """The clustering, a struct, of all rows of `counted`: one row."""
    # Each step is a column, since DuckDB would write an argument of a macro out wherever the macro has it.
    return (
        "select estimated_clustering(k, contact, session, shift) as clustering from (select k, contact, session, "
        "estimate_shift(k, contact, session) as shift from (select k, contact_correlation(k) as contact, "
        f"session_correlation(k) as session from ({_clusters_sql()}) as k))"
    )


def counted_sql(groupings: Sequence[Grouping], *, alike_first: bool = False) -> str:
    """Group columns and `counts`, a struct, of each group of the rows of `counted`.

    Sessions and contacts are counted by grouping twice, first within each of them: that takes half the time of counting
    different values, and squares cannot be summed otherwise. Both are joined to the plain sums by the keys.

    With `alike_first` those are taken over bookings that are alike, put together first. There are few kinds of them, so
    this takes half the time of adding each booking to twenty sums. Views do without: each database that is opened would
    take longer.
    """
    if _by_session(groupings):
        # Each sum is a column, as in `clustering_sql`.
        names = ", ".join(_OF_SESSION)
        sums = [f"{text} as {name}" for name, text in _OF_SESSION.items()]
        counts = f"no_show_counts_in_session({names}) as counts"
        return f"select * exclude ({names}), {counts} from ({_grouped(groupings, sums, named=True)})"
    each_session = (
        "p.session_id as cluster, count(p.outcome) > 0 as is_booked, "
        "count(*) filter (p.outcome = 'unmarked') > 0 as is_unmarked, "
        "coalesce(sum(p.weight) filter (p.is_rated), 0)::bigint as rated"
    )
    sessions = (
        "count(cluster) filter (is_booked) as sessions, count(cluster) filter (is_unmarked) as sessions_unmarked, "
        "coalesce(sum(rated * rated), 0)::bigint as session_squares"
    )
    each_contact = "contact_of(p) as cluster, count(*) as rated, count(*) filter (p.is_missed) as missed"
    top = "max(struct_pack(missed := missed, fewer := -rated), 3) filter (missed > 0)"
    contacts = f"unnest(contact_sums(coalesce(sum(rated * rated), 0), {top}))"
    of_sessions = _twice(groupings, each_session, sessions, "p.outcome is not null")
    of_contacts = _twice(groupings, each_contact, contacts, _KNOWN)
    own = ["unknown_contacts(p) as unknown_contacts", "value_absent_of(p) as value_absent"]
    columns = [f"of_all.{column_name(name)}" for name in _column_names(groupings)]
    if alike_first:
        summed, of_kinds = "by_kind", _joined(groupings, _twice(groupings, _ALIKE, _SUMS, "true"), "by_kind")
    else:
        own, summed, of_kinds = [_SUMS, *own], "of_all", ""
    made = (
        f"no_show_counts_in({summed}.sums, of_all.unknown_contacts, by_session, by_contact, of_all.value_absent) "
        "as counts"
    )
    plain = [*_numbered(groupings), *own]
    return (
        f"select {', '.join([*columns, made])} from ({_grouped(groupings, plain, named=True)}) as of_all {of_kinds} "
        f"{_joined(groupings, of_sessions, 'by_session')} {_joined(groupings, of_contacts, 'by_contact')}"
    )


def family_sql(grouping: Grouping) -> str:
    """The groups of a family among the rows of `counted`: grouping, group_id, name, and `counts`, a struct."""
    key, name = grouping.columns
    return (
        f"select {literal(grouping.name)} as grouping, {key}::varchar as group_id, {name} as name, counts "
        f"from ({counted_sql([grouping])})"
    )


def _by_cluster_sql(keys: Sequence[Grouping], cluster: str, condition: str, rated: str, missed: str) -> str:
    each = f"{cluster} as cluster, ({rated})::bigint as rated, ({missed})::bigint as missed"
    return _twice(keys, each, _SQUARES, condition)


def _twice(groupings: Sequence[Grouping], each: str, sums: str, condition: str) -> str:
    """Rows grouped by keys and cluster, then by keys alone, which are key_0, key_1, …"""
    names = [f"key_{at}" for at in range(len(groupings))]
    inner = f"select {', '.join([*_numbered(groupings), each])} from counted as p where {condition} group by all"
    grouped = f" group by {', '.join(names)}" if names else ""
    return f"select {', '.join([*names, sums])} from ({inner}) as p{grouped}"


def _grouped(groupings: Sequence[Grouping], columns: Sequence[str], named: bool = False) -> str:
    own = [*_keys(groupings), *_labels(groupings)] if named else _numbered(groupings)
    grouped = f" group by {', '.join(grouping.key for grouping in groupings)}" if groupings else ""
    return f"select {', '.join([*own, *columns])} from counted as p{grouped}"


def _joined(groupings: Sequence[Grouping], statement: str, name: str) -> str:
    """A join of sums by the keys, as a column of the given name that holds them as a struct."""
    same = [f"of_all.key_{at} is not distinct from {name}.key_{at}" for at in range(len(groupings))]
    return f"left join ({statement}) as {name} on {' and '.join(same) or 'true'}"


def _with_rows(node: Node | None, relation: str, parameters: Parameters) -> str:
    """The rows that pass as `counted`, to stand before a statement that reads them several times."""
    kept = f" where {where_sql(node, parameters)}" if node is not None else ""
    return f"with counted as (select p.* from {relation} as p{kept})"


def _by_session(groupings: Sequence[Grouping]) -> bool:
    # A group that lies within one session needs no count of different sessions.
    return any(grouping.name == "session" for grouping in groupings)


def _keys(groupings: Sequence[Grouping]) -> list[str]:
    return [f"{grouping.key} as {column_name(grouping.columns[0])}" for grouping in groupings]


def _numbered(groupings: Sequence[Grouping]) -> list[str]:
    return [f"{grouping.key} as key_{at}" for at, grouping in enumerate(groupings)]


def _labels(groupings: Sequence[Grouping]) -> list[str]:
    return [f"{grouping.label} as {grouping.name}" for grouping in groupings if grouping.label]


def _column_names(groupings: Sequence[Grouping]) -> list[str]:
    return [column for grouping in groupings for column in grouping.columns]


def _columns(groupings: Sequence[Grouping]) -> str:
    """The group columns as the beginning of a list, each with a comma after it."""
    return "".join(f"{column_name(name)}, " for name in _column_names(groupings))
