"""Field tables of the backup operators -> structural schemas, as their CustomResourceDefinitions have them.

A row is: kind, path, type, `required` or nothing, constraints; columns are divided by tabs. The type
`as KIND PATH` stands for everything that another row and those below it say.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from _convert import PRESERVE_UNKNOWN, ConversionError, Schema

VERSION = "v1alpha1"
_SCALARS = ("boolean", "integer", "number", "string")
_RANGES = {
    "int16": (-(2**15), 2**15 - 1),
    "int32": (-(2**31), 2**31 - 1),
    "int64": (-(2**63), 2**63 - 1),
    "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1),
    "uint": (0, 2**63 - 1),
    "uint64": (0, 2**63 - 1),
}
"""What an operator can hold: with a number outside, it cannot read any object of the kind. The API
server's own numbers end at 2**63 - 1."""

_TIME = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"


class Row(NamedTuple):
    """One field; `constraints` by their words, of which `open` has no value."""

    type: str
    required: bool
    constraints: dict[str, str]


Table = dict[str, dict[str, Row]]
"""Fields by kind and path."""


def read_table(path: Path) -> Table:
    """Return a table with every `as KIND PATH` replaced by the rows that it stands for."""
    table: Table = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("#"):
            continue
        kind, field, kind_of, required, constraints = (*line.split("\t"), "", "")[:5]
        words = {word.partition("=")[0]: word.partition("=")[2] for word in constraints.split()}
        table.setdefault(kind, {})[field] = Row(kind_of, required == "required", words)
    return {kind: _expanded(table, fields) for kind, fields in table.items()}


def _expanded(table: Table, fields: dict[str, Row]) -> dict[str, Row]:
    found: dict[str, Row] = {}
    for path, row in fields.items():
        if not row.type.startswith("as "):
            found[path] = row
            continue
        _, kind, other = row.type.split(" ")
        for name, meant in table[kind].items():
            if name == other:
                found[path] = meant._replace(required=row.required)
            elif name.startswith(f"{other}."):
                found[path + name.removeprefix(other)] = meant
    return found


def open_api(fields: dict[str, Row]) -> Schema:
    """Return the structural schema of one kind."""
    return _object(fields, "")


def _object(fields: dict[str, Row], above: str) -> Schema:
    properties: dict[str, Schema] = {}
    required = []
    for path, row in fields.items():
        name = path.removeprefix(above)
        if not path.startswith(above) or set(name) & {*".["}:
            continue
        properties[name] = _field(fields, path, row)
        if row.required:
            required.append(name)
    return {"type": "object", "properties": properties, "required": required}


def _field(fields: dict[str, Row], path: str, row: Row) -> Schema:
    if row.type == "object":
        if any(name.startswith(f"{path}.") for name in fields):
            return _constrained(_object(fields, f"{path}."), row)
        return {"type": "object", PRESERVE_UNKNOWN: True}
    if row.type in _SCALARS:
        return _constrained({"type": row.type}, row)
    outer, _, inner = row.type.removesuffix(">").partition("<")
    if inner in _SCALARS:
        item: Schema = {"type": inner}
    elif inner != "object":
        raise ConversionError(f"{path} has the unknown type {row.type}")
    elif any(name.startswith(f"{path}[].") for name in fields):
        item = _object(fields, f"{path}[].")
    else:
        item = {"type": "object", PRESERVE_UNKNOWN: True}
    if outer == "array":
        return _constrained({"type": "array", "items": item}, row)
    if outer == "map":
        return _constrained({"type": "object", "additionalProperties": item}, row)
    raise ConversionError(f"{path} has the unknown type {row.type}")


def _constrained(schema: Schema, row: Row) -> Schema:
    result: dict[str, Any] = dict(schema)
    for word, value in row.constraints.items():
        if word == "default":
            result["default"] = value
        elif word == "enum":
            result["enum"] = value.split("|")
        elif word == "minimum":
            result["minimum"] = int(value)
        elif word == "format" and value in _RANGES:
            least, most = _RANGES[value]
            result["minimum"] = max(least, result.get("minimum", least))
            result["maximum"] = most
        elif word == "format" and value == "date-time":
            result["pattern"] = _TIME
        else:
            raise ConversionError(f"unknown constraint: {word}={value}")
    return result
