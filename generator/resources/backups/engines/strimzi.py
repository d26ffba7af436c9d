"""Objects for strimzi-backup-operator 0.2.18 (kafkabackup.com), which makes CronJobs and Jobs of its own."""

from collections.abc import Iterator, Sequence

from generator.common.units import parse_bytes, parse_duration_ms, with_milliseconds
from generator.documents.manifest import Body, Manifest
from generator.model.backups.backups import Backup
from generator.model.backups.engines.strimzi import Strimzi
from generator.model.backups.offset_resets import OffsetReset
from generator.model.backups.restores import HEADER_BASED, KIND, Restore
from generator.model.backups.storages import Storage
from generator.model.environment import Environment, Listener
from generator.resources._resources import resources
from generator.resources._restricted import container_context, pod_context
from generator.resources.backups._objects import account, network, worker_of, worker_of_restore
from generator.resources.backups._pod import Worker
from generator.resources.backups._restore_config import usual_replicas
from generator.resources.backups.engines.shared import (
    endpoint,
    limits,
    of_backup,
    order,
    reference,
    restorer,
    topics_of,
)

_ID = 1000
"""User and group of the engine's image."""
_UNITS = (("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000))


def backup(environment: Environment, backup: Backup) -> Iterator[Manifest]:
    """The KafkaBackup."""
    yield of_backup(environment, backup, "KafkaBackup", _backup(environment, backup))


def restore(environment: Environment, restore: Restore) -> Iterator[Manifest]:
    """The KafkaRestore, its user, and the account and the ways of its pods."""
    worker = worker_of_restore(restore)
    spec = _restore(environment, worker, restore)
    yield order(environment, worker, restore.engine, KIND, restore.name, spec)
    yield restorer(environment, restore)
    yield account(environment, worker)
    yield network(environment, worker)


def reset(environment: Environment, reset: OffsetReset) -> Iterator[Manifest]:
    """Nothing: it has no kind for it, which is a problem of the intent."""
    del environment, reset
    yield from ()


def chart_values(sharing: Sequence[Environment]) -> dict[str, list[Body]]:
    """Nothing: what it runs mounts no volume."""
    del sharing
    return {}


def _backup(environment: Environment, backup: Backup) -> Body:
    """For strimzi-backup-operator 0.2.18, whose pods have to be told what the namespace demands."""
    settings = backup.settings
    spec: Body = {
        **_cluster(environment, backup.listener, backup.user),
        "backoffLimit": settings["retries"],
        "backup": {
            "compression": settings["compression"]["type"],
            "compressionLevel": settings["compression"]["level"],
            "consumerGroupSnapshot": settings["consumerGroups"],
            "continuous": False,
            "includeOffsetHeaders": True,
            "parallelism": settings["parallelPartitions"],
            "segmentMaxIntervalMs": parse_duration_ms(settings["segments"]["interval"]),
            "segmentSize": parse_bytes(settings["segments"]["size"]),
            "startOffset": "earliest",
            "stopAtCurrentOffsets": True,
        },
        "image": settings["image"],
        # A Job is gone before anybody has scraped it.
        "metrics": {"enabled": False},
        "resources": resources(settings["resources"]),
        "schedule": {"cron": settings["schedule"], "timezone": settings["timeZone"]},
        "storage": _storage(backup.storage),
        "template": _pod_template(
            {**worker_of(backup).labels, **backup.storage.pod_labels}, backup.user
        ),
        "topics": _selection(backup),
    }
    if settings["suspend"]:
        spec["schedule"]["suspend"] = True
    if backup.incremental:
        # Its presence makes every run add to one set.
        spec["offsetStorage"] = {"backend": "sqlite", "dbPath": "/tmp/offsets.db"}  # noqa: S108
    if "retention" in settings:
        said = settings["retention"]
        spec["retention"] = {"pruneOnSchedule": True}
        if "age" in said:
            spec["retention"]["maxAge"] = _in_one_unit(parse_duration_ms(said["age"]))
        if "keepBackups" in said:
            spec["retention"]["maxBackups"] = said["keepBackups"]
    return spec


def _selection(backup: Backup) -> Body:
    left_out = sorted({name for run in backup.runs for name in run.exclude})
    return {"include": topics_of(backup), **({"exclude": left_out} if left_out else {})}


def _in_one_unit(duration_ms: int) -> str:
    """The operator reads a number and one letter; rounded up to whole seconds."""
    for letter, size in _UNITS:
        if duration_ms % size == 0:
            return f"{duration_ms // size}{letter}"
    return f"{duration_ms // 1000 + 1}s"


def _restore(environment: Environment, worker: Worker, restore: Restore) -> Body:
    """For strimzi-backup-operator 0.2.18, whose Job is tried once: it keeps no checkpoint."""
    settings, storage = restore.settings, restore.storage
    options: Body = {
        "existingTopicPolicy": "overwrite" if settings["purge"] else "append",
        "parallelism": settings["parallelPartitions"],
        "produceAcks": -1,
        "topicCreation": "auto" if settings["createTopics"] else "manual",
        **{f"rateLimit{what.title()}PerSec": most for what, most in limits(restore).items()},
    }
    if settings["createTopics"]:
        options["defaultReplicationFactor"] = usual_replicas(environment)
    if settings["groups"].get("strategy") == HEADER_BASED:
        options["includeOriginalOffsetHeader"] = True
    if "partitions" in settings:
        options["sourcePartitions"] = sorted(settings["partitions"])
    spec: Body = {
        **_cluster(environment, worker.listener, worker.name),
        "backoffLimit": 0,
        "backupRef": reference(restore),
        "image": settings["image"],
        # A Job is gone before anybody has scraped it.
        "metrics": {"enabled": False},
        "resources": resources(settings["resources"]),
        "restore": options,
        "template": _pod_template({**worker.labels, **storage.pod_labels}, worker.name),
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


def _cluster(environment: Environment, listener: Listener, user: str) -> Body:
    """Kafka for kafkabackup.com, which looks up addresses and Secrets itself."""
    return {
        "strimziClusterRef": {"name": environment.cluster.name, "listener": listener.name},
        "authentication": {"type": listener.authentication, "kafkaUserRef": {"name": user}},
    }


def _pod_template(labels: Body, service_account: str) -> Body:
    """A pod of kafkabackup.com that meets the restricted Pod Security Standard.

    It writes to its own file system, because the operator can give it no volume.
    """
    return {
        "container": {"securityContext": container_context(read_only=False)},
        "pod": {
            "metadata": {"labels": dict(labels)},
            "securityContext": pod_context(_ID),
            "serviceAccountName": service_account,
        },
    }


def _storage(place: Storage) -> Body:
    """The `storage` of a KafkaBackup."""
    body = {"s3": _s3, "azure": _azure, "gcs": _gcs}[place.kind](place)
    return {Strimzi.storage_word: place.kind, place.kind: body}


def _s3(place: Storage) -> Body:
    said = place.settings
    body = {"bucket": said["bucket"], "prefix": place.prefix, **endpoint(place, "forcePathStyle")}
    if "region" in said:
        body["region"] = said["region"]
    words = {"AWS_ACCESS_KEY_ID": "accessKeySecret", "AWS_SECRET_ACCESS_KEY": "secretKeySecret"}
    return body | _key_refs(place, words)


def _azure(place: Storage) -> Body:
    said = place.settings
    body = {
        "storageAccount": said["account"],
        "container": said["container"],
        "prefix": place.prefix,
    }
    if "endpoint" in said:
        body["endpoint"] = said["endpoint"]
    if "workloadIdentity" in said:
        return {**body, "useWorkloadIdentity": True}
    words = {"AZURE_STORAGE_SAS_TOKEN": "sasTokenSecret", "AZURE_STORAGE_KEY": "accountKeySecret"}
    return body | _key_refs(place, words)


def _gcs(place: Storage) -> Body:
    body: Body = {"bucket": place.settings["bucket"], "prefix": place.prefix}
    if place.secret_file:
        name, key = place.secret_file
        body["credentialsSecret"] = {"name": name, "key": key}
    return body


def _key_refs(place: Storage, words: Body) -> Body:
    return {
        words[variable]: {"name": name, "key": key}
        for variable, (name, key) in place.variables.items()
    }
