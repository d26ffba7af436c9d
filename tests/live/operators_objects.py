"""The objects that Strimzi makes for one node pool, as manifests with their statuses."""

from base64 import b64encode
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from live.kubernetes_server import MANAGER

CLUSTER = "events"
OPERATOR = "strimzi-cluster-operator"
VERSION, KAFKA = "1.2.0", "4.3.1"
POOL = "combined"
SYSTEM = "strimzi-system"
REVISION, FIRST = "strimzi.io/revision", "a1b2c3d4"
"""Where the operator notes of which revision a pod is, and which one pods begin with."""
_IMAGE = f"quay.io/strimzi/operator:{VERSION}"
_ZONES = ("a", "b", "c")

assert OPERATOR != MANAGER, "Argo CD would take away what it did not render"


def made_by_operators(namespace: str, ids: list[int], pool: Any) -> list[dict[str, Any]]:
    """Everything beside statuses and Secrets, in the order in which it can be applied."""
    pods = [f"{CLUSTER}-{POOL}-{each}" for each in ids]
    entity = f"{CLUSTER}-entity-operator"
    return [
        _body("v1", "Namespace", SYSTEM),
        *(_node(number) for number in range(len(ids))),
        _deployment(SYSTEM, OPERATOR, {"name": OPERATOR, "strimzi.io/kind": "cluster-operator"}),
        _deployment(namespace, entity, _labels(entity)),
        _budget(namespace),
        _pod_set(namespace, pods),
        *(_pod(namespace, name, number, pool) for number, name in enumerate(pods)),
        _pod(namespace, f"{entity}-7c9d8b6f5-x2x4z", 0, None),
        *_claims(namespace, pods, pool["storage"]["volumes"]),
        _prometheus(),
    ]


def _body(version: str, kind: str, name: str, namespace: str = "", **more: Any) -> dict[str, Any]:
    metadata = {"name": name} | ({"namespace": namespace} if namespace else {})
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **more}


def _labels(name: str, pool: str = "") -> dict[str, str]:
    labels = {"strimzi.io/cluster": CLUSTER, "strimzi.io/kind": "Kafka", "strimzi.io/name": name}
    return labels | ({"strimzi.io/pool-name": pool} if pool else {})


def _node(number: int) -> dict[str, Any]:
    body = _body("v1", "Node", f"machine-{number}")
    body["metadata"]["labels"] = {"topology.kubernetes.io/zone": _ZONES[number % len(_ZONES)]}
    return body


def _deployment(namespace: str, name: str, labels: dict[str, str]) -> dict[str, Any]:
    env = [{"name": "STRIMZI_NAMESPACE", "value": "kafka-dev,kafka-staging"}]
    pod = {"containers": [{"name": name, "image": _IMAGE, "env": env}]}
    template = {"metadata": {"labels": labels}, "spec": pod}
    spec = {"replicas": 1, "selector": {"matchLabels": labels}, "template": template}
    counts = dict.fromkeys(("replicas", "availableReplicas", "readyReplicas", "updatedReplicas"), 1)
    return _body("apps/v1", "Deployment", name, namespace, spec=spec, status=counts)


def _budget(namespace: str) -> dict[str, Any]:
    selector = {"matchLabels": _labels(f"{CLUSTER}-kafka")}
    spec = {"maxUnavailable": 1, "selector": selector}
    return _body("policy/v1", "PodDisruptionBudget", f"{CLUSTER}-kafka", namespace, spec=spec)


def _pod_set(namespace: str, pods: list[str]) -> dict[str, Any]:
    labels = _labels(f"{CLUSTER}-kafka", POOL)
    body = _body(
        "core.strimzi.io/v1", "StrimziPodSet", f"{CLUSTER}-{POOL}", namespace,
        spec={
            "selector": {"matchLabels": labels},
            "pods": [{"metadata": {"name": name, "labels": labels, "annotations": {REVISION: FIRST}}}
                     for name in pods],
        },
        status={"pods": len(pods), "readyPods": len(pods), "currentPods": len(pods)},
    )  # fmt: skip
    body["metadata"]["labels"] = labels
    return body


def _pod(namespace: str, name: str, number: int, pool: Any) -> dict[str, Any]:
    """A pod of the pool, or one of the entity operator's where none is given."""
    names = ["kafka"] if pool else ["topic-operator", "user-operator"]
    restricted = {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
    containers = [{"name": each, "image": _IMAGE, "securityContext": restricted} for each in names]
    body = _body(
        "v1", "Pod", name, namespace,
        spec={
            "nodeName": f"machine-{number}",
            "containers": containers,
            "automountServiceAccountToken": False,
            "securityContext": {"runAsNonRoot": True, "seccompProfile": {"type": "RuntimeDefault"}},
        },
        status=running(*names),
    )  # fmt: skip
    told = f"{CLUSTER}-kafka" if pool else f"{CLUSTER}-entity-operator"
    roles = {f"strimzi.io/{each}-role": "true" for each in (pool["roles"] if pool else ())}
    body["metadata"]["labels"] = _labels(told, POOL if pool else "") | roles
    said = {"strimzi.io/kafka-version": KAFKA} if pool else {}
    body["metadata"]["annotations"] = {REVISION: FIRST} | said
    return body


def running(*containers: str) -> dict[str, Any]:
    """The status of a pod that is ready from now on."""
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "phase": "Running",
        "conditions": [{"type": kind, "status": "True", "lastTransitionTime": since}
                       for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")],
        "containerStatuses": [
            {"name": name, "ready": True, "restartCount": 0, "image": _IMAGE, "imageID": _IMAGE,
             "started": True, "state": {"running": {"startedAt": since}}}
            for name in containers
        ],
    }  # fmt: skip


def _claims(namespace: str, pods: list[str], volumes: Any) -> Iterator[dict[str, Any]]:
    for volume in volumes:
        for pod in pods if volume["type"] == "persistent-claim" else ():
            asked = {"storage": volume["size"]}
            body = _body(
                "v1", "PersistentVolumeClaim", f"data-{volume['id']}-{pod}", namespace,
                spec={"accessModes": ["ReadWriteOnce"], "resources": {"requests": asked},
                      "storageClassName": "standard"},
                status={"phase": "Bound", "capacity": asked, "accessModes": ["ReadWriteOnce"]},
            )  # fmt: skip
            body["metadata"]["labels"] = _labels(f"{CLUSTER}-kafka", POOL)
            yield body


def _prometheus() -> dict[str, Any]:
    """One that takes every monitor of every namespace."""
    words = ("podMonitor", "serviceMonitor", "rule", "probe")
    every: dict[str, Any] = {
        f"{word}{which}": {} for word in words for which in ("Selector", "NamespaceSelector")
    }
    return _body("monitoring.coreos.com/v1", "Prometheus", "main", SYSTEM, spec=every)


def secret(namespace: str, name: str, kind: str, data: Mapping[str, str]) -> dict[str, Any]:
    """A Secret as Strimzi makes it for one of its kinds."""
    values = {key: b64encode(value.encode()).decode() for key, value in data.items()}
    body = _body("v1", "Secret", name, namespace, data=values)
    body["metadata"]["labels"] = {"strimzi.io/cluster": CLUSTER, "strimzi.io/kind": kind}
    return body
