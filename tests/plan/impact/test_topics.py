"""What changes of a topic delete, move, or only seem to do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from plans import CLUSTER, all_of, drop, edited, nothing, put

TEXT = CLUSTER + (
    "topics: {orders: {partitions: 12, throughput: 1Mi}}\n"
    "applications: {a: {consumes: [orders]}, b: {consumes: [orders]}, c: {consumes: [orders]}, d: {consumes: [orders]}}\n"
)
TOPIC = "KafkaTopic/orders"
CONTROL = put("Kafka/events", "spec cruiseControl", {})
KEEPS = put("Kafka/events", "spec kafka config delete.topic.enable", False)


def _noted(**annotations: str) -> Callable[..., Any]:
    return put(TOPIC, "metadata annotations", {f"strimzi.io/{key.replace('_', '-')}": value for key, value in annotations.items()})  # fmt: skip


def _config(**said: Any) -> Callable[..., Any]:
    config = {key.replace("_", "."): value for key, value in said.items()}
    return put(TOPIC, "spec config", config)


def _spec(**said: Any) -> Callable[..., Any]:
    return all_of(*(put(TOPIC, f"spec {key}", value) for key, value in said.items()))


def _elsewhere(edit: Callable[..., Any] = nothing) -> Callable[..., Any]:
    return all_of(put(TOPIC, "metadata labels strimzi.io/cluster", "other"), edit)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # topics that come and go
        (drop(TOPIC), nothing,
         ["dynamic: a new topic of 12 partitions on 3 replicas"]),
        (drop(TOPIC), all_of(_elsewhere()),
         ["dynamic: a new topic"]),
        (nothing, drop(TOPIC),
         ["data-loss: the topic is deleted with all its data on 3 replicas, up to 1.7Ti;"
           " read by a, b, c and 1 more"]),
        (KEEPS, all_of(KEEPS, drop(TOPIC)),
         ["data-loss: the topic is deleted with all its data on 3 replicas, up to 1.7Ti;"
           " read by a, b, c and 1 more",
          "refused: delete.topic.enable is false: the finalizer never goes, and the sync"
           " hangs"]),
        (_spec(replicas=1), drop(TOPIC),
         ["data-loss: the topic is deleted with all its data on 1 replica, up to 590.6Gi;"
           " read by a, b, c and 1 more"]),
        (_noted(managed="false"), drop(TOPIC),
         ["no-effect: it was unmanaged: the topic and its data stay in Kafka"]),
        (put(TOPIC, "metadata annotations", {"argocd.argoproj.io/sync-options": "Prune=false"}),
         drop(TOPIC),
         ["no-effect: Argo CD leaves it where it is (Prune=false)"]),
        (nothing, _elsewhere(_spec(partitions=3)),
         ["refused: from now on other's operators answer for it; what events has stays there, managed by"
           " nobody",
          "refused: partitions 12 to 3: the Topic Operator answers NotSupported, KafkaTopic Ready=False"]),
        (_elsewhere(), drop(TOPIC),
         ["data-loss: the topic and its data are deleted"]),
        # while nobody looks
        (_noted(managed="false"), all_of(_noted(managed="false"), _spec(partitions=13)),
         ["no-effect: nothing of it is applied while the topic is unmanaged"]),
        (_noted(pause_reconciliation="true"),
         all_of(_noted(pause_reconciliation="true"), _spec(partitions=13)),
         ["ignored: nothing of it is applied while the topic is paused"]),
        # partitions and replicas
        (nothing, _spec(partitions=13),
         ["irreversible: partitions 12 to 13 cannot be taken back; keys move to other"
           " partitions, so their order breaks once"]),
        (nothing, _spec(partitions=11),
         ["refused: partitions 12 to 11: the Topic Operator answers NotSupported,"
           " KafkaTopic Ready=False; its other settings are applied"]),
        (nothing, _spec(partitions=None),
         ["no-effect: without partitions the topic keeps what it has"]),
        (_config(cleanup_policy="compact"),
         all_of(_config(cleanup_policy="compact"), _spec(partitions=13)),
         ["irreversible: partitions 12 to 13 cannot be taken back; keys move, and the topic"
           " is compacted: old values of moved keys stay behind"]),
        (nothing, _spec(replicas=2),
         ["refused: replicas 3 to 2: the Topic Operator answers NotSupported, KafkaTopic"
           " Ready=False without Cruise Control"]),
        (nothing, _spec(replicas=None),
         ["no-effect: without replicas the topic keeps what it has"]),
        (CONTROL, all_of(CONTROL, _spec(replicas=2)),
         ["data-movement: replicas 3 to 2: Cruise Control moves 12 partitions"]),
        (all_of(CONTROL, _spec(replicas=2)), CONTROL,
         ["data-movement: replicas 2 to 3: Cruise Control moves 12 partitions, copying up"
           " to 590.6Gi"]),
        # names
        (nothing, _spec(topicName="orders"),
         ["no-effect: the same name"]),
        (nothing, _spec(topicName="other"),
         ["refused: the Topic Operator answers NotSupported, KafkaTopic Ready=False: a"
           " topic cannot be renamed"]),
        (nothing, _spec(unheard=1),
         ["unknown: the Topic Operator applies it; with what effect is not known here"]),
        # settings that delete
        (_config(retention_ms=86400000), _config(retention_ms=3600000),
         ["data-loss: retention.ms 1d to 1h: about 23h of orders on 3 replicas is deleted,"
           " up to 242.6Gi"]),
        (_config(retention_ms=3600000), _config(retention_ms=86400000),
         ["dynamic: retention.ms 1h to 1d: records stay longer"]),
        (_config(retention_ms=-1), _config(retention_ms=3600000),
         ["data-loss: retention.ms unlimited to 1h: everything older of orders on 3"
           " replicas is deleted"]),
        (_config(retention_ms=3600000), _config(retention_ms=-1),
         ["dynamic: retention.ms 1h to unlimited: records stay longer"]),
        (_config(retention_bytes=2097152), _config(retention_bytes=1048576),
         ["data-loss: retention.bytes 2Mi to 1Mi: what exceeds it of orders on 3 replicas"
           " is deleted, up to 36Mi"]),
        (_config(retention_bytes=-1), _config(retention_bytes=1048576),
         ["data-loss: retention.bytes unlimited to 1Mi: what exceeds it of orders on 3"
           " replicas is deleted, up to 1.7Ti"]),
        (_config(cleanup_policy="compact", retention_ms=2),
         _config(cleanup_policy="compact", retention_ms=1),
         ["no-effect: retention.ms has no effect: the topic only compacts"]),
        (_config(cleanup_policy="delete"), _config(cleanup_policy="compact"),
         ["data-loss: cleanup.policy delete to compact: all but the latest record of every"
           " key of orders are deleted",
          "client-visible: writers of records without a key are refused"]),
        (_config(cleanup_policy="compact"), _config(cleanup_policy="delete"),
         ["data-loss: cleanup.policy compact to delete: records of orders beyond the"
           " retention, latest values among them are deleted"]),
        (_config(cleanup_policy="compact"), _config(cleanup_policy="compact,delete"),
         ["data-loss: cleanup.policy compact to compact,delete: records of orders beyond"
           " the retention, latest values among them are deleted"]),
        (_config(cleanup_policy="compact,delete"), _config(cleanup_policy="delete,compact"),
         ["no-effect: cleanup.policy stays compact,delete for the broker"]),
        (_config(cleanup_policy="compact,delete"), _config(cleanup_policy="compact"),
         ["dynamic: cleanup.policy compact,delete to compact: more is kept"]),
        (_config(unclean_leader_election_enable=False),
         _config(unclean_leader_election_enable=True),
         ["data-loss: from now on a leader may be elected that lacks acknowledged records"]),
        (_config(unclean_leader_election_enable=True),
         _config(unclean_leader_election_enable=False),
         ["dynamic: unclean.leader.election.enable true to false, without a restart"]),
        (_config(remote_storage_enable=False), _config(remote_storage_enable=True),
         ["data-movement: closed segments are copied to the object store"]),
        (_config(remote_storage_enable=True), _config(remote_storage_enable=False),
         ["refused: the broker refuses to disable tiering without"
           " remote.log.delete.on.disable, which deletes what is in the object store"]),
        (_config(remote_storage_enable=True, remote_log_delete_on_disable=True),
         _config(remote_storage_enable=False, remote_log_delete_on_disable=True),
         ["data-loss: what is in the object store is deleted"]),
        # settings that clients notice
        (_config(min_insync_replicas=1), _config(min_insync_replicas=2),
         ["dynamic: min.insync.replicas 1 to 2: acknowledged records are on more brokers"]),
        (_config(min_insync_replicas=2), _config(min_insync_replicas=3),
         ["client-visible: min.insync.replicas 2 to 3 with 3 replicas: acks=all writers"
           " stop whenever a broker is down"]),
        (_config(max_message_bytes=2000000), _config(max_message_bytes=1000000),
         ["client-visible: max.message.bytes 2M to 1M: larger messages are refused"]),
        (_config(max_message_bytes=1000000), _config(max_message_bytes=2000000),
         ["dynamic: max.message.bytes 1M to 2M, without a restart"]),
        (_config(delete_retention_ms=2000), _config(delete_retention_ms=1000),
         ["client-visible: delete.retention.ms 2s to 1s: a reader that is slower misses"
           " tombstones"]),
        (_config(delete_retention_ms=1000), _config(delete_retention_ms=2000),
         ["dynamic: delete.retention.ms 1s to 2s, without a restart"]),
        (_config(message_timestamp_type="CreateTime"),
         _config(message_timestamp_type="LogAppendTime"),
         ["client-visible: message.timestamp.type CreateTime to LogAppendTime: readers see"
           " other timestamps"]),
        (_config(), _config(segment_bytes=1073741824),
         ["no-effect: segment.bytes stays 1Gi for the broker"]),
        (_config(), _config(segment_bytes="x"),
         ["refused: segment.bytes is 'x': the broker refuses it, KafkaTopic Ready=False"]),
        # a cluster that is not here
        (_elsewhere(), _elsewhere(_spec(topicName="x")),
         ["refused: the Topic Operator answers NotSupported, KafkaTopic Ready=False: a"
           " topic cannot be renamed"]),
        (_elsewhere(), _elsewhere(_spec(partitions=11)),
         ["refused: partitions 12 to 11: the Topic Operator answers NotSupported,"
           " KafkaTopic Ready=False"]),
        (_elsewhere(), _elsewhere(_spec(partitions=13)),
         ["irreversible: partitions 12 to 13 cannot be taken back"]),
        (_elsewhere(), _elsewhere(_spec(replicas=2)),
         ["refused: the Topic Operator answers NotSupported, KafkaTopic Ready=False without"
           " Cruise Control, of which nothing is known here"]),
        (_elsewhere(_config(retention_ms=2)), _elsewhere(_config(retention_ms=1)),
         ["data-loss: retention.ms 2 to 1: what exceeds it is deleted"]),
        (_elsewhere(_config(retention_ms=1)), _elsewhere(_config(retention_ms=2)),
         ["dynamic: the Topic Operator applies it"]),
        (_elsewhere(_config(retention_ms=-1)), _elsewhere(_config(retention_ms=2)),
         ["data-loss: retention.ms -1 to 2: what exceeds it is deleted"]),
        (_elsewhere(_config(retention_bytes=2)), _elsewhere(_config(retention_bytes=-1)),
         ["dynamic: the Topic Operator applies it"]),
        (_elsewhere(_config(cleanup_policy="compact, delete")),
         _elsewhere(_config(cleanup_policy="delete,compact")),
         ["no-effect: cleanup.policy stays compact,delete"]),
        (_elsewhere(_config(segment_bytes=1)), _elsewhere(_config(segment_bytes=2)),
         ["dynamic: the Topic Operator applies it"]),
    ],
)  # fmt: skip
def test_topic(
    tmp_path: Path, before: Callable[..., Any], after: Callable[..., Any], expected: list[str]
) -> None:
    """With Cruise Control or without, deleted by age or compacted, in this cluster or elsewhere."""
    assert edited(tmp_path, TEXT, after, before) == expected
