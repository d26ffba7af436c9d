"""Manifests against schemas/: structure by JSON Schema, the CRDs' CEL rules, object names.

The schemas are those of one release of Strimzi and of one version of each kind around it; see schemas/SOURCES.md.
Each is read and compiled only when a manifest of its kind turns up.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path as File
from typing import Any

from generator.common.finding import Path, Problem, did_you_mean, dotted
from generator.common.paths import LONGEST_NAME, schemas_folder
from generator.common.schema_errors import explain
from generator.common.strimzi.releases import known, nearest, newest, since
from generator.documents.manifest import Body, Manifest
from generator.model.overrides import list_key
from generator.validate import kubernetes, strimzi
from generator.validate.cel import CelRule, rules_at
from generator.validate.newer import file_name, resolved, since_when
from generator.validate.places import Judge, places_of
from generator.validate.semantics import judges_at
from generator.validate.versions import (
    PROJECTS,
    UNSAID,
    Around,
    folders,
    is_sure,
    newer_schemas,
)


def schema_folders(
    more: Sequence[File] = (), strimzi: str = "", around: Around = UNSAID
) -> list[File]:
    """Where schemas are looked for, in this order: the user's own folders, then the shipped.

    Of a version (the newest, where none is named) what newer ones have as well lies with them.
    """
    names = [f"strimzi/{each.version}" for each in since(strimzi or newest().version)]
    for project, version in zip(PROJECTS, around, strict=True):
        names += folders(project, version)
    return [*more, *(schemas_folder() / name for name in (*names, "backup-operators"))]


@dataclass(slots=True)
class _Compiled:
    validator: Any
    schema: dict[str, Any]
    cel: list[CelRule]
    judges: list[Judge]


@cache
def compiled(path: File) -> _Compiled:
    """A schema's file, read and compiled once in a process."""
    import jsonschema_rs

    schema = json.loads(path.read_text(encoding="utf-8"))
    places = list(places_of(schema))
    cel = [rule for place in places for rule in rules_at(place)]
    judges = [judge for place in places for judge in judges_at(place)]
    return _Compiled(jsonschema_rs.validator_for(schema), schema, cel, judges)


@dataclass(slots=True)
class Schemas:
    """The schemas of one run, compiled on first use: those of one release of Strimzi, the newest at first."""

    folders: list[File]
    strimzi: str = field(default_factory=lambda: newest().version)
    around: Around = UNSAID
    """The versions of what is around Strimzi, as they are said."""
    _compiled: dict[tuple[str, str], _Compiled | None] = field(default_factory=dict)
    _siblings: dict[tuple[str, Around], "Schemas"] = field(default_factory=dict)
    _own: list[File] = field(default_factory=list)

    def of(self, strimzi: str, around: Around = UNSAID) -> "Schemas":
        """The schemas of another release with what is around it, with the same folders of the user.

        Of a release that is not known, those of the nearest, below what the user has for it in a folder
        `strimzi/VERSION`.
        """
        if not self._siblings:
            self._siblings[self.strimzi, self.around] = self
            self._own[:] = self.folders[: -len(schema_folders((), self.strimzi, self.around))]
        if (strimzi, around) not in self._siblings:
            near = nearest(strimzi).version
            found = schema_folders([*self._added(strimzi), *self._own], near, around)
            self._siblings[strimzi, around] = Schemas(
                found, near, around, {}, self._siblings, self._own
            )
        return self._siblings[strimzi, around]

    def adds(self, strimzi: str) -> bool:
        """Whether the user has schemas of a release that is not known here."""
        return self.of(strimzi) is not self and bool(self._added(strimzi))

    def _added(self, strimzi: str) -> list[File]:
        folders = [each / "strimzi" / strimzi for each in self._own]
        return [] if known(strimzi) else [each for each in folders if each.is_dir()]

    def check(self, manifest: Manifest) -> Iterator[Problem]:
        """Everything that the API server would refuse, at the path of the intent behind it."""
        for problem in self._problems(manifest.body):
            yield at_origin(manifest, problem, problem.rule)

    def settled(self, manifest: Manifest) -> Manifest:
        """The manifest without what says nothing: server-side apply refuses a null that others drop."""
        body = manifest.body
        if not _has_null(body) or not isinstance(body.get("kind"), str):
            return manifest
        compiled = self._of(str(body.get("apiVersion")), body["kind"])
        if compiled is None:
            return manifest
        return replace(manifest, body=_without_nulls(body, compiled.schema, compiled.schema))

    def _problems(self, body: Body) -> Iterator[Problem]:
        version, kind = body.get("apiVersion"), body.get("kind")
        if not isinstance(version, str) or not isinstance(kind, str):
            for key in ("apiVersion", "kind"):
                if not isinstance(body.get(key), str):
                    message = f"the object has no {key}" if key not in body else f"{key} is no text"
                    yield Problem((), message, "manifest-schema", f"add {key}:", on_key=True)
            return
        compiled = self._of(version, kind)
        if compiled is None:
            yield self._unserved(version, kind) or Problem(
                ("kind",), f"no schema for {version} {kind}", "unknown-kind", self._nearest(kind)
            )
            return
        if old := kubernetes.deprecated(version, kind, self.around.kubernetes):
            yield old
        if not compiled.validator.is_valid(body):
            body = _without_nulls(body, compiled.schema, compiled.schema)
            wrong = list(self._by_schema(body, compiled))
            yield from wrong
            if wrong:
                return
        yield from _by_rules(body, compiled)

    def _by_schema(self, body: Body, compiled: _Compiled) -> Iterator[Problem]:
        for error in compiled.validator.iter_errors(body):
            for problem in explain(error, compiled.schema):
                yield replace(self._since_when(problem, body), rule=_rule_of(problem))

    def _of(self, api_version: str, kind: str) -> _Compiled | None:
        key = (api_version, kind)
        if key not in self._compiled:
            path = self._find(file_name(api_version, kind))
            shipped = path is not None and schemas_folder() in path.parents
            if shipped and self._unserved(api_version, kind):
                path = None  # a newer version serves it
            self._compiled[key] = compiled(path) if path else None
        return self._compiled[key]

    def _unserved(self, api_version: str, kind: str) -> Problem | None:
        return strimzi.unserved(api_version, kind, self.strimzi) or kubernetes.unserved(
            api_version, kind, self.around.kubernetes
        )

    def _since_when(self, problem: Problem, body: Body) -> Problem:
        told = since_when(problem, body, strimzi.newer(body, self.strimzi))
        for project, version in zip(PROJECTS, self.around, strict=True):
            newer = newer_schemas(project, body, version)
            told = since_when(told, body, newer, sure=is_sure(project, version))
        return told

    def _find(self, name: str) -> File | None:
        if "/" in name or len(name) > LONGEST_NAME:
            return None
        return next((path for each in self.folders if (path := each / name).is_file()), None)

    def _nearest(self, kind: str) -> str:
        known = {path.name.partition("-")[0] for f in self.folders for path in f.glob("*.json")}
        return did_you_mean(kind.lower(), known) or "give its schema's folder with --schemas"


def _by_rules(body: Body, compiled: _Compiled) -> Iterator[Problem]:
    """What CEL rules and our own say of an object of the right form."""
    for rule in compiled.cel:
        for path, message in rule.broken_by(body):
            yield Problem(path, message, "manifest-cel", "see the rule's message")
    for judge in compiled.judges:
        for path, message, fix in judge.complaints(body):
            yield Problem(path, message, "manifest-schema", fix)


def _rule_of(problem: Problem) -> str:
    """Names and labels are told apart: what is known of a whole object may be wrong for a part."""
    named = problem.rule in ("wrong-key", "wrong-value") and problem.path[:1] == ("metadata",)
    return "object-name" if named else "manifest-schema"


def _has_null(body: Any) -> bool:
    children = body.values() if isinstance(body, dict) else body if isinstance(body, list) else ()
    return body is None or any(map(_has_null, children))


def _without_nulls(body: Any, node: Any, root: Body) -> Any:
    """The value as the API server reads it, to which a null says that there is nothing.

    What no schema describes keeps its nulls, and so do lists.
    """
    node = resolved(node, root)
    if isinstance(body, list):
        return [_without_nulls(each, node.get("items") or {}, root) for each in body]
    if not isinstance(body, dict):
        return body
    known, others = node.get("properties", {}), node.get("additionalProperties")
    kept: Body = {}
    for key, value in body.items():
        child = known.get(key, others if isinstance(others, dict) else {})
        unheard = key not in known and not isinstance(others, dict)
        if value is not None or unheard or "null" in child.get("type", ()):
            kept[key] = _without_nulls(value, child, root)
        elif isinstance(others, dict):
            kept[key] = "" if others.get("type") == "string" else None
    return kept


def at_origin(manifest: Manifest, problem: Problem, rule: str) -> Problem:
    """A problem of a manifest as a problem of the intent behind it."""
    inner = _named(manifest.body, problem.path)
    where = f"{dotted(inner)}: " if inner else ""
    kind, name = manifest.identity[1], manifest.identity[3]
    message = f"{kind} {name}: {where}{problem.message}"
    extra = manifest.origin[:1] == ("extra",)
    return Problem(
        (*manifest.origin, *problem.path) if extra else manifest.origin,
        message, rule, problem.fix, problem.severity, on_key=problem.on_key,
        subject=(kind, name), inner=inner,
    )  # fmt: skip


def _named(body: object, path: Path) -> Path:
    """The path with list indexes replaced by the items' names, where items have names."""
    named: list[str | int] = []
    for key in path:
        inner = None
        if isinstance(body, list) and isinstance(key, int) and key < len(body):
            name_key = list_key(body)
            named.append(body[key][name_key] if name_key else key)
            inner = body[key]
        else:
            named.append(key)
            if isinstance(body, dict):
                inner = body.get(key)
        body = inner
    return tuple(named)
