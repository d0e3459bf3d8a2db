"""Cut the answers of attendance calls to the fields that the API declares, for `noshow serve --strict`."""

from __future__ import annotations

from queries.language.resources import ATTENDANCE
from queries.wire import Wire

_FIELDS = frozenset(field.wire for field in ATTENDANCE.fields)


def declared(answer: Wire) -> Wire:
    """The answer without the hidden fields of attendance, such as `updatedDate`, and without the count of a page."""
    cut = dict(answer)
    if "attendance" in cut:
        cut["attendance"] = _cut(cut["attendance"])
    if "attendances" in cut:
        cut["attendances"] = [_cut(one) for one in cut["attendances"]]
        cut["pagingMetadata"] = {key: value for key, value in cut["pagingMetadata"].items() if key != "count"}
    if "results" in cut:
        cut["results"] = [{**one, "item": _cut(one["item"])} if "item" in one else one for one in cut["results"]]
    return cut


def _cut(attendance: Wire) -> Wire:
    return {name: value for name, value in attendance.items() if name in _FIELDS}
