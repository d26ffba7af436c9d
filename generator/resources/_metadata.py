"""Names, labels and annotations that all rendered objects share."""

import re
from hashlib import sha256
from typing import Any

from generator.intent import Environment, Json

WAVES = {
    "Namespace": -30,
    "ConfigMap": -1,
    "KafkaNodePool": 0,
    "Kafka": 1,
    "KafkaTopic": 10,
    "KafkaUser": 11,
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
) -> dict[str, Any]:
    """The metadata of an object of this environment; the user's own labels win."""
    cluster = environment.cluster.name
    all_labels = {
        "app.kubernetes.io/managed-by": "strimzi-gitops",
        "app.kubernetes.io/part-of": cluster,
    }
    if of_cluster:
        all_labels["strimzi.io/cluster"] = cluster
    if owner:
        all_labels["strimzi-gitops/owner"] = owner
    all_annotations = {"argocd.argoproj.io/sync-wave": str(WAVES[kind])}
    if environment.protect and kind in _PROTECTED:
        all_annotations["argocd.argoproj.io/sync-options"] = _PROTECTED[kind]
    if description:
        all_annotations["strimzi-gitops/description"] = description
    if labels:
        all_labels.update(labels)
    if annotations:
        all_annotations.update(annotations)
    return {
        "name": name,
        "namespace": environment.namespace,
        "labels": all_labels,
        "annotations": all_annotations,
    }


def is_dns_name(name: str) -> bool:
    """True for a name that Kubernetes takes as metadata.name of a custom resource (RFC 1123)."""
    return len(name) <= 253 and _DNS_NAME.fullmatch(name) is not None


def dns_name(name: str) -> str:
    """The name itself when Kubernetes takes it, else a readable one that no other name shares.

    What does not fit becomes '-', and the first ten hex digits of the name's SHA-256 follow, so
    that `Orders_v1` and `orders-v1` stay apart.
    """
    if is_dns_name(name):
        return name
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:200].strip("-")
    digest = sha256(name.encode()).hexdigest()[:10]
    return f"{slug}-{digest}" if slug else f"topic-{digest}"
