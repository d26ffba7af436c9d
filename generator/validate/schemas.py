"""Manifests against schemas/: structure by JSON Schema, the CRDs' CEL rules, object names.

The schemas are those of the pinned Strimzi version and of the kinds around it; see
schemas/SOURCES.md. Each is read and compiled only when a manifest of its kind turns up.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path as File
from typing import Any

from generator.common.finding import Path, Problem, did_you_mean, dotted
from generator.common.paths import schemas_folder
from generator.common.schema_errors import explain
from generator.documents.manifest import Manifest
from generator.model.overrides import list_key
from generator.validate.cel import CelRule, rules_of

_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")
_LABEL_VALUE = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_LABEL_KEY = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*/)?"
    r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?"
)


def schema_folders(more: Sequence[File] = ()) -> list[File]:
    """Where schemas are looked for, in this order: the user's own folders, then the shipped."""
    shipped = ("strimzi", "kubernetes", "prometheus-operator", "argocd", "backup-operators")
    return [*more, *(schemas_folder() / name for name in shipped)]


def file_name(api_version: str, kind: str) -> str:
    """A schema's file name, as kubeconform forms it: kind, first part of the group, version."""
    group, _, version = api_version.rpartition("/")
    suffix = f"-{group.partition('.')[0]}-{version}" if group else f"-{version}"
    return f"{kind.lower()}{suffix}.json"


@dataclass(slots=True)
class _Compiled:
    validator: Any
    schema: dict[str, Any]
    cel: list[CelRule]


@cache
def compiled(path: File) -> _Compiled:
    """A schema's file, read and compiled once in a process."""
    import jsonschema_rs

    schema = json.loads(path.read_text(encoding="utf-8"))
    return _Compiled(jsonschema_rs.validator_for(schema), schema, rules_of(schema))


@dataclass(slots=True)
class Schemas:
    """The schemas of one run, compiled on first use."""

    folders: list[File]
    _compiled: dict[tuple[str, str], _Compiled | None] = field(default_factory=dict)
    _good_labels: dict[int, Any] = field(default_factory=dict)
    """Labels that are known to be fine; many manifests share the same."""

    def check(self, manifest: Manifest) -> Iterator[Problem]:
        """Everything that the API server would refuse, at the path of the intent behind it."""
        body = manifest.body
        compiled = self._of(body["apiVersion"], body["kind"])
        if compiled is None:
            message = f"no schema for {body['apiVersion']} {body['kind']}"
            problem = Problem(("kind",), message, "unknown-kind", self._nearest(body["kind"]))
            yield at_origin(manifest, problem, "unknown-kind")
            return
        if compiled.validator.is_valid(body):
            for rule in compiled.cel:
                for path, message in rule.broken_by(body):
                    problem = Problem(path, message, "manifest-cel", "see the rule's message")
                    yield at_origin(manifest, problem, "manifest-cel")
            yield from self._names_of(manifest)
            return
        for error in compiled.validator.iter_errors(body):
            for problem in explain(error, compiled.schema):
                yield at_origin(manifest, problem, "manifest-schema")

    def _of(self, api_version: str, kind: str) -> _Compiled | None:
        key = (api_version, kind)
        if key not in self._compiled:
            self._compiled[key] = self._load(file_name(api_version, kind))
        return self._compiled[key]

    def _load(self, name: str) -> _Compiled | None:
        for folder in self.folders:
            path = folder / name
            if path.is_file():
                return compiled(path)
        return None

    def _nearest(self, kind: str) -> str:
        known = {path.name.partition("-")[0] for f in self.folders for path in f.glob("*.json")}
        return did_you_mean(kind.lower(), known) or "give its schema's folder with --schemas"

    def _names_of(self, manifest: Manifest) -> Iterator[Problem]:
        """Names and labels that no schema checks but the API server does."""
        metadata = manifest.body["metadata"]
        name = metadata["name"]
        rbac = manifest.body["apiVersion"].startswith("rbac.")
        segment = not set(name) & {"/", "%"} and name not in (".", "..")
        if not (segment if rbac else _SUBDOMAIN.fullmatch(name)) or len(name) > 200:
            yield at_origin(
                manifest,
                Problem(("metadata", "name"), f"'{name}' is no object name", "object-name",
                        "lower-case letters, digits, '-' and '.', up to 200 characters"),
                "object-name",
            )  # fmt: skip
        labels = metadata.get("labels", {})
        if self._good_labels.get(id(labels)) is labels:
            return
        good = True
        for key, value in labels.items():
            good_key = len(key) <= 317 and bool(_LABEL_KEY.fullmatch(key))
            if not good_key or not _LABEL_VALUE.fullmatch(value):
                good = False
                yield at_origin(
                    manifest,
                    Problem(("metadata", "labels", key), f"'{key}: {value}' is no label",
                            "object-name", "letters, digits, '-', '_', '.', up to 63 characters",
                            on_key=not good_key),
                    "object-name",
                )  # fmt: skip

        if good:
            self._good_labels[id(labels)] = labels


def at_origin(manifest: Manifest, problem: Problem, rule: str) -> Problem:
    """A problem of a manifest as a problem of the intent behind it."""
    inner = _named(manifest.body, problem.path)
    where = f"{dotted(inner)}: " if inner else ""
    message = f"{manifest.kind} {manifest.name}: {where}{problem.message}"
    extra = manifest.origin[:1] == ("extra",)
    return Problem(
        (*manifest.origin, *problem.path) if extra else manifest.origin,
        message, rule, problem.fix, on_key=problem.on_key,
        subject=(manifest.kind, manifest.name), inner=inner,
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
