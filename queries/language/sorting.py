"""Read sorts in the API's form into keys that always end in the key of the resource, so that no two rows are equal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from queries.errors import QueryError
from queries.language.filters import unknown_field
from queries.language.limits import MAX_SORT_KEYS
from queries.language.resources import Field, Resource

ORDERS = {"ASC": False, "DESC": True}


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to order by. A missing value comes before all others, so last in descending order."""

    field: Field
    descending: bool

    @property
    def reversed(self) -> SortKey:
        """The same key the other way round."""
        return SortKey(self.field, not self.descending)


def read_sort(resource: Resource, sort: Any, path: str = "") -> tuple[SortKey, ...]:
    """Check a sort, a list of {"fieldName", "order"?}, ascending by default. Raises `QueryError`."""
    if sort is None:
        sort = []
    if not isinstance(sort, list | tuple):
        raise QueryError("INVALID_TYPE", path, "a list is expected", 'Like [{"fieldName": "id", "order": "ASC"}]')
    if len(sort) > MAX_SORT_KEYS:
        raise QueryError("TOO_MANY_VALUES", path, f"{len(sort)} sort keys", f"At most {MAX_SORT_KEYS}")
    keys = [_key(resource, item, f"{path}/{index}") for index, item in enumerate(sort)]
    for index, key in enumerate(keys):
        if key.field in [earlier.field for earlier in keys[:index]]:
            raise QueryError("CONFLICT", f"{path}/{index}/fieldName", "the same field twice", "Sort by each once")
    return with_tie_break(resource, tuple(keys))


def with_tie_break(resource: Resource, keys: tuple[SortKey, ...]) -> tuple[SortKey, ...]:
    """The keys, followed by those columns of the resource's key that are not among them."""
    given = {key.field.column for key in keys}
    fields = {field.column: field for field in resource.fields}
    return keys + tuple(SortKey(fields[column], False) for column in resource.key if column not in given)


def _key(resource: Resource, item: Any, path: str) -> SortKey:
    if not isinstance(item, Mapping):
        raise QueryError("INVALID_TYPE", path, "an object is expected", 'Like {"fieldName": "id", "order": "ASC"}')
    for name in item.keys() - {"fieldName", "order"}:
        raise QueryError("UNKNOWN_KEY", f"{path}/{name}", "no such key", "Keys: fieldName, order")
    name, order = item.get("fieldName"), item.get("order", "ASC")
    if not isinstance(name, str):
        raise QueryError("INVALID_TYPE", f"{path}/fieldName", "the name of a field is expected")
    field = resource.field(name)
    if field is None:
        raise unknown_field(resource, name, f"{path}/fieldName")
    if order is None:
        order = "ASC"
    if not isinstance(order, str) or order not in ORDERS:
        raise QueryError("INVALID_VALUE", f"{path}/order", "not an order", "ASC or DESC")
    if ORDERS[order] and not field.descends:
        raise QueryError("OPERATOR_NOT_SUPPORTED", f"{path}/order", f"{field.wire} is sorted in one order", "ASC")
    return SortKey(field, ORDERS[order])
