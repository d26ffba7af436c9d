"""What changes of node pools do: to the quorum, to what brokers hold, to disks, to pods."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, drop, edited, nothing, put

TEXT = CLUSTER + "topics: {orders: {}}\n"
EVENTS = {"strimzi.io/cluster": "events"}
SKIPS = put(
    "Kafka/events", "metadata annotations", {"strimzi.io/skip-broker-scaledown-check": "true"}
)
MOVES = put(
    "Kafka/events",
    "spec cruiseControl autoRebalance",
    [{"mode": "remove-brokers"}, {"mode": "add-brokers"}],
)
BROKERS, CONTROLLERS = "KafkaNodePool/brokers", "KafkaNodePool/controllers"


PAUSED = {"strimzi.io/pause-reconciliation": "true"}
_KEPT = {"type": "persistent-claim", "size": "10Gi", "deleteClaim": False}
_JBOD = {"type": "jbod", "volumes": [_KEPT | {"id": 0}, _KEPT | {"id": 1, "deleteClaim": True}]}


_HIGH = {"priorityClassName": "high"}
_OF_KAFKA = all_of(
    put(BROKERS, "spec template", None),
    put(BROKERS, "spec jvmOptions", None),
    put("Kafka/events", "spec kafka template", {"pod": _HIGH}),
    put("Kafka/events", "spec kafka jvmOptions", {"-Xmx": "1g"}),
)


def _in_place(java: Any, resources: Any) -> Callable[..., Any]:
    return all_of(
        put("Kafka/events", "metadata annotations strimzi.io/in-place-resizing", "true"),
        put(BROKERS, "spec jvmOptions", java),
        put(BROKERS, "spec resources", resources),
    )


def _replicas(label: str, number: int) -> Callable[..., Any]:
    return put(label, "spec replicas", number)


def _pool(*roles: str) -> Callable[..., Any]:
    spec = {"replicas": 2, "roles": list(roles), "storage": {"type": "ephemeral"}}
    return add("KafkaNodePool", spec, labels=EVENTS)


def _volumes(*volumes: dict[str, Any]) -> Callable[..., Any]:
    said = [{"type": "persistent-claim", "size": "10Gi"} | each for each in volumes]
    return put(CONTROLLERS, "spec storage", {"type": "jbod", "volumes": said})


def _claim(**said: Any) -> Callable[..., Any]:
    return put(BROKERS, "spec storage", {"type": "persistent-claim", "size": "10Gi"} | said)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # the quorum
        (nothing, _replicas(CONTROLLERS, 5),
         ["irreversible: 3 to 5 nodes: Strimzi refuses nothing: every node restarts with other"
           " voters, and forgets how the quorum stood; a static quorum bears that in a downtime"
           " only (strimzi-kafka-operator#9429)"]),
        (nothing, _replicas(CONTROLLERS, 2),
         ["irreversible: 3 to 2 nodes: Strimzi refuses nothing: every node restarts with other"
           " voters, and forgets how the quorum stood; a static quorum bears that in a downtime"
           " only (strimzi-kafka-operator#9429)"]),
        (nothing, _replicas(CONTROLLERS, 1),
         ["data-loss: 2 of 3 controllers go: what only they had of the metadata is lost",
          "irreversible: 3 to 1 nodes: Strimzi refuses nothing: every node restarts with other"
           " voters, and forgets how the quorum stood; a static quorum bears that in a downtime"
           " only (strimzi-kafka-operator#9429)"]),
        (nothing, _replicas(CONTROLLERS, 0),
         ["refused: 3 to 0 nodes: no controller is left: the Kafka goes NotReady, and nothing of"
           " it is applied"]),
        (nothing, _pool("controller"),
         ["irreversible: Strimzi refuses nothing: every node restarts with other voters, and"
           " forgets how the quorum stood; a static quorum bears that in a downtime only"
           " (strimzi-kafka-operator#9429)"]),
        (_pool("controller"), nothing,
         ["irreversible: 2 controllers and their disks go at once: nothing checks it; Strimzi"
           " refuses nothing: every node restarts with other voters, and forgets how the quorum"
           " stood; a static quorum bears that in a downtime only (strimzi-kafka-operator#9429)"]),
        (nothing, drop(CONTROLLERS),
         ["data-loss: 3 controllers and their disks go at once: nothing checks it, and no"
           " controller is left: the cluster stands still"]),
        (nothing, put(BROKERS, "spec roles", ["broker", "controller"]),
         ["irreversible: Strimzi refuses nothing: every node restarts with other voters, and"
           " forgets how the quorum stood; a static quorum bears that in a downtime only"
           " (strimzi-kafka-operator#9429)"]),
        # what only brokers hold
        (all_of(SKIPS, MOVES, _replicas(BROKERS, 5)), all_of(SKIPS, MOVES, _replicas(BROKERS, 4)),
         ["data-loss: 5 to 4 nodes: the check is skipped, so what only they hold is gone"]),
        (all_of(MOVES, _replicas(BROKERS, 5)), all_of(MOVES, _replicas(BROKERS, 4)),
         ["data-movement: 5 to 4 nodes: Cruise Control moves their partitions away first"]),
        (all_of(SKIPS, put(CONTROLLERS, "spec roles", ["controller", "broker"])), SKIPS,
         ["data-loss: the check is skipped, so what only these brokers hold is gone"]),
        (put(CONTROLLERS, "spec roles", ["controller", "broker"]), nothing,
         ["ignored: Strimzi reverts it while the brokers hold replicas (Warning"
           " ScaleDownPreventionCheck); Argo CD shows Healthy"]),
        (nothing, _replicas(BROKERS, 2),
         ["refused: 2 brokers cannot hold orders, which have more replicas",
          "refused: 2 brokers are too few (default.replication.factor is 3,"
           " offsets.topic.replication.factor is 3, transaction.state.log.replication.factor is"
           " 3): the Kafka goes NotReady, and nothing of it is applied",
          "client-visible: with 2 brokers, acks=all writers to 1 topics stop at every restart"]),
        (all_of(MOVES, _replicas(BROKERS, 2)), all_of(MOVES, _replicas(BROKERS, 1)),
         ["refused: 1 brokers cannot hold orders, which have more replicas",
          "refused: 1 broker is too few (default.replication.factor is 3,"
           " offsets.topic.replication.factor is 3, transaction.state.log.replication.factor is"
           " 3, transaction.state.log.min.isr is 2, Cruise Control needs two): the Kafka goes"
           " NotReady, and nothing of it is applied",
          "client-visible: with 1 brokers, acks=all writers to 1 topics stop at every restart"]),
        (nothing, drop(BROKERS),
         ["data-loss: 3 brokers and their disks go at once, with every partition that only they"
           " hold: nothing checks it",
          "refused: 0 brokers are too few (default.replication.factor is 3,"
           " offsets.topic.replication.factor is 3, transaction.state.log.replication.factor is"
           " 3, transaction.state.log.min.isr is 2): the Kafka goes NotReady, and nothing of it"
           " is applied"]),
        (MOVES, all_of(MOVES, _pool("broker")),
         ["data-movement: 2 new brokers: Cruise Control moves partitions to them"]),
        (all_of(MOVES, drop(BROKERS)), all_of(MOVES, drop(BROKERS), _pool("broker")),
         ["dynamic: 2 new brokers, empty until partitions are moved to them"]),
        # pools that come
        (nothing, _pool("broker"),
         ["dynamic: 2 new brokers, empty until partitions are moved to them"]),
        (nothing, _pool("broker", "controller"),
         ["irreversible: Strimzi refuses nothing: every node restarts with other voters,"
           " and forgets how the quorum stood; a static quorum bears that in a downtime only"
           " (strimzi-kafka-operator#9429)",
          "dynamic: 2 new brokers, empty until partitions are moved to them"]),
        (drop("Kafka/events"), _pool("broker"),
         ["dynamic: a new cluster",
          "dynamic: 2 nodes of a new cluster"]),
        # the quorum's halves
        (_replicas(CONTROLLERS, 4), _replicas(CONTROLLERS, 2),
         ["data-loss: 2 of 4 controllers go: what only they had of the metadata is lost",
          "irreversible: 4 to 2 nodes: Strimzi refuses nothing: every node restarts with"
           " other voters, and forgets how the quorum stood; a static quorum bears that in a"
           " downtime only (strimzi-kafka-operator#9429)"]),
        (_replicas(CONTROLLERS, 5), _replicas(CONTROLLERS, 3),
         ["irreversible: 5 to 3 nodes: Strimzi refuses nothing: every node restarts with"
           " other voters, and forgets how the quorum stood; a static quorum bears that in a"
           " downtime only (strimzi-kafka-operator#9429)"]),
        (all_of(_pool("controller"), _replicas(CONTROLLERS, 2)), _replicas(CONTROLLERS, 2),
         ["data-loss: 2 of 4 controllers go: what only they had of the metadata is lost",
          "irreversible: 2 controllers and their disks go at once: nothing checks it;"
           " Strimzi refuses nothing: every node restarts with other voters, and forgets how"
           " the quorum stood; a static quorum bears that in a downtime only"
           " (strimzi-kafka-operator#9429)"]),
        # pools whose disks stay
        (put(BROKERS, "spec storage", _KEPT), drop(BROKERS),
         ["data-loss: 3 brokers go at once, with every partition that only they hold:"
           " nothing checks it",
          "refused: 0 brokers are too few (default.replication.factor is 3,"
           " offsets.topic.replication.factor is 3, transaction.state.log.replication.factor"
           " is 3, transaction.state.log.min.isr is 2): the Kafka goes NotReady, and nothing"
           " of it is applied"]),
        (put(CONTROLLERS, "spec storage", _KEPT), drop(CONTROLLERS),
         ["data-loss: 3 controllers go at once: nothing checks it, and no controller is"
           " left: the cluster stands still"]),
        (put(BROKERS, "spec storage", _JBOD), drop(BROKERS),
         ["data-loss: 3 brokers and their disks go at once, with every partition that only"
           " they hold: nothing checks it",
          "refused: 0 brokers are too few (default.replication.factor is 3,"
           " offsets.topic.replication.factor is 3, transaction.state.log.replication.factor"
           " is 3, transaction.state.log.min.isr is 2): the Kafka goes NotReady, and nothing"
           " of it is applied"]),
        # more and fewer brokers
        (nothing, _replicas(BROKERS, 4),
         ["dynamic: 3 to 4 nodes: the new ones stay empty until partitions are moved"]),
        (MOVES, all_of(MOVES, _replicas(BROKERS, 4)),
         ["data-movement: 3 to 4 nodes: Cruise Control moves partitions to the new ones"]),
        (_replicas(BROKERS, 5), _replicas(BROKERS, 4),
         ["ignored: 5 to 4 nodes: Strimzi reverts it while the brokers hold replicas"
           " (Warning ScaleDownPreventionCheck); Argo CD shows Healthy"]),
        (_replicas(BROKERS, 4), nothing,
         ["ignored: 4 to 3 nodes: Strimzi reverts it while the brokers hold replicas"
           " (Warning ScaleDownPreventionCheck); Argo CD shows Healthy"]),
        # roles
        (nothing, put(CONTROLLERS, "spec roles", ["controller", "broker"]),
         ["rolling-restart: its nodes become brokers, empty until partitions move: every"
           " node of controllers (3) restarts in turn"]),
        (nothing, put(BROKERS, "spec roles", ["controller"]),
         ["refused: 0 brokers are too few (default.replication.factor is 3,"
           " offsets.topic.replication.factor is 3, transaction.state.log.replication.factor"
           " is 3, transaction.state.log.min.isr is 2): the Kafka goes NotReady, and nothing"
           " of it is applied",
          "irreversible: Strimzi refuses nothing: every node restarts with other voters,"
           " and forgets how the quorum stood; a static quorum bears that in a downtime only"
           " (strimzi-kafka-operator#9429)"]),
        # while all waits
        (put("Kafka/events", "metadata annotations", PAUSED),
         all_of(put("Kafka/events", "metadata annotations", PAUSED), _replicas(BROKERS, 5)),
         ["ignored: nothing of it is applied while the Kafka is paused"]),
    ],
)  # fmt: skip
def test_nodes(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """Controllers are never refused, and brokers are checked unless somebody said not to."""
    assert edited(tmp_path, TEXT, after, before, size="medium") == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (_claim(), _claim(size="20Gi"),
         ["irreversible: 3 volumes grow from 10Gi to 20Gi, if their storage class can, and never"
           " shrink again; pods restart where a file system grows offline only"]),
        (_claim(), _claim(size="5Gi"),
         ["ignored: volumes never shrink: Strimzi ignores the whole storage change (Warning"
           " KafkaStorage); Argo CD shows Healthy"]),
        (_claim(), _claim(deleteClaim=True),
         ["data-loss: from now on the disks are deleted with the pool"]),
        (_claim(), _claim(deleteClaim=False),
         ["no-effect: deleteClaim is false anyway"]),
        (_claim(), _claim(**{"class": "fast"}),
         ["ignored: Strimzi ignores the whole storage change (Warning KafkaStorage); Argo CD"
           " shows Healthy"]),
        (_volumes({}), _volumes({}, {}),
         ["ignored: Strimzi ignores the whole storage change (Warning KafkaStorage); Argo CD"
           " shows Healthy"]),
        # the metadata log
        (_volumes({"id": 0}, {"id": 1}), _volumes({"id": 0}, {"id": 1, "kraftMetadata": "shared"}),
         ["data-movement: the metadata log is deleted on volume 0 of each node and fetched anew"
           " onto 1",
          "rolling-restart: every node of controllers (3) restarts in turn"]),
        (_volumes({"id": 0}, {"id": 1}), _volumes({"id": 0, "kraftMetadata": "shared"}, {"id": 1}),
         ["no-effect: the metadata log is on this volume anyway"]),
        (_volumes({"id": 1}), _volumes({"id": 0}, {"id": 1}),
         ["data-movement: the metadata log is deleted on volume 1 of each node and fetched anew"
           " onto 0",
          "rolling-restart: volume 0 10Gi is added: every node of controllers (3) restarts in"
           " turn"]),
        (all_of(_replicas(CONTROLLERS, 1), _volumes({"id": 1})),
         all_of(_replicas(CONTROLLERS, 1), _volumes({"id": 0}, {"id": 1})),
         ["data-loss: the metadata log is deleted on volume 1 of each node and fetched anew onto"
           " 0: the only controller has nobody to fetch it from, all topics and users are lost",
          "client-visible: an outage of the only controller: no leader is elected and no topic"
           " made until it is back",
          "rolling-restart: volume 0 10Gi is added: every node of controllers (1) restarts in"
           " turn"]),
        # pods
        (put(BROKERS, "spec resources limits cpu", "1000m"),
         put(BROKERS, "spec resources limits cpu", 1),
         ["rolling-restart: as much as before, but Strimzi compares the text: every node of"
           " brokers (3) restarts in turn"]),
        (nothing, put(BROKERS, "spec resources limits cpu", "7"),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        (put("Kafka/events", "metadata annotations", {"strimzi.io/in-place-resizing": "true"}),
         all_of(put("Kafka/events", "metadata annotations", {"strimzi.io/in-place-resizing": "true"}), put(BROKERS, "spec resources limits cpu", "7")),
         ["dynamic: the pods are resized as they run, and restart only where that cannot be done"]),
        (_in_place(None, None), _in_place(None, {"limits": {"memory": "1Gi"}}),
         ["rolling-restart: the heap follows the memory, or follows it no more: every node of brokers (3) restarts"
          " in turn"]),
        (_in_place({"-Xmx": "1g"}, None), _in_place({"-Xmx": "1g"}, {"limits": {"memory": "1Gi"}}),
         ["dynamic: the pods are resized as they run, and restart only where that cannot be done"]),
        (nothing, put(BROKERS, "spec template podSet", {"metadata": {"labels": {"a": "b"}}}),
         ["dynamic: only what stands around the pods; nothing restarts"]),
        (nothing,
         put(BROKERS, "spec template perPodService", {"metadata": {"labels": {"a": "b"}}}),
         ["dynamic: only what stands around the pods; nothing restarts"]),
        (nothing,
         put(BROKERS, "spec template persistentVolumeClaim", {"metadata": {"labels": {"a": "b"}}}),
         ["dynamic: labels and annotations of the claims only; nothing restarts",
          "dynamic: labels and annotations of the claims only; nothing restarts",
          "dynamic: labels and annotations of the claims only; nothing restarts"]),
        (nothing, put(BROKERS, "spec template pod priorityClassName", "high"),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        (_OF_KAFKA, all_of(_OF_KAFKA, put(BROKERS, "spec template", {"pod": _HIGH})),
         ["no-effect: the Kafka's own template.pod says the same"]),
        (_OF_KAFKA, all_of(_OF_KAFKA, put(BROKERS, "spec template", {"pod": _HIGH, "podSet": {}})),
         ["dynamic: only what stands around the pods; nothing restarts",
          "no-effect: the Kafka's own template.pod says the same"]),
        (_OF_KAFKA, all_of(_OF_KAFKA, put(BROKERS, "spec template", {"pod": {}})),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        (_OF_KAFKA, all_of(_OF_KAFKA, put(BROKERS, "spec jvmOptions", {"-Xmx": "1g"})),
         ["no-effect: the Kafka's own jvmOptions say the same"]),
        # volumes that come and go
        (_volumes({"id": 0}, {"id": 1}), _volumes({"id": 0}),
         ["data-loss: what is on the volume must be moved away first: Kafka does not find"
           " it elsewhere on the node",
          "rolling-restart: volume 1 leaves: every node of controllers (3) restarts in turn"]),
        (_volumes({"id": 0}, {"id": 1}), _volumes({"id": 1}),
         ["data-loss: what is on the volume must be moved away first: Kafka does not find"
           " it elsewhere on the node",
          "data-movement: the metadata log is deleted on volume 0 of each node and fetched"
           " anew onto 1",
          "rolling-restart: volume 0 leaves: every node of controllers (3) restarts in turn"]),
        (_volumes({"id": 0}), _volumes({"id": 0}, {"id": 1, "size": "20Gi"}),
         ["rolling-restart: volume 1 20Gi is added: every node of controllers (3) restarts"
           " in turn"]),
        (_volumes({"id": 0}), _volumes({"id": 0, "size": "20Gi"}),
         ["irreversible: 3 volumes grow from 10Gi to 20Gi, if their storage class can, and"
           " never shrink again; pods restart where a file system grows offline only"]),
        # their fields
        (_claim(deleteClaim=True), _claim(deleteClaim=False),
         ["dynamic: from now on the disks outlive the pool"]),
        (_claim(deleteClaim=True), _claim(),
         ["dynamic: from now on the disks outlive the pool"]),
        (_claim(), _claim(volumeAttributesClass="fast"),
         ["dynamic: the storage provider changes the volumes as they run"]),
        (_claim(), _claim(type="ephemeral"),
         ["ignored: Strimzi ignores the whole storage change (Warning KafkaStorage); Argo"
           " CD shows Healthy"]),
        # resources
        (put(BROKERS, "spec resources", None), nothing,
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
        (nothing, put(BROKERS, "spec jvmOptions gcLoggingEnabled", True),
         ["rolling-restart: every node of brokers (3) restarts in turn"]),
    ],
)  # fmt: skip
def test_disks_and_pods(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """What is ignored, what cannot be undone, and what makes a pod another one."""
    assert edited(tmp_path, TEXT, after, before, size="medium") == expected
