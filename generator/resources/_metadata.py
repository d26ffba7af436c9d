"""Names, labels and annotations that all rendered objects share."""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256

from generator.common.kinds import kind_of
from generator.documents.manifest import Body
from generator.model.environment import Environment

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
    labels: Mapping[str, str] | None = None,
    annotations: Mapping[str, str] | None = None,
    of_cluster: bool = True,
    released: bool = False,
) -> Body:
    """The metadata of an object of this environment; the user's own labels win.

    What is `released` may be removed: Argo CD does not ask any more. Labels and annotations are
    shared between objects that have the same: change a copy.
    """
    row = kind_of(kind)
    protected = environment.protect
    if released or (environment.retire and kind != "Namespace"):
        protected = False
    all_labels = _labels(environment.cluster.name, of_cluster, owner)
    all_annotations = _annotations(row.wave or 0, row.protected if protected else "")
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
def _annotations(wave: int, sync_options: str) -> dict[str, str]:
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
