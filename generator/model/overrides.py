"""`overrides`: patches on rendered manifests, by kind and name, as a last word.

Mappings merge, lists of things that have a name (or an id) merge by it, other lists are
replaced, null removes.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from generator.common.finding import Path, Problem, did_you_mean, dotted
from generator.documents.manifest import Body, Manifest
from generator.model.environment import Environment

EVERY = "*"


def apply(
    environment: Environment, manifests: Iterable[Manifest]
) -> tuple[list[Manifest], list[Problem]]:
    """The manifests with their patches, and the patches that fit nothing."""
    wanted = environment.data.get("overrides", {})
    manifests = list(manifests)
    if not wanted:
        return manifests, []
    problems = [
        problem
        for kind, patches in wanted.items()
        for name, change in patches.items()
        for problem in _changed_identity(("overrides", kind, name), change)
    ]
    if problems:
        return manifests, problems
    unused = {(kind, name) for kind, patches in wanted.items() for name in patches}
    names: dict[str, set[str]] = {}
    patched: list[Manifest] = []
    for original in manifests:
        manifest = original
        patches = wanted.get(manifest.kind, {})
        names.setdefault(manifest.kind, set()).add(manifest.name)
        for name in (EVERY, manifest.name):
            if name in patches:
                unused.discard((manifest.kind, name))
                body = patch(manifest.body, patches[name])
                manifest = Manifest(manifest.area, body, manifest.origin)
        patched.append(manifest)
    return patched, [_unused(kind, name, names) for kind, name in sorted(unused)]


def _changed_identity(path: Path, change: Mapping[str, object]) -> Iterator[Problem]:
    """A patch that would make the manifest another object, or none."""
    metadata = change.get("metadata", {})
    wrong: list[Path] = [(key,) for key in ("apiVersion", "kind") if key in change]
    if not isinstance(metadata, dict):
        wrong.append(("metadata",))
    else:
        wrong += [("metadata", key) for key in ("name", "namespace") if key in metadata]
    for inner in wrong:
        yield Problem((*path, *inner), f"a patch cannot change {dotted(inner)}",
                      "override-identity", "drop it, or write the object under extra/",
                      on_key=True)  # fmt: skip


def _unused(kind: str, name: str, names: Mapping[str, set[str]]) -> Problem:
    path: Path = ("overrides", kind, name)
    if kind not in names:
        return Problem(path[:2], f"no {kind} is rendered here", "unused-override",
                       did_you_mean(kind, names), on_key=True)  # fmt: skip
    return Problem(path, f"no {kind} '{name}' is rendered here", "unused-override",
                   did_you_mean(name, names[kind]), on_key=True)  # fmt: skip


def patch(low: Mapping[str, Any], high: Mapping[str, Any]) -> Body:
    """`low` with `high` laid over it; neither is changed."""
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        if value is None:
            merged.pop(key, None)
        elif isinstance(value, dict):
            merged[key] = patch(below if isinstance(below, dict) else {}, value)
        elif isinstance(value, list) and isinstance(below, list):
            merged[key] = _patch_list(below, value)
        else:
            merged[key] = value
    return merged


def list_key(items: list[Any]) -> str | None:
    """`name` or `id` when it tells the items of a list apart, else None."""
    for key in ("name", "id"):
        if items and all(
            isinstance(item, dict) and isinstance(item.get(key), str | int) for item in items
        ):
            names = [str(item[key]) for item in items]
            return key if len(set(names)) == len(names) else None
    return None


def _patch_list(low: list[Any], high: list[Any]) -> list[Any]:
    key = list_key(low)
    if key is None or key != list_key(high):
        return high
    merged = {item[key]: item for item in low}
    for item in high:
        merged[item[key]] = patch(merged.get(item[key], {}), item)
    return list(merged.values())
