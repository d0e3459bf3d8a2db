"""The families: the kinds of groups that a report compares with each other, and follows week by week.

A group is flagged in comparison with the others of its family. Parts of the day at a location are followed as well,
but have no table of their own.
"""

from __future__ import annotations

from collections.abc import Mapping

from queries.model.groupings import GROUPINGS, Grouping

# Families by the name of their grouping, which has an id and a readable name.
FAMILIES = ("service", "series", "location", "staff")
DAYPART = "daypart"

# Family -> the groupings whose keys identify a group of it. A session series has one service, location, member of staff
# and hour: they add no rows, and say which groups hold it.
_OF_SERIES = ("series", "service", "location", "staff", "local_hour")
FOLLOWED: Mapping[str, tuple[Grouping, ...]] = {
    **{family: (GROUPINGS[family],) for family in FAMILIES},
    "series": tuple(GROUPINGS[name] for name in _OF_SERIES),
    DAYPART: (GROUPINGS["location"], GROUPINGS["local_hour"]),
}
