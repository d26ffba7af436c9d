"""The intent's JSON Schema: find it, print it, and check one source file against it."""

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator.common.finding import Finding, FindingsError, Path
from generator.common.paths import schemas_folder
from generator.common.schema_errors import explain
from generator.documents.source import Source


def intent_schema_text() -> str:
    """schemas/intent.schema.json as it stands."""
    return (schemas_folder() / "intent.schema.json").read_text(encoding="utf-8")


@cache
def _compiled() -> tuple[Any, dict[str, Any]]:
    import jsonschema_rs

    schema: dict[str, Any] = json.loads(intent_schema_text())
    return jsonschema_rs.validator_for(schema), schema


@dataclass(frozen=True, slots=True)
class CheckedSource:
    """A source file whose shape is right, and the paths of its nulls, which remove keys."""

    source: Source
    data: dict[str, Any]
    nulls: tuple[Path, ...]


def check(source: Source) -> CheckedSource:
    """The file's sections, once its keys and types are right.

    Raises:
        FindingsError: everything that is wrong with the file, with places.
    """
    data = source.data
    if data is None:
        raise FindingsError(
            [Finding(source.name, 0, 0, "empty-file", "the file is empty",
                     "write a section such as 'topics:', or delete the file")]
        )  # fmt: skip
    if not isinstance(data, dict):
        message = "the file holds no mapping of sections such as topics: or cluster:"
        fix = "write sections; 'strimzi-gitops schema' prints all of them"
        raise FindingsError([Finding(source.name, 1, 1, "wrong-type", message, fix)])
    validator, schema = _compiled()
    if validator.is_valid(data):
        return CheckedSource(source, data, ())
    findings: list[Finding] = []
    nulls: list[Path] = []
    for error in validator.iter_errors(data):
        path = tuple(error.instance_path)
        if error.instance is None and path:
            nulls.append(path)
            continue
        for problem in explain(error, schema):
            line, column = source.strict.place(problem.path, on_key=problem.on_key)
            findings.append(
                Finding(source.name, line, column, problem.rule, problem.message, problem.fix)
            )
    if findings:
        raise FindingsError(findings)
    return CheckedSource(source, data, tuple(nulls))
