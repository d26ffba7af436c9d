"""Nodes that restart in turn: what one of them lacks is no failure as long as that goes on."""

from datetime import UTC, datetime

import pytest
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


def made(number: int, minutes_ago: float, revision: str = "new", *, ready: bool = True) -> Body:
    """A pod that was made at a time."""
    made = pod(number, ready=ready)
    at = datetime.fromtimestamp(NOW_S - minutes_ago * 60, UTC).isoformat()
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
        pytest.param([pod(0), pod(1), made(2, 900, "old")], id="nobody knows since when"),
    ],
)
def test_what_is_no_roll_fails(pods: list[Body]) -> None:
    """It takes turns, and it goes on."""
    found = said("pods-revision", desired(), live(NODES, pod_set(0, 1, 2), *pods))

    assert [each[:4] for each in found] == ["fail"]


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
