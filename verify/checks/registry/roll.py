"""Whether nodes restart in turn at this moment, so that the one that is away is no verdict."""

from collections.abc import Mapping
from math import inf
from typing import Any

from verify.desired import Desired
from verify.live.live import Live
from verify.live.times import seconds

_REVISIONS = ("strimzi.io/revision", "strimzi.io/resource-revision")
_PATIENCE_S = 600
"""Twice what Strimzi waits for one node before it gives up (STRIMZI_OPERATION_TIMEOUT_MS)."""


def roll_of(desired: Desired, live: Live) -> str:
    """How far a roll of the cluster's nodes has come; empty when none is under way.

    One is under way while at most one node is away, one came back lately, and there is more to do: a pod
    of an older revision, a node that is away, or a Kafka on whose last change the operator is still at work.
    A node that finds no machine, whose container has ended or cannot start, or that was ready and is no
    longer, is in trouble: that is no roll.

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
    begun = {
        name: at
        for name, pod in pods.items()
        if pod is not None and (at := seconds(pod["metadata"].get("creationTimestamp"))) is not None
    }
    if any(map(_is_in_trouble, filter(None, pods.values()))):
        return ""
    if len(away) > 1 or not begun or not (away or old or _is_unseen(kafka)):
        return ""
    newest = max(begun.values())
    lately = live.taken_at_s - newest <= _PATIENCE_S
    starting = [name for name in away if pods[name] is not None]
    # Nodes of a new cluster are all made before one is ready; those that restart in turn are not.
    in_turn = any(_ready_since(pods[name]) < newest for name in begun)
    if not lately or not (in_turn or starting or (away and old)):
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


def _ready_since(pod: Mapping[str, Any] | None) -> float:
    conditions = ((pod or {}).get("status") or {}).get("conditions") or ()
    ready = (e for e in conditions if e["type"] == "Ready" and e["status"] == "True")
    return next((seconds(e.get("lastTransitionTime")) or inf for e in ready), inf)


def _is_in_trouble(pod: Mapping[str, Any]) -> bool:
    """Whether a pod that nobody deletes is away for a reason of its own."""
    if not _is_away(pod) or "deletionTimestamp" in pod["metadata"]:
        return False
    status = pod.get("status") or {}
    began = 0.0
    for each in status.get("containerStatuses") or ():
        state = each.get("state") or {}
        reason = (state.get("waiting") or {}).get("reason", "")
        if each.get("restartCount") or "terminated" in state or reason not in _STARTING:
            return True
        began = max(began, seconds((state.get("running") or {}).get("startedAt")) or 0)
    conditions = status.get("conditions") or ()
    if any(each["type"] == "PodScheduled" and each["status"] == "False" for each in conditions):
        return True
    unready = (e for e in conditions if e["type"] == "Ready")
    since = max((seconds(each.get("lastTransitionTime")) or 0 for each in unready), default=0)
    return 0 < began < since


_STARTING = ("", "ContainerCreating", "PodInitializing")
"""Why containers wait that will start (Kubernetes 1.34, kubelet_pods.go)."""


def _is_unseen(kafka: Mapping[str, Any]) -> bool:
    newest = (kafka.get("metadata") or {}).get("generation")
    return newest is not None and (kafka.get("status") or {}).get("observedGeneration") != newest
