"""A JSON Schema validator's errors in people's words: what is wrong, what is expected.

Used for intent (schemas/intent.schema.json) and for manifests (the other folders of schemas/).
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.finding import Path, Problem, did_you_mean

_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a mapping",
    "null": "nothing",
}


def explain(error: Any, schema: Mapping[str, object]) -> Iterator[Problem]:
    """The problems behind one `jsonschema_rs.ValidationError` of `schema`."""
    path: Path = tuple(error.instance_path)
    kind, value = error.kind.name, error.kind.value
    if kind == "additionalProperties":
        known = _at(schema, error.schema_path[:-1]).get("properties", {})
        for key in sorted(value):
            yield Problem(
                (*path, key), f"unknown key '{key}'", "unknown-key", did_you_mean(key, known), on_key=True
            )  # fmt: skip
        return
    if kind == "propertyNames":
        name = value.instance
        title = _title(_at(schema, error.schema_path[:-1]))
        yield Problem(
            (*path, name), f"the key '{name}' is not {title or 'a good name'}", "wrong-key",
            value.message if not title else "rename it", on_key=True,
        )  # fmt: skip
        return
    if kind == "required":
        yield Problem(path, f"'{value}' is missing", "missing-key", f"add {value}:", on_key=True)
        return
    expected = _title(_at(schema, error.schema_path[:-1])) or _expected(kind, value)
    if kind in ("anyOf", "oneOf") and isinstance(value, list):
        nested = _nested(value, len(path))
        if nested is not None:
            yield from explain(nested, schema)
            return
    written = _written(error.instance)
    hint = _with_unit(error.instance, expected)
    if kind == "enum" and isinstance(error.instance, str):
        hint = did_you_mean(error.instance, [str(option) for option in value])
    elif isinstance(error.instance, float) and expected.startswith("text"):
        hint = f'quote it: "{error.instance}"'
    rule = "wrong-type" if kind == "type" else "wrong-value"
    hint = hint or f"write {expected}"
    yield Problem(path, f"{written} is not {expected}", rule, hint)


def _with_unit(value: object, expected: str) -> str:
    """The number that was written, as it may have been meant."""
    if isinstance(value, int) and not isinstance(value, bool):
        if expected.startswith("a duration"):
            return f"add a unit: {value}ms, {value}s, {value}h or {value}d"
        if expected.startswith("a size"):
            return f"add a unit: {value}B, {value}Mi or {value}Gi"
    if isinstance(value, str) and value.isdecimal() and "number" in expected:
        return f"drop the quotes: {value}"
    return ""


def _nested(branches: list[list[Any]], depth: int) -> Any:
    """The one error that lies deeper than the choice itself: the branch that was meant."""
    deeper = [
        error
        for branch in branches
        for error in branch
        if len(error.instance_path) > depth
        or error.kind.name in ("additionalProperties", "propertyNames", "required")
    ]
    return deeper[0] if deeper else None


def _at(schema: Mapping[str, object], path: list[str | int]) -> Mapping[str, Any]:
    node: Any = schema
    for key in path:
        node = node.get(key, {}) if isinstance(node, dict) else node[int(key)]
    return node if isinstance(node, dict) else {}


def _title(node: Mapping[str, object]) -> str:
    title = node.get("title", "")
    return title if isinstance(title, str) else ""


def _expected(kind: str, value: Any) -> str:
    match kind:
        case "type":
            return " or ".join(_TYPES.get(name, name) for name in value)
        case "enum":
            return "one of " + ", ".join(str(option) for option in value)
        case "constant":
            return str(value)
        case "minimum":
            return f"{value} or more"
        case "maximum":
            return f"{value} or less"
        case "exclusiveMinimum":
            return f"more than {value}"
        case "pattern":
            return f"text that matches {value}"
        case "minLength" | "minItems" | "minProperties":
            return f"at least {value} long"
        case "maxLength" | "maxItems" | "maxProperties":
            return f"at most {value} long"
        case "uniqueItems":
            return "a list without repetition"
        case _:
            return "what the schema allows here"


def _written(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else text[:57] + '..."'
