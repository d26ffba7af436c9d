"""Pods are there, ready, steady and new."""

from typing import Any

import pytest
from checks.kubernetes_objects import (
    POOL,
    Body,
    container,
    desired,
    live,
    pod,
    pod_set,
    said,
    seen,
)

from verify.live.live import Cause, Gap

NODES = seen(POOL, nodeIds=[0, 1])


def test_every_node_has_its_pod() -> None:
    """What has run to its end is no pod of a node."""
    found = live(NODES, pod_set(0, 1), pod(0), pod(1), pod(7, phase="Succeeded"))

    assert said("pods-present", desired(POOL), found) == ["pass: 2 pods"]


def test_nodes_without_pods() -> None:
    """Fewer nodes than Git says, a set with a pod too few, and no set at all."""
    found = live(seen(POOL, nodeIds=[0]), pod_set(0, 1), pod(0))

    assert said("pods-present", desired(POOL), found) == [
        "fail 1 pod: missing: events-brokers-1",
        "fail kafkanodepool/brokers: has 1 node instead of 2",
    ]
    assert said("pods-present", desired(POOL), live()) == [
        "fail kafkanodepool/brokers: has 0 nodes instead of 2",
        "fail kafkanodepool/brokers: has no StrimziPodSet",
    ]


def test_pods_that_could_not_be_listed_are_unknown() -> None:
    """Not absent."""
    gaps = {"kubernetes.Pod": Gap(Cause.TIMED_OUT, "too late")}

    assert said("pods-present", desired(POOL), live(gaps=gaps)) == ["unknown: too late"]
    assert said("pods-ready", desired(POOL), live(gaps=gaps)) == ["unknown: too late"]


def test_every_pod_is_ready() -> None:
    """And there is one."""
    assert said("pods-ready", desired(), live(pod(0), pod(1))) == []
    assert said("pods-ready", desired(), live()) == [
        "fail: no pod has the label strimzi.io/cluster=events"
    ]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (pod(ready=False), "is not ready: kafka"),
        (pod(ready=False, phase="Pending"), "is Pending"),
        (
            pod(ready=False, phase="Failed", reason="Evicted", message="low on disk"),
            "is Failed (Evicted: low on disk) [resources]",
        ),
        (pod(conditions=[]), "is not ready: "),
    ],
)
def test_a_pod_that_is_not_ready(body: Body, words: str) -> None:
    """By phase, by container, or evicted."""
    assert said("pods-ready", desired(), live(body)) == [f"fail pod/events-brokers-0: {words}"]


@pytest.mark.parametrize("owner", ["ReplicaSet", "Job"])
def test_a_pod_that_has_a_successor(owner: str) -> None:
    """An evicted pod stays for people to look at; the one beside it counts. Brokers have none."""
    evicted = pod(7, ready=False, phase="Failed", reason="Evicted")
    evicted["metadata"]["ownerReferences"] = [{"kind": owner, "name": "a"}]

    assert said("pods-ready", desired(), live(evicted, pod())) == []
    pending = pod(7, ready=False, phase="Pending")
    pending["metadata"]["ownerReferences"] = [{"kind": owner, "name": "a"}]
    assert said("pods-ready", desired(), live(pending)) == ["fail pod/events-brokers-7: is Pending"]
    evicted["metadata"]["ownerReferences"] = [{"kind": "StrimziPodSet", "name": "a"}]
    assert len(said("pods-ready", desired(), live(evicted))) == 1


def test_a_pod_without_a_machine_is_not_ready_for_want_of_room() -> None:
    """So that the exit code tells the cause, and not only that something is unhealthy."""
    lacking = {"type": "PodScheduled", "status": "False", "message": "3 Insufficient memory."}
    elsewhere = lacking | {"message": "3 node(s) had volume node affinity conflict."}

    for condition, room in ((lacking, " [resources]"), (elsewhere, "")):
        found = live(pod(ready=False, phase="Pending", conditions=[condition]))
        assert said("pods-ready", desired(), found) == [
            f"fail pod/events-brokers-0: is Pending{room}"
        ]


def test_a_pod_that_is_being_stopped_is_not_ready() -> None:
    """Even while it still says so."""
    body = pod()
    body["metadata"]["deletionTimestamp"] = "2026-11-21T11:59:00Z"

    assert said("pods-ready", desired(), live(body)) == [
        "fail pod/events-brokers-0: is being stopped"
    ]


def test_containers_that_never_come_up_by_waiting() -> None:
    """The same of several pods is one line; what is only starting is not told."""
    pull = container(state={"waiting": {"reason": "ImagePullBackOff", "message": "no such\nimage"}})
    crash = container(
        state={"waiting": {"reason": "CrashLoopBackOff"}},
        lastState={"terminated": {"exitCode": 1, "reason": "Error"}},
    )
    starting = container(state={"waiting": {"reason": "ContainerCreating"}})
    found = live(
        pod(0, containerStatuses=pull),
        pod(1, containerStatuses=pull),
        pod(2, initContainerStatuses=crash),
        pod(3, containerStatuses=starting),
    )

    assert said("pods-waiting", desired(), found) == [
        "fail: ImagePullBackOff of kafka: no such image: pod/events-brokers-0, pod/events-brokers-1",
        "fail pod/events-brokers-2: CrashLoopBackOff of kafka: ended with 1 (Error)",
    ]
    assert said("pods-waiting", desired(), live(pod())) == []


def ended(reason: str, time: str, **more: Any) -> Body:
    """A pod whose container ended at a time."""
    last = {"terminated": {"reason": reason, "exitCode": 137, "finishedAt": time}}
    return pod(containerStatuses=container(lastState=last, ready=True, **more))


def test_restarts_within_the_last_hour() -> None:
    """Want of memory fails; what happened longer ago is over."""
    recent, long_ago = "2026-11-21T11:30:00Z", "2026-11-21T10:30:00Z"

    assert said("pods-restarts", desired(), live(ended("Error", recent))) == [
        "warn pod/events-brokers-0: kafka ended 30 minutes ago (Error, exit code 137, 3 restarts)"
    ]
    assert said("pods-restarts", desired(), live(ended("OOMKilled", recent))) == [
        "fail pod/events-brokers-0: kafka ended 30 minutes ago (OOMKilled, exit code 137,"
        " 3 restarts) [resources]"
    ]
    assert said("pods-restarts", desired(), live(ended("Error", long_ago))) == []
    assert said("pods-restarts", desired(), live(ended("Error", "no time"))) == []


def test_restarts_again_and_again() -> None:
    """A day after the last of so many it is not over; a few that are over are."""
    hours_ago, days_ago = "2026-11-21T10:00:00Z", "2026-11-19T10:00:00Z"

    assert said("pods-restarts", desired(), live(ended("Error", hours_ago, restartCount=412))) == [
        "warn pod/events-brokers-0: kafka ended 120 minutes ago (Error, exit code 137, 412 restarts)"
    ]
    assert said("pods-restarts", desired(), live(ended("Error", hours_ago, restartCount=9))) == []
    assert said("pods-restarts", desired(), live(ended("Error", days_ago, restartCount=412))) == []


def test_init_containers_may_end() -> None:
    """It is what they are for."""
    done = {
        "terminated": {"reason": "Completed", "exitCode": 0, "finishedAt": "2026-11-21T11:59:00Z"}
    }
    body = pod(initContainerStatuses=container(state=done, restartCount=0))

    assert said("pods-restarts", desired(), live(body)) == []


def test_every_pod_is_of_the_newest_revision() -> None:
    """A pod that is missing is told elsewhere."""
    assert said("pods-revision", desired(), live(pod_set(0, 1), pod(0))) == []


def test_pods_that_are_still_to_be_rolled() -> None:
    """By the operator, or because somebody asked for it."""
    asked = pod(1)
    asked["metadata"]["annotations"] = {
        "strimzi.io/revision": "newer",
        "strimzi.io/manual-rolling-update": "true",
    }
    found = live(pod_set(0, 1, revision="newer"), pod(0), asked)

    assert said("pods-revision", desired(), found) == [
        "fail pod/events-brokers-0: is of an older revision: it is still to be rolled",
        "warn pod/events-brokers-1: is to be rolled by hand",
    ]
