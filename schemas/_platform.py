"""Kubernetes, Argo CD and the Prometheus operator: the versions that are known, and what is made from each.

The next version is one more pin, and `python schemas/generate.py`. Of a group's versions the newest
stands last.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import yaml
from _convert import (
    Definitions,
    Schema,
    crd_documents,
    document,
    file_name,
    strip_descriptions,
)
from _fetch import GoModule, ModuleFiles
from _strimzi_crds import stored_once

Files = dict[str, bytes]

_KUBERNETES = "k8s.io/kubernetes"
KUBERNETES = {
    "1.25": GoModule(
        _KUBERNETES,
        "v1.25.16",
        "h1:pdtEdre7aInDvXas+mWzpTiK/7cpcaGRyYB+Bedr2+Q=",
        "124df5119987c625cf5ffc70b9373e518cae4064e17e0c89000414c3e86b83fb",
    ),
    "1.27": GoModule(
        _KUBERNETES,
        "v1.27.16",
        "h1:DHFqj/HTUqHStFlRH9wCKPocqgHsjR6Q/DzYarB2QQE=",
        "8929482eb9c3bd78c30d37783a6163b23fd4dafddcc6883e99f3b3f987a4e8eb",
    ),
    "1.30": GoModule(
        _KUBERNETES,
        "v1.30.14",
        "h1:MrlKXh9uhLIJpyxOeXhcndzRVSvwiV9iJ8NgH8nqPsg=",
        "37f61393f5f6303eca578cb027b3d4b83bb4ac3916426ba6961a78cddf083815",
    ),
    "1.34": GoModule(
        _KUBERNETES,
        "v1.34.4",
        "h1:Yy6R4QB8C9kJPp25GFqEvX5XQwY5qzKeqD0Xx6oAcmk=",
        "6641440638f79b2115813c8f2ba26d35b2ab7fb4d8a5111fbee279d93abf1fcb",
    ),
}
KUBERNETES_API = GoModule(
    "k8s.io/api",
    "v0.34.4",
    "h1:Z5hsoQcZ2yBjelb9j5JKzCVo9qv9XLkVm5llnqS4h+0=",
    "05915769bd2647b1052039162e2172273a672bb57dc1f4bbf5929282ac9a91ef",
)
ARGO_CD = {
    "2.14": GoModule(
        "github.com/argoproj/argo-cd/v2",
        "v2.14.21",
        "h1:Ux50vfMUITW+Y+6GAYgQlZbr6WHE5ogiLg9OxxvP9EA=",
        "e4692c5603777afe9f7c105603c05f343d197609300039167e19c8d6739786d1",
    ),
    "3.5": GoModule(
        "github.com/argoproj/argo-cd/v3",
        "v3.5.7",
        "h1:Xm1BF+I5OgDKUG3SDK49vn2/Y5AMyaNVko+/JT08gj0=",
        "6aada82ed8e05891df52ab2891a9e28345392a502653c439a4aaa325ff5b23cd",
    ),
}
_PROMETHEUS_OPERATOR = "github.com/prometheus-operator/prometheus-operator"
PROMETHEUS_OPERATOR = {
    "0.65": GoModule(
        _PROMETHEUS_OPERATOR,
        "v0.65.2",
        "h1:MyAKMTYwdgiYKNUYwP209Jjq5mhbolq0fiksZB6U++k=",
        "0a799471f3e0daac5012197b3cf37ed7fd378d76d213cb9ca66f8b1024799ddb",
    ),
    "0.85": GoModule(
        _PROMETHEUS_OPERATOR,
        "v0.85.0",
        "h1:M5xLCLEoaW2IJfnuCwFzzpL+jSVQu3KGT84Pye+fW8s=",
        "0bdb88ed823d0f2e86cf909638439b6ad1da744a228172c7411d9987527dc5d1",
    ),
}

KINDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("", "v1"): (
        *("ConfigMap", "LimitRange", "Namespace", "PersistentVolume", "PersistentVolumeClaim"),
        *("Pod", "ResourceQuota", "Secret", "Service", "ServiceAccount"),
    ),
    ("admissionregistration.k8s.io", "v1"): (
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
        "ValidatingWebhookConfiguration",
    ),
    ("apiextensions.k8s.io", "v1"): ("CustomResourceDefinition",),
    ("apps", "v1"): ("DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"),
    ("autoscaling", "v2"): ("HorizontalPodAutoscaler",),
    ("batch", "v1"): ("CronJob", "Job"),
    ("networking.k8s.io", "v1"): ("Ingress", "IngressClass", "NetworkPolicy"),
    ("policy", "v1"): ("PodDisruptionBudget",),
    ("rbac.authorization.k8s.io", "v1"): (
        *("ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"),
    ),
    ("scheduling.k8s.io", "v1"): ("PriorityClass",),
    ("storage.k8s.io", "v1"): ("StorageClass",),
}
# What only some of the versions serve.
OTHER_KINDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("admissionregistration.k8s.io", "v1beta1"): (
        *("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"),
    ),
    ("autoscaling", "v2beta2"): ("HorizontalPodAutoscaler",),
}

PROMETHEUS_PLURALS = ("podmonitors", "probes", "prometheusrules", "servicemonitors")
ARGO_CD_KINDS = ("application", "appproject")

# APIs whose types are gone from k8s.io/api, by hand from Kubernetes' "Deprecated API Migration Guide".
GONE = {
    "extensions/v1beta1 PodSecurityPolicy": {"since": "1.3", "until": "1.16"},
    "policy/v1beta1 PodSecurityPolicy": {"since": "1.10", "until": "1.25"},
}


def to_json(schema: Schema) -> bytes:
    """Serialise a schema so that equal schemas give equal bytes and changes give short diffs."""
    return (json.dumps(schema, indent=1, sort_keys=True, ensure_ascii=False) + "\n").encode()


@cache
def definitions_of(version: str) -> Definitions:
    """Return the definitions of one minor version of Kubernetes."""
    release = KUBERNETES[version].fetch()
    return Definitions(json.loads(release.read("api/openapi-spec/swagger.json")))


def newest_definitions() -> Definitions:
    """Return those of the newest, from which all other groups have their metadata."""
    return definitions_of(list(KUBERNETES)[-1])


def kubernetes(_definitions: Definitions) -> Files:
    """Convert the built-in kinds of each version, and say since and until when each API is served."""
    schemas = {version: _built_in(definitions_of(version)) for version in reversed(KUBERNETES)}
    return _group("kubernetes", KUBERNETES, schemas) | {"kubernetes/apis.json": apis_json()}


def _built_in(definitions: Definitions) -> dict[str, Schema]:
    """Return the schemas of the kinds that a version serves, by file."""
    return {
        file_name(group, version, kind): document(
            definitions.of_kind(group, version, kind), group, version, kind, definitions
        )
        for (group, version), kinds in (KINDS | OTHER_KINDS).items()
        for kind in kinds
        if definitions.has(group, version, kind)
    }


def _group(
    group: str, versions: Mapping[str, GoModule], schemas: Mapping[str, Mapping[str, Schema]]
) -> Files:
    """Return a group's files, what is equal once, and the list of its versions.

    Args:
        group: the name of its folder.
        versions: all of them, oldest first.
        schemas: those of each version by file, the newest version first.
    """
    kept = {
        version: {name: to_json(schema) for name, schema in files.items()}
        for version, files in schemas.items()
    }
    files = {f"{group}/{name}": content for name, content in stored_once(kept).items()}
    return files | {f"{group}/versions.json": (json.dumps(list(versions)) + "\n").encode()}


_MARK = re.compile(
    r"func \(in \*(\w+)\) APILifecycle(Introduced|Removed)\(\) \(major, minor int\) \{\n"
    r"\treturn (\d+), (\d+)\n"
)
_INSTEAD = re.compile(
    r"func \(in \*(\w+)\) APILifecycleReplacement\(\) schema\.GroupVersionKind \{\n"
    r'\treturn schema\.GroupVersionKind\{Group: "([^"]*)", Version: "([^"]*)", Kind: "[^"]*"\}\n'
)
_LIFECYCLE = "zz_generated.prerelease-lifecycle.go"


def apis_json() -> bytes:
    """Return which APIs there are since when, and until when, a line for each."""
    source = KUBERNETES_API.fetch()
    found: dict[str, dict[str, str]] = dict(GONE)
    for name in source.names():
        folder, _, file = name.rpartition("/")
        if file == _LIFECYCLE:
            found |= _lifecycle(source, folder)
    lines = [f" {json.dumps(api)}: {json.dumps(found[api])}" for api in sorted(found)]
    return ("{\n" + ",\n".join(lines) + "\n}\n").encode()


def _lifecycle(source: ModuleFiles, folder: str) -> dict[str, dict[str, str]]:
    """Return what the generated file in one folder says of its kinds.

    What is to be removed after the newest version that is known here is only a plan.
    """
    text = source.read(f"{folder}/{_LIFECYCLE}").decode()
    register = source.read(f"{folder}/register.go").decode()
    group = re.findall(r'GroupName\s*=\s*"([^"]*)"', register)[0]
    version = folder.rpartition("/")[2]
    newest = int(list(KUBERNETES)[-1].partition(".")[2])
    found: dict[str, dict[str, str]] = {}
    for kind, mark, major, minor in _MARK.findall(text):
        if mark == "Introduced":
            found.setdefault(kind, {})["since"] = f"{major}.{minor}"
        elif int(minor) <= newest:
            found.setdefault(kind, {})["until"] = f"{major}.{minor}"
    for kind, other, its_version in _INSTEAD.findall(text):
        if "until" in found[kind]:
            found[kind]["instead"] = f"{other}/{its_version}"
    api = f"{group}/{version}" if group else version
    return {
        f"{api} {kind}": said
        for kind, said in found.items()
        if not kind.endswith(("List", "Options"))
    }


def _released_crds(
    group: str,
    versions: Mapping[str, GoModule],
    paths: Sequence[str],
    definitions: Definitions,
) -> Files:
    """Convert CustomResourceDefinitions that Go modules contain as YAML; keep those of the newest."""
    schemas: dict[str, dict[str, Schema]] = {}
    files: Files = {}
    for version in reversed(list(versions)):
        source = versions[version].fetch()
        crds = [yaml.safe_load(source.read(path)) for path in paths]
        schemas[version] = {
            name: schema for crd in crds for name, schema in crd_documents(crd, definitions).items()
        }
        files = files or dict(map(_kept, crds))
    return files | _group(group, versions, schemas)


def _kept(crd: dict[str, Any]) -> tuple[str, bytes]:
    """Return where a CustomResourceDefinition is kept, and its text without descriptions."""
    for version in crd["spec"]["versions"]:
        schema = version["schema"]
        schema["openAPIV3Schema"] = strip_descriptions(schema["openAPIV3Schema"])
    text = yaml.safe_dump(crd, sort_keys=False, width=100).encode()
    return f"crds/{crd['metadata']['name']}.yaml", text


def prometheus_operator(definitions: Definitions) -> Files:
    """Convert the monitors, probes and rules of the Prometheus operator."""
    folder = "example/prometheus-operator-crd"
    paths = [f"{folder}/monitoring.coreos.com_{plural}.yaml" for plural in PROMETHEUS_PLURALS]
    return _released_crds("prometheus-operator", PROMETHEUS_OPERATOR, paths, definitions)


def argocd(definitions: Definitions) -> Files:
    """Convert Argo CD's applications and projects."""
    paths = [f"manifests/crds/{kind}-crd.yaml" for kind in ARGO_CD_KINDS]
    return _released_crds("argocd", ARGO_CD, paths, definitions)


def intent_schema(text: bytes) -> bytes:
    """Return the schema of the intent with the versions as what editors offer."""
    schema = json.loads(text)
    for section, key, versions in (
        ("kubernetes", "version", KUBERNETES),
        ("argocd", "version", ARGO_CD),
        ("monitoring", "prometheusOperatorVersion", PROMETHEUS_OPERATOR),
    ):
        schema["definitions"][section]["properties"][key]["examples"] = list(versions)
    return (json.dumps(schema, indent=2, ensure_ascii=False) + "\n").encode()
