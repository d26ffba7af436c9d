"""A JSON Schema validator's errors in people's words: what is wrong, what is expected.

Used for intent (schemas/intent.schema.json) and for manifests (the other folders of schemas/).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from generator.common.finding import Path, Problem, did_you_mean
from generator.common.units import format_bytes, format_duration_ms

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
    if kind == "enum":
        options = [str(option) for option in value]
        hint = _quoted(error.instance, options) or did_you_mean(written.strip('"'), options)
        if not hint and len(options) <= _FEW:
            hint = f"write one of {', '.join(options)}"
    elif examples := (place := _at(schema, error.schema_path[:-1])).get("examples"):
        # Of 1.30 YAML leaves 1.3: only who wrote it knows.
        fits = _is_number(error.instance) and re.search(place.get("pattern", "$^"), written)
        near = did_you_mean(written.strip('"'), map(str, examples))
        hint = hint or ("put what stands there in quotes" if fits else near)
    elif isinstance(error.instance, float) and expected.startswith("text"):
        hint = f'quote it: "{error.instance}"'
    rule = "wrong-type" if kind == "type" else "wrong-value"
    hint = hint or f"write {expected}"
    yield Problem(path, f"{written} is not {expected}", rule, hint)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _quoted(value: object, options: list[str]) -> str:
    """A number that is one of the choices as text."""
    return f'put it in quotes: "{value}"' if _is_number(value) and str(value) in options else ""


_FEW = 8
"""So many choices are still read."""


def _with_unit(value: object, expected: str) -> str:
    """What was written, as it may have been meant."""
    if isinstance(value, int) and not isinstance(value, bool):
        if expected.startswith("a duration"):
            units = f"add a unit: {value}ms, {value}s, {value}h or {value}d"
            return _as_in_kafka(format_duration_ms(value), "ms", "milliseconds", units)
        if expected.startswith("a size"):
            units = f"add a unit: {value}B, {value}Mi or {value}Gi"
            return _as_in_kafka(format_bytes(value), "B", "bytes", units)
    if isinstance(value, str):
        if value.isdecimal() and "number" in expected:
            return f"drop the quotes: {value}"
        if expected.startswith(("a duration", "a size")):
            return _nearly(value, expected)
        if (match := _NO_SPACE.fullmatch(value)) and "settings" in expected:
            return f"put a space behind the colon: '{match[1]}: {match[2]}'"
    if isinstance(value, list) and expected == "a mapping" and value:
        first = value[0]
        name = first.get("name") if isinstance(first, Mapping) else first
        if isinstance(name, str):
            return f"names are keys here: write '{name}:' instead of '- name: {name}', and what it has below"
    return ""


def _as_in_kafka(counted: str, unit: str, called: str, units: str) -> str:
    """The amount as Kafka's own settings count it, where that is a round one."""
    return (
        units
        if counted.endswith(unit) or counted.startswith("-")
        else f"write {counted}, if {called} are meant as in Kafka; else {units}"
    )


_NO_SPACE = re.compile(r"([A-Za-z][A-Za-z0-9.]*):(\S+)")
_AMOUNT = re.compile(r"([0-9]+)\s*([A-Za-z]+)")
_UNITS: dict[str, dict[str, tuple[str, ...]]] = {
    "a duration": {
        "ms": ("millisecond", "milliseconds", "millis", "msec"),
        "s": ("sec", "secs", "second", "seconds"),
        "m": ("min", "mins", "minute", "minutes"),
        "h": ("hr", "hrs", "hour", "hours"),
        "d": ("day", "days"),
        "w": ("week", "weeks"),
    },
    "a size": {
        "B": ("b", "byte", "bytes"),
        "Ki": ("k", "kb", "kib"),
        "Mi": ("m", "mb", "mib"),
        "Gi": ("g", "gb", "gib"),
        "Ti": ("t", "tb", "tib"),
        "Pi": ("p", "pb", "pib"),
    },
}


def _nearly(value: str, expected: str) -> str:
    """An amount with a unit that is called otherwise here."""
    match = _AMOUNT.fullmatch(value.strip())
    known = _UNITS["a duration" if expected.startswith("a duration") else "a size"]
    for unit, words in known.items() if match else ():
        if match and match[2].lower() in (unit.lower(), *words):
            return f"did you mean '{match[1]}{unit}'?"
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
