"""What other releases of Strimzi say of a manifest that is wrong for one: since when a field is known."""

import json
from dataclasses import replace
from functools import cache
from pathlib import Path as File
from typing import Any

from generator.common.finding import Path, Problem, Severity
from generator.common.paths import schemas_folder
from generator.common.strimzi.releases import (
    Release,
    known,
    nearest,
    numbers,
    release,
    releases,
    since,
)

_GROUPS = ("kafka.strimzi.io", "core.strimzi.io")


def is_shipped(path: File) -> bool:
    """True for a schema of Strimzi that comes with this program, not from the user."""
    return path.parent.parent == schemas_folder() / "strimzi"


def unknown_release(strimzi: str, *, added: bool) -> Problem | None:
    """That a release is not one of those known here, or known by the user's schemas alone.

    Source: schemas/strimzi/versions.json (Strimzi 0.45.0 to 1.2.0).
    """
    if known(strimzi):
        return None
    near, path = nearest(strimzi).version, ("strimzi", "version")
    if added:
        message = (
            f"Strimzi {strimzi} is known here by its schemas alone: all else is judged as of {near}"
        )
        fix = "look twice at what rules, plan and checks say"
        return Problem(path, message, "strimzi-version", fix, severity=Severity.WARNING)
    names = [each.version for each in releases()]
    here = names.index(near)
    beside = names[here : here + 2] if numbers(near) < numbers(strimzi) else names[:1]
    fix = f"write {' or '.join(beside)}, or give its schemas as strimzi/{strimzi}/ in a folder with --schemas"
    return Problem(path, f"Strimzi {strimzi} is not known here", "strimzi-version", fix)


def unserved(api_version: str, kind: str, strimzi: str) -> Problem | None:
    """That a release has no such kind, or not in this version of the API; None where that is not why.

    Source: Strimzi's CustomResourceDefinitions of each release, from 0.45.0 to 1.2.0.
    """
    group, _, version = api_version.partition("/")
    if group not in _GROUPS:
        return None
    apis = release(strimzi).kinds.get(kind, ())
    if version in apis:
        return None
    if apis:
        message = f"Strimzi {strimzi} serves {kind} as {', '.join(apis)}, not as {version}"
        fix = f"write apiVersion: {group}/{apis[-1]}"
        return Problem(("apiVersion",), message, "unknown-kind", fix)
    having = [each for each in releases() if kind in each.kinds]
    if not having:
        return None
    last, first = having[-1].version, having[0].version
    gone = last != releases()[-1].version
    when = f"{last} is the last that has it" if gone else f"{first} is the first that has it"
    message = f"Strimzi {strimzi} has no {kind}: {when}"
    return Problem(
        ("kind",), message, "unknown-kind", "remove it" if gone else "upgrade Strimzi first"
    )


def since_when(problem: Problem, body: Any, strimzi: str) -> Problem:
    """The problem, and the first newer release, if any, that knows the field or takes the word."""
    unknown = problem.rule == "unknown-key"
    if body["apiVersion"].partition("/")[0] not in _GROUPS:
        return problem
    for newer in since(strimzi)[1:]:
        node = _at(_schema(newer, body), problem.path)
        if node is None or not (unknown or _value(body, problem.path) in node.get("enum", ())):
            continue
        knows = "knows it" if unknown else "takes it"
        return replace(
            problem, message=f"{problem.message}; Strimzi {newer.version} is the first that {knows}"
        )
    return problem


def _schema(newer: Release, body: Any) -> dict[str, Any]:
    """The schema that a newer release has for the object, in another version of the API if it must be."""
    group, _, version = body["apiVersion"].partition("/")
    apis = newer.kinds.get(body["kind"], ())
    if not apis:
        return {}
    name = f"{body['kind']}-{group.partition('.')[0]}-{version if version in apis else apis[-1]}"
    return _read(newer.version, f"{name.lower()}.json")


@cache
def _read(strimzi: str, name: str) -> dict[str, Any]:
    folder = schemas_folder() / "strimzi"
    files = (folder / each.version / name for each in since(strimzi))
    schema: dict[str, Any] = json.loads(next(filter(File.is_file, files)).read_bytes())
    return schema


def _at(schema: dict[str, Any], path: Path) -> dict[str, Any] | None:
    """What a schema says of a place; None when it describes none there."""
    node: Any = schema
    for key in path:
        node = node.get("items") if isinstance(key, int) else node.get("properties", {}).get(key)
        if not isinstance(node, dict):
            return None
    return dict(node)


def _value(body: Any, path: Path) -> Any:
    for key in path:
        body = body[key]
    return body
