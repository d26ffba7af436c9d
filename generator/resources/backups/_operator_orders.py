"""Orders to an operator: KafkaRestore, KafkaOffsetReset, KafkaOffsetRollback, and what goes with them.

Only for what is approved: the operator acts as soon as it sees one, and again after every change of its
spec. Source: kafka-backup-operator 1.2.1, strimzi-backup-operator 0.2.18.
"""

from collections.abc import Iterator
from typing import Any

from generator.common.units import parse_bytes, with_milliseconds
from generator.documents.manifest import Manifest
from generator.model.acls import acls_of_offset_reset, acls_of_restore
from generator.model.backups.backup_operator import OSO, BackupOperator
from generator.model.backups.offset_resets import ROLLBACK, OffsetReset
from generator.model.backups.restores import HEADER_BASED, KIND, Restore
from generator.model.environment import Environment, Json
from generator.resources._resources import resources
from generator.resources.backups._objects import account, made, network, user
from generator.resources.backups._operator_words import kafka_cluster, pod_template, strimzi_cluster
from generator.resources.backups._pod import Worker
from generator.resources.backups._restore_config import usual_replicas
from generator.resources.backups._waiting_job import LAST
from generator.resources.users import quotas


def restore_order(
    environment: Environment, worker: Worker, restore: Restore, operator: BackupOperator
) -> Iterator[Manifest]:
    """The KafkaRestore and its user; where pods of their own restore, their account and their ways."""
    outside = operator.api != OSO
    spec = _strimzi(environment, worker, restore) if outside else _oso(environment, worker, restore)
    yield _order(environment, worker, operator, KIND, restore.name, spec)
    said = quotas(restore.settings).get("quotas")
    yield user(environment, worker, acls_of_restore(restore), said)
    if outside:
        yield account(environment, worker)
        yield network(environment, worker)


def reset_order(
    environment: Environment, worker: Worker, reset: OffsetReset, operator: BackupOperator
) -> Iterator[Manifest]:
    """The KafkaOffsetReset or KafkaOffsetRollback, and its user."""
    spec = _rollback(reset) if reset.kind == ROLLBACK else _reset(reset)
    spec |= {
        "consumerGroups": list(reset.groups),
        "kafkaCluster": kafka_cluster(environment, worker.listener, worker.name),
    }
    yield _order(environment, worker, operator, reset.kind, reset.name, spec)
    yield user(environment, worker, acls_of_offset_reset(reset))


def _order(
    environment: Environment,
    worker: Worker,
    operator: BackupOperator,
    kind: str,
    name: str,
    spec: Json,
) -> Manifest:
    """In the last wave: once it is there, its user's Secret has to be there as well."""
    return made(environment, worker, kind, {"spec": dict(spec)}, api=operator.api_version,
                name=name, annotations=LAST)  # fmt: skip


def _reference(restore: Restore) -> dict[str, str]:
    """An operator makes no shards, so that there is one set; the newest one is not always meant."""
    return {"name": restore.settings["backup"], "backupId": restore.sets[0].backup_id}


def _oso(environment: Environment, worker: Worker, restore: Restore) -> dict[str, Any]:
    """For kafka-backup-operator 1.2.1, which restores in its own pod."""
    settings, limit = restore.settings, _limit(restore)
    spec: dict[str, Any] = {
        "backupRef": _reference(restore),
        "kafkaCluster": kafka_cluster(environment, worker.listener, worker.name),
        "produceAcks": -1,
        "rateLimiting": {
            "maxConcurrentPartitions": settings["parallelPartitions"],
            **{f"{what}PerSec": most for what, most in limit.items()},
        },
        "topicMapping": dict(sorted(restore.topics.items())),
        "topics": sorted(restore.topics),
    }
    if settings["createTopics"]:
        spec |= {"createTopics": True, "defaultReplicationFactor": usual_replicas(environment)}
    if settings["purge"]:
        spec["purgeTopics"] = True
    times = {"startTimestamp": restore.time_ms("since"), "endTimestamp": restore.time_ms("until")}
    if said := {word: time for word, time in times.items() if time is not None}:
        spec["pitr"] = said
    if restore.groups:
        spec["offsetReset"] = {"enabled": True, "consumerGroups": sorted(restore.groups)}
    return spec


def _strimzi(environment: Environment, worker: Worker, restore: Restore) -> dict[str, Any]:
    """For strimzi-backup-operator 0.2.18, whose Job is tried once: it keeps no checkpoint."""
    settings, storage = restore.settings, restore.storage
    options: dict[str, Any] = {
        "existingTopicPolicy": "overwrite" if settings["purge"] else "append",
        "parallelism": settings["parallelPartitions"],
        "produceAcks": -1,
        "topicCreation": "auto" if settings["createTopics"] else "manual",
        **{f"rateLimit{what.title()}PerSec": most for what, most in _limit(restore).items()},
    }
    if settings["createTopics"]:
        options["defaultReplicationFactor"] = usual_replicas(environment)
    if settings["groups"].get("strategy") == HEADER_BASED:
        options["includeOriginalOffsetHeader"] = True
    if "partitions" in settings:
        options["sourcePartitions"] = sorted(settings["partitions"])
    spec: dict[str, Any] = {
        **strimzi_cluster(environment, worker.listener, worker.name),
        "backoffLimit": 0,
        "backupRef": _reference(restore),
        "image": settings["image"],
        # A Job is gone before anybody has scraped it.
        "metrics": {"enabled": False},
        "resources": resources(settings["resources"]),
        "restore": options,
        "template": pod_template({**worker.labels, **storage.pod_labels}, worker.name),
        "topicMapping": [
            {"sourceTopic": old, "targetTopic": new} for old, new in sorted(restore.topics.items())
        ],
        "topics": {"include": sorted(restore.topics)},
    }
    times = {"startTimestamp": settings.get("since"), "timestamp": settings.get("until")}
    if said := {word: with_milliseconds(time) for word, time in times.items() if time}:
        spec["pointInTime"] = said
    if restore.groups:
        spec["consumerGroups"] = {"restore": True, "groups": sorted(restore.groups)}
    return spec


def _limit(restore: Restore) -> dict[str, int]:
    """How much at most a second, in bytes and in records."""
    said: Json = restore.settings.get("rateLimit", {})
    return {
        what: parse_bytes(said[what]) if what == "bytes" else said[what] for what in sorted(said)
    }


def _reset(reset: OffsetReset) -> dict[str, Any]:
    """For kafka-backup-operator 1.2.1; the snapshot that it takes is gone with its memory."""
    spec: dict[str, Any] = {"topics": reset.all_topics}
    if reset.mapping:
        return {
            **spec,
            "resetStrategy": "from-mapping",
            "offsetMappingRef": {"restoreName": reset.mapping},
        }
    if reset.offsets:
        offset = min(min(each.values()) for each in reset.offsets.values())
        return {**spec, "resetStrategy": "to-offset", "resetOffset": offset}
    if reset.time_ms is not None:
        return {**spec, "resetStrategy": "to-timestamp", "resetTimestamp": reset.time_ms}
    return {**spec, "resetStrategy": f"to-{reset.settings['to']}"}


def _rollback(reset: OffsetReset) -> dict[str, Any]:
    """The snapshot is found by its file only."""
    return {
        "snapshotRef": {"name": reset.rolls_back, "path": reset.path},
        "verifyAfterRollback": True,
    }
