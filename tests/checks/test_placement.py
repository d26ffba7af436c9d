"""Pods find machines, and what shall fail apart runs apart."""

import pytest
from checks.kubernetes_objects import body, desired, event, live, pod, said

from verify.live.live import Cause, Gap

ZONES = {"m-0": "a", "m-1": "b", "m-2": "c", "m-3": "a"}


def test_every_pod_is_scheduled() -> None:
    """Nothing else is asked."""
    assert said("pods-scheduled", desired(), live(pod())) == []


@pytest.mark.parametrize(
    ("words", "lacks"),
    [
        ("0/3 nodes are available: 3 Insufficient cpu.", " [resources]"),
        ("0/3 nodes are available: 1 Insufficient memory.", " [resources]"),
        ("0/3 nodes are available: 3 node(s) had volume node affinity conflict.", ""),
    ],
)
def test_no_machine_fits(words: str, lacks: str) -> None:
    """Want of CPU and memory is another thing than the wrong zone; the scheduler's event says it too."""
    told = pod(conditions=[{"type": "PodScheduled", "status": "False", "message": words}])
    silent = pod(conditions=[{"type": "PodScheduled", "status": "False"}])
    events = [
        event(silent, "FailedScheduling", words),
        event(pod(1), "FailedScheduling", "of another one"),
    ]

    for found in (live(told), live(silent, *events)):
        assert said("pods-scheduled", desired(), found) == [
            f"fail pod/events-brokers-0: {words}{lacks}"
        ]


def test_a_pod_without_a_word_of_the_scheduler() -> None:
    """It is told all the same."""
    silent = pod(conditions=[{"type": "PodScheduled", "status": "False"}])

    assert said("pods-scheduled", desired(), live(silent)) == [
        "fail pod/events-brokers-0: no node fits"
    ]


def test_a_quota_that_is_used_up() -> None:
    """Only what was refused a short while ago; an event's time may stand in three places."""
    owner = body("ReplicaSet", "events-entity-operator-1", "apps/v1")
    words = 'pods "x" is forbidden: exceeded quota: events-quota'
    series = event(body("StrimziPodSet", "events-b"), "FailedCreate", words, minutes_ago=50)
    series["series"] = {"lastObservedTime": "2026-11-21T11:59:00Z"}
    found = live(
        event(owner, "FailedCreate", words),
        series,
        event(body("ReplicaSet", "events-old"), "FailedCreate", words, minutes_ago=30),
        event(body("ReplicaSet", "events-last"), "FailedCreate", words, minutes_ago=15),
        event(body("ReplicaSet", "events-other"), "FailedMount", "something else"),
    )

    assert said("quota-room", desired(), found) == [
        f"fail replicaset/events-entity-operator-1: {words} [resources]",
        f"fail replicaset/events-last: {words} [resources]",
        f"fail strimzipodset/events-b: {words} [resources]",
    ]
    assert said("quota-room", desired(), live()) == []


def test_a_quota_that_others_have_used_up() -> None:
    """Fails for what Git has, and for nobody else's applications in the namespace."""
    words = 'pods "x" is forbidden: exceeded quota: q'
    rendered = (
        body("Deployment", "web", "apps/v1"), body("CronJob", "tidy", "batch/v1"),
        body("KafkaConnect", "sink"), body("PersistentVolumeClaim", "disk", "v1"),
    )  # fmt: skip
    ours = [
        ("ReplicaSet", "web-5d8f"), ("Job", "tidy-1"), ("StrimziPodSet", "sink-connect"),
        ("PersistentVolumeClaim", "disk"),
    ]  # fmt: skip
    theirs = [("ReplicaSet", "web-shop-5d8f"), ("ReplicaSet", "eventsourcing-1"), ("Pod", "web-1")]
    found = live(*(event(body(*each), "FailedCreate", words) for each in (*ours, *theirs)))

    assert said("quota-room", desired(*rendered), found) == [
        f"fail {kind.lower()}/{name}: {words} [resources]" for kind, name in sorted(
            ours, key=lambda each: each[0].lower()
        )
    ]  # fmt: skip
    assert said("quota-room", desired(*rendered, rendered=False), found) == [
        f"fail strimzipodset/sink-connect: {words} [resources]"
    ]


def test_nodes_of_a_pool_share_no_machine() -> None:
    """Pods without a machine yet are left out."""
    waiting = pod(2)
    waiting["spec"]["nodeName"] = ""

    assert said("pods-apart", desired(), live(pod(0), pod(1), waiting)) == []
    assert said("pods-apart", desired(), live(pod(0, "m"), pod(1, "m"))) == [
        "warn kafkanodepool/brokers: several of its pods run on m"
    ]


def test_nodes_of_a_pool_are_spread_over_zones() -> None:
    """One more here than there is even."""
    even = live(*(pod(i, f"m-{i}") for i in range(4)), nodes=ZONES)

    assert said("pods-spread", desired(), even) == []
    assert said("pods-spread", desired(), live(pod(), nodes={"m-0": "a", "m-1": ""})) == [
        "skip: the machines are in one zone, or nobody says in which"
    ]
    gaps = {"kubernetes.nodes": Gap(Cause.REFUSED, "nobody allowed it")}
    assert said("pods-spread", desired(), live(pod(), gaps=gaps)) == ["unknown: nobody allowed it"]


def test_nodes_of_a_pool_that_would_be_lost_together() -> None:
    """Where racks are asked for, one zone is a failure."""
    together = live(pod(0, "m-0"), pod(1, "m-3"), nodes=ZONES)
    uneven = live(pod(0, "m-0"), pod(1, "m-3"), pod(2, "m-1"), nodes=ZONES)
    racks = body("Kafka", "events", spec={"kafka": {"rack": {"topologyKey": "zone"}}})
    words = "kafkanodepool/brokers: all of its pods run in one zone: 2 in a, 0 in b, 0 in c"

    assert said("pods-spread", desired(), together) == [f"warn {words}"]
    assert said("pods-spread", desired(racks), together) == [f"fail {words}"]
    assert said("pods-spread", desired(racks), uneven) == [
        "warn kafkanodepool/brokers: its pods are spread unevenly: 2 in a, 1 in b, 0 in c"
    ]


def test_a_disruption_budget_is_there() -> None:
    """For brokers, not for another cluster, nor for the Entity Operator only."""

    def budget(**labels: str) -> dict[str, object]:
        selector = {"matchLabels": {key.replace("_", "/"): value for key, value in labels.items()}}
        return body("PodDisruptionBudget", "b", "policy/v1", spec={"selector": selector})

    every = {"strimzi.io_cluster": "events"}
    assert said("disruption-budget", desired(), live(pod(), budget(**every))) == []
    for other in (budget(**{"strimzi.io_cluster": "other"}), budget(**every, app="entity")):
        assert said("disruption-budget", desired(), live(pod(), other)) == [
            "warn: no PodDisruptionBudget selects pod/events-brokers-0"
        ]
    assert said("disruption-budget", desired(), live(budget(**every))) == [
        "skip: there is no node's pod"
    ]
