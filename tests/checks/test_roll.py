"""Nodes that restart in turn: what one of them lacks is no failure as long as that goes on."""

from datetime import UTC, datetime

import pytest
from checks.kafka_answers import cluster, on, topic
from checks.kubernetes_objects import (
    KAFKA,
    NOW_S,
    POOL,
    Body,
    body,
    desired,
    live,
    pod,
    pod_set,
    said,
    seen,
)

from verify.checks.registry import all_checks

NODES = seen(POOL, nodeIds=[0, 1, 2])


def _written(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat()


def made(
    number: int,
    minutes_ago: float,
    revision: str = "new",
    *,
    ready: bool = True,
    after_minutes: float = 0.25,
) -> Body:
    """A pod that was made at a time, and came to be as it is later."""
    made = pod(number, ready=ready)
    at = _written(NOW_S - minutes_ago * 60)
    for each in made["status"]["conditions"]:
        each["lastTransitionTime"] = _written(NOW_S + 60 * (after_minutes - minutes_ago))
    made["metadata"] |= {"creationTimestamp": at, "annotations": {"strimzi.io/revision": revision}}
    return made


def test_a_node_that_restarts_in_turn_is_no_failure_yet() -> None:
    """One is through, one is away, one is still to come."""
    found = live(
        NODES, pod_set(0, 1, 2), made(0, 2), made(1, 0.1, ready=False), made(2, 900, "old")
    )

    assert said("pods-ready", desired(), found) == [
        "unknown pod/events-brokers-1: nodes restart in turn, 1 of 3 are as they shall be: is not ready: kafka",
    ]
    assert said("pods-revision", desired(), found) == [
        "unknown pod/events-brokers-2: nodes restart in turn, 1 of 3 are as they shall be: is of an older revision: it"
        " is still to be rolled",
    ]


def test_the_operator_is_still_at_work_between_two_nodes() -> None:
    """All pods are new, and only the Kafka's status tells that it is not through."""
    kafka = seen(
        {**KAFKA, "metadata": {**KAFKA["metadata"], "generation": 2}}, observedGeneration=1
    )
    found = live(kafka, pod_set(0, 1), made(0, 1), made(1, 900))

    assert said("generation-observed", desired(), found)[0] == (
        "unknown kafka/events: nodes restart in turn, 2 of 2 are as they shall be: the operator has not acted on its"
        " last change yet"
    )


@pytest.mark.parametrize(
    "pods",
    [
        pytest.param(
            [made(0, 2, ready=False), made(1, 1, ready=False), made(2, 900, "old")],
            id="two are away",
        ),
        pytest.param(
            [made(0, 20), made(1, 900, "old"), made(2, 900, "old")], id="nothing moves any more"
        ),
        pytest.param([made(0, 1, "old"), made(1, 1, "old"), made(2, 1, "old")], id="a new cluster"),
        pytest.param(
            [
                made(0, 3, "old", after_minutes=1.5),
                made(1, 2.5, "old", after_minutes=2),
                made(2, 2, "old", after_minutes=1),
            ],
            id="a new cluster on a slow machine",
        ),
        pytest.param([pod(0), pod(1), made(2, 900, "old")], id="nobody knows since when"),
    ],
)
def test_what_is_no_roll_fails(pods: list[Body]) -> None:
    """It takes turns, and it goes on."""
    found = said("pods-revision", desired(), live(NODES, pod_set(0, 1, 2), *pods))

    assert [each[:4] for each in found] == ["fail"]


@pytest.mark.parametrize(
    "status",
    [
        {"restartCount": 1, "state": {"running": {}}},
        {"state": {"waiting": {"reason": "CrashLoopBackOff"}}},
        {"state": {"waiting": {"reason": "ErrImagePull"}}},
        {"state": {"terminated": {"exitCode": 1}}},
    ],
    ids=["has ended before", "crashes", "has no image", "has ended"],
)
def test_a_node_in_trouble_is_no_roll(status: Body) -> None:
    """It does not come back by itself, though others were restarted a moment ago."""
    away = made(1, 0.1, ready=False)
    away["status"]["containerStatuses"] = [{"name": "kafka", "ready": False, **status}]
    found = live(NODES, pod_set(0, 1, 2), made(0, 2), away, made(2, 900, "old"))

    assert said("pods-ready", desired(), found)[0].startswith("fail pod/events-brokers-1")


def test_a_node_without_a_machine_is_no_roll() -> None:
    """It waits for room, not for its turn."""
    away = made(1, 0.1, ready=False)
    away["status"]["conditions"] = [{"type": "PodScheduled", "status": "False", "reason": "Unschedulable"}]  # fmt: skip
    away["status"]["containerStatuses"] = None
    found = live(NODES, pod_set(0, 1, 2), made(0, 2), away, made(2, 900, "old"))

    assert said("pods-ready", desired(), found)[0].startswith("fail pod/events-brokers-1")


def test_a_pod_that_is_gone_from_a_new_cluster_is_no_roll() -> None:
    """All others are as they shall be, and came at once."""
    found = live(NODES, pod_set(0, 1, 2), made(0, 2), made(2, 2))

    assert said("pods-present", desired(), found)[0].startswith("fail")


def test_a_node_that_was_ready_and_is_no_longer_is_no_roll() -> None:
    """Unlike one that is still starting."""
    found = []
    for unready_s in (-1, 60):
        away = made(1, 5, ready=False)
        began = NOW_S - 290
        state = {"running": {"startedAt": _written(began)}}
        away["status"]["containerStatuses"] = [{"name": "kafka", "ready": False, "state": state}]
        (ready,) = (each for each in away["status"]["conditions"] if each["type"] == "Ready")
        ready["lastTransitionTime"] = _written(began + unready_s)
        pods = live(NODES, pod_set(0, 1, 2), made(0, 7), away, made(2, 900, "old"))
        found.append(said("pods-ready", desired(), pods)[0].partition(" ")[0])

    assert found == ["unknown", "fail"]


def test_a_larger_pod_is_an_older_revision_too() -> None:
    """Strimzi compares resources by an annotation of their own."""
    wanted = pod_set(0)
    wanted["spec"]["pods"][0]["metadata"]["annotations"]["strimzi.io/resource-revision"] = "newer"

    assert said("pods-revision", desired(), live(wanted, pod(0))) == [
        "fail pod/events-brokers-0: is of an older revision: it is still to be rolled",
    ]


def test_what_tells_of_no_single_node_fails_while_nodes_restart() -> None:
    """A claim that is lost does not come back with the roll."""
    lost = body("PersistentVolumeClaim", "data-0-events-brokers-0", "v1", status={"phase": "Lost"})
    found = live(
        NODES, pod_set(0, 1, 2), made(0, 2), made(1, 0.1, ready=False), made(2, 900, "old"), lost
    )

    assert [each.partition(" ")[0] for each in said("volumes-bound", desired(), found)][:1] == [
        "fail"
    ]


def test_partitions_of_a_single_replica_wait_for_their_node() -> None:
    """Others should be led by the next replica."""
    found = live(
        NODES, pod_set(0, 1, 2), made(0, 2), made(1, 0.1, ready=False), made(2, 900, "old")
    )
    alone, both = topic(on(1, leader=-1)), topic(on(1, 2, leader=-1))
    found.kafka = cluster(topics={"alone": alone})
    waits = (
        "unknown: nodes restart in turn, 1 of 3 are as they shall be: 1 partition without a leader, of a single"
        " replica: alone-0"
    )
    assert said("partitions-online", desired(), found) == [waits]

    found.kafka = cluster(topics={"alone": alone, "both": both})
    assert said("partitions-online", desired(), found) == [
        "fail: 1 partition without a leader: both-0",
        waits,
    ]


def test_who_gives_way_to_a_roll() -> None:
    """What tells of single nodes does; what Git says of topics and users, and what is offline, does not."""
    gives_way = {name for name, check in all_checks().items() if check.nodes}

    assert {"brokers-answer", "brokers-present", "pods-ready", "listeners-reachable"} <= gives_way
    assert not gives_way & {
        "partitions-online",
        "partitions-min-isr",
        "topics-config",
        "resources-ready",
    }
