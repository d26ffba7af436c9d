"""`messageFormats`: JSON Schemas that topics name as what their records are like."""

from collections.abc import Iterator, Mapping

from generator.common.finding import Problem, did_you_mean
from generator.model.environment import Environment


def problems(environment: Environment) -> Iterator[Problem]:
    """Formats that are no JSON Schema, and names of formats that lead nowhere."""
    data = environment.data
    formats = data.get("messageFormats", {})
    for name, schema in sorted(formats.items()):
        fault = _fault_of_schema(schema)
        if fault:
            yield Problem(("messageFormats", name), f"it is no JSON Schema: {fault}",
                          "wrong-value", "see json-schema.org, draft 2020-12", on_key=True)  # fmt: skip
    topics, profiles = data.get("topics", {}), data.get("topicProfiles", {})
    for section, said in (("topicProfiles", profiles), ("topics", topics)):
        for name, own in said.items():
            wanted = own.get("messageFormat")
            if wanted is not None and wanted not in formats:
                yield Problem((section, name, "messageFormat"),
                              f"there is no message format '{wanted}'", "unknown-format",
                              did_you_mean(wanted, formats) or "add it to messageFormats:")  # fmt: skip


def _fault_of_schema(schema: Mapping[str, object]) -> str:
    """Why it is no JSON Schema, in one line; nothing outside of it is ever fetched."""
    outside = next((each for each in _references(schema) if not each.startswith("#")), None)
    if outside is not None:
        return f"{outside} lies outside of it; write it below $defs"
    import jsonschema_rs

    try:
        jsonschema_rs.validator_for(dict(schema))
    except (ValueError, jsonschema_rs.ReferencingError) as error:
        return str(getattr(error, "message", error)).partition("\n")[0]
    return ""


def _references(node: object) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key in ("$ref", "$dynamicRef") and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def told(environment: Environment) -> dict[str, object]:
    """The formats that checks hold the newest records of topics against, by topic."""
    formats = environment.data.get("messageFormats", {})
    named = ((each.name, each.message_format or "") for each in environment.topics.values())
    return {"formats": {name: formats[form] for name, form in named if form in formats}}
