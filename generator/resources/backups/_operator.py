"""What an operator runs: a KafkaBackup for every backup with `engine: operator`, and how it is validated."""

from collections.abc import Iterator
from typing import Any

from generator.common.schedule import with_seconds
from generator.common.units import parse_bytes, parse_duration_ms
from generator.documents.manifest import Manifest
from generator.model.backups.backup_operator import OSO, BackupOperator
from generator.model.backups.backups import Backup
from generator.model.environment import Environment, Json
from generator.resources._resources import resources
from generator.resources.backups._objects import made, worker_of
from generator.resources.backups._operator_words import (
    kafka_cluster,
    pod_template,
    storage,
    strimzi_cluster,
)

_DAY_MS = 86_400_000
_UNITS = (("d", _DAY_MS), ("h", 3_600_000), ("m", 60_000), ("s", 1000))


def of_operator(environment: Environment, backup: Backup) -> Iterator[Manifest]:
    """The KafkaBackup and KafkaBackupValidation of a backup; nothing when no operator runs it.

    It is named as the backup, so that the one of kafkabackup.com goes on with the set that our own
    CronJob would have written.
    """
    operator = backup.operator
    if operator is None:
        return
    spec = _oso(environment, backup) if operator.api == OSO else _strimzi(environment, backup)
    yield _of(environment, backup, operator, "KafkaBackup", spec)
    if operator.api == OSO and "validation" in backup.settings:
        spec = _validation(environment, backup)
        yield _of(environment, backup, operator, "KafkaBackupValidation", spec)


def _of(
    environment: Environment, backup: Backup, operator: BackupOperator, kind: str, spec: Json
) -> Manifest:
    return made(environment, worker_of(backup), kind, {"spec": dict(spec)}, api=operator.api_version,
                name=backup.name)  # fmt: skip


def _topics(backup: Backup) -> list[str]:
    return sorted({name for run in backup.runs for name in run.include})


def _oso(environment: Environment, backup: Backup) -> dict[str, Any]:
    """For kafka-backup-operator 1.2.1."""
    settings = backup.settings
    spec: dict[str, Any] = {
        "compression": settings["compression"]["type"],
        "compressionLevel": settings["compression"]["level"],
        "consumerGroupSnapshot": settings["consumerGroups"],
        "kafkaCluster": kafka_cluster(environment, backup.listener, backup.user),
        "rateLimiting": {"maxConcurrentPartitions": settings["parallelPartitions"]},
        "schedule": with_seconds(settings["schedule"]),
        "segmentMaxBytes": parse_bytes(settings["segments"]["size"]),
        "segmentMaxIntervalMs": parse_duration_ms(settings["segments"]["interval"]),
        "stopAtCurrentOffsets": True,
        "storage": storage(backup.storage, backup.api),
        "topics": _topics(backup),
    }
    if settings["suspend"]:
        spec["suspend"] = True
    if "retention" in settings:
        said = settings["retention"]
        spec["retention"] = {"enabled": True, "keepLast": said.get("keepBackups", 1)}
        if "age" in said:
            spec["retention"]["maxAgeDays"] = parse_duration_ms(said["age"]) // _DAY_MS
    return spec


def _strimzi(environment: Environment, backup: Backup) -> dict[str, Any]:
    """For strimzi-backup-operator 0.2.18, whose pods have to be told what the namespace demands."""
    settings = backup.settings
    spec: dict[str, Any] = {
        **strimzi_cluster(environment, backup.listener, backup.user),
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
        "storage": storage(backup.storage, backup.api),
        "template": pod_template(
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


def _selection(backup: Backup) -> dict[str, Any]:
    left_out = sorted({name for run in backup.runs for name in run.exclude})
    return {"include": _topics(backup), **({"exclude": left_out} if left_out else {})}


def _in_one_unit(duration_ms: int) -> str:
    """The operator reads a number and one letter; rounded up to whole seconds."""
    for letter, size in _UNITS:
        if duration_ms % size == 0:
            return f"{duration_ms // size}{letter}"
    return f"{duration_ms // 1000 + 1}s"


def _validation(environment: Environment, backup: Backup) -> dict[str, Any]:
    """For kafka-backup-operator 1.2.1: the newest set against the cluster."""
    said = backup.settings["validation"]
    checks = said.get("checks", {})
    counted, groups = checks.get("messageCount", {}), checks.get("consumerGroupOffsets", {})
    body: dict[str, Any] = {
        "consumerGroupOffsets": {
            "enabled": groups.get("enabled", backup.settings["consumerGroups"])
        },
        "messageCount": {"enabled": counted.get("enabled", True)},
        "offsetRange": {"enabled": checks.get("offsetRange", True)},
    }
    if "groups" in groups:
        body["consumerGroupOffsets"]["consumerGroups"] = sorted(groups["groups"])
    if "topics" in counted:
        body["messageCount"]["topics"] = sorted(counted["topics"])
    if "failThreshold" in counted:
        body["messageCount"]["failThreshold"] = counted["failThreshold"]
    if checks.get("webhooks"):
        body["customWebhooks"] = [
            {
                "name": name,
                "url": hook.get("url", ""),
                "expectedStatusCode": hook.get("status", 200),
                "timeoutSecs": parse_duration_ms(hook.get("timeout", "2m")) // 1000,
            }
            for name, hook in sorted(checks["webhooks"].items())
        ]
    spec: dict[str, Any] = {
        "backupRef": {"name": backup.name},
        "checks": body,
        "kafkaCluster": kafka_cluster(environment, backup.listener, backup.user),
    }
    if "schedule" in said:
        spec["schedule"] = with_seconds(said["schedule"])
    if said.get("suspend"):
        spec["suspend"] = True
    if "evidence" in said:
        spec["evidence"] = {
            "formats": sorted(said["evidence"].get("formats", ["json"])),
            "retentionDays": parse_duration_ms(said["evidence"].get("retention", "90d")) // _DAY_MS,
        }
    return spec
