"""Whether nodes restart in turn at this moment, so that the one that is away is no verdict."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from verify.desired import Desired
from verify.live.live import Live

_REVISIONS = ("strimzi.io/revision", "strimzi.io/resource-revision")
_PATIENCE_S = 600
"""Twice what Strimzi waits for one node before it gives up (STRIMZI_OPERATION_TIMEOUT_MS)."""
_APART_S = 5
"""Nodes of a new cluster come at once; nodes that restart in turn do not."""


def roll_of(desired: Desired, live: Live) -> str:
    """How far a roll of the cluster's nodes has come; empty when none is under way.

    One is under way while at most one node is away, one came back lately, and there is more to do: a pod
    of an older revision, a node that is away, or a Kafka on whose last change the operator is still at work.

    Source: Strimzi 1.2.0, KafkaRoller.java (one node after the other); seen on its Cluster Operator.
    """
    if live.kubernetes is None:
        return ""
    objects = live.kubernetes.objects
    wanted = {
        pod["metadata"]["name"]: pod
        for each in objects.get("StrimziPodSet", {}).values()
        for pod in (each.get("spec") or {}).get("pods") or ()
        if (pod["metadata"].get("labels") or {}).get("strimzi.io/cluster") == desired.cluster
    }
    pods = {name: objects.get("Pod", {}).get(name) for name in wanted}
    away = [name for name, pod in pods.items() if pod is None or _is_away(pod)]
    old = [
        name
        for name, pod in pods.items()
        if pod is not None and revision(pod) != revision(wanted[name])
    ]
    kafka = objects.get("Kafka", {}).get(desired.cluster) or {}
    begun = [at for pod in pods.values() if pod is not None and (at := _created_s(pod)) is not None]
    if len(away) > 1 or not begun or not (away or old or _is_unseen(kafka)):
        return ""
    lately = live.taken_at_s - max(begun) <= _PATIENCE_S
    if not lately or not (max(begun) - min(begun) > _APART_S or away):
        return ""
    left = len({*away, *old})
    return f"nodes restart in turn, {len(wanted) - left} of {len(wanted)} are as they shall be"


def revision(pod: Mapping[str, Any]) -> tuple[str, ...]:
    """What the operator compares of a pod."""
    annotations = pod["metadata"].get("annotations") or {}
    return tuple(str(annotations.get(key, "")) for key in _REVISIONS)


def _is_away(pod: Mapping[str, Any]) -> bool:
    conditions = (pod.get("status") or {}).get("conditions") or ()
    ready = any(each["type"] == "Ready" and each["status"] == "True" for each in conditions)
    return not ready or "deletionTimestamp" in pod["metadata"]


def _is_unseen(kafka: Mapping[str, Any]) -> bool:
    newest = (kafka.get("metadata") or {}).get("generation")
    return newest is not None and (kafka.get("status") or {}).get("observedGeneration") != newest


def _created_s(pod: Mapping[str, Any]) -> float | None:
    try:
        return datetime.fromisoformat(str(pod["metadata"].get("creationTimestamp"))).timestamp()
    except ValueError:
        return None
