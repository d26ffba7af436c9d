"""Objects for kafka-backup-operator 1.2.1 (kafka.oso.sh), which runs the engine in its own pod."""

from collections.abc import Iterator, Sequence

from generator.common.schedule import with_seconds
from generator.common.units import parse_bytes, parse_duration_ms
from generator.contract.rights import ca_secret_names
from generator.documents.manifest import Body, Manifest
from generator.model.acls import acls_of_offset_reset
from generator.model.backups.backups import Backup, backups
from generator.model.backups.engines.oso import Oso
from generator.model.backups.offset_resets import ROLLBACK, OffsetReset
from generator.model.backups.restores import KIND, Restore
from generator.model.backups.storages import Storage
from generator.model.connection import bootstrap_address
from generator.model.environment import Environment, Listener
from generator.resources.backups._objects import user, worker_of_reset, worker_of_restore
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

_DAY_MS = 86_400_000
_TLS_FILES = "/tmp/kafka-backup-tls"  # noqa: S108 - the pod has it for itself
"""Where it writes certificates and keys down for the engine (adapters/tls_files.rs)."""


def backup(environment: Environment, backup: Backup) -> Iterator[Manifest]:
    """The KafkaBackup, and how its sets are validated."""
    yield of_backup(environment, backup, "KafkaBackup", _backup(environment, backup))
    if "validation" in backup.settings:
        spec = _validation(environment, backup)
        yield of_backup(environment, backup, "KafkaBackupValidation", spec)


def restore(environment: Environment, restore: Restore) -> Iterator[Manifest]:
    """The KafkaRestore and its user."""
    worker = worker_of_restore(restore)
    spec = _restore(environment, worker, restore)
    yield order(environment, worker, restore.engine, KIND, restore.name, spec)
    yield restorer(environment, restore)


def reset(environment: Environment, reset: OffsetReset) -> Iterator[Manifest]:
    """The KafkaOffsetReset or KafkaOffsetRollback, and its user."""
    worker = worker_of_reset(reset)
    spec = _rollback(reset) if reset.kind == ROLLBACK else _reset(reset)
    spec |= {
        "consumerGroups": list(reset.groups),
        "kafkaCluster": _kafka_cluster(environment, worker.listener, worker.name),
    }
    yield order(environment, worker, reset.engine, reset.kind, reset.name, spec)
    yield user(environment, worker, acls_of_offset_reset(reset))


def chart_values(sharing: Sequence[Environment]) -> dict[str, list[Body]]:
    """The claims that backups are written to, each where it looks for them, and keys in memory."""
    claims = sorted(
        {
            each.storage.claim
            for environment in sharing
            for each in backups(environment)
            if each.storage.claim and each.engine.mount_of(each.storage.claim)
        }
    )
    volumes: list[Body] = [{"name": "tls", "emptyDir": {"medium": "Memory"}}]
    mounts: list[Body] = [{"name": "tls", "mountPath": _TLS_FILES}]
    for place, claim in enumerate(claims):
        volumes.append({"name": f"claim-{place}", "persistentVolumeClaim": {"claimName": claim}})
        mounts.append({"name": f"claim-{place}", "mountPath": Oso.mount_of(claim)})
    return {"extraVolumes": volumes, "extraVolumeMounts": mounts}


def _backup(environment: Environment, backup: Backup) -> Body:
    """For kafka-backup-operator 1.2.1."""
    settings = backup.settings
    spec: Body = {
        "compression": settings["compression"]["type"],
        "compressionLevel": settings["compression"]["level"],
        "consumerGroupSnapshot": settings["consumerGroups"],
        "kafkaCluster": _kafka_cluster(environment, backup.listener, backup.user),
        "rateLimiting": {"maxConcurrentPartitions": settings["parallelPartitions"]},
        "schedule": with_seconds(settings["schedule"]),
        "segmentMaxBytes": parse_bytes(settings["segments"]["size"]),
        "segmentMaxIntervalMs": parse_duration_ms(settings["segments"]["interval"]),
        "stopAtCurrentOffsets": True,
        "storage": _storage(backup.storage),
        "topics": topics_of(backup),
    }
    if settings["suspend"]:
        spec["suspend"] = True
    if "retention" in settings:
        said = settings["retention"]
        spec["retention"] = {"enabled": True, "keepLast": said.get("keepBackups", 1)}
        if "age" in said:
            spec["retention"]["maxAgeDays"] = parse_duration_ms(said["age"]) // _DAY_MS
    return spec


def _validation(environment: Environment, backup: Backup) -> Body:
    """For kafka-backup-operator 1.2.1: the newest set against the cluster."""
    said = backup.settings["validation"]
    checks = said.get("checks", {})
    counted, groups = checks.get("messageCount", {}), checks.get("consumerGroupOffsets", {})
    body: Body = {
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
    spec: Body = {
        "backupRef": {"name": backup.name},
        "checks": body,
        "kafkaCluster": _kafka_cluster(environment, backup.listener, backup.user),
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


def _restore(environment: Environment, worker: Worker, restore: Restore) -> Body:
    """For kafka-backup-operator 1.2.1, which restores in its own pod."""
    settings, limit = restore.settings, limits(restore)
    spec: Body = {
        "backupRef": reference(restore),
        "kafkaCluster": _kafka_cluster(environment, worker.listener, worker.name),
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


def _reset(reset: OffsetReset) -> Body:
    """For kafka-backup-operator 1.2.1; the snapshot that it takes is gone with its memory."""
    spec: Body = {"topics": reset.all_topics}
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


def _rollback(reset: OffsetReset) -> Body:
    """The snapshot is found by its file only."""
    return {
        "snapshotRef": {"name": reset.rolls_back, "path": reset.path},
        "verifyAfterRollback": True,
    }


def _kafka_cluster(environment: Environment, listener: Listener, user: str) -> Body:
    """Kafka for kafka.oso.sh: one listener with TLS, and Strimzi's own Secrets.

    The user's Secret has a ca.crt of the clients' CA, which did not sign the brokers' certificates.
    """
    ca_secret, _ = ca_secret_names(environment.cluster.name)
    return {
        "bootstrapServers": [bootstrap_address(listener, environment)],
        "securityProtocol": listener.security_protocol,
        "caSecret": {"name": ca_secret, "caKey": "ca.crt"},
        "tlsSecret": {"name": user, "certKey": "user.crt", "keyKey": "user.key"},
    }


def _storage(place: Storage) -> Body:
    """The `storage` of a KafkaBackup."""
    body = {"pvc": _pvc, "s3": _s3, "azure": _azure}[place.kind](place)
    return {Oso.storage_word: place.kind, place.kind: body}


def _pvc(place: Storage) -> Body:
    return {"claimName": place.claim}


def _s3(place: Storage) -> Body:
    said = place.settings
    (secret, access_key), (_, secret_key) = place.variables.values()
    body = {
        "bucket": said["bucket"],
        "region": said["region"],
        "prefix": place.prefix,
        "credentialsSecret": {
            "name": secret,
            "accessKeyIdKey": access_key,
            "secretAccessKeyKey": secret_key,
        },
    }
    return body | endpoint(place, "pathStyle")


def _azure(place: Storage) -> Body:
    said = place.settings
    body: Body = {
        "accountName": said["account"],
        "container": said["container"],
        "prefix": place.prefix,
    }
    if "endpoint" in said:
        body["endpoint"] = said["endpoint"]
    if "workloadIdentity" in said:
        return {**body, "useWorkloadIdentity": True}
    for variable, (name, key) in place.variables.items():
        if variable == "AZURE_STORAGE_SAS_TOKEN":
            body["sasTokenSecret"] = {"name": name, "sasTokenKey": key}
        else:
            body["credentialsSecret"] = {"name": name, "accountKeyKey": key}
    return body
