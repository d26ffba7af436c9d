"""Changes of Strimzi's resources, one for every field that their definitions have.

What a field is changed to follows from its type; where that does not do, `changes.yaml` says it, or why
the field is left out. A field that a new definition brings is among the changes without any edit here,
and a word in changes.yaml that fits no field is told.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml
from support import crd_files

_HERE = Path(__file__).parent
_WHOLE = {
    "affinity", "configMapKeyRef", "dnsConfig", "hostAliases", "imagePullSecrets", "items",
    "javaSystemProperties", "livenessProbe", "metadata", "networkPolicyPeers", "parentRefs",
    "podSelector", "readinessProbe", "resources", "secretKeyRef", "securityContext", "selector",
    "startupProbe", "templatedVolumes", "tolerations", "topologySpreadConstraints", "valueFrom",
    "volumeMounts", "volumes", "env", "brokers", "overrides", "autoRebalance", "secret",
    "artifacts", "secrets", "trustedCertificates",
}  # fmt: skip
"""Fields that Kubernetes defines, or that mean something as a whole only."""


@dataclass(frozen=True)
class Change:
    """One field of one object that is changed."""

    kind: str
    field: str
    """The field as the definition has it: `spec.kafka.listeners[].port`."""
    told: Mapping[str, Any]
    """What changes.yaml says of it."""
    schema: Mapping[str, Any]

    @property
    def name(self) -> str:
        """What a test calls it."""
        return " ".join([self.kind, self.field, *filter(None, [self.told.get("case")])])

    def of(self, labels: Iterable[str]) -> str:
        """Which object it changes, of all by `Kind/name`: the one that is told, or the first."""
        first = next(each for each in labels if each.startswith(f"{self.kind}/"))
        return str(self.told.get("of", first))

    def made(self, body: Any) -> Any:
        """The object with the change; further fields that go with it are set as well."""
        made = deepcopy(body)
        _set(made, self._path, self._value(body))
        for field, value in self.told.get("with", {}).items():
            _set(made, _words(field), value)
        return made

    @property
    def _path(self) -> list[str | int]:
        """Where the field is in an object: in a list, in the item that is told, or the first."""
        return [0 if word == "[]" else word for word in _words(self.told.get("at", self.field))]

    def _value(self, body: Any) -> Any:
        if "value" in self.told:
            return self.told["value"]
        before = _get(body, self._path)
        return _by_name(self.field) or _by_type(self.schema, before)


def changes() -> list[Change]:
    """A change for each field that is not left out, and its further cases, in the definitions' order."""
    return [
        Change(kind, field, told, schema)
        for kind, field, schema in fields()
        if "left out" not in _told(kind, field)
        for told in (_told(kind, field), *_told(kind, field).get("also", ()))
    ]


def left_out() -> dict[str, str]:
    """The fields of which no change is made, and why."""
    told = {f"{kind} {field}": _told(kind, field) for kind, field, _ in fields()}
    return {name: each["left out"] for name, each in told.items() if "left out" in each}


@cache
def fields() -> list[tuple[str, str, Mapping[str, Any]]]:
    """Kind, field and schema of everything in a spec."""
    found = []
    for file in crd_files():
        if not fnmatchcase(file.name, "kafka*.kafka.strimzi.io.yaml"):
            continue
        crd = yaml.safe_load(file.read_bytes())
        (version,) = [each for each in crd["spec"]["versions"] if each["name"] == "v1"]
        spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
        kind = crd["spec"]["names"]["kind"]
        found += [(kind, field, schema) for field, schema in _walk(spec, "spec")]
    return found


def unknown_words() -> list[str]:
    """What changes.yaml says of fields that there are not."""
    named = [(kind, field) for kind, field, _ in fields()]
    return [
        f"{kind} {pattern}"
        for kind, patterns in _table().items()
        for pattern in patterns
        if not any(_fits(name, kind) and _fits(field, pattern) for name, field in named)
    ]


def _walk(schema: Mapping[str, Any], field: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    items = schema.get("items", {})
    if field.rpartition(".")[2] in _WHOLE:
        yield field, schema
    elif schema.get("properties"):
        for key, value in schema["properties"].items():
            yield from _walk(value, f"{field}.{key}")
    elif items.get("properties"):
        for key, value in items["properties"].items():
            yield from _walk(value, f"{field}[].{key}")
    else:
        yield field, schema


@cache
def _table() -> dict[str, dict[str, dict[str, Any]]]:
    told: dict[str, dict[str, dict[str, Any]]] = yaml.safe_load(
        (_HERE / "changes.yaml").read_text()
    )
    return told


def _told(kind: str, field: str) -> Mapping[str, Any]:
    for name, patterns in _table().items():
        for pattern, told in patterns.items():
            if _fits(kind, name) and _fits(field, pattern):
                return told
    return {}


def _fits(word: str, pattern: str) -> bool:
    return fnmatchcase(word.replace("[]", "()"), pattern.replace("[]", "()"))


_BY_NAME: Mapping[str, Any] = {
    "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 1, "podAffinityTerm": {"topologyKey": "kubernetes.io/hostname"}}]}},
    "dnsConfig": {"options": [{"name": "ndots", "value": "2"}]},
    "dnsPolicy": "ClusterFirst",
    "env": [{"name": "CHANGED", "value": "yes"}],
    "hostAliases": [{"ip": "192.0.2.1", "hostnames": ["changed.example.com"]}],
    "image": "kafka:changed",
    "imagePullSecrets": [{"name": "changed"}],
    "ipFamilies": ["IPv4"],
    "ipFamilyPolicy": "SingleStack",
    "javaSystemProperties": [{"name": "changed", "value": "yes"}],
    "livenessProbe": {"initialDelaySeconds": 21},
    "metadata": {"labels": {"changed": "yes"}, "annotations": {"changed": "yes"}},
    "readinessProbe": {"initialDelaySeconds": 21},
    "startupProbe": {"initialDelaySeconds": 21},
    "resources": {"requests": {"cpu": "101m"}},
    "securityContext": {"runAsUser": 1001, "runAsNonRoot": True},
    "tmpDirSizeLimit": "6Mi",
    "tolerations": [{"key": "changed", "operator": "Exists"}],
    "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
                                   "whenUnsatisfiable": "ScheduleAnyway"}],
    "volumeMounts": [{"name": "changed", "mountPath": "/mnt/changed"}],
    "volumes": [{"name": "changed", "emptyDir": {}}],
    "-Xms": "201m",
    "-Xmx": "301m",
    "-XX": {"MaxGCPauseMillis": "20"},
    "loggers": {"rootLogger.level": "WARN"},
    "labels": {"changed": "yes"},
    "annotations": {"changed": "yes"},
}  # fmt: skip


def _by_name(field: str) -> Any:
    return deepcopy(_BY_NAME.get(field.rpartition(".")[2]))


def _by_type(schema: Mapping[str, Any], before: Any) -> Any:
    """Another value of a type than the one that is there."""
    if "enum" in schema:
        return next(each for each in schema["enum"] if each != before)
    match schema.get("type"):
        case "boolean":
            return not before
        case "integer" | "number":
            return max(schema.get("minimum", 0), before or 0) + 1
        case "array":
            return ["changed"]
        case "object":
            return {"changed": "yes"}
        case _:
            return "changed"


def _words(field: str) -> list[str | int]:
    """`a.b[].c` in its parts; `[2]` is the third item."""
    words: list[str | int] = []
    for part in re.findall(r"\[\d*\]|(?:[^.\[\]\\]|\\.)+", field):
        index = part[1:-1] if part[0] == "[" else ""
        words.append(int(index) if index else part.replace("\\.", "."))
    return words


def _get(body: Any, path: list[str | int]) -> Any:
    for word in path:
        if isinstance(body, list):
            body = body[word] if isinstance(word, int) and word < len(body) else None
        else:
            body = body.get(word) if isinstance(body, dict) else None
    return body


def _set(body: Any, path: list[str | int], value: Any) -> None:
    for word, following in pairwise(path):
        if isinstance(body, list):
            assert isinstance(word, int)
            while len(body) <= word:
                body.append({})
            body = body[word]
        else:
            empty: Any = [] if isinstance(following, int) else {}
            body = body.setdefault(word, empty)
    last = path[-1]
    if value is None:
        body.pop(last, None)
    elif isinstance(body, list):
        assert isinstance(last, int)
        body[last : last + 1] = [value]
    else:
        body[last] = value
