"""Two plain objects -> the fields in which they differ, spelled alike first.

`1Gi` and `1024Mi` are one size, `"604800000"` and `604800000` one Kafka setting, and two lists of ACLs
in another order are the same ACLs.
"""

import json
from collections.abc import Iterator, Mapping

from generator.common.changes import MISSING
from generator.common.finding import Path
from generator.common.kafka_values import config_text
from generator.common.units import UnitError, parse_bytes, parse_cpu_m
from generator.model.overrides import list_key
from generator.plan.change import FieldChange

_SIZES = ("memory", "size", "sizeLimit", "storage", "ephemeral-storage")
_OPEN = ("config", "annotations", "labels")
"""Mappings that are as good as absent while they are empty."""
_UNORDERED = ("acls", "superUsers", "operations")


def differences(
    before: object, after: object, path: Path = (), exact: str = ""
) -> Iterator[FieldChange]:
    """Every field that differs, at the highest key that is absent on one side.

    Below a key named `exact`, another spelling of the same differs too.
    """
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key in sorted({*before, *after}, key=str):
            old, new = before.get(key, MISSING), after.get(key, MISSING)
            if key in _OPEN and isinstance(old, Mapping) != isinstance(new, Mapping):
                # The first setting is a setting as well, and not a config that appears.
                old, new = ({} if side is MISSING else side for side in (old, new))
            if old is MISSING or new is MISSING:
                yield FieldChange((*path, key), old, new)
            elif old != new:
                yield from differences(old, new, (*path, key), exact)
    elif isinstance(before, list) and isinstance(after, list):
        key_name = list_key(before) if before else None
        if key_name and key_name == list_key(after):
            old_items = {item[key_name]: item for item in before}
            new_items = {item[key_name]: item for item in after}
            yield from differences(old_items, new_items, path, exact)
        elif normal(before, path) != normal(after, path):
            yield FieldChange(path, before, after)
    elif normal(before, path) != normal(after, path) or (
        exact in path and str(before) != str(after)
    ):
        yield FieldChange(path, before, after)


def normal(value: object, path: Path) -> object:
    """The value in one spelling, so that equal ones are equal."""
    if isinstance(value, list):
        items = [normal(item, path) for item in value]
        if path and path[-1] in _UNORDERED:
            items.sort(key=lambda item: json.dumps(item, sort_keys=True, default=str))
        return items
    if isinstance(value, Mapping):
        return {key: normal(item, (*path, key)) for key, item in value.items()}
    if len(path) > 1 and path[-2] == "config":
        return config_text(value).strip()
    try:
        if path and path[-1] in _SIZES and isinstance(value, str | int):
            text = str(value)
            return parse_bytes(text + "B" * text.isdigit())
        if path and path[-1] == "cpu" and isinstance(value, str | int | float):
            return parse_cpu_m(value)
    except UnitError:
        return value
    return value


def apply(body: object, changes: list[FieldChange]) -> object:
    """The object with the changes made: `apply(a, differences(a, b))` is b, but for spelling."""
    for change in changes:
        body = _set(body, change.path, change.after)
    return body


def _set(body: object, path: Path, value: object) -> object:
    if not path:
        return value
    key, rest = path[0], path[1:]
    if isinstance(body, list):
        name = list_key(body)
        items = {item[name]: item for item in body} if name else {}
        changed = _set(items, path, value)
        return list(changed.values()) if isinstance(changed, dict) else changed
    copy = dict(body) if isinstance(body, dict) else {}
    if not rest and value is MISSING:
        copy.pop(key, None)
    else:
        copy[key] = _set(copy.get(key, {}), rest, value)
    return copy
