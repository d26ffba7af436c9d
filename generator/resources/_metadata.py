"""Names, labels and annotations that all rendered objects share."""

import re
from functools import cache
from hashlib import sha256
from typing import Any

from generator.model.environment import Environment, Json

UNMANAGED_WAVE = 90
"""Beyond all others: what Argo CD takes for unfinished (unfinished.py), and must not wait for."""

WAVES = {
    "Namespace": -30,
    "NetworkPolicy": -1,
    "ServiceAccount": -1,
    "Role": -1,
    "RoleBinding": -1,
    "ConfigMap": -1,
    "KafkaNodePool": 0,
    "Job": 0,
    "Kafka": 1,
    "KafkaTopic": 10,
    "KafkaUser": 11,
    "CronJob": 40,
    "PrometheusRule": 50,
    "KafkaBackup": 40,
    "KafkaBackupValidation": 41,
    "KafkaRestore": 42,
    "KafkaOffsetRollback": 43,
    "KafkaOffsetReset": 43,
    "PersistentVolumeClaim": UNMANAGED_WAVE,
}
"""Argo CD sync waves by kind; pools below Kafka and topics above it, so that pruning, which runs
in reverse, removes topics while the Topic Operator still lives and Kafka before its pools."""

_PROTECTED = {
    "Namespace": "Prune=false,Delete=confirm",
    "Kafka": "Prune=confirm,Delete=confirm",
    "KafkaNodePool": "Prune=confirm,Delete=confirm",
    "KafkaTopic": "Prune=confirm,Delete=confirm",
}
"""What Argo CD must ask before it removes an object of a protected environment (2.14 and later)."""

LONGEST_NAME = 200
"""Room for what is added to names: file names end at 255 characters."""

_DNS_NAME = re.compile(
    r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
)


def metadata(
    environment: Environment,
    kind: str,
    name: str,
    *,
    owner: str | None = None,
    description: str | None = None,
    labels: Json | None = None,
    annotations: Json | None = None,
    of_cluster: bool = True,
    released: bool = False,
) -> dict[str, Any]:
    """The metadata of an object of this environment; the user's own labels win.

    What is `released` may be removed: Argo CD does not ask any more. Labels and annotations are
    shared between objects that have the same: change a copy.
    """
    protected = environment.protect and kind in _PROTECTED
    if released or (environment.retire and kind != "Namespace"):
        protected = False
    all_labels = _labels(environment.cluster.name, of_cluster, owner)
    all_annotations = _annotations(WAVES[kind], _PROTECTED[kind] if protected else None)
    if description:
        all_annotations = {**all_annotations, "strimzi-gitops/description": description}
    return {
        "name": name,
        "namespace": environment.namespace,
        "labels": {**all_labels, **labels} if labels else all_labels,
        "annotations": {**all_annotations, **annotations} if annotations else all_annotations,
    }


@cache
def _labels(cluster: str, of_cluster: bool, owner: str | None) -> dict[str, str]:
    labels = {
        "app.kubernetes.io/managed-by": "strimzi-gitops",
        "app.kubernetes.io/part-of": cluster,
    }
    if of_cluster:
        labels["strimzi.io/cluster"] = cluster
    if owner:
        labels["strimzi-gitops/owner"] = owner
    return labels


@cache
def _annotations(wave: int, sync_options: str | None) -> dict[str, str]:
    annotations = {"argocd.argoproj.io/sync-wave": str(wave)}
    if sync_options:
        annotations["argocd.argoproj.io/sync-options"] = sync_options
    return annotations


def is_dns_name(name: str) -> bool:
    """True for a name that Kubernetes takes as metadata.name of a custom resource (RFC 1123)."""
    return len(name) <= LONGEST_NAME and _DNS_NAME.fullmatch(name) is not None


def dns_name(name: str) -> str:
    """The name itself when Kubernetes takes it, else a readable one that no other name shares.

    What does not fit becomes '-', and the first ten hex digits of the name's SHA-256 follow, so
    that `Orders_v1` and `orders-v1` stay apart.
    """
    if is_dns_name(name):
        return name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[: LONGEST_NAME - 11].strip("-")
    digest = sha256(name.encode()).hexdigest()[:10]
    return f"{slug}-{digest}" if slug else f"topic-{digest}"
