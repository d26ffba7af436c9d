"""Pods of the cluster as checks look at them: their containers, and whether they are ready."""

import re
from collections.abc import Iterator

from generator.documents.manifest import Body
from verify.checks._objects import kubernetes_of, labels, short, status
from verify.desired import Desired
from verify.live.live import Live

LACKING = re.compile(
    r"Insufficient (?:cpu|memory|ephemeral-storage|\S+)|exceeded quota|Too many pods|"
    r"exceed max volume count|insufficient|no space|not enough",
    re.IGNORECASE,
)
"""What schedulers and controllers say when something lacks room."""


def pods_of(desired: Desired, live: Live) -> dict[str, Body]:
    """The cluster's pods by name, in order; what has run to its end is left out.

    So are pods that failed and that a ReplicaSet or a Job has another one for: nobody removes them.
    """
    pods = kubernetes_of(live).objects.get("Pod", {})
    return {
        name: body
        for name, body in sorted(pods.items())
        if labels(body).get("strimzi.io/cluster") == desired.cluster
        and status(body).get("phase") != "Succeeded"
        and not (status(body).get("phase") == "Failed" and _is_replaced(body))
    }


def _is_replaced(body: Body) -> bool:
    owners = body["metadata"].get("ownerReferences") or ()
    return any(each.get("kind") in ("ReplicaSet", "Job") for each in owners)


def containers(body: Body) -> Iterator[Body]:
    """What is known of its containers, those that run first among them."""
    told = status(body)
    yield from told.get("initContainerStatuses") or ()
    yield from told.get("containerStatuses") or ()


def condition(body: Body, kind: str) -> Body:
    """One of its conditions; empty while nobody said it."""
    every = status(body).get("conditions") or ()
    return next((each for each in every if each["type"] == kind), {})


def is_ready(body: Body) -> bool:
    """It runs, serves, and is not about to stop."""
    ready = condition(body, "Ready").get("status") == "True"
    return ready and not body["metadata"].get("deletionTimestamp")


def unscheduled(live: Live, name: str, body: Body) -> str:
    """Why no machine was found for it; empty where one was, or nobody has looked yet."""
    told = condition(body, "PodScheduled")
    if told.get("status") != "False":
        return ""
    events = [e for e in events_of(live, "Pod", name) if e.get("reason") == "FailedScheduling"]
    newest = max(events, key=lambda e: str(e.get("lastTimestamp") or ""), default={})
    return short(str(told.get("message") or newest.get("message") or "no node fits"))


def waiting(body: Body) -> Iterator[tuple[str, str, str]]:
    """Containers that do not run: name, reason, and the message with how they ended last."""
    for each in containers(body):
        state = (each.get("state") or {}).get("waiting")
        if state:
            ended = (each.get("lastState") or {}).get("terminated") or {}
            words = [str(state.get("message") or "")]
            if ended:
                words.append(f"ended with {ended.get('exitCode')} ({ended.get('reason', '')})")
            yield (
                each["name"],
                str(state.get("reason") or ""),
                short("; ".join(filter(None, words))),
            )


def events_of(live: Live, kind: str, name: str) -> Iterator[Body]:
    """Warnings about one object, whatever their age."""
    for event in kubernetes_of(live).objects.get("Event", {}).values():
        about = event.get("involvedObject") or {}
        if about.get("kind") == kind and about.get("name") == name:
            yield event
