"""Argo CD's Applications for operators on their Helm charts, each with an AppProject of its own.

Per Kubernetes cluster one of each operator, because two in one cluster fight over the same resources.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from generator.common.paths import SHARED
from generator.common.strimzi.facts import CLUSTER_SECURITY_STATUS, RESTRICTED_CHART
from generator.documents.manifest import Body, Manifest
from generator.intent.merge import merge
from generator.intent.sections import (
    ArgocdAutomatedSection,
    ArgocdSection,
)
from generator.model.backups.backup_operator import backup_operator
from generator.model.backups.engines.engine import Operator
from generator.model.environment import IN_CLUSTER, Environment
from generator.resources._resources import resources
from generator.resources._restricted import container_context
from generator.resources.argocd.strimzi_crds import area_of, strimzi_crds
from generator.resources.backups.engines import operator_renderer_of

AREA = ""
_STRIMZI = "strimzi-operator"

# Strimzi copies labels of its resources to claims and Secrets; under label tracking Argo CD
# would then take these for its own and prune them (Strimzi 1.2.0, con-configuring-cluster-operator).
_EXCLUDED_LABELS = "(^app.kubernetes.io/(?!part-of).*|^kustomize.toolkit.fluxcd.io.*|^argocd.argoproj.io/instance$)"

_CLUSTER_WIDE = {
    ("", "Namespace"),
    ("apiextensions.k8s.io", "CustomResourceDefinition"),
    ("rbac.authorization.k8s.io", "ClusterRole"),
    ("rbac.authorization.k8s.io", "ClusterRoleBinding"),
}


def destination_of(environment: Environment, namespace: str) -> dict[str, str]:
    """A namespace of that cluster."""
    destination = environment.data.get("argocd", {}).get("destination", {})
    if "name" in destination:
        return {"name": destination["name"], "namespace": namespace}
    return {"server": destination.get("server", IN_CLUSTER), "namespace": namespace}


def metadata(environment: Environment, name: str, wave: int) -> Body:
    """The metadata of one of Argo CD's own resources."""
    return {
        "name": name,
        "namespace": environment.data.get("argocd", {}).get("namespace", "argocd"),
        "labels": {"app.kubernetes.io/managed-by": "strimzi-gitops"},
        "annotations": {"argocd.argoproj.io/sync-wave": str(wave)},
    }


def argocd_manifest(kind: str, about: Body, spec: Body) -> Manifest:
    """One of Argo CD's own resources."""
    body = {"apiVersion": "argoproj.io/v1alpha1", "kind": kind, "metadata": about, "spec": spec}
    return Manifest(AREA, body, ("argocd",))


def kinds_of(kinds: set[tuple[str, str]]) -> list[dict[str, str]]:
    """Groups and kinds as an AppProject lists them."""
    return [{"group": group, "kind": kind} for group, kind in sorted(kinds)]


def sync_policy(automated: ArgocdAutomatedSection, options: list[str]) -> Body:
    """How an Application is synced; automatically unless `automated` says otherwise."""
    policy: Body = {
        "syncOptions": options,
        "retry": {"limit": 5, "backoff": {"duration": "10s", "factor": 2, "maxDuration": "5m"}},
    }
    if automated.get("enabled", True):
        policy["automated"] = {
            "prune": automated.get("prune", True),
            "selfHeal": automated.get("selfHeal", True),
        }
    return policy


_DROPPED: Body = {
    "group": "apiextensions.k8s.io",
    "kind": "CustomResourceDefinition",
    "name": "kafkas.kafka.strimzi.io",
    "jqPathExpressions": [
        ".spec.versions[].schema.openAPIV3Schema.properties.status.properties.clusterSecurity.properties"
    ],
}
"""What is empty in the chart of Strimzi 1.2.0, so that Kubernetes drops it (strimzi-kafka-operator#13076).

Argo CD would call the operator OutOfSync, and sync it again and again; seen on Argo CD 3.5.1 with Helm.
"""


class _Chart(NamedTuple):
    """A Helm chart of one version."""

    repository: str
    name: str
    version: str


def is_strimzi(application: str) -> bool:
    """True for the name of an Application that deploys the Strimzi operator, and none of those beside it."""
    return application == _STRIMZI or application.startswith(f"{_STRIMZI}-")


def strimzi(sharing: Sequence[Environment], alone: bool) -> list[Manifest]:
    """The Strimzi operator of one Kubernetes cluster, watching just the namespaces that use it."""
    first = sharing[0]
    said = first.data.get("strimzi", {})
    chart = _Chart(said["chart"]["repoURL"], said["chart"]["name"], said["version"])
    watched = sorted({environment.namespace for environment in sharing})
    values = {
        "watchNamespaces": watched,
        "labelsExclusionPattern": _EXCLUDED_LABELS,
        # The rendered namespaces admit only pods of the restricted Pod Security Standard.
        "extraEnvs": [{"name": "STRIMZI_POD_SECURITY_PROVIDER_CLASS", "value": "restricted"}],
        **_restricted(first, watched),
        **said.get("values", {}),
    }
    kinds = {
        ("", "ConfigMap"),
        ("", "ServiceAccount"),
        ("apps", "Deployment"),
        ("networking.k8s.io", "NetworkPolicy"),
        ("policy", "PodDisruptionBudget"),
        ("rbac.authorization.k8s.io", "Role"),
        ("rbac.authorization.k8s.io", "RoleBinding"),
    }
    name = _STRIMZI if alone else f"{_STRIMZI}-{first.name}"
    namespaces = [said["namespace"], *values["watchNamespaces"]]
    made = _on_chart(
        first, name, "The Strimzi operator", chart, _STRIMZI, namespaces, values, kinds,
        [_DROPPED] if first.has(CLUSTER_SECURITY_STATUS) else [],
    )  # fmt: skip
    if area := area_of(first):
        section = first.data.get("argocd", {})
        for each in made:
            _add_source(
                each.body["spec"], section["repoURL"], source_of(section, f"{SHARED}/{area}")
            )
    return [*made, *strimzi_crds(first)]


def _restricted(environment: Environment, watched: Sequence[str]) -> Body:
    """What a chart of before Strimzi 1.2 is told where the operator lives in a namespace that is rendered here.

    Source: Strimzi 1.2.0, helm-charts/helm3/strimzi-kafka-operator/values.yaml (securityContext).
    """
    if environment.has(RESTRICTED_CHART) or environment.data["strimzi"]["namespace"] not in watched:
        return {}
    image = {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}}
    # Only the chart of 1.2 has been seen to work on a file system that cannot be written.
    return {"securityContext": {**container_context(read_only=False), **image}}


def source_of(section: ArgocdSection, folder: str) -> Body:
    """A folder of rendered/ as Argo CD finds it."""
    return {
        "repoURL": section["repoURL"],
        "targetRevision": section.get("targetRevision", "main"),
        "path": f"{section.get('path', 'rendered').rstrip('/')}/{folder}",
    }


def _add_source(spec: Body, repository: str, source: Body) -> None:
    """To an Application a second source, whose objects win; to its AppProject where that comes from."""
    if "source" in spec:
        spec["sources"] = [spec.pop("source"), source]
    else:
        spec["sourceRepos"] = sorted({*spec["sourceRepos"], repository})


def backup_operators(sharing: Sequence[Environment], alone: bool) -> list[Manifest]:
    """The operator for backups of one Kubernetes cluster; it watches all namespaces."""
    first = sharing[0]
    operator = backup_operator(first)
    release: str = operator.CHART["name"]
    kinds = {
        ("", "Service"),
        ("", "ServiceAccount"),
        ("apps", "Deployment"),
        ("monitoring.coreos.com", "ServiceMonitor"),
    }
    name = release if alone else f"{release}-{first.name}"
    text = f"The operator for backups, {operator.group}"
    chart = _Chart(operator.chart["repoURL"], operator.chart["name"], operator.chart["version"])
    return _on_chart(first, name, text, chart, release, [operator.namespace],
                     _backup_values(operator, sharing), kinds)  # fmt: skip


def _backup_values(operator: Operator, sharing: Sequence[Environment]) -> Body:
    """Values of both charts (kafka-backup-operator 1.2.1, strimzi-backup-operator 0.2.18)."""
    image = {"pullPolicy": "IfNotPresent"}
    if operator.image:
        repository, _, tag = operator.image.partition("@")[0].rpartition(":")
        digest = operator.image.removeprefix(f"{repository}:{tag}")
        image |= {"repository": repository, "tag": tag + digest}
    values: Body = {
        "crds": {"install": True, "keep": True},
        "image": image,
        "metrics": {"enabled": True, "serviceMonitor": {"enabled": True}},
        "podSecurityContext": {"seccompProfile": {"type": "RuntimeDefault"}},
        # Neither version elects a leader: two would run everything twice.
        "replicaCount": 1,
        "resources": resources(operator.own_resources),
    }
    merged: Body = merge(values, dict(operator.values))
    for key, items in operator_renderer_of(operator).chart_values(sharing).items():
        merged[key] = [*items, *operator.values.get(key, ())]
    return merged


def _on_chart(
    environment: Environment,
    name: str,
    description: str,
    chart: _Chart,
    release: str,
    namespaces: Sequence[str],
    values: Mapping[str, Any],
    kinds: set[tuple[str, str]],
    ignored: Sequence[Body] = (),
) -> list[Manifest]:
    """An operator on its chart, in the first of the namespaces."""
    project = {
        "description": description,
        "sourceRepos": [chart.repository],
        "destinations": [destination_of(environment, each) for each in sorted({*namespaces})],
        "clusterResourceWhitelist": kinds_of(_CLUSTER_WIDE),
        "namespaceResourceWhitelist": kinds_of(kinds),
    }
    application = {
        "project": name,
        "source": {
            "repoURL": chart.repository,
            "chart": chart.name,
            "targetRevision": chart.version,
            "helm": {"releaseName": release, "valuesObject": values},
        },
        "destination": destination_of(environment, namespaces[0]),
        # Never pruned by itself: with the CRDs everything of their kinds would go.
        "syncPolicy": sync_policy(
            {"prune": False}, ["CreateNamespace=true", "ServerSideApply=true"]
        ),
        **({"ignoreDifferences": [*ignored]} if ignored else {}),
    }
    return [
        argocd_manifest("AppProject", metadata(environment, name, -1), project),
        argocd_manifest("Application", metadata(environment, name, 0), application),
    ]
