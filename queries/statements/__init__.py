"""Write the text of statements, and bind their values, from checked queries, groupings and the model.

This is the one place in `queries` that puts SQL together: names come from the tables of fields, columns, groupings,
families and operators, values are bound.
"""

from __future__ import annotations

from queries.statements.cells import cells_sql
from queries.statements.grouped import (
    attribute_macro_sql,
    attribute_values_view_sql,
    clusters_macro_sql,
    clusters_sql,
    counts_sql,
    course_sessions_view_sql,
    grouping_view_sql,
    shown_counts_sql,
)
from queries.statements.lake import lake_roster_sql, lake_rows_sql
from queries.statements.lists import measure_sql, pairs_sql, view_sql
from queries.statements.literals import Parameters, literal, with_values
from queries.statements.overlaps import overlaps_sql
from queries.statements.page import page_sql
from queries.statements.reconcile import Column, cells_of_rows_sql, counted_rows_sql
from queries.statements.roster import FACTS_SQL, roster_sql, shown_sql, without_front
from queries.statements.upcoming import (
    ahead_of_roster_sql,
    rows_ahead_sql,
    sums_ahead_sql,
    sums_of_roster_sql,
    upcoming_sessions_view_sql,
)

__all__ = [
    "FACTS_SQL",
    "Column",
    "Parameters",
    "ahead_of_roster_sql",
    "attribute_macro_sql",
    "attribute_values_view_sql",
    "cells_of_rows_sql",
    "cells_sql",
    "clusters_macro_sql",
    "clusters_sql",
    "counted_rows_sql",
    "counts_sql",
    "course_sessions_view_sql",
    "grouping_view_sql",
    "lake_roster_sql",
    "lake_rows_sql",
    "literal",
    "measure_sql",
    "overlaps_sql",
    "page_sql",
    "pairs_sql",
    "roster_sql",
    "rows_ahead_sql",
    "shown_counts_sql",
    "shown_sql",
    "sums_ahead_sql",
    "sums_of_roster_sql",
    "upcoming_sessions_view_sql",
    "view_sql",
    "with_values",
    "without_front",
]
