"""Changes by hand to objects of Kubernetes, taken back in the end.

with mended(kubernetes, "KafkaTopic", "orders", "kafka-dev"):
    patch(kubernetes, "KafkaTopic", "orders", "kafka-dev", {"spec": {"partitions": 2}})
"""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from live.kubernetes_server import KubernetesServer, Refused

_MERGE = "application/merge-patch+json"


@contextmanager
def mended(
    kubernetes: KubernetesServer, kind: str, name: str, namespace: str | None
) -> Iterator[dict[str, Any]]:
    """The object as it is; in the end it is so again, also where it was deleted meanwhile."""
    path = kubernetes.path(kind, name, namespace)
    before = kubernetes.admin.request("GET", path)
    try:
        yield before
    finally:
        version = _version_now(kubernetes, kind, name, namespace)
        kept = ("name", "namespace", "labels", "annotations", "finalizers", "ownerReferences")
        metadata = {key: before["metadata"][key] for key in kept if key in before["metadata"]}
        if version:
            metadata["resourceVersion"] = version
        method, where = ("PUT", path) if version else ("POST", path.rpartition("/")[0])
        found = kubernetes.admin.request(method, where, before | {"metadata": metadata})
        if "status" in before:
            _restore_status(kubernetes, path, found, before["status"])


def _version_now(
    kubernetes: KubernetesServer, kind: str, name: str, namespace: str | None
) -> str | None:
    """The version of an object that is there; nothing of one that is gone, or is going."""
    path = kubernetes.path(kind, name, namespace)
    try:
        metadata = kubernetes.admin.request("GET", path)["metadata"]
        if "deletionTimestamp" in metadata:
            patch(kubernetes, kind, name, namespace, {"metadata": {"finalizers": None}})
            kubernetes.until(lambda: _is_gone(kubernetes, path), f"forget {kind} {name}")
            return None
    except Refused as refused:
        if refused.status != HTTPStatus.NOT_FOUND:
            raise
        return None
    return str(metadata["resourceVersion"])


def _is_gone(kubernetes: KubernetesServer, path: str) -> bool:
    try:
        kubernetes.admin.request("GET", path)
    except Refused as refused:
        return refused.status == HTTPStatus.NOT_FOUND
    return False


def _restore_status(kubernetes: KubernetesServer, path: str, body: Any, status: Any) -> None:
    if "observedGeneration" in status:
        status = status | {"observedGeneration": body["metadata"]["generation"]}
    try:
        kubernetes.admin.request("PUT", f"{path}/status", body | {"status": status})
    except Refused as refused:
        # To Argo CD's definitions the status is a part of the object like any other.
        if refused.status != HTTPStatus.NOT_FOUND:
            raise


def patch(
    kubernetes: KubernetesServer, kind: str, name: str, namespace: str | None, change: Any
) -> Any:
    """Change an object by hand; None takes away."""
    return kubernetes.admin.request("PATCH", kubernetes.path(kind, name, namespace), change, _MERGE)
