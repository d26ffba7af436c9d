"""The intent's JSON Schema: find it, print it, and check one source file against it."""

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from generator.common.finding import Finding, FindingsError, Path, Problem
from generator.common.paths import schemas_folder
from generator.common.schema_errors import explain
from generator.documents.source import Source

_OF_A_THING = 2
"""The depth of what a named thing says: topics, orders, retention."""


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
    """What a source file says that is of the right shape, and the paths of its nulls, which remove keys."""

    source: Source
    data: dict[str, Any]
    nulls: tuple[Path, ...]
    findings: tuple[Finding, ...] = ()
    """What else it says, which `data` lacks; whatever is wrong beside it can still be found."""


def check(source: Source) -> CheckedSource:
    """The file's sections, without single values of the wrong shape.

    Raises:
        FindingsError: everything that is wrong with the file, with places, where nothing is right without it.
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
    if _compiled()[0].is_valid(data):
        return CheckedSource(source, data, ())
    if data.keys() >= _OF_MANIFESTS:
        raise FindingsError([_manifest(source, data)])
    problems, nulls = _errors(data)
    if not problems:
        return CheckedSource(source, data, nulls)
    findings = []
    for problem in problems:
        line, column = source.strict.place(problem.path, on_key=problem.on_key)
        findings.append(
            Finding(source.name, line, column, problem.rule, problem.message, problem.fix)
        )
    rest = copy.deepcopy(data)
    if not all(_drop(rest, problem.path) for problem in problems) or _errors(rest)[0]:
        raise FindingsError(findings)
    return CheckedSource(source, rest, _errors(rest)[1], tuple(findings))


_OF_MANIFESTS = {"apiVersion", "kind"}
_SECTIONS = {"KafkaTopic": "topics:", "KafkaUser": "applications: or users:", "Kafka": "cluster:",
             "KafkaNodePool": "cluster: {nodePools: ...}"}  # fmt: skip


def _manifest(source: Source, data: Mapping[str, Any]) -> Finding:
    """That a file holds an object of Kubernetes, where intent is expected."""
    line, column = source.strict.place(("kind",), on_key=True)
    kind = str(data["kind"])
    said = f"say it as intent, under {_SECTIONS[kind]}" if kind in _SECTIONS else "say it as intent"
    return Finding(source.name, line, column, "manifest-in-intent", f"this is a manifest of kind {kind}, and no intent",
                   f"{said}; or move the file to the folder extra/ beside environment.yaml, where manifests are"
                   " rendered as they are")  # fmt: skip


def _errors(data: dict[str, Any]) -> tuple[list[Problem], tuple[Path, ...]]:
    """What the schema finds, and the paths of nulls, about which it is not asked."""
    validator, schema = _compiled()
    problems: list[Problem] = []
    nulls: list[Path] = []
    for error in validator.iter_errors(data):
        path = tuple(error.instance_path)
        if error.instance is None and path:
            nulls.append(path)
        else:
            problems += explain(error, schema)
    return problems, tuple(nulls)


def _drop(data: Any, path: Path) -> bool:
    """Take one value of a named thing out; False for what others may ask for: sections and things."""
    end = next((depth for depth, key in enumerate(path) if isinstance(key, int)), len(path)) - 1
    if end < _OF_A_THING:
        return False
    for key in path[:end]:
        if key not in data:  # it went with something else that was wrong
            return True
        data = data[key]
    data.pop(path[end], None)
    return True
