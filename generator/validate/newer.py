"""What newer versions say of a manifest that is wrong for one: since when a field is known, or a word taken."""

import json
from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

from generator.common.finding import Path, Problem, Severity
from generator.common.paths import schemas_folder
from generator.documents.manifest import Body

Newer = Iterable[tuple[str, Body]]
"""Newer versions, oldest first, as a sentence calls them, each with the schema that it has for an object."""


def file_name(api_version: str, kind: str) -> str:
    """A schema's file name, as kubeconform forms it: kind, first part of the group, version."""
    group, _, version = api_version.rpartition("/")
    suffix = f"-{group.partition('.')[0]}-{version}" if group else f"-{version}"
    return f"{kind.lower()}{suffix}.json"


def since_when(problem: Problem, body: Body, newer: Newer, *, sure: bool = True) -> Problem:
    """The problem, and the first newer version, if any, that knows the field or takes the word.

    It is only a warning where nobody is `sure` that what was judged by is what is said.
    """
    unknown = problem.rule == "unknown-key"
    for name, schema in newer:
        node = _at(schema, problem.path)
        if node is None or not (unknown or _value(body, problem.path) in node.get("enum", ())):
            continue
        told = f"{name} is the first that {'knows' if unknown else 'takes'} it"
        return replace(
            problem,
            message=f"{problem.message}; {told}",
            fix="do without it, or upgrade first",
            severity=problem.severity if sure else Severity.WARNING,
        )
    return problem


@cache
def read(folders: tuple[str, ...], name: str) -> Body:
    """The schema that is found first in some folders of schemas/; empty when there is none."""
    files = (schemas_folder() / folder / name for folder in folders)
    found: Body = next((json.loads(file.read_bytes()) for file in files if file.is_file()), {})
    return found


def _at(schema: Body, path: Path) -> Body | None:
    """What a schema says of a place; None when it describes none there."""
    node: Any = schema
    for key in path:
        node = node.get("items") if isinstance(key, int) else node.get("properties", {}).get(key)
        if not isinstance(node, dict):
            return None
        node = resolved(node, schema)
    return dict(node)


def resolved(node: Body, schema: Body) -> Body:
    """What a node of a schema refers to, or itself; demands beside a reference are left out."""
    while "$ref" in node or "$ref" in node.get("allOf", ({},))[0]:
        reference = node.get("$ref") or node["allOf"][0]["$ref"]
        node = schema["definitions"][reference.rpartition("/")[2]]
    return node


def _value(body: Any, path: Path) -> Any:
    for key in path:
        body = body[key]
    return body
