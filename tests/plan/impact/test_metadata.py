"""What labels, annotations and namespaces do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, add, all_of, edited, nothing, put

TEXT = CLUSTER + "topics: {orders: {}}\napplications: {app: {consumes: [orders]}}\n"
TOPIC, USER, POOL = "KafkaTopic/orders", "KafkaUser/app", "KafkaNodePool/combined"


def _note(label: str, **annotations: str) -> Callable[..., Any]:
    named = {key.replace("__", "/").replace("_", "-"): value for key, value in annotations.items()}
    return put(
        label, "metadata annotations", {f"strimzi.io/{key}": value for key, value in named.items()}
    )


def _argo(label: str, key: str, value: str) -> Callable[..., Any]:
    return put(label, "metadata annotations", {f"argocd.argoproj.io/{key}": value})


def _label(label: str, value: str, key: str = "strimzi.io/cluster") -> Callable[..., Any]:
    return put(label, f"metadata labels {key}", value)


def _rebalance(**annotations: str) -> Callable[..., Any]:
    return all_of(
        add("KafkaRebalance", labels={"strimzi.io/cluster": "events"}),
        _note("KafkaRebalance/kafkarebalance", **annotations),
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # another cluster
        (nothing, _label(TOPIC, "other"),
         ["refused: from now on other's operators answer for it; what events has stays there,"
           " managed by nobody"]),
        (nothing, _label(USER, "other"),
         ["client-visible: events locks the user out: its ACLs, password and quotas go there;"
           " other makes it anew, with new credentials in the same Secret"]),
        (nothing, _label(POOL, "other"),
         ["data-loss: 3 controllers and their disks go at once: nothing checks it, and no"
           " controller is left: the cluster stands still",
          "data-loss: 3 brokers and their disks go at once, with every partition that only they"
           " hold: nothing checks it",
          "client-visible: events loses the pool at once, as if it were deleted"]),
        # labels
        (nothing, _label(POOL, "b", "a"),
         ["rolling-restart: the label goes onto the pods: 3 nodes of pool combined restart in"
           " turn"]),
        (nothing, _label(POOL, "b", "app.kubernetes.io/name"),
         ["no-effect: labels and annotations only"]),
        (nothing, _label("Kafka/events", "b", "a"),
         ["dynamic: the pods of the Entity Operator, Cruise Control and the exporter restart;"
           " brokers do not"]),
        (add("KafkaConnect"),
         all_of(add("KafkaConnect"), _label("KafkaConnect/kafkaconnect", "b", "a")),
         ["rolling-restart: the label goes onto the pods of this KafkaConnect: they restart"]),
        (nothing, _label(TOPIC, "b", "a"),
         ["no-effect: labels and annotations only"]),
        # paused, managed
        (nothing, _note(POOL, pause_reconciliation="true"),
         ["no-effect: labels and annotations only",
          "no-effect: Strimzi looks for it on the Kafka only: what is said of the pool is done"]),
        (nothing, _note("Kafka/events", pause_reconciliation="true"),
         ["ignored: the operator does nothing that is said here until the annotation goes, and"
           " no certificate is renewed",
          "no-effect: labels and annotations only"]),
        (_note("Kafka/events", pause_reconciliation="true"),
         _note("Kafka/events", pause_reconciliation="false"),
         ["irreversible: the operator catches up with everything said meanwhile, restarts among"
           " it"]),
        (_note(TOPIC, pause_reconciliation="true"), _note(TOPIC, pause_reconciliation="false"),
         ["irreversible: the operator catches up with everything said meanwhile, shorter"
           " retention among it"]),
        (_note(USER, pause_reconciliation="true"), _note(USER, pause_reconciliation="false"),
         ["client-visible: the operator catches up with everything said meanwhile"]),
        (_note(TOPIC, managed="false"), _note(TOPIC, managed="true"),
         ["irreversible: the Topic Operator manages it again: everything said meanwhile happens"
           " now, shorter retention too, and what was set in Kafka by hand is taken back"]),
        (nothing, _note(USER, managed="false"),
         ["no-effect: labels and annotations only",
          "no-effect: labels and annotations only"]),
        # orders
        (nothing, _note("Kafka/events", skip_broker_scaledown_check="true"),
         ["protection-loss: from now on brokers go with what only they hold, and a scale-down"
           " that Strimzi had taken back is done",
          "no-effect: labels and annotations only"]),
        (_rebalance(),
         all_of(_rebalance(), _label("KafkaRebalance/kafkarebalance", "other")),
         ["dynamic: a proposal for other instead of one for events"]),
        (_rebalance(x="y"), _rebalance(x="y", rebalance="approve"),
         ["data-movement: Cruise Control moves partitions as its proposal says"]),
        (_rebalance(x="y"), _rebalance(x="y", rebalance="stop"),
         ["dynamic: what has not moved yet stays where it is"]),
        (_rebalance(x="y"), _rebalance(x="y", rebalance="refresh"),
         ["dynamic: Cruise Control makes a new proposal"]),
        (_rebalance(x="y"), _rebalance(x="y", rebalance_auto_approval="true"),
         ["data-movement: Cruise Control moves partitions as its proposal says"]),
        (all_of(add("KafkaConnect"), _note("KafkaConnect/kafkaconnect", x="y")),
         all_of(add("KafkaConnect"), _note("KafkaConnect/kafkaconnect", x="y", use_connector_resources="true")),
         ["client-visible: every connector without a KafkaConnector is deleted"]),
        # Argo CD
        (nothing, _argo(TOPIC, "sync-options", "Replace=true,Force=true"),
         ["data-loss: Argo CD is told to replace it by force: it deletes it and makes it anew,"
           " and its data goes",
          "dynamic: how Argo CD applies the object",
          "data-loss: Argo CD is told to replace it by force: it deletes it and makes it anew,"
           " and its data goes",
          "no-effect: labels and annotations only"]),
        (nothing, _argo(TOPIC, "sync-options", "Replace=true"),
         ["dynamic: how Argo CD applies the object",
          "no-effect: labels and annotations only"]),
        (_argo(TOPIC, "sync-options", "Force=true, Replace=true"),
         all_of(_argo(TOPIC, "sync-options", "Force=true, Replace=true"), put(TOPIC, "spec config segment.bytes", 1048576)),
         ["data-loss: Argo CD is told to replace it by force: it deletes it and makes it anew,"
           " and its data goes",
          "dynamic: segment.bytes 1Gi to 1Mi, without a restart"]),
        (nothing, _argo(USER, "sync-options", "Replace=true,Force=true"),
         ["client-visible: Argo CD is told to replace it by force: it deletes it and makes it"
           " anew, and meanwhile it serves nobody",
          "dynamic: how Argo CD applies the object",
          "client-visible: Argo CD is told to replace it by force: it deletes it and makes it"
           " anew, and meanwhile it serves nobody",
          "no-effect: labels and annotations only"]),
        (nothing, _argo(TOPIC, "hook", "PostSync"),
         ["data-loss: it is a hook: Argo CD deletes it before each sync and makes it anew, and"
           " its data goes",
          "dynamic: from now on it is a hook, which is made anew with each sync",
          "data-loss: it is a hook: Argo CD deletes it before each sync and makes it anew, and"
           " its data goes",
          "no-effect: labels and annotations only"]),
        (nothing, put(TOPIC, "metadata finalizers", ["mine"]),
         ["unknown: whoever the finalizer belongs to decides when the object can go"]),
        # namespaces
        (put(TOPIC, "metadata namespace", None), nothing,
         ["no-effect: the namespace that it is in anyway"]),
        (nothing, put(TOPIC, "metadata namespace", "other"),
         ["data-loss: the topic is deleted with all its data on 3 replicas; read by app",
          "dynamic: from namespace kafka-dev to namespace other: this one is deleted, and a new"
           " one made",
          "dynamic: a new topic of 3 partitions on 3 replicas"]),
        (put(TOPIC, "metadata namespace", None), put(TOPIC, "metadata namespace", "other"),
         ["data-loss: the topic is deleted with all its data on 3 replicas; read by app",
          "dynamic: from the Application's namespace to namespace other: this one is deleted,"
           " and a new one made",
          "dynamic: a new topic of 3 partitions on 3 replicas"]),
    ],
)  # fmt: skip
def test_metadata(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """Most of it does nothing, and some of it more than the whole spec."""
    assert edited(tmp_path, TEXT, after, before) == expected
